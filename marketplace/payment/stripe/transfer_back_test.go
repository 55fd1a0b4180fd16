package stripe_test

import (
	"testing"

	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// A card that is closed cannot be refunded: its money is its payer's still, and an
// operator sends it from the bank.
func TestARefundThatStripeCannotGiveGoesByBankTransferOnce(t *testing.T) {
	v := enter(t, 26)
	ref, _, s := v.bought()
	v.s.InDashboard(s, 13000) // nothing is left there: it will never succeed
	v.refund(ref, 1000)
	v.Drain(t)
	var failed payment.Refund
	must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error {
		all, err := payment.Unclaimed(tx)
		if len(all) != 1 {
			t.Fatalf("%d wait", len(all))
		}
		failed = all[0]
		return err
	}))
	send := func(of id.ID) (payment.Refund, error) { return v.Desk.Transfer(v.ctx, v.Market, of, v.Operator.ID) }
	_, err := send(id.New())
	refuses(t, err, "not_found")
	again, err := send(failed.ID)
	must(t, err)
	twice, err := send(failed.ID)
	must(t, err)
	repeated, err := v.Desk.Repeat(v.ctx, v.Market, failed.ID, v.Operator.ID)
	must(t, err)
	if again.ID != twice.ID || again.ID != repeated.ID || !again.ByTransfer {
		t.Fatalf("%+v, %+v, %+v", again, twice, repeated)
	}
	_, err = send(again.ID)
	refuses(t, err, "conflict") // it has not failed
	v.Drain(t)                  // no gateway is asked
	var waits []payment.Sending
	must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { waits, err = payment.ToSend(tx); return }))
	if len(waits) != 1 || waits[0].ID != again.ID || v.s.Refunded(s) != 13000 {
		t.Fatalf("to send: %+v, at the gateway %d", waits, v.s.Refunded(s))
	}
	before := v.books(ledger.BankOperating, ledger.GatewayAvailable)
	refuses(t, v.Desk.Finish(v.ctx, v.Market, failed.ID, true), "not_a_transfer")
	for range 2 {
		must(t, v.Desk.Finish(v.ctx, v.Market, again.ID, true))
	}
	v.Drain(t)
	after := v.books(ledger.BankOperating, ledger.GatewayAvailable, ledger.Unclaimed(failed.ID.String()))
	if after[ledger.BankOperating] != before[ledger.BankOperating]-1000 || after[ledger.GatewayAvailable] != before[ledger.GatewayAvailable] || after[ledger.Unclaimed(failed.ID.String())] != 0 {
		t.Fatalf("%v, before %v", after, before)
	}
	// No other refund may leave by the bank.
	must(t, v.DB.Update(v.ctx, v.Market, func(tx *storage.Tx) error {
		tx.Queue("UPDATE refunds SET by_transfer = false WHERE market_id = $1 AND id = $2", v.Market, again.ID)
		return nil
	}))
	if wrong := v.broken(); len(wrong) == 0 {
		t.Error("a refund by the bank of what came by a card passes the audit")
	}
	must(t, v.DB.Update(v.ctx, v.Market, func(tx *storage.Tx) error {
		tx.Queue("UPDATE refunds SET by_transfer = true, cause = 'order:' || id WHERE market_id = $1 AND id = $2", v.Market, again.ID)
		return nil
	}))
	if wrong := v.broken(); len(wrong) == 0 {
		t.Error("a refund by transfer that stands for no other one passes the audit")
	}
}

// failedIn is the only refund of a market that has failed.
func (v *street) failedIn(market int32) payment.Refund {
	v.t.Helper()
	var all []payment.Refund
	must(v.t, v.DB.View(v.ctx, market, func(tx *storage.Tx) (err error) { all, err = payment.Unclaimed(tx); return }))
	if len(all) != 1 {
		v.t.Fatalf("%d wait in %d", len(all), market)
	}
	return all[0]
}

// While the payer's bank takes the payment back, it is neither decided that a refund
// goes by transfer nor said that it was sent: the payer would have it twice. In another
// market of the payment neither.
func TestNoRefundGoesByTransferWhileABankTakesThePaymentBack(t *testing.T) {
	v := enter(t, 27)
	stall := v.Stall(t, "湄潭翠芽", 3333, 50_000)
	ask := v.Ask(5000)
	ask.Way, ask.Items = "stripe", append(ask.Items, stall.Item(5000))
	c, err := v.Orders.Place(v.ctx, once.Key{}, ask)
	must(t, err)
	s := v.session(c)
	v.s.Pay(s, stripetest.Paying{})
	v.bank()
	v.s.Slow(true) // the gateway says later what has become of a refund
	for _, ref := range c.Orders() {
		v.refund(ref, 1000)
	}
	v.everywhere()
	for _, name := range v.s.Refunds() {
		v.s.Finish(name, false)
	}
	v.bank()
	type side struct {
		market int32
		failed payment.Refund
	}
	sides := []side{{v.Market, v.failedIn(v.Market)}, {stall.Market, v.failedIn(stall.Market)}}
	send := func(of side) (payment.Refund, error) {
		return v.Desk.Transfer(v.ctx, of.market, of.failed.ID, v.Operator.ID)
	}
	first := v.s.Dispute(s, 100)
	v.bank()
	for _, of := range sides {
		_, err := send(of)
		refuses(t, err, "refund_frozen")
	}
	v.s.Decide(first, true)
	v.bank()
	sent := make([]payment.Refund, len(sides))
	for i, of := range sides {
		sent[i], err = send(of)
		must(t, err)
	}
	second := v.s.Dispute(s, 200)
	v.bank()
	for i, of := range sides {
		refuses(t, v.Desk.Finish(v.ctx, of.market, sent[i].ID, true), "refund_frozen")
		again, err := send(of) // it is on its way already
		if err != nil || again.ID != sent[i].ID {
			t.Errorf("%+v, %v", again, err)
		}
	}
	v.s.Decide(second, true)
	v.bank()
	for i, of := range sides {
		for range 2 {
			must(t, v.Desk.Finish(v.ctx, of.market, sent[i].ID, true))
		}
		var have map[string]int64
		must(t, v.DB.View(v.ctx, of.market, func(tx *storage.Tx) (err error) {
			have, err = ledger.Balance(tx, ledger.BankOperating, ledger.Unclaimed(of.failed.ID.String()), ledger.TransitRefund(sent[i].ID))
			return err
		}))
		if have[ledger.BankOperating] != -1000 || have[ledger.Unclaimed(of.failed.ID.String())] != 0 || have[ledger.TransitRefund(sent[i].ID)] != 0 {
			t.Errorf("in %d: %v", of.market, have)
		}
	}
	third := v.s.Dispute(s, 300) // what was sent was sent
	v.bank()
	for i, of := range sides {
		must(t, v.Desk.Finish(v.ctx, of.market, sent[i].ID, true))
	}
	v.s.Decide(third, true)
	v.bank()
	v.sound()
}

// broken names what payment's part of the audit finds.
func (v *street) broken() (all []string) {
	v.t.Helper()
	for _, c := range payment.Checks() {
		must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error {
			_, wrong, err := c.Run(tx)
			for _, w := range wrong {
				all = append(all, w.String())
			}
			return err
		}))
	}
	return all
}
