package agents_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/agents"
	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) (*agents.Room, *storage.DB, int32, people.Person) {
	t.Helper()
	db, market := dbtest.Open(t)
	return agents.New(db), db, market, person(t, db)
}

func person(t *testing.T, db *storage.DB) people.Person {
	t.Helper()
	d := people.New(db)
	d.Cost = people.LightCost
	p, err := d.Register(t.Context(), once.Key{}, people.Newcomer{Name: "热依拉", Phone: dbtest.Phone(), Password: "walnuts in Yuli"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func view(t *testing.T, db *storage.DB, market int32, fn func(*storage.Tx) error) {
	t.Helper()
	if err := db.View(t.Context(), market, fn); err != nil {
		t.Fatal(err)
	}
}

func TestAnAgentHasOneCodeAndAStandingInEachMarket(t *testing.T) {
	r, db, market, who := open(t)
	a, err := r.Apply(t.Context(), market, who)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[A-HJKMNP-TV-Z2-9]{6}$`).MatchString(a.Code) || a.Name != who.Name {
		t.Errorf("made %+v", a)
	}
	other := dbtest.Market(t, db)
	if again, err := r.Apply(t.Context(), other, who); err != nil || again.ID != a.ID || again.Code != a.Code {
		t.Errorf("in another market %+v %v", again, err)
	}
	var payees []id.ID
	for _, m := range []int32{market, other} {
		view(t, db, m, func(tx *storage.Tx) error {
			ma, err := agents.InMarket(tx, a.ID)
			if err != nil {
				return err
			}
			if ma.State != agents.Applied || ma.Code != a.Code || ma.PersonID != who.ID || ma.DecidedBy != id.None || ma.DecidedAt != nil {
				t.Errorf("standing %+v", ma)
			}
			payees = append(payees, ma.PayeeID)
			p, err := payable.FindPayee(tx, ma.PayeeID)
			if p.Kind != payable.Agent || p.PersonID != who.ID {
				t.Errorf("payee %+v", p)
			}
			return err
		})
	}
	if payees[0] == payees[1] {
		t.Error("two markets share a payee")
	}
}

func TestAnAgentIsFoundByCodeInEitherCase(t *testing.T) {
	r, db, market, who := open(t)
	a, err := r.Apply(t.Context(), market, who)
	if err != nil {
		t.Fatal(err)
	}
	if mine, err := r.OfPerson(t.Context(), who.ID); err != nil || mine.ID != a.ID {
		t.Errorf("of the person %+v %v", mine, err)
	}
	if _, err := r.OfPerson(t.Context(), id.New()); !fault.Has(err, "agent_unknown") {
		t.Errorf("of nobody: %v", err)
	}
	view(t, db, market, func(tx *storage.Tx) error {
		for _, typed := range []string{a.Code, strings.ToLower(a.Code), " " + a.Code + "\n"} {
			if got, err := agents.ByCode(tx, typed); err != nil || got.ID != a.ID || got.PersonID != who.ID {
				t.Errorf("%q: %+v %v", typed, got, err)
			}
		}
		for _, typed := range []string{"", "LOUI01", a.Code[:5], a.Code + "X"} {
			if _, err := agents.ByCode(tx, typed); !fault.Has(err, "agent_unknown") {
				t.Errorf("%q: %v", typed, err)
			}
		}
		got, err := agents.Find(tx, a.ID)
		if got.Code != a.Code {
			t.Errorf("by id %+v", got)
		}
		return err
	})
}

func TestApplyingTwiceOrAtOnceIsApplyingOnce(t *testing.T) {
	r, db, market, who := open(t)
	ids, errs := make([]id.ID, 6), make([]error, 6)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() {
			a, err := r.Apply(t.Context(), market, who)
			ids[i], errs[i] = a.ID, err
		})
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil || ids[i] != ids[0] {
			t.Errorf("%v %v, the first %v", ids[i], err, ids[0])
		}
	}
	view(t, db, market, func(tx *storage.Tx) error {
		var n, payees int
		if err := tx.Get(&n, `SELECT count(*) FROM market_agents WHERE market_id = $1`, market); err != nil {
			return err
		}
		err := tx.Get(&payees, `SELECT count(*) FROM payees WHERE market_id = $1`, market)
		if n != 1 || payees != 1 {
			t.Errorf("%d standings, %d payees", n, payees)
		}
		return err
	})
}

func TestAnApplicationCutBetweenItsHalvesIsFinished(t *testing.T) {
	r, db, market, who := open(t)
	half := id.New()
	err := db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`INSERT INTO agents (id, person_id, code, created_at) VALUES ($1, $2, $3, $4)`, half, who.ID, "H"+id.Secret(5), tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := r.Apply(t.Context(), market, who)
	if err != nil || a.ID != half {
		t.Fatalf("finished as %+v %v", a, err)
	}
	view(t, db, market, func(tx *storage.Tx) error { _, err := agents.InMarket(tx, half); return err })
}

func TestGuestsAndStrangersAreNoAgents(t *testing.T) {
	r, _, market, _ := open(t)
	if _, err := r.Apply(t.Context(), market, people.Person{ID: id.New(), Guest: true}); !fault.Has(err, "account_needed") {
		t.Errorf("a guest: %v", err)
	}
	if _, err := r.Apply(t.Context(), market, people.Person{ID: id.New()}); !fault.Has(err, "person_unknown") {
		t.Errorf("nobody: %v", err)
	}
}

func TestOnlyTheMarketsOperatorDecides(t *testing.T) {
	r, db, market, who := open(t)
	a, err := r.Apply(t.Context(), market, who)
	if err != nil {
		t.Fatal(err)
	}
	ctx, operator := t.Context(), people.Person{ID: id.New(), Operator: []int32{market}}
	must := func(state string, err error) {
		t.Helper()
		view(t, db, market, func(tx *storage.Tx) error {
			m, e := agents.InMarket(tx, a.ID)
			if err != nil || m.State != state || m.DecidedBy != operator.ID {
				t.Errorf("%+v, want %s (%v)", m, state, err)
			}
			return e
		})
	}
	if err := r.Approve(ctx, market, a.ID, who); !fault.Has(err, "operator_only") {
		t.Errorf("the agent approves: %v", err)
	}
	for range 2 {
		must(agents.Active, r.Approve(ctx, market, a.ID, operator))
	}
	if err := r.Suspend(ctx, market, a.ID, operator, ""); !fault.Has(err, "required") {
		t.Errorf("without reason: %v", err)
	}
	must(agents.Suspended, r.Suspend(ctx, market, a.ID, operator, "false promises"))
	if _, err := r.Apply(ctx, market, who); err != nil {
		t.Fatal(err)
	}
	must(agents.Suspended, nil) // applying again does not lift it
	must(agents.Active, r.Approve(ctx, market, a.ID, operator))
	if err := r.Approve(ctx, market, id.New(), operator); !fault.Has(err, "agent_unknown") {
		t.Errorf("nobody: %v", err)
	}
	second, err := r.Apply(ctx, market, person(t, db))
	if err != nil {
		t.Fatal(err)
	}
	view(t, db, market, func(tx *storage.Tx) error {
		for state, want := range map[string]int{"": 2, agents.Active: 1, agents.Applied: 1, agents.Suspended: 0} {
			all, err := agents.List(tx, state)
			if err != nil || len(all) != want || state == agents.Applied && all[0].AgentID != second.ID {
				t.Errorf("%q: %+v %v", state, all, err)
			}
		}
		return nil
	})
}

// A verb that held a connection while it asked for another would hang here.
func TestEveryVerbPassesWithOneConnection(t *testing.T) {
	db, market := dbtest.Open(t, func(o *storage.Options) { o.Pool = 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(region.LoadSome(ctx, db, "652823120"))
	books, d := region.New(db), people.New(db)
	d.Cost = people.LightCost
	_, err := books.Market(ctx, market)
	must(err)
	n := people.Newcomer{Name: "热依拉", Phone: dbtest.Phone(), Password: "walnuts in Yuli"}
	for range 2 {
		_, err = d.Register(ctx, once.Of(id.None, n.Phone, nil), n)
		must(err)
	}
	who, session, err := d.SignIn(ctx, n.Phone, n.Password, "")
	must(err)
	session, err = d.Rotate(ctx, session)
	must(err)
	_, token, err := d.MakeToken(ctx, who, "scales", people.Read)
	must(err)
	_, err = d.ByToken(ctx, token)
	must(err)
	must(d.SetPassword(ctx, who, n.Password, "apricots in Luntai", session))

	producers := producer.New(db)
	p, err := producers.Apply(ctx, once.Of(who.ID, "apply", nil), market, who, producer.Application{PersonID: who.ID,
		Text: producer.Text{Name: "核桃", RegionCode: "652823120", Exemption: "自产农副产品"}})
	must(err)
	must(producers.Approve(ctx, market, p.ID, people.System))
	must(producers.Suspend(ctx, market, p.ID, people.System, "inspection"))
	must(producers.Readmit(ctx, market, p.ID, people.System, "inspected"))

	r := agents.New(db)
	a, err := r.Apply(ctx, market, who)
	must(err)
	must(r.Approve(ctx, market, a.ID, people.System))
	must(r.Suspend(ctx, market, a.ID, people.System, "inspection"))
	must(d.SignOut(ctx, session))
	must(d.Close(ctx, who))
}
