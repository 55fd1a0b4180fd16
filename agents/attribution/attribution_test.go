package attribution_test

import (
	"errors"
	"testing"
	"time"

	"commonfield/agents/attribution"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// seller is an agent of the market under test.
type seller struct {
	id, person, payee id.ID
	code, phone       string
}

// admit makes an agent; without a state it is none of this market's.
func admit(t *testing.T, db *storage.DB, market int32, state string) seller {
	t.Helper()
	s := seller{id: id.New(), person: id.New(), code: id.Secret(6), phone: dbtest.Phone()}
	must(t, db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		tx.Queue(`INSERT INTO people (id, name, phone, created_at) VALUES ($1, 'A', $2, $3)`, s.person, s.phone, tx.Now)
		tx.Queue(`INSERT INTO agents (id, person_id, code, created_at) VALUES ($1, $2, $3, $4)`, s.id, s.person, s.code, tx.Now)
		return nil
	}))
	if state == "" {
		return s
	}
	s.payee = id.New()
	must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Queue(`INSERT INTO payees (market_id, id, kind, name, person_id, created_at) VALUES ($1, $2, 'agent', 'A', $3, $4)`, market, s.payee, s.person, tx.Now)
		tx.Queue(`INSERT INTO market_agents (market_id, agent_id, payee_id, state, applied_at) VALUES ($1, $2, $3, $4, $5)`, market, s.id, s.payee, state, tx.Now)
		return nil
	}))
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func decide(t *testing.T, db *storage.DB, market int32, a attribution.Ask) (g attribution.Given, err error) {
	t.Helper()
	err = db.View(t.Context(), market, func(tx *storage.Tx) error {
		g, err = attribution.Decide(tx, a)
		return err
	})
	return g, err
}

func TestTheFirstWayThatIsThereDecides(t *testing.T) {
	db, market := dbtest.Open(t)
	a, b, c := admit(t, db, market, "active"), admit(t, db, market, "active"), admit(t, db, market, "active")
	now := db.Now()
	for name, one := range map[string]struct {
		ask  attribution.Ask
		want attribution.Given
	}{
		"all three":     {attribution.Ask{PlacedBy: a.code, Code: b.code, Link: c.code, LinkAt: now}, attribution.Given{AgentID: a.id, PayeeID: a.payee, Way: "placed"}},
		"code and link": {attribution.Ask{Code: " " + b.code + " ", Link: c.code, LinkAt: now}, attribution.Given{AgentID: b.id, PayeeID: b.payee, Way: "code"}},
		"link":          {attribution.Ask{Link: c.code, LinkAt: now}, attribution.Given{AgentID: c.id, PayeeID: c.payee, Way: "link"}},
		"unknown link":  {attribution.Ask{Link: "NOBODY", LinkAt: now}, attribution.Given{}},
		"nothing":       {attribution.Ask{Buyer: id.New(), Phone: dbtest.Phone()}, attribution.Given{}},
	} {
		got, err := decide(t, db, market, one.ask)
		if err != nil || got != one.want {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func TestATypedCodeThatNobodyHasIsRefused(t *testing.T) {
	db, market := dbtest.Open(t)
	a := admit(t, db, market, "active")
	for _, ask := range []attribution.Ask{{Code: "NOBODY"}, {Code: "NOBODY", PlacedBy: a.code}, {PlacedBy: "NOBODY"}} {
		_, err := decide(t, db, market, ask)
		if !errors.Is(err, fault.Invalid("agent_code", "agent_unknown")) {
			t.Errorf("%+v: %v", ask, err)
		}
	}
}

func TestWhoBuysFromHimselfEarnsNothing(t *testing.T) {
	db, market := dbtest.Open(t)
	a := admit(t, db, market, "active")
	for name, ask := range map[string]attribution.Ask{
		"same person":             {Code: a.code, Buyer: a.person},
		"same phone":              {Code: a.code, Buyer: id.New(), Phone: a.phone},
		"phone without country":   {Code: a.code, Phone: a.phone[3:]},
		"phone written otherwise": {Link: a.code, LinkAt: db.Now(), Phone: "0086 " + a.phone[3:6] + "-" + a.phone[6:]},
	} {
		g, err := decide(t, db, market, ask)
		if err != nil || g.Refused != attribution.SelfDealing || g.AgentID != a.id || g.Earns() {
			t.Errorf("%s: %+v %v", name, g, err)
		}
	}
	for name, phone := range map[string]string{"another phone": dbtest.Phone(), "a short number": a.phone[len(a.phone)-4:], "none": ""} {
		g, err := decide(t, db, market, attribution.Ask{Code: a.code, Buyer: id.New(), Phone: phone})
		if err != nil || g.Refused != "" || !g.Earns() {
			t.Errorf("%s: %+v %v", name, g, err)
		}
	}
}

func TestAnAgentWithoutAPhoneIsNoBuyerWithoutAPhone(t *testing.T) {
	db, market := dbtest.Open(t)
	a := admit(t, db, market, "active")
	must(t, db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE people SET phone = NULL WHERE id = $1`, a.person)
		return err
	}))
	if g, err := decide(t, db, market, attribution.Ask{Code: a.code}); err != nil || !g.Earns() {
		t.Errorf("%+v %v", g, err)
	}
}

func TestAnAgentWhoIsNotActiveHereEarnsNothing(t *testing.T) {
	db, market := dbtest.Open(t)
	elsewhere := admit(t, db, dbtest.Market(t, db), "active")
	for name, a := range map[string]seller{"applied": admit(t, db, market, "applied"), "suspended": admit(t, db, market, "suspended"),
		"none": admit(t, db, market, ""), "of another market": elsewhere} {
		g, err := decide(t, db, market, attribution.Ask{Code: a.code})
		if err != nil || g.Refused != attribution.Inactive || g.AgentID != a.id {
			t.Errorf("%s: %+v %v", name, g, err)
		}
	}
}

func TestALinkCountsForThirtyDays(t *testing.T) {
	moment := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	db, market := dbtest.Open(t, func(o *storage.Options) { o.Clock = func() time.Time { return moment } })
	a := admit(t, db, market, "active")
	for _, one := range []struct {
		age  time.Duration
		want string
	}{{0, ""}, {attribution.Window, ""}, {attribution.Window + time.Second, attribution.Expired}} {
		g, err := decide(t, db, market, attribution.Ask{Link: a.code, LinkAt: moment.Add(-one.age)})
		if err != nil || g.Refused != one.want || g.Way != attribution.Link {
			t.Errorf("a link %s old: %+v %v", one.age, g, err)
		}
	}
}

func TestADecisionTakesOneQueryOnceAndNoneWithoutACode(t *testing.T) {
	db, market := dbtest.Open(t)
	a := admit(t, db, market, "active")
	full := attribution.Ask{PlacedBy: a.code, Code: a.code, Link: a.code, LinkAt: db.Now(), Buyer: id.New(), Phone: dbtest.Phone()}
	one, err := storage.Open(t.Context(), storage.Options{URL: dbtest.Address(t), Pool: 1})
	must(t, err)
	defer func() { _ = one.Close() }()
	b := admit(t, db, market, "active")
	if _, err := decide(t, one, market, attribution.Ask{Code: b.code}); err != nil { // prepares the statement
		t.Fatal(err)
	}
	for _, c := range []struct {
		ask  attribution.Ask
		want int64
	}{{full, 1}, {full, 0}, {attribution.Ask{Buyer: id.New()}, 0}} {
		before := one.Trips()
		if _, err := decide(t, one, market, c.ask); err != nil {
			t.Fatal(err)
		}
		if n := one.Trips() - before; n != c.want {
			t.Errorf("%d trips, not %d", n, c.want)
		}
	}
}

func TestADecisionIsKeptForEachLineOnceAndRefusedOnesToo(t *testing.T) {
	db, market := dbtest.Open(t)
	a := admit(t, db, market, "suspended")
	sale := id.New()
	record := func(g attribution.Given) error {
		return db.Update(t.Context(), market, func(tx *storage.Tx) error {
			attribution.Record(tx, g, attribution.Line{Sale: sale, No: 1}, attribution.Line{Sale: sale, No: 2})
			return nil
		})
	}
	must(t, record(attribution.Given{})) // nobody: nothing
	g, err := decide(t, db, market, attribution.Ask{Code: a.code})
	must(t, err)
	must(t, record(g))
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		rows, err := attribution.OfSale(tx, sale)
		must(t, err)
		if len(rows) != 2 || rows[0].Line != 1 || rows[1].Line != 2 || rows[0].Refused != attribution.Inactive || rows[0].Way != "code" || rows[0].AgentID != a.id {
			t.Errorf("kept %+v", rows)
		}
		mine, err := attribution.OfAgent(tx, a.id, time.Time{}, 10)
		must(t, err)
		if len(mine) != 2 {
			t.Errorf("the agent sees %+v", mine)
		}
		return nil
	}))
	if err := record(g); !storage.Violates(err, "attributions_pkey") {
		t.Errorf("a second record: %v", err)
	}
}
