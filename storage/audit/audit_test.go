package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func good(n int64) audit.Check {
	return audit.Check{Name: "good", Run: func(*storage.Tx) (int64, []audit.Values, error) { return n, nil, nil }}
}

func TestAViolationFailsTheReportAndNamesItsMarket(t *testing.T) {
	db, one := dbtest.Open(t)
	two := dbtest.Market(t, db)
	bad := audit.Check{Name: "bad", Run: func(tx *storage.Tx) (int64, []audit.Values, error) {
		if tx.Market == two {
			return 2, []audit.Values{{"say": "sack", "price_minor": int64(5)}}, nil
		}
		return 1, nil, nil
	}}
	r, err := audit.Run(t.Context(), db, []int32{one, two}, []audit.Check{good(5), bad}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.OK || !r.Checks[0].OK || r.Checks[0].Checked != 10 || r.Checks[1].OK || r.Checks[1].Checked != 3 {
		t.Fatalf("the report is %+v", r)
	}
	if v := r.Checks[1].Violations; len(v) != 1 || v[0].String() != fmt.Sprintf("market %d: price_minor=5 say=sack", two) {
		t.Fatalf("violations are %q", v)
	}
}

func TestAlarmsAreListedApartAndDoNotFail(t *testing.T) {
	db, m := dbtest.Open(t)
	loud := audit.Alarm{Name: "cash", Run: func(*storage.Tx) ([]audit.Values, error) { return []audit.Values{{"holds_minor": int64(12)}}, nil }}
	r, err := audit.Run(t.Context(), db, []int32{m}, []audit.Check{good(1)}, []audit.Alarm{loud})
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK || len(r.Alarms) != 1 || r.Alarms[0].Market != m || !strings.HasSuffix(r.Alarms[0].String(), ": cash: holds_minor=12") {
		t.Fatalf("the report is %+v", r)
	}
}

func TestTheReportIsTheJSONThatIsPromised(t *testing.T) {
	db, m := dbtest.Open(t)
	loud := audit.Alarm{Name: "cash", Run: func(*storage.Tx) ([]audit.Values, error) { return []audit.Values{{"holds_minor": int64(12)}}, nil }}
	for _, c := range []struct {
		checks []audit.Check
		alarms []audit.Alarm
		want   string
	}{
		{[]audit.Check{good(123)}, nil, `{"ok":true,"checks":[{"name":"good","ok":true,"checked":123,"violations":[]}],"alarms":[]}`},
		{nil, nil, `{"ok":true,"checks":[],"alarms":[]}`},
		{nil, []audit.Alarm{loud}, fmt.Sprintf(`{"ok":true,"checks":[],"alarms":[{"market":%d,"name":"cash","found":{"holds_minor":12}}]}`, m)},
	} {
		r, err := audit.Run(t.Context(), db, []int32{m}, c.checks, c.alarms)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := json.Marshal(r); string(b) != c.want {
			t.Errorf("JSON is %s, want %s", b, c.want)
		}
	}
}

func TestAllChecksOfAMarketSeeOneMoment(t *testing.T) {
	db, m := dbtest.Open(t)
	count := func(tx *storage.Tx) (n int64, _ []audit.Values, err error) {
		err = tx.Get(&n, "SELECT count(*) FROM trail WHERE market_id = $1", tx.Market)
		return n, nil, err
	}
	first := audit.Check{Name: "first", Run: func(tx *storage.Tx) (int64, []audit.Values, error) {
		n, _, err := count(tx)
		if err != nil {
			return n, nil, err
		}
		return n, nil, db.Update(t.Context(), m, func(tx *storage.Tx) error {
			tx.Queue("INSERT INTO trail (market_id, id, person_id, deed, subject, at) VALUES ($1, $2, $3, 'look', 'book', $4)", m, id.New(), id.New(), tx.Now)
			return nil
		})
	}}
	r, err := audit.Run(t.Context(), db, []int32{m}, []audit.Check{first, {Name: "second", Run: count}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Checks[0].Checked != 0 || r.Checks[1].Checked != 0 {
		t.Fatalf("the checks saw %d and %d rows, want 0 and 0", r.Checks[0].Checked, r.Checks[1].Checked)
	}
}

func TestACheckThatFailsIsNamed(t *testing.T) {
	db, m := dbtest.Open(t)
	broken := errors.New("no such table")
	_, err := audit.Run(context.Background(), db, []int32{m}, []audit.Check{{Name: "stock", Run: func(*storage.Tx) (int64, []audit.Values, error) { return 0, nil, broken }}}, nil)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "stock") {
		t.Fatalf("the error is %v", err)
	}
}

func TestACheckCannotChangeTheBooks(t *testing.T) {
	db, m := dbtest.Open(t)
	_, err := audit.Run(t.Context(), db, []int32{m}, []audit.Check{{Name: "greedy", Run: func(tx *storage.Tx) (int64, []audit.Values, error) {
		_, err := tx.Exec("DELETE FROM jobs WHERE market_id = $1", tx.Market)
		return 0, nil, err
	}}}, nil)
	if err == nil {
		t.Fatal("a check could delete rows")
	}
}
