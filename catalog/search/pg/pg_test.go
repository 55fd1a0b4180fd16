package pg_test

import (
	"slices"
	"testing"
	"time"

	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var day = time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)

func doc(n int, title, en, category string, words ...string) search.Document {
	i := id.New()
	return search.Document{Key: search.Key{Kind: search.Listing, Market: 1, ID: i}, Version: 1, Title: title, TitleEN: en, Words: words, Category: category,
		Region: "652823", Price: int64(1000 + n), Currency: "CNY", InStock: true, HarvestOn: day, ListedAt: day.Add(time.Duration(n) * time.Hour), Producer: id.New()}
}

func ask(t testing.TB, e search.Engine, q search.Query) search.Answer {
	t.Helper()
	q, err := q.Clean()
	must(t, err)
	a, err := e.Search(t.Context(), q)
	must(t, err)
	return a
}

func titles(a search.Answer) (all []string) {
	for _, h := range a.Hits {
		s := ""
		for _, p := range h.Title {
			s += p.Text
		}
		all = append(all, s)
	}
	return all
}

func TestWhatIsTypedFindsWhatIsMeant(t *testing.T) {
	db, _ := dbtest.Own(t)
	e := pg.Open(db)
	place := []string{"新疆尉犁县", "阿依古丽", "Ayigul"}
	must(t, e.Put(t.Context(), []search.Document{
		doc(1, "薄皮核桃", "Paper-shell walnuts", "walnut", append(place, "核桃", "Walnuts", "坚果")...),
		doc(2, "长绒棉", "Long-staple cotton", "cotton", append(place, "棉花", "Cotton")...),
		doc(3, "红糖", "Brown sugar", "other", "其他", "Other", "贵州从江县"),
		doc(4, "黑木耳", "Black fungus", "mushroom", "菌菇干货", "Dried mushrooms", "贵州从江县"),
		doc(5, "从江香禾糯米", "Fragrant glutinous rice", "rice", "大米", "Rice", "贵州从江县"),
	}))
	s := search.NewSynonyms([][]string{{"核桃", "胡桃", "walnut"}})
	for query, want := range map[string]string{
		"核桃": "薄皮核桃", "hetao": "薄皮核桃", "walnut": "薄皮核桃", "walnuts": "薄皮核桃", "wallnut": "薄皮核桃", "胡桃": "薄皮核桃",
		"新疆核桃": "薄皮核桃", "尉犁棉花": "长绒棉", "木耳": "黑木耳", "mu'er": "黑木耳", "hei mu er": "黑木耳", "heimuer": "黑木耳", "hetoa": "薄皮核桃", "walnt": "薄皮核桃",
		"核逃": "薄皮核桃", "wal": "薄皮核桃", "heta": "薄皮核桃", "糯": "从江香禾糯米", "nuomi": "从江香禾糯米", "long cotton": "长绒棉", "核桃礼盒批发": "薄皮核桃",
		"ayigul walnut": "薄皮核桃", "糯米 rice": "从江香禾糯米", "yuli walnuts": "薄皮核桃", "ＷＡＬＮＵＴ": "薄皮核桃", "阿依古丽": "薄皮核桃",
	} {
		a := ask(t, e, search.Query{Text: query, Synonyms: s})
		if got := titles(a); len(got) == 0 || got[0] != want && (query != "阿依古丽" || len(got) != 2) {
			t.Errorf("%s finds %v, corrected %q", query, got, a.Corrected)
		}
	}
	if a := ask(t, e, search.Query{Text: "wallnut"}); a.Corrected != "walnut" && a.Corrected != "walnuts" && a.Corrected != "Walnuts" {
		t.Errorf("corrected %q", a.Corrected)
	}
	if a := ask(t, e, search.Query{Text: "xyzzyq"}); a.Total != 0 || len(a.Hits) != 0 {
		t.Errorf("nonsense finds %v", titles(a))
	}
	for query, partly := range map[string]bool{"核桃": false, "hetoa": false, "heta": false, "riec": false, "": false, "核桃礼盒批发": true, "红木耳": true, "long walnut": true, "xyzzyq": false} {
		if a := ask(t, e, search.Query{Text: query}); a.Partly != partly {
			t.Errorf("%q is found in part: %v (%v)", query, a.Partly, titles(a))
		}
	}
	// Two neighbours in the other order are one slip, in a short word too.
	for _, query := range []string{"riec", "ircε", "irce", "rcie"} {
		if got := titles(ask(t, e, search.Query{Text: query})); (query != "ircε") != slices.Equal(got, []string{"从江香禾糯米"}) {
			t.Errorf("%s finds %v", query, got)
		}
	}
	none := ask(t, e, search.Query{Text: "hetao", Category: "rice", Facets: true})
	if none.Total != 0 || none.Partly || len(none.Facets[search.FacetCategory]) != 1 || none.Facets[search.FacetCategory][0].Value != "walnut" {
		t.Errorf("walnuts among rice: %d, partly %v, facets %v", none.Total, none.Partly, none.Facets)
	}
	for text, want := range map[string]string{"het": "核桃", "核": "核桃", "wal": "Walnuts", "co": "Cotton"} {
		all, err := e.Suggest(t.Context(), text, "zh", 5)
		must(t, err)
		if len(all) == 0 || all[0].Text != want {
			t.Errorf("%s suggests %v", text, all)
		}
	}
	a := ask(t, e, search.Query{Facets: true, Category: "walnut"})
	if a.Total != 1 || len(a.Facets[search.FacetCategory]) != 5 || len(a.Facets[search.FacetRegion]) != 1 || a.Facets[search.FacetHarvest][0].Value != "2026" {
		t.Errorf("%d, facets %v", a.Total, a.Facets)
	}
}
