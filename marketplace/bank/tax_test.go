package bank_test

import (
	"testing"
	"time"

	"commonfield/catalog"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
)

func TestTaxThatWasPaidIsALineOfTheBankAndNotMoreThanWasCollected(t *testing.T) {
	o := open(t)
	_, err := o.Catalog.SetRate(t.Context(), o.Market, catalog.Tax, "", "", 900, time.Time{}, o.Operator.ID)
	must(t, err)
	o.UpTo(t, order.Completed)
	due := o.book(ledger.TaxDue)
	if due < 100 {
		t.Fatalf("%d collected", due)
	}
	_, err = o.read(table("2026-11-25,T1,-1.00,,,税务局,税", "2026-11-25,T2,-99999.00,,,税务局,税", "2026-11-25,T3,1.00,,,税务局,退税"))
	must(t, err)
	say := func(reference string) error {
		_, err := o.bank.Decide(t.Context(), o.Market, o.line(reference).ID, o.Operator.Person, bank.Say{Deed: bank.Tax})
		return err
	}
	for range 2 {
		must(t, say("T1"))
	}
	if err := say("T2"); !fault.Has(err, "ledger_short") || o.line("T2").State != "open" {
		t.Errorf("more than was collected: %v, %s", err, o.line("T2").State)
	}
	if err := say("T3"); !fault.Has(err, "line_deed") {
		t.Errorf("money that came in is tax paid: %v", err)
	}
	if o.book(ledger.TaxDue) != due-100 || o.book(ledger.BankOperating) != -100 {
		t.Errorf("tax %d of %d, in the bank %d", o.book(ledger.TaxDue), due, o.book(ledger.BankOperating))
	}
	o.clean()
}

func TestProfitIsKeptAndPutAsideWithinWhatThereIs(t *testing.T) {
	o := open(t)
	ctx, by := t.Context(), o.Operator.ID
	o.UpTo(t, order.Completed)
	fees := o.book(ledger.IncomeFees)
	costs := o.book(ledger.CostGateway)
	if fees <= costs {
		t.Fatalf("%d earned, %d spent", fees, costs)
	}
	keep := func(sum int64, decision string) error { return o.Desk.Keep(ctx, o.Market, by, sum, decision) }
	if err := keep(fees-costs+1, "M1"); !fault.Has(err, "ledger_short") {
		t.Errorf("more than is left after costs: %v", err)
	}
	for range 2 {
		must(t, keep(fees-costs, "M1"))
	}
	for name, err := range map[string]error{"reference_used": keep(1, "M1"), "ledger_short": keep(1, "M2"), "out_of_range": keep(-1, "M3"), "required": keep(1, "")} {
		if !fault.Has(err, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := o.Desk.Guarantee(ctx, o.Market, by, fees-costs+1, "G1"); !fault.Has(err, "ledger_short") {
		t.Errorf("more than own capital is put aside: %v", err)
	}
	must(t, o.Desk.Guarantee(ctx, o.Market, by, fees-costs, "G1"))
	if o.book(ledger.OwnCapital) != 0 || o.book(ledger.Guarantee) != fees-costs || o.book(ledger.IncomeFees) != costs {
		t.Errorf("capital %d, put aside %d, fees %d", o.book(ledger.OwnCapital), o.book(ledger.Guarantee), o.book(ledger.IncomeFees))
	}
	o.clean()
}

// What was sent by transfer because its own way was closed is found by its line.
func TestALineFindsARefundThatGoesByTransferThoughItFailedBefore(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	o.nobodys("2026-11-24,A1,130.00,,,王芳,x")
	must(t, o.bank.Match(t.Context(), o.Market, o.line("A1").ID, o.Operator.Person, p.ID))
	ref := order.Ref{Market: o.Market, ID: o.ordersOf(p)[0]}
	must(t, o.Orders.Cancel(t.Context(), o.Operator, ref, "x"))
	var first []payment.Sending
	o.see(func(tx *storage.Tx) (err error) { first, err = payment.ToSend(tx); return })
	must(t, o.Desk.Finish(t.Context(), o.Market, first[0].ID, false))
	again, err := o.Desk.Transfer(t.Context(), o.Market, first[0].ID, o.Operator.ID)
	must(t, err)
	_, err = o.read(table("2026-11-25,B1,-130.00,,,王芳," + p.Reference))
	must(t, err)
	o.Drain(t)
	if l := o.line("B1"); l.Deed != bank.Refund || l.Target != again.ID.String() {
		t.Errorf("the line is %s of %s", l.Deed, l.Target)
	}
	if o.book(ledger.BankOperating) != 0 || o.book(ledger.Unclaimed(first[0].ID.String())) != 0 {
		t.Errorf("in the bank %d", o.book(ledger.BankOperating))
	}
	o.clean()
}
