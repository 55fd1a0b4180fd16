package order_test

import (
	"testing"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/statement"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// throughOwnLink buys five kilos as a guest with a phone that is not the agent's,
// through the agent's link, and walks the order to a state.
func throughOwnLink(t *testing.T, a *arena, to order.State) (people.Person, order.Ref) {
	t.Helper()
	guest := people.Person{ID: id.New(), Guest: true}
	ask := a.Ask(5000)
	ask.Buyer, ask.PlacedBy = guest, guest
	c, err := a.Orders.Place(a.ctx, once.Key{}, ask)
	must(t, err)
	ref := c.Orders()[0]
	for _, s := range []order.State{order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed} {
		if to == order.Placed {
			break
		}
		must(t, a.step(ref, c, s))
		if s == to {
			break
		}
	}
	a.Drain(t)
	return guest, ref
}

func accounts(t *testing.T, w *ordertest.World) (agent, seller map[string]int64) {
	t.Helper()
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) error {
		of := func(payee id.ID) map[string]int64 {
			have, err := ledger.Balance(tx, ledger.Commission(payee), ledger.Owed(payee), ledger.Receivable(payee))
			must(t, err)
			return map[string]int64{"commission": have[ledger.Commission(payee)], "owed": have[ledger.Owed(payee)], "receivable": have[ledger.Receivable(payee)]}
		}
		agent, seller = of(agentPayee(t, tx, w)), of(w.Producer.PayeeID)
		return nil
	}))
	return agent, seller
}

// Five kilos at 26.00: 130.00, of it 2.60 fee, 7.80 for the agent, 119.60 for the seller.
func TestAnAgentWhoClaimsAGuestsOrderThroughTheirOwnLinkEarnsNothingInAnyState(t *testing.T) {
	a := enter(t)
	for i, state := range []order.State{order.Placed, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed} {
		guest, ref := throughOwnLink(t, a, state)
		agent, seller := accounts(t, a.World)
		for range 2 {
			must(t, a.Orders.Claim(a.ctx, guest, a.AgentBy))
			a.Drain(t)
		}
		s := story(t, a.World, ref)
		if p := s.Parts(); p != (order.Shares{Seller: 12740, Fee: 260}) || s.Buyer != a.AgentBy.ID || s.Agent != nil {
			t.Errorf("%s: parts %+v, buyer %s, agent %v", state, p, s.Buyer, s.Agent)
		}
		must(t, a.DB.View(a.ctx, a.Market, func(tx *storage.Tx) error {
			of, err := attribution.OfSale(tx, ref.ID)
			must(t, err)
			if len(of) != 1 || of[0].Refused != attribution.SelfDealing {
				t.Errorf("%s: attributed as %+v", state, of)
			}
			left, err := commission.Standing(tx, ref.ID)
			must(t, err)
			if l := left[1]; state == order.Completed && l.Kept() != 0 || state != order.Completed && l.State != commission.Voided {
				t.Errorf("%s: the commission is %+v", state, l)
			}
			return nil
		}))
		now, then := accounts(t, a.World)
		if state == order.Completed && (then["owed"] != seller["owed"]+780 || now["commission"] != agent["commission"]-780) || state != order.Completed && then["owed"] != seller["owed"] {
			t.Errorf("%s: agent %v → %v, seller %v → %v", state, agent, now, seller, then)
		}
		books(t, a.World)
		if i > 0 && state != order.Completed { // on to the end: nothing for the agent
			for _, next := range []order.State{order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed}[i-1:] {
				must(t, a.step(ref, order.Checkout{}, next))
			}
			end, paid := accounts(t, a.World)
			if end["commission"] != now["commission"] || paid["owed"] != then["owed"]+12740 {
				t.Errorf("%s, completed: agent %v, seller %v", state, end, paid)
			}
			books(t, a.World)
		}
		must(t, a.refundAll(ref)) // and all of it may still go back
		a.Drain(t)
		books(t, a.World)
	}
	statements(t, a.World)
}

// refundAll gives back what is left, where anything was paid.
func (a *arena) refundAll(ref order.Ref) error {
	if o, err := a.Orders.Find(a.ctx, ref); err != nil || o.SecuredAt == nil {
		return err
	}
	_, err := a.Orders.Refund(a.ctx, once.Key{}, a.Operator, ref, nil, "x")
	return err
}

// The commission is payable, then paid out: what is gone becomes the agent's debt.
func TestACommissionThatWasPaidOutBecomesTheDebtOfWhoDealtWithThemselves(t *testing.T) {
	for _, paid := range []bool{false, true} {
		a := enter(t)
		guest, ref := throughOwnLink(t, a, order.Completed)
		a.Clock.Advance(8 * 24 * time.Hour)
		a.Drain(t)
		if paid {
			a.payOut(agentOf(t, a))
		}
		must(t, a.Orders.Claim(a.ctx, guest, a.AgentBy))
		a.Drain(t)
		agent, seller := accounts(t, a.World)
		if debt := map[bool]int64{true: 780}[paid]; agent["owed"] != 0 || agent["receivable"] != debt || seller["owed"] != 12740 {
			t.Errorf("paid out %v: agent %v, seller %v", paid, agent, seller)
		}
		place := time.FixedZone("market", 8*3600)
		must(t, a.DB.View(a.ctx, a.Market, func(tx *storage.Tx) error {
			month := statement.MonthOf(tx.Now, place)
			its, err := statement.Of(tx, agentPayee(t, tx, a.World), month, place)
			must(t, err)
			theirs, err := statement.Of(tx, a.Producer.PayeeID, month, place)
			must(t, err)
			if its.Earned != 780 || its.Reversed != -780 || its.Backs != 1 || theirs.Earned != 12740 || theirs.Sales != 1 {
				t.Errorf("the agent reads %+v, the seller %+v", its.Sums, theirs.Sums)
			}
			return nil
		}))
		books(t, a.World)
		statements(t, a.World)
		must(t, a.refund(ref, 1300)) // a tenth: nothing comes from the agent
		a.Drain(t)
		if now, _ := accounts(t, a.World); now["receivable"] != agent["receivable"] {
			t.Errorf("a refund took from the agent: %v", now)
		}
		books(t, a.World)
	}
}

func TestWhoIsNotTheAgentClaimsAndTheAgentKeepsTheCommission(t *testing.T) {
	a := enter(t)
	for _, state := range []order.State{order.Secured, order.Completed} {
		guest, ref := throughOwnLink(t, a, state)
		must(t, a.Orders.Claim(a.ctx, guest, a.Buyer.Person))
		a.Drain(t)
		if s := story(t, a.World, ref); s.Parts().Agent != 780 || s.Agent == nil {
			t.Errorf("%s: %+v", state, s.Parts())
		}
	}
	books(t, a.World)
}

func agentOf(t *testing.T, a *arena) (payee id.ID) {
	t.Helper()
	must(t, a.DB.View(a.ctx, a.Market, func(tx *storage.Tx) error { payee = agentPayee(t, tx, a.World); return nil }))
	return payee
}

// payOut pays somebody what they are owed.
func (a *arena) payOut(payee id.ID) {
	a.Helper()
	must(a.T, payable.SetAccount(a.ctx, a.DB, a.Market, payee, payable.Account{Holder: "马春兰", Bank: "农行", Number: "6228480012345678"}, a.Box, a.Operator.ID))
	batch, err := a.payouts.Draft(a.ctx, once.Key{}, a.Market, a.Operator.ID, []id.ID{payee})
	must(a.T, err)
	_, err = a.payouts.Approve(a.ctx, a.Market, batch.ID, a.Buyer.ID)
	must(a.T, err)
	_, err = a.payouts.Answer(a.ctx, once.Key{}, a.Market, batch.ID, a.answers(batch.ID))
	must(a.T, err)
}
