package api_test

import "testing"

// wired buys by bank transfer and lets so much more come than is due.
func (x *trade) wired(grams, more int64) (here, payment string) {
	x.t.Helper()
	var bought object
	x.ask("POST", "/checkouts", x.buyer, buying(x.listing, grams, "bank")).must(201, &bought)
	payment = "/payments/YL/" + bought.text("id")
	x.ask("POST", payment+"/transfers", x.boss, object{"amount_minor": bought.number("total_minor") + more, "bank_reference": "A1"}).must(200)
	x.drain()
	return orderPath(bought), payment
}

// More came than was due: it is shown, given back once, and sent by an operator.
func TestWhatCameTooMuchIsGivenBackByTheAPI(t *testing.T) {
	x := openTrade(t)
	_, payment := x.wired(1000, 500)
	for _, token := range []string{x.buyer, x.boss} {
		if p := x.seen(token, payment); p.text("state") != "captured" || p.number("due_minor") != 2600 || p.number("captured_minor") != 3100 || p.text("way") != "bank" {
			t.Errorf("the payment: %v", p)
		}
	}
	x.ask("GET", payment, x.stranger, nil).refused(404, "not_found")
	x.ask("GET", "/payments/excess?market=YL", x.buyer, nil).refused(403, "operator_only")
	row := x.only(x.boss, "/payments/excess?market=YL")
	if row.number("amount_minor") != 500 || "/payments/YL/"+row.text("payment") != payment || row.text("reference") == "" {
		t.Fatalf("too much: %v", row)
	}
	x.ask("POST", payment+"/give-back", x.buyer, nil).refused(403, "operator_only")
	var back, again object
	x.ask("POST", payment+"/give-back", x.boss, nil).must(201, &back)
	x.ask("POST", payment+"/give-back", x.boss, nil).must(201, &again)
	if back.text("state") != "asked" || back.number("amount_minor") != 500 || back.text("id") != again.text("id") {
		t.Errorf("given back: %v, %v", back, again)
	}
	if open := x.only(x.boss, "/refunds?market=YL"); open.text("id") != back.text("id") {
		t.Errorf("under way: %v", open)
	}
	for range 2 {
		x.does(x.boss, "/refunds/YL/"+back.text("id")+"/finish", object{"done": true}, "succeeded")
	}
	if len(x.items(x.boss, "/refunds?market=YL")) != 0 || len(x.items(x.boss, "/payments/excess?market=YL")) != 0 {
		t.Error("what is done waits still")
	}
	_, exact := x.wiredExactly()
	if p := x.ask("POST", exact+"/give-back", x.boss, nil).refused(422, "refund_too_large"); p.Field != "" {
		t.Errorf("nothing came too much, at %q", p.Field)
	}
	x.drain()
	x.clean()
}

func (x *trade) wiredExactly() (here, payment string) {
	x.t.Helper()
	var bought object
	x.ask("POST", "/checkouts", x.buyer, buying(x.listing, 500, "bank")).must(201, &bought)
	payment = "/payments/YL/" + bought.text("id")
	x.ask("POST", payment+"/give-back", x.boss, nil).refused(409, "conflict") // it is open still
	x.ask("POST", payment+"/transfers", x.boss, object{"amount_minor": 1300, "bank_reference": "A2"}).must(200)
	return orderPath(bought), payment
}

// A refund could not be sent: it waits, is sent once more, and by transfer when its way is closed.
func TestARefundThatFailedIsRepeatedAndSentByTransferByTheAPI(t *testing.T) {
	x := openTrade(t)
	here, _ := x.wired(1000, 0)
	var first, second, third object
	x.ask("POST", here+"/refunds", x.boss, object{"reason": "没货了", "lines": []object{{"line": 1, "amount_minor": 1000}}}).must(201, &first)
	at := func(r object) string { return "/refunds/YL/" + r.text("id") }
	x.ask("POST", at(first)+"/repeat", x.boss, nil).refused(409, "conflict")
	x.does(x.boss, at(first)+"/finish", object{"done": false}, "failed")
	if row := x.only(x.boss, "/refunds/unclaimed?market=YL"); row.text("id") != first.text("id") || row.number("amount_minor") != 1000 {
		t.Errorf("it waits: %v", row)
	}
	x.ask("GET", "/refunds/unclaimed?market=YL", x.buyer, nil).refused(403, "operator_only")
	x.ask("POST", at(first)+"/repeat", x.buyer, nil).refused(403, "operator_only")
	for range 2 {
		second = object{}
		x.ask("POST", at(first)+"/repeat", x.boss, nil).must(201, &second)
	}
	if second.text("id") == first.text("id") || second.text("state") != "asked" || second.number("amount_minor") != 1000 || len(x.items(x.boss, "/refunds?market=YL")) != 1 {
		t.Errorf("repeated: %v", second)
	}
	x.ask("POST", at(first)+"/transfer", x.boss, nil).refused(409, "conflict") // it is on its way already
	x.does(x.boss, at(second)+"/finish", object{"done": false}, "failed")
	for range 2 {
		third = object{}
		x.ask("POST", at(second)+"/transfer", x.boss, nil).must(201, &third)
	}
	if third.text("state") != "asked" || third.number("amount_minor") != 1000 {
		t.Errorf("by transfer: %v", third)
	}
	x.ask("POST", "/refunds/YL/"+x.listing+"/transfer", x.boss, nil).refused(404, "not_found")
	x.does(x.boss, at(third)+"/finish", object{"done": true}, "succeeded")
	if len(x.items(x.boss, "/refunds/unclaimed?market=YL")) != 0 {
		t.Error("it waits still")
	}
	x.drain()
	if order := x.seen(x.buyer, here); order.number("net_minor") != 1600 || order.text("payment_state") != "part_refunded" {
		t.Errorf("in the end: %v", order)
	}
	x.clean()
}
