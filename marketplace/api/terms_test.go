package api_test

import (
	"testing"
	"time"
)

// What delivery costs and where goods are fetched is set by a seller and by the
// market, read back as it was sent, and is what a buyer's quote says.
func TestTermsAreSetReadBackAndQuoted(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	producer, own, markets := x.seller, "/terms?market=YL&producer="+x.seller, "/terms?market=YL"
	var has, common, gone object
	w.ask("GET", own, x.grower, nil).must(200, &has)
	if has.number("version") != 0 || has["delivery"] != nil || has["pickup"] != nil || has.text("producer") != producer {
		t.Errorf("before: %v", has)
	}
	until := w.clock.Now().Add(30 * 24 * time.Hour).Format(time.RFC3339)
	set := object{"market": "YL", "producer": producer, "version": 0,
		"delivery": object{"piece_grams": 1500, "zones": []object{{"regions": []string{"65"}, "first_minor": 500, "further_minor": 150, "free_from_minor": 20000}, {"first_minor": 1200, "further_minor": 300}}},
		"discount": object{"rate_bp": 1000, "from_minor": 5000, "until": until},
		"pickup":   object{"name": "村口", "address": "兴平镇 3 号", "hours": "9–18"}}
	w.ask("PUT", "/terms", x.buyer, set).refused(403, "forbidden")
	for range 2 {
		w.ask("PUT", "/terms", x.grower, set).must(200)
	}
	w.ask("PUT", "/terms", x.grower, object{"market": "YL", "producer": producer, "version": 0}).refused(409, "conflict") // over what was set meanwhile
	w.ask("GET", own, x.boss, nil).must(200, &has)
	delivery, discount, pickup := has.within("delivery"), has.within("discount"), has.within("pickup")
	zones := delivery.list("zones")
	near, far := zones[0], zones[1]
	if has.number("version") != 1 || delivery.number("piece_grams") != 1500 || len(zones) != 2 || !near.has("regions", "65") || near.number("first_minor") != 500 ||
		near.number("further_minor") != 150 || near.number("free_from_minor") != 20000 || far["regions"] != nil || far.number("first_minor") != 1200 ||
		discount.number("rate_bp") != 1000 || discount.number("from_minor") != 5000 || discount.text("until") != until || pickup.text("name") != "村口" || pickup.text("hours") != "9–18" {
		t.Errorf("read back: %v", has)
	}

	quote := func(region string) (q object) {
		w.ask("POST", "/checkouts/quote", "", object{"items": []object{{"market": "YL", "listing": x.listing, "quantity": 2500}}, "region_code": region}).must(200, &q)
		return q
	}
	// 65.00 less 10 %, and three kilograms: 5.00 + 2 × 1.50, or 12.00 + 2 × 3.00.
	if near, far := quote("652823").number("total_minor"), quote("110000").number("total_minor"); near != 5850+800 || far != 5850+1800 {
		t.Errorf("quoted near %d, far %d", near, far)
	}
	wrong := object{"market": "YL", "producer": producer, "version": 1, "delivery": object{"zones": []object{{"first_minor": -1, "further_minor": 0}, {"first_minor": 1, "further_minor": 0}}}}
	if p := w.ask("PUT", "/terms", x.grower, wrong).refused(422, "out_of_range"); len(p.Errors) != 2 || p.Errors[0].Field != "delivery.zones.0.first_minor" || p.Errors[1].Field != "delivery.zones.1.regions" {
		t.Errorf("refused: %+v", p)
	}

	// The market's own are its operators', and stand in where a seller has none.
	w.ask("GET", markets, x.grower, nil).refused(403, "operator_only")
	w.ask("PUT", "/terms", x.grower, object{"market": "YL", "version": 0}).refused(403, "operator_only")
	w.ask("PUT", "/terms", x.boss, object{"market": "YL", "version": 0, "cash": object{"most_minor": 50000}, "pickup": object{"name": "集市", "address": "人民路 1 号"}}).must(200, &common)
	if common["producer"] != nil || common.within("cash").number("most_minor") != 50000 {
		t.Errorf("the market's: %v", common)
	}
	w.ask("PUT", "/terms", x.grower, object{"market": "YL", "producer": producer, "version": 1}).must(200)
	w.ask("GET", own, x.grower, nil).must(200, &gone)
	if gone.number("version") != 2 || gone["delivery"] != nil || gone["discount"] != nil || gone["pickup"] != nil || quote("110000").number("total_minor") != 6500 {
		t.Errorf("taken away: %v", gone)
	}
	w.clean()
}
