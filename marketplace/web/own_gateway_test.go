package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/id"
)

func TestAGrowerOpensAnAccountAtStripeAndIsPaidThereByTwoOperators(t *testing.T) {
	h, s := atStripe(t)
	v := h.visitor(t, h.Seller.Person)
	of := strconv.Itoa(int(h.Market)) + "." + h.Producer.PayeeID.String()
	has(t, v.page(t, "/me/gateway"), of, "Stripe")
	has(t, v.page(t, "/me"), "/me/gateway")
	a := v.post(t, "/me/gateway", "payee", of, "deed", "connect")
	if a.status != http.StatusOK || !strings.Contains(a.body, s.URL+"/onboard/acct_") || strings.Contains(a.header.Get("Content-Security-Policy"), "stripe") {
		t.Fatalf("%d: %s", a.status, plain(a.body))
	}
	v.post(t, "/me/gateway", "payee", of, "deed", "connect") // another link, the same account
	if n := len(s.Connected()); n != 1 {
		t.Fatalf("%d accounts", n)
	}
	s.Stand(s.Connected()[0], "active")
	for _, e := range s.News() {
		if status, body := h.tell(t, e.Body, e.Signature()); status != http.StatusOK {
			t.Fatalf("news: %d %s", status, body)
		}
	}
	h.Drain(t)
	has(t, v.page(t, "/me/gateway"), "可以收款")
	has(t, v.page(t, "/me"), "Stripe 账户")

	other := h.visitor(t, h.Buyer.Person)
	if a := other.post(t, "/me/gateway", "payee", of, "deed", "connect"); a.status != http.StatusNotFound {
		t.Errorf("somebody else is answered %d", a.status)
	}
	if a := v.post(t, "/me/gateway", "payee", strconv.Itoa(int(h.Market))+"."+id.New().String(), "deed", "ask"); a.status != http.StatusNotFound {
		t.Errorf("nobody's payee: %d", a.status)
	}
	if a := v.post(t, "/me/gateway", "payee", of, "deed", "leave"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a deed that is none: %d", a.status)
	}

	h.UpTo(t, order.Completed)
	s.Take("topup", -100_000, "") // the sandbox's payments are in no balance there
	h.Clock.Advance(time.Hour)
	first, second := h.visitor(t, h.operator(t, h.Market)), h.visitor(t, h.operator(t, h.Market))
	page := first.page(t, h.way("/desk/operator/payouts"))
	has(t, page, `id="transfers"`, "Stripe 账户")
	first.does(t, h.way("/desk/operator/payouts"), "all", "yes", "way", "transfers")
	var b payout.Batch
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) error {
		all, err := payout.Batches(tx, id.None, 1)
		b = all[0]
		return err
	}))
	way := "/desk/operator/payouts/" + strconv.Itoa(int(h.Market)) + "/" + b.ID.String()
	for range 3 {
		second.does(t, way, "fate", "approve")
	}
	h.Drain(t)
	if n := len(s.Transfers()); n != 1 {
		t.Fatalf("%d transfers", n)
	}
	shown := first.page(t, way)
	has(t, shown, `id="recall"`, "Stripe 账户")
	var rows []payout.Payout
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }))
	if rows[0].State != payout.Paid {
		t.Fatalf("%+v", rows[0])
	}
	if a := first.post(t, way, "fate", "recall", "item", rows[0].ID.String(), "why", ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.status)
	}
	if a := first.post(t, way, "fate", "returned", "item", rows[0].ID.String(), "why", "退票"); a.status != http.StatusConflict {
		t.Errorf("by the bank: %d", a.status)
	}
	for range 3 {
		first.does(t, way, "fate", "recall", "item", rows[0].ID.String(), "why", "算错了")
	}
	h.Drain(t)
	if back := s.Transfers()[0].Back; back != rows[0].Amount {
		t.Errorf("%d of %d came back", back, rows[0].Amount)
	}
	has(t, first.page(t, way), "算错了")
	h.clean(t)
}

func TestWhereStripeDoesNotAnswerThePayeeIsToldAndMayTryAgain(t *testing.T) {
	h, s := atStripe(t)
	v := h.visitor(t, h.Seller.Person)
	of := strconv.Itoa(int(h.Market)) + "." + h.Producer.PayeeID.String()
	s.Fault(stripetest.Lost)
	if a := v.post(t, "/me/gateway", "payee", of, "deed", "connect"); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, of) {
		t.Fatalf("%d: %s", a.status, plain(a.body))
	}
	if a := v.post(t, "/me/gateway", "payee", of, "deed", "connect"); a.status != http.StatusOK || len(s.Connected()) != 1 {
		t.Fatalf("%d, %d accounts", a.status, len(s.Connected()))
	}
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) error {
		a, err := payable.AccountOf(tx, h.Producer.PayeeID)
		if a.State != payable.Pending || a.Object != s.Connected()[0] {
			t.Errorf("%+v", a)
		}
		return err
	}))
}

func TestWithoutAGatewayNobodyIsOfferedToBePaidByOne(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	if strings.Contains(v.page(t, "/me"), "/me/gateway") {
		t.Error("the account's page leads there")
	}
	has(t, v.page(t, "/me/gateway"), "没有接通")
	if a := v.post(t, "/me/gateway", "payee", strconv.Itoa(int(h.Market))+"."+h.Producer.PayeeID.String(), "deed", "connect"); a.status != http.StatusConflict {
		t.Errorf("answered %d", a.status)
	}
}
