package ordertest

import (
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/storage/dbtest"
	"commonfield/storage/once"
)

// Stall is a producer with one listing in a market of its own, beside the world's.
type Stall struct {
	Market   int32
	Producer producer.Producer
	Seller   order.By
	Operator order.By
	Listing  catalog.Listing
}

// Stall opens one more market with goods at a price per kilogram, and grams in
// stock; the fee is the world's. Its number is higher than those before it.
func (w *World) Stall(t testing.TB, title string, pricePerKilo, grams int64) Stall {
	t.Helper()
	ctx := t.Context()
	s := Stall{Market: dbtest.Market(t, w.DB)}
	w.stalls = append(w.stalls, s.Market)
	s.Operator = order.By{Person: people.Person{ID: w.Person(t, "Operator").ID, Operator: []int32{s.Market}}, As: order.AsOperator}
	s.Seller = order.By{Person: w.Person(t, title), As: order.AsSeller}
	var err error
	s.Producer, err = producer.New(w.DB).Apply(ctx, once.Key{}, s.Market, s.Operator.Person, producer.Application{
		Text: producer.Text{Name: title, RegionCode: Township, Exemption: "零星农产品"}, PersonID: s.Seller.ID, State: producer.Active})
	ok(t, err)
	_, err = w.Catalog.SetRate(ctx, s.Market, catalog.Fee, "", "", FeeBP, time.Time{}, s.Operator.ID)
	ok(t, err)
	s.Listing, err = w.Catalog.Offer(ctx, once.Key{}, s.Market, s.Seller.ID, catalog.Draft{ProducerID: s.Producer.ID, Category: "rice",
		Title: title, Unit: "kg", PriceMinor: pricePerKilo, Minimum: 500, WeightBandBP: 300, State: catalog.Live})
	ok(t, err)
	_, err = w.Stock.Receive(ctx, once.Key{}, s.Market, s.Seller.ID, s.Listing.ID, stock.Batch{Quantity: grams})
	ok(t, err)
	return s
}

// Item is so much of the stall's goods.
func (s Stall) Item(grams int64) order.Item {
	return order.Item{Market: s.Market, Listing: s.Listing.ID, Quantity: grams}
}
