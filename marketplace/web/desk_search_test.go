package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"commonfield/catalog/search"
	"commonfield/storage"
)

var edition = regexp.MustCompile(`name="edition" value="([0-9a-f]+)"`)

func TestAnOperatorOfThePlatformHasTheIndexBuiltByAJob(t *testing.T) {
	h := newHouse(t)
	boss, local := h.visitor(t, h.operator(t, storage.Platform)), h.visitor(t, h.operator(t, h.Market))
	way, seek := h.way("/desk/operator/search"), "/search?market="+h.code(t)+"&q="+url.QueryEscape("核桃")
	if strings.Contains(h.nobody().page(t, seek), h.listing(t)) {
		t.Fatal("the listing is found before anything is")
	}
	has(t, boss.page(t, way+"&check=yes"), "过一会儿再对", "重建目录")
	if strings.Contains(local.page(t, way), "重建目录</button>") {
		t.Error("an operator of one market is shown the button")
	}
	if got := local.post(t, h.way("/desk/operator/search/rebuild")); got.status != http.StatusForbidden {
		t.Errorf("an operator of one market builds for all: %d", got.status)
	}
	before := h.rebuilds(t)
	for range 2 {
		boss.does(t, h.way("/desk/operator/search/rebuild"))
	}
	if n := h.rebuilds(t) - before; n != 1 {
		t.Errorf("asked for twice, it is to be built %d times", n)
	}
	has(t, boss.page(t, way), "正在重建")
	_, err := h.Worker.Drain(t.Context(), storage.Platform)
	must(t, err)
	if strings.Contains(boss.page(t, way), "正在重建") {
		t.Error("it is still being built")
	}
	has(t, h.nobody().page(t, seek), h.listing(t))
	h.Drain(t)
	has(t, boss.page(t, way+"&check=yes"), "条都对得上")
	has(t, boss.page(t, h.way("/desk/operator/parts")), "/desk/operator/search")
}

func TestSynonymsAreWrittenByLineAndNotOverSomebodyElses(t *testing.T) {
	h := newHouse(t)
	h.Drain(t)
	boss, other, local := h.visitor(t, h.operator(t, storage.Platform)), h.visitor(t, h.operator(t, storage.Platform)), h.visitor(t, h.operator(t, h.Market))
	stood, err := h.m.Search.Synonyms(t.Context())
	must(t, err)
	all := h.operator(t, storage.Platform)
	all.Operator = []int32{storage.Platform}
	t.Cleanup(func() { must(t, h.m.Search.SetSynonyms(context.Background(), all, stood, "")) }) // other tests look for things too
	way := h.way("/desk/operator/search")
	was := edition.FindStringSubmatch(boss.page(t, way))
	if was == nil {
		t.Fatal("the form says no edition")
	}
	boss.does(t, way, "edition", was[1], "synonyms", "核桃、胡桃，合桃, walnut\r\n\r\n独一个")
	groups, err := h.m.Search.Synonyms(t.Context())
	must(t, err)
	if got := search.WriteGroups(groups); got != "核桃, 胡桃, 合桃, walnut" {
		t.Fatalf("saved: %q", got)
	}
	has(t, h.nobody().page(t, "/search?market="+h.code(t)+"&q="+url.QueryEscape("合桃")), h.listing(t))
	has(t, local.page(t, way), "核桃 · 胡桃 · 合桃 · walnut")
	if strings.Contains(local.page(t, way), "<textarea") {
		t.Error("an operator of one market is shown the box")
	}
	if got := local.post(t, way, "synonyms", "a, b"); got.status != http.StatusForbidden {
		t.Errorf("an operator of one market writes them: %d", got.status)
	}
	// Somebody who has read an older state is told, keeps what they typed, and may then decide.
	got := other.post(t, way, "edition", was[1], "synonyms", "苹果, apple")
	if got.status != http.StatusConflict {
		t.Errorf("an old edition answers %d", got.status)
	}
	has(t, got.body, ">苹果, apple</textarea>", "核桃 · 胡桃 · 合桃 · walnut")
	now := edition.FindStringSubmatch(got.body)
	if now == nil || now[1] == was[1] {
		t.Fatalf("the form has the edition %v", now)
	}
	for text, sentence := range map[string]string{"苹果, apple\n" + strings.Repeat("长", 41) + ", 短": "第 2 组有个名字太长", "a, b\n\n!!, c": "第 3 组有个名字里没有字",
		"a, b\n" + many(21): "第 2 组的名字太多"} {
		got := other.post(t, way, "edition", now[1], "synonyms", text)
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("%q answers %d", text, got.status)
		}
		has(t, got.body, sentence, `name="edition" value="`+now[1])
	}
	for range 2 {
		other.does(t, way, "key", "s", "edition", now[1], "synonyms", "苹果, apple")
	}
	if groups, err = h.m.Search.Synonyms(t.Context()); err != nil || len(groups) != 1 || groups[0][0] != "苹果" {
		t.Errorf("%v %v", groups, err)
	}
}

// rebuilds counts the jobs that were ever to build the index anew.
func (h *house) rebuilds(t *testing.T) int {
	t.Helper()
	var n int
	must(t, h.DB.View(t.Context(), storage.Platform, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT count(*) FROM jobs WHERE market_id = $1 AND kind = $2", storage.Platform, search.RebuildJob)
	}))
	return n
}

// many writes a group of n names.
func many(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = strings.Repeat("好", i+1)
	}
	return strings.Join(names, ", ")
}
