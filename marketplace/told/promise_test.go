package told_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
)

func TestABackerHearsThatTheirCardIsSavedThatItWasRefusedAndTwiceThatTimeRunsOut(t *testing.T) {
	v := openWith(t, ordertest.Pledge())
	pays, p := v.Promised(t, 50_000, true)
	v.told(t, v.Buyer.ID, notice.OrderPromised)
	called := v.Clock.Now()
	_, err := v.Orders.Charge(t.Context(), order.System, v.Market, pays.ID)
	must(t, err)
	v.told(t, v.Buyer.ID, notice.OrderPromised, notice.PromiseRefused)
	if n := v.last(t, v.Buyer.ID); n.Facts.Sum != 50_000 || n.Facts.Until == nil || !n.Facts.Until.Equal(called.Add(7*24*time.Hour)) || !strings.HasPrefix(n.Way, "/orders/") {
		t.Errorf("told %+v %+v", n, n.Facts)
	}
	v.Clock.Advance(4*24*time.Hour + time.Minute)
	v.told(t, v.Buyer.ID, notice.OrderPromised, notice.PromiseRefused, notice.PromiseWaits)
	v.Clock.Advance(2 * 24 * time.Hour)
	v.told(t, v.Buyer.ID, notice.OrderPromised, notice.PromiseRefused, notice.PromiseWaits, notice.PromiseWaits)
	v.Pay(t, p)
	v.told(t, v.Buyer.ID, notice.OrderPromised, notice.PromiseRefused, notice.PromiseWaits, notice.PromiseWaits, notice.OrderSecured, notice.OrderCompleted)
	for _, l := range v.post.Letters {
		if strings.Contains(l.Subject+l.Text, "{{") || strings.Contains(l.Subject+l.Text, "<no value>") {
			t.Errorf("a letter: %s\n%s", l.Subject, l.Text)
		}
	}
}

func TestWhoHasPaidByHandIsNotRemindedAndADroppedPledgeIsTold(t *testing.T) {
	v := openWith(t, ordertest.Pledge())
	pays, p := v.Promised(t, 50_000, true)
	_, err := v.Orders.Charge(t.Context(), order.System, v.Market, pays.ID)
	must(t, err)
	v.Drain(t)
	v.Pay(t, p)
	v.Clock.Advance(8 * 24 * time.Hour)
	v.told(t, v.Buyer.ID, notice.OrderPromised, notice.PromiseRefused, notice.OrderSecured, notice.OrderCompleted)
	drops, _ := v.Promised(t, 20_000, true)
	_, err = v.Orders.Charge(t.Context(), order.System, v.Market, drops.ID)
	must(t, err)
	v.Drain(t)
	v.Clock.Advance(8 * 24 * time.Hour)
	v.Drain(t)
	v.Must(t, drops, order.Cancelled)
	if n := v.last(t, v.Buyer.ID); n.Kind != notice.OrderCancelled {
		t.Errorf("told %s", n.Kind)
	}
}
