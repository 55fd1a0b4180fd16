package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/lib/pq"

	"commonfield/storage/fault"
)

// tries is how often a transaction is attempted before its error is given up.
const tries = 6

// errUnsent says that COMMIT never left the program: nothing was committed.
var errUnsent = fmt.Errorf("storage: the connection was lost before COMMIT: %w", driver.ErrBadConn)

// errUnknown says that a transaction may have been committed or not, and that
// its function does not look up its own key: it cannot run again.
func errUnknown(err error) error {
	return fault.Unavailable("commit_unknown").Because(err)
}

func (db *DB) retry(ctx context.Context, once func() error) error {
	var err error
	for try := range tries {
		if err = once(); err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ended(ctx, err)
		}
		if !again(err) || try == tries-1 {
			return err
		}
		pause := time.Duration(1<<try) * 5 * time.Millisecond
		pause += rand.N(pause)
		if lost(err) {
			pause *= 4 // a server that restarts needs a moment
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ended(ctx, err)
		case <-timer.C:
		}
	}
	return err
}

// ended gives the context's own error for what its end did to a statement; a
// refusal stays what it is.
func ended(ctx context.Context, err error) error {
	_, refusal := fault.As(err)
	if refusal || errors.Is(err, ctx.Err()) {
		return err
	}
	if Code(err) == "57014" || lost(err) || errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

// again says whether a whole transaction may be repeated after err.
func again(err error) bool {
	if f, ok := fault.As(err); ok && f.Code == "commit_unknown" {
		return false
	}
	switch Code(err) {
	case "40001", "40P01":
		return true
	case "":
		return lost(err)
	}
	return lost(err) || stale(err) || strings.Contains(err.Error(), "could not commit transaction for shard")
}

// Away says whether err means that the database cannot be reached now, or did
// not answer in time: the same may be asked again later.
func Away(err error) bool { return lost(err) || errors.Is(err, context.DeadlineExceeded) }

// lost says whether the connection is gone, or the server is.
func lost(err error) bool {
	code := Code(err)
	if strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08") {
		return true
	}
	var wire *net.OpError // not net.Error: a deadline of the caller's is one too
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, sql.ErrConnDone) || errors.As(err, &wire)
}

// stale says whether a prepared statement is void: a migration has changed the
// type of its result, or somebody between us and the server has dropped it.
func stale(err error) bool {
	var e *pq.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case "0A000": // the routine's name, because messages come in the server's language
		return e.Routine == "RevalidateCachedQuery" || strings.Contains(e.Message, "cached plan")
	case "26000":
		return true
	}
	return false
}

// unknown says whether an error of Commit leaves open if it was committed.
// When the server answered, or COMMIT never left, it was not.
func unknown(err error) bool {
	if errors.Is(err, errUnsent) || errors.Is(err, sql.ErrTxDone) || errors.Is(err, pq.ErrInFailedTransaction) {
		return false
	}
	if err == context.Canceled || err == context.DeadlineExceeded {
		return false // database/sql's own answer before it sends anything
	}
	return undecided(err)
}

// undecided says whether an error is no answer of a server that goes on: what was sent may have been done or not.
func undecided(err error) bool { return Code(err) == "" || lost(err) }
