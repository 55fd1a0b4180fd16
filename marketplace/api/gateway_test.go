package api_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/marketplace"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
)

// atStripe is a business whose buyers pay at the gateway's stand-in.
func atStripe(t *testing.T) (x *business, s *stripetest.Server) {
	t.Helper()
	x = openBusiness(t, func(c *marketplace.Config) {
		s = stripetest.New(t, 1, c.Clock)
		c.Home = "https://market.example"
		c.Stripe = stripe.Options{Key: stripetest.Key, Secrets: []string{stripetest.Secret}, Base: s.URL}
	})
	return x, s
}

// paid lets the buyer order so many grams and pay for them at the gateway.
func (x *business) paid(s *stripetest.Server, grams int64) (checkout object) {
	x.t.Helper()
	checkout = x.ordered(grams, "stripe")
	all := s.Sessions()
	if checkout.text("pay_url") == "" || !s.Pay(all[len(all)-1], stripetest.Paying{}) {
		x.t.Fatalf("not to be paid: %v", checkout)
	}
	x.ask("POST", "/checkouts/YL/"+checkout.text("id")+"/settle", x.buyer, nil).must(200, &checkout)
	if checkout.text("state") != "captured" {
		x.t.Fatalf("paid: %v", checkout)
	}
	x.drain()
	return checkout
}

// read has the gateway's balance read, and lets an hour pass.
func (x *business) read() {
	x.t.Helper()
	x.ask("POST", "/gateway/runs/YL", x.boss, nil).must(204)
	x.drain()
	x.clock.advance(time.Hour)
	x.drain()
}

func TestADayOfTheGatewaysBalanceIsReadAndExplained(t *testing.T) {
	x, s := atStripe(t)
	x.ask("POST", "/gateway/runs/YL", x.grower, nil).refused(403, "operator_only")
	x.arrived(x.paid(s, 5000))
	x.clock.advance(3 * 24 * time.Hour) // the money is usable
	s.Take("reserve_transaction", 90, "held back")
	s.PayOut(10_000)
	for range 2 { // within a minute it is one reading
		x.ask("POST", "/gateway/runs/YL", x.boss, nil).must(204)
	}
	x.read()
	runs := x.items(x.boss, "/gateway/runs?market=YL")
	if len(runs) != 1 || runs[0].number("lines") != 3 || runs[0].text("ended_at") == "" || runs[0].text("gateway") != "stripe" {
		t.Errorf("read: %v", runs)
	}
	lines := map[string]object{}
	for _, l := range x.items(x.boss, "/gateway/lines?market=YL") {
		lines[l.text("kind")] = l
	}
	if c := lines["charge"]; c.text("state") != "done" || c.text("deed") != "known" || c.number("amount_minor") != 13000 || c.number("fee_minor") != stripetest.Fee(13000) {
		t.Errorf("the charge: %v", c)
	}
	if p := lines["payout"]; p.text("state") != "done" || p.text("deed") != "payout" || x.balance("bank:operating") != 10_000 {
		t.Errorf("to our bank: %v, there %d", p, x.balance("bank:operating"))
	}
	odd := lines["unknown"]
	if waits := x.items(x.boss, "/gateway/lines?market=YL&waits=yes"); len(waits) != 1 || waits[0].text("id") != odd.text("id") || odd.text("state") != "differs" || odd.number("recon_minor") != -90 {
		t.Fatalf("that nobody knows: %v", waits)
	}
	here := "/gateway/lines/YL/" + odd.text("id")
	x.ask("POST", here, x.grower, object{"deed": "fee"}).refused(403, "operator_only")
	x.ask("POST", here, x.boss, object{"deed": "refund"}).refused(422, "line_deed")
	x.ask("POST", here, x.boss, object{"deed": "booked"}).refused(422, "required")
	var said object
	for range 2 {
		x.ask("POST", here, x.boss, object{"deed": "fee"}).must(200, &said)
	}
	x.ask("POST", here, x.boss, object{"deed": "capital"}).refused(409, "line_taken")
	if said.text("state") != "done" || said.text("deed") != "fee" || x.balance("recon") != 0 || x.balance("cost:gateway") != stripetest.Fee(13000)+90 {
		t.Errorf("explained: %v, the gateway has cost %d", said, x.balance("cost:gateway"))
	}
	if left := x.balance("gateway:available"); left != 13000-stripetest.Fee(13000)-10_000-90 {
		t.Errorf("%d is left at the gateway", left)
	}
	x.clean()
}

// A grower has an account at the gateway, is paid there by two operators, and
// what was a mistake is asked back.
func TestAGrowerIsPaidAtTheGatewayAndATransferIsRecalled(t *testing.T) {
	x, s := atStripe(t)
	own := "/me/payees/YL/" + x.payee + "/gateway"
	x.ask("POST", own, x.buyer, nil).refused(404, "payee_unknown")
	x.ask("POST", own, x.boss, nil).refused(403, "forbidden")
	var connected, batch, shown object
	for range 2 {
		x.ask("POST", own, x.grower, nil).must(201, &connected)
	}
	if connected.text("state") != "pending" || !strings.HasPrefix(connected.text("url"), s.URL+"/onboard/") || len(s.Connected()) != 1 {
		t.Fatalf("connected: %v", connected)
	}
	x.arrived(x.paid(s, 5000))
	x.arrived(x.paid(s, 5000))
	x.ask("POST", "/payouts", x.boss, object{"market": "YL", "way": "transfers"}).refused(409, "payout_nothing")
	s.Stand(s.Connected()[0], "active")
	x.days(3) // the gateway is asked, and what was paid is usable
	if all := x.items(x.second, "/payout-accounts?market=YL"); len(all) != 1 || all[0].text("state") != "active" || all[0].text("gateway") != "stripe" {
		t.Fatalf("the account: %v", all)
	}
	x.read()

	x.ask("POST", "/payouts", x.boss, object{"market": "YL", "way": "transfers"}).must(201, &batch)
	here := "/payouts/YL/" + batch.text("id")
	x.ask("POST", here+"/approve", x.boss, nil).refused(403, "payout_self_approve")
	x.ask("POST", here+"/approve", x.second, nil).must(200)
	x.drain()
	row := func() object {
		x.ask("GET", here, x.boss, nil).must(200, &shown)
		return shown.list("rows")[0]
	}
	one := row()
	if one.text("state") != "paid" || one.number("amount_minor") != 2*11960 || one.text("transfer") == "" || len(s.Transfers()) != 1 {
		t.Fatalf("transferred: %v", one)
	}
	way := here + "/" + one.text("id")
	x.ask("POST", way+"/recall", x.agent, object{"reason": "算错了"}).refused(403, "operator_only")
	x.ask("POST", way+"/recall", x.boss, object{"reason": " "}).refused(422, "required")
	x.ask("POST", way+"/returned", x.boss, object{"reason": "退票"}).refused(409, "payout_by_gateway")
	for range 2 {
		x.ask("POST", way+"/recall", x.boss, object{"reason": "算错了"}).must(200, &shown)
	}
	x.drain()
	if one = row(); one.text("state") != "returned" || one.text("reason") != "算错了" || s.Transfers()[0].Back != 2*11960 {
		t.Errorf("recalled: %v", one)
	}
	if all := x.items(x.grower, "/me/payees"); all[0].number("open_minor") != 2*11960 || all[0].within("account").text("gateway") != "stripe" {
		t.Errorf("the grower sees %v", all)
	}
	x.read()
	x.clean()
}

// What was paid in another currency than was asked for waits for somebody who gives
// it back in the gateway's pages and says so.
func TestAnOddPaymentIsSeenAndDealtWith(t *testing.T) {
	x, s := atStripe(t)
	checkout := x.ordered(5000, "stripe")
	s.Pay(s.Sessions()[0], stripetest.Paying{Currency: "usd"})
	here := "/payments/YL/" + checkout.text("id") + "/settle-odd"
	x.ask("POST", "/checkouts/YL/"+checkout.text("id")+"/settle", x.buyer, nil).must(200, &checkout)
	odd := x.only(x.boss, "/payments/odd?market=YL")
	if checkout.text("state") == "captured" || odd.text("payment") != checkout.text("id") {
		t.Errorf("paid in another currency: %v, %v", checkout, odd)
	}
	for range 2 {
		x.ask("POST", here, x.boss, nil).must(204)
	}
	if odd := x.items(x.boss, "/payments/odd?market=YL"); len(odd) != 0 {
		t.Errorf("still there: %v", odd)
	}
	x.clean()
}

func TestWithoutAGatewayThereIsNoAccountAtOneAndNothingToRead(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	w.ask("POST", "/me/payees/YL/"+x.payee+"/gateway", x.grower, nil).refused(409, "gateway_off")
	w.ask("POST", "/gateway/runs/YL", x.boss, nil).refused(409, "not_the_keeper")
}
