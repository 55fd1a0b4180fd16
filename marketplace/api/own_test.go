package api_test

import "testing"

// What is somebody's own: devices, programs' tokens, what they are paid.
func TestDevicesAndTokensAreListedAndEndedByTheirPerson(t *testing.T) {
	w := open(t)
	here, _, phone := w.person("王芳")
	other, _, _ := w.person("别人")
	var there, made, reader object
	w.ask("POST", "/sessions", "", object{"login": phone, "password": password}, "User-Agent", "phone").must(201, &there)
	all := w.items(here, "/sessions")
	if len(all) != 2 || all[0]["current"] == all[1]["current"] {
		t.Fatalf("devices: %v", all)
	}
	away := all[0]
	if away["current"] == true {
		away = all[1]
	}
	if away.text("device") != "phone" {
		t.Errorf("the other: %v", away)
	}
	w.ask("DELETE", "/sessions/"+away.text("id"), other, nil).refused(404, "session_unknown")
	w.ask("DELETE", "/sessions/x", here, nil).refused(404, "not_found")
	w.ask("DELETE", "/sessions/"+away.text("id"), here, nil).must(204)
	w.ask("GET", "/me", there.text("token"), nil).refused(401, "sign_in_again")
	if left := w.only(here, "/sessions"); left["current"] != true {
		t.Errorf("left: %v", left)
	}

	if len(w.items(here, "/me/tokens")) != 0 {
		t.Error("somebody has a token at first")
	}
	w.ask("POST", "/me/tokens", here, object{"name": "scales", "scopes": "write"}).must(201, &made)
	w.ask("POST", "/me/tokens", here, object{"name": "shows", "scopes": "read"}).must(201, &reader)
	for _, token := range []string{here, made.text("token"), reader.text("token")} { // a program sees them too
		rows := w.items(token, "/me/tokens")
		if len(rows) != 2 || rows[0]["token"] != nil || rows[1]["token"] != nil {
			t.Fatalf("tokens: %v", rows)
		}
		scopes := map[string]string{rows[0].text("name"): rows[0].text("scopes"), rows[1].text("name"): rows[1].text("scopes")}
		if scopes["scales"] != "write" || scopes["shows"] != "read" {
			t.Errorf("tokens: %v", rows)
		}
	}
	w.ask("DELETE", "/me/tokens/"+made.text("id"), here, nil).must(204)
	if left := w.only(here, "/me/tokens"); left.text("name") != "shows" {
		t.Errorf("left: %v", left)
	}
	if len(w.items(other, "/me/tokens")) != 0 {
		t.Error("somebody else's tokens are listed")
	}
	w.ask("GET", "/me/tokens", w.guest(), nil).refused(401, "sign_in_first")
}

// An agent's own: who they are, where they stand, what stands on their shelf.
func TestAnAgentSeesTheirOwnStandingAndShelf(t *testing.T) {
	x := openTrade(t)
	x.ask("GET", "/agents/me", x.buyer, nil).refused(404, "not_found")
	x.ask("GET", "/me/shelf", x.buyer, nil).refused(403, "forbidden")
	var agent object
	x.ask("POST", "/agents", x.buyer, object{"market": "YL"}).must(201, &agent)
	if is := x.seen(x.buyer, "/agents/me"); is.text("id") != agent.text("id") || is.text("code") != agent.text("code") || is.list("markets")[0].text("state") != "applied" {
		t.Errorf("applied: %v", is)
	}
	x.ask("POST", "/agents/YL/"+agent.text("id")+"/approve", x.boss, nil).must(200)
	if is := x.seen(x.buyer, "/agents/me").list("markets"); len(is) != 1 || is[0].text("state") != "active" || is[0].text("market") != "YL" {
		t.Errorf("let in: %v", is)
	}
	if is := x.seen(x.buyer, "/me/shelf"); is.text("greeting") != "" || len(is["goods"].([]any)) != 0 {
		t.Errorf("at first: %v", is)
	}
	x.ask("PUT", "/me/shelf", x.buyer, object{"greeting": "自家核桃", "goods": []object{{"market": "1", "listing": x.listing}}}).must(200)
	if is := x.seen(x.buyer, "/me/shelf"); is.text("greeting") != "自家核桃" || len(is.list("goods")) != 1 || is.list("goods")[0].text("market") != "YL" || is.list("goods")[0].text("listing") != x.listing {
		t.Errorf("arranged: %v", is)
	}
	x.ask("POST", "/listings/YL/"+x.listing+"/pause", x.grower, nil).must(200)
	if goods := x.seen("", "/shelves/"+agent.text("code")).list("goods"); len(goods) != 0 {
		t.Errorf("everybody sees what is not for sale: %v", goods)
	}
	if goods := x.seen(x.buyer, "/me/shelf").list("goods"); len(goods) != 1 {
		t.Errorf("its agent does not: %v", goods)
	}
	x.ask("GET", "/agents/me", x.guest(), nil).refused(401, "sign_in_first")
}

// What a payee is owed and was paid stands there for them and for operators.
func TestAPayeeSeesWhatTheyAreOwed(t *testing.T) {
	x := openTrade(t)
	here := x.delivered(1000)
	x.does(x.buyer, here+"/complete", nil, "completed")
	x.drain()
	payee := mine(x.world, x.grower)
	way := "/me/payees/YL/" + payee
	x.ask("GET", way, x.buyer, nil).refused(404, "payee_unknown")
	for _, token := range []string{x.grower, x.boss} {
		is := x.seen(token, way)
		// 26.00 less 2 %.
		if is.text("kind") != "producer" || is.number("open_minor") != 2548 || is.text("currency") != "CNY" || is["account"] != nil || len(is.list("payables")) != 1 {
			t.Fatalf("owed: %v", is)
		}
		if row := is.list("payables")[0]; row.number("amount_minor") != 2548 || "/orders/YL/"+row.text("order") != here || row["payout"] != nil || row["frozen"] != false {
			t.Errorf("for: %v", row)
		}
	}
	x.ask("PUT", way+"/account", x.grower, object{"holder": "吐尔逊·买买提", "bank": "农业银行", "number": "6222020200112233"}).must(204)
	var batch object
	x.ask("POST", "/payouts", x.boss, object{"market": "YL"}).must(201, &batch)
	is := x.seen(x.grower, way)
	if a := is.within("account"); a.text("number_tail") != "2233" || a.text("holder") != "吐尔逊·买买提" || a.text("state") == "" {
		t.Errorf("the account: %v", a)
	}
	if paid := is.list("payouts"); is.number("open_minor") != 0 || len(paid) != 1 || paid[0].number("amount_minor") != 2548 || is.list("payables")[0].text("payout") == "" {
		t.Errorf("drafted: %v", is)
	}
	x.ask("GET", "/me/payees/YL/"+x.listing, x.grower, nil).refused(404, "payee_unknown")
	x.clean()
}

func TestADivisionIsShownWithThoseAboveIt(t *testing.T) {
	w := open(t)
	is := w.seen("", "/regions/"+township)
	path := is.list("path")
	if is.number("level") != 4 || is.text("parent") != township[:6] || len(path) != 4 || path[0].number("level") != 1 || path[3].text("code") != township || is.text("full_name") == "" {
		t.Errorf("%v", is)
	}
	if county := w.seen("", "/regions/"+township[:6]); county.text("name") != path[2].text("name") || len(county.list("path")) != 3 {
		t.Errorf("%v", county)
	}
	for _, none := range []string{"999999", "x", "65282310"} {
		w.ask("GET", "/regions/"+none, "", nil).refused(404, "not_found")
	}
}
