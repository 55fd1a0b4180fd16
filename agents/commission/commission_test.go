package commission_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// desk is a market with one agent and a clock that the test moves.
type desk struct {
	t      *testing.T
	db     *storage.DB
	market int32
	now    *atomic.Int64
	given  attribution.Given
	frozen map[id.ID]bool
}

func open(t *testing.T) *desk {
	d := &desk{t: t, now: new(atomic.Int64), frozen: map[id.ID]bool{}}
	d.now.Store(noon.UnixNano())
	d.db, d.market = dbtest.Open(t, func(o *storage.Options) {
		o.Clock = func() time.Time { return time.Unix(0, d.now.Load()) }
	})
	d.agent()
	return d
}

func (d *desk) agent() {
	d.given = attribution.Given{AgentID: id.New(), Way: attribution.Code}
	d.update(func(tx *storage.Tx) error {
		d.given.PayeeID = payable.NewPayee(tx, payable.Agent, "阿依", id.None)
		return nil
	})
}

func (d *desk) update(fn func(tx *storage.Tx) error) { d.t.Helper(); must(d.t, d.try(fn)) }

func (d *desk) try(fn func(tx *storage.Tx) error) error {
	return d.db.Update(context.Background(), d.market, fn)
}

func (d *desk) view(fn func(tx *storage.Tx) error) {
	d.t.Helper()
	must(d.t, d.db.View(context.Background(), d.market, fn))
}

func (d *desk) pass(days int) { d.now.Add(int64(days) * int64(24*time.Hour)) }

func (d *desk) isFrozen(_ *storage.Tx, sale id.ID) (bool, error) { return d.frozen[sale], nil }

func (d *desk) drain() {
	d.t.Helper()
	w := jobs.NewWorker(d.db, map[string]jobs.Handler{commission.MatureJob: commission.Handler(d.isFrozen)}, jobs.Options{})
	_, err := w.Drain(context.Background(), d.market)
	must(d.t, err)
}

// place makes a sale's forecast, one line for each amount (lines 1, 2, …).
func (d *desk) place(amounts ...int64) id.ID {
	d.t.Helper()
	sale := id.New()
	d.update(func(tx *storage.Tx) error { return commission.Estimate(tx, d.given, of(sale, dues(amounts...))) })
	return sale
}

// of says whose lines they are.
func of(sale id.ID, dues []commission.Due) []commission.Due {
	for i := range dues {
		dues[i].Sale = sale
	}
	return dues
}

func dues(amounts ...int64) []commission.Due {
	var all []commission.Due
	for i, a := range amounts {
		all = append(all, commission.Due{No: i + 1, Rule: id.New(), RateBP: 1000, HoldDays: 7, Base: 10 * a, Amount: a})
	}
	return all
}

// released brings a sale to pending and posts what the caller of Pend posts.
func (d *desk) released(amounts ...int64) id.ID {
	d.t.Helper()
	sale := d.place(amounts...)
	d.update(func(tx *storage.Tx) error { return commission.Earn(tx, sale) })
	d.release(sale)
	return sale
}

func (d *desk) release(sale id.ID) {
	d.t.Helper()
	d.update(func(tx *storage.Tx) error {
		left, err := commission.Remaining(tx, sale)
		if err != nil {
			return err
		}
		var sum int64
		for _, l := range left {
			sum += l.Kept()
		}
		err = ledger.Post(tx, ledger.Entry{Cause: "order:" + sale.String() + ":release", Legs: []ledger.Leg{
			{Debit: ledger.BankOperating, Credit: ledger.HeldOrder(sale), Amount: sum},
			{Debit: ledger.HeldOrder(sale), Credit: ledger.Commission(d.given.PayeeID), Amount: sum}}})
		if err != nil {
			return err
		}
		return commission.Pend(tx, sale, tx.Now)
	})
}

// refund takes amount back from a line and posts what the caller of Reverse posts.
func (d *desk) refund(sale id.ID, line int, cause string, amount int64) error {
	return d.try(func(tx *storage.Tx) error {
		left, err := commission.Remaining(tx, sale)
		if err != nil {
			return err
		}
		payee, refund := d.given.PayeeID, id.New()
		entry := ledger.Entry{Cause: cause + sale.String()}
		switch left[line].State {
		case commission.Pending:
			entry.Legs = []ledger.Leg{{Debit: ledger.Commission(payee), Credit: ledger.TransitRefund(refund), Amount: amount}}
		case commission.Payable:
			entry.Legs = []ledger.Leg{{Debit: ledger.Owed(payee), Credit: ledger.TransitRefund(refund), Amount: amount}}
			payable.Add(tx, payable.Row{Payee: payee, Cause: cause + sale.String(), Amount: -amount, Sale: sale})
		}
		if err := ledger.Post(tx, entry); err != nil {
			return err
		}
		return commission.Reverse(tx, sale, line, cause, amount, "refund")
	})
}

func (d *desk) states(sale id.ID) (states []string) {
	d.t.Helper()
	d.view(func(tx *storage.Tx) error {
		rows, err := commission.OfSale(tx, sale)
		for _, r := range rows {
			states = append(states, r.State)
		}
		return err
	})
	return states
}

func (d *desk) balances() (pending, owed int64) {
	d.t.Helper()
	d.view(func(tx *storage.Tx) error {
		c, o := ledger.Commission(d.given.PayeeID), ledger.Owed(d.given.PayeeID)
		b, err := ledger.Balance(tx, c, o)
		pending, owed = b[c], b[o]
		return err
	})
	return pending, owed
}

// clean holds the room's checks against the market.
func (d *desk) clean() {
	d.t.Helper()
	must(d.t, d.db.Snapshot(context.Background(), d.market, func(tx *storage.Tx) error {
		for _, c := range commission.Checks() {
			if _, wrong, err := c.Run(tx); err != nil || len(wrong) > 0 {
				d.t.Errorf("%s: %v %v", c.Name, wrong, err)
			}
		}
		return nil
	}))
}

func TestACommissionWalksFromEstimateToOwed(t *testing.T) {
	d := open(t)
	sale := d.place(1000, 53)
	walk := func(want string, fn func(tx *storage.Tx) error) {
		t.Helper()
		for range 2 { // twice is once
			d.update(fn)
		}
		for _, s := range d.states(sale) {
			if s != want {
				t.Fatalf("is %s, not %s", s, want)
			}
		}
		d.clean()
	}
	walk(commission.Estimated, func(*storage.Tx) error { return nil })
	walk(commission.Earned, func(tx *storage.Tx) error { return commission.Earn(tx, sale) })
	d.release(sale)
	walk(commission.Pending, func(tx *storage.Tx) error { return commission.Pend(tx, sale, tx.Now) })
	d.drain()
	walk(commission.Pending, func(*storage.Tx) error { return nil })
	d.pass(7)
	d.drain()
	walk(commission.Payable, func(*storage.Tx) error { return nil })
	if pending, owed := d.balances(); pending != 0 || owed != 1053 {
		t.Errorf("books: commission %d, owed %d", pending, owed)
	}
	d.view(func(tx *storage.Tx) error {
		rows, err := payable.List(tx, d.given.PayeeID, id.None, 10)
		if len(rows) != 1 || rows[0].Amount != 1053 || rows[0].Cause != "commission:"+sale.String() || rows[0].Sale != sale {
			t.Errorf("payables: %+v", rows)
		}
		return err
	})
}

func TestAllStepsFitInOneTransaction(t *testing.T) {
	d := open(t)
	sale := id.New()
	d.update(func(tx *storage.Tx) error {
		return errors.Join(commission.Estimate(tx, d.given, of(sale, dues(500, 700))), commission.Earn(tx, sale),
			commission.Reverse(tx, sale, 1, "a", 100, "w"), commission.Reverse(tx, sale, 1, "b", 400, "w"), commission.Pend(tx, sale, tx.Now),
			ledger.Post(tx, ledger.Entry{Cause: "x", Legs: []ledger.Leg{{Debit: ledger.BankOperating, Credit: ledger.Commission(d.given.PayeeID), Amount: 700}}}))
	})
	d.clean()
	d.view(func(tx *storage.Tx) error {
		sums, err := commission.Sums(tx, d.given.AgentID)
		if len(sums) != 1 || sums[commission.Pending] != 700 {
			t.Errorf("sums %v", sums)
		}
		return err
	})
}

func TestNobodyEarnsWithoutAnAgentOrWhenRefused(t *testing.T) {
	d := open(t)
	sale := id.New()
	refused := d.given
	refused.Refused = attribution.SelfDealing
	d.update(func(tx *storage.Tx) error {
		return errors.Join(commission.Estimate(tx, refused, of(sale, dues(500))), commission.Estimate(tx, attribution.Given{}, of(sale, dues(500))),
			commission.Estimate(tx, d.given, nil))
	})
	if s := d.states(sale); len(s) != 0 {
		t.Errorf("entries: %v", s)
	}
	d.update(func(tx *storage.Tx) error { return commission.Pend(tx, sale, tx.Now) })
	var n int
	d.view(func(tx *storage.Tx) error {
		return tx.Get(&n, `SELECT count(*) FROM jobs WHERE market_id = $1`, d.market)
	})
	if n != 0 {
		t.Errorf("%d jobs for a sale without an agent", n)
	}
}

func TestASecondEstimateOfASaleFails(t *testing.T) {
	d := open(t)
	sale := d.place(100)
	err := d.try(func(tx *storage.Tx) error { return commission.Estimate(tx, d.given, of(sale, dues(100))) })
	if !storage.Violates(err, "commissions_once") {
		t.Fatalf("%v", err)
	}
}

func TestAVoidedCommissionStaysVoid(t *testing.T) {
	d := open(t)
	sale := d.place(100, 200)
	d.update(func(tx *storage.Tx) error { return commission.Earn(tx, sale) })
	for range 2 {
		d.update(func(tx *storage.Tx) error { return commission.Void(tx, sale, "cancelled") })
	}
	d.update(func(tx *storage.Tx) error {
		return errors.Join(commission.Earn(tx, sale), commission.Pend(tx, sale, tx.Now))
	})
	d.view(func(tx *storage.Tx) error {
		rows, err := commission.OfSale(tx, sale)
		for _, r := range rows {
			if r.State != commission.Voided || r.Reason != "cancelled" {
				t.Errorf("entry %+v", r)
			}
		}
		return err
	})
	if err := d.refund(sale, 1, "r", 10); !errors.Is(err, fault.Conflict("commission_short")) {
		t.Errorf("reversing a void one: %v", err)
	}
	d.clean()
}

func TestAPendingCommissionIsNotVoided(t *testing.T) {
	d := open(t)
	sale := d.released(100)
	d.update(func(tx *storage.Tx) error { return commission.Void(tx, sale, "late") })
	if s := d.states(sale); s[0] != commission.Pending {
		t.Errorf("is %v", s)
	}
}

func TestAReversalIsInItsRootsStateAndNeverExceedsIt(t *testing.T) {
	for name, bring := range map[string]func(d *desk) id.ID{
		commission.Estimated: func(d *desk) id.ID { return d.place(1000) },
		commission.Earned: func(d *desk) id.ID {
			sale := d.place(1000)
			d.update(func(tx *storage.Tx) error { return commission.Earn(tx, sale) })
			return sale
		},
		commission.Pending: func(d *desk) id.ID { return d.released(1000) },
		commission.Payable: func(d *desk) id.ID {
			sale := d.released(1000)
			d.pass(7)
			d.drain()
			return sale
		},
	} {
		d := open(t)
		sale := bring(d)
		must(t, d.refund(sale, 1, "first", 400))
		if err := d.refund(sale, 1, "first", 400); err == nil {
			t.Errorf("%s: the same cause twice was taken", name)
		}
		if err := d.refund(sale, 1, "over", 601); !errors.Is(err, fault.Conflict("commission_short")) && !fault.Has(err, "ledger_short") {
			t.Errorf("%s: 1001 of 1000: %v", name, err)
		}
		if err := d.refund(sale, 2, "none", 1); !errors.Is(err, fault.Conflict("commission_short")) {
			t.Errorf("%s: a line without an earning: %v", name, err)
		}
		must(t, d.refund(sale, 1, "rest", 600))
		for _, s := range d.states(sale) {
			if s != name {
				t.Errorf("a reversal in state %s of a root in %s", s, name)
			}
		}
		d.update(func(tx *storage.Tx) error {
			left, err := commission.Remaining(tx, sale)
			if l := left[1]; len(left) != 1 || l.Kept() != 0 || l.Earned != 1000 || l.Reversed != 1000 || l.State != name || l.Payee != d.given.PayeeID || l.Base != 10000 {
				t.Errorf("%s: left %+v", name, left)
			}
			return err
		})
		d.view(func(tx *storage.Tx) error {
			left, err := commission.Standing(tx, sale)
			if len(left) != 1 || left[1].Kept() != 0 {
				t.Errorf("%s: standing %+v", name, left)
			}
			return err
		})
		d.clean()
	}
}

func TestANegativeReversalIsRefusedAndZeroIsNothing(t *testing.T) {
	d := open(t)
	sale := d.place(100)
	if err := d.try(func(tx *storage.Tx) error { return commission.Reverse(tx, sale, 1, "c", -5, "") }); !fault.Has(err, "commission_negative") {
		t.Errorf("%v", err)
	}
	d.update(func(tx *storage.Tx) error { return commission.Reverse(tx, sale, 1, "c", 0, "") })
	if n := len(d.states(sale)); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestMaturingPaysEarningsLessReversals(t *testing.T) {
	d := open(t)
	sale := d.released(1000, 300)
	must(t, d.refund(sale, 1, "r1", 250))
	must(t, d.refund(sale, 2, "r2", 300))
	d.pass(7)
	d.drain()
	if pending, owed := d.balances(); pending != 0 || owed != 750 {
		t.Errorf("commission %d, owed %d", pending, owed)
	}
	d.clean()
}

func TestAFullyReversedSaleMaturesToNothing(t *testing.T) {
	d := open(t)
	sale := d.released(1000)
	must(t, d.refund(sale, 1, "all", 1000))
	d.pass(7)
	d.drain()
	d.view(func(tx *storage.Tx) error {
		rows, err := payable.List(tx, d.given.PayeeID, id.None, 10)
		if len(rows) != 0 {
			t.Errorf("payables %+v", rows)
		}
		return err
	})
	if s := d.states(sale); s[0] != commission.Payable || s[1] != commission.Payable {
		t.Errorf("states %v", s)
	}
	d.clean()
}

func TestASaleMaturesAsOneWhenItsLongestHoldIsOver(t *testing.T) {
	d := open(t)
	sale := id.New()
	lines := dues(100, 200)
	lines[0].HoldDays, lines[1].HoldDays = 0, 14
	d.update(func(tx *storage.Tx) error {
		return errors.Join(commission.Estimate(tx, d.given, of(sale, lines)), commission.Earn(tx, sale))
	})
	d.release(sale)
	d.pass(13)
	d.drain()
	if s := d.states(sale); s[0] != commission.Pending {
		t.Errorf("after 13 days: %v", s)
	}
	d.pass(1)
	d.drain()
	if s := d.states(sale); s[0] != commission.Payable || s[1] != commission.Payable {
		t.Errorf("after 14 days: %v", s)
	}
}

func TestAFrozenSaleWaitsADayAtATime(t *testing.T) {
	d := open(t)
	sale := d.released(1000)
	d.frozen[sale] = true
	d.pass(7)
	for range 12 { // more often than a failing job may try
		d.drain()
		d.pass(1)
	}
	if s := d.states(sale); s[0] != commission.Pending {
		t.Fatalf("a frozen sale is %v", s)
	}
	d.frozen[sale] = false
	d.drain()
	if s := d.states(sale); s[0] != commission.Payable {
		t.Errorf("freed, and still %v", s)
	}
}

func TestASuspendedAgentsCommissionWaits(t *testing.T) {
	d := open(t)
	person := id.New()
	must(t, d.db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		tx.Queue(`INSERT INTO people (id, name, created_at) VALUES ($1, 'A', $2)`, person, tx.Now)
		tx.Queue(`INSERT INTO agents (id, person_id, code, created_at) VALUES ($1, $2, $3, $4)`, d.given.AgentID, person, id.Secret(6), tx.Now)
		return nil
	}))
	set := func(state string) {
		d.update(func(tx *storage.Tx) error {
			_, err := tx.Exec(`INSERT INTO market_agents (market_id, agent_id, payee_id, state, applied_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (market_id, agent_id) DO UPDATE SET state = excluded.state`, d.market, d.given.AgentID, d.given.PayeeID, state, tx.Now)
			return err
		})
	}
	sale := d.released(1000)
	set("suspended")
	d.pass(7)
	d.drain()
	if s := d.states(sale); s[0] != commission.Pending {
		t.Errorf("suspended: %v", s)
	}
	set("active")
	d.pass(1)
	d.drain()
	if s := d.states(sale); s[0] != commission.Payable {
		t.Errorf("readmitted: %v", s)
	}
}

func TestMaturingOneSale64TimesAtOnceOwesItOnce(t *testing.T) {
	d := open(t)
	sale := d.released(1000)
	d.pass(7)
	d.atOnce(64, func(int) error {
		return d.try(func(tx *storage.Tx) error {
			return commission.Mature(tx, jobs.Job{Market: d.market, Key: sale.String()}, d.isFrozen)
		})
	})
	if pending, owed := d.balances(); pending != 0 || owed != 1000 {
		t.Errorf("commission %d, owed %d", pending, owed)
	}
	d.clean()
}

// atOnce runs fn n times at the same time and fails on any error.
func (d *desk) atOnce(n int, fn func(i int) error) {
	d.t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() { <-start; errs[i] = fn(i) })
	}
	close(start)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			d.t.Fatal(err)
		}
	}
}

func TestRefundsAndMaturingAtOnceAgreeWithTheBooks(t *testing.T) {
	d := open(t)
	var sales []id.ID
	for range 24 {
		sales = append(sales, d.released(1000))
	}
	d.pass(7)
	d.atOnce(48, func(i int) error {
		if i%2 == 0 {
			return d.refund(sales[i/2], 1, "r", 400)
		}
		return d.try(func(tx *storage.Tx) error {
			return commission.Mature(tx, jobs.Job{Market: d.market, Key: sales[i/2].String()}, d.isFrozen)
		})
	})
	if pending, owed := d.balances(); pending != 0 || owed != 24*600 {
		t.Errorf("commission %d, owed %d", pending, owed)
	}
	d.clean()
}
