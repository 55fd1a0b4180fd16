package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/storage"
)

// A seller sets what delivery costs; the buyer sees it before paying, the seller
// takes a part of the order on, and everybody has what is theirs.
func TestADeliveryIsSetSeenPaidAndSharedOutWithoutAScript(t *testing.T) {
	h := newHouse(t)
	seller, guest := h.visitor(t, h.Seller.Person), h.nobody()
	seller.lang, guest.lang = "en", "en"
	s := form(t, seller.page(t, h.way("/desk/producer/terms")), "/desk/producer/terms")
	a, _ := seller.press(t, s, "delivery", "tariff", "zone.0.place", "65", "zone.0.first", "a lot", "off", "10")
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("a sum that is none answers %d", a.status)
	}
	has(t, a.body, `value="a lot"`, `aria-invalid="true"`)
	a, _ = seller.press(t, s, "delivery", "tariff", "zone.0.place", "65", "zone.0.first", "5", "zone.0.further", "1.50", "off", "10")
	has(t, a.body, "Saved", `value="1.50"`, `value="65" checked`)
	a, _ = seller.press(t, s, "delivery", "none") // the page as it was before
	if a.status != http.StatusConflict {
		t.Errorf("over what was written meanwhile: %d", a.status)
	}

	c := h.atCheckout(t, guest, "5") // 130.00 less 13.00
	if c.values.Get("total") != "117.00" || !c.values.Has("province") {
		t.Fatalf("the form begins as %v", c.values)
	}
	a, way := guest.press(t, c, "province", "65", "then", "") // pressed on: the sum is shown first
	has(t, a.body, "¥128.00", "¥11.00", "Delivery", "−¥13.00")
	if way != "/checkout" {
		t.Fatalf("it leads to %s", way)
	}
	a, way = guest.press(t, form(t, a.body, "/checkout"), "then", "")
	if !strings.HasPrefix(way, "/pay/") {
		t.Fatalf("%s: %s", way, plain(a.body))
	}
	a, _ = guest.press(t, form(t, a.body, "/pay/"), "outcome", "pay")
	mine := href(t, a.body, "/orders/"+h.code(t))
	has(t, guest.page(t, mine), "¥128.00", "Delivery", "¥11.00")

	body := seller.page(t, mine)
	has(t, body, "I have only a part of it", "新疆")
	a = seller.post(t, mine+"/accept", "take.1", "6")
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("more than was ordered answers %d", a.status)
	}
	seller.does(t, mine+"/accept", "take.1", "4")
	has(t, guest.page(t, mine), "taken on", "¥24.90") // 23.40 of the goods and 1.50 of the delivery
	seller.press(t, form(t, seller.page(t, mine+"/pack"), mine+"/pack"), "weight.1", "4")
	seller.press(t, form(t, seller.page(t, mine+"/ship"), mine+"/ship"), "carrier", "zto", "number", "1")
	a, _ = guest.press(t, form(t, guest.page(t, mine), mine+"/deliver"))
	a, _ = guest.press(t, form(t, a.body, mine+"/confirm"))
	if a.status != http.StatusOK {
		t.Fatalf("confirm answers %d: %s", a.status, plain(a.body))
	}
	h.balanced(t)
	has(t, seller.page(t, h.way("/desk/producer/income")), "Delivery")
}

func TestTheMarketsTermsAreItsOperators(t *testing.T) {
	h := newHouse(t)
	operator, guest := h.visitor(t, h.operator(t, h.Market)), h.nobody()
	operator.lang, guest.lang = "en", "en"
	s := form(t, operator.page(t, h.way("/desk/operator/terms")), "/desk/operator/terms")
	a, _ := operator.press(t, s, "delivery", "tariff", "rest", "no", "zone.0.place", "65", "zone.0.first", "8", "zone.0.further", "2", "zone.0.free", "100", "off", "5")
	has(t, a.body, "Saved")
	c := h.atCheckout(t, guest, "2") // 52.00 less the market's 2.60
	a, _ = guest.press(t, c, "province", "65", "then", "reckon")
	has(t, a.body, "¥59.40", "¥10.00", "The market’s gift", "−¥2.60")
	a, _ = guest.press(t, c, "province", "99", "then", "reckon")
	has(t, a.body, "is not delivered there")
	h.balanced(t)
}

// A seller who brings the goods has no number to type, and two halves look alike.
func TestTwoHalvesWithoutANumberAreTwoParcelsAndADoublePressIsOne(t *testing.T) {
	h := newHouse(t)
	seller, guest := h.visitor(t, h.Seller.Person), h.nobody()
	mine := h.paid(t, guest)
	seller.press(t, form(t, seller.page(t, mine), mine+"/accept"))
	seller.press(t, form(t, seller.page(t, mine+"/pack"), mine+"/pack"), "weight.1", "5")
	first := form(t, seller.page(t, mine+"/ship"), mine+"/ship")
	for range 2 {
		seller.press(t, first, "carrier", "zto", "number", "", "send.1", "2.5")
	}
	if s := form(t, seller.page(t, mine+"/ship"), mine+"/ship"); s.values.Get("send.1") != "2.5" {
		t.Fatalf("after the first half stands %v", s.values)
	}
	seller.press(t, form(t, seller.page(t, mine+"/ship"), mine+"/ship"), "carrier", "zto", "number", "")
	var sent int
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) error {
		return tx.Get(&sent, `SELECT count(*) FROM shipments WHERE market_id = $1`, h.Market)
	}))
	if sent != 2 {
		t.Errorf("%d parcels went", sent)
	}
}

func TestAnOrderGoesInTwoParcelsWithoutAScript(t *testing.T) {
	h := newHouse(t)
	seller, guest, operator := h.visitor(t, h.Seller.Person), h.nobody(), h.visitor(t, h.operator(t, h.Market))
	seller.lang, guest.lang, operator.lang = "en", "en", "en"
	mine := h.paid(t, guest)
	seller.press(t, form(t, seller.page(t, mine), mine+"/accept"))
	seller.press(t, form(t, seller.page(t, mine+"/pack"), mine+"/pack"), "weight.1", "5")
	a, _ := seller.press(t, form(t, seller.page(t, mine+"/ship"), mine+"/ship"), "carrier", "zto", "number", "A1", "send.1", "6")
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("more than there is answers %d", a.status)
	}
	seller.press(t, form(t, seller.page(t, mine+"/ship"), mine+"/ship"), "carrier", "zto", "number", "A1", "send.1", "3")
	s := form(t, seller.page(t, mine+"/ship"), mine+"/ship")
	if s.values.Get("send.1") != "2" {
		t.Errorf("the next parcel begins as %v", s.values)
	}
	seller.press(t, s, "carrier", "zto", "number", "A2")
	a, _ = guest.press(t, form(t, guest.page(t, mine), mine+"/arrive")) // the first
	has(t, a.body, "A1", "A2", "arrived", "Parcel A2 has arrived")
	if a = guest.post(t, mine+"/lost", "parcel", "x", "why", "x"); a.status == http.StatusOK {
		t.Errorf("a buyer loses a parcel: %d", a.status)
	}
	a, _ = operator.press(t, form(t, operator.page(t, mine), mine+"/lost"), "why", "")
	has(t, a.body, `aria-invalid="true"`)
	a, _ = operator.press(t, form(t, operator.page(t, mine), mine+"/lost"), "why", "fell off the lorry")
	has(t, a.body, "Lost on the way", "−¥52.00", "fell off the lorry", "Arrived")
	h.balanced(t)
}
