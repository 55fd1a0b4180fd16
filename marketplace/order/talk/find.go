package talk

import (
	"context"
	"slices"

	"github.com/lib/pq"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Page is all of an order's talk, for somebody of its sides.
type Page struct {
	Talk
	All  []Message // the oldest first
	Open bool      // more may be written
}

// Of gives what was written about an order, to one of its sides; to an operator
// whom nobody has called it is refused (talk_not_called).
func (r *Room) Of(ctx context.Context, by order.By, ref order.Ref) (Page, error) {
	var p Page
	var reads []struct {
		As      order.Party `db:"read_as"`
		Message id.ID       `db:"message_id"`
	}
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		p, reads = Page{}, nil
		stand, err := stands(tx, ref.ID)
		if err != nil {
			return err
		}
		if err := stand.may(by.As); err != nil {
			return err
		}
		p.Market, p.Order, p.Open = ref.Market, ref.ID, stand.open(tx.Now)
		err = tx.Get(&p.Talk, "SELECT "+columns+", 0 AS unread FROM order_talks t WHERE t.market_id = $1 AND t.order_id = $2", tx.Market, ref.ID)
		if err == storage.ErrNone {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.Select(&p.All, "SELECT id, said_as, said_by, text_sealed, photos, said_at FROM order_messages WHERE market_id = $1 AND order_id = $2 ORDER BY id", tx.Market, ref.ID); err != nil {
			return err
		}
		return tx.Select(&reads, "SELECT read_as, message_id FROM order_talk_reads WHERE market_id = $1 AND order_id = $2", tx.Market, ref.ID)
	})
	if err != nil {
		return p, err
	}
	for i := range p.All {
		m := &p.All[i]
		for _, d := range reads {
			m.Seen = m.Seen || d.As != m.As && d.As != order.AsOperator && slices.Compare(d.Message[:], m.ID[:]) >= 0
		}
		if m.Sealed == nil {
			continue
		}
		plain, err := r.box.Open(m.Sealed, about(m.ID))
		if err != nil {
			return p, err
		}
		m.Text, m.Sealed = string(plain), nil
	}
	return p, nil
}

// May refuses whoever may not read and write of an order now: an operator whom
// nobody has called.
func (r *Room) May(ctx context.Context, by order.By, ref order.Ref) error {
	return r.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		stand, err := stands(tx, ref.ID)
		if err == nil {
			err = stand.may(by.As)
		}
		return err
	})
}

// unread counts what others wrote after somebody has read for the last time.
const unread = `(SELECT count(*) FROM order_messages m WHERE m.market_id = t.market_id AND m.order_id = t.order_id AND m.said_as <> $2
	AND m.id > COALESCE((SELECT d.message_id FROM order_talk_reads d WHERE d.market_id = t.market_id AND d.order_id = t.order_id AND d.person_id = $1), '00000000-0000-0000-0000-000000000000'::uuid))`

// About says how much was written about an order and how much of it somebody has
// not read yet; the zero Talk where nothing was written.
func (r *Room) About(ctx context.Context, by order.By, ref order.Ref) (Talk, error) {
	var t Talk
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		err := tx.Get(&t, "SELECT "+columns+", "+unread+" AS unread FROM order_talks t WHERE t.market_id = $3 AND t.order_id = $4", by.ID, string(by.As), tx.Market, ref.ID)
		if err == storage.ErrNone {
			return nil
		}
		return err
	})
	return t, err
}

// Waiting says from which message on somebody has not read what others wrote; none
// when all is read.
func (r *Room) Waiting(ctx context.Context, person id.ID, as order.Party, ref order.Ref) (id.ID, error) {
	var first []id.ID
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		first = nil
		return tx.Select(&first, `SELECT m.id FROM order_messages m WHERE m.market_id = $1 AND m.order_id = $2 AND m.said_as <> $4
			AND m.id > COALESCE((SELECT d.message_id FROM order_talk_reads d WHERE d.market_id = $1 AND d.order_id = $2 AND d.person_id = $3), '00000000-0000-0000-0000-000000000000'::uuid)
			ORDER BY m.id LIMIT 1`, tx.Market, ref.ID, person, string(as))
	})
	if err != nil || len(first) == 0 {
		return id.None, err
	}
	return first[0], nil
}

// Wrote says whether somebody has written of an order as one of its sides.
func (r *Room) Wrote(ctx context.Context, person id.ID, ref order.Ref) (bool, error) {
	var wrote bool
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		return tx.Get(&wrote, "SELECT EXISTS (SELECT 1 FROM order_messages WHERE market_id = $1 AND order_id = $2 AND said_by = $3)", tx.Market, ref.ID, person)
	})
	return wrote, err
}

// Filter chooses talks: of a buyer, of a seller, of an agent, or, with none of
// them, those that operators were called to. Person is who reads.
type Filter struct {
	Markets              []int32
	Buyer, Seller, Agent id.ID
	Person               id.ID
	Waiting              bool // only those with something unread
	N                    int
}

// List gives talks, the newest first, 100 at most.
func (r *Room) List(ctx context.Context, f Filter) ([]Talk, error) {
	if len(f.Markets) == 0 {
		return nil, nil
	}
	if f.N <= 0 || f.N > 100 {
		f.N = 100
	}
	as, who, lead := order.AsOperator, id.None, "$4 = $4 AND t.called_at IS NOT NULL"
	switch {
	case f.Buyer != id.None:
		as, who, lead = order.AsBuyer, f.Buyer, "t.order_id IN (SELECT o.id FROM orders o WHERE o.market_id = ANY($3) AND o.buyer_id = $4)"
	case f.Seller != id.None:
		as, who, lead = order.AsSeller, f.Seller, "t.seller_id = $4"
	case f.Agent != id.None:
		as, who, lead = AsAgent, f.Agent, "t.order_id IN (SELECT o.id FROM orders o WHERE o.market_id = ANY($3) AND o.agent_id = $4)"
	}
	if f.Waiting {
		lead += " AND " + unread + " > 0"
	}
	var all []Talk
	err := r.db.ViewShared(ctx, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, "SELECT "+columns+", "+unread+" AS unread FROM order_talks t WHERE t.market_id = ANY($3) AND "+lead+" ORDER BY t.last_at DESC, t.order_id LIMIT $5",
			f.Person, string(as), pq.Array(f.Markets), who, f.N)
	})
	return all, err
}

// Picture gives a picture that was shown in the talk of this order, and of no
// other, to whoever may read it.
func (r *Room) Picture(ctx context.Context, by order.By, ref order.Ref, key string, width int) ([]byte, string, error) {
	var shown bool
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		stand, err := stands(tx, ref.ID)
		if err == nil {
			err = stand.may(by.As)
		}
		if err != nil {
			return err
		}
		return tx.Get(&shown, "SELECT EXISTS (SELECT 1 FROM order_messages WHERE market_id = $1 AND order_id = $2 AND photos @> ARRAY[$3::text])", ref.Market, ref.ID, key)
	})
	if err != nil {
		return nil, "", err
	}
	if !shown {
		return nil, "", fault.NotFound("photo_unknown")
	}
	return r.evidence.Get(ctx, key, width)
}
