package made_test

import (
	"reflect"
	"slices"
	"testing"

	"commonfield/catalog"
	"commonfield/catalog/search"
	"commonfield/catalog/search/made"
	"commonfield/storage/id"
)

func TestASetIsTheSameEachTimeAndInAnyPart(t *testing.T) {
	markets := []int32{3, 4, 9}
	all := slices.Collect(made.Documents(5000, markets))
	seen := map[id.ID]bool{}
	for i, d := range all {
		if seen[d.ID] || i > 0 && slices.Compare(all[i-1].ID[:], d.ID[:]) >= 0 {
			t.Fatalf("document %d has the id %v", i, d.ID)
		}
		seen[d.ID] = true
		if i%997 == 0 && !reflect.DeepEqual(d, made.Document(i, markets)) {
			t.Errorf("document %d is %+v by itself", i, made.Document(i, markets))
		}
		if _, known := catalog.CategoryOf(d.Category); known != (d.Kind == search.Listing) || d.Title == "" || d.TitleEN == "" || !slices.Contains(markets, d.Market) {
			t.Errorf("document %d: %+v", i, d)
		}
		if d.Kind == search.Listing && (!seen[d.Producer] || d.Price <= 0) {
			t.Errorf("document %d has no producer or price: %+v", i, d)
		}
	}
	if len(all) != 5000 {
		t.Fatal(len(all))
	}
}

func TestOftenAndSeldomAreFarApart(t *testing.T) {
	count := map[string]int{}
	for d := range made.Documents(100_000, []int32{1, 2, 3, 4, 5}) {
		count[d.Category]++
	}
	if len(count) < 20 || count["rice"] < 10_000 || count["nut"] > 4000 || count["nut"] == 0 {
		t.Fatalf("%v", count)
	}
}

func TestTheMarketsTogetherHaveEveryDocumentOnce(t *testing.T) {
	markets := []int32{7, 8, 9}
	const n = 1_003 // the last grower's are cut short
	seen := map[id.ID]bool{}
	for m, market := range markets {
		for _, d := range made.Of(m, n, markets) {
			if d.Market != market || seen[d.ID] {
				t.Fatalf("market %d: %+v", market, d)
			}
			seen[d.ID] = true
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d", len(seen), n)
	}
}
