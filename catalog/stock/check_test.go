package stock_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"commonfield/catalog/catalogtest"
	"commonfield/catalog/stock"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestEveryPlantedViolationIsFound(t *testing.T) {
	db, address := dbtest.Own(t)
	owner, err := sql.Open("postgres", address)
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	plant := func(q string, args ...any) {
		t.Helper()
		if _, err := owner.ExecContext(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	plant("ALTER TABLE batches DROP CONSTRAINT batches_oversold")
	for name, c := range map[string]struct {
		plant string
		found []string
	}{
		"more promised than there is": {"UPDATE batches SET reserved = on_hand + 1 WHERE market_id = $1", []string{"stock: no batch promises more than it holds", "stock: what is reserved is what was promised to sales", "stock: what is reserved is what its moves say"}},
		"less than nothing on hand":   {"UPDATE batches SET on_hand = -1 WHERE market_id = $1", []string{"stock: no batch promises more than it holds", "stock: what is on hand is what came and left"}},
		"goods that never came":       {"UPDATE batches SET on_hand = on_hand + 1 WHERE market_id = $1", []string{"stock: what is on hand is what came and left"}},
		"a promise nobody has":        {"UPDATE reservations SET state = 'let_go' WHERE market_id = $1 AND state = 'live'", []string{"stock: what is reserved is what was promised to sales"}},
		"a promise changed":           {"UPDATE reservations SET quantity = quantity + 1 WHERE market_id = $1 AND state = 'live'", []string{"stock: what is reserved is what was promised to sales"}},
		"a shipment forgotten":        {"UPDATE reservations SET state = 'let_go' WHERE market_id = $1 AND state = 'shipped'", []string{"stock: what sales keep has left the batch"}},
		"a return invented":           {"UPDATE reservations SET returned = 1 WHERE market_id = $1 AND state = 'shipped'", []string{"stock: what sales keep has left the batch"}},
		"a movement without goods": {`INSERT INTO stock_moves (market_id, id, batch_id, kind, quantity, moved_by, moved_at)
			SELECT market_id, gen_random_uuid(), id, 'reserve', 5, gen_random_uuid(), now() FROM batches WHERE market_id = $1`, []string{"stock: what is reserved is what its moves say"}},
		"a parcel that left without its sale": {`INSERT INTO stock_moves (market_id, id, batch_id, kind, quantity, moved_by, moved_at)
			SELECT market_id, gen_random_uuid(), id, 'ship', -5, gen_random_uuid(), now() FROM batches WHERE market_id = $1`,
			[]string{"stock: what is on hand is what came and left", "stock: what is reserved is what its moves say", "stock: what sales keep has left the batch"}},
	} {
		market := dbtest.Market(t, db)
		l, h := catalogtest.Stocked(t, db, market, 5000)
		sent, kept := id.New(), id.New()
		must(t, reserve(db, market,
			stock.Want{Sale: sent, Line: 1, Listing: l.ID, Quantity: 500, By: by},
			stock.Want{Sale: kept, Line: 1, Listing: l.ID, Quantity: 700, By: by}))
		must(t, ship(db, market, sent, map[int]int64{1: 500}))
		clean(t, db, market)
		plant(c.plant, market)
		r, err := audit.Run(t.Context(), db, []int32{market}, stock.Checks(), nil)
		must(t, err)
		var found []string
		for _, check := range r.Checks {
			if check.OK {
				continue
			}
			found = append(found, check.Name)
			if !strings.Contains(fmt.Sprint(check.Violations), h.ID.String()) {
				t.Errorf("%s: %s does not name the batch: %v", name, check.Name, check.Violations)
			}
		}
		if strings.Join(found, " ") != strings.Join(c.found, " ") {
			t.Errorf("%s: found by %v, want %v", name, found, c.found)
		}
	}
}
