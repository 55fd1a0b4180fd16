package cash_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// place is a market with an agent and a clock that the test moves.
type place struct {
	t        *testing.T
	db       *storage.DB
	market   int32
	now      atomic.Int64
	operator people.Person
	agent    agents.MarketAgent
	room     *agents.Room
}

func open(t *testing.T) *place {
	p := &place{t: t, operator: people.Person{ID: id.New()}}
	p.now.Store(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	p.db, p.market = dbtest.Open(t, func(s *storage.Options) { s.Clock = func() time.Time { return time.Unix(0, p.now.Load()) } })
	p.operator.Operator = []int32{p.market}
	d := people.New(p.db)
	d.Cost = people.LightCost
	who, err := d.Register(t.Context(), once.Key{}, people.Newcomer{Name: "热依拉", Phone: dbtest.Phone(), Password: "walnuts in Yuli"})
	p.must(err)
	p.room = agents.New(p.db)
	a, err := p.room.Apply(t.Context(), p.market, who)
	p.must(err)
	p.must(p.room.Approve(t.Context(), p.market, a.ID, p.operator))
	p.view(func(tx *storage.Tx) error { p.agent, err = agents.InMarket(tx, a.ID); return err })
	return p
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) refuse(err error, code string) {
	p.t.Helper()
	if !fault.Has(err, code) {
		p.t.Errorf("got %v, want %s", err, code)
	}
}

func (p *place) view(fn func(*storage.Tx) error) {
	p.t.Helper()
	p.must(p.db.View(p.t.Context(), p.market, fn))
}

func (p *place) trust(limit int64, by id.ID) error {
	return cash.Trust(p.t.Context(), p.db, p.market, p.agent.PayeeID, limit, by)
}

func (p *place) give(sum int64, reference string) error {
	return cash.Give(p.t.Context(), p.db, p.market, p.agent.PayeeID, p.operator.ID, sum, reference)
}

func (p *place) bank(sum int64, reference string) error {
	return cash.Bank(p.t.Context(), p.db, p.market, p.agent.PayeeID, p.operator.ID, sum, reference)
}

// together does it 64 times at once.
func (p *place) together(do func() error) {
	p.t.Helper()
	var hands sync.WaitGroup
	for range 64 {
		hands.Go(func() {
			if err := do(); err != nil {
				p.t.Error(err)
			}
		})
	}
	hands.Wait()
}

func (p *place) holds() int64 {
	p.t.Helper()
	var h cash.Holder
	p.view(func(tx *storage.Tx) (err error) { h, err = cash.Find(tx, p.agent.PayeeID); return })
	return h.Holds
}

func (p *place) alarms() (found []audit.Values) {
	p.t.Helper()
	for _, a := range cash.Alarms() {
		p.view(func(tx *storage.Tx) error {
			heard, err := a.Run(tx)
			found = append(found, heard...)
			return err
		})
	}
	return found
}

func TestAFloatStaysWithinItsLimitAndIsBankedOnce(t *testing.T) {
	p := open(t)
	p.refuse(p.give(1, "a"), "cash_holder_unknown")
	p.refuse(p.trust(1000, p.agent.PersonID), "cash_own")
	p.refuse(p.trust(0, p.operator.ID), "out_of_range")
	p.must(p.trust(500, p.operator.ID))
	p.must(p.trust(1000, p.operator.ID))                  // another limit
	p.together(func() error { return p.give(700, "G1") }) // the bank's reference is booked once
	p.refuse(p.give(701, "G1"), "reference_used")
	p.refuse(p.give(301, "G2"), "cash_limit")
	p.refuse(p.give(0, "G3"), "out_of_range")
	p.refuse(p.give(1, ""), "required")
	p.refuse(p.bank(701, "B1"), "cash_short")
	p.together(func() error { return p.bank(300, "B1") })
	if got := p.holds(); got != 400 {
		t.Errorf("holds %d", got)
	}
	p.must(p.room.Suspend(t.Context(), p.market, p.agent.AgentID, p.operator, "away"))
	p.refuse(p.give(1, "G4"), "cash_stopped")
	p.must(p.bank(400, "B2")) // what is there is still banked
	p.view(func(tx *storage.Tx) error {
		for _, c := range append(cash.Checks(), ledger.Checks()...) {
			if _, wrong, err := c.Run(tx); err != nil || len(wrong) > 0 {
				t.Errorf("%s: %v %v", c.Name, wrong, err)
			}
		}
		hands, err := cash.Hands(tx)
		if len(hands) != 0 {
			t.Errorf("a suspended agent can be chosen: %+v", hands)
		}
		return err
	})
}

func TestWhoIsStoppedWhileSuspendedStaysStopped(t *testing.T) {
	p := open(t)
	p.must(p.trust(1000, p.operator.ID))
	p.must(p.room.Suspend(t.Context(), p.market, p.agent.AgentID, p.operator, "away"))
	for range 2 {
		p.must(cash.Stop(t.Context(), p.db, p.market, p.agent.PayeeID, p.operator.ID, "cash was missing"))
	}
	p.must(p.room.Approve(t.Context(), p.market, p.agent.AgentID, p.operator))
	p.refuse(p.give(1, "G1"), "cash_stopped")
	p.must(p.trust(1000, p.operator.ID))
	p.must(p.give(1, "G1"))
}

func TestCashThatLiesTooLongOrIsTooMuchIsHeardOf(t *testing.T) {
	p := open(t)
	p.must(p.trust(1000, p.operator.ID))
	p.must(p.give(600, "G1"))
	p.now.Add(int64(10 * 24 * time.Hour))
	p.must(p.give(300, "G2"))
	p.must(p.bank(200, "B1")) // what came first goes first
	if heard := p.alarms(); len(heard) != 0 {
		t.Errorf("too early: %v", heard)
	}
	p.now.Add(int64(5 * 24 * time.Hour))
	if heard := p.alarms(); len(heard) != 1 || heard[0]["name"] != "热依拉" || heard[0]["holds_minor"] != int64(400) {
		t.Errorf("heard %v", heard)
	}
	p.must(p.trust(650, p.operator.ID))
	if heard := p.alarms(); len(heard) != 2 || heard[0].String() != "holds_minor=700 limit_minor=650 name=热依拉" {
		t.Errorf("heard %v", heard)
	}
	p.must(p.bank(400, "B2"))
	if heard := p.alarms(); len(heard) != 0 {
		t.Errorf("heard %v", heard)
	}
}

func TestOnlyAnAgentOfTheMarketHoldsItsCash(t *testing.T) {
	p := open(t)
	p.must(p.room.Suspend(t.Context(), p.market, p.agent.AgentID, p.operator, "away"))
	p.refuse(p.trust(1000, p.operator.ID), "cash_agent_only")
	p.refuse(cash.Trust(t.Context(), p.db, p.market, id.New(), 1000, p.operator.ID), "payee_unknown")
}
