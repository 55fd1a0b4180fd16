package order

import (
	"context"
	"time"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// The reads of this file go across markets, plain and without locks.

// FindCheckout gives a checkout as it was placed, from any of its markets, and
// whose it is.
func (p *Pipeline) FindCheckout(ctx context.Context, market int32, pay id.ID) (Checkout, id.ID, error) {
	due, shares, err := p.home(ctx, market, pay)
	if err != nil {
		return Checkout{}, id.None, err
	}
	c := Checkout{Market: due.Home, Payment: due.ID, Way: due.Gateway, Currency: due.Currency, Total: due.Due, ExpiresAt: due.ExpiresAt}
	var rows []struct {
		Market int32 `db:"market_id"`
		Basket id.ID `db:"basket_id"`
		Order  id.ID `db:"id"`
		Buyer  id.ID `db:"buyer_id"`
		Total  int64 `db:"total_minor"`
	}
	err = p.db.ViewShared(ctx, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, `SELECT o.market_id, o.basket_id, o.id, b.buyer_id, b.total_minor FROM baskets b
			JOIN orders o ON o.market_id = b.market_id AND o.basket_id = b.id
			WHERE b.market_id = ANY($1) AND b.payment_id = $2 ORDER BY o.market_id, o.id`, markets(of(due, shares)), pay)
	})
	if err != nil {
		return c, id.None, err
	}
	if len(rows) == 0 {
		return c, id.None, fault.NotFound("not_found") // given up before it stood
	}
	for _, r := range rows {
		if n := len(c.Baskets); n == 0 || c.Baskets[n-1].ID != r.Basket {
			c.Baskets = append(c.Baskets, Basket{Market: r.Market, ID: r.Basket, Total: r.Total})
		}
		b := &c.Baskets[len(c.Baskets)-1]
		b.Orders = append(b.Orders, r.Order)
	}
	return c, rows[0].Buyer, nil
}

// of lists the markets of a payment, its home first.
func of(due payment.Payment, shares []payment.Share) []int32 {
	all := []int32{due.Home}
	for _, s := range shares {
		all = append(all, s.Market)
	}
	return all
}

// home gives a payment as its home market has it, from any of its markets, with
// the others' shares.
func (p *Pipeline) home(ctx context.Context, market int32, pay id.ID) (payment.Payment, []payment.Share, error) {
	due, shares, err := p.whole(ctx, market, pay)
	if err == nil && due.Home != market {
		return p.whole(ctx, due.Home, pay)
	}
	return due, shares, err
}

// OrdersOf gives the orders of a checkout with their lines, in its order.
func (p *Pipeline) OrdersOf(ctx context.Context, c Checkout) ([]Order, error) {
	var in []int32
	var ids []id.ID
	for _, b := range c.Baskets {
		in, ids = append(in, b.Market), append(ids, b.Orders...)
	}
	var os []Order
	err := p.db.ViewShared(ctx, func(tx *storage.Tx) error {
		os = nil
		err := tx.Select(&os, "SELECT "+columns+from+"WHERE o.market_id = ANY($1) AND o.id = ANY($2) ORDER BY o.market_id, o.id", markets(in), names(ids))
		if err != nil || len(os) == 0 {
			return err
		}
		return listLines(tx, in, os)
	})
	return os, err
}

// longest is how long before its end an order may have begun, at most.
const longest = 90 * 24 * time.Hour

// Shared is who received how much of all orders completed between two moments,
// in one currency, over some markets: refunds and missing weights are taken off.
// It reads every order of that time; whoever shows it keeps it for a while.
func (p *Pipeline) Shared(ctx context.Context, in []int32, currency string, from, to time.Time) (Shares, error) {
	var s struct {
		Seller int64 `db:"seller"`
		Agent  int64 `db:"agent"`
		Fee    int64 `db:"fee"`
		Tax    int64 `db:"tax"`
	}
	var oldest id.ID // ids begin with their moment
	for i, ms := 5, from.Add(-longest).UnixMilli(); i >= 0; i, ms = i-1, ms>>8 {
		oldest[i] = byte(ms)
	}
	err := p.db.ViewShared(ctx, func(tx *storage.Tx) error {
		return tx.Get(&s, `WITH done AS (SELECT o.market_id, o.id FROM orders o WHERE o.market_id = ANY($1) AND o.state = 'completed' AND o.seller_payee IS NOT NULL AND o.id >= $2
				AND o.currency = $3 AND o.completed_at >= $4 AND o.completed_at < $5)
			SELECT COALESCE(sum(x.seller_minor), 0)::bigint AS seller, COALESCE(sum(x.agent_minor), 0)::bigint AS agent,
				COALESCE(sum(x.fee_minor), 0)::bigint AS fee, COALESCE(sum(x.tax_minor), 0)::bigint AS tax
			FROM done d CROSS JOIN LATERAL (
				SELECT l.seller_minor, l.agent_minor, l.fee_minor, l.tax_minor FROM order_lines l WHERE l.market_id = d.market_id AND l.order_id = d.id
				UNION ALL
				SELECT c.seller_minor, c.agent_minor, c.fee_minor, c.tax_minor FROM order_charges c WHERE c.market_id = d.market_id AND c.order_id = d.id) x`,
			markets(in), oldest, currency, from, to)
	})
	return Shares{s.Seller, s.Agent, s.Fee, s.Tax}, err
}

// beside fills in what a story has outside its own market: the whole payment and
// the other orders of its checkout.
func (p *Pipeline) beside(ctx context.Context, s *Story) error {
	in := []int32{s.Market}
	if s.Paid.Home != s.Market || s.Paid.Shares > 0 {
		whole, shares, err := p.whole(ctx, s.Paid.Home, s.Payment)
		if fault.Has(err, "not_found") {
			return nil // its checkout was cut before it stood
		}
		if err != nil {
			return err
		}
		s.Paid, in = whole, of(whole, shares)
	}
	which, one := "b.payment_id = $2", s.Payment
	if s.CoveredBy != nil {
		which, one = "b.id = $2", s.Basket
	}
	var rows []struct {
		Market int32 `db:"market_id"`
		ID     id.ID `db:"id"`
	}
	err := p.db.ViewShared(ctx, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, `SELECT o.market_id, o.id FROM baskets b JOIN orders o ON o.market_id = b.market_id AND o.basket_id = b.id
			WHERE b.market_id = ANY($1) AND `+which+` AND o.id <> $3 ORDER BY o.market_id, o.id`, markets(in), one, s.ID)
	})
	s.Siblings = nil
	for _, r := range rows {
		s.Siblings = append(s.Siblings, Ref{r.Market, r.ID})
	}
	return err
}
