package told_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
)

// takenBack lets the bank take the payment of an order back.
func (v *town) takenBack(t *testing.T, ref order.Ref) payment.Chargeback {
	t.Helper()
	o, err := v.Orders.Find(t.Context(), ref)
	must(t, err)
	var all []payment.Chargeback
	var p payment.Payment
	must(t, v.DB.View(t.Context(), v.Market, func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, o.Payment); return }))
	must(t, v.Sandbox.TakeBack(t.Context(), v.Market, p.Object, 0))
	v.Drain(t)
	must(t, v.DB.View(t.Context(), v.Market, func(tx *storage.Tx) (err error) { all, err = payment.Chargebacks(tx, 10); return }))
	if len(all) == 0 {
		t.Fatal("no chargeback is booked")
	}
	return all[0]
}

func TestOperatorsAndTheSellerAreToldOfAChargebackAndHowItEnds(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Accepted)
	v.Drain(t)
	seller, operator, buyer := v.of(t, v.Seller.ID), v.of(t, v.Operator.ID), v.of(t, v.Buyer.ID)
	c := v.takenBack(t, ref)
	v.told(t, v.Operator.ID, append(operator, notice.DeskChargeback)...)
	if n := v.last(t, v.Operator.ID); n.Facts.Sum != 13000 || n.Way != "/desk/operator/refunds" {
		t.Errorf("operators are told %+v", n)
	}
	v.told(t, v.Seller.ID, append(seller, notice.SaleStopped)...)
	v.told(t, v.Buyer.ID, buyer...)
	v.Clock.Advance(sandbox.ChargebackTime - 49*time.Hour)
	v.told(t, v.Operator.ID, append(operator, notice.DeskChargeback)...)
	v.Clock.Advance(2 * time.Hour)
	v.told(t, v.Operator.ID, append(operator, notice.DeskChargeback, notice.DeskChargebackDue)...)
	if n := v.last(t, v.Operator.ID); n.Facts.Until == nil || !n.Facts.Until.Equal(c.OpenedAt.Add(sandbox.ChargebackTime)) {
		t.Errorf("operators are told %+v", n.Facts)
	}
	must(t, v.Sandbox.Decide(t.Context(), v.Market, c.Object, true))
	v.told(t, v.Operator.ID, append(operator, notice.DeskChargeback, notice.DeskChargebackDue, notice.DeskChargebackWon)...)
	v.told(t, v.Seller.ID, append(seller, notice.SaleStopped, notice.SaleResumed)...)
}

func TestWhoHasAnsweredIsNotWarnedAndALostOneSaysWhatTheSellersOrderGave(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	v.Drain(t)
	seller, operator := v.of(t, v.Seller.ID), v.of(t, v.Operator.ID)
	c := v.takenBack(t, ref)
	must(t, v.Desk.Contest(t.Context(), v.Market, c.ID, v.Operator.ID, "签收单号 7584"))
	must(t, v.Sandbox.Decide(t.Context(), v.Market, c.Object, false))
	v.Drain(t)
	v.Clock.Advance(sandbox.ChargebackTime)
	v.told(t, v.Operator.ID, append(operator, notice.DeskChargeback, notice.DeskChargebackLost)...)
	got := v.of(t, v.Seller.ID)[len(seller):]
	if !slices.Contains(got, notice.SaleTaken) || !slices.Contains(got, notice.SaleStopped) {
		t.Errorf("the seller is told %v", got)
	}
	for _, l := range v.post.Letters {
		if strings.Contains(l.Subject+l.Text, "王芳") || strings.Contains(l.Subject+l.Text, "{{") || strings.Contains(l.Subject+l.Text, "<no value>") {
			t.Errorf("a letter: %s\n%s", l.Subject, l.Text)
		}
	}
}

func TestASystemOfTheOperatorsHearsOfAChargeback(t *testing.T) {
	v := open(t)
	s := v.listens(t)
	ref := v.UpTo(t, order.Accepted)
	c := v.takenBack(t, ref)
	must(t, v.Sandbox.Decide(t.Context(), v.Market, c.Object, true))
	v.Drain(t)
	var heard []string
	for _, b := range s.bodies {
		if strings.Contains(b, `"chargeback.moved"`) {
			heard = append(heard, b)
		}
	}
	if len(heard) != 2 || !strings.Contains(heard[0], `"state":"open"`) || !strings.Contains(heard[0], `"amount_minor":13000`) || !strings.Contains(heard[1], `"state":"won"`) {
		t.Errorf("heard %v", heard)
	}
}
