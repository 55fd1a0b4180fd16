package api_test

import "testing"

// What somebody puts aside waits for them as it would be bought now, goes into a
// checkout, and comes back from the order that was made of it.
func TestABasketIsFilledBoughtAndFilledAgainFromItsOrder(t *testing.T) {
	x := openTrade(t)
	one := "/basket/YL/" + x.listing
	put := func(body object) said { return x.ask("PUT", one, x.buyer, body) }
	put(object{"amount": "2.5", "unit": "kg"}).must(200)
	for range 2 {
		put(object{"quantity": 3000}).must(200)
	}
	put(object{"amount": "1", "unit": "box"}).refused(422, "unit_other")
	x.ask("PUT", "/basket/YL/"+x.seller, x.buyer, object{"quantity": 3000}).refused(404, "listing_unknown")
	line := x.only(x.buyer, "/basket")
	if line.number("quantity") != 3000 || line.number("total_minor") != 7800 || line.text("reason") != "" || line.within("goods").text("id") != x.listing {
		t.Errorf("put aside: %v", line)
	}
	if others := x.items(x.stranger, "/basket"); len(others) != 0 {
		t.Errorf("a stranger has %v", others)
	}
	x.ask("DELETE", one, x.buyer, nil).must(200)
	if left := x.items(x.buyer, "/basket"); len(left) != 0 {
		t.Errorf("taken out: %v", left)
	}

	here, _ := x.bought(x.buyer, 4000)
	var again object
	x.ask("POST", here+"/reorder", x.stranger, nil).refused(404, "not_found")
	for range 2 {
		x.ask("POST", here+"/reorder", x.buyer, nil).must(200, &again)
	}
	if line := x.only(x.buyer, "/basket"); again.number("put") != 1 || len(again.list("missing")) != 0 || line.number("quantity") != 4000 {
		t.Errorf("again: %v, %v", again, line)
	}
	x.ask("POST", "/listings/YL/"+x.listing+"/pause", x.grower, nil).must(200)
	x.ask("POST", here+"/reorder", x.buyer, nil).must(200, &again)
	missing := again.list("missing")
	if again.number("put") != 0 || len(missing) != 1 || missing[0].text("code") == "" || missing[0].text("why") == "" || x.only(x.buyer, "/basket").text("reason") != "paused" {
		t.Errorf("what is not sold just now: %v", again)
	}
	x.clean()
}
