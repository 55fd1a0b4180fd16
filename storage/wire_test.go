package storage_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// deed reads and then writes under a key.
func deed(tx *storage.Tx, subject string) error {
	tx.Keyed()
	var n int
	if err := tx.Get(&n, "SELECT count(*) FROM trail WHERE market_id = $1 AND subject = $2", tx.Market, subject); err != nil {
		return err
	}
	tx.Queue(addLine, tx.Market, id.New(), subject, tx.Now)
	tx.Expect(1, nil, addHit, tx.Market, subject, tx.Now, n)
	return nil
}

func TestATransactionUnderAKeyWaitsAsOftenAsItReadsAndOnceForAllItWrites(t *testing.T) {
	db, market := dbtest.Open(t, one)
	run := func(subject string, fn func(*storage.Tx, string) error) int64 {
		return trips(t, db, func() error {
			return db.Update(t.Context(), market, func(tx *storage.Tx) error { return fn(tx, subject) })
		})
	}
	unkeyed := func(tx *storage.Tx, subject string) error { return add(tx, subject) }
	nothing := func(*storage.Tx, string) error { return nil }
	run("first", deed) // prepared now
	run("first", unkeyed)
	if n := run("keyed", deed); n != 2 {
		t.Errorf("%d trips, want one to read and one to write", n)
	}
	if n := run("unkeyed", unkeyed); n != 2 {
		t.Errorf("%d trips, want one to write and COMMIT: what becomes of that must be known", n)
	}
	if n := run("", nothing); n != 0 {
		t.Errorf("%d trips, want none: the server need not hear of it", n)
	}
	if lines(t, db, market, "keyed") != 1 || lines(t, db, market, "unkeyed") != 1 || hits(t, db, market, "keyed") != 0 {
		t.Error("something is missing")
	}
}

func TestOfWhatIsNotAsExpectedNothingIsCommittedThoughCOMMITIsOut(t *testing.T) {
	db, market := dbtest.Open(t, one)
	sold := fault.Conflict("sold_out")
	for name, write := range map[string]func(*storage.Tx){
		"alone":  func(tx *storage.Tx) { tx.Expect(1, sold, upHit, market, "none") },
		"beside": func(tx *storage.Tx) { _ = add(tx, "beside"); tx.Expect(1, sold, upHit, market, "none") },
		"second": func(tx *storage.Tx) {
			tx.Expect(1, nil, addLine, market, id.New(), "beside", tx.Now)
			tx.Expect(1, sold, upHit, market, "none")
		},
	} {
		done := false
		err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
			tx.Keyed()
			tx.OnCommit(func() { done = true })
			write(tx)
			return nil
		})
		if !errors.Is(err, sold) || done || lines(t, db, market, "beside") != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The connection, the only one, goes on.
	if err := db.Update(t.Context(), market, func(tx *storage.Tx) error { return deed(tx, "after") }); err != nil || lines(t, db, market, "after") != 1 {
		t.Fatal(err)
	}
}

func TestAnErrorOfTheLastStatementOrOfCOMMITItselfIsToldOnce(t *testing.T) {
	db, address := dbtest.Own(t, one)
	owner := raw(t, address)
	for _, q := range []string{"ALTER TABLE limits ADD CONSTRAINT few CHECK (hits < 5)",
		"CREATE TABLE late (n int, CONSTRAINT late_once UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)", "GRANT ALL ON late TO " + storage.AppRole} {
		if _, err := owner.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	for constraint, write := range map[string]func(*storage.Tx){
		"few":       func(tx *storage.Tx) { tx.Queue(addHit, 1, "many", tx.Now, 9) },
		"late_once": func(tx *storage.Tx) { tx.Queue("INSERT INTO late VALUES ($1), ($1)", 1) },
	} {
		runs := 0
		err := db.Update(t.Context(), 1, func(tx *storage.Tx) error {
			runs++
			tx.Keyed()
			_ = add(tx, constraint)
			write(tx)
			return nil
		})
		if !storage.Violates(err, constraint) || runs != 1 || lines(t, db, 1, constraint) != 0 {
			t.Errorf("%s: %v in %d runs", constraint, err, runs)
		}
	}
	if err := db.Update(t.Context(), 1, func(tx *storage.Tx) error { return deed(tx, "after") }); err != nil {
		t.Fatal(err)
	}
}

// The last statement waits for a lock until its caller gives up: nobody is told that it
// was done, and it was not.
func TestWhoeverGivesUpWhileTheLastStatementWaitsHasDoneNothing(t *testing.T) {
	db, market := dbtest.Open(t)
	hit := func(tx *storage.Tx) error { tx.Queue(addHit, market, "held", tx.Now, 0); return nil }
	if err := db.Update(t.Context(), market, hit); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	err := db.Update(t.Context(), market, func(holder *storage.Tx) error {
		if _, err := holder.Exec(upHit, market, "held"); err != nil {
			return err
		}
		gone := make(chan error, 1)
		var pid atomic.Int64
		go func() {
			gone <- db.Update(ctx, market, func(tx *storage.Tx) error {
				tx.Keyed()
				var n int64
				if err := tx.Get(&n, "SELECT pg_backend_pid()"); err != nil {
					return err
				}
				pid.Store(n)
				_ = add(tx, "gave up")
				tx.Queue(upHit, market, "held")
				return nil
			})
		}()
		for waits := false; !waits; {
			if err := db.View(t.Context(), market, func(tx *storage.Tx) error {
				return tx.Get(&waits, "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE pid = $1 AND NOT granted)", pid.Load())
			}); err != nil {
				return err
			}
		}
		giveUp()
		if err := <-gone; !errors.Is(err, context.Canceled) && !errors.Is(err, fault.Unavailable("commit_unknown")) {
			t.Errorf("told %v", err)
		}
		return nil
	})
	if err != nil || hits(t, db, market, "held") != 1 || lines(t, db, market, "gave up") != 0 {
		t.Fatalf("%v", err)
	}
}

func TestAfterAllConnectionsWereLostATransactionRunsTwiceAtMost(t *testing.T) {
	const pool = 8 // more than it is tried
	db, address := dbtest.Own(t, func(o *storage.Options) { o.Pool = pool })
	warm(t, db, pool, func(tx *storage.Tx) error { return nil })
	warm(t, db, pool, func(tx *storage.Tx) error { var n int; return tx.Get(&n, "SELECT 1") })
	if _, err := raw(t, address).Exec(`SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'commonfield'`); err != nil {
		t.Fatal(err)
	}
	runs := 0
	if err := db.Update(t.Context(), 1, func(tx *storage.Tx) error { runs++; return deed(tx, "lost") }); err != nil || runs > 2 {
		t.Fatalf("%d runs: %v", runs, err)
	}
}

// encrypted stands before the server and ends TLS.
func encrypted(t *testing.T, address string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	network, server, before := dbtest.Before(t, address, l)
	var serving sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	serving.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = client.Close() }()
				if _, err := io.ReadFull(client, make([]byte, 8)); err != nil { // it asks for TLS
					return
				}
				_, _ = client.Write([]byte("S"))
				inside := tls.Server(client, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}})
				to, err := net.Dial(network, server)
				if err != nil {
					return
				}
				defer func() { _ = to.Close() }()
				serving.Go(func() { _, _ = io.Copy(inside, to); _ = client.Close() })
				_, _ = io.Copy(to, inside)
			})
		}
	})
	return strings.Replace(before, "sslmode=disable", "sslmode=require", 1)
}

func TestOverTLSEachMessageGoesAloneAndAllElseIsTheSame(t *testing.T) {
	plain, market := dbtest.Open(t)
	db, err := storage.Open(t.Context(), storage.Options{URL: encrypted(t, dbtest.Address(t)), Pool: 1, Guard: dbtest.Guard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	run := func(subject string) error {
		return db.Update(t.Context(), market, func(tx *storage.Tx) error { return deed(tx, subject) })
	}
	if err := run("first"); err != nil {
		t.Fatal(err)
	}
	if n := trips(t, db, func() error { return run("second") }); n != 4 {
		t.Errorf("%d trips, want BEGIN, a read, the writes, COMMIT", n)
	}
	sold := fault.Conflict("sold_out")
	err = db.Update(t.Context(), market, func(tx *storage.Tx) error {
		tx.Keyed()
		_ = add(tx, "refused")
		tx.Expect(1, sold, upHit, market, "none")
		return nil
	})
	if !errors.Is(err, sold) || lines(t, plain, market, "refused") != 0 || lines(t, plain, market, "second") != 1 {
		t.Fatalf("%v", err)
	}
	if err := run("third"); err != nil {
		t.Fatal(err)
	}
}
