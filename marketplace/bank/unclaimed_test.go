package bank_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"commonfield/marketplace/bank"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// nobodys reads lines in and says of each that it is nobody's.
func (o *office) nobodys(rows ...string) {
	o.Helper()
	_, err := o.read(table(rows...))
	must(o, err)
	for _, l := range o.lines() {
		if l.State == "open" {
			_, err := o.bank.Decide(o.Context(), o.Market, l.ID, o.Operator.Person, bank.Say{Deed: bank.Unclaimed})
			must(o, err)
		}
	}
}

func (o *office) waits() (all []bank.Line) {
	o.Helper()
	o.see(func(tx *storage.Tx) (err error) { all, err = bank.Waits(tx, 10); return })
	return all
}

func TestMoneyOfNobodyIsMatchedLaterOnce(t *testing.T) {
	o := open(t)
	p, other := o.transfer(5000), o.transfer(1000)
	o.nobodys("2026-11-24,A1,130.00,,,王芳,鸡蛋", "2026-11-24,A2,7.00,,,王芳,鸡蛋")
	a1, a2 := o.line("A1"), o.line("A2")
	if len(o.waits()) != 2 || o.book(ledger.Unclaimed(a1.ID.String())) != 13000 {
		t.Fatalf("%+v", o.waits())
	}
	match := func(line, to id.ID) error {
		return o.bank.Match(t.Context(), o.Market, line, o.Operator.Person, to)
	}
	if err := match(a1.ID, id.New()); !fault.Has(err, "not_found") && !fault.Has(err, "payment_unknown") {
		t.Errorf("to a payment that there is not: %v", err)
	}
	if len(o.waits()) != 2 {
		t.Errorf("what was refused keeps the line: %+v", o.waits())
	}
	for range 2 {
		must(t, match(a1.ID, p.ID))
	}
	if got := o.pay(p.ID); got.State != payment.Captured || got.Captured != 13000 {
		t.Errorf("the payment is %+v", got)
	}
	if err := match(a1.ID, other.ID); !fault.Has(err, "line_taken") {
		t.Errorf("to another one: %v", err)
	}
	must(t, match(a2.ID, other.ID)) // a part of what is due: it waits with its payment
	if got := o.pay(other.ID); got.State != payment.Open || got.Captured != 700 {
		t.Errorf("a part: %+v", got)
	}
	if len(o.waits()) != 0 || o.book(ledger.BankOperating) != 13700 || o.line("A1").Deed != bank.Payment || o.line("A1").Target != p.ID.String() {
		t.Errorf("then %+v, in the bank %d", o.line("A1"), o.book(ledger.BankOperating))
	}
	if err := match(id.New(), p.ID); !fault.Has(err, "not_found") {
		t.Errorf("a line that there is not: %v", err)
	}
	o.clean()
}

func TestWhatIsMatchedForABasketThatHasEndedGoesBackToItsPayer(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	must(t, o.Orders.Cancel(t.Context(), o.Buyer, order.Ref{Market: o.Market, ID: o.ordersOf(p)[0]}, "x"))
	o.nobodys("2026-11-24,A1,130.00,,,王芳,鸡蛋")
	must(t, o.bank.Match(t.Context(), o.Market, o.line("A1").ID, o.Operator.Person, p.ID))
	var sends []payment.Sending
	o.see(func(tx *storage.Tx) (err error) { sends, err = payment.ToSend(tx); return })
	if len(sends) != 1 || sends[0].Amount != 13000 {
		t.Errorf("to send: %+v", sends)
	}
	o.clean()
}

func (o *office) ordersOf(p payment.Payment) (all []id.ID) {
	o.Helper()
	found, err := o.Orders.List(o.Context(), order.Filter{Markets: []int32{o.Market}, Basket: p.Sale, N: 5})
	must(o, err)
	for _, one := range found {
		all = append(all, one.ID)
	}
	return all
}

func TestMoneyOfNobodyGoesBackByALineOfTheStatementAndNotTwice(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	o.nobodys("2026-11-24,A1,7.00,,,王芳,鸡蛋", "2026-11-24,A3,9.00,,,李四,x")
	_, err := o.read(table("2026-11-25,B1,-7.00,,,王芳,退回", "2026-11-25,B2,-7.00,,,王芳,退回", "2026-11-25,B3,-8.00,,,李四,退回"))
	must(t, err)
	say := func(reference string, of id.ID) error {
		_, err := o.bank.Decide(t.Context(), o.Market, o.line(reference).ID, o.Operator.Person, bank.Say{Deed: bank.SentBack, Target: of.String()})
		return err
	}
	a1 := o.line("A1").ID
	for range 2 {
		must(t, say("B1", a1))
	}
	for reference, c := range map[string]struct {
		of   id.ID
		code string
	}{"B2": {a1, "line_used"}, "B3": {o.line("A3").ID, "line_sum"}} {
		if err := say(reference, c.of); !fault.Has(err, c.code) || o.line(reference).State != "open" {
			t.Errorf("%s: %v, %s", reference, err, o.line(reference).State)
		}
	}
	if err := say("B2", id.New()); !fault.Has(err, "required") {
		t.Errorf("of a line that there is not: %v", err)
	}
	if _, err := o.bank.Decide(t.Context(), o.Market, o.line("A3").ID, o.Operator.Person, bank.Say{Deed: bank.SentBack, Target: a1.String()}); !fault.Has(err, "line_deed") {
		t.Errorf("money that came in is sent back: %v", err)
	}
	if err := o.bank.Match(t.Context(), o.Market, a1, o.Operator.Person, p.ID); !fault.Has(err, "line_taken") {
		t.Errorf("what went back is matched: %v", err)
	}
	if w := o.waits(); len(w) != 1 || w[0].Reference != "A3" || o.book(ledger.BankOperating) != 900 {
		t.Errorf("then %+v, in the bank %d", w, o.book(ledger.BankOperating))
	}
	o.clean()
}

// The transfer has brought its money, and the program ends before the line's own is
// taken out of the books: without a job the bank would have it twice in them.
func TestAMatchThatWasCutIsFinishedByItsJob(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	o.nobodys("2026-11-24,A1,130.00,,,王芳,鸡蛋")
	line := o.line("A1").ID
	ctx, cut := context.WithCancel(t.Context())
	err := o.DB.Update(t.Context(), o.Market, func(tx *storage.Tx) error { // holds the payment until the match is cut
		if _, err := tx.Exec(`SELECT 1 FROM payments WHERE market_id = $1 AND id = $2 FOR UPDATE`, o.Market, p.ID); err != nil {
			return err
		}
		ended := make(chan error, 1)
		go func() { ended <- o.bank.Match(ctx, o.Market, line, o.Operator.Person, p.ID) }()
		for o.line("A1").Target == "" {
			runtime.Gosched()
		}
		cut()
		if err := <-ended; err == nil {
			t.Error("it was not cut")
		}
		return nil
	})
	must(t, err)
	_, err = o.Orders.Confirm(t.Context(), o.Operator, o.Market, p.ID, 13000, "A1") // it had come as far as this
	must(t, err)
	if o.book(ledger.BankOperating) != 26000 {
		t.Fatalf("the bank has %d", o.book(ledger.BankOperating))
	}
	o.Clock.Advance(2 * time.Minute)
	w := jobs.NewWorker(o.DB, map[string]jobs.Handler{bank.JobMatch: o.bank.Matcher()}, jobs.Options{})
	_, err = w.Drain(t.Context(), o.Market)
	must(t, err)
	if l := o.line("A1"); l.Deed != bank.Payment || o.book(ledger.BankOperating) != 13000 || len(o.waits()) != 0 {
		t.Errorf("the line is %s, the bank has %d", l.Deed, o.book(ledger.BankOperating))
	}
	o.clean()
}

// A line that a person decided days after it was read in.
func TestADecisionThatWasCutIsFinishedByItsJob(t *testing.T) {
	o := open(t)
	_, err := o.read(table("2026-11-24,A1,1.00,,,王芳,x"))
	must(t, err)
	o.Clock.Advance(48 * time.Hour)
	w := jobs.NewWorker(o.DB, map[string]jobs.Handler{bank.JobMatch: o.bank.Matcher()}, jobs.Options{})
	_, err = w.Drain(t.Context(), o.Market)
	must(t, err)
	_, err = o.bank.Decide(t.Context(), o.Market, o.line("A1").ID, o.Operator.Person, bank.Say{Deed: bank.Unclaimed})
	must(t, err)
	must(t, o.DB.Update(t.Context(), o.Market, func(tx *storage.Tx) error { // as it was before its last step
		tx.Keyed()
		_, err := tx.Exec(`UPDATE bank_lines SET state = 'doing', done_at = NULL, posted_at = NULL WHERE market_id = $1`, o.Market)
		return err
	}))
	o.Clock.Advance(2 * time.Minute)
	_, err = w.Drain(t.Context(), o.Market)
	must(t, err)
	if l := o.line("A1"); l.State != "done" || o.book(ledger.BankOperating) != 100 {
		t.Errorf("the line is %s, the bank has %d", l.State, o.book(ledger.BankOperating))
	}
	o.clean()
}
