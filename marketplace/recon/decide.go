package recon

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

// Say is what a person says that a line is.
type Say struct {
	Deed   string
	Target string // of refund: Every, or Name of the line of the order; of unclaimed: the payment, or the refund that failed
	Why    string
}

// Every takes a refund from all lines, by what is left of each.
const Every = "every"

// Name is how one line, or charge, of an order is named in Say.
func Name(l order.Left) string {
	return strconv.Itoa(int(l.Ref.Market)) + "/" + l.Ref.ID.String() + "/" + strconv.Itoa(l.Part.Line) + "/" + strconv.Itoa(l.Part.Charge)
}

// May gives what a line may be said to be.
func (l Line) May() []string {
	switch {
	case l.State == Differs:
		return []string{Fee, Bank, Capital, Booked}
	case l.State != Waits:
		return nil
	case l.Why == "currency":
		return []string{Booked}
	case l.Kind == payment.MovedRefund:
		return []string{Refund, Unclaimed, Recon}
	case l.Kind == payment.MovedPayout:
		return []string{Payout, Booked}
	}
	return []string{Recon, Booked}
}

// Find gives one line, or not-found.
func Find(tx *storage.Tx, line id.ID) (Line, error) { return find(tx, line, "") }

func find(tx *storage.Tx, line id.ID, how string) (Line, error) {
	var l Line
	err := tx.Get(&l, `SELECT `+lineColumns+` FROM gateway_lines WHERE market_id = $1 AND id = $2`+how, tx.Market, line)
	if errors.Is(err, storage.ErrNone) {
		err = fault.NotFound("not_found")
	}
	return l, err
}

// Decide says what a line is that waits, or explains one that lies in recon, and
// books that. Saying the same twice is saying it once; another thing than was said
// is refused (line_taken), and so is what the line cannot be (line_deed), a sum that
// is another than the target's (line_sum), and booked without a reason (required).
func (d *Desk) Decide(ctx context.Context, market int32, line id.ID, by people.Person, s Say) (Line, error) {
	s.Why = strings.TrimSpace(s.Why)
	if utf8.RuneCountInString(s.Why) > 200 {
		return Line{}, fault.Invalid("why", "too_long", fault.Args{"most": 200})
	}
	if s.Deed == Booked && s.Why == "" {
		return Line{}, fault.Invalid("why", "required")
	}
	l, err := d.decide(ctx, market, line, by, s)
	if ledger.Met(err) || storage.Violates(err, "gateway_shares_pkey") { // somebody was faster: it is held against theirs
		return d.decide(ctx, market, line, by, s)
	}
	return l, err
}

func (d *Desk) decide(ctx context.Context, market int32, line id.ID, by people.Person, s Say) (Line, error) {
	var l Line
	if err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { l, err = Find(tx, line); return }); err != nil {
		return l, err
	}
	if err := l.mayBe(s); err != nil || l.State == Done {
		return l, err
	}
	var err error
	switch {
	case l.State == Differs:
		err = d.explain(ctx, market, line, by.ID, s)
	case s.Deed == Refund:
		err = d.decideRefund(ctx, market, l, by.ID, s)
	case s.Deed == Unclaimed:
		err = d.decideUnclaimed(ctx, market, l, by.ID, s)
	case s.Deed == Payout:
		err = d.release(ctx, market, l, by.ID, s, func(l Line) error { return d.payout(ctx, market, l) })
	case s.Deed == Recon:
		err = d.release(ctx, market, l, by.ID, s, func(l Line) error { return d.differ(ctx, market, l, l.Net()) })
	default:
		err = d.booked(ctx, market, l, by.ID, s)
	}
	if err != nil {
		return l, err
	}
	return l, d.db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		tx.Keyed() // saying it twice is said twice
		trail.Write(tx, by.ID, "recon."+s.Deed, "gateway_line:"+line.String(), s.Why)
		l, err = Find(tx, line)
		return err
	})
}

// mayBe refuses what a line cannot be; of one that is done, all but the same again.
func (l Line) mayBe(s Say) error {
	if l.State == Done {
		if l.Deed != s.Deed {
			return fault.Conflict("line_taken")
		}
		return nil
	}
	if l.State == Open {
		return fault.Conflict("line_taken")
	}
	if !slices.Contains(l.May(), s.Deed) {
		return fault.Invalid("deed", "line_deed")
	}
	return nil
}

// explain takes a difference out of recon again.
func (d *Desk) explain(ctx context.Context, market int32, line, by id.ID, s Say) error {
	account := map[string]string{Fee: ledger.CostGateway, Bank: ledger.BankOperating, Capital: ledger.OwnCapital}[s.Deed]
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		l, err := find(tx, line, " FOR UPDATE")
		if err != nil {
			return err
		}
		if l.State == Done {
			return l.mayBe(s)
		}
		tx.Queue(`UPDATE gateway_lines SET state = 'done', deed = $3, why = $4, done_by = $5, done_at = $6 WHERE market_id = $1 AND id = $2`, market, line, s.Deed, s.Why, by, tx.Now)
		if account == "" { // another line takes it back
			return nil
		}
		leg := ledger.Leg{Debit: ledger.Recon, Credit: account, Amount: l.Recon}
		if l.Recon < 0 {
			leg = ledger.Leg{Debit: account, Credit: ledger.Recon, Amount: -l.Recon}
		}
		return l.post(tx, posting{deed: "explained", amount: l.Recon, by: by, note: s.Why, legs: []ledger.Leg{leg}})
	})
}

// decideRefund takes a refund that was made in the gateway's pages from the lines
// that a person names.
func (d *Desk) decideRefund(ctx context.Context, market int32, l Line, by id.ID, s Say) error {
	lefts, err := d.orders.Left(ctx, market, *l.Payment)
	if err != nil {
		return err
	}
	if s.Target != Every {
		lefts = slices.DeleteFunc(lefts, func(one order.Left) bool { return Name(one) != s.Target })
	}
	var total int64
	for _, one := range lefts {
		total += one.Part.Amount
	}
	switch {
	case len(lefts) == 0:
		return fault.Invalid("target", "required")
	case total < -l.Amount:
		return fault.Conflict("line_sum").On("target")
	}
	if l, err = d.chosen(ctx, market, l, evenly(lefts, -l.Amount), by, s.Why); err != nil {
		return err
	}
	l.DoneBy = &by
	return d.give(ctx, market, l)
}

func (d *Desk) decideUnclaimed(ctx context.Context, market int32, l Line, by id.ID, s Say) error {
	of, is := id.Parse(s.Target)
	if !is {
		return fault.Invalid("target", "required")
	}
	if of != *l.Payment {
		var r payment.Refund
		err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { r, err = payment.FindRefund(tx, of); return })
		if err != nil {
			return err
		}
		if r.Payment != *l.Payment {
			return fault.NotFound("not_found")
		}
	}
	if err := d.said(ctx, market, l, by, s); err != nil {
		return err
	}
	if err := d.fromUnclaimed(ctx, market, l, of, by); err != nil {
		if refused(err) {
			return errors.Join(d.waits(ctx, market, l, l.Why), err)
		}
		return err
	}
	return nil
}

// said writes down who decides, and opens the line for that.
func (d *Desk) said(ctx context.Context, market int32, l Line, by id.ID, s Say) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		deed := ""
		if s.Deed == Payout {
			deed = Payout
		}
		tx.Expect(1, fault.Conflict("line_taken"), `UPDATE gateway_lines SET state = 'open', deed = $3, done_by = $4, why = $5 WHERE market_id = $1 AND id = $2 AND (state = 'waits' OR state = 'open' AND done_by = $4)`, market, l.ID, deed, by, s.Why)
		return nil
	})
}

// release lets a line go the way that it would have gone by itself.
func (d *Desk) release(ctx context.Context, market int32, l Line, by id.ID, s Say, on func(Line) error) error {
	if err := d.said(ctx, market, l, by, s); err != nil {
		return err
	}
	if s.Deed == Payout {
		l.Deed = Payout
	}
	l.State = Open
	return on(l)
}

// booked ends a line that the books have already by another way: of a payout, by
// the entry that somebody made by hand.
func (d *Desk) booked(ctx context.Context, market int32, l Line, by id.ID, s Say) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		target := ""
		if l.Kind == payment.MovedPayout && l.Why == "banked" {
			hand, err := handed(tx, l)
			if err != nil {
				return err
			}
			if len(hand) == 0 {
				return fault.Conflict("line_taken")
			}
			target = hand[0]
		}
		tx.Expect(1, fault.Conflict("line_taken"), `UPDATE gateway_lines SET state = 'done', deed = 'booked', target = $3, why = $4, done_by = $5, done_at = $6 WHERE market_id = $1 AND id = $2 AND state = 'waits'`, market, l.ID, target, s.Why, by, tx.Now)
		return nil
	})
}
