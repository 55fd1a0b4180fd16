package shelf

import (
	"context"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// sizes are the lengths a page is read in. A length stands in the statement's
// text, because the planner would take a tenth of the table for a parameter,
// and few lengths are few statements to prepare.
var sizes = []int{Usual, 50, Most}

// last is after every id there is.
var last = id.ID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// Page gives the live listings that f names over all its markets, newest first,
// and the cursor of the next page, empty at the end. A page may be shorter than
// asked for when a producer is suspended. It refuses a cursor that no page gave
// (cursor_bad) and a producer without its market.
func (s *Shelf) Page(ctx context.Context, f Filter) (cards []Card, next string, err error) {
	if f.N <= 0 {
		f.N = Usual
	}
	f.N = min(f.N, Most)
	query, args, err := f.statement()
	if err != nil {
		return nil, "", err
	}
	err = s.db.ViewShared(ctx, func(tx *storage.Tx) error {
		var rows []Card
		if err := tx.Select(&rows, query, args...); err != nil {
			return err
		}
		cards, next = make([]Card, 0, len(rows)), ""
		if len(rows) > f.N {
			rows = rows[:f.N]
			next = rows[f.N-1].ID.String()
		}
		var shown []*Card
		for i := range rows {
			if rows[i].Active {
				shown = append(shown, &rows[i])
			}
		}
		if err := s.name(tx, shown...); err != nil {
			return err
		}
		for _, c := range shown {
			cards = append(cards, *c)
		}
		return nil
	})
	return cards, next, err
}

// statement is the page's query. The page is cut first, along an index that
// holds live listings only; what else a card shows is looked up for its rows.
func (f Filter) statement() (string, []any, error) {
	after := last
	if f.After != "" {
		var ok bool
		if after, ok = id.Parse(f.After); !ok {
			return "", nil, fault.Invalid("after", "cursor_bad")
		}
	}
	if f.Producer != id.None && f.Market == nil {
		return "", nil, fault.Invalid("market", "required")
	}
	q := &cut{args: []any{after}, size: f.size() + 1}
	q.where = "l.state = 'live' AND l.version > 0" // the condition of the indexes over all markets
	if f.Market != nil {
		q.where = "l.state = 'live' AND l.market_id = " + q.param(*f.Market)
	}
	if text := plain(f.Text); text != "" {
		// Not ILIKE: the planner takes every pattern for a rare one and would
		// rather sort all that match than walk until the page is full.
		p := q.param(text)
		q.where += " AND (strpos(lower(l.title), lower(" + p + ")) > 0 OR strpos(lower(l.title_en), lower(" + p + ")) > 0)"
	}
	f.narrow(q)
	category := ""
	if f.Category != "" {
		p := q.param(f.Category)
		category = "c.code = " + p + " OR c.parent = " + p
	}
	var page string
	switch {
	case f.Producer != id.None:
		if category != "" {
			q.where += " AND l.category IN (SELECT c.code FROM categories c WHERE " + category + ")"
		}
		page = q.along("l.producer_id", q.param(f.Producer))
	case category != "":
		// The newest of each category, then the newest of these.
		page = "SELECT p.* FROM categories c CROSS JOIN LATERAL (" + q.along("l.category", "c.code") + ") p WHERE " + category +
			" ORDER BY p.id DESC LIMIT " + strconv.Itoa(q.size)
	default:
		page = "SELECT " + columns + " FROM listings l WHERE " + q.where + " AND l.id < $1 ORDER BY l.id DESC LIMIT " + strconv.Itoa(q.size)
	}
	return "WITH page AS MATERIALIZED (" + page + ")\n" + around, q.args, nil
}

// narrow adds what search would filter by.
func (f Filter) narrow(q *cut) {
	if f.InStock {
		q.where += " AND l.in_stock"
	}
	if f.Harvest != 0 {
		day := func(year int) string { return q.param(strconv.Itoa(year)+"-01-01") + "::date" }
		q.where += " AND l.harvest_on >= " + day(f.Harvest) + " AND l.harvest_on < " + day(f.Harvest+1)
	}
	if f.Region != "" {
		q.where += " AND EXISTS (SELECT 1 FROM producers g WHERE g.market_id = l.market_id AND g.id = l.producer_id AND left(g.region_code, " + strconv.Itoa(len(f.Region)) + ") = " + q.param(f.Region) + ")"
	}
	price := "(SELECT GREATEST(round(l.price_minor * CASE WHEN u.dimension = 'weight' THEN 1000.0 ELSE 1.0 END / u.base), 1) FROM units u WHERE u.code = l.unit)"
	if f.PriceFrom > 0 {
		q.where += " AND " + price + " >= " + q.param(f.PriceFrom)
	}
	if f.PriceTo > 0 {
		q.where += " AND " + price + " <= " + q.param(f.PriceTo)
	}
}

// cut is the query of a page while it is written; $1 is the cursor.
type cut struct {
	where string
	args  []any
	size  int
}

func (q *cut) param(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

// along walks the listings whose column has a value, along the index of that
// column. It does not say "column = value", because then an index of all ids
// gives the order too, and the planner may walk that one past everything else
// until it has met enough; for a rare value that is the whole table.
func (q *cut) along(column, value string) string {
	return "SELECT " + columns + " FROM listings l WHERE " + q.where + " AND (" + column + ", l.id) < (" + value + ", $1) AND " + column + " >= " + value +
		" ORDER BY " + column + " DESC, l.id DESC LIMIT " + strconv.Itoa(q.size)
}

const columns = "l.market_id, l.id, l.producer_id, l.category, l.title, l.title_en, l.unit, l.price_minor, l.minimum, COALESCE(l.photos[1], '') AS photo"

const around = `SELECT l.*, m.code AS market_code, m.currency, p.name AS producer_name, p.name_en AS producer_name_en,
	p.region_code, p.state = 'active' AS active, b.available
	FROM page l
	JOIN markets m ON m.id = l.market_id
	JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id
	CROSS JOIN LATERAL (SELECT COALESCE(sum(b.on_hand - b.reserved), 0)::bigint AS available
		FROM batches b WHERE b.market_id = l.market_id AND b.listing_id = l.id) b
	ORDER BY l.id DESC`

func (f Filter) size() int {
	for _, n := range sizes {
		if f.N <= n {
			return n
		}
	}
	return Most
}

// plain makes a typed text short and free of what no text has.
func plain(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", ""))
	if r := []rune(text); len(r) > 80 {
		text = string(r[:80])
	}
	return text
}

// Ref names one listing: the market and the id travel together.
type Ref struct {
	Market  int32 `json:"market"`
	Listing id.ID `json:"listing"`
}

// Some gives the listings that these names have, over all their markets, in one
// query; paused and archived ones too. Drafts and what is not there are missing.
func (s *Shelf) Some(ctx context.Context, refs []Ref) (map[Ref]View, error) {
	found := make(map[Ref]View, len(refs))
	if len(refs) == 0 {
		return found, nil
	}
	markets, ids := make(pq.Int32Array, len(refs)), make([]id.ID, len(refs))
	for i, r := range refs {
		markets[i], ids[i] = r.Market, r.Listing
	}
	var rows []View
	err := s.db.ViewShared(ctx, func(tx *storage.Tx) error {
		rows = nil
		if err := tx.Select(&rows, some, markets, pq.Array(ids), tx.Now); err != nil {
			return err
		}
		cards := make([]*Card, len(rows))
		for i := range rows {
			if err := rows[i].weigh(tx); err != nil {
				return err
			}
			cards[i] = &rows[i].Card
		}
		return s.name(tx, cards...)
	})
	for _, v := range rows {
		found[Ref{v.Market, v.ID}] = v
	}
	return found, err
}

// some reads listings by their key, each by its own probe of the index.
var some = seen + rated + ` FROM unnest($1::int[], $2::uuid[]) AS w (market_id, id)
	JOIN listings l ON l.market_id = w.market_id AND l.id = w.id` + growing + `
	JOIN markets m ON m.id = l.market_id
	JOIN categories c ON c.code = l.category
	WHERE l.state <> 'draft'`
