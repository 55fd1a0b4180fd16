package bank

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"commonfield/agents/cash"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/recon"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

// Say is what somebody says that a line is.
type Say struct {
	Deed   string
	Target string // the payment, refund, payout or batch; of banked: the gateway's payout, where its side has one
	Why    string // of booked: where it stands
}

// what a line of money in, and out, may be.
var (
	inward  = []string{Payment, Returned, Capital, Banked, CashIn, Unclaimed, Booked}
	outward = []string{Refund, SentBack, Payout, Batch, Capital, CashOut, Fee, Tax, Booked}
)

// May gives what a line may be said to be.
func (l Line) May() []string {
	if l.Amount > 0 {
		return inward
	}
	return outward
}

// Decide says what a line is, and books it where the books do not have it yet.
// Saying the same twice is saying it once. Of two who say different things at
// once the second is refused (fault.Conflict line_taken). It refuses what a line
// of its side cannot be and a target that there is not (fault.Invalid), a sum
// that is another than the target's (fault.Conflict line_sum), and whatever the
// verb of the target refuses; then the line is open again.
func (d *Desk) Decide(ctx context.Context, market int32, line id.ID, by people.Person, s Say) (Line, error) {
	s.Why = strings.TrimSpace(s.Why)
	l, err := d.take(ctx, market, line, by.ID, s)
	if err != nil || l.State == "done" {
		return l, err
	}
	cause, err := d.book(ctx, market, l, by, s)
	if err != nil {
		if _, refused := fault.As(err); refused {
			if e := d.letGo(ctx, market, line); e != nil {
				return l, e
			}
		}
		return l, err
	}
	err = d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // it lands in the same state
		var posted any
		if cause != "" {
			legs, err := ledger.OfCause(tx, cause)
			if err != nil {
				return err
			}
			if len(legs) > 0 {
				posted = legs[0].At
			}
		}
		tx.Queue(`UPDATE bank_lines SET state = 'done', done_at = $3, posted_at = $4::timestamptz WHERE market_id = $1 AND id = $2 AND state = 'doing'`, market, line, tx.Now, posted)
		trail.Write(tx, by.ID, "bank."+s.Deed, "bank_line:"+line.String(), s.Why)
		return nil
	})
	l.State = "done"
	return l, err
}

// take keeps the line for what it is said to be.
func (d *Desk) take(ctx context.Context, market int32, line, by id.ID, s Say) (Line, error) {
	var l Line
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		l = Line{}
		err := tx.Get(&l, `SELECT `+lineColumns+` FROM bank_lines WHERE market_id = $1 AND id = $2 FOR UPDATE`, market, line)
		if errors.Is(err, storage.ErrNone) {
			return fault.NotFound("not_found")
		}
		if err != nil {
			return err
		}
		if !slices.Contains(l.May(), s.Deed) {
			return fault.Invalid("deed", "line_deed")
		}
		needs := slices.Contains([]string{Payment, Refund, SentBack, Payout, Returned, Batch, CashIn, CashOut}, s.Deed)
		if s.Deed == Unclaimed {
			s.Target = "" // it is nobody's
		}
		if _, ok := id.Parse(s.Target); !ok && (needs || s.Target != "") {
			return fault.Invalid("target", "required")
		}
		if s.Deed == Booked && s.Why == "" {
			return fault.Invalid("why", "required")
		}
		if utf8.RuneCountInString(s.Why) > 200 {
			return fault.Invalid("why", "too_long", fault.Args{"most": 200})
		}
		if l.State != "open" {
			if l.Deed != s.Deed || l.Target != s.Target {
				return fault.Conflict("line_taken")
			}
			return nil
		}
		l.State, l.Deed, l.Target = "doing", s.Deed, s.Target
		if by != people.System.ID {
			later(tx, line)
		}
		tx.Queue(`UPDATE bank_lines SET state = 'doing', deed = $3, target = $4, why = $5, done_by = $6 WHERE market_id = $1 AND id = $2`, market, line, s.Deed, s.Target, s.Why, by)
		return nil
	})
	if storage.Violates(err, "bank_lines_target") {
		err = fault.Conflict("line_used").On("target")
	}
	return l, err
}

func (d *Desk) letGo(ctx context.Context, market int32, line id.ID) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE bank_lines SET state = 'open', deed = '', target = '', why = '', done_by = NULL WHERE market_id = $1 AND id = $2 AND state = 'doing'`, market, line)
		return nil
	})
}

func target(s Say) id.ID { i, _ := id.Parse(s.Target); return i }

// book does what the line says through the verb that knows it, and gives the
// cause under which the books have it.
func (d *Desk) book(ctx context.Context, market int32, l Line, by people.Person, s Say) (string, error) {
	of := target(s)
	switch s.Deed {
	case Payment:
		as := order.By{Person: by, As: order.AsOperator}
		if by.ID == people.System.ID {
			as = order.System
		}
		_, err := d.orders.Confirm(ctx, as, market, of, l.Amount, l.Reference)
		return "transfer:" + l.Reference, err
	case Refund:
		return "refund:" + of.String() + ":succeeded", d.refund(ctx, market, l, of)
	case Payout, Returned:
		return d.payout(ctx, market, l, of, by.ID, s)
	case Batch:
		return "", d.batch(ctx, market, l, of)
	case Capital:
		return "capital:" + l.Reference, d.payments.Capital(ctx, market, by.ID, l.Amount, l.Reference)
	case Tax:
		return "tax:" + l.Reference, d.payments.Tax(ctx, market, by.ID, -l.Amount, l.Reference)
	case Banked:
		return d.banked(ctx, market, l, by.ID, of)
	case CashIn:
		return "cash_banked:" + l.Reference, cash.Bank(ctx, d.db, market, of, by.ID, l.Amount, l.Reference)
	case CashOut:
		return "cash_given:" + l.Reference, cash.Give(ctx, d.db, market, of, by.ID, -l.Amount, l.Reference)
	case Fee:
		return d.post(ctx, market, l, by.ID, ledger.Leg{Debit: ledger.CostBank, Credit: ledger.BankOperating, Amount: -l.Amount})
	case SentBack:
		return d.sentBack(ctx, market, l, by.ID, of)
	case Unclaimed:
		return d.post(ctx, market, l, by.ID, ledger.Leg{Debit: ledger.BankOperating, Credit: ledger.Unclaimed(l.ID.String()), Amount: l.Amount})
	}
	return "", nil
}

// banked meets the gateway's balance that was paid to us: a payout that its side
// has booked already, or what nobody has booked yet.
func (d *Desk) banked(ctx context.Context, market int32, l Line, by, of id.ID) (cause string, err error) {
	if of == id.None {
		return "banked:" + l.Reference, d.gateway.Banked(ctx, market, by, l.Amount, l.Reference)
	}
	err = d.db.View(ctx, market, func(tx *storage.Tx) error {
		cause, err = recon.PaidCause(tx, of, l.Amount)
		return err
	})
	return cause, err
}

func (d *Desk) refund(ctx context.Context, market int32, l Line, of id.ID) error {
	var r payment.Refund
	if err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { r, err = payment.FindRefund(tx, of); return }); err != nil {
		return err
	}
	if r.Amount != -l.Amount {
		return fault.Conflict("line_sum").On("target")
	}
	return d.payments.Finish(ctx, market, of, true)
}

func (d *Desk) payout(ctx context.Context, market int32, l Line, of, by id.ID, s Say) (string, error) {
	var o payout.Payout
	if err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { o, err = payout.FindPayout(tx, of); return }); err != nil {
		return "", err
	}
	if o.Amount != max(l.Amount, -l.Amount) {
		return "", fault.Conflict("line_sum").On("target")
	}
	if s.Deed == Returned {
		why := s.Why
		if why == "" {
			why = l.Words
		}
		return "payout:" + of.String() + ":returned", d.payouts.Returned(ctx, market, of, cut(why, 200), by)
	}
	cause := "payout:" + of.String() + ":paid"
	_, err := d.payouts.Answer(ctx, once.Key{}, market, o.BatchID, payout.Answers{Rows: []payout.Answer{{Payout: of, State: payout.Paid}}})
	return cause, err
}

// batch refuses a line that is not what the bank took for a batch: all of it, or what
// it did not refuse. It books nothing, for its payouts are answered one by one.
func (d *Desk) batch(ctx context.Context, market int32, l Line, of id.ID) error {
	var b struct {
		Total int64 `db:"total_minor"`
		Gone  int64 `db:"gone"`
	}
	err := d.db.View(ctx, market, func(tx *storage.Tx) error {
		return tx.Get(&b, `SELECT b.total_minor, COALESCE(sum(o.amount_minor) FILTER (WHERE o.state IN ('in_transit', 'paid', 'returned')), 0)::bigint AS gone
FROM payout_batches b JOIN payouts o ON o.market_id = b.market_id AND o.batch_id = b.id
WHERE b.market_id = $1 AND b.id = $2 AND b.state IN ('submitted', 'closed') AND `+payout.ByBank+` GROUP BY b.id, b.total_minor`, market, of)
	})
	switch {
	case errors.Is(err, storage.ErrNone):
		return fault.Invalid("target", "required")
	case err == nil && b.Total != -l.Amount && b.Gone != -l.Amount:
		err = fault.Conflict("line_sum").On("target")
	}
	return err
}

// post books a line that is nobody else's, once.
func (d *Desk) post(ctx context.Context, market int32, l Line, by id.ID, leg ledger.Leg) (string, error) {
	cause := "bank:" + l.ID.String()
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		if there, err := ledger.Posted(tx, cause); err != nil || there {
			return err
		}
		return ledger.Post(tx, ledger.Entry{Cause: cause, By: by, Note: l.Reference, Legs: []ledger.Leg{leg}})
	})
	if ledger.Met(err) {
		err = nil // whoever has taken the line too was faster
	}
	return cause, err
}
