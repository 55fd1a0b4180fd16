package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/catalog"
	"commonfield/marketplace"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/ledger"
)

// fresh is the door of an installation that nobody has used.
func fresh(t *testing.T) *house {
	t.Helper()
	db, address := dbtest.Own(t)
	must(t, marketplace.Prepare(t.Context(), db))
	m, err := marketplace.Open(t.Context(), marketplace.Config{URL: address, Data: t.TempDir(), Pool: 6, Production: true, Guard: dbtest.Guard})
	must(t, err)
	t.Cleanup(func() { _ = m.Shut() })
	m.People.Cost = people.LightCost
	app := fiber.New(door.Config(web.OnError))
	d := door.New(m, door.Options{Trusted: nearby})
	app.Use(d.Every)
	web.Mount(app, d)
	return &house{m: m, app: app}
}

func TestTheFirstRunEndsOnTheDeskOfTheFirstMarket(t *testing.T) {
	h := fresh(t)
	v := h.nobody()
	for _, lang := range []string{"zh", "en"} {
		v.lang = lang
		has(t, v.page(t, "/"), `href="/setup"`)
		v.page(t, "/setup")
	}
	v.lang = "zh"
	code, err := h.m.People.SetupCode(t.Context())
	must(t, err)
	wrong := v.post(t, "/setup", "code", "0000-0000", "name", "李会计", "who", "13900001111", "password", "walnut-harvest-1")
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, `value="李会计"`) || strings.Contains(wrong.body, "walnut-harvest-1") {
		t.Fatalf("a wrong code answers %d: %s", wrong.status, plain(wrong.body))
	}
	if to := v.does(t, "/setup", "code", strings.ToLower(code), "name", "李会计", "who", "13900001111", "password", "walnut-harvest-1"); to != "/desk/operator/markets/new" {
		t.Fatalf("goes on to %s", to)
	}
	if a := h.nobody().get(t, "/setup"); a.status != http.StatusNotFound {
		t.Errorf("the page is still there: %d", a.status)
	}
	v.page(t, "/me")
	if a := v.post(t, "/setup", "code", code, "name", "x", "who", "13900001112", "password", "walnut-harvest-2"); a.status != http.StatusNotFound {
		t.Errorf("the code opens again: %d", a.status)
	}
	if a := v.get(t, "/desk/operator"); a.header.Get("Location") != "/desk/operator/markets/new" {
		t.Errorf("the desk without a market answers %d to %s", a.status, a.header.Get("Location"))
	}
	has(t, v.page(t, "/desk/operator/markets/new"), "新疆维吾尔自治区")
	has(t, v.page(t, "/desk/operator/markets/new?q=%E6%96%B0%E7%96%86+%E5%B0%89%E7%8A%81"), "region=652823")
	has(t, v.page(t, "/desk/operator/markets/new?under=6528"), "region=652823")
	has(t, v.page(t, "/desk/operator/markets/new?q=%E6%B2%A1%E6%9C%89"), "没有找到这个地方")
	if a := v.get(t, "/desk/operator/markets/new?region=99"); a.status != http.StatusSeeOther {
		t.Errorf("an unknown place answers %d", a.status)
	}

	way, form := "/desk/operator/markets/new?region=652823", []string{"key", "k", "name", "尉犁集市", "code", "yl", "currency", "cny", "time_zone", "Asia/Shanghai",
		"fee", "3", "tax", "0", "commission", "8", "hold", "7", "holder", "尉犁共田", "bank", "农业银行", "number", "6228 4800 1234 5678", "capital", "10000"}
	refused := v.post(t, way, append([]string{"code", "1", "fee", "60"}, form[2:]...)...) // the first of two values counts
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("a code that is none answers %d", refused.status)
	}
	if all, _ := h.m.Books.All(t.Context()); len(all) != 0 {
		t.Fatalf("a refused form has opened %+v", all)
	}
	for range 2 { // pressed twice
		if to := v.does(t, way, form...); to != "/desk/operator?market=1" {
			t.Fatalf("goes on to %s", to)
		}
	}
	all, err := h.m.Books.All(t.Context())
	if err != nil || len(all) != 1 || all[0].Number != "6228480012345678" || all[0].Code != "YL" {
		t.Fatalf("markets: %+v %v", all, err)
	}
	must(t, h.m.DB.View(t.Context(), 1, func(tx *storage.Tx) error {
		have, err := ledger.Balance(tx, ledger.OwnCapital)
		if err != nil || have[ledger.OwnCapital] != 1_000_000 && have[ledger.OwnCapital] != -1_000_000 {
			t.Errorf("capital: %v %v", have, err)
		}
		rates, err := catalog.Rates(tx)
		if len(rates) != 1 || rates[0].RateBP != 300 {
			t.Errorf("rates: %+v", rates)
		}
		return err
	}))
	report, err := h.m.Audit(t.Context(), 0, 1)
	if err != nil || !report.OK {
		t.Errorf("the books of a new market: %+v %v", report, err)
	}
	has(t, v.page(t, "/desk/operator"), "开市要办的事", "请第二个运营")
	v.page(t, "/desk/operator/markets")
	v.page(t, "/desk/operator/parts")
	has(t, v.page(t, "/desk/operator/market"), "6228480012345678")
	if body := h.nobody().page(t, "/"); strings.Contains(body, "/setup") {
		t.Error("the shop still sends people to the first run")
	}
}

func TestOnlyOperatorsOfThePlatformOpenMarkets(t *testing.T) {
	h := newHouse(t)
	for _, v := range []*visitor{h.visitor(t, h.operator(t, h.Market)), h.visitor(t, h.Buyer.Person)} {
		if a := v.get(t, "/desk/operator/markets/new"); a.status != http.StatusForbidden {
			t.Errorf("the page answers %d", a.status)
		}
		if a := v.post(t, "/desk/operator/markets/new?region=652823", "name", "x", "code", "XX", "currency", "CNY", "time_zone", "Asia/Shanghai", "fee", "3", "tax", "0", "commission", "8"); a.status != http.StatusForbidden {
			t.Errorf("the form answers %d", a.status)
		}
	}
}

func TestAMarketIsChangedAndPausedByItsOwnOperatorsOnly(t *testing.T) {
	h := newHouse(t)
	boss := h.visitor(t, h.operator(t, h.Market))
	here := h.way("/desk/operator/market")
	form := []string{"name", "新名字", "name_en", "New name", "operator", "合作社", "licence", "91", "time_zone", "Asia/Shanghai", "holder", "合作社", "bank", "农业银行", "number", "6228480012345678"}
	boss.does(t, here, form...)
	has(t, boss.page(t, here), "新名字", "6228480012345678", "农业银行")
	if a := boss.post(t, here, append(form, "number", "")...); a.status != http.StatusSeeOther {
		t.Errorf("the first of two values counts: %d", a.status)
	}
	if a := boss.post(t, here, "name", "", "bank", "农业银行", "time_zone", "Mars"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("wrong values answer %d", a.status)
	}
	other := h.visitor(t, h.operator(t, dbtest.Market(t, h.DB)))
	for _, way := range []string{here, h.way("/desk/operator/market/pause")} {
		if a := other.post(t, way, append(form, "deed", "pause")...); a.status != http.StatusForbidden {
			t.Errorf("%s answers %d to the operator of another market", way, a.status)
		}
	}
	has(t, boss.page(t, boss.does(t, h.way("/desk/operator/market/pause"), "deed", "pause")), "停业")
	if m, err := h.m.Books.Market(t.Context(), h.Market); err != nil || !m.Paused() {
		t.Errorf("%+v %v", m, err)
	}
	boss.does(t, h.way("/desk/operator/market/pause"), "deed", "resume")
	if a := boss.post(t, h.way("/desk/operator/market/pause"), "deed", "burn"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown deed answers %d", a.status)
	}
	h.UpTo(t, "secured")
	a := boss.post(t, here, append(form[:8:8], "time_zone", "Asia/Urumqi")...)
	if a.status != http.StatusConflict {
		t.Errorf("another zone after an order answers %d", a.status)
	}
}

// Two operators have the market's page open. The second to save is told, and sees what
// stands there now: else an old bank account would come back without anybody's wish.
func TestTheSecondOfTwoOperatorsDoesNotPutAnOldAccountBack(t *testing.T) {
	h := newHouse(t)
	a, b := h.visitor(t, h.operator(t, h.Market)), h.visitor(t, h.operator(t, h.Market))
	way := fmt.Sprintf("/desk/operator/market?market=%d", h.Market)
	edition := regexp.MustCompile(`name="edition" value="([^"]*)"`)
	read := func(body string) string {
		m := edition.FindStringSubmatch(body)
		if m == nil {
			t.Fatal("the form says no edition")
		}
		return m[1]
	}
	was := read(a.page(t, way))
	b.page(t, way)
	first := []string{"name", "尉犁集市", "holder", "合作社", "bank", "农行", "number", "622848000001", "edition", was}
	a.does(t, way, first...)
	a.does(t, way, first...) // pressed twice is once
	second := []string{"name", "尉犁大集市", "holder", "", "bank", "", "number", ""}
	late := b.post(t, way, append(second, "edition", was)...)
	if late.status != http.StatusConflict {
		t.Fatalf("the second answers %d", late.status)
	}
	has(t, late.body, `value="尉犁大集市"`, "现在写的是：622848000001", "现在写的是：尉犁集市")
	has(t, a.page(t, way), `value="622848000001"`)
	b.does(t, way, append(second, "edition", read(late.body))...) // who has read it may
	if body := a.page(t, way); !strings.Contains(body, `value="尉犁大集市"`) || strings.Contains(body, "622848000001") {
		t.Error("who has read what stands there cannot change it")
	}
}
