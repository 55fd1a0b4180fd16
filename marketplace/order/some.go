package order

import (
	"context"
	"encoding/json"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Some gives the orders with these ids that a market has, with their lines.
func (p *Pipeline) Some(ctx context.Context, market int32, ids []id.ID) (map[id.ID]Order, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var os []Order
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		os = nil
		if err := tx.Select(&os, "SELECT "+columns+from+"WHERE o.market_id = $1 AND o.id = ANY($2)", market, names(ids)); err != nil || len(os) == 0 {
			return err
		}
		return listLines(tx, []int32{market}, os)
	})
	found := make(map[id.ID]Order, len(os))
	for _, o := range os {
		found[o.ID] = o
	}
	return found, err
}

// ChargesOf gives what was on these orders of a market from the start beside their
// lines.
func (p *Pipeline) ChargesOf(ctx context.Context, market int32, ids []id.ID) ([]Charge, error) {
	var cs []Charge
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		cs = nil
		return tx.Select(&cs, "SELECT "+chargeColumns+" FROM order_charges WHERE market_id = $1 AND order_id = ANY($2) AND source LIKE 'place:%' ORDER BY order_id, charge_no", market, names(ids))
	})
	return cs, err
}

// Addresses says where orders go, for those who pack them. Baskets without an
// address are missing. Who may read them, the door decides.
func (p *Pipeline) Addresses(ctx context.Context, market int32, ids []id.ID) (map[id.ID]Address, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		Order  id.ID  `db:"id"`
		Basket id.ID  `db:"basket_id"`
		Sealed []byte `db:"deliver_to_sealed"`
	}
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, `SELECT o.id, o.basket_id, b.deliver_to_sealed FROM orders o JOIN baskets b ON b.market_id = o.market_id AND b.id = o.basket_id
			WHERE o.market_id = $1 AND o.id = ANY($2) AND b.deliver_to_sealed IS NOT NULL`, market, names(ids))
	})
	if err != nil {
		return nil, err
	}
	to := make(map[id.ID]Address, len(rows))
	for _, r := range rows {
		plain, err := p.box.Open(r.Sealed, "basket:"+r.Basket.String())
		if err != nil {
			return nil, err
		}
		var a Address
		if err := json.Unmarshal(plain, &a); err != nil {
			return nil, err
		}
		to[r.Order] = a
	}
	return to, nil
}

// HeldFor sums what a seller will have of the orders that are paid and not
// released yet, after their charges.
func (p *Pipeline) HeldFor(ctx context.Context, market int32, seller id.ID) (int64, error) {
	var sum int64
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		return tx.Get(&sum, `SELECT COALESCE(sum(s.seller_minor), 0)::bigint FROM orders o JOIN (
				SELECT market_id, order_id, seller_minor FROM order_lines WHERE market_id = $1
				UNION ALL SELECT market_id, order_id, seller_minor FROM order_charges WHERE market_id = $1) s ON s.market_id = o.market_id AND s.order_id = o.id
			WHERE o.market_id = $1 AND o.seller_id = $2 AND o.state IN ('secured', 'accepted', 'packed', 'shipped', 'delivered')`, market, seller)
	})
	return sum, err
}

func names(of []id.ID) any {
	s := make(pq.StringArray, len(of))
	for i, x := range of {
		s[i] = x.String()
	}
	return s
}

// Sent gives the parcels of several orders of a market, whose lines are known, in one
// read.
func (p *Pipeline) Sent(ctx context.Context, market int32, orders []Order) (map[id.ID][]Shipment, error) {
	of := map[id.ID]*Order{}
	var ids []id.ID
	for i := range orders {
		of[orders[i].ID], ids = &orders[i], append(ids, orders[i].ID)
	}
	sent := map[id.ID][]Shipment{}
	if len(ids) == 0 {
		return sent, nil
	}
	var rows []struct {
		Shipment
		Order id.ID `db:"order_id"`
	}
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, "SELECT order_id, id, carrier, number, state, why, shipped_at, delivered_at, holds FROM shipments WHERE market_id = $1 AND order_id = ANY($2) ORDER BY id", market, names(ids))
	})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		s := r.Shipment
		if s.Held == nil {
			s.Lines = of[r.Order].sending()
		} else if err := json.Unmarshal(s.Held, &s.Lines); err != nil {
			return nil, err
		}
		sent[r.Order] = append(sent[r.Order], s)
	}
	return sent, nil
}
