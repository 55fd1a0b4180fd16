package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

// What a contract covers has no payment: its pages, papers, letters and complaint say
// nothing of one, and nothing stumbles over that.
func TestAnOrderThatAContractCoversHasItsPagesAndPapers(t *testing.T) {
	w := ordertest.New(t)
	c := &ordertest.Contract{ID: id.New(), Seller: w.Producer, Price: 2000, Quantity: 1_000_000, FeeBP: 200}
	h := furnished(t, w, marketplace.Config{Guard: dbtest.Guard, Kinds: []order.Kind{ordertest.Deposit(), ordertest.CallOff(c)}})
	ctx := t.Context()
	buyer, seller, boss := h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person), h.operator(t, h.Market)
	op := h.visitor(t, boss)
	deposit, paid, err := h.Give(ctx, ordertest.DepositKind, c.ID, 50000)
	must(t, err)
	h.Pay(t, paid)
	ref, err := h.Call(ctx, once.Key{}, c.ID, 10_000)
	must(t, err)
	h.Drain(t)
	mine := "/orders/" + h.code(t) + "/" + ref.ID.String()
	look := func() {
		t.Helper()
		for _, v := range []*visitor{buyer, seller, op} {
			for _, lang := range []string{"zh", "en"} {
				v.lang = lang
				v.page(t, mine)
			}
			v.lang = "zh"
		}
		o, err := h.Orders.Find(ctx, ref)
		must(t, err)
		op.page(t, "/desk/operator/books/order?market="+fmt.Sprint(h.Market)+"&number="+o.Number)
		op.page(t, "/desk/operator/refunds?market="+fmt.Sprint(h.Market))
		op.page(t, "/desk/operator/refunds?market="+fmt.Sprint(h.Market)+"&number="+o.Number)
		buyer.page(t, "/orders")
		seller.page(t, "/desk/producer/orders?market="+fmt.Sprint(h.Market))
	}
	look()
	has(t, buyer.page(t, mine), "合同担保", "¥200.00")
	buyer.page(t, "/orders/"+h.code(t)+"/"+deposit.ID.String())
	_ = h.paid(t, buyer) // goods beside it are bought as ever
	a, _ := seller.press(t, form(t, seller.page(t, mine), mine+"/accept"))
	if a.status != http.StatusOK {
		t.Fatalf("accept answers %d: %s", a.status, plain(a.body))
	}
	for _, do := range []func() error{
		func() error { return h.Orders.Pack(ctx, h.Seller, ref, map[int]int64{1: 9900}) },
		func() error { return h.Orders.Ship(ctx, h.Seller, ref, order.Parcel{Carrier: "中通"}) },
		func() error { return h.Orders.Deliver(ctx, h.Buyer, ref) },
	} {
		must(t, do())
		h.Drain(t)
		look()
	}
	named, err := h.m.Disputes.Complain(ctx, once.Key{}, h.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "有一半是坏的"}, Reason: dispute.Reasons[1], Lines: []int{1}})
	must(t, err)
	look()
	h.Clock.Advance(9 * 24 * time.Hour) // nobody agrees: an operator decides
	h.Drain(t)
	must(t, h.m.Disputes.Decide(ctx, once.Key{}, order.By{Person: boss, As: order.AsOperator}, dispute.Ref{Order: ref, ID: named},
		dispute.Decision{Parts: []order.Part{{Line: 1, Amount: 5000}}, Goods: dispute.Kept, Why: "一半"}))
	must(t, h.Orders.Complete(ctx, h.Buyer, ref))
	h.Clock.Advance(time.Hour)
	h.Drain(t)
	look()
	if n := len(regexp.MustCompile(`/papers/[0-9a-f-]{36}"`).FindAllString(buyer.page(t, mine), -1)); n == 0 {
		t.Error("no papers")
	}
	for _, way := range regexp.MustCompile(`"(/orders/[^"]*/papers/[0-9a-f-]{36})"`).FindAllStringSubmatch(buyer.page(t, mine), -1) {
		if text := buyer.page(t, way[1]); !strings.Contains(text, "合同担保") && !strings.Contains(text, "钱还在合同里") || strings.Contains(text, "原路退") {
			t.Errorf("%s says: %s", way[1], plain(text))
		}
		if a := buyer.get(t, way[1]+".pdf"); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF") {
			t.Errorf("%s answers %d", way[1], a.status)
		}
	}
	failed, err := jobs.Failed(ctx, h.DB, h.Market)
	if err != nil || len(failed) > 0 {
		t.Errorf("%v %+v", err, failed)
	}
	h.balanced(t)
}
