package bench

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestTheMiddleOfRoundsCounts(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.of); got != c.want {
			t.Errorf("%v: %v", c.of, got)
		}
	}
}

func TestACaseIsNamedByABeginningAndAnUnknownOneIsRefused(t *testing.T) {
	got, err := choose([]string{"list", "hot"})
	if err != nil || len(got) != 3 || got[0].Name != "list-page" || got[2].Name != "hot" {
		t.Errorf("%v %v", got, err)
	}
	if _, err := choose([]string{"order", "flying"}); err == nil || !strings.Contains(err.Error(), "flying") {
		t.Errorf("%v", err)
	}
}

// What a limit writes is read from the database: the same rows under new names.
func TestALimitWritesWhatTheDeedHasWritten(t *testing.T) {
	_, address := dbtest.Own(t)
	db, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	ctx := t.Context()
	old := id.New()
	time.Sleep(2 * time.Millisecond)
	_, err = db.ExecContext(ctx, "INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES (7, $1, 100)", "owed:"+old.String())
	must(t, err)
	sc := &scribe{since: time.Now().Truncate(time.Millisecond), given: []string{old.String()}}
	n := id.New()
	deed, err := observe(ctx, db, func() error {
		tx, err := db.BeginTx(ctx, nil)
		must(t, err)
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{"INSERT INTO jobs (market_id, id, kind, key, body, run_at, created_at) VALUES (7, $1, 'it''s', $2, $3, $4, $4)",
				[]any{n, "order:" + n.String() + ":secured", `{"short":"` + id.Short(n) + `"}`, time.Now()}},
			{"UPDATE ledger_balances SET balance_minor = balance_minor + 25 WHERE market_id = 7", nil},
		} {
			_, err := tx.ExecContext(ctx, q.sql, q.args...)
			must(t, err)
		}
		return tx.Commit()
	})
	must(t, err)
	sc.learn(deed)
	if len(sc.fresh) != 1 || sc.fresh[0] != n.String() {
		t.Fatalf("new names: %v", sc.fresh)
	}
	s := sc.write(deed)
	_, err = db.ExecContext(ctx, s.procedure("bench_test"))
	must(t, err)
	r := &replay{url: address, scripts: []*script{s}, names: 1, baskets: []basket{{nil}}, buyers: []string{old.String()}, calls: []string{"bench_test"}}
	hands, err := r.hands(ctx, 1)
	must(t, err)
	defer func() { _ = hands[0].Close() }()
	for name, do := range map[string]func() error{
		"statements": func() error { return r.statements(ctx, hands[0]) },
		"one call":   func() error { return r.oneCall(ctx, hands[0]) },
	} {
		did, err := observe(ctx, db, do)
		must(t, err)
		if err := same(deed, did); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var balance, jobs, keyed int
	must(t, db.QueryRowContext(ctx, `SELECT (SELECT balance_minor FROM ledger_balances WHERE market_id = 7), count(*),
		count(*) FILTER (WHERE key = 'order:' || id || ':secured' AND kind = 'it''s') FROM jobs WHERE market_id = 7`).Scan(&balance, &jobs, &keyed))
	if balance != 175 || jobs != 3 || keyed != 3 {
		t.Errorf("balance %d, %d jobs, %d under their own names", balance, jobs, keyed)
	}
}

func TestALimitThatDoesLessThanTheDeedIsNone(t *testing.T) {
	a := tableRows{table: "a", rows: []rowPair{{}, {}}}
	for name, less := range map[string]written{"a row": {{table: "a", rows: a.rows[:1]}}, "a table": {}, "a table more": {a, {table: "b", rows: a.rows}}} {
		if same(written{a}, less) == nil {
			t.Errorf("%s less: not noticed", name)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
