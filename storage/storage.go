// Package storage is the floor of records: one way to open the database, one
// kind of transaction, and the rule that nothing is written outside of one.
//
// A transaction belongs to one family of rows: one market, one person or the
// shared tables, and never writes two. What must follow in another family is a
// job under the same key. In a transaction tx.Now is the only clock.
//
// A function given to Update may run again, at most six times, after a
// deadlock, a lost connection or a restart of the server. So it touches only
// tx and what it returns.
package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"commonfield/storage/failpoint"
	"commonfield/storage/id"
)

// AppRole is the role the program runs under. The migrations make it; it has
// no right to change or delete what is append-only.
const AppRole = "commonfield_app"

// Platform is the market of the platform itself: its jobs, its own book.
const Platform int32 = 0

// Options say how a database is opened.
type Options struct {
	URL   string           // postgres://… or key=value; the owner's login
	Pool  int              // connections at most; 0 means 16
	Clock func() time.Time // Go's clock when nil; tests move it
	Owner bool             // keep the login's own rights: migrations only
	Guard Guard            // looks at every statement before it is sent; nil in production
}

// Guard refuses a statement by returning an error. write says whether it
// changes rows, tx whether it stands inside a transaction.
type Guard func(query string, write, tx bool) error

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	pool   *sqlx.DB
	clock  func() time.Time
	offset atomic.Int64 // database clock − Go's clock, in nanoseconds
	trips  atomic.Int64
	age    atomic.Int64 // how often the connections there were have been given up
	memory memory
}

// Open connects and measures the database's clock. It fails with one clear
// line when nothing answers.
func Open(ctx context.Context, o Options) (*DB, error) {
	cfg, err := pq.NewConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("the database address is not understood: %w", err)
	}
	cfg.ApplicationName = "commonfield"
	cfg.Options = strings.TrimSpace(cfg.Options + " -c plan_cache_mode=force_generic_plan")
	if !o.Owner {
		// Set when the connection starts, not by SET ROLE: RESET ROLE would
		// give the owner's rights back.
		cfg.Options += " -c role=" + AppRole
	}
	inner, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("the database address is not understood: %w", err)
	}
	inner.Dialer(new(dialer))
	db := &DB{clock: o.Clock}
	if db.clock == nil {
		db.clock = time.Now
	}
	pool := sql.OpenDB(&connector{Connector: inner, db: db, guard: o.Guard, moved: o.Clock != nil})
	size := o.Pool
	if size == 0 {
		size = 16
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	db.pool = sqlx.NewDb(pool, "postgres")
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, closed(err)
	}
	return db, nil
}

// closed says what to do about a server that lets the login in but not the role.
func closed(err error) error {
	switch Code(err) {
	case "22023", "42704":
		return fmt.Errorf("the database is not prepared, commonfield migrate does it: %w", err)
	case "42501":
		return fmt.Errorf("the login may not act as %s, GRANT %s TO the login: %w", AppRole, AppRole, err)
	}
	return err
}

// Close lets all connections go.
func (db *DB) Close() error { return db.pool.Close() }

// Now is the program's clock: Go's, moved to the database's.
func (db *DB) Now() time.Time {
	return db.clock().Add(time.Duration(db.offset.Load())).UTC().Truncate(time.Microsecond)
}

// Trips counts the messages sent to the database that waited for an answer.
func (db *DB) Trips() int64 { return db.trips.Load() }

// Stats gives the pool's figures, for metrics.
func (db *DB) Stats() sql.DBStats { return db.pool.Stats() }

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.PingContext(ctx) }

// Update runs fn in a transaction of one market.
func (db *DB) Update(ctx context.Context, market int32, fn func(*Tx) error) error {
	return db.update(ctx, Tx{Market: market, family: ofMarket}, fn)
}

// UpdateUser runs fn in a transaction of one person's own tables.
func (db *DB) UpdateUser(ctx context.Context, person id.ID, fn func(*Tx) error) error {
	return db.update(ctx, Tx{Person: person, family: ofPerson}, fn)
}

// UpdateShared runs fn in a transaction of the shared tables.
func (db *DB) UpdateShared(ctx context.Context, fn func(*Tx) error) error {
	return db.update(ctx, Tx{family: ofAll}, fn)
}

// View reads rows of one market and of the shared tables. Each statement sees
// its own moment: a page needs no transaction, and three trips less. What must
// be read at one moment uses Snapshot.
func (db *DB) View(ctx context.Context, market int32, fn func(*Tx) error) error {
	return db.view(ctx, Tx{Market: market, family: ofMarket}, fn)
}

// ViewUser reads one person's own rows.
func (db *DB) ViewUser(ctx context.Context, person id.ID, fn func(*Tx) error) error {
	return db.view(ctx, Tx{Person: person, family: ofPerson}, fn)
}

// ViewShared reads the shared tables, and, in report.go files, across markets.
func (db *DB) ViewShared(ctx context.Context, fn func(*Tx) error) error {
	return db.view(ctx, Tx{family: ofAll}, fn)
}

// Snapshot reads one market at one moment, for checks of the books.
func (db *DB) Snapshot(ctx context.Context, market int32, fn func(*Tx) error) error {
	t := Tx{Market: market, family: ofMarket}
	return db.retry(ctx, func() error {
		inner, err := db.pool.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
		if err != nil {
			return err
		}
		defer func() { _ = inner.Rollback() }()
		tx := t
		tx.ctx, tx.db, tx.on, tx.Now, tx.reading, tx.still = ctx, db, inner, db.Now(), true, true
		return read(&tx, fn)
	})
}

func (db *DB) view(ctx context.Context, t Tx, fn func(*Tx) error) error {
	return db.retry(ctx, func() error {
		tx := t
		tx.ctx, tx.db, tx.on, tx.Now, tx.reading = ctx, db, db.pool, db.Now(), true
		return read(&tx, fn)
	})
}

// read refuses what was gathered after the last statement too.
func read(tx *Tx, fn func(*Tx) error) error {
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Flush()
}

func (db *DB) update(ctx context.Context, t Tx, fn func(*Tx) error) error {
	var done []func()
	unsure := false // of some attempt it is not known whether it was committed
	err := db.retry(ctx, func() error {
		inner, err := db.pool.BeginTxx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = inner.Rollback() }()
		tx := t
		tx.ctx, tx.db, tx.on, tx.Now = ctx, db, inner, db.Now()
		if err := fn(&tx); err != nil {
			return err
		}
		open, err := tx.commit(inner)
		if err != nil {
			unsure = unsure || open
			if open && !tx.keyed {
				return errUnknown(err)
			}
			return err
		}
		done = tx.done
		return nil
	})
	if err != nil {
		if unsure && (lost(err) || again(err) || ctx.Err() != nil) {
			return errUnknown(err)
		}
		return err
	}
	for _, f := range done {
		f()
	}
	return nil
}

// commit sends what is gathered and COMMIT, both together if the function may run again
// when it is not heard what became of them. open says that of an error it is not known
// whether the transaction was committed.
func (tx *Tx) commit(inner *sqlx.Tx) (open bool, err error) {
	if tx.refused != nil {
		return false, tx.refused
	}
	failpoint.Before("commit", tx.named)
	end := new(ending)
	if tx.keyed {
		err = tx.flush(end)
	} else {
		err = tx.flush(nil)
	}
	if tx.refused != nil {
		return false, tx.refused
	}
	if err != nil {
		return end.out && undecided(err), err
	}
	if err := inner.Commit(); err != nil {
		return unknown(err) || end.out && undecided(err), err
	}
	failpoint.After("commit", tx.named)
	return false, nil
}

// Code gives the SQLSTATE of an error of the server, or nothing.
func Code(err error) string {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return string(e.Code)
	}
	return ""
}

// Violates says whether err comes from the named constraint or unique index.
// Names are read from the message too: on a distributed server the field is
// empty and the name carries the shard's number.
func Violates(err error, constraint string) bool {
	var e *pq.Error
	if !errors.As(err, &e) || !strings.HasPrefix(string(e.Code), "23") {
		return false
	}
	if e.Constraint != "" {
		return e.Constraint == constraint
	}
	_, rest, found := strings.Cut(e.Message, `"`+constraint)
	name, _, closed := strings.Cut(rest, `"`)
	return found && closed && (name == "" || name[0] == '_' && strings.Trim(name[1:], "0123456789") == "")
}
