package commission_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func TestRandomHistoriesKeepTheBooksAndAFullRefundNetsNothing(t *testing.T) {
	d := open(t)
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 18))
		d.agent()
		amount := 1 + r.Int64N(5000)
		sale := d.place(amount, 1+r.Int64N(5000))
		steps := []func(){
			func() { d.update(func(tx *storage.Tx) error { return commission.Earn(tx, sale) }) },
			func() { d.release(sale) },
			func() { d.pass(7); d.drain() },
		}
		var taken int64
		for i := 0; len(steps) > 0 || taken < amount; i++ {
			if len(steps) > 0 && r.IntN(2) == 0 {
				steps[0]()
				steps = steps[1:]
			}
			want := 1 + r.Int64N(amount)
			err := d.refund(sale, 1, fmt.Sprintf("refund:%d", i), want)
			switch {
			case taken+want <= amount:
				must(t, err)
				taken += want
			case err == nil:
				t.Fatalf("seed %d: %d of %d taken back", seed, taken+want, amount)
			case !fault.Has(err, "commission_short") && !fault.Has(err, "ledger_short"):
				t.Fatalf("seed %d: %v", seed, err)
			}
			if want > amount-taken && len(steps) == 0 && taken < amount {
				must(t, d.refund(sale, 1, "rest", amount-taken))
				taken = amount
			}
		}
		d.update(func(tx *storage.Tx) error {
			left, err := commission.Remaining(tx, sale)
			if left[1].Kept() != 0 || left[2].Reversed != 0 {
				t.Errorf("seed %d: left %+v", seed, left)
			}
			return err
		})
	}
	d.clean()
}

func TestAnAgentSeesEntriesSumsAndMonths(t *testing.T) {
	d := open(t)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	must(t, err)
	d.now.Store(time.Date(2026, 11, 30, 15, 59, 0, 0, time.UTC).UnixNano()) // 23:59 in Shanghai
	november := d.released(1000)
	d.now.Store(time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC).UnixNano())
	december := d.place(500)
	d.update(func(tx *storage.Tx) error { return commission.Earn(tx, december) })
	must(t, d.refund(november, 1, "r", 100)) // in December, of November's sale
	forecast := d.place(70)
	d.view(func(tx *storage.Tx) error {
		months, err := commission.Monthly(tx, d.given.AgentID, shanghai)
		if err != nil || len(months) != 2 || months[0] != (commission.Month{Month: "2026-11", Amount: 900}) || months[1] != (commission.Month{Month: "2026-12", Amount: 500}) {
			t.Errorf("months %+v %v", months, err)
		}
		sums, err := commission.Sums(tx, d.given.AgentID)
		if err != nil || len(sums) != 3 || sums[commission.Pending] != 900 || sums[commission.Earned] != 500 || sums[commission.Estimated] != 70 {
			t.Errorf("sums %v %v", sums, err)
		}
		first, err := commission.OfAgent(tx, d.given.AgentID, id.None, 3)
		must(t, err)
		rest, err := commission.OfAgent(tx, d.given.AgentID, first[2].ID, 3)
		if len(first) != 3 || first[0].Sale != forecast || len(rest) != 1 || rest[0].Sale != november {
			t.Errorf("pages %+v, %+v", first, rest)
		}
		return err
	})
}

func TestAJobWhoseDateIsNotReachedWaitsForIt(t *testing.T) {
	d := open(t)
	sale := d.released(100)
	d.pass(6)
	d.drain()
	var at time.Time
	d.view(func(tx *storage.Tx) error {
		return tx.Get(&at, `SELECT run_at FROM jobs WHERE market_id = $1 AND key = $2`, d.market, sale.String())
	})
	if want := noon.Add(7 * 24 * time.Hour); !at.Equal(want) {
		t.Errorf("the job waits for %s, not %s", at, want)
	}
}

// own is a market in a database of the test's own, and its owner's login.
func own(t *testing.T) (*desk, *sql.DB) {
	db, address := dbtest.Own(t)
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	_, err = owner.Exec(`INSERT INTO markets (id, code, name, currency, time_zone, created_at) VALUES (5, 'AA', 'A', 'CNY', 'Asia/Shanghai', now())`)
	must(t, err)
	d := &desk{t: t, db: db, market: 5, given: attribution.Given{}, frozen: map[id.ID]bool{}}
	d.agent()
	return d, owner
}

func TestThePlantedViolationIsFound(t *testing.T) {
	for name, c := range map[string]struct{ check, plant, found string }{
		"reversals above the earning": {"commission: no earning is taken back by more than it was, reversals stand as it does", `UPDATE commissions SET amount_minor = -1001 WHERE kind = 'reversal'`, "earned_minor=1000 key="},
		"a reversal in another state": {"commission: no earning is taken back by more than it was, reversals stand as it does", `UPDATE commissions SET state = 'payable' WHERE kind = 'reversal'`, "say=taken_back_apart"},
		"a reversal without a root":   {"commission: no earning is taken back by more than it was, reversals stand as it does", `UPDATE commissions SET root_id = gen_random_uuid() WHERE kind = 'reversal'`, "say=taken_back_alone"},
		"a reversal of another line":  {"commission: no earning is taken back by more than it was, reversals stand as it does", `UPDATE commissions SET line_no = 2 WHERE kind = 'reversal'`, "say=taken_back_elsewhere"},
		"an earning out of the books": {"commission: what is pending is in the books", `UPDATE commissions SET amount_minor = 999 WHERE kind = 'earn'`, "books_minor=600 key="},
		"a balance of nobody":         {"commission: what is pending is in the books", `INSERT INTO ledger_balances VALUES (5, 'commission:x', 7)`, "books_minor=7 key=commission:x pending_minor=0"},
	} {
		t.Run(name, func(t *testing.T) {
			d, owner := own(t)
			sale := d.released(1000)
			must(t, d.refund(sale, 1, "r", 400))
			d.clean()
			r, err := owner.Exec(c.plant)
			must(t, err)
			if n, _ := r.RowsAffected(); n != 1 {
				t.Fatalf("planted %d rows", n)
			}
			var all []audit.Values
			must(t, d.db.Snapshot(context.Background(), d.market, func(tx *storage.Tx) error {
				for _, one := range commission.Checks() {
					checked, wrong, err := one.Run(tx)
					if err != nil {
						return err
					}
					if one.Name == c.check {
						if all = wrong; checked < 1 {
							t.Errorf("%s looked at %d", one.Name, checked)
						}
					}
				}
				return nil
			}))
			if len(all) == 0 || !strings.Contains(fmt.Sprint(all), c.found) {
				t.Errorf("found %q", all)
			}
		})
	}
}
