package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
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
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	cn := &conn{inner: inner.(pqConn), db: c.db, guard: c.guard, stmts: map[string]prepared{}}
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

type conn struct {
	inner pqConn
	db    *DB
	guard Guard
	tx    bool
	stmts map[string]prepared
	order []string
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

func (c *conn) Prepare(q string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), q)
}
func (c *conn) PrepareContext(ctx context.Context, q string) (driver.Stmt, error) {
	return c.inner.PrepareContext(ctx, q)
}
func (c *conn) Close() error                               { return c.inner.Close() }
func (c *conn) Ping(ctx context.Context) error             { return c.inner.Ping(ctx) }
func (c *conn) ResetSession(ctx context.Context) error     { return c.inner.ResetSession(ctx) }
func (c *conn) IsValid() bool                              { return c.inner.IsValid() }
func (c *conn) CheckNamedValue(v *driver.NamedValue) error { return c.inner.CheckNamedValue(v) }
func (c *conn) Begin() (driver.Tx, error)                  { return c.BeginTx(context.Background(), driver.TxOptions{}) }

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
	rows, err := st.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	return rows, c.failed(q, err)
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

// failed forgets a statement whose plan a migration has made void.
func (c *conn) failed(q string, err error) error {
	if code := Code(err); code == "0A000" || code == "26000" {
		delete(c.stmts, q)
	}
	return err
}

func (c *conn) statement(ctx context.Context, q string) (prepared, error) {
	st, known := c.stmts[q]
	if !known {
		st.write = writes(q)
	}
	if err := c.allowed(q, st.write); err != nil || known {
		return st, err
	}
	c.db.trips.Add(1)
	var err error
	if st.Stmt, err = c.inner.PrepareContext(ctx, q); err != nil {
		return st, err
	}
	if len(c.order) >= keep {
		oldest := c.order[0]
		c.order = c.order[1:]
		if s, ok := c.stmts[oldest]; ok {
			delete(c.stmts, oldest)
			_ = s.Close()
		}
	}
	c.stmts[q] = st
	c.order = append(c.order, q)
	return st, nil
}

// allowed refuses a write outside a transaction: when its connection is cut,
// the driver sends it again and it is done twice (lib/pq issue 939).
func (c *conn) allowed(q string, write bool) error {
	if write && !c.tx {
		return fmt.Errorf("storage: a write outside a transaction: %s", head(q))
	}
	if c.guard != nil {
		return c.guard(q, write, c.tx)
	}
	return nil
}

// writes says whether a statement changes rows: its first word, and inside
// WITH any of the words that do.
func writes(q string) bool {
	s := strings.ToUpper(strings.TrimSpace(q))
	if strings.HasPrefix(s, "SELECT") {
		return strings.Contains(s, "FOR UPDATE") || strings.Contains(s, "FOR SHARE") || strings.Contains(s, "FOR NO KEY")
	}
	if strings.HasPrefix(s, "WITH") {
		return strings.Contains(s, "INSERT INTO") || strings.Contains(s, "UPDATE ") || strings.Contains(s, "DELETE FROM")
	}
	return !strings.HasPrefix(s, "SHOW") && !strings.HasPrefix(s, "EXPLAIN") && !strings.HasPrefix(s, "VALUES")
}
