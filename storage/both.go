package storage

import (
	"context"
	"database/sql"
	"sync/atomic"

	"github.com/lib/pq"
)

// alone keeps a reading to its own process, until the transaction ends: two share the
// work already, and others want the machine too.
const alone = "set_config('max_parallel_workers_per_gather', '0', true)"

// Both reads two things of a Snapshot's moment side by side: the second on another
// connection where one comes free meanwhile, otherwise after the first on its own.
// Neither waits for a connection that somebody needs for the same, so that many who
// read at once do not hold each other up. Elsewhere one is read after the other.
func (tx *Tx) Both(first, second func(*Tx) error) error {
	var moment string
	if tx.still {
		if err := tx.Get(&moment, "SELECT pg_export_snapshot() FROM "+alone); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(tx.ctx)
	defer cancel()
	var begun atomic.Bool // by whoever reads the second
	beside := make(chan error, 1)
	go func() {
		if moment != "" {
			beside <- tx.beside(ctx, moment, &begun, second)
		} else {
			beside <- nil
		}
	}()
	err := first(tx)
	if err != nil {
		cancel()
	}
	late := begun.CompareAndSwap(false, true)
	if late {
		cancel()
	}
	other := <-beside
	switch {
	case err != nil:
		return err
	case late:
		return second(tx)
	}
	return other
}

// beside reads at the same moment on a connection of its own, unless the one who
// asked has begun to read it alone. What keeps it from beginning is no error.
func (tx *Tx) beside(ctx context.Context, moment string, begun *atomic.Bool, read func(*Tx) error) error {
	inner, err := tx.db.pool.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil
	}
	defer func() { _ = inner.Rollback() }()
	for _, q := range []string{"SET TRANSACTION SNAPSHOT " + pq.QuoteLiteral(moment), "SELECT " + alone} {
		if _, err := inner.ExecContext(ctx, q); err != nil {
			return nil
		}
	}
	if !begun.CompareAndSwap(false, true) {
		return nil
	}
	own := Tx{Market: tx.Market, Person: tx.Person, Now: tx.Now, ctx: ctx, db: tx.db, on: inner, family: tx.family, reading: true}
	return read(&own)
}
