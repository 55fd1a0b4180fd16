package storage

import (
	"context"
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
	born := c.db.schema.Load()
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	cn := &conn{inner: inner.(pqConn), db: c.db, guard: c.guard, born: born, stmts: map[string]prepared{}}
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
	db    *DB
	guard Guard
	born  int64 // db.schema when it was opened
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

// ResetSession and IsValid let the pool throw away a connection that is broken
// or was opened before a migration: its prepared statements may be void.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.old() {
		return driver.ErrBadConn
	}
	return c.inner.ResetSession(ctx)
}

func (c *conn) IsValid() bool { return !c.old() && c.inner.IsValid() }

func (c *conn) old() bool { return c.born < c.db.schema.Load() }

func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	c.db.trips.Add(1)
	inner, err := c.inner.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	c.tx = true
	return &connTx{inner, c}, nil
}

type connTx struct {
	inner driver.Tx
	c     *conn
}

func (t *connTx) Commit() error {
	t.c.tx = false
	if !t.c.inner.IsValid() {
		_ = t.inner.Commit() // sends nothing, but ends the watch on the context
		return errUnsent
	}
	t.c.db.trips.Add(1)
	return t.inner.Commit()
}

func (t *connTx) Rollback() error {
	t.c.tx = false
	t.c.db.trips.Add(1)
	return t.inner.Rollback()
}

func (c *conn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	st, err := c.statement(ctx, q)
	if err != nil {
		return nil, err
	}
	c.db.trips.Add(1)
	inner, err := st.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
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
	c.db.trips.Add(1)
	r, err := st.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
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

// failed notices that a migration has made a statement's plan void: then this
// connection and all that are as old are given up, because what they have
// prepared may be void too.
func (c *conn) failed(q string, err error) error {
	if stale(err) {
		c.forget(q)
		c.db.schema.CompareAndSwap(c.born, c.born+1)
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
		return st, err
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
