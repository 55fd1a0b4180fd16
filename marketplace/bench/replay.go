package bench

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// replay does again what a deed has written, transaction by transaction. It is
// the limit of the deed: *statements* sends each statement by itself between
// BEGIN and COMMIT, *one call* sends one call of a procedure per transaction.
type replay struct {
	url     string
	scripts []*script
	names   int // how many new names one deed takes
	baskets []basket
	buyers  []string
	calls   []string                                      // the procedures
	asks    []func(ctx context.Context, name id.ID) error // what somebody else is asked before each transaction; nil: nobody
	turn    atomic.Int64
}

// hand is one connection with its prepared statements; one client works with it.
type hand struct {
	driver.Conn

	steps [][]step
	calls []driver.Stmt
}

type step struct {
	driver.Stmt

	uses []int
}

// hands opens a connection for each client.
func (r *replay) hands(ctx context.Context, clients int) ([]*hand, error) {
	cfg, err := pq.NewConfig(r.url)
	if err != nil {
		return nil, err
	}
	// As the program's own connections: the same plans and the same rights.
	cfg.Options += " -c plan_cache_mode=force_generic_plan -c role=" + storage.AppRole
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	all := make([]*hand, clients)
	for i := range all {
		if all[i], err = r.hand(ctx, connector); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (r *replay) hand(ctx context.Context, from driver.Connector) (*hand, error) {
	conn, err := from.Connect(ctx)
	if err != nil {
		return nil, err
	}
	h := &hand{Conn: conn}
	for i, s := range r.scripts {
		var steps []step
		for _, st := range s.statements {
			text, uses := st.prepared()
			p, err := conn.Prepare(text)
			if err != nil {
				return nil, fmt.Errorf("%w: %s", err, text)
			}
			steps = append(steps, step{p, uses})
		}
		call, err := conn.Prepare("SELECT " + r.calls[i] + "($1)")
		if err != nil {
			return nil, err
		}
		h.steps, h.calls = append(h.steps, steps), append(h.calls, call)
	}
	return h, nil
}

// next draws what one more deed is about, and its new names.
func (r *replay) next() (names []id.ID, given []string, now time.Time) {
	n := int(r.turn.Add(1))
	given = append([]string{r.buyers[n%len(r.buyers)]}, r.baskets[n%len(r.baskets)].names...)
	names = make([]id.ID, r.names)
	for i := range names {
		names[i] = id.New()
	}
	return names, given, time.Now()
}

// statements does one deed by its statements.
func (r *replay) statements(ctx context.Context, h *hand) error {
	names, given, now := r.next()
	for i, s := range r.scripts {
		if err := r.ask(ctx, i, names); err != nil {
			return err
		}
		values := s.draw(now, names, given)
		tx, err := h.Conn.(driver.ConnBeginTx).BeginTx(ctx, driver.TxOptions{})
		if err != nil {
			return err
		}
		for _, st := range h.steps[i] {
			args := make([]driver.NamedValue, len(st.uses))
			for n, use := range st.uses {
				args[n] = driver.NamedValue{Ordinal: n + 1, Value: values[use]}
			}
			if _, err := st.Stmt.(driver.StmtExecContext).ExecContext(ctx, args); err != nil {
				_ = tx.Rollback()
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) ask(ctx context.Context, before int, names []id.ID) error {
	if before >= len(r.asks) || r.asks[before] == nil {
		return nil
	}
	return r.asks[before](ctx, names[0])
}

// oneCall does one deed by its procedures.
func (r *replay) oneCall(ctx context.Context, h *hand) error {
	names, given, now := r.next()
	for i, s := range r.scripts {
		if err := r.ask(ctx, i, names); err != nil {
			return err
		}
		values, err := pq.StringArray(s.draw(now, names, given)).Value()
		if err != nil {
			return err
		}
		rows, err := h.calls[i].(driver.StmtQueryContext).QueryContext(ctx, []driver.NamedValue{{Ordinal: 1, Value: values}})
		if err != nil {
			return err
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}
