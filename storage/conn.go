package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"time"
)

// keep is how many prepared statements one connection holds.
const keep = 512

// connector opens connections that prepare each statement once. The cache is
// per connection: one over the pool hung, when every connection was inside a
// transaction and each waited for another to prepare on.
type connector struct {
	driver.Connector
	db    *DB
	guard Guard
	moved bool // the clock is a test's: leave it alone
}

// Connect opens a connection and measures the distance of the two clocks.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	born := c.db.age.Load()
	w := new(wire)
	inner, err := c.Connector.Connect(context.WithValue(ctx, atConnect{}, &w))
	if err != nil {
		return nil, err
	}
	cn := &conn{inner: inner.(pqConn), wire: w, db: c.db, guard: c.guard, born: born, stmts: map[string]prepared{}}
	if !c.moved {
		if err := cn.setClock(ctx); err != nil {
			_ = inner.Close()
			return nil, err
		}
	}
	return cn, nil
}

// pqConn is what the driver's connection can do and we pass on.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.Tx // of the transaction that it is in
	driver.ConnPrepareContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// conn is one connection; database/sql lets one goroutine at a time use it.
type conn struct {
	inner pqConn
	wire  *wire
	db    *DB
	guard Guard
	born  int64 // db.age when it was opened
	tx    bool
	open  *rows // still to be read; the wire is theirs
	stmts map[string]prepared
	order []string // of stmts, oldest first
}

type prepared struct {
	driver.Stmt
	write bool
}

func (c *conn) setClock(ctx context.Context) error {
	before := time.Now()
	rows, err := c.inner.QueryContext(ctx, "SELECT clock_timestamp()", nil)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	dest := make([]driver.Value, 1)
	if err := rows.Next(dest); err != nil {
		return err
	}
	if at, ok := dest[0].(time.Time); ok {
		now := time.Now()
		c.db.offset.Store(int64(at.Sub(before.Add(now.Sub(before) / 2))))
	}
	return nil
}

var errPrepare = errors.New("storage: a connection prepares its statements itself")

// Prepare and PrepareContext are closed: they would pass by the rule on writes.
func (c *conn) Prepare(string) (driver.Stmt, error) { return nil, errPrepare }
func (c *conn) PrepareContext(context.Context, string) (driver.Stmt, error) {
	return nil, errPrepare
}

func (c *conn) Close() error                   { return c.inner.Close() }
func (c *conn) Ping(ctx context.Context) error { return c.inner.Ping(ctx) }
func (c *conn) Begin() (driver.Tx, error)      { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// CheckNamedValue writes values itself where it can; the rest is the driver's.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if written, ok := value(v.Value); ok {
		v.Value = written
		return nil
	}
	return c.inner.CheckNamedValue(v)
}

// ResetSession and IsValid let the pool throw away a connection that is broken, or as old
// as one that was given up.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.old() {
		return driver.ErrBadConn
	}
	return c.inner.ResetSession(ctx)
}

func (c *conn) IsValid() bool { return !c.old() && c.inner.IsValid() }

func (c *conn) old() bool { return c.born < c.db.age.Load() }

// BeginTx begins with the first statement, where that can be.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	moment := driver.TxOptions{Isolation: driver.IsolationLevel(sql.LevelRepeatableRead), ReadOnly: true}
	switch {
	case c.wire.plain && o == driver.TxOptions{}:
		c.wire.begin = toWrite
	case c.wire.plain && o == moment:
		c.wire.begin = toReadOneMoment
	default:
		c.db.trips.Add(1)
		if _, err := c.inner.BeginTx(ctx, o); err != nil {
			return nil, err
		}
	}
	c.tx = true
	return &connTx{c}, nil
}

type connTx struct{ c *conn }

// Commit sends COMMIT, or hears what became of that which has gone out.
func (t *connTx) Commit() error {
	if t.over() {
		return nil
	}
	if !t.c.inner.IsValid() && !t.c.wire.ended {
		_ = t.c.inner.Commit() // sends nothing, but ends the watch on the context
		return errUnsent
	}
	return t.c.inner.Commit()
}

func (t *connTx) Rollback() error {
	if t.over() {
		return nil
	}
	return t.c.inner.Rollback()
}

// over ends a transaction here, and says whether the server has not heard of it.
func (t *connTx) over() bool {
	t.c.tx = false
	if t.c.wire.begin != nil {
		t.c.wire.begin = nil
		return true
	}
	if !t.c.wire.ended {
		t.c.db.trips.Add(1)
	}
	return false
}

// ending asks that COMMIT goes out with a statement, and hears whether it did.
type ending struct{ out bool }

// send runs fn, which sends a statement, with COMMIT where that is asked for.
func (c *conn) send(ctx context.Context, fn func() error) error {
	c.db.trips.Add(1)
	e, last := ctx.Value(ending{}).(*ending)
	c.wire.last = last && c.wire.plain
	err := fn()
	c.wire.last = false // it may be that nothing was sent
	if last {
		e.out = c.wire.ended
	}
	return err
}

func (c *conn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	st, err := c.statement(ctx, q)
	if err != nil {
		return nil, err
	}
	var inner driver.Rows
	err = c.send(ctx, func() (err error) {
		inner, err = st.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
		return err
	})
	if err != nil {
		return nil, c.failed(q, err)
	}
	c.open = &rows{inner, c}
	return c.open, nil
}

func (c *conn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	st, err := c.statement(ctx, q)
	if err != nil {
		return nil, err
	}
	var r driver.Result
	err = c.send(ctx, func() (err error) {
		r, err = st.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return r, c.failed(q, err)
}

// rows knows when the last row was read, and the wire is free again.
type rows struct {
	driver.Rows
	c *conn
}

// Next reads a row; any error, io.EOF too, means there are no more.
func (r *rows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err != nil {
		r.free()
	}
	return err
}

// Close reads what is left.
func (r *rows) Close() error {
	defer r.free()
	return r.Rows.Close()
}

func (r *rows) free() {
	if r.c.open == r {
		r.c.open = nil
	}
}

// failed gives up this connection and all that are as old, where one was lost or a
// migration has made a statement's plan void: the server may have been started anew,
// which each would find out for itself in the middle of a transaction, and what they have
// prepared may be void too.
func (c *conn) failed(q string, err error) error {
	if stale(err) {
		c.forget(q)
	}
	if err != nil && (stale(err) || lost(err)) {
		c.db.age.CompareAndSwap(c.born, c.born+1)
	}
	return err
}

// statement gives q's prepared statement, made on its first use.
func (c *conn) statement(ctx context.Context, q string) (prepared, error) {
	st, known := c.stmts[q]
	if !known {
		st.write = writes(q)
	}
	if err := c.allowed(q, st.write); err != nil || known {
		return st, err
	}
	if len(c.order) >= keep {
		c.db.trips.Add(1)
		c.forget(c.order[0])
	}
	c.db.trips.Add(1)
	var err error
	if st.Stmt, err = c.inner.PrepareContext(ctx, q); err != nil {
		return st, c.failed(q, err)
	}
	c.stmts[q] = st
	c.order = append(c.order, q)
	return st, nil
}

// forget lets a statement go, here and on the server. An error has made the
// connection bad, which its next use says.
func (c *conn) forget(q string) {
	st, ok := c.stmts[q]
	if !ok {
		return
	}
	_ = st.Close()
	delete(c.stmts, q)
	c.order = slices.DeleteFunc(c.order, func(o string) bool { return o == q })
}

// allowed refuses a write outside a transaction: when its connection is cut,
// the driver sends it again and it is done twice (lib/pq issue 939). It refuses
// a statement while rows are still to be read: the driver would mix up both.
func (c *conn) allowed(q string, write bool) error {
	if write && !c.tx {
		return fmt.Errorf("storage: a write outside a transaction: %s", head(q))
	}
	if c.open != nil {
		return fmt.Errorf("storage: a statement while rows of another are still to be read: %s", head(q))
	}
	if c.guard != nil {
		return c.guard(q, write, c.tx)
	}
	return nil
}
