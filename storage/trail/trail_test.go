package trail_test

import (
	"errors"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func about(t *testing.T, db *storage.DB, market int32, subject string, before id.ID, n int) []trail.Line {
	t.Helper()
	var lines []trail.Line
	err := db.View(t.Context(), market, func(tx *storage.Tx) (err error) {
		lines, err = trail.About(tx, subject, before, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestADeedLeavesItsLine(t *testing.T) {
	db, market := dbtest.Open(t)
	by := id.New()
	ctx := trail.WithRequest(t.Context(), "req-1")
	var at = db.Now()
	err := db.Update(ctx, market, func(tx *storage.Tx) error {
		at = tx.Now
		trail.Write(tx, by, "payout.approve", "batch:1", "checked by telephone")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := about(t, db, market, "batch:1", id.None, 10)
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	l := lines[0]
	if l.By != by || l.Deed != "payout.approve" || l.Why != "checked by telephone" || l.Request != "req-1" || !l.At.Equal(at) {
		t.Fatalf("%+v", l)
	}
}

func TestADeedThatFailsLeavesNoLine(t *testing.T) {
	db, market := dbtest.Open(t)
	no := errors.New("no")
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		trail.Write(tx, id.New(), "payout.approve", "batch:1", "")
		if err := tx.Flush(); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Fatal(err)
	}
	if lines := about(t, db, market, "batch:1", id.None, 10); len(lines) != 0 {
		t.Fatalf("%d lines", len(lines))
	}
}

func TestLinesAreReadInPagesNewestFirst(t *testing.T) {
	db, market := dbtest.Open(t)
	for _, deed := range []string{"one", "two", "three"} {
		err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
			trail.Write(tx, id.New(), deed, "thing:1", "")
			trail.Write(tx, id.New(), deed, "thing:2", "")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	page := about(t, db, market, "thing:1", id.None, 2)
	if len(page) != 2 || page[0].Deed != "three" || page[1].Deed != "two" {
		t.Fatalf("%+v", page)
	}
	rest := about(t, db, market, "thing:1", page[1].ID, 2)
	if len(rest) != 1 || rest[0].Deed != "one" {
		t.Fatalf("%+v", rest)
	}
	if other := about(t, db, dbtest.Market(t, db), "thing:1", id.None, 2); len(other) != 0 {
		t.Fatalf("another market sees %+v", other)
	}
}

func TestALineCannotBeChangedOrRemoved(t *testing.T) {
	db, market := dbtest.Open(t)
	for _, q := range []string{
		"UPDATE trail SET why = '' WHERE market_id = $1",
		"DELETE FROM trail WHERE market_id = $1",
	} {
		err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
			trail.Write(tx, id.New(), "deed", "thing:1", "")
			_, err := tx.Exec(q, market)
			return err
		})
		if storage.Code(err) != "42501" {
			t.Fatalf("%s: %v", q, err)
		}
	}
}
