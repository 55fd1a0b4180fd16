package shelf

import (
	"context"

	"github.com/lib/pq"

	"commonfield/agents/region"
	"commonfield/catalog/search"
	"commonfield/storage"
	"commonfield/storage/id"
)

// Found gives the cards of the listings that search has found, in its order and
// as their rows stand now: a price never comes from the index, and what is not
// on sale any more is left out. Keys of other kinds are passed over.
func (s *Shelf) Found(ctx context.Context, hits []search.Hit) ([]Card, error) {
	goods := make([]Chosen, 0, len(hits))
	for _, h := range hits {
		if h.Kind == search.Listing {
			goods = append(goods, Chosen{h.Market, h.ID})
		}
	}
	return s.Cards(ctx, goods)
}

// Places names divisions; codes that are none are missing.
func (s *Shelf) Places(ctx context.Context, codes ...string) (names map[string]region.Said, err error) {
	err = s.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { names, err = s.placesOf(tx, codes); return })
	return names, err
}

// Grower is a producer as everybody may see them.
type Grower struct {
	Market     int32  `db:"market_id"`
	MarketCode string `db:"market_code"`
	ID         id.ID  `db:"id"`
	Name       string `db:"name"`
	NameEN     string `db:"name_en"`
	RegionCode string `db:"region_code"`
	Village    string `db:"village"`
	Region     string `db:"-"` // 新疆尉犁县兴平镇
	RegionEN   string `db:"-"`
}

// Growers gives the producers that search has found, in its order and as their rows
// stand now, in one query; those who do not sell any more are left out.
func (s *Shelf) Growers(ctx context.Context, hits []search.Hit) ([]Grower, error) {
	var markets pq.Int64Array
	var ids pq.StringArray
	for _, h := range hits {
		if h.Kind == search.Producer {
			markets, ids = append(markets, int64(h.Market)), append(ids, h.ID.String())
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []Grower
	err := s.db.ViewShared(ctx, func(tx *storage.Tx) error {
		rows = nil
		if err := tx.Select(&rows, `SELECT p.market_id, m.code AS market_code, p.id, p.name, p.name_en, p.region_code, p.village
			FROM unnest($1::int[], $2::uuid[]) WITH ORDINALITY AS w (market, producer, no)
			JOIN producers p ON p.market_id = w.market AND p.id = w.producer AND p.state = 'active' JOIN markets m ON m.id = p.market_id ORDER BY w.no`, markets, ids); err != nil {
			return err
		}
		codes := make([]string, len(rows))
		for i, r := range rows {
			codes[i] = r.RegionCode
		}
		names, err := s.placesOf(tx, codes)
		for i := range rows {
			rows[i].Region, rows[i].RegionEN = names[rows[i].RegionCode].Name, names[rows[i].RegionCode].English
		}
		return err
	})
	return rows, err
}
