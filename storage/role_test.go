package storage_test

import (
	"errors"
	"strings"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

var errBack = errors.New("roll back")

// as runs statements in one transaction that is rolled back, and gives the
// error of the last.
func as(t *testing.T, db *storage.DB, market int32, statements ...string) error {
	t.Helper()
	var last error
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		for i, q := range statements {
			_, err := tx.Exec(q)
			if i < len(statements)-1 && err != nil {
				return err
			}
			last = err
		}
		return errBack
	})
	if !errors.Is(err, errBack) {
		t.Fatal(err)
	}
	return last
}

// posted writes one entry with a posting, and a line of the trail.
func posted(t *testing.T, db *storage.DB, market int32) {
	t.Helper()
	entry := id.New()
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Queue("INSERT INTO ledger_causes (market_id, cause, entry_id) VALUES ($1, 'test', $2)", market, entry)
		tx.Queue("INSERT INTO ledger_entries (market_id, id, cause, created_by, posted_at, postings) VALUES ($1, $2, 'test', $2, $3, 1)", market, entry, tx.Now)
		tx.Queue("INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor) VALUES ($1, $2, 1, 'a', 'b', 100)", market, entry)
		tx.Queue(addLine, market, id.New(), "test", tx.Now)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var forbidden = []string{
	"UPDATE ledger_entries SET note = 'x' WHERE market_id > 0",
	"DELETE FROM ledger_entries WHERE market_id > 0",
	"UPDATE ledger_postings SET amount_minor = 1 WHERE market_id > 0",
	"DELETE FROM ledger_postings WHERE market_id > 0",
	"UPDATE ledger_causes SET cause = 'x' WHERE market_id > 0",
	"DELETE FROM ledger_causes WHERE market_id > 0",
	"UPDATE trail SET deed = 'x' WHERE market_id > 0",
	"DELETE FROM trail WHERE market_id > 0",
}

func TestTheProgramCannotChangeWhatIsWritten(t *testing.T) {
	db, _ := dbtest.Own(t)
	posted(t, db, 1)
	more := []string{
		"TRUNCATE ledger_entries, trail",
		"ALTER TABLE ledger_entries DISABLE TRIGGER ALL",
		"DROP TABLE ledger_postings",
		"CREATE TABLE mine (x int)",
		"UPDATE storage_layout SET append_only = false",
		"CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
	}
	for _, q := range append(more, forbidden...) {
		if err := as(t, db, 1, q); storage.Code(err) != "42501" {
			t.Errorf("%s: %v", q, err)
		}
	}
}

func TestResetRoleDoesNotGiveTheOwnerBack(t *testing.T) {
	db, _ := dbtest.Own(t)
	posted(t, db, 1)
	err := db.Update(t.Context(), 1, func(tx *storage.Tx) error {
		for _, q := range []string{"RESET ROLE", "RESET ALL", "SET ROLE TO DEFAULT", "SET SESSION AUTHORIZATION DEFAULT"} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
			var role string
			if err := tx.Get(&role, "SELECT current_user"); err != nil {
				return err
			}
			if role != storage.AppRole {
				t.Errorf("after %s the program is %s", q, role)
			}
		}
		return errBack
	})
	if !errors.Is(err, errBack) {
		t.Fatal(err)
	}
}

// A statement that sets another role gives the login's own rights: that is why
// in production the login is not the owner. The rows are guarded even then.
func TestEvenTheOwnersRightsDoNotChangeTheLedger(t *testing.T) {
	db, _ := dbtest.Own(t)
	posted(t, db, 1)
	var role string
	err := db.Update(t.Context(), 1, func(tx *storage.Tx) error {
		if _, err := tx.Exec("SET LOCAL ROLE NONE"); err != nil {
			return err
		}
		if err := tx.Get(&role, "SELECT current_user"); err != nil {
			return err
		}
		return errBack
	})
	if !errors.Is(err, errBack) || role == storage.AppRole {
		t.Fatalf("as %s: %v", role, err)
	}
	for _, q := range forbidden {
		err := as(t, db, 1, "SET LOCAL ROLE NONE", q)
		if storage.Code(err) != "42501" || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("as %s: %s: %v", role, q, err)
		}
	}
}

func TestARoleThatWasSetDoesNotOutliveItsTransaction(t *testing.T) {
	db, _ := dbtest.Own(t, one)
	_ = as(t, db, 1, "SET ROLE NONE")
	var role string
	err := db.View(t.Context(), 1, func(tx *storage.Tx) error { return tx.Get(&role, "SELECT current_user") })
	if err != nil || role != storage.AppRole {
		t.Fatalf("%s: %v", role, err)
	}
}

func TestALoginThatMayNotActAsTheProgramIsToldHow(t *testing.T) {
	_, address := dbtest.Own(t)
	login := "cf_test_" + strings.ToLower(id.Secret(6))
	admin := raw(t, address)
	if _, err := admin.Exec("CREATE ROLE " + login + " LOGIN PASSWORD 'secret'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.Exec("DROP ROLE " + login) })
	_, err := storage.Open(t.Context(), storage.Options{URL: dbtest.Login(address, login, "secret")})
	if err == nil || !strings.Contains(err.Error(), "GRANT commonfield_app TO") {
		t.Fatalf("%v", err)
	}
}
