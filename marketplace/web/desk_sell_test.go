package web_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"commonfield/agents/statement"
	"commonfield/catalog"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// goods names the world's listing in a short link.
func (h *house) goods(t *testing.T) string {
	t.Helper()
	return h.code(t) + "-" + base64.RawURLEncoding.EncodeToString(h.Listing.ID[:])
}

func TestSeveralOrdersAreAcceptedTogetherAndPrinted(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	first, second := h.UpTo(t, order.Secured), h.UpTo(t, order.Secured)
	way := fmt.Sprintf("/desk/producer/orders?state=new&market=%d", h.Market)
	has(t, v.page(t, way), first.ID.String(), second.ID.String())
	has(t, v.page(t, v.does(t, way)), "没有勾上订单")
	v.does(t, way, "order", first.ID.String(), "order", second.ID.String(), "order", first.ID.String())
	h.Must(t, first, order.Accepted)
	h.Must(t, second, order.Accepted)
	for _, page := range []string{"/desk/producer/packing", "/desk/producer/labels"} {
		body := v.page(t, page)
		for _, ref := range []order.Ref{first, second} {
			o, err := h.Orders.Find(t.Context(), ref)
			must(t, err)
			has(t, body, o.Number, "王芳", "<svg")
		}
	}
	has(t, v.page(t, "/desk/producer/packing"), "4.85–5.15", "10\u00a0kg")
	one := v.page(t, "/desk/producer/labels?order="+first.ID.String())
	if o, _ := h.Orders.Find(t.Context(), second); strings.Contains(one, o.Number) {
		t.Error("a label was made that nobody asked for")
	}
	has(t, one, "13900000000", "学院路")
}

func TestAnOrderThatWentAwayDoesNotKeepTheOthers(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	gone, there := h.UpTo(t, order.Secured), h.UpTo(t, order.Secured)
	must(t, h.Orders.Cancel(t.Context(), h.Seller, gone, "没有了"))
	a := v.post(t, fmt.Sprintf("/desk/producer/orders?state=new&market=%d", h.Market), "order", gone.ID.String(), "order", there.ID.String())
	if a.status != http.StatusConflict {
		t.Fatalf("answers %d: %s", a.status, plain(a.body))
	}
	h.Must(t, there, order.Accepted)
	h.Must(t, gone, order.Cancelled)
}

func TestNobodyPrintsOrAcceptsAnothersOrders(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Secured)
	other := h.Person(t, "阿不都")
	_, err := h.m.Producers.Apply(t.Context(), once.Key{}, h.Market, h.Operator.Person, application(other.ID))
	must(t, err)
	v := h.visitor(t, other)
	for _, way := range []string{"/desk/producer/labels?order=", "/desk/producer/packing?order="} {
		if a := v.get(t, way+ref.ID.String()); a.status != http.StatusNotFound || strings.Contains(a.body, "王芳") {
			t.Errorf("%s of another answers %d", way, a.status)
		}
		if a := v.get(t, way+"x"); a.status != http.StatusNotFound {
			t.Errorf("%s of nothing answers %d", way, a.status)
		}
	}
	if a := v.post(t, fmt.Sprintf("/desk/producer/orders?state=new&market=%d", h.Market), "order", ref.ID.String()); a.status != http.StatusNotFound {
		t.Errorf("accepting another's order answers %d", a.status)
	}
	h.Must(t, ref, order.Secured)
	if strings.Contains(v.page(t, "/desk/producer/labels")+v.page(t, "/desk/producer/orders")+v.page(t, "/desk/producer/income"), "王芳") {
		t.Error("another's buyer is shown")
	}
}

func TestGoodsAreCopiedPreviewedAndTheirPhotosPutInOrder(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	q := fmt.Sprintf("?market=%d", h.Market)
	base := fmt.Sprintf("/desk/producer/listings/%d/%s", h.Market, h.Listing.ID)
	for range 2 {
		v.does(t, base+"/copy"+q, "key", "once")
	}
	all := listings(t, h)
	if len(all) != 2 || all[0].State != catalog.Drafted || all[0].Title != h.Listing.Title || all[0].PriceMinor != h.Listing.PriceMinor {
		t.Fatalf("copied to %+v", all)
	}
	draft := fmt.Sprintf("/desk/producer/listings/%d/%s", h.Market, all[0].ID)
	has(t, v.page(t, draft+"/preview"+q), h.Listing.Title, "草稿")
	if a := h.nobody().get(t, fmt.Sprintf("/listings/%s/%s", h.code(t), all[0].ID)); a.status != http.StatusNotFound {
		t.Errorf("a draft answers %d to everybody", a.status)
	}
	if a := h.visitor(t, h.Buyer.Person).get(t, draft+"/preview"+q); a.status != http.StatusForbidden {
		t.Errorf("a draft's preview answers %d to a buyer", a.status)
	}
	change := goods("title_zh", "薄皮核桃", "unit", "kg", "price", "26", "minimum", "0.5", "stock", "0", "state", "draft")
	went(t, draft, v.send(t, draft+q+"&version=1", "photo", picture(t), change...))
	went(t, draft, v.send(t, draft+q+"&version=2", "photo", wide(t), change...))
	two := listings(t, h)[0].Photos
	went(t, draft, v.send(t, draft+q+"&version=3", "", nil, append(change, "up", two[1])...))
	if now := listings(t, h)[0].Photos; len(now) != 2 || now[0] != two[1] || now[1] != two[0] {
		t.Errorf("the photos lie as %v, before %v", now, two)
	}
	has(t, v.page(t, base+"/stock"+q), "进进出出", "进仓")
}

func TestAStatementIsReadOnPageAndInAWorkbookToTheFen(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Completed)
	h.UpTo(t, order.Completed)
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		// What people write as a title is a title.
		_, err := tx.Exec("UPDATE order_lines SET title = '=HYPERLINK(\"http://x\")' WHERE market_id = $1", h.Market)
		return err
	}))
	h.UpTo(t, order.Completed)
	_, err := h.Orders.Refund(t.Context(), once.Key{}, h.Operator, ref, []order.Part{{Line: 1, Amount: 1301}}, "=碎了")
	must(t, err)
	for path, v := range map[string]*visitor{"/desk/producer/statements": h.visitor(t, h.Seller.Person), "/desk/agent/statements": h.visitor(t, h.AgentBy)} {
		has(t, v.page(t, path), "2026")
		var s statement.Statement
		body := v.page(t, path+"/2026-11")
		must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) {
			payee := h.Producer.PayeeID
			if strings.Contains(path, "agent") {
				if err := tx.Get(&payee, "SELECT payee_id FROM market_agents WHERE market_id = $1", h.Market); err != nil {
					return err
				}
			}
			s, err = statement.Of(tx, payee, statement.Month{Year: 2026, Month: time.November}, time.FixedZone("market", 8*3600))
			return err
		}))
		if s.Sales != 3 || s.Reversed >= 0 {
			t.Fatalf("the statement is %+v", s)
		}
		has(t, body, fmt.Sprintf("¥%d.%02d", s.Closing/100, s.Closing%100), "=碎了", "=HYPERLINK")
		v.lang = "en"
		has(t, v.page(t, path+"/2026-11"), "Taken back")
		v.lang = "zh"
		a := v.get(t, path+"/2026-11.xlsx")
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
			t.Fatalf("the workbook answers %d", a.status)
		}
		if sum := bookSum(t, a.body); sum != s.Earned+s.Reversed {
			t.Errorf("the workbook's lines are %d, the statement %d", sum, s.Earned+s.Reversed)
		}
		for _, bad := range []string{"/2026-13", "/2027-01", "/x", "/2026-12.xlsx", "/2026-11.csv"} {
			if a := v.get(t, path+bad); a.status != http.StatusNotFound {
				t.Errorf("%s answers %d", path+bad, a.status)
			}
		}
		if a := v.get(t, path+"/2026-11?after=x"); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a cursor that is none answers %d", a.status)
		}
	}
	for _, v := range []*visitor{h.visitor(t, h.Buyer.Person), h.visitor(t, h.AgentBy)} {
		if a := v.get(t, "/desk/producer/statements/2026-11"); a.status != http.StatusForbidden {
			t.Errorf("a producer's statement answers %d to somebody else", a.status)
		}
	}
}

// bookSum adds up the sums of the workbook's lines and holds them against its total.
func bookSum(t *testing.T, body string) int64 {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader([]byte(body)))
	must(t, err)
	defer func() { _ = f.Close() }()
	name := f.GetSheetList()[1]
	rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
	must(t, err)
	var sum int64
	for i, r := range rows[1 : len(rows)-1] {
		sum += fen(t, r[5])
		for _, column := range "ABCDEFG" {
			if formula, _ := f.GetCellFormula(name, string(column)+strconv.Itoa(i+2)); formula != "" {
				t.Errorf("a formula in the workbook: %s", formula)
			}
		}
	}
	if total := fen(t, rows[len(rows)-1][5]); total != sum {
		t.Errorf("the lines are %d, their total %d", sum, total)
	}
	return sum
}

func fen(t *testing.T, text string) int64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	must(t, err)
	n, err := strconv.ParseInt(strconv.FormatFloat(x*100, 'f', 0, 64), 10, 64)
	must(t, err)
	return n
}

// reads opens an address as a person's browser does.
func (v *visitor) reads(t *testing.T, way, agent string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, way, nil)
	r.Header.Set("User-Agent", agent)
	return v.ask(t, r)
}

const browser = "Mozilla/5.0 (Linux; Android 14; V2307A) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"

func TestAnAgentsShelfIsArrangedAndOpensByTheShortLink(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.AgentBy)
	dates := h.Offer(t, "骏枣", 3000, 5000)
	way := fmt.Sprintf("/desk/agent/shelf?market=%d", h.Market)
	if a := h.nobody().get(t, "/s/"+h.Agent.Code); a.status != http.StatusFound || a.header.Get("Location") != "/" {
		t.Errorf("an empty shelf answers %d to %s", a.status, a.header.Get("Location"))
	}
	at := fmt.Sprint(h.Market)
	for range 2 {
		v.does(t, way, "deed", "put", "at", at, "listing", h.Listing.ID.String())
	}
	v.does(t, way, "deed", "put", "at", at, "listing", dates.ID.String())
	v.does(t, way, "deed", "up", "at", at, "listing", dates.ID.String())
	v.does(t, way, "deed", "greet", "greeting", "<script>alert(1)</script> 都是\n我尝过的")
	guest := h.nobody()
	body := guest.page(t, "/s/"+strings.ToLower(h.Agent.Code))
	has(t, body, "马春兰", "&lt;script&gt;alert(1)&lt;/script&gt; 都是 我尝过的")
	if strings.Contains(body, "<script>alert") || strings.Index(body, "骏枣") > strings.Index(body, "薄皮核桃") {
		t.Error("the shelf is not as it was arranged")
	}
	if guest.cookies["cf_agent"] == "" {
		t.Error("the visitor was not remembered as the agent's")
	}
	must(t, h.Catalog.Pause(t.Context(), h.Market, dates.ID, h.Seller.ID))
	if strings.Contains(h.nobody().page(t, "/s/"+h.Agent.Code), "骏枣") {
		t.Error("paused goods stand on the shelf")
	}
	has(t, v.page(t, "/desk/agent"), "不卖了")
	v.does(t, way, "deed", "take", "at", at, "listing", dates.ID.String())
	for name, bad := range map[string][]string{
		"paused goods": {"deed", "put", "at", at, "listing", dates.ID.String()},
		"a long line":  {"deed", "greet", "greeting", strings.Repeat("好", 141)},
		"no deed":      {"deed", "burn", "at", at, "listing", h.Listing.ID.String()},
	} {
		if a := v.post(t, way, bad...); a.status < 400 || a.status >= 500 || strings.Contains(a.body, "⟦") {
			t.Errorf("%s answers %d", name, a.status)
		}
	}
	if a := v.post(t, way, "deed", "put", "at", at, "listing", id.New().String()); a.status != http.StatusNotFound {
		t.Errorf("goods that are none answer %d", a.status)
	}
	other := newHouse(t)
	if a := v.post(t, way, "deed", "put", "at", fmt.Sprint(other.Market), "listing", other.Listing.ID.String()); a.status != http.StatusForbidden {
		t.Errorf("goods of a market where they are nobody answer %d", a.status)
	}
	if a := h.visitor(t, h.Buyer.Person).post(t, way, "deed", "greet", "greeting", "x"); a.status != http.StatusForbidden {
		t.Errorf("somebody who is no agent gets %d", a.status)
	}
	own, err := h.m.Shelf.OfAgent(t.Context(), h.AgentBy.ID)
	must(t, err)
	if len(own.Goods) != 1 || own.Goods[0] != (shelf.Chosen{Market: h.Market, Listing: h.Listing.ID}) {
		t.Errorf("the shelf holds %+v", own)
	}
	has(t, v.page(t, "/desk/agent/share"), h.goods(t))
	has(t, v.page(t, "/desk/agent/poster"), h.Agent.Code, "薄皮核桃")
}

func TestOpenedLinksAreCountedForPeopleOnly(t *testing.T) {
	h := newHouse(t)
	one := h.nobody()
	link := "/s/" + h.Agent.Code + "/" + h.goods(t)
	a := one.reads(t, link, browser)
	if a.status != http.StatusFound || a.header.Get("Location") != h.listing(t) {
		t.Fatalf("the link to goods answers %d to %s", a.status, a.header.Get("Location"))
	}
	one.reads(t, link, browser) // the same visitor again
	h.nobody().reads(t, "/s/"+h.Agent.Code, browser)
	h.nobody().reads(t, link, "Googlebot/2.1")
	h.nobody().reads(t, link, "")
	h.visitor(t, h.AgentBy).reads(t, link, browser)
	ahead := httptest.NewRequest(http.MethodGet, link, nil)
	ahead.Header.Set("User-Agent", browser)
	ahead.Header.Set("Sec-Purpose", "prefetch;prerender")
	h.nobody().ask(t, ahead)
	head := httptest.NewRequest(http.MethodHead, link, nil)
	head.Header.Set("User-Agent", browser)
	h.nobody().ask(t, head)
	sums, err := h.m.Clicks.Since(t.Context(), h.AgentBy.ID, h.Clock.Now().AddDate(0, 0, -1))
	must(t, err)
	var n int64
	for _, s := range sums {
		n += s.Clicks
	}
	if n != 2 || len(sums) != 2 {
		t.Errorf("counted %+v", sums)
	}
	has(t, h.visitor(t, h.AgentBy).page(t, "/desk/agent"), "点开链接 2，下单 0，付了款 0")
	for _, bad := range []string{"/s/" + h.Agent.Code + "/x", "/s/" + h.Agent.Code + "/" + h.code(t) + "-" + base64.RawURLEncoding.EncodeToString(make([]byte, 16)), "/s/NOSUCH/" + h.goods(t), "/s/" + h.Agent.Code + "/" + url.PathEscape("../../desk")} {
		if a := h.nobody().reads(t, bad, browser); a.status != http.StatusNotFound {
			t.Errorf("%s answers %d", bad, a.status)
		}
	}
}

func TestASuspendedAgentsLinkRemembersNobody(t *testing.T) {
	h := newHouse(t)
	must(t, h.m.Agents.Suspend(t.Context(), h.Market, h.Agent.ID, h.Operator.Person, "货不对板"))
	v := h.nobody()
	v.reads(t, "/s/"+h.Agent.Code, browser)
	if v.cookies["cf_agent"] != "" {
		t.Error("the visitor was remembered as the agent's")
	}
	has(t, h.visitor(t, h.AgentBy).page(t, "/desk/agent/share"), "先停着")
}
