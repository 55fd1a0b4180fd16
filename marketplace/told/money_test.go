package told_test

import (
	"testing"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/blob"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func TestPayeesAreToldOfTheirAccountAndOfWhatTheBankDid(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	v.UpTo(t, order.Completed)
	blobs, err := blob.Open(ctx, t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	desk := payout.New(v.DB, v.Box, blobs, nil)
	seller := []notice.Kind{notice.SaleNew, notice.SaleCompleted}
	for _, number := range []string{"6228480100000001", "6228480100000001", "6228480100007731"} { // the same again is no news
		must(t, payable.SetAccount(ctx, v.DB, v.Market, v.Producer.PayeeID, payable.Account{Holder: v.Seller.Name, Bank: "农业银行", Number: number}, v.Box, v.Seller.ID))
	}
	seller = append(seller, notice.BankChanged, notice.BankChanged)
	v.told(t, v.Seller.ID, seller...)
	n := v.last(t, v.Seller.ID)
	if n.Facts.Tail != "7731" || n.Facts.Until == nil || !n.Facts.Until.Equal(n.At.Add(payable.Cooling)) {
		t.Errorf("told %+v at %s", n.Facts, n.At)
	}
	v.Clock.Advance(payable.Cooling)
	for _, paid := range []bool{false, true} {
		b, err := desk.Draft(ctx, once.Key{}, v.Market, v.Operator.ID, []id.ID{v.Producer.PayeeID})
		must(t, err)
		_, err = desk.Approve(ctx, v.Market, b.ID, people.System.ID)
		must(t, err)
		row := payout.Answer{State: payout.Failed, Reason: "户名不符"}
		if paid {
			row.State = payout.Paid
		}
		must(t, v.DB.View(ctx, v.Market, func(tx *storage.Tx) error {
			all, err := payout.Payouts(tx, b.ID)
			row.Payout = all[0].ID
			return err
		}))
		for range 2 {
			_, err = desk.Answer(ctx, once.Key{}, v.Market, b.ID, payout.Answers{Rows: []payout.Answer{row}})
			must(t, err)
		}
		if paid {
			must(t, desk.Returned(ctx, v.Market, row.Payout, "退回", v.Operator.ID))
		}
	}
	v.told(t, v.Seller.ID, append(seller, notice.PayoutFailed, notice.PayoutPaid, notice.PayoutFailed)...)
	if why := v.last(t, v.Seller.ID).Facts.Why; why != "退回" {
		t.Errorf("the reason is told as %q", why)
	}
}
