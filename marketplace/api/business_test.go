package api_test

import (
	"testing"
	"time"

	"commonfield/marketplace"
)

// business is a trade with two operators, and an agent with a link who earns 6 %.
type business struct {
	*trade
	second, agent string             // tokens
	payee, hand   string             // the grower's payee, and the agent's
	link          string             // the agent's code
	phones        map[*string]string // by the token of whose it is
}

func openBusiness(t testing.TB, change ...func(*marketplace.Config)) *business {
	t.Helper()
	x := &business{trade: openTrade(t, change...)}
	x.second, _ = x.operator("Second operator", x.market.ID)
	x.agent, _, _ = x.person("马春兰")
	x.ask("POST", "/commission-rules", x.boss, object{"market": "YL", "rate_bp": 600, "hold_days": 7}).must(201)
	var agent object
	x.ask("POST", "/agents", x.agent, object{"market": "YL"}).must(201, &agent)
	x.ask("POST", "/agents/YL/"+agent.text("id")+"/approve", x.boss, nil).must(200)
	x.link, x.payee, x.hand = agent.text("code"), mine(x.world, x.grower), mine(x.world, x.agent)
	x.phones = map[*string]string{}
	for _, token := range []*string{&x.boss, &x.second, &x.grower, &x.agent, &x.buyer} {
		x.phones[token] = x.seen(*token, "/me").text("phone")
	}
	return x
}

// ordered lets the buyer order so many grams through the agent, in some way to pay.
func (x *business) ordered(grams int64, way string) (checkout object) {
	x.t.Helper()
	ask := buying(x.listing, grams, way)
	ask["agent_link"] = x.link
	x.ask("POST", "/checkouts", x.buyer, ask).must(201, &checkout)
	return checkout
}

// sold lets the buyer order so many grams through the agent, pay for them and get
// them, and gives the order's id: its grower is owed their share.
func (x *business) sold(grams int64) string {
	x.t.Helper()
	checkout := x.ordered(grams, "sandbox")
	x.ask("POST", "/payments/YL/"+checkout.text("id")+"/sandbox", x.buyer, object{"outcome": "pay"}).must(200)
	x.drain()
	return x.arrived(checkout)
}

// arrived walks the order of a paid checkout to its end, and gives its id.
func (x *business) arrived(checkout object) string {
	x.t.Helper()
	here := orderPath(checkout)
	x.does(x.grower, here+"/accept", nil, "accepted")
	x.does(x.grower, here+"/pack", nil, "packed")
	x.does(x.grower, here+"/ship", object{"carrier": "中通", "number": "7584"}, "shipped")
	x.does(x.buyer, here+"/deliver", nil, "delivered")
	is := x.does(x.buyer, here+"/complete", nil, "completed")
	x.drain()
	return is.text("id")
}

// days lets days pass, after which everybody signs in anew.
func (x *business) days(n int) {
	x.t.Helper()
	for range n {
		x.pass(24 * time.Hour)
	}
	for token, phone := range x.phones {
		var session object
		x.ask("POST", "/sessions", "", object{"login": phone, "password": password}).must(201, &session)
		*token = session.text("token")
	}
}

// account names a bank account for the grower.
func (x *business) account(holder string) {
	x.t.Helper()
	x.ask("PUT", "/me/payees/YL/"+x.payee+"/account", x.grower, object{"holder": holder, "bank": "农业银行", "number": "6222020200112233"}).must(204)
}

// funded gives the market money of its own at the bank.
func (x *business) funded(sum int64) {
	x.t.Helper()
	x.ask("POST", "/treasury/YL", x.boss, object{"deed": "capital_in", "amount_minor": sum, "bank_reference": "C-1"}).must(200)
}

// balance is what an account of the book holds.
func (x *business) balance(account string) int64 {
	x.t.Helper()
	return x.seen(x.boss, "/ledger/accounts/YL/"+account).number("balance_minor")
}
