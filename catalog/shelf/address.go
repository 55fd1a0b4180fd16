package shelf

import (
	"context"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

// PerList is how many addresses one list for search engines holds.
const PerList = 1000

// Address says where a public page lies and when what it shows was changed.
type Address struct {
	ID        id.ID     `db:"id"`
	ChangedAt time.Time `db:"changed_at"`
}

// List is where a list of addresses begins: with which page of which market.
type List struct {
	Market int32 `db:"market_id"`
	First  id.ID `db:"id"`
}

// Public is one sort of public pages: goods that are for sale, or who grows them. An
// index by market holds nothing else.
type Public struct{ table, live, grower, of string }

// The sorts.
var (
	PublicGoods = Public{"listings", "l.state = 'live'", "l.producer_id",
		" JOIN producers p ON p.market_id = $1 AND p.id = l.producer_id AND p.state = 'active'"}
	PublicGrowers = Public{"producers", "l.state = 'active'", "l.id AS producer_id", ""}
)

// cuts walks, in each market, along the index from the beginning of one list to that
// of the next.
func (p Public) cuts() string {
	along := " FROM " + p.table + " l WHERE l.market_id = m.market_id AND " + p.live + " AND l.id >= m.id ORDER BY l.id"
	return `WITH RECURSIVE market (market_id, id) AS (SELECT m.id, $1::uuid FROM markets m WHERE m.id > 0),
	cut (market_id, id) AS (
	SELECT m.market_id, l.id FROM market m CROSS JOIN LATERAL (SELECT l.id` + along + ` LIMIT 1) l
	UNION ALL SELECT m.market_id, l.id FROM cut m CROSS JOIN LATERAL (SELECT l.id` + along + ` OFFSET $2 LIMIT 1) l)
	SELECT market_id, id FROM cut ORDER BY market_id, id`
}

// list is cut first, so that lists never overlap.
func (p Public) list() string {
	return `WITH page AS MATERIALIZED (SELECT l.id, l.changed_at, ` + p.grower + ` FROM ` + p.table + ` l WHERE l.market_id = $1 AND ` + p.live + ` AND l.id >= $2 ORDER BY l.id LIMIT $3)
	SELECT l.id, l.changed_at FROM page l` + p.of + ` ORDER BY l.id`
}

// Lists gives where each list of addresses begins. It reads an index from end to end
// and no row: whoever asks often keeps the answer. Rows are added at the end of their
// market, so that most lists stay what they are.
func (s *Shelf) Lists(ctx context.Context, of Public) (all []List, err error) {
	err = s.db.ViewShared(ctx, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, of.cuts(), id.None, PerList)
	})
	return all, err
}

// List gives the addresses of a list, oldest first. Goods of producers who were
// suspended are left out, so that it may be shorter than PerList.
func (s *Shelf) List(ctx context.Context, of Public, from List) (all []Address, err error) {
	err = s.db.View(ctx, from.Market, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, of.list(), from.Market, from.First, PerList)
	})
	return all, err
}
