package order

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"commonfield/agents/commission"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
)

// A chargeback is at home where its payment is; it stops orders in every market of
// the payment, each by a job of its own. Until the bank has decided nothing of
// them is completed, refunded, matured or paid out, and what was held lies in the
// reserve. Won, all of it is as before. Lost, the orders give back their part as a
// refund would: from what is held, or from the payees of its lines, or as their
// debt; what the bank takes beyond is the market's own cost.

// JobBank does in another market of a payment what its home has heard of the bank.
const JobBank = "order:chargeback"

type bankJob struct {
	Home       int32                   `json:"home"`
	Market     int32                   `json:"market"`
	Payment    id.ID                   `json:"payment"`
	Chargeback id.ID                   `json:"chargeback"`
	Amount     int64                   `json:"amount_minor"` // this market's part
	State      payment.ChargebackState `json:"state"`
}

// ledger keys of a chargeback in one market's book.
func (b bankJob) cause(what string) string { return "chargeback:" + b.Chargeback.String() + ":" + what }

// Chargeback asks the gateway how a chargeback stands and does what follows, in the
// order of its life whatever was heard of it. News and the sweeper end here; doing
// it twice is doing it once. What is none of ours is left alone.
func (p *Pipeline) Chargeback(ctx context.Context, market int32, gateway, object string) error {
	seen, err := p.desk.LookChargeback(ctx, market, gateway, object)
	if err != nil || seen.Payment == id.None {
		return err
	}
	// The bank may be heard before the payment is: what it takes back has come.
	if _, err := p.Settle(ctx, market, seen.Payment); err != nil {
		return err
	}
	return p.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		due, orders, err := lockPaid(tx, seen.Payment)
		if err != nil {
			return err
		}
		if due.Home != market || due.Gateway != gateway || due.Currency != seen.Currency {
			return fmt.Errorf("order: the chargeback %s of %s is in %s, payment %s in %s", object, gateway, seen.Currency, due.ID, due.Currency)
		}
		c, err := payment.ChargebackOf(tx, gateway, object)
		if fault.Has(err, "not_found") {
			if c, err = p.desk.OpenChargeback(tx, due, seen); err != nil {
				return err
			}
			if err := p.spreadBank(tx, due, orders, c, payment.ChargebackOpen); err != nil {
				return err
			}
			if err = tx.Flush(); err != nil { // what follows sees it
				return err
			}
		}
		if err != nil || seen.State == payment.ChargebackOpen || c.State != payment.ChargebackOpen {
			return err
		}
		return p.spreadBank(tx, due, orders, c, seen.State)
	})
}

// heardOfBank follows news of a chargeback. One that names no market comes to the
// platform, which asks whose it is and passes it on under the same event.
func (p *Pipeline) heardOfBank(ctx context.Context, market int32, n payment.News, body []byte) error {
	if market != storage.Platform {
		return p.Chargeback(ctx, market, n.Provider, n.Object)
	}
	seen, err := p.desk.LookChargeback(ctx, market, n.Provider, n.Object)
	if err != nil || seen.Market == storage.Platform {
		return err
	}
	known, err := p.desk.Knows(ctx, seen.Market, seen.Payment)
	if err != nil || !known {
		return err
	}
	n.Payment = seen.Payment
	return p.desk.Receive(ctx, seen.Market, n, body)
}

// spreadBank does the home market's part and adds the other markets' jobs.
func (p *Pipeline) spreadBank(tx *storage.Tx, due payment.Payment, orders []Order, c payment.Chargeback, state payment.ChargebackState) error {
	shares, err := due.Elsewhere(tx)
	if err != nil {
		return err
	}
	weights := []int64{due.Own(shares)}
	for _, s := range shares {
		weights = append(weights, s.Amount)
	}
	parts := money.Split(min(c.Amount, due.Captured), weights)
	own := bankJob{due.Home, due.Home, due.ID, c.ID, parts[0], state}
	for i, s := range shares {
		jobs.Add(tx, JobBank, c.ID.String()+":"+string(state)+":"+fmt.Sprint(s.Market), bankJob{due.Home, s.Market, due.ID, c.ID, parts[i+1], state})
	}
	sum, err := p.bank(tx, orders, own)
	if err != nil || state == payment.ChargebackOpen {
		return err
	}
	if state == payment.ChargebackWon {
		return p.desk.CloseChargeback(tx, c, state, 0)
	}
	legs := []ledger.Leg{{Debit: ledger.ReserveChargeback(c.ID), Credit: ledger.GatewayDisputed, Amount: sum}}
	// What the payer's money is here without an order: an odd sum, what is too much.
	unclaimed := ledger.Unclaimed(due.ID.String())
	have, err := ledger.Lock(tx, unclaimed)
	if err != nil {
		return err
	}
	short, err := payment.Short(tx, due, shares, weights, c)
	if err != nil {
		return err
	}
	var elsewhere int64
	rest := c.Amount - sum
	for i, s := range shares {
		elsewhere += short[i]
		legs = append(legs, ledger.Leg{Debit: ledger.Intermarket(s.Market), Credit: ledger.GatewayDisputed, Amount: parts[i+1]})
		rest -= parts[i+1]
	}
	legs = append(legs, ledger.Leg{Debit: unclaimed, Credit: ledger.GatewayDisputed, Amount: min(rest, have[unclaimed])})
	return p.desk.CloseChargeback(tx, c, state, elsewhere, legs...)
}

// Bank is the job of JobBank: it does another market's part in that market. Over
// two books a deal has one key: the home market has posted its side with the
// bank's word. Doing it twice is doing it once.
func (p *Pipeline) Bank(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var b bankJob
	if err := json.Unmarshal(j.Body, &b); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, p.db.Update(ctx, b.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		due, orders, err := lockPaid(tx, b.Payment)
		if err != nil {
			return err
		}
		if due.State == payment.Open {
			return &jobs.Again{At: tx.Now.Add(time.Minute)} // its share has not been settled yet
		}
		if was, err := ledger.OfCause(tx, b.cause(string(b.State))); err != nil || len(was) > 0 {
			return err
		}
		sum, err := p.bank(tx, orders, b)
		if err != nil || b.State != payment.ChargebackLost {
			return err
		}
		return post(tx, ledger.Entry{Cause: b.cause(string(b.State)), By: System.ID, Note: due.Reference, Legs: []ledger.Leg{
			{Debit: ledger.ReserveChargeback(b.Chargeback), Credit: ledger.Intermarket(b.Home), Amount: sum},
			{Debit: ledger.CostChargeback, Credit: ledger.Intermarket(b.Home), Amount: b.Amount - sum}}})
	})
}

// JobStopped says that a chargeback has stopped an order, and how it ended, for the
// rooms above to tell its seller.
const JobStopped = "order:stopped"

// Stopped is the body of JobStopped.
type Stopped struct {
	Order id.ID                   `json:"order"`
	State payment.ChargebackState `json:"state"`
	Taken int64                   `json:"taken_minor"` // what it gave of one that was lost
	At    time.Time               `json:"at"`
}

func tellStopped(tx *storage.Tx, b bankJob, order id.ID, state payment.ChargebackState, taken int64) {
	jobs.Add(tx, JobStopped, b.Chargeback.String()+":"+order.String()+":"+string(state), Stopped{order, state, taken, tx.Now})
}

// stopped is one order under a chargeback.
type stopped struct {
	Order  id.ID `db:"order_id"`
	Freeze id.ID `db:"freeze_id"`
	Amount int64 `db:"amount_minor"`
	Held   int64 `db:"held_minor"`
}

// bank does a market's part of a chargeback: stops its orders, and at the end lets
// them go on or takes their part. It gives how much of a lost one lies in the
// reserve now.
func (p *Pipeline) bank(tx *storage.Tx, orders []Order, b bankJob) (int64, error) {
	if err := stop(tx, orders, b); err != nil || b.State == payment.ChargebackOpen {
		return 0, err
	}
	var all []stopped
	err := tx.Select(&all, "SELECT order_id, freeze_id, amount_minor, held_minor FROM chargeback_orders WHERE market_id = $1 AND chargeback_id = $2 AND ended_at IS NULL ORDER BY order_id", tx.Market, b.Chargeback)
	if err != nil {
		return 0, err
	}
	if err := resume(tx, all, b); err != nil {
		return 0, err
	}
	if b.State == payment.ChargebackWon {
		for _, s := range all {
			tellStopped(tx, b, s.Order, b.State, 0)
		}
		return 0, nil
	}
	var sum int64
	for _, s := range all {
		tellStopped(tx, b, s.Order, b.State, s.Amount)
		for i := range orders {
			if orders[i].ID == s.Order && s.Amount > 0 {
				if err := p.lose(tx, &orders[i], s.Amount, b); err != nil {
					return 0, err
				}
				sum += s.Amount
			}
		}
	}
	return sum, nil
}

// stop freezes the orders of a basket and reserves what is held, each order its
// part by what it still has. Stopping twice is stopping once.
func stop(tx *storage.Tx, orders []Order, b bankJob) error {
	var there bool
	if err := tx.Get(&there, "SELECT EXISTS (SELECT 1 FROM chargeback_orders WHERE market_id = $1 AND chargeback_id = $2)", tx.Market, b.Chargeback); err != nil || there {
		return err
	}
	weights := make([]int64, len(orders))
	var total int64
	for i := range orders {
		if err := withLines(tx, &orders[i]); err != nil {
			return err
		}
		if orders[i].SecuredAt != nil {
			for _, left := range orders[i].backs() {
				weights[i] += left
			}
		}
		total += weights[i]
	}
	parts := money.Split(min(b.Amount, total), weights)
	entry := ledger.Entry{Cause: b.cause("reserved"), By: System.ID}
	for i, o := range orders {
		if o.SecuredAt == nil {
			continue
		}
		freeze, err := Freeze(tx, o.ID, "chargeback", System.ID)
		if err != nil {
			return err
		}
		held := parts[i]
		if o.ReleasedAt != nil || o.State == Cancelled {
			held = 0 // released, or given back
		}
		tx.Queue("INSERT INTO chargeback_orders (market_id, chargeback_id, order_id, freeze_id, amount_minor, held_minor) VALUES ($1, $2, $3, $4, $5, $6)", tx.Market, b.Chargeback, o.ID, freeze, parts[i], held)
		tellStopped(tx, b, o.ID, payment.ChargebackOpen, 0)
		entry.Legs = append(entry.Legs, ledger.Leg{Debit: ledger.HeldOrder(o.ID), Credit: ledger.ReserveChargeback(b.Chargeback), Amount: held})
	}
	return post(tx, entry)
}

// post posts an entry that may come to nothing.
func post(tx *storage.Tx, e ledger.Entry) error {
	for _, l := range e.Legs {
		if l.Amount != 0 {
			return ledger.Post(tx, e)
		}
	}
	return nil
}

// resume lifts the freezes and gives the reserve back to where it came from.
func resume(tx *storage.Tx, all []stopped, b bankJob) error {
	entry := ledger.Entry{Cause: b.cause("resumed"), By: System.ID}
	for _, s := range all {
		if err := Lift(tx, s.Order, s.Freeze, System.ID); err != nil {
			return err
		}
		entry.Legs = append(entry.Legs, ledger.Leg{Debit: ledger.ReserveChargeback(b.Chargeback), Credit: ledger.HeldOrder(s.Order), Amount: s.Held})
	}
	tx.Queue("UPDATE chargeback_orders SET ended_at = $3 WHERE market_id = $1 AND chargeback_id = $2 AND ended_at IS NULL", tx.Market, b.Chargeback, tx.Now)
	return post(tx, entry)
}

// backs is what the payer could still get back of each line and charge.
func (o *Order) backs() []int64 {
	var all []int64
	for _, part := range o.whole() {
		back := int64(0)
		if left, gift, err := o.of(part); err == nil {
			back = left.Sum() - *gift
		}
		all = append(all, back)
	}
	return all
}

// lose takes an order's part of a lost chargeback, into the reserve. An order of
// which nothing is left and that has not been sent ends.
func (p *Pipeline) lose(tx *storage.Tx, o *Order, sum int64, b bankJob) error {
	if err := withLines(tx, o); err != nil {
		return err
	}
	whole, backs := o.whole(), o.backs()
	var parts []Part
	var left int64
	for i, part := range money.Split(sum, backs) {
		left += backs[i] - part
		if part > 0 {
			parts = append(parts, Part{Line: whole[i].Line, Charge: whole[i].Charge, Amount: part})
		}
	}
	d := deed{refund: id.None, label: "refund", cause: "chargeback:" + b.Chargeback.String(), reason: "chargeback", by: System, to: ledger.ReserveChargeback(b.Chargeback)}
	unsent := o.State == Secured || o.State == Accepted || o.State == Packed
	if left > 0 || !unsent {
		return p.takeBack(tx, o, parts, d)
	}
	if err := p.move(tx, o, Cancelled, System, "chargeback"); err != nil {
		return err
	}
	d.label = "cancel"
	if err := p.takeBack(tx, o, parts, d); err != nil {
		return err
	}
	if o.Agent != nil {
		if err := commission.Void(tx, o.ID, "cancelled"); err != nil {
			return err
		}
	}
	if kind := p.kinds[o.Kind]; kind.LetGo != nil {
		return kind.LetGo(tx, []id.ID{o.ID}, System.ID, "cancelled")
	}
	return nil
}
