package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"commonfield/catalog/search"
	"commonfield/marketplace"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

func TestAConditionThatDoesNotExistIsLeftOutAndSaid(t *testing.T) {
	h := newHouse(t)
	h.Drain(t)
	v := h.nobody()
	v.lang = "en"
	for _, way := range []string{"category=gold", "market=ZZ", "region=999999", "harvest=never", "harvest=30000", "sort=nonsense"} {
		body := v.page(t, "/search?q="+url.QueryEscape("核桃")+"&"+way)
		has(t, body, "One condition does not exist any more", "<mark>核桃</mark>")
		if strings.Contains(body, `class="chip on"`) {
			t.Errorf("%s stands among the conditions", way)
		}
	}
}

func TestPricesThatAreNoneAreSaidBesideTheirFields(t *testing.T) {
	h := newHouse(t)
	h.Drain(t)
	has(t, h.nobody().page(t, "/search?from=cheap"), `aria-invalid="true"`)
	has(t, h.nobody().page(t, "/search?from=90&to=5&market="+h.code(t)), h.listing(t), "¥5.00", "¥90.00")
}

func TestAScriptGetsThePieceThatItAsksFor(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	h.Drain(t)
	for piece, wants := range map[string][]string{"found": {`id="found"`, `id="picks"`, `id="results-head"`, "hx-swap-oob"}, "more": {`id="more"`}} {
		r := httptest.NewRequest(http.MethodGet, "/search?category=&market="+h.code(t), nil)
		r.Header.Set("HX-Request", "true")
		r.Header.Set("HX-Target", piece)
		a := v.ask(t, r)
		has(t, a.body, append(wants, h.listing(t))...)
		if strings.Contains(a.body, "<html") || !strings.Contains(a.header.Get("Vary"), "HX-Target") {
			t.Errorf("the piece %s is a page, or is kept as one: %v", piece, a.header)
		}
		if piece == "found" && a.header.Get("HX-Push-Url") != "/search?market="+h.code(t) {
			t.Errorf("the address becomes %s", a.header.Get("HX-Push-Url"))
		}
	}
}

func TestAProducerHasAPageOfTheirOwn(t *testing.T) {
	h := newHouse(t)
	v := h.nobody()
	body := v.page(t, "/producers/"+h.code(t)+"/"+h.Listing.ProducerID.String())
	has(t, body, "薄皮核桃", h.listing(t), `href="/search?market=`+h.code(t))
}

func TestGrowersStandAboveTheGoodsThatAreLookedFor(t *testing.T) {
	h := newHouse(t)
	name := "阿依古丽" + h.code(t)
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE producers SET name = $3, village = '达西村', version = version + 1 WHERE market_id = $1 AND id = $2", tx.Market, h.Listing.ProducerID, name)
		jobs.Index(tx, search.Producer, h.Listing.ProducerID, id.New().String())
		return err
	}))
	h.Drain(t)
	v := h.nobody()
	way := `href="/producers/` + h.code(t) + "/" + h.Listing.ProducerID.String()
	market := "&market=" + h.code(t)
	for _, text := range []string{name, "达西村"} {
		has(t, v.page(t, "/search?q="+url.QueryEscape(text)+market), way, name, "达西村")
	}
	for _, other := range []string{"/search?market=" + h.code(t), "/search?q=zzqqxx" + market, "/search?q=" + url.QueryEscape("达西米") + market} {
		if strings.Contains(v.page(t, other), way) {
			t.Errorf("%s shows growers", other)
		}
	}
}

// What only some of the words are found for is said to be so; spaces alone look for nothing.
func TestThePageSaysThatItShowsWhatHasSomeOfIt(t *testing.T) {
	h := newHouse(t)
	h.Drain(t)
	v := h.nobody()
	market := "&market=" + h.code(t)
	has(t, v.page(t, "/search?q="+url.QueryEscape("薄皮核桃 礼盒装")+market), h.listing(t), "没有哪样货同时合「薄皮核桃 礼盒装」")
	if body := v.page(t, "/search?q="+url.QueryEscape("薄皮核桃")+market); strings.Contains(body, "没有哪样货同时合") {
		t.Error("what is found whole is said to be found in part")
	}
	if body := v.page(t, "/search?q=%20%20"); strings.Contains(body, "「  」") || !strings.Contains(body, "全部的货") {
		t.Error("spaces are looked for")
	}
}

func TestGoodsAreOrderedFromAPlaceOutwards(t *testing.T) {
	h := newHouse(t)
	h.Drain(t)
	v := h.nobody()
	body := v.page(t, "/search?region=652823&market="+h.code(t))
	has(t, body, "sort=near", "near=652823", "近的在前")
	body = v.page(t, "/search?sort=near&near=652823&market="+h.code(t))
	has(t, body, h.listing(t), `name="near" value="652823"`)
	if strings.Contains(v.page(t, "/search"), "sort=near") {
		t.Error("without a place something is near")
	}
	for _, bad := range []string{"sort=near", "sort=near&near=999999", "sort=near&near=x"} {
		has(t, v.page(t, "/search?"+bad), "有一个条件现在没有了")
	}
}

// While the engine of search is away, one looks, puts aside and orders as always; the
// page says that search is limited, and what was picked still holds.
func TestWithoutItsEngineGoodsAreFoundByNameUnderTheConditionsThatStandThere(t *testing.T) {
	h := furnished(t, ordertest.New(t), marketplace.Config{Engine: away{}})
	v := h.nobody()
	v.page(t, "/")
	here := "/search?market=" + h.code(t)
	body := v.page(t, here+"&q="+url.QueryEscape("核桃"))
	has(t, body, h.listing(t), "只能按名字找", `name="stock"`, `name="from"`)
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE listings SET harvest_on = '2026-01-01', in_stock = true WHERE market_id = $1 AND id = $2", tx.Market, h.Listing.ID)
		return err
	}))
	for condition, there := range map[string]bool{
		"stock=yes": true, "region=652823": true, "region=" + ordertest.Township: true, "region=65": true, "harvest=2026": true, "harvest=2025": false, "harvest=2001": false,
		"from=1": true, "from=9000": false, "to=9000": true, "to=1": false,
	} {
		body := v.page(t, here+"&"+condition)
		if strings.Contains(body, h.listing(t)) != there {
			t.Errorf("%s: found: %v", condition, !there)
		}
		has(t, body, "只能按名字找", `class="chip on"`)
	}
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		if _, err := tx.Exec("UPDATE producers SET region_code = '652823' WHERE market_id = $1 AND id = $2", tx.Market, h.Listing.ProducerID); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE listings SET in_stock = false WHERE market_id = $1 AND id = $2", tx.Market, h.Listing.ID)
		return err
	}))
	if body := v.page(t, here+"&region="+ordertest.Township); strings.Contains(body, h.listing(t)) || !strings.Contains(body, `class="chip on"`) {
		t.Error("what grows elsewhere stands under a township")
	}
	if strings.Contains(v.page(t, here+"&stock=yes"), h.listing(t)) {
		t.Error("what is sold out stands under “in stock”")
	}
	has(t, v.page(t, here), h.listing(t))
	if a := v.get(t, "/search/suggest?q=he"); a.status != http.StatusOK {
		t.Errorf("suggesting answers %d", a.status)
	}
	v.page(t, h.listing(t))
	h.paid(t, v)
}

func TestOnlyOperatorsOfThePlatformSeeAndRetryItsJobs(t *testing.T) {
	h := newHouse(t)
	job, way := id.New(), h.way("/desk/operator/jobs")
	must(t, h.DB.Update(t.Context(), storage.Platform, func(tx *storage.Tx) error {
		_, err := tx.Exec(`INSERT INTO jobs (market_id, id, kind, key, state, error, run_at, created_at, finished_at) VALUES ($1, $2, 'test:nobody', $3, 'failed', 'broken pipe', $4, $4, $4)`, tx.Market, job, job.String(), tx.Now)
		return err
	}))
	t.Cleanup(func() {
		_ = h.DB.Update(context.Background(), storage.Platform, func(tx *storage.Tx) error {
			_, err := tx.Exec("DELETE FROM jobs WHERE market_id = $1 AND id = $2", tx.Market, job)
			return err
		})
	})
	boss, local := h.visitor(t, h.operator(t, storage.Platform)), h.visitor(t, h.operator(t, h.Market))
	has(t, boss.page(t, way), `id="platform"`, "broken pipe", job.String())
	has(t, boss.page(t, h.way("/desk/operator")), "/desk/operator/jobs?market="+strconv.Itoa(int(h.Market))+"#platform")
	for _, page := range []string{way, h.way("/desk/operator")} {
		if body := local.page(t, page); strings.Contains(body, "broken pipe") || strings.Contains(body, "#platform") {
			t.Errorf("%s shows jobs of the platform to an operator of one market", page)
		}
	}
	if a := local.post(t, way, "job", job.String(), "of", "platform"); a.status != http.StatusForbidden {
		t.Errorf("an operator of one market retries them: %d", a.status)
	}
	if a := boss.post(t, way, "job", job.String()); a.status != http.StatusNotFound {
		t.Errorf("as one of the market it answers %d", a.status)
	}
	for range 2 {
		boss.does(t, way, "job", job.String(), "of", "platform")
	}
	if strings.Contains(boss.page(t, way), job.String()) {
		t.Error("it has still given up")
	}
}
