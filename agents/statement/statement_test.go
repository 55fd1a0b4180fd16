package statement_test

import (
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/statement"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a market with a payee on a clock of its own.
type world struct {
	*testing.T
	db     *storage.DB
	market int32
	payee  id.ID
	now    time.Time
}

func open(t *testing.T) *world {
	w := &world{T: t, now: time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)}
	w.db, w.market = dbtest.Open(t, func(o *storage.Options) { o.Clock = func() time.Time { return w.now } })
	must(t, w.db.Update(t.Context(), w.market, func(tx *storage.Tx) error {
		w.payee = payable.NewPayee(tx, payable.Agent, "马春兰", id.None)
		return nil
	}))
	return w
}

func (w *world) sell(sale id.ID, cause string, back bool, amounts ...int64) {
	w.Helper()
	must(w.T, w.db.Update(w.Context(), w.market, func(tx *storage.Tx) error {
		s := statement.Sale{ID: sale, Number: "YL-1", Cause: cause, Back: back}
		for i, a := range amounts {
			s.Lines = append(s.Lines, statement.Share{Payee: w.payee, No: i + 1, Title: "核桃", Base: 10 * a, Amount: a})
		}
		statement.Record(tx, s)
		return nil
	}))
}

func (w *world) of(m statement.Month) (s statement.Statement) {
	w.Helper()
	must(w.T, w.db.View(w.Context(), w.market, func(tx *storage.Tx) (err error) {
		s, err = statement.Of(tx, w.payee, m, place)
		return err
	}))
	return s
}

var place = time.FixedZone("Asia/Shanghai", 8*3600)

var october, november, december = statement.Month{Year: 2026, Month: 10}, statement.Month{Year: 2026, Month: 11}, statement.Month{Year: 2026, Month: 12}

func TestAMonthIsTheMarketsAndClosesOnce(t *testing.T) {
	w := open(t)
	sale := id.New()
	w.sell(sale, "release", false, 700, 33)
	w.now = time.Date(2026, 10, 31, 15, 59, 59, 0, time.UTC) // one second to midnight in the market
	w.sell(id.New(), "release", false, 100)
	w.now = w.now.Add(time.Second)
	w.sell(id.New(), "release", false, 5)
	w.sell(sale, "refund:1", true, 70)
	w.now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	was := []statement.Statement{w.of(october), w.of(november)}
	if s := was[0]; s.Sales != 2 || s.Earned != 833 || s.Closing != 833 || s.Sold != 8330 || s.Closed() {
		t.Errorf("October: %+v", s)
	}
	if s := was[1]; s.Opening != 833 || s.Sales != 1 || s.Backs != 1 || s.Earned != 5 || s.Reversed != -70 || s.Closing != 768 || s.Sold != -650 {
		t.Errorf("November: %+v", s)
	}
	if _, err := statement.Close(t.Context(), w.db, w.market, november); !fault.Has(err, "month_runs") {
		t.Errorf("a month that runs: %v", err)
	}
	w.now = time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	made, err := statement.Close(t.Context(), w.db, w.market, december)
	must(t, err)
	again, err := statement.Close(t.Context(), w.db, w.market, december)
	must(t, err)
	if made != 3 || again != 0 {
		t.Errorf("closing made %d, then %d", made, again)
	}
	for i, m := range []statement.Month{october, november} {
		s := w.of(m)
		if !s.Closed() || s.Sums != was[i].Sums {
			t.Errorf("%s closed as %+v, was %+v", m, s, was[i])
		}
	}
	if s := w.of(december); s.Opening != 768 || s.Closing != 768 || !s.Closed() {
		t.Errorf("a month without a sale: %+v", s)
	}
	if s := w.of(statement.Month{Year: 2027, Month: 1}); s.Opening != 768 || s.Closing != 768 || s.Closed() {
		t.Errorf("the month that runs: %+v", s)
	}
	var lines []statement.Line
	must(t, w.db.View(t.Context(), w.market, func(tx *storage.Tx) (err error) {
		lines, err = statement.Recent(tx, w.payee, nil, 10)
		return err
	}))
	if len(lines) != 5 || !lines[0].At.After(lines[4].At) {
		t.Errorf("the newest lines are %+v", lines)
	}
	err = w.db.Update(t.Context(), w.market, func(tx *storage.Tx) error {
		statement.Record(tx, statement.Sale{ID: sale, Number: "YL-1", Cause: "release", Lines: []statement.Share{{Payee: w.payee, No: 1, Amount: 1, Base: 1}}})
		return nil
	})
	if !storage.Violates(err, "statement_lines_pkey") {
		t.Errorf("the same release told twice: %v", err)
	}
}

// What comes besides a sale of another month, as a commission that is given back to
// the seller, is no sale, and yet somebody's money.
func TestWhoeverGotSomethingWithoutASaleHasAStatement(t *testing.T) {
	w := open(t)
	must(t, w.db.Update(t.Context(), w.market, func(tx *storage.Tx) error {
		statement.Record(tx, statement.Sale{ID: id.New(), Number: "YL-1", Cause: "claim", Same: true, Lines: []statement.Share{{Payee: w.payee, No: 1, Title: "核桃", Amount: 884}}})
		return nil
	}))
	through := func() (all []statement.SoldOf) {
		must(t, w.db.View(t.Context(), w.market, func(tx *storage.Tx) (err error) {
			all, err = statement.SoldThrough(tx, statement.Agents, october, place, nil, 10)
			return err
		}))
		return all
	}
	if all := through(); len(all) != 1 || all[0].Agents != 884 || all[0].Count != 0 {
		t.Errorf("by agent: %+v", all)
	}
	w.now = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	if made, err := statement.Close(t.Context(), w.db, w.market, october); made != 1 || err != nil {
		t.Fatalf("closing made %d, %v", made, err)
	}
	if s := w.of(october); !s.Closed() || s.Earned != 884 || s.Closing != 884 || s.Sales != 0 {
		t.Errorf("October: %+v", s)
	}
	if s := w.of(november); s.Opening != 884 {
		t.Errorf("November: %+v", s)
	}
	if all := through(); len(all) != 1 || all[0].Agents != 884 {
		t.Errorf("closed, by agent: %+v", all)
	}
	must(t, w.db.View(t.Context(), w.market, func(tx *storage.Tx) error {
		for _, check := range statement.Checks()[1:] {
			if _, bad, err := check.Run(tx); err != nil || len(bad) > 0 {
				t.Errorf("%s: %v %v", check.Name, bad, err)
			}
		}
		return nil
	}))
}

func TestTheChecksSeeAStatementThatTheLedgerDoesNotHave(t *testing.T) {
	w := open(t)
	w.sell(id.New(), "release", false, 700)
	must(t, w.db.View(t.Context(), w.market, func(tx *storage.Tx) error {
		for i, check := range statement.Checks() {
			_, bad, err := check.Run(tx)
			if err != nil || (len(bad) == 0) != (i > 0) {
				t.Errorf("%s: %v %v", check.Name, bad, err)
			}
		}
		return nil
	}))
}

func TestTheChecksSeeAMonthThatSoldSomethingElseByCategory(t *testing.T) {
	w := open(t)
	w.sell(id.New(), "release", false, 700)
	w.now = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	_, err := statement.Close(t.Context(), w.db, w.market, october)
	must(t, err)
	look := func() (bad []audit.Values) {
		t.Helper()
		must(t, w.db.View(t.Context(), w.market, func(tx *storage.Tx) (err error) {
			_, bad, err = statement.Checks()[2].Run(tx)
			return err
		}))
		return bad
	}
	if bad := look(); len(bad) > 0 {
		t.Fatalf("before anything is planted: %v", bad)
	}
	must(t, w.db.Update(t.Context(), w.market, func(tx *storage.Tx) error {
		tx.Queue("INSERT INTO month_sales (market_id, month, category, lines, sold_minor, producers_minor, agents_minor) VALUES ($1, $2, 'walnuts', 1, 1, 1, 0)", w.market, "2026-10-01")
		return nil
	}))
	if bad := look(); len(bad) != 1 {
		t.Errorf("a sale out of nothing: %v", bad)
	}
}
