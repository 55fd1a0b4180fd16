package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

var noKey once.Key

func application(person id.ID) producer.Application {
	return producer.Application{Text: producer.Text{Name: "吐尔逊", RegionCode: ordertest.Township, Exemption: "零星农产品"}, PersonID: person, State: producer.Active}
}

// goods are the fields of a listing's form, with some of them changed.
func goods(changed ...string) []string {
	fields := map[string]string{"title_zh": "红枣", "category": "walnut", "unit": "jin", "price": "13.20", "minimum": "1", "stock": "50", "band": "3", "state": "live"}
	for i := 0; i+1 < len(changed); i += 2 {
		fields[changed[i]] = changed[i+1]
	}
	var out []string
	for name, value := range fields {
		out = append(out, name, value)
	}
	return out
}

func listings(t *testing.T, h *house) []catalog.Listing {
	t.Helper()
	var all []catalog.Listing
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) {
		all, err = catalog.OfProducer(tx, h.Producer.ID, id.None, 50)
		return err
	}))
	return all
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 30))))
	return b.Bytes()
}

func TestGoodsAreOfferedOnceWithExactSumsAndAPhoto(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	way := fmt.Sprintf("/desk/producer/listings/new?market=%d", h.Market)
	v.page(t, way)
	for range 2 {
		went(t, way, v.send(t, way, "photo", picture(t), append(goods(), "key", "once")...))
	}
	all := listings(t, h)
	if len(all) != 2 {
		t.Fatalf("there are %d listings, with the world's own", len(all))
	}
	l := all[0]
	if l.PriceMinor != 1320 || l.Minimum != 500 || l.WeightBandBP != 300 || l.State != catalog.Live || len(l.Photos) != 1 {
		t.Errorf("offered %+v", l)
	}
	var free int64
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { free, err = stock.Available(tx, l.ID); return }))
	if free != 25_000 {
		t.Errorf("%d grams are free", free)
	}
	name := strings.TrimPrefix(l.Photos[0], "photo/")
	has(t, v.page(t, fmt.Sprintf("/desk/producer/listings/%d/%s", h.Market, l.ID)), name)
}

func TestARefusedListingKeepsWhatWasTyped(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	way := fmt.Sprintf("/desk/producer/listings/new?market=%d", h.Market)
	for name, bad := range map[string][]string{
		"price in words":      {"price", "十三块二"},
		"three decimals":      {"price", "13.205"},
		"no price":            {"price", ""},
		"price of nothing":    {"price", "0"},
		"no minimum":          {"minimum", "0"},
		"half a gram":         {"minimum", "0.0001"},
		"stock below nothing": {"stock", "-3"},
		"a wide band":         {"band", "21"},
		"no category":         {"category", "gold"},
		"no unit":             {"unit", "ell"},
		"no title":            {"title_zh", ""},
		"a long title":        {"title_zh", strings.Repeat("枣", 81)},
	} {
		t.Run(name, func(t *testing.T) {
			a := v.send(t, way, "", nil, goods(append(bad, "story_zh", "自己种的")...)...)
			if a.status != http.StatusUnprocessableEntity {
				t.Fatalf("answers %d: %s", a.status, plain(a.body))
			}
			has(t, a.body, "自己种的", `aria-invalid="true"`)
			if bad[1] != "" && bad[0] != "category" && bad[0] != "unit" {
				has(t, a.body, `value="`+bad[1]+`"`)
			}
			if strings.Contains(a.body, "没有办成") {
				t.Errorf("the refusal has no sentence of its own: %s", plain(a.body))
			}
		})
	}
	if len(listings(t, h)) != 1 {
		t.Error("a refused listing was offered")
	}
}

func TestWhatIsNoPictureIsRefusedBesideItsField(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	way := fmt.Sprintf("/desk/producer/listings/new?market=%d", h.Market)
	a := v.send(t, way, "photo", []byte("GIF89a, or so they say"), goods()...)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("answers %d", a.status)
	}
	has(t, a.body, `value="红枣"`, "JPEG")
	if len(listings(t, h)) != 1 {
		t.Error("goods with a broken photo were offered")
	}
}

func TestAListingIsChangedByOneAtATime(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	way := fmt.Sprintf("/desk/producer/listings/%d/%s?market=%d", h.Market, h.Listing.ID, h.Market)
	change := goods("title_zh", "薄皮核桃", "unit", "kg", "price", "27", "minimum", "0.5", "stock", "100")
	went(t, way, v.send(t, way+"&version=1", "", nil, append(change, "key", "k")...))
	went(t, way, v.send(t, way+"&version=1", "", nil, append(change, "key", "k")...))
	if a := v.send(t, way+"&version=1", "", nil, change...); a.status != http.StatusConflict || !strings.Contains(a.body, `value="27"`) {
		t.Fatalf("an old version answers %d", a.status)
	}
	if l := listings(t, h)[0]; l.PriceMinor != 2700 || l.Version != 2 {
		t.Errorf("changed to %+v", l)
	}
	less := goods("title_zh", "薄皮核桃", "unit", "kg", "price", "27", "minimum", "0.5", "stock", "90")
	if a := v.send(t, way+"&version=2", "", nil, less...); a.status != http.StatusUnprocessableEntity {
		t.Errorf("less in the barn without a reason answers %d", a.status)
	}
}

func TestStockComesInAndIsCorrectedWithAReason(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.Seller.Person)
	base := fmt.Sprintf("/desk/producer/listings/%d/%s", h.Market, h.Listing.ID)
	q := fmt.Sprintf("?market=%d", h.Market)
	for range 2 {
		v.does(t, base+"/receive"+q, "key", "k", "quantity", "12.5", "harvest_on", "2026-10-01", "grade", "一级")
	}
	var held []stock.Holding
	read := func() {
		must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { held, err = stock.Batches(tx, h.Listing.ID); return }))
	}
	if read(); len(held) != 2 || held[1].OnHand != 12_500 {
		t.Fatalf("in the barn: %+v", held)
	}
	batch := held[1].ID.String()
	if a := v.post(t, base+"/correct"+q, "batch", batch, "was", "12.5", "counted", "12"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="12"`) {
		t.Errorf("no reason answers %d", a.status)
	}
	if a := v.post(t, base+"/correct"+q, "batch", batch, "was", "12.5", "counted", "12.5", "why", "x"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no difference answers %d", a.status)
	}
	for range 2 {
		v.does(t, base+"/correct"+q, "key", "c", "batch", batch, "was", "12.5", "counted", "12", "why", "受潮")
	}
	if read(); held[1].OnHand != 12_000 {
		t.Errorf("after the count: %d", held[1].OnHand)
	}
	other := id.New().String()
	if a := v.post(t, base+"/correct"+q, "batch", other, "was", "1", "counted", "2", "why", "x"); a.status != http.StatusNotFound {
		t.Errorf("another's batch answers %d", a.status)
	}
	for _, to := range []string{"paused", "live", "archived"} {
		v.does(t, base+"/move"+q, "to", to)
	}
	if a := v.post(t, base+"/move"+q, "to", "live"); a.status != http.StatusConflict {
		t.Errorf("archived goods answer %d", a.status)
	}
}

// wide is another picture than picture.
func wide(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 60, 30))))
	return b.Bytes()
}
