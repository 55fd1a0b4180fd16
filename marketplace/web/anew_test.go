package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/marketplace/order"
)

// placed counts the market's orders by state.
func (h *house) placed(t *testing.T) map[order.State]int {
	t.Helper()
	all, err := h.m.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}, N: 100})
	must(t, err)
	n := map[order.State]int{}
	for _, o := range all {
		n[o.State]++
	}
	return n
}

func TestWhoGoesBackAndBuysTheSameAgainPaysTheOrderThatIsThere(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	first := h.buy(t, v)
	a, way := v.press(t, h.atCheckout(t, v, "5")) // another form, the same goods
	if way != first || a.status != http.StatusOK {
		t.Fatalf("the second leads to %s, the first to %s", way, first)
	}
	if !strings.Contains(plain(a.body), "没有下成两单") {
		t.Errorf("nothing is said of it: %s", plain(a.body))
	}
	if n := h.placed(t); n[order.Placed] != 1 || len(n) != 1 {
		t.Fatalf("orders: %v", n)
	}
	// A moment later it is another wish, and so is the same when the first is paid.
	a, _ = v.press(t, form(t, v.page(t, first), "/pay/"), "outcome", "pay")
	if a.status != http.StatusOK {
		t.Fatal(plain(a.body))
	}
	if again := h.buy(t, v); again == first {
		t.Fatal("what is paid was taken up")
	}
	h.Clock.Advance(16 * 60e9)
	third := h.buy(t, v)
	if n := h.placed(t); n[order.Placed] != 2 || n[order.Secured] != 1 {
		t.Fatalf("orders: %v, the last at %s", n, third)
	}
	h.balanced(t)
}

func TestAnotherQuantityTakesThePlaceOfWhatWasNotPaid(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	first := h.buy(t, v)
	a, way := v.press(t, h.atCheckout(t, v, "4"))
	if way == first || !strings.HasPrefix(way, "/pay/") || !strings.Contains(plain(a.body), "换成了这一单") {
		t.Fatalf("%s: %s", way, plain(a.body))
	}
	if n := h.placed(t); n[order.Placed] != 1 || n[order.Cancelled] != 1 {
		t.Fatalf("orders: %v", n)
	}
	// The form of the first, pressed once more from the history, does no more harm.
	if a := v.page(t, strings.TrimSuffix(first, "/")+"/result"); !strings.Contains(plain(a), "取消") {
		t.Errorf("the first says: %s", plain(a))
	}
	// A parcel for somebody else is another order.
	s := h.atCheckout(t, v, "4")
	s.values.Set("phone", "139 0000 0001")
	if _, other := v.press(t, s); other == way {
		t.Fatal("another's parcel took up this one")
	}
	if n := h.placed(t); n[order.Placed] != 2 || n[order.Cancelled] != 1 {
		t.Fatalf("orders: %v", n)
	}
	h.balanced(t)
}
