package web_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"commonfield/agents/cash"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/storage/id"
)

func (h *house) code(t *testing.T) string {
	t.Helper()
	m, err := h.m.Books.Market(t.Context(), h.Market)
	must(t, err)
	return m.Code
}

func (h *house) listing(t *testing.T) string {
	t.Helper()
	return "/listings/" + h.code(t) + "/" + h.Listing.ID.String()
}

// atCheckout brings a visitor to the form that buys, with an address written.
func (h *house) atCheckout(t *testing.T, v *visitor, quantity string) *sheet {
	t.Helper()
	a, _ := v.press(t, form(t, v.page(t, h.listing(t)), "/basket/put"), "quantity", quantity, "unit", "kg", "then", "buy")
	if a.status != http.StatusOK {
		t.Fatalf("checkout answers %d: %s", a.status, plain(a.body))
	}
	s := form(t, a.body, "/checkout")
	for name, value := range map[string]string{"name": "王芳", "phone": "139 0000 0000", "place": "北京市海淀区", "street": "学院路 1 号", "note": "周末送"} {
		s.values.Set(name, value)
	}
	return s
}

// buy brings a new guest's order of 5 kg to its pay page and gives its address.
func (h *house) buy(t *testing.T, v *visitor) string {
	t.Helper()
	a, way := v.press(t, h.atCheckout(t, v, "5"))
	if a.status != http.StatusOK || !strings.HasPrefix(way, "/pay/"+h.code(t)+"/") {
		t.Fatalf("%s answers %d: %s", way, a.status, plain(a.body))
	}
	return way
}

// paid is buy, paid; it gives the order's address.
func (h *house) paid(t *testing.T, v *visitor) string {
	t.Helper()
	a, _ := v.press(t, form(t, v.page(t, h.buy(t, v)), "/pay/"), "outcome", "pay")
	return href(t, a.body, "/orders/"+h.code(t))
}

func (h *house) balanced(t *testing.T) {
	t.Helper()
	for range 3 {
		_, err := h.m.Worker.Drain(t.Context(), h.Market)
		must(t, err)
	}
	report, err := h.m.Audit(t.Context(), h.Market)
	must(t, err)
	if !report.OK {
		t.Errorf("the audit is not clean: %+v", report)
	}
}

func TestAWholePurchaseWalksThroughFormsWithoutAScript(t *testing.T) {
	for lang, says := range map[string][]string{"zh": {"马春兰", "9.8", "¥2.60"}, "en": {"马春兰", "9.8", "¥2.60"}} {
		t.Run(lang, func(t *testing.T) {
			h := newHouse(t)
			guest, seller := h.nobody(), h.visitor(t, h.Seller.Person)
			guest.lang, seller.lang = lang, lang
			h.Drain(t)
			has(t, guest.page(t, "/search?q="+url.QueryEscape("hetao")+"&market="+h.code(t)), "<mark>", h.listing(t))
			a, way := guest.follow(t, "/s/"+strings.ToLower(h.Agent.Code)+"/"+h.goods(t))
			if way != h.listing(t) {
				t.Fatalf("the link leads to %s", way)
			}
			has(t, a.body, says[0])
			a, _ = guest.press(t, form(t, a.body, "/basket/put"), "quantity", "10", "unit", "jin", "then", "buy")
			s := form(t, a.body, "/checkout")
			if s.values.Get("total") != "130.00" || s.values.Get("band") != "yes" || s.values.Get("pay") != "card" {
				t.Errorf("the form begins as %v", s.values)
			}
			a, way = guest.press(t, s, "name", "王芳", "phone", "13900000000", "place", "北京市海淀区", "street", "学院路 1 号")
			if !strings.HasPrefix(way, "/pay/") {
				t.Fatalf("%s: %s", way, plain(a.body))
			}
			a, _ = guest.press(t, form(t, a.body, "/pay/"), "outcome", "pay")
			mine := href(t, a.body, "/orders/"+h.code(t))
			has(t, guest.page(t, mine), "¥130.00", "马春兰")

			a, _ = seller.press(t, form(t, seller.page(t, mine), mine+"/accept"))
			has(t, a.body, mine+"/pack", "王芳", "学院路")
			a, _ = seller.press(t, form(t, seller.page(t, mine+"/pack"), mine+"/pack"), "weight.1", "4.9")
			has(t, a.body, mine+"/ship")
			a, _ = seller.press(t, form(t, seller.page(t, mine+"/ship"), mine+"/ship"), "carrier", "zto", "number", "7584 2210")
			has(t, a.body, "7584 2210")
			a, _ = guest.press(t, form(t, guest.page(t, mine), mine+"/deliver"))
			has(t, a.body, says[2])
			a, _ = guest.press(t, form(t, a.body, mine+"/confirm"))
			if a.status != http.StatusOK {
				t.Fatalf("confirm answers %d: %s", a.status, plain(a.body))
			}
			h.balanced(t)
			has(t, guest.page(t, "/orders"), mine)
		})
	}
}

func TestTheSameFormPressedTwiceAtOnceIsOneOrder(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	s := h.atCheckout(t, v, "5")
	var wait sync.WaitGroup
	ways := make([]string, 4)
	for i := range ways {
		twin := h.nobody()
		maps.Copy(twin.cookies, v.cookies)
		wait.Go(func() {
			r := httptest.NewRequest(http.MethodPost, s.action, strings.NewReader(s.values.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			ways[i] = twin.ask(t, r).header.Get("Location")
		})
	}
	wait.Wait()
	for _, way := range ways {
		if way != ways[0] || !strings.HasPrefix(way, "/pay/") {
			t.Errorf("sent to %q and %q", ways[0], way)
		}
	}
	list, err := h.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}})
	must(t, err)
	if len(list) != 1 {
		t.Errorf("%d orders", len(list))
	}
}

func TestAChangedPriceIsToldWithTheNewTotalAndWhatWasTyped(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	s := h.atCheckout(t, v, "5")
	l := h.Listing
	_, err := h.Catalog.Edit(t.Context(), h.Market, l.ID, l.Version, catalog.Draft{Category: l.Category, Title: l.Title, Unit: l.Unit, PriceMinor: 2800, Minimum: l.Minimum, WeightBandBP: l.WeightBandBP}, h.Seller.ID)
	must(t, err)
	a, _ := v.press(t, s)
	if a.status != http.StatusConflict {
		t.Fatalf("answers %d: %s", a.status, plain(a.body))
	}
	has(t, a.body, "¥130.00", "¥140.00", `value="王芳"`, "学院路 1 号", "周末送")
	again := form(t, a.body, "/checkout")
	if again.values.Get("total") != "140.00" {
		t.Errorf("asks again for %s", again.values.Get("total"))
	}
	if _, way := v.press(t, again); !strings.HasPrefix(way, "/pay/") {
		t.Errorf("the new sum leads to %s", way)
	}
}

func TestWhatWasSoldMeanwhileIsToldWithWhatIsLeft(t *testing.T) {
	h := newHouse(t)
	v, other := h.nobody(), h.nobody()
	s := h.atCheckout(t, v, "60")
	if _, way := other.press(t, h.atCheckout(t, other, "70")); !strings.HasPrefix(way, "/pay/") {
		t.Fatalf("the other one is sent to %s", way)
	}
	a, _ := v.press(t, s)
	if a.status != http.StatusConflict {
		t.Fatalf("answers %d: %s", a.status, plain(a.body))
	}
	has(t, plain(a.body), "薄皮核桃", "30 kg")
	has(t, a.body, `value="王芳"`, "周末送")
	for _, b := range form(t, a.body, "/checkout").buttons {
		t.Errorf("it can still be pressed: %+v", b)
	}
}

func TestWrongValuesStandBesideTheirFieldsWithWhatWasTyped(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	s := h.atCheckout(t, v, "5")
	for name, c := range map[string]struct{ value, kept, says string }{
		"name":   {"", "学院路", "要填"},
		"phone":  {"12", `value="12"`, "电话"},
		"place":  {strings.Repeat("远", 90), "远远", "80"},
		"street": {" ", "周末送", ""},
		"code":   {"NOSUCH", `value="NOSUCH"`, ""},
		"pay":    {"gold", "学院路", ""},
		"total":  {"abc", "学院路", ""},
	} {
		a, _ := v.press(t, s, name, c.value)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s=%q answers %d: %s", name, c.value, a.status, plain(a.body))
		}
		if !strings.Contains(a.body, c.kept) || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%s=%q is not kept: %s", name, c.value, plain(a.body))
		}
	}
	without := *s
	without.values = url.Values{}
	for name, all := range s.values {
		if name != "band" {
			without.values[name] = all
		}
	}
	if a, _ := v.press(t, &without); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without consent to the weight: %d", a.status)
	}
	for _, line := range []string{"", "x", "YL:1:1", h.code(t) + ":" + h.Listing.ID.String() + ":-5", h.code(t) + ":" + h.Listing.ID.String() + ":99999999999999999999", h.code(t) + ":" + id.New().String() + ":5000"} {
		if a, _ := v.press(t, s, "line", line); a.status != http.StatusUnprocessableEntity && a.status != http.StatusNotFound {
			t.Errorf("line %q answers %d", line, a.status)
		}
	}
	list, err := h.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}})
	must(t, err)
	if len(list) != 0 {
		t.Errorf("%d orders were placed", len(list))
	}
}

func TestQuantitiesThatNobodyCanMeanAreRefusedOnTheListing(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	for text, status := range map[string]int{"abc": 422, "-1": 422, "99999999999999999999": 422, "0": 422, "0.0001": 422, "0.1": 422, "101": 409, "5": 200, "１０": 200, "": 200, "1e3": 422, "NaN": 422} {
		a := v.get(t, h.listing(t)+"?quantity="+url.QueryEscape(text)+"&unit=kg")
		if a.status != status {
			t.Errorf("%q answers %d: %s", text, a.status, plain(a.body))
		}
		if text != "" && !strings.Contains(a.body, `value="`+text+`"`) {
			t.Errorf("%q is not kept", text)
		}
		// At the checkout the same quantity leads back to the goods.
		b, way := v.follow(t, "/checkout?market="+h.code(t)+"&listing="+h.Listing.ID.String()+"&unit=kg&quantity="+url.QueryEscape(text))
		if (b.status == 200) != (status == 200) || status != 200 && !strings.HasPrefix(way, "/listings/") {
			t.Errorf("checkout of %q: %d at %s", text, b.status, way)
		}
	}
	if a := v.get(t, h.listing(t)+"?quantity=1&unit=bale"); a.status != 422 {
		t.Errorf("walnuts by the bale: %d", a.status)
	}
}

func TestAPaymentThatFailsOrWaitsSaysSo(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	pay := h.buy(t, v)
	a, _ := v.press(t, form(t, v.page(t, pay), "/pay/"), "outcome", "fail")
	has(t, a.body, `href="`+pay+`"`, "没有扣") // nothing was charged, and the way to try again
	if a, _ := v.press(t, form(t, v.page(t, pay), "/pay/"), "outcome", "nonsense"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("nonsense answers %d", a.status)
	}
	a, way := v.press(t, form(t, v.page(t, pay), "/pay/"), "outcome", "later")
	if !strings.Contains(way, "outcome=waiting") {
		t.Errorf("sent to %s", way)
	}
	has(t, a.body, "再")
	has(t, v.page(t, way), "/orders/"+h.code(t))
	h.Clock.Advance(10 * 1e9)
	h.balanced(t)
	a = v.get(t, way)
	list, err := h.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}})
	must(t, err)
	if list[0].State != order.Secured || !strings.Contains(a.body, "result") && a.status != 200 {
		t.Errorf("after the news: %s", list[0].State)
	}
	if page := v.page(t, pay); strings.Contains(page, `value="pay"`) {
		t.Error("it can be paid twice")
	}
}

func TestATransferIsToldWithItsReferenceAndWhoseAccountItIs(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	unnamed := h.atCheckout(t, v, "5")
	if a, _ := v.press(t, unnamed, "pay", "transfer"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "请另选一种") || strings.Contains(a.body, `value="transfer"`) {
		t.Fatalf("a transfer to nobody's account is answered %d: %s", a.status, plain(a.body))
	}
	m, err := h.m.Books.Market(t.Context(), h.Market)
	must(t, err)
	_, err = h.m.Books.Tell(t.Context(), h.Market, region.Told{Name: m.Name, TimeZone: m.TimeZone, Account: region.Account{Holder: "尉犁县共田", Bank: "农业银行", Number: "6228480012345678"}})
	must(t, err)
	a, way := v.press(t, h.atCheckout(t, v, "5"), "pay", "transfer")
	if a.status != http.StatusOK || !strings.HasSuffix(way, "/result") {
		t.Fatalf("%s answers %d", way, a.status)
	}
	list, err := h.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}})
	must(t, err)
	story, err := h.Orders.Story(t.Context(), list[0].Ref())
	must(t, err)
	has(t, a.body, story.Paid.Reference, "¥130.00", "6228480012345678")
	_, err = h.Orders.Confirm(t.Context(), h.Operator, h.Market, story.Payment, 5000, "B-"+id.New().String())
	must(t, err)
	has(t, v.page(t, way), "¥50.00", "¥80.00")
}

func TestCashOnDeliveryIsChosenAtTheCheckoutWhereTheSellerTakesIt(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Person(t, "付现的"))
	if a, _ := v.press(t, h.atCheckout(t, v, "5"), "pay", "cash"); a.status != http.StatusUnprocessableEntity && a.status != http.StatusConflict {
		t.Fatalf("cash that nobody takes is answered %d: %s", a.status, plain(a.body))
	}
	h.plant(t, `INSERT INTO sale_terms (market_id, owner_id, terms, changed_by, changed_at) VALUES ($1, $3, '{"cash": {}}', $4, $2)`, h.Listing.ProducerID, h.Operator.ID)
	must(t, cash.Trust(t.Context(), h.DB, h.Market, h.Producer.PayeeID, 200_00, h.Operator.ID))
	a, way := v.press(t, h.atCheckout(t, v, "5"), "pay", "cash")
	if a.status != http.StatusOK || strings.Contains(way, "/checkout") {
		t.Fatalf("%s answers %d: %s", way, a.status, plain(a.body))
	}
	list, err := h.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}})
	must(t, err)
	if len(list) != 1 || list[0].State != order.Secured {
		t.Errorf("%+v", list)
	}
}

func TestNobodySeesAForeignOrderOrPayment(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	pay := h.buy(t, v)
	list, err := h.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}})
	must(t, err)
	mine := "/orders/" + h.code(t) + "/" + list[0].ID.String()
	other := h.visitor(t, h.Person(t, "别人"))
	for _, who := range []*visitor{h.nobody(), other} {
		for _, way := range []string{mine, pay, pay + "/result", mine + "/pack", mine + "/ship", "/orders/" + h.code(t) + "/" + id.New().String(), "/orders/XX/" + list[0].ID.String(), "/orders/" + h.code(t) + "/1"} {
			if a := who.get(t, way); a.status != http.StatusNotFound {
				t.Errorf("%s answers %d", way, a.status)
			}
		}
		who.get(t, "/sign-in")
		for _, way := range []string{mine + "/cancel", mine + "/accept", mine + "/refund", pay} {
			if a := who.post(t, way, "outcome", "pay", "why", "x"); a.status != http.StatusNotFound {
				t.Errorf("pressing %s answers %d", way, a.status)
			}
		}
		if strings.Contains(who.page(t, "/orders"), list[0].Number) {
			t.Error("it stands in somebody else's list")
		}
	}
}

func TestAForbiddenMoveShowsThePageWithWhatIsAllowed(t *testing.T) {
	h := newHouse(t)
	v, seller := h.nobody(), h.visitor(t, h.Seller.Person)
	mine := h.paid(t, v)
	const notNow, notTheirs = http.StatusConflict, http.StatusForbidden
	for _, c := range []struct {
		who    *visitor
		move   string
		status int
	}{{v, "accept", notTheirs}, {v, "confirm", notNow}, {v, "cancel", notNow}, {seller, "confirm", notTheirs}, {seller, "ship", notNow}, {seller, "pack", notNow}} {
		c.who.page(t, mine)
		a := c.who.post(t, mine+"/"+c.move, "weight.1", "5", "carrier", "zto", "number", "1")
		if a.status != c.status || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%s answers %d: %s", c.move, a.status, plain(a.body))
		}
	}
	if a := seller.get(t, mine+"/pack"); a.status != http.StatusConflict {
		t.Errorf("the form of a move that is not possible: %d", a.status)
	}
	if a := seller.post(t, mine+"/fly"); a.status != http.StatusNotFound {
		t.Errorf("an unknown move: %d", a.status)
	}
}

func TestWeightsOutsideTheBandAreToldInTheirUnit(t *testing.T) {
	h := newHouse(t)
	v, seller := h.nobody(), h.visitor(t, h.Seller.Person)
	mine := h.paid(t, v)
	_, _ = seller.press(t, form(t, seller.page(t, mine), mine+"/accept"))
	pack := form(t, seller.page(t, mine+"/pack"), mine+"/pack")
	for _, weight := range []string{"4", "6", "", "abc", "-5", "99999999999999999999"} {
		a, _ := seller.press(t, pack, "weight.1", weight)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="`+weight+`"`) || !strings.Contains(a.body, "weight.1-e") {
			t.Errorf("%q answers %d: %s", weight, a.status, plain(a.body))
		}
	}
	a, _ := seller.press(t, pack, "weight.1", "4")
	has(t, a.body, "0.85")
	_, _ = seller.press(t, pack, "weight.1", "5")
	a, _ = seller.press(t, form(t, seller.page(t, mine+"/ship"), mine+"/ship"), "carrier", strings.Repeat("x", 100))
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("an endless carrier answers %d", a.status)
	}
}

func TestTheSellerRefundsALineOncePerForm(t *testing.T) {
	h := newHouse(t)
	v, seller := h.nobody(), h.visitor(t, h.Seller.Person)
	mine := h.paid(t, v)
	back := form(t, seller.page(t, mine), mine+"/refund")
	if a, _ := seller.press(t, back, "line.1", "500", "why", "碎了"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "¥130.00") {
		t.Errorf("too much answers %d: %s", a.status, plain(a.body))
	}
	if a, _ := seller.press(t, back, "line.1", "10"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.status)
	}
	for range 2 {
		a, _ := seller.press(t, back, "line.1", "100", "why", "碎了一些")
		if a.status != http.StatusOK {
			t.Fatalf("answers %d: %s", a.status, plain(a.body))
		}
		has(t, a.body, "碎了一些", "¥30.00")
	}
	h.balanced(t)
	if a := v.post(t, mine+"/refund", "whole", "yes", "why", "x"); a.status != http.StatusForbidden {
		t.Errorf("the buyer refunds: %d", a.status)
	}
}

func TestAnOrderCanBeDeclinedAndCancelled(t *testing.T) {
	h := newHouse(t)
	v, seller := h.nobody(), h.visitor(t, h.Seller.Person)
	mine := h.paid(t, v)
	a, _ := seller.press(t, form(t, seller.page(t, mine), mine+"/decline"), "why", "下雨了")
	has(t, a.body, "下雨了")
	has(t, v.page(t, mine), "下雨了", "¥130.00")
	_ = h.buy(t, v)
	list, err := h.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}, States: []order.State{order.Placed}})
	must(t, err)
	second := "/orders/" + h.code(t) + "/" + list[0].ID.String()
	if a, _ := v.press(t, form(t, v.page(t, second), second+"/cancel")); a.status != http.StatusOK {
		t.Errorf("cancel answers %d", a.status)
	}
	op := h.visitor(t, h.operator(t, h.Market))
	third := h.paid(t, v)
	s := form(t, op.page(t, third), third+"/cancel")
	if a, _ := op.press(t, s); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an operator cancels without a word: %d", a.status)
	}
	if a, _ := op.press(t, s, "why", "路断了"); a.status != http.StatusOK {
		t.Errorf("with one: %d %s", a.status, plain(a.body))
	}
	h.balanced(t)
	all, err := h.Orders.List(t.Context(), order.Filter{Markets: []int32{h.Market}})
	must(t, err)
	for _, o := range all {
		if o.State != order.Cancelled {
			t.Errorf("%s is %s", o.Number, o.State)
		}
	}
}

func TestTheAgentLooksOnWithoutTheAddress(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Buyer.Person)
	v.get(t, "/s/"+h.Agent.Code)
	mine := h.paid(t, v)
	page := h.visitor(t, h.AgentBy).page(t, mine)
	for _, secret := range []string{"学院路", "13900000000", "王芳", h.Buyer.Phone, "Buyer"} {
		if strings.Contains(page, secret) {
			t.Errorf("the agent reads %s", secret)
		}
	}
	has(t, page, "B**")
}
