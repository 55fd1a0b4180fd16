package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"regexp"
	"strconv"
)

var desks = []string{"/desk/producer", "/desk/producer/orders", "/desk/producer/packing", "/desk/producer/labels", "/desk/producer/goods", "/desk/producer/income",
	"/desk/producer/statements", "/desk/producer/statements/2026-11", "/desk/producer/statements/2026-11.xlsx", "/desk/producer/listings/new",
	"/desk/agent", "/desk/agent/share", "/desk/agent/poster", "/desk/agent/shelf", "/desk/agent/orders", "/desk/agent/commissions", "/desk/agent/statements", "/desk/agent/statements/2026-11", "/desk/agent/statements/2026-11.xlsx"}

var operating = []string{"", "/books", "/jobs", "/payouts", "/refunds", "/offline", "/people", "/applications", "/members", "/rates", "/rates/try", "/treasury", "/between", "/trail", "/search", "/parts", "/markets", "/market"}

func TestEachDeskIsShownEmptyAndFullInBothLanguages(t *testing.T) {
	h := newHouse(t)
	boss := h.operator(t, h.Market)
	new := h.visitor(t, boss)
	for _, lang := range []string{"zh", "en"} {
		new.lang = lang
		for _, way := range operating {
			new.page(t, "/desk/operator"+way+fmt.Sprintf("?market=%d", h.Market))
		}
	}
	for _, state := range []order.State{order.Placed, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed, order.Cancelled} {
		h.UpTo(t, state)
	}
	h.Clock.Advance(8 * 24 * time.Hour)
	full := h.visitor(t, boss)
	grower, agent := h.visitor(t, h.Seller.Person), h.visitor(t, h.AgentBy)
	for _, lang := range []string{"zh", "en"} {
		full.lang, grower.lang, agent.lang = lang, lang, lang
		for _, way := range operating {
			full.page(t, "/desk/operator"+way)
		}
		has(t, grower.page(t, "/desk/producer"), "王芳", "薄皮核桃", "¥119.60")
		grower.page(t, "/desk/producer/listings/new")
		has(t, grower.page(t, fmt.Sprintf("/desk/producer/listings/%d/%s", h.Market, h.Listing.ID)), `value="26.00"`, `value="0.5"`)
		has(t, grower.page(t, fmt.Sprintf("/desk/producer/listings/%d/%s/stock", h.Market, h.Listing.ID)), "kg")
		has(t, agent.page(t, "/desk/agent"), h.Agent.Code, "/s/"+h.Agent.Code, "¥7.80", "¥3,000")
	}
}

func TestAnEmptyDeskSaysWhatIsMissing(t *testing.T) {
	h := newHouse(t)
	for _, lang := range []string{"zh", "en"} {
		grower, agent := h.visitor(t, h.Seller.Person), h.visitor(t, h.AgentBy)
		grower.lang, agent.lang = lang, lang
		has(t, grower.page(t, "/desk/producer"), "/desk/producer/listings/new", "/me#bank-account")
		has(t, agent.page(t, "/desk/agent"), h.Agent.Code, "/me#bank-account")
	}
}

func TestNobodyIsSentToSignInAndComesBack(t *testing.T) {
	h := newHouse(t)
	for _, way := range append([]string{"/desk/operator?market=7"}, desks...) {
		a := h.nobody().get(t, way)
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/sign-in?next=%2Fdesk%2F") {
			t.Errorf("%s answers %d to %q", way, a.status, a.header.Get("Location"))
		}
	}
}

func TestSomebodyWithoutTheRoleIsRefused(t *testing.T) {
	h := newHouse(t)
	buyer := h.visitor(t, h.Buyer.Person)
	for _, way := range desks {
		if a := buyer.get(t, way); a.status != http.StatusForbidden {
			t.Errorf("%s answers %d to a buyer", way, a.status)
		}
	}
	for _, v := range []*visitor{buyer, h.visitor(t, h.Seller.Person), h.visitor(t, h.AgentBy)} {
		for _, way := range operating {
			if a := v.get(t, "/desk/operator"+way); a.status != http.StatusForbidden {
				t.Errorf("%s answers %d to no operator", way, a.status)
			}
		}
		if a := v.post(t, fmt.Sprintf("/desk/operator/treasury?market=%d", h.Market), "deed", "capital_in", "sum", "5", "reference", "x"); a.status != http.StatusForbidden {
			t.Errorf("the treasury answers %d to no operator", a.status)
		}
	}
}

func TestAnOperatorOfAnotherMarketIsRefused(t *testing.T) {
	h := newHouse(t)
	elsewhere := dbtest.Market(t, h.DB)
	boss := h.visitor(t, h.operator(t, elsewhere))
	for _, way := range operating {
		if a := boss.get(t, fmt.Sprintf("/desk/operator%s?market=%d", way, h.Market)); a.status != http.StatusForbidden {
			t.Errorf("%s answers %d to the operator of another market", way, a.status)
		}
	}
	for way, pairs := range map[string][]string{
		"/treasury": {"deed", "capital_in", "sum", "5", "reference", "x"}, "/payouts": {"all", "yes"}, "/rates": {"what", "fee", "rate", "3"},
		"/people/" + h.Buyer.ID.String(): {"role", "operator", "deed", "give"}, "/members": {"member", h.Producer.ID.String(), "kind", "producer", "deed", "suspend", "why", "x"},
	} {
		if a := boss.post(t, fmt.Sprintf("/desk/operator%s?market=%d", way, h.Market), pairs...); a.status != http.StatusForbidden {
			t.Errorf("%s answers %d to the operator of another market", way, a.status)
		}
	}
	if a := boss.get(t, fmt.Sprintf("/desk/producer?market=%d&producer=%s", h.Market, h.Producer.ID)); a.status != http.StatusForbidden {
		t.Errorf("another market's producer answers %d", a.status)
	}
}

func TestAFormWithoutItsTokenIsRefused(t *testing.T) {
	h := newHouse(t)
	boss := h.visitor(t, h.operator(t, h.Market))
	boss.page(t, "/desk/operator")
	boss.csrf = "of somebody else"
	if a := boss.post(t, "/desk/operator/treasury", "deed", "capital_in", "sum", "5", "reference", "x"); a.status != http.StatusForbidden {
		t.Errorf("answers %d", a.status)
	}
}

func TestAProducerOfTwoMarketsChoosesOne(t *testing.T) {
	h := newHouse(t)
	other := newHouse(t) // another market of the same database
	_, err := other.m.Producers.Apply(t.Context(), noKey, other.Market, other.Operator.Person, application(h.Seller.ID))
	must(t, err)
	v := h.visitor(t, h.Seller.Person)
	has(t, v.page(t, "/desk/producer"), fmt.Sprintf("market=%d", other.Market), "薄皮核桃")
	if strings.Contains(v.page(t, fmt.Sprintf("/desk/producer?market=%d", other.Market)), "薄皮核桃") {
		t.Error("the goods of the first market are shown in the second")
	}
	if strings.Contains(v.page(t, "/desk/producer"), "薄皮核桃") {
		t.Error("the choice is not remembered")
	}
	third := dbtest.Market(t, h.DB)
	if a := v.get(t, fmt.Sprintf("/desk/producer?market=%d", third)); a.status != http.StatusForbidden {
		t.Errorf("a market where they are nobody answers %d", a.status)
	}
}

func TestAnOperatorActsForSomebodyOffline(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	way := fmt.Sprintf("/desk/operator/producers?market=%d", h.Market)
	if a := v.post(t, way, "name", "艾山", "region", "000"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="艾山"`) {
		t.Fatalf("a producer without a licence answers %d", a.status)
	}
	desk := v.does(t, way, "key", "k", "name", "艾山", "region", "652823100", "exemption", "零星农产品")
	if again := v.does(t, way, "key", "k", "name", "艾山", "region", "652823100", "exemption", "零星农产品"); again != desk {
		t.Errorf("the same form made another producer: %s and %s", desk, again)
	}
	has(t, v.page(t, desk), "艾山", `name="holder"`)
	has(t, v.page(t, "/desk/producer/listings/new"), "艾山", "producer=") // the desk's own links say no producer
	_, query, _ := strings.Cut(desk, "?")
	if a := v.post(t, "/desk/producer/bank?"+query, "holder", "艾山", "bank", "农业银行", "number", "12"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a short account number answers %d", a.status)
	}
	v.does(t, "/desk/producer/bank?"+query, "holder", "艾山", "bank", "农业银行", "number", "6228480012345678")
	has(t, v.page(t, desk), "5678")
	listing := went(t, "new", v.send(t, "/desk/producer/listings/new?"+query, "", nil, goods("title_zh", "骏枣")...))
	has(t, v.page(t, listing), "骏枣", "producer=")
	v.page(t, fmt.Sprintf("/desk/operator?market=%d", h.Market)) // back at one's own desk
	if a := v.get(t, "/desk/producer"); a.status != http.StatusForbidden {
		t.Errorf("after leaving, the producer's desk answers %d", a.status)
	}
	own := h.visitor(t, h.Seller.Person)
	if a := own.get(t, strings.Split(listing, "?")[0]); a.status != http.StatusNotFound {
		t.Errorf("another producer's listing answers %d", a.status)
	}
}

func TestRolesAreGrantedAndNobodyTakesTheirOwn(t *testing.T) {
	h := newHouse(t)
	me := h.operator(t, h.Market)
	v := h.visitor(t, me)
	has(t, v.page(t, "/desk/operator/people?q="+strings.Replace(h.Buyer.Phone, "+", "%2B", 1)), "Buyer")
	way := h.way("/desk/operator/people/" + h.Buyer.ID.String())
	for _, lang := range []string{"zh", "en"} {
		v.lang = lang
		has(t, v.page(t, way), "Buyer")
	}
	if a := v.post(t, way, "role", "clerk", "region", "652823100", "deed", "give"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a clerk of another market's region answers %d", a.status)
	}
	if a := v.post(t, way, "role", "king", "deed", "give"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a role that is none answers %d", a.status)
	}
	if a := v.get(t, h.way("/desk/operator/people/"+id.New().String())); a.status != http.StatusNotFound {
		t.Errorf("nobody's page answers %d", a.status)
	}
	v.does(t, way, "role", "operator", "deed", "give")
	if !operates(t, h, h.Buyer.Person) {
		t.Fatal("the role was not granted")
	}
	v.does(t, way, "role", "operator", "deed", "take")
	if operates(t, h, h.Buyer.Person) {
		t.Fatal("the role was not withdrawn")
	}
	if a := v.post(t, h.way("/desk/operator/people/"+me.ID.String()), "role", "operator", "deed", "take"); a.status != http.StatusConflict {
		t.Errorf("one's own role answers %d", a.status)
	}
	v.lang = "zh"
	has(t, v.page(t, h.way("/desk/operator/trail")), "看了一个人的资料", "给了身份", "收回了身份", "运营")
	has(t, v.page(t, h.way("/desk/operator/trail")+"&deed=role"), "给了身份")
	if strings.Contains(v.page(t, h.way("/desk/operator/trail")+"&deed=role"), "看了一个人的资料") {
		t.Error("the trail is not filtered")
	}
	if strings.Contains(v.page(t, h.way("/desk/operator/trail")+"&who="+strings.Replace(h.Buyer.Phone, "+", "%2B", 1)), "给了身份") {
		t.Error("the trail shows what others did")
	}
	if a := v.get(t, h.way("/desk/operator/people")+"&all=yes"); a.status != http.StatusOK || strings.Contains(a.body, "after=") {
		t.Errorf("all accounts are open to an operator of one market: %d", a.status)
	}
}

func operates(t *testing.T, h *house, p people.Person) bool {
	t.Helper()
	found, err := h.m.People.FindByLogin(t.Context(), p.Phone)
	must(t, err)
	return found.IsOperator(h.Market)
}

func TestMembersAreStoppedAndLetInAgainWithAReason(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	way := fmt.Sprintf("/desk/operator/members?market=%d", h.Market)
	for kind, member := range map[string]id.ID{"producer": h.Producer.ID, "agent": h.Agent.ID} {
		if a := v.post(t, way, "member", member.String(), "kind", kind, "deed", "suspend"); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: no reason answers %d", kind, a.status)
		}
		v.does(t, way, "member", member.String(), "kind", kind, "deed", "suspend", "why", "货不对板")
		has(t, v.page(t, way), `value="readmit"`)
		v.does(t, way, "member", member.String(), "kind", kind, "deed", "readmit", "why", "改好了")
	}
	applicant := h.Person(t, "帕提曼")
	agent, err := h.m.Agents.Apply(t.Context(), h.Market, applicant)
	must(t, err)
	has(t, h.visitor(t, applicant).page(t, "/desk/agent"), "申请还在看")
	has(t, v.page(t, "/desk/operator/applications"), "帕提曼")
	v.does(t, fmt.Sprintf("/desk/operator/applications?market=%d", h.Market), "application", agent.ID.String(), "answer", "yes")
	if strings.Contains(h.visitor(t, applicant).page(t, "/desk/agent"), "申请还在看") {
		t.Error("the application was not answered")
	}
}

func TestAnAgentReadsWhyAnEntryIsWhatItIs(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Completed)
	v := h.visitor(t, h.AgentBy)
	has(t, v.page(t, "/desk/agent"), "¥7.80")
	has(t, v.page(t, "/desk/agent/commissions"), "¥7.80", "130.00")
	var entry id.ID
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) error {
		return tx.Get(&entry, "SELECT id FROM commissions WHERE market_id = $1 AND sale_id = $2", h.Market, ref.ID)
	}))
	way := fmt.Sprintf("/desk/agent/commissions/%d/%s", h.Market, entry)
	has(t, v.page(t, way), "¥7.80", "6%")
	if a := h.visitor(t, h.Seller.Person).get(t, way); a.status != http.StatusForbidden {
		t.Errorf("somebody who is no agent gets %d", a.status)
	}
	png := v.get(t, "/desk/agent/qr.png")
	if png.status != http.StatusOK || png.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(png.body, "\x89PNG") {
		t.Errorf("the code is %d %s", png.status, png.header.Get("Content-Type"))
	}
	h.Clock.Advance(8 * 24 * time.Hour)
	h.Drain(t)
	sums := map[id.ID]int64{}
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { sums, err = payable.Open(tx); return }))
	if len(sums) != 2 {
		t.Fatalf("payable: %v", sums)
	}
	has(t, v.page(t, "/desk/agent"), "可付")
}

// Somebody acts for two growers in two windows: each page leads on to the grower it is
// about, whatever was opened last; and a page of an order leads an operator to no desk
// that is not theirs.
func TestADeskLeadsOnToTheGrowerForWhomSomebodyActs(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Accepted)
	boss := h.visitor(t, h.operator(t, h.Market))
	at := "?market=" + strconv.Itoa(int(h.Market)) + "&producer=" + h.Listing.ProducerID.String()
	ways := regexp.MustCompile(`href="(/desk/producer[^"]*)"`)
	for _, way := range []string{"", "/orders", "/goods", "/income", "/statements", "/listings/new", "/packing", "/labels", "/terms", "/returns", "/messages"} {
		found := ways.FindAllStringSubmatch(boss.page(t, "/desk/producer"+way+at), -1)
		if len(found) < 5 {
			t.Errorf("%s leads to %v", way, found)
		}
		for _, m := range found {
			if !strings.Contains(m[1], "producer="+h.Listing.ProducerID.String()) && !strings.Contains(m[1], "lang=") {
				t.Errorf("%s leads to %s, which is whoever was looked at last", way, m[1])
			}
		}
	}
	delete(boss.cookies, "cf_desk")
	for _, way := range []string{"", "/pack"} {
		body := boss.page(t, "/orders/"+h.code(t)+"/"+ref.ID.String()+way)
		if found := ways.FindString(body); found != "" {
			t.Errorf("an order's page%s leads an operator to %s", way, found)
		}
		has(t, body, `href="/desk/operator`)
	}
	for _, m := range regexp.MustCompile(`href="(/orders/[^"]*/papers/[^".]*)"`).FindAllStringSubmatch(boss.page(t, "/orders/"+h.code(t)+"/"+ref.ID.String()), -1) {
		if found := ways.FindString(boss.page(t, m[1])); found != "" {
			t.Errorf("%s leads an operator to %s", m[1], found)
		}
	}
}
