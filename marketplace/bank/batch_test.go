package bank_test

import (
	"fmt"
	"testing"
	"time"

	"commonfield/agents/payout"
	"commonfield/marketplace/bank"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func yuan(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }

// today is the day of the bank, at the world's clock.
func (o *office) today() string {
	return o.Clock.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
}

func (o *office) hold(s bank.Statement) (h bank.Held) {
	o.Helper()
	o.see(func(tx *storage.Tx) error {
		held, err := bank.Hold(tx, s)
		h = held[s.ID]
		return err
	})
	return h
}

func TestALineIsNoBatchThatThereIsNotAndNoneOfAnotherSum(t *testing.T) {
	o := open(t)
	b, _ := o.paidOut()
	_, err := o.read(table(o.today()+",FEE,,3.50,,农行,手续费", o.today()+",LESS,,"+yuan(b.Total-1)+",,,代发 "+b.Number))
	must(t, err)
	say := func(line string, target id.ID) error {
		_, err := o.bank.Decide(t.Context(), o.Market, o.line(line).ID, o.Operator.Person, bank.Say{Deed: bank.Batch, Target: target.String()})
		return err
	}
	if err := say("FEE", id.New()); !fault.Has(err, "required") {
		t.Errorf("of no batch: %v", err)
	}
	for _, line := range []string{"FEE", "LESS"} {
		if err := say(line, b.ID); !fault.Has(err, "line_sum") {
			t.Errorf("%s is the batch: %v", line, err)
		}
		if l := o.line(line); l.State != "open" || l.Deed != "" {
			t.Errorf("then it is %s %s", l.State, l.Deed)
		}
	}
	o.clean()
}

// The bank takes a batch on the day on which it is sent, and answers on another.
func TestABatchThatLeftInOneSumCountsOnTheBanksDay(t *testing.T) {
	o := open(t)
	b, p := o.paidOut()
	had := o.book(ledger.BankOperating)
	s, err := o.read(table(o.today() + ",OUT,," + yuan(b.Total) + "," + yuan(had-b.Total) + ",,代发 " + b.Number))
	must(t, err)
	if l := o.line("OUT"); l.Deed != bank.Batch || l.Target != b.ID.String() {
		t.Fatalf("the line is %+v", l)
	}
	if h := o.hold(s); h.Differ != 0 || h.Books != had-b.Total {
		t.Errorf("before the bank has answered: %+v", h)
	}
	o.Clock.Advance(48 * time.Hour)
	_, err = o.payouts.Answer(t.Context(), once.Key{}, o.Market, b.ID, payout.Answers{Rows: []payout.Answer{{Payout: p.ID, State: payout.Paid}}})
	must(t, err)
	if h := o.hold(s); h.Differ != 0 {
		t.Errorf("answered two days later: %+v", h)
	}
	later, err := o.read(table(o.today() + ",LATER,5.00,," + yuan(had-b.Total+500) + ",某人,?"))
	must(t, err)
	if h := o.hold(later); h.Differ != 0 {
		t.Errorf("on the day of the answer: %+v", h)
	}
	o.clean()
}

// And the other way round: the answer is read before the statement's line has its day.
func TestABatchThatWasAnsweredBeforeItLeftCountsOnTheBanksDay(t *testing.T) {
	o := open(t)
	b, p := o.paidOut()
	had := o.book(ledger.BankOperating)
	_, err := o.payouts.Answer(t.Context(), once.Key{}, o.Market, b.ID, payout.Answers{Rows: []payout.Answer{{Payout: p.ID, State: payout.Paid}}})
	must(t, err)
	first, err := o.read(table(o.today() + ",IN,5.00,," + yuan(had+500) + ",某人,?"))
	must(t, err)
	o.Clock.Advance(24 * time.Hour)
	_, err = o.read(table(o.today() + ",OUT,," + yuan(b.Total) + "," + yuan(had-b.Total+500) + ",,代发 " + b.Number))
	must(t, err)
	if h := o.hold(first); h.Differ != 0 {
		t.Errorf("the day before: %+v", h)
	}
	o.clean()
}

func TestLinesThatComeToNothingAreStillUndecided(t *testing.T) {
	o := open(t)
	s, err := o.read(table(o.today()+",UP,7.00,,7.00,某人,?", o.today()+",DOWN,,7.00,1.00,某人,?"))
	must(t, err)
	if h := o.hold(s); h.Open != 0 || h.Waits != 2 {
		t.Fatalf("held: %+v", h)
	}
	if err := o.bank.Reconcile(t.Context(), o.Market, s.ID, o.Operator.ID, "why"); !fault.Has(err, "statement_lines_open") {
		t.Errorf("reconciled: %v", err)
	}
	if got := o.book(ledger.Recon); got != 0 {
		t.Errorf("recon has %d", got)
	}
}
