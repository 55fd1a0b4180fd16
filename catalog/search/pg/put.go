package pg

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"commonfield/catalog/search"
	"commonfield/storage"
)

// batch is how many documents one statement writes.
const batch = 500

// Put writes documents into the live index and the one in the making.
func (e *Engine) Put(ctx context.Context, docs []search.Document) error {
	if err := e.teach(ctx, docs); err != nil {
		return down(err)
	}
	for _, some := range byMarket(docs) {
		rows := columnsOf(some)
		err := e.db.Update(ctx, some[0].Market, func(tx *storage.Tx) error {
			tx.Keyed()
			s, err := look(tx)
			if err != nil {
				return err
			}
			if err := pending(tx, len(some)); err != nil {
				return err
			}
			rows.put(tx, s.Live)
			if s.Building {
				rows.put(tx, s.other())
			}
			return nil
		})
		if err != nil {
			return down(err)
		}
	}
	return nil
}

// pending says how much the index may leave to be sorted in later: every search
// reads that through, so it is little where few documents come.
func pending(tx *storage.Tx, docs int) error {
	kb := min(max(docs, 64), 4096)
	var set string
	return tx.Get(&set, "SELECT set_config('gin_pending_list_limit', $1, true)", strconv.Itoa(kb))
}

// Remove takes documents out of both.
func (e *Engine) Remove(ctx context.Context, keys []search.Key) error {
	of := map[int32][]search.Key{}
	for _, k := range keys {
		of[k.Market] = append(of[k.Market], k)
	}
	for m, some := range of {
		var kinds, ids []string
		for _, k := range some {
			kinds, ids = append(kinds, k.Kind), append(ids, k.ID.String())
		}
		err := e.db.Update(ctx, m, func(tx *storage.Tx) error {
			tx.Keyed()
			for _, slot := range []string{"a", "b"} {
				tx.Queue("DELETE FROM "+table(slot)+" d USING unnest($2::text[], $3::uuid[]) AS v(kind, id) WHERE d.market_id = $1 AND d.kind = v.kind AND d.id = v.id",
					m, pq.Array(kinds), pq.Array(ids))
			}
			return nil
		})
		if err != nil {
			return down(err)
		}
	}
	return nil
}

// byMarket divides documents into pieces of one market each, of one size at
// most, the newest version of a document only.
func byMarket(docs []search.Document) [][]search.Document {
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, func(a, b search.Document) int {
		if a.Market != b.Market {
			return int(a.Market) - int(b.Market)
		}
		if c := slices.Compare(a.ID[:], b.ID[:]); c != 0 {
			return c
		}
		return int(min(1, max(-1, b.Version-a.Version)))
	})
	docs = slices.CompactFunc(docs, func(a, b search.Document) bool { return a.Key == b.Key })
	var all [][]search.Document
	for from := 0; from < len(docs); {
		to := from
		for to < len(docs) && to-from < batch && docs[to].Market == docs[from].Market {
			to++
		}
		all = append(all, docs[from:to])
		from = to
	}
	return all
}

// columns holds documents as the table does, column by column.
type columns struct {
	market                                                                                            int32
	kind, id, title, titleEN, head, names, category, parent, producer, region, harvest, listed, marks []string
	version, price                                                                                    []int64
	inStock                                                                                           []bool
}

func columnsOf(docs []search.Document) *columns {
	c := &columns{market: docs[0].Market}
	for _, d := range docs {
		c.kind, c.id, c.version = append(c.kind, d.Kind), append(c.id, d.ID.String()), append(c.version, d.Version)
		c.title, c.titleEN = append(c.title, d.Title), append(c.titleEN, d.TitleEN)
		c.head, c.names = append(c.head, bars(d.Title, d.TitleEN)), append(c.names, barsOf(d.Words))
		c.category, c.parent, c.producer, c.region = append(c.category, d.Category), append(c.parent, d.Parent), append(c.producer, d.Producer.String()), append(c.region, d.Region)
		day := "0001-01-01"
		if !d.HarvestOn.IsZero() {
			day = d.HarvestOn.Format(time.DateOnly)
		}
		c.harvest, c.listed = append(c.harvest, day), append(c.listed, d.ListedAt.UTC().Format("2006-01-02 15:04:05.999999Z07:00"))
		c.price, c.inStock = append(c.price, d.Price), append(c.inStock, d.InStock)
		c.marks = append(c.marks, marksOf(d))
	}
	return c
}

// put queues the rows for one of the two indexes, each over an older one only.
func (c *columns) put(tx *storage.Tx, slot string) {
	tx.Queue(`INSERT INTO `+table(slot)+` AS d (market_id, kind, id, version, title, title_en, head, names, category, parent, producer_id, region, price_minor, in_stock, harvest_on, listed_at, marks)
		SELECT $1::integer, v.kind, v.id, v.version, v.title, v.title_en, v.head, v.names, v.category, v.parent, v.producer_id, v.region, v.price, v.in_stock, v.harvest, v.listed, v.marks::integer[]
		FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::uuid[], $12::text[], $13::bigint[], $14::boolean[], $15::date[], $16::timestamptz[], $17::text[])
			AS v(kind, id, version, title, title_en, head, names, category, parent, producer_id, region, price, in_stock, harvest, listed, marks)
		ON CONFLICT (market_id, kind, id) DO UPDATE SET version = excluded.version, title = excluded.title, title_en = excluded.title_en, head = excluded.head, names = excluded.names,
			category = excluded.category, parent = excluded.parent, producer_id = excluded.producer_id, region = excluded.region, price_minor = excluded.price_minor,
			in_stock = excluded.in_stock, harvest_on = excluded.harvest_on, listed_at = excluded.listed_at, marks = excluded.marks
		WHERE d.version < excluded.version`,
		c.market, pq.Array(c.kind), pq.Array(c.id), pq.Array(c.version), pq.Array(c.title), pq.Array(c.titleEN), pq.Array(c.head), pq.Array(c.names), pq.Array(c.category),
		pq.Array(c.parent), pq.Array(c.producer), pq.Array(c.region), pq.Array(c.price), pq.Array(c.inStock), pq.Array(c.harvest), pq.Array(c.listed), pq.Array(c.marks))
}
