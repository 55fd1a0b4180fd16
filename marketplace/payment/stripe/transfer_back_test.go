package stripe_test

import (
	"testing"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
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

// broken names what payment's part of the audit finds.
func (v *street) broken() (all []string) {
	v.t.Helper()
	for _, c := range payment.Checks() {
		must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error {
			_, wrong, err := c.Run(tx)
			all = append(all, wrong...)
			return err
		}))
	}
	return all
}
