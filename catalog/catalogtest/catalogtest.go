// Package catalogtest makes goods for tests, by the public verbs: a producer in
// Yuli, a live listing, stock in the barn.
package catalogtest

import (
	"testing"

	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// Yuli is the county, in Xinjiang, in which the producers live.
const Yuli = "652823"

// By is who does everything here: an operator everywhere.
var By = people.Person{ID: people.System.ID, Name: "test", Operator: []int32{storage.Platform}}

// Load writes units, categories and the county. It may run again.
func Load(t testing.TB, db *storage.DB) {
	t.Helper()
	must(t, catalog.Load(t.Context(), db))
	must(t, region.LoadSome(t.Context(), db, Yuli))
}

// Producer makes an active producer without an account.
func Producer(t testing.TB, db *storage.DB, market int32) producer.Producer {
	t.Helper()
	p, err := producer.New(db).Apply(t.Context(), once.Key{}, market, By, producer.Application{
		State: producer.Active,
		Text: producer.Text{Name: "阿依古丽", NameEN: "Ayigul", RegionCode: Yuli, Village: "达西村",
			Story: "三代种核桃。", Exemption: "自产自销农副产品"},
	})
	must(t, err)
	return p
}

// Draft is walnuts by the jin at 28.00, one jin at least, 3 % band.
func Draft(producer id.ID) catalog.Draft {
	return catalog.Draft{
		ProducerID: producer, Category: "walnut", Title: "薄皮核桃", TitleEN: "Paper-shell walnuts",
		Story: "一捏就开。", Unit: "jin", PriceMinor: 2800, Minimum: 500, WeightBandBP: 300, State: catalog.Live,
	}
}

// Listing makes a producer and a live listing of theirs.
func Listing(t testing.TB, db *storage.DB, market int32, change ...func(*catalog.Draft)) catalog.Listing {
	t.Helper()
	Load(t, db)
	d := Draft(Producer(t, db, market).ID)
	for _, c := range change {
		c(&d)
	}
	l, err := catalog.New(db).Offer(t.Context(), once.Key{}, market, By.ID, d)
	must(t, err)
	return l
}

// Stocked is Listing with a batch of quantity base units in the barn.
func Stocked(t testing.TB, db *storage.DB, market int32, quantity int64, change ...func(*catalog.Draft)) (catalog.Listing, stock.Holding) {
	t.Helper()
	l := Listing(t, db, market, change...)
	h, err := stock.New(db).Receive(t.Context(), once.Key{}, market, By.ID, l.ID, stock.Batch{Grade: "一级", Place: "一号库", Quantity: quantity})
	must(t, err)
	return l, h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
