package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/storage/id"
)

// ErrNone says that a row that was asked for is not there.
var ErrNone = sql.ErrNoRows

type family uint8

const (
	ofMarket family = iota + 1
	ofPerson
	ofAll
)

// handle is what a pool and a transaction have in common.
type handle interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Tx is a transaction of one market, one person or the shared tables.
type Tx struct {
	Market int32     // the market, in ofMarket transactions
	Person id.ID     // the person, in UpdateUser and ViewUser
	Now    time.Time // the only clock inside

	ctx     context.Context
	db      *DB
	on      handle
	family  family
	reading bool
	still   bool // reads one moment
	keyed   bool
	named   string
	queue   []queued
	keys    []string // what Apart has seen since the last flush
	refused error    // an Expect that was not met: nothing may be committed
	done    []func()
	forgot  map[string]bool
}

type queued struct {
	query  string
	args   []any
	want   int64 // rows that must be touched; −1: any number
	refuse error
}

// Context is the caller's context, for what runs beside the database.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Keyed promises that the function finds its own business key first when it
// runs again, so that it may run again after a COMMIT of unknown outcome.
func (tx *Tx) Keyed() { tx.keyed = true }

// Named says whose work this is, where the function that asks does not tell: a job's.
// It is for fail points.
func (tx *Tx) Named(work string) { tx.named = work }

// OnCommit calls f after the transaction is committed, never twice. It is for
// waking somebody up; what must happen is a job.
func (tx *Tx) OnCommit(f func()) { tx.done = append(tx.done, f) }

// Get reads one row into dest (a struct or a scalar). ErrNone when there is none;
// dest is as it was then, its pointers nil.
func (tx *Tx) Get(dest any, query string, args ...any) error {
	if err := tx.Flush(); err != nil {
		return err
	}
	err := tx.on.GetContext(tx.ctx, dest, query, args...)
	if err == ErrNone {
		letGo(reflect.ValueOf(dest).Elem())
	}
	return err
}

// letGo takes away what sqlx has made for a struct's pointers before it asked for the
// row: a moment that never was would be one.
func letGo(v reflect.Value) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Kind() == reflect.Pointer && f.CanSet():
			f.SetZero()
		case v.Type().Field(i).Anonymous:
			letGo(f)
		}
	}
}

// Select reads rows into dest (a pointer to a slice).
func (tx *Tx) Select(dest any, query string, args ...any) error {
	if err := tx.Flush(); err != nil {
		return err
	}
	return tx.on.SelectContext(tx.ctx, dest, query, args...)
}

// Each calls fn for every row, without holding them all; fn gets Scan. Inside
// a transaction fn must not use tx: the rows still stand on its connection.
func (tx *Tx) Each(query string, args []any, fn func(scan func(...any) error) error) error {
	if err := tx.Flush(); err != nil {
		return err
	}
	rows, err := tx.on.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Exec runs one statement now and says how many rows it touched.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	if err := tx.Flush(); err != nil {
		return 0, err
	}
	return tx.exec(tx.ctx, query, args)
}

func errReading(query string) error {
	return errors.New("storage: a write in a transaction that only reads: " + head(query))
}

func (tx *Tx) exec(ctx context.Context, query string, args []any) (int64, error) {
	if tx.reading {
		return 0, errReading(query)
	}
	r, err := tx.on.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Queue gathers a write; it is sent with the others in one statement at the
// next read, Exec or at the end. Gathered writes do not see each other, but for
// one thing: what changes or deletes rows of a table that something gathered
// before writes to goes into a statement of its own after that (together), for of
// two changes of one row in one statement the server silently makes one. Foreign
// keys among gathered writes are checked at the end. The query is one INSERT, UPDATE
// or DELETE without RETURNING and without a data-modifying WITH; many rows go as
// arrays (unnest), so that its text stays the same and stays prepared. Parameters
// in a SELECT need a cast.
func (tx *Tx) Queue(query string, args ...any) {
	tx.queue = append(tx.queue, queued{query, args, -1, nil})
}

// Ahead is Queue in front of all that is gathered: for a change of a row that was
// there before, and that costs no statement of its own beside additions to its table.
func (tx *Tx) Ahead(query string, args ...any) {
	tx.queue = slices.Insert(tx.queue, 0, queued{query, args, -1, nil})
}

// Expect is Queue for a write that must touch exactly rows rows; otherwise the
// transaction fails with refuse, even if its function overlooks it.
func (tx *Tx) Expect(rows int64, refuse error, query string, args ...any) {
	tx.queue = append(tx.queue, queued{query, args, rows, refuse})
}

// Apart sends what is gathered if something was gathered under the same key
// before: for additions that must see each other, or that meet in one row (there
// the server refuses the second one).
func (tx *Tx) Apart(key string) error {
	if slices.Contains(tx.keys, key) {
		if err := tx.Flush(); err != nil {
			return err
		}
	}
	tx.keys = append(tx.keys, key)
	return nil
}

// Flush sends what is gathered.
func (tx *Tx) Flush() error { return tx.flush(nil) }

// flush sends what is gathered, and asks that the transaction ends with the last of it.
func (tx *Tx) flush(end *ending) error {
	q := tx.queue
	tx.queue, tx.keys = nil, nil
	for len(q) > 0 {
		n, err := together(q)
		if err == nil {
			if n < len(q) {
				err = tx.send(q[:n], nil)
			} else {
				err = tx.send(q, end)
			}
		}
		if err != nil {
			return err
		}
		q = q[n:]
	}
	return nil
}

// send sends gathered writes as one statement.
func (tx *Tx) send(q []queued, end *ending) error {
	if tx.reading {
		return errReading(q[0].query)
	}
	q = alike(q)
	ctx := tx.ctx
	if end != nil {
		ctx = context.WithValue(ctx, ending{}, end)
	}
	if len(q) == 1 && (end == nil || q[0].want < 0) {
		n, err := tx.exec(ctx, q[0].query, q[0].args)
		if err == nil && q[0].want >= 0 && n != q[0].want {
			err = tx.refuse(q[0], n)
		}
		return err
	}
	var args []any
	var expected pq.Int64Array
	for _, s := range q {
		args = append(args, s.args...)
		if s.want >= 0 {
			expected = append(expected, s.want)
		}
	}
	if expected != nil {
		args = append(args, expected)
	}
	_, err := tx.exec(ctx, gather(q), args)
	if Code(err) != unexpected {
		return err
	}
	return tx.refuse(found(q, err))
}

// unexpected is the error of the function as_expected: its detail says how many rows were touched.
const unexpected = "CF001"

// found is the first of gathered writes that has not touched as many rows as it must.
func found(q []queued, err error) (queued, int64) {
	var e *pq.Error
	var touched pq.Int64Array
	if errors.As(err, &e) && touched.Scan(e.Detail) == nil {
		for _, s := range q {
			if s.want < 0 || len(touched) == 0 {
				continue
			}
			if touched[0] != s.want {
				return s, touched[0]
			}
			touched = touched[1:]
		}
	}
	return queued{query: q[0].query, refuse: err}, 0
}

// refuse says that a write has touched n rows and not as many as it must.
func (tx *Tx) refuse(s queued, n int64) error {
	tx.refused = s.refuse
	if tx.refused == nil {
		tx.refused = fmt.Errorf("storage: %d rows touched, %d expected: %s", n, s.want, head(s.query))
	}
	return tx.refused
}
