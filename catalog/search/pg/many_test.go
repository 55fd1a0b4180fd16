package pg_test

import (
	"fmt"
	"slices"
	"testing"

	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// crowd puts n walnuts of three counties into an engine, by a build.
func crowd(t testing.TB, e *pg.Engine, n int) {
	t.Helper()
	regions := []string{"652823100", "652823101", "520123", "110101"}
	docs := make([]search.Document, n)
	for i := range docs {
		docs[i] = doc(i/3, fmt.Sprintf("核桃 %d", i), "Walnuts", "walnut")
		docs[i].Region, docs[i].InStock = regions[i%4], i%5 > 0
		if i%7 == 0 { // found by its name and not by its title
			docs[i].Title, docs[i].TitleEN, docs[i].Words = fmt.Sprintf("坚果 %d", i), "Nuts", []string{"核桃"}
		}
		if i%11 == 0 {
			docs[i].Price = 0
		}
	}
	b, err := e.Rebuild(t.Context())
	must(t, err)
	must(t, b.Put(t.Context(), docs))
	must(t, b.Swap(t.Context()))
}

func TestManyHitsAreWalkedThroughEachOnceInEveryOrder(t *testing.T) {
	db, _ := dbtest.Own(t)
	e := pg.Open(db)
	pg.Sorted(e, 2_000)
	const n = 3_300
	crowd(t, e, n)
	for _, q := range []search.Query{
		{Text: "核桃"}, {Text: "hetao"}, {}, {Category: "walnut", Sort: search.ByPrice}, {Text: "核桃", Sort: search.ByPriceDown}, {Sort: search.ByNewest},
		{Text: "walnut 核桃", Synonyms: search.NewSynonyms([][]string{{"核桃", "walnut"}}), Sort: search.ByHarvest}, {Text: "核桃", Sort: search.ByNear, Near: "652823100"},
	} {
		q.N = search.Most
		seen := map[search.Key]bool{}
		for pages := 0; ; pages++ {
			a := ask(t, e, q)
			if a.Exact || a.Total < 2_000 {
				t.Fatalf("%+v: %d, exact %v", q, a.Total, a.Exact)
			}
			for _, h := range a.Hits {
				if seen[h.Key] {
					t.Fatalf("%+v: %s comes twice", q, h.ID)
				}
				seen[h.Key] = true
			}
			if q.After = a.Next; a.Next == "" || pages > n {
				break
			}
		}
		if len(seen) != n {
			t.Errorf("%q by %q: %d of %d are shown", q.Text, q.Sort, len(seen), n)
		}
	}
}

func TestHitsByPriceAreSortedWholeAndCountedToTheLastAsLongAsTheyAreNotTooMany(t *testing.T) {
	db, _ := dbtest.Own(t)
	e := pg.Open(db)
	const n = 3_300
	crowd(t, e, n)
	for _, sort := range []search.Sort{search.ByPrice, search.ByPriceDown} {
		for _, most := range []int{n - 1, n, 20_000} {
			pg.Sorted(e, most)
			seen := map[search.Key]bool{}
			for q := (search.Query{Text: "核桃", Sort: sort, N: search.Most, Facets: true}); ; {
				a := ask(t, e, q)
				if a.Total != n || a.Exact != (most >= n) || a.Facets[search.FacetCategory][0].Count != n {
					t.Fatalf("%q, %d are sorted: %d, exact %v, %v", sort, most, a.Total, a.Exact, a.Facets)
				}
				for _, h := range a.Hits {
					seen[h.Key] = true
				}
				if q.After = a.Next; a.Next == "" {
					break
				}
			}
			if len(seen) != n {
				t.Errorf("%q, %d are sorted: %d of %d are shown", sort, most, len(seen), n)
			}
		}
	}
}

func TestOfManyHitsThoseWithItInTheirTitleComeFirstAndTheNearestBeforeAll(t *testing.T) {
	db, _ := dbtest.Own(t)
	e := pg.Open(db)
	crowd(t, e, 3_300)
	for range 2 { // the second time it is known that there are many
		a := ask(t, e, search.Query{Text: "核桃", N: 100, Facets: true})
		for _, title := range titles(a) {
			if []rune(title)[0] != '核' {
				t.Errorf("%s comes before those that have it in their title", title)
			}
		}
		if a.Total != 3_300 || a.Facets[search.FacetCategory][0].Count != 3_300 || len(a.Facets[search.FacetRegion]) != 3 {
			t.Errorf("counted %d, %v", a.Total, a.Facets)
		}
		near := ask(t, e, search.Query{Text: "核桃", N: 20, Sort: search.ByNear, Near: "520123"})
		for _, h := range near.Hits {
			if n := number(t, h); n%4 != 2 {
				t.Errorf("number %d is not of the nearest county", n)
			}
		}
	}
	filtered := ask(t, e, search.Query{Text: "核桃", Region: "5201", Facets: true})
	if filtered.Total != 825 || !filtered.Exact || len(filtered.Facets[search.FacetRegion]) != 3 {
		t.Errorf("in one county %d, %v", filtered.Total, filtered.Facets)
	}
}

func number(t *testing.T, h search.Hit) int {
	t.Helper()
	text := ""
	for _, p := range h.Title {
		text += p.Text
	}
	n := 0
	if _, err := fmt.Sscanf(string([]rune(text)[3:]), "%d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACategoryByPriceIsWalkedThroughWithWhatIsBelowIt(t *testing.T) {
	db, _ := dbtest.Own(t)
	e := pg.Open(db)
	pg.Sorted(e, 100)
	const n = 420
	docs := make([]search.Document, n)
	for i := range docs {
		docs[i] = doc(i/3, fmt.Sprintf("核桃 %d", i), "Walnuts", "walnut")
		docs[i].Parent = "nut"
		switch {
		case i%3 == 0: // nuts of no kind
			docs[i].Category, docs[i].Parent = "nut", ""
		case i%7 == 0: // something else
			docs[i].Category, docs[i].Parent = "tea", "drink"
		}
		if i%11 == 0 {
			docs[i].Price = 0
		}
	}
	must(t, e.Put(t.Context(), docs))
	for _, sort := range []search.Sort{search.ByPrice, search.ByPriceDown} {
		for category, want := range map[string]int{"nut": n - 40, "walnut": n - n/3 - 40, "tea": 40} {
			q := search.Query{Category: category, Sort: sort, N: 37}
			var prices []int64
			seen := map[id.ID]bool{}
			for {
				a := ask(t, e, q)
				for _, h := range a.Hits {
					i := slices.IndexFunc(docs, func(d search.Document) bool { return d.ID == h.ID })
					if seen[h.ID] || docs[i].Category != category && docs[i].Parent != category {
						t.Fatalf("%s by %q: %d is shown again, or is %s", category, sort, i, docs[i].Category)
					}
					seen[h.ID] = true
					prices = append(prices, docs[i].Price)
				}
				if q.After = a.Next; q.After == "" {
					break
				}
			}
			dear := slices.IndexFunc(prices, func(p int64) bool { return p == 0 }) // what has no price comes last
			if dear < 0 || len(prices) != want || slices.ContainsFunc(prices[dear:], func(p int64) bool { return p > 0 }) {
				t.Fatalf("%s by %q: %d of %d, those without a price from %d", category, sort, len(prices), want, dear)
			}
			inOrder := prices[:dear]
			if sort == search.ByPriceDown {
				slices.Reverse(inOrder)
			}
			if !slices.IsSorted(inOrder) {
				t.Errorf("%s by %q: %v", category, sort, inOrder)
			}
		}
	}
}
