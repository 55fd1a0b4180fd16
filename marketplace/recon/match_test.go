package recon

import (
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// Of two who look at a line at once the second may find nothing left, because the first
// has given it back this moment; should the first not come to its end, a person would
// be asked about what is in the books.
func TestALineThatSomebodyHasBegunWithIsNotLeftToAPerson(t *testing.T) {
	db, market := dbtest.Open(t)
	line := id.New()
	const target = "1/0/1/0=500"
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Queue(`INSERT INTO gateway_lines (market_id, id, gateway, reference, kind, object, amount_minor, fee_minor, currency, words, moved_at, usable_at, state, deed, target, created_at)
			VALUES ($1, $2, 'stripe', 'txn', 'refund', 're', -500, 0, 'CNY', '', $3, $3, 'open', 'refund', $4, $3)`, market, line, tx.Now, target)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &Desk{db: db}
	for _, c := range []struct{ read, want string }{{"", Open}, {target, Waits}} {
		if err := d.waits(t.Context(), market, Line{ID: line, Target: c.read}, "nothing_left"); err != nil {
			t.Fatal(err)
		}
		var now Line
		if err := db.View(t.Context(), market, func(tx *storage.Tx) (err error) { now, err = Find(tx, line); return }); err != nil {
			t.Fatal(err)
		}
		if now.State != c.want {
			t.Errorf("read with %q it is %s, not %s", c.read, now.State, c.want)
		}
	}
}
