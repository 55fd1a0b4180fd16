package order

import (
	"context"
	"encoding/binary"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Selling is what came of an agent's links since a day.
type Selling struct {
	Orders int64 `db:"orders"`
	Paid   int64 `db:"paid"`
}

// Best is one of the goods that an agent sold most of, by what it brought them.
type Best struct {
	Title   string `db:"title"`
	TitleEN string `db:"title_en"`
	Photo   string `db:"photo"`
	Orders  int64  `db:"orders"`
	Minor   int64  `db:"minor"`
}

// SellingOf gives an agent's orders since a moment, and the three goods that
// brought most: it reads those orders along their index, and no others.
func (p *Pipeline) SellingOf(ctx context.Context, market int32, agent id.ID, since time.Time) (Selling, []Best, error) {
	var s Selling
	var best []Best
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		best = nil
		if err := tx.Get(&s, `SELECT count(*) AS orders, count(secured_at) AS paid FROM orders WHERE market_id = $1 AND agent_id = $2 AND id >= $3`, market, agent, earliest(since)); err != nil {
			return err
		}
		return tx.Select(&best, `SELECT max(l.title) AS title, max(l.title_en) AS title_en, max(l.photo) AS photo, count(DISTINCT o.id) AS orders, sum(l.agent_minor)::bigint AS minor
			FROM orders o JOIN order_lines l ON l.market_id = o.market_id AND l.order_id = o.id
			WHERE o.market_id = $1 AND o.agent_id = $2 AND o.id >= $3 AND o.secured_at IS NOT NULL AND o.state <> 'cancelled'
			GROUP BY l.listing_id ORDER BY minor DESC, title LIMIT 3`, market, agent, earliest(since))
	})
	return s, best, err
}

// earliest is the first id that can have been made at a moment.
func earliest(at time.Time) id.ID {
	var first id.ID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(at.UnixMilli(), 0)))
	copy(first[:6], ms[2:])
	return first
}
