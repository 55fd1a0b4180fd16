package storage

import (
	"context"
	"database/sql/driver"
	"io"
	"testing"
	"time"
)

// ahead is a server whose clock is ahead of ours.
type ahead struct {
	pqConn
	by time.Duration
}

func (a ahead) Connect(context.Context) (driver.Conn, error) { return a, nil }
func (ahead) Driver() driver.Driver                          { return nil }

func (a ahead) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &tick{at: time.Now().Add(a.by)}, nil
}

type tick struct {
	at   time.Time
	read bool
}

func (*tick) Columns() []string { return []string{"clock_timestamp"} }
func (*tick) Close() error      { return nil }
func (r *tick) Next(dest []driver.Value) error {
	if r.read {
		return io.EOF
	}
	dest[0], r.read = r.at, true
	return nil
}

func TestTheDistanceOfTheTwoClocksIsMeasured(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour, 0} {
		db := &DB{clock: time.Now}
		if _, err := (&connector{Connector: ahead{by: by}, db: db}).Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if off := time.Until(db.Now()) - by; off < -time.Minute || off > time.Minute {
			t.Errorf("the server is ahead by %v, we miss it by %v", by, off)
		}
		db = &DB{clock: time.Now}
		if _, err := (&connector{Connector: ahead{by: by}, db: db, moved: true}).Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if db.offset.Load() != 0 {
			t.Error("a test's clock was moved")
		}
	}
}
