package api_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
	"testing"
	"time"

	"commonfield/marketplace"
)

// trade is a world in which a grower has walnuts on sale at 26.00 a kilogram, of which
// the market keeps 2 %, and in which somebody has bought nothing yet.
type trade struct {
	*world
	boss, grower, buyer, stranger string // tokens
	seller, listing               string // ids
	phone                         string // of the buyer
}

func openTrade(t testing.TB, change ...func(*marketplace.Config)) *trade {
	t.Helper()
	x := &trade{world: open(t, change...)}
	x.boss, _ = x.operator("Operator", x.market.ID)
	x.grower, _, _ = x.person("吐尔逊")
	x.buyer, _, x.phone = x.person("王芳")
	x.stranger, _, _ = x.person("别人")
	x.ask("POST", "/rates", x.boss, object{"market": "YL", "what": "fee", "rate_bp": 200}).must(201)
	var producer, listing object
	x.ask("POST", "/producers", x.grower, object{"market": "YL", "name": "吐尔逊·买买提", "region": township, "exemption": "零星农产品"}).must(201, &producer)
	x.seller = producer.text("id")
	x.ask("POST", "/producers/YL/"+x.seller+"/approve", x.boss, nil).must(200)
	x.ask("POST", "/listings", x.grower, object{"market": "YL", "category": "walnut", "title": "薄皮核桃", "title_en": "Walnuts", "unit": "kg", "price_minor": 2600,
		"minimum": 500, "weight_band_bp": 300, "state": "live"}).must(201, &listing)
	x.listing = listing.text("id")
	x.ask("POST", "/listings/YL/"+x.listing+"/batches", x.grower, object{"quantity": 1_000_000}).must(201)
	return x
}

// bought buys so many grams as somebody and pays them in the sandbox; it gives the
// order's path and the checkout.
func (x *trade) bought(token string, grams int64) (here string, checkout object) {
	x.t.Helper()
	x.ask("POST", "/checkouts", token, buying(x.listing, grams, "sandbox")).must(201, &checkout)
	x.ask("POST", "/payments/YL/"+checkout.text("id")+"/sandbox", token, object{"outcome": "pay"}).must(200)
	x.ask("POST", "/checkouts/YL/"+checkout.text("id")+"/settle", token, nil).must(200, &checkout)
	x.drain()
	return orderPath(checkout), checkout
}

func orderPath(checkout object) string {
	return "/orders/YL/" + boughtOrders(checkout)[0].(map[string]any)["id"].(string)
}

// delivered buys so many grams as the buyer and brings them there in one parcel.
func (x *trade) delivered(grams int64) (here string) {
	x.t.Helper()
	here = x.shipped(grams)
	x.does(x.buyer, here+"/deliver", nil, "delivered")
	x.drain()
	return here
}

func (x *trade) shipped(grams int64) (here string) {
	x.t.Helper()
	here, _ = x.bought(x.buyer, grams)
	x.does(x.grower, here+"/accept", nil, "accepted")
	x.does(x.grower, here+"/pack", nil, "packed")
	x.does(x.grower, here+"/ship", object{"carrier": "中通", "number": "7584"}, "shipped")
	return here
}

// does makes somebody do something to an order, a complaint or a return, which is then
// in this state.
func (x *trade) does(token, way string, body any, state string) (is object) {
	x.t.Helper()
	x.ask("POST", way, token, body).must(200, &is)
	if is.text("state") != state {
		x.t.Fatalf("%s: it is %s, not %s", way, is.text("state"), state)
	}
	return is
}

// seen is an answer as somebody gets it.
func (w *world) seen(token, way string) (is object) {
	w.t.Helper()
	w.ask("GET", way, token, nil).must(200, &is)
	return is
}

// items are the items of a list.
func (w *world) items(token, way string) []object {
	w.t.Helper()
	var list struct{ Items []object }
	w.ask("GET", way, token, nil).must(200, &list)
	return list.Items
}

// only is the one item of a list.
func (w *world) only(token, way string) object {
	w.t.Helper()
	all := w.items(token, way)
	if len(all) != 1 {
		w.t.Fatalf("%s: %d, not one: %v", way, len(all), all)
	}
	return all[0]
}

// has says whether a list of words in an answer has one.
func (o object) has(list, word string) bool {
	words, _ := o[list].([]any)
	return slices.Contains(words, any(word))
}

// within is an object inside an answer.
func (o object) within(name string) object { m, _ := o[name].(map[string]any); return m }

// list are the objects of a list inside an answer.
func (o object) list(name string) (all []object) {
	rows, _ := o[name].([]any)
	for _, r := range rows {
		m, _ := r.(map[string]any)
		all = append(all, m)
	}
	return all
}

// jpegOf is a picture of this size.
func jpegOf(t testing.TB, wide, high int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, wide, high)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pass lets so much time go by and what is due be done.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.clock.advance(d)
	w.drain()
}
