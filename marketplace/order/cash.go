package order

import (
	"context"
	"maps"
	"slices"
	"time"

	"commonfield/agents/cash"
	"commonfield/agents/payable"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

// Cash on delivery: the seller relies on what was agreed, the buyer pays when the
// goods arrive, and whoever takes the money says so, which is the delivery. Until
// then nothing of the order is in the books: what lowers it lowers what is due.

// Collection is who collects what an order comes to, and what they took.
type Collection struct {
	Order  id.ID      `db:"order_id"`
	Hand   id.ID      `db:"hand_id"` // the payee who collects
	Kind   string     `db:"kind"`    // payable.Agent or payable.Producer
	Person id.ID      `db:"person_id"`
	Name   string     `db:"name"`
	Taken  *int64     `db:"taken_minor"`
	At     *time.Time `db:"taken_at"`
}

const collections = `SELECT c.order_id, c.hand_id, p.kind, p.person_id, p.name, c.taken_minor, c.taken_at FROM collections c
	JOIN payees p ON p.market_id = c.market_id AND p.id = c.hand_id WHERE c.market_id = $1 AND `

// A buyer who has let so many orders come back in so many days pays beforehand.
const (
	mostRefused = 2
	refusedDays = 90
)

// mayCash refuses what cannot be paid on delivery, by the field "way": several
// markets (cash_one_market), a seller who takes none (cash_not_taken), more than the
// market lets one order come to (cash_too_much), a hand that may not have more
// (cash_full), and a buyer who has let orders come back (cash_refused). It gives the
// hands, each once. Where it is promised, find keeps them for this transaction: of two
// who would fill one only one is promised.
func mayCash(tx *storage.Tx, buyer id.ID, orders []Order, find func(*storage.Tx, []id.ID) (map[id.ID]cash.Holder, error)) ([]cash.Holder, error) {
	more := map[id.ID]int64{}
	for _, o := range orders {
		if err := o.takesCash(); err != nil {
			return nil, err
		}
		more[o.hand()] += o.Total
	}
	if err := refusedBefore(tx, buyer); err != nil {
		return nil, err
	}
	hands := slices.Collect(maps.Keys(more))
	found, err := find(tx, hands)
	if err != nil {
		return nil, err
	}
	due, err := awaited(tx, hands)
	if err != nil {
		return nil, err
	}
	var who []cash.Holder
	for _, o := range orders {
		h, trusted := found[o.hand()]
		if !trusted || h.State != cash.Active || h.Holds+due[h.Payee]+more[h.Payee] > h.Limit {
			return nil, fault.Conflict("cash_full").On("way")
		}
		if !slices.Contains(who, h) {
			who = append(who, h)
		}
	}
	return who, nil
}

// takesCash refuses where the seller takes none, or not so much.
func (o *Order) takesCash() error {
	switch {
	case o.takes == nil || o.SellerPayee == nil:
		return fault.Conflict("cash_not_taken", fault.Args{"listing": o.Lines[0].Title, "listing_en": o.Lines[0].TitleEN}).On("way")
	case o.Total > o.takes.Most:
		return fault.Conflict("cash_too_much", fault.Args{"most": o.takes.Most, "currency": o.Currency}).On("way")
	}
	return nil
}

// hand is the payee who collects for an order that is being placed.
func (o *Order) hand() id.ID {
	if o.takes.Hand != id.None {
		return o.takes.Hand
	}
	return *o.SellerPayee
}

// toPay is what an order comes to now: what it was placed for, and what changed since.
const toPay = `o.total_minor + COALESCE((SELECT sum(g.amount_minor) FROM order_charges g
		WHERE g.market_id = o.market_id AND g.order_id = o.id AND g.source NOT LIKE 'place:%'), 0)::bigint`

// awaited is what hands are still to collect, by the hand.
func awaited(tx *storage.Tx, hands []id.ID) (map[id.ID]int64, error) {
	var rows []struct {
		Hand id.ID `db:"hand_id"`
		Due  int64 `db:"due"`
	}
	err := tx.Select(&rows, `SELECT c.hand_id, sum(`+toPay+`)::bigint AS due FROM collections c JOIN orders o ON o.market_id = c.market_id AND o.id = c.order_id
		WHERE c.market_id = $1 AND c.hand_id = ANY($2::uuid[]) AND c.taken_at IS NULL AND o.state IN ('secured', 'accepted', 'packed', 'shipped') GROUP BY c.hand_id`, tx.Market, names(hands))
	due := make(map[id.ID]int64, len(rows))
	for _, r := range rows {
		due[r.Hand] = r.Due
	}
	return due, err
}

// refusedBefore looks at what came back unpaid of a buyer's orders.
func refusedBefore(tx *storage.Tx, buyer id.ID) error {
	var n int
	err := tx.Get(&n, `SELECT count(*) FROM orders o JOIN collections c ON c.market_id = o.market_id AND c.order_id = o.id
		WHERE o.market_id = $1 AND o.buyer_id = $2 AND o.state = 'cancelled' AND EXISTS (SELECT 1 FROM order_history h
			WHERE h.market_id = o.market_id AND h.order_id = o.id AND h.from_state = 'shipped' AND h.why = 'returned' AND h.moved_at >= $3)`,
		tx.Market, buyer, tx.Now.AddDate(0, 0, -refusedDays))
	if err == nil && n >= mostRefused {
		err = fault.Conflict("cash_refused", fault.Args{"days": refusedDays}).On("way")
	}
	return err
}

// agree secures a basket whose orders are paid on delivery, in the transaction that
// places it: there is no gateway to wait for.
func (p *Pipeline) agree(tx *storage.Tx, orders []Order) error {
	for _, o := range orders {
		tx.Queue("INSERT INTO collections (market_id, order_id, hand_id) VALUES ($1, $2, $3)", o.Market, o.ID, o.hand())
	}
	if err := tx.Flush(); err != nil { // the moves must see what was placed
		return err
	}
	return p.secure(tx, orders, System)
}

// CashOffered says of what was quoted to a buyer whether it can be paid on delivery,
// and who would collect, each once; the refusal else. It reads nothing where a seller
// takes no cash.
func (p *Pipeline) CashOffered(ctx context.Context, buyer id.ID, q Quote) ([]string, error) {
	if len(q.Baskets) != 1 {
		return nil, fault.Conflict("cash_one_market").On("way")
	}
	orders := q.Baskets[0].Orders
	for _, o := range orders {
		if err := o.takesCash(); err != nil {
			return nil, err
		}
	}
	var who []string
	err := p.db.View(ctx, q.Baskets[0].Market, func(tx *storage.Tx) error {
		hands, err := mayCash(tx, buyer, orders, cash.Some)
		who = nil
		for _, h := range hands {
			who = append(who, h.Name)
		}
		return err
	})
	return who, err
}

// collectionOf is who collects for an order; nothing where it was paid another way.
func collectionOf(tx *storage.Tx, o Order) (*Collection, error) {
	if o.Way != payment.Cash {
		return nil, nil
	}
	var c Collection
	err := tx.Get(&c, collections+"c.order_id = $2", tx.Market, o.ID)
	return &c, err
}

// Due is what is still to be paid of an order when it arrives.
func (s Story) Due() int64 {
	if !s.Cash.awaits() || s.State.dead() {
		return 0
	}
	return s.Back()
}

// awaits says whether an order's money is still with its buyer.
func (c *Collection) awaits() bool { return c != nil && c.At == nil }

// Collects says whether somebody is the agent who collects for an order.
func (p *Pipeline) Collects(ctx context.Context, person id.ID, o Order) (bool, error) {
	if o.Way != payment.Cash {
		return false, nil
	}
	var c *Collection
	err := p.db.View(ctx, o.Market, func(tx *storage.Tx) (err error) { c, err = collectionOf(tx, o); return })
	return err == nil && c.Kind == payable.Agent && c.Person == person, err
}

// CashDue says what is to be collected for the orders of a list that are paid on
// delivery and were not yet.
func (p *Pipeline) CashDue(ctx context.Context, market int32, orders []id.ID) (map[id.ID]int64, error) {
	of := map[id.ID]int64{}
	if len(orders) == 0 {
		return of, nil
	}
	var rows []Due
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, dues+`c.order_id = ANY($2) AND o.state IN ('secured', 'accepted', 'packed', 'shipped')`, market, names(orders))
	})
	for _, r := range rows {
		of[r.ID] = r.Minor
	}
	return of, err
}

const dues = `SELECT o.id, o.number, o.state, ` + toPay + ` AS due
	FROM collections c JOIN orders o ON o.market_id = c.market_id AND o.id = c.order_id WHERE c.market_id = $1 AND c.taken_at IS NULL AND `

// ToCollect gives the orders that a hand is still to collect for, what they come to,
// oldest first: those that are accepted, packed or on their way.
func ToCollect(tx *storage.Tx, hand id.ID) ([]Due, error) {
	var all []Due
	err := tx.Select(&all, dues+`c.hand_id = $2 AND o.state IN ('accepted', 'packed', 'shipped') ORDER BY o.id LIMIT 200`, tx.Market, hand)
	return all, err
}

// Due is an order that waits for its cash.
type Due struct {
	ID     id.ID  `db:"id"`
	Number string `db:"number"`
	State  State  `db:"state"`
	Minor  int64  `db:"due"`
}

// Taking is cash that somebody has in hand: the whole sum that the order comes to,
// and, where it is picked up, the buyer's code.
type Taking struct {
	Sum  int64
	Code string
}

// TakeCash says that an order's money was taken, which delivers it: cash / held:order,
// and what the market bears of it. By whoever collects (a producer's goods: as its
// seller), or an operator who heard it from them; never by its buyer, and no silence
// does it. The sum is exact (cash_exact). Above the hand's limit it is booked all the
// same: it was taken already. Twice is once; another sum is refused then (cash_taken).
// Refusals: cash_not_agreed, cash_not_yours, pickup_code.
func (p *Pipeline) TakeCash(ctx context.Context, by By, ref Ref, t Taking) error {
	return p.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed() // what was taken is looked up first
		o, sent, err := p.holdSent(tx, ref)
		if err != nil {
			return err
		}
		c, err := collectionOf(tx, o)
		switch {
		case err != nil:
			return err
		case c == nil:
			return fault.Conflict("cash_not_agreed")
		case !c.may(by), by.As == AsOperator && o.Buyer == by.ID:
			return fault.Forbidden("cash_not_yours", fault.Args{"hand": c.Name})
		case !c.awaits() && *c.Taken == t.Sum:
			return nil
		case !c.awaits():
			return fault.Conflict("cash_taken", fault.Args{"sum": *c.Taken, "currency": o.Currency})
		case o.State != Shipped:
			return p.refuse(o, Delivered, by.As, tx.Now)
		case len(o.Unsent(sent)) > 0:
			return fault.Conflict("parcel_missing")
		}
		if err := coded(tx, o, t.Code); err != nil {
			return err
		}
		if due := o.Back(); t.Sum != due {
			return fault.Invalid("sum", "cash_exact", fault.Args{"due": due, "currency": o.Currency})
		}
		return p.taken(tx, &o, *c, by, t.Sum)
	})
}

// may says whether somebody may say that this money was taken.
func (c *Collection) may(by By) bool {
	if by.As == AsOperator {
		return true
	}
	if c.Kind == payable.Producer {
		return by.As == AsSeller
	}
	return c.Person != id.None && c.Person == by.ID
}

// taken writes and posts what was taken of a locked order, and delivers it.
func (p *Pipeline) taken(tx *storage.Tx, o *Order, c Collection, by By, sum int64) error {
	due, err := payment.Lock(tx, o.Payment)
	if err != nil {
		return err
	}
	gift := int64(0)
	for _, l := range o.Lines {
		gift += l.Gift
	}
	held := ledger.HeldOrder(o.ID)
	legs := []ledger.Leg{
		{Debit: cash.Holder{Payee: c.Hand, Kind: c.Kind}.Account(), Credit: held, Amount: sum},
		{Debit: ledger.CostDiscount, Credit: held, Amount: gift},
	}
	if sum+gift > 0 {
		if err := ledger.Post(tx, ledger.Entry{Cause: "order:" + o.ID.String() + ":cash", By: by.ID, Note: o.Number, Legs: legs}); err != nil {
			return err
		}
	}
	more, err := uncollected(tx, *o)
	switch {
	case err != nil:
		return err
	case more:
		payment.Count(tx, due, sum, 0)
	default:
		payment.CountLast(tx, due, sum)
	}
	tx.Expect(1, fault.Conflict("conflict"), "UPDATE collections SET taken_minor = $3, taken_by = $4, taken_at = $5 WHERE market_id = $1 AND order_id = $2 AND taken_at IS NULL",
		o.Market, o.ID, sum, by.ID, tx.Now)
	trail.Write(tx, by.ID, "cash.take", "order:"+o.ID.String(), "")
	o.taken = true
	if err := p.move(tx, o, Delivered, By{Person: by.Person, As: AsSystem}, "cash"); err != nil {
		return err
	}
	arrived(tx, *o, id.None)
	return nil
}

// uncollected says whether another order of a basket waits for its cash. The caller
// holds the payment's lock: of two orders that end at once the second one sees it.
func uncollected(tx *storage.Tx, o Order) (some bool, err error) {
	err = tx.Get(&some, `SELECT EXISTS (SELECT 1 FROM orders o JOIN collections c ON c.market_id = o.market_id AND c.order_id = o.id
		WHERE o.market_id = $1 AND o.basket_id = $2 AND o.id <> $3 AND c.taken_at IS NULL AND o.state IN ('secured', 'accepted', 'packed', 'shipped'))`, tx.Market, o.Basket, o.ID)
	return some, err
}

// uncollectable ends the payment of an order that was never paid and is cancelled,
// where it was the last one that waited.
func uncollectable(tx *storage.Tx, o Order) error {
	due, err := payment.Lock(tx, o.Payment)
	if err != nil {
		return err
	}
	more, err := uncollected(tx, o)
	if err == nil && !more {
		payment.CountLast(tx, due, 0)
	}
	return err
}

// Collections says who collects for the orders of a list that are paid in cash.
func (p *Pipeline) Collections(ctx context.Context, market int32, orders []id.ID) (map[id.ID]Collection, error) {
	of := map[id.ID]Collection{}
	if len(orders) == 0 {
		return of, nil
	}
	var rows []Collection
	err := p.db.View(ctx, market, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, collections+"c.order_id = ANY($2)", market, names(orders))
	})
	for _, r := range rows {
		of[r.Order] = r
	}
	return of, err
}
