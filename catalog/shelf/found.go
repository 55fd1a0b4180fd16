package shelf

import (
	"context"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/region"
	"commonfield/catalog/search"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

// pageOf is how many rows Around names at once.
const pageOf = 500

// Listings is what is found of the goods: live listings of active producers.
// Drafts, and what is paused or put away, are no documents.
func (s *Shelf) Listings() search.Source { return listings{s} }

type listings struct{ s *Shelf }

func (l listings) Kind() string { return search.Listing }

// goods is what a document of a listing is made from. The version grows with
// every change of what it shows: the listing, its stock, its producer.
type goods struct {
	ID         id.ID      `db:"id"`
	Version    int64      `db:"version"`
	Title      string     `db:"title"`
	TitleEN    string     `db:"title_en"`
	Story      string     `db:"story"`
	StoryEN    string     `db:"story_en"`
	Grade      string     `db:"grade"`
	Category   string     `db:"category"`
	Parent     string     `db:"parent"`
	Names      pqStrings  `db:"names"` // of category, the one above it, and producer
	Producer   id.ID      `db:"producer_id"`
	Region     string     `db:"region_code"`
	Village    string     `db:"village"`
	PriceMinor int64      `db:"price_minor"`
	UnitBase   int64      `db:"unit_base"`
	Weighed    bool       `db:"weighed"`
	Currency   string     `db:"currency"`
	InStock    bool       `db:"in_stock"`
	HarvestOn  *time.Time `db:"harvest_on"`
	CreatedAt  time.Time  `db:"created_at"`
}

type pqStrings = pq.StringArray

const version = "l.version::bigint + l.turns + p.version"

const goodsOf = `SELECT l.id, ` + version + ` AS version, l.title, l.title_en, l.story, l.story_en, l.grade, l.category, COALESCE(c.parent, '') AS parent,
	ARRAY[c.name, c.name_en, COALESCE(o.name, ''), COALESCE(o.name_en, ''), p.name, p.name_en] AS names,
	l.producer_id, p.region_code, p.village, l.price_minor, u.base AS unit_base, u.dimension = 'weight' AS weighed, m.currency, l.in_stock, l.harvest_on, l.created_at
	FROM listings l
	JOIN markets m ON m.id = l.market_id
	JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id
	JOIN units u ON u.code = l.unit
	JOIN categories c ON c.code = l.category
	LEFT JOIN categories o ON o.code = c.parent
	WHERE l.market_id = $1 AND l.state = 'live' AND p.state = 'active'`

// Walk shows all documents of a market.
func (l listings) Walk(ctx context.Context, market int32, page int, see func([]search.Document) error) error {
	return walk(page, see, func(after id.ID) ([]search.Document, error) {
		return l.read(ctx, market, goodsOf+" AND l.id > $2 ORDER BY l.id LIMIT $3", after, page)
	})
}

// Documents gives those of the listings that should be found.
func (l listings) Documents(ctx context.Context, market int32, ids []id.ID) ([]search.Document, error) {
	return l.read(ctx, market, goodsOf+" AND l.id = ANY($2::uuid[])", pq.Array(ids))
}

func (l listings) read(ctx context.Context, market int32, query string, args ...any) ([]search.Document, error) {
	var rows []goods
	var names map[string]region.Said
	err := l.s.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		rows = nil
		if err := tx.Select(&rows, query, append([]any{market}, args...)...); err != nil {
			return err
		}
		codes := make([]string, len(rows))
		for i, r := range rows {
			codes[i] = r.Region
		}
		names, err = l.s.placesOf(tx, codes)
		return err
	})
	docs := make([]search.Document, len(rows))
	for i, r := range rows {
		docs[i] = r.document(market, names[r.Region])
	}
	return docs, err
}

func (g goods) document(market int32, place region.Said) search.Document {
	d := search.Document{Key: search.Key{Kind: search.Listing, Market: market, ID: g.ID}, Version: g.Version, Title: g.Title, TitleEN: g.TitleEN, Story: g.Story, StoryEN: g.StoryEN,
		Words: words(append(g.Names, place.Name, place.English, g.Village, g.Grade)), Category: g.Category, Parent: g.Parent, Producer: g.Producer, Region: g.Region,
		Currency: g.Currency, InStock: g.InStock, ListedAt: g.CreatedAt}
	of := int64(1)
	if g.Weighed {
		of = 1_000
	}
	if price, err := money.MulDiv(g.PriceMinor, of, g.UnitBase); err == nil {
		d.Price = max(price, 1)
	}
	if g.HarvestOn != nil {
		d.HarvestOn = *g.HarvestOn
	}
	return d
}

// Versions gives the versions of those that should be found.
func (l listings) Versions(ctx context.Context, market int32, ids []id.ID) (map[id.ID]int64, error) {
	return versions(ctx, l.s.db, market, ids, `SELECT l.id, `+version+` AS version FROM listings l
		JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id
		WHERE l.market_id = $1 AND l.state = 'live' AND p.state = 'active' AND l.id = ANY($2::uuid[])`)
}

// Around names a producer's listings: their documents say who grew it and where.
func (l listings) Around(ctx context.Context, of search.Key, see func([]id.ID) error) error {
	if of.Kind != search.Producer {
		return nil
	}
	after := id.None
	for {
		var ids []id.ID
		err := l.s.db.View(ctx, of.Market, func(tx *storage.Tx) error {
			ids = nil
			return tx.Select(&ids, "SELECT id FROM listings WHERE market_id = $1 AND producer_id = $2 AND id > $3 ORDER BY id LIMIT $4", of.Market, of.ID, after, pageOf)
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := see(ids); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

// Producers is what is found of who grows it: those that are active.
func (s *Shelf) Producers() search.Source { return growers{s} }

type growers struct{ s *Shelf }

func (g growers) Kind() string { return search.Producer }

const growersOf = `SELECT p.id, p.version::bigint AS version, p.name AS title, p.name_en AS title_en, p.story, p.story_en, p.region_code, p.village, p.created_at
	FROM producers p WHERE p.market_id = $1 AND p.state = 'active'`

// Walk shows all documents of a market.
func (g growers) Walk(ctx context.Context, market int32, page int, see func([]search.Document) error) error {
	return walk(page, see, func(after id.ID) ([]search.Document, error) {
		return g.read(ctx, market, growersOf+" AND p.id > $2 ORDER BY p.id LIMIT $3", after, page)
	})
}

// Documents gives those of the producers that should be found.
func (g growers) Documents(ctx context.Context, market int32, ids []id.ID) ([]search.Document, error) {
	return g.read(ctx, market, growersOf+" AND p.id = ANY($2::uuid[])", pq.Array(ids))
}

func (g growers) read(ctx context.Context, market int32, query string, args ...any) ([]search.Document, error) {
	var rows []goods
	var names map[string]region.Said
	err := g.s.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		rows = nil
		if err := tx.Select(&rows, query, append([]any{market}, args...)...); err != nil {
			return err
		}
		codes := make([]string, len(rows))
		for i, r := range rows {
			codes[i] = r.Region
		}
		names, err = g.s.placesOf(tx, codes)
		return err
	})
	docs := make([]search.Document, len(rows))
	for i, r := range rows {
		docs[i] = search.Document{Key: search.Key{Kind: search.Producer, Market: market, ID: r.ID}, Version: r.Version, Title: r.Title, TitleEN: r.TitleEN,
			Story: r.Story, StoryEN: r.StoryEN, Words: words([]string{names[r.Region].Name, names[r.Region].English, r.Village}), Producer: r.ID, Region: r.Region, InStock: true, ListedAt: r.CreatedAt}
	}
	return docs, err
}

// Versions gives the versions of those that should be found.
func (g growers) Versions(ctx context.Context, market int32, ids []id.ID) (map[id.ID]int64, error) {
	return versions(ctx, g.s.db, market, ids, "SELECT p.id, p.version::bigint AS version FROM producers p WHERE p.market_id = $1 AND p.state = 'active' AND p.id = ANY($2::uuid[])")
}

// Around: nothing that a producer's own document shows changes with another row.
func (g growers) Around(context.Context, search.Key, func([]id.ID) error) error { return nil }

// walk reads page after page.
func walk(page int, see func([]search.Document) error, read func(after id.ID) ([]search.Document, error)) error {
	after := id.None
	for {
		docs, err := read(after)
		if err != nil || len(docs) == 0 {
			return err
		}
		if err := see(docs); err != nil {
			return err
		}
		if len(docs) < page {
			return nil
		}
		after = docs[len(docs)-1].ID
	}
}

func versions(ctx context.Context, db *storage.DB, market int32, ids []id.ID, query string) (map[id.ID]int64, error) {
	var rows []struct {
		ID      id.ID `db:"id"`
		Version int64 `db:"version"`
	}
	err := db.View(ctx, market, func(tx *storage.Tx) error { rows = nil; return tx.Select(&rows, query, market, pq.Array(ids)) })
	all := make(map[id.ID]int64, len(rows))
	for _, r := range rows {
		all[r.ID] = r.Version
	}
	return all, err
}

// words are the names that are some.
func words(all []string) []string {
	var some []string
	for _, w := range all {
		if w != "" {
			some = append(some, w)
		}
	}
	return some
}
