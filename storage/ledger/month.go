package ledger

import (
	"context"
	"errors"
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

// Month is a month of the book on a market's clock.
type Month struct {
	Name        string // 2026-11
	From, Until time.Time
}

// MonthAt is the month that a moment falls into.
func MonthAt(t time.Time, loc *time.Location) Month {
	t = t.In(loc)
	from := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, loc)
	return Month{from.Format("2006-01"), from, from.AddDate(0, 1, 0)}
}

// ParseMonth reads a month's name (fault.NotFound not_found).
func ParseMonth(name string, loc *time.Location) (Month, error) {
	t, err := time.ParseInLocation("2006-01", name, loc)
	if err != nil || t.Year() < 2000 {
		return Month{}, fault.NotFound("not_found")
	}
	return MonthAt(t, loc), nil
}

// The states of a month. What waits for a second person is already, or still,
// what it was before: closing is open, reopening is closed.
const (
	MonthOpen      = "open"
	MonthClosing   = "closing"
	MonthClosed    = "closed"
	MonthReopening = "reopening"
)

// Settled is how long after its end a month may be closed: an entry carries the
// moment at which its transaction began, and none lasts nearly as long.
const Settled = time.Hour

// Period is a month that somebody closed or asked to close.
type Period struct {
	Month    string     `db:"month" json:"month"`
	From     time.Time  `db:"from_at" json:"from"`
	Until    time.Time  `db:"until_at" json:"until"`
	State    string     `db:"state" json:"state"`
	Why      string     `db:"why" json:"why"`
	AskedBy  id.ID      `db:"asked_by" json:"asked_by"`
	AskedAt  time.Time  `db:"asked_at" json:"asked_at"`
	AgreedBy *id.ID     `db:"agreed_by" json:"agreed_by,omitempty"`
	AgreedAt *time.Time `db:"agreed_at" json:"agreed_at,omitempty"`
	Entries  int64      `db:"entries" json:"entries"` // as they were when it was closed
	Postings int64      `db:"postings" json:"postings"`
	Sum      int64      `db:"posted_minor" json:"posted_minor"`
}

const periodColumns = `month, from_at, until_at, state, why, asked_by, asked_at, agreed_by, agreed_at, entries, postings, posted_minor`

// Periods lists the months that were ever closed or asked about, newest first.
func Periods(tx *storage.Tx) ([]Period, error) {
	var all []Period
	err := tx.Select(&all, `SELECT `+periodColumns+` FROM ledger_periods WHERE market_id = $1 ORDER BY month DESC`, tx.Market)
	return all, err
}

// CloseMonth asks that a month takes no entries any more; another person agrees
// to it. Asking twice is asking once. It refuses a month that has not ended
// (fault.Conflict month_runs), and one that is closed (month_state).
func CloseMonth(ctx context.Context, db *storage.DB, market int32, m Month, by id.ID) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		if tx.Now.Before(m.Until.Add(Settled)) {
			return fault.Conflict("month_runs", fault.Args{"month": m.Name})
		}
		// The row is there before it is locked, so that two who ask wait for each other.
		if _, err := tx.Exec(`INSERT INTO ledger_periods (market_id, month, from_at, until_at, state, asked_by, asked_at) VALUES ($1, $2, $3, $4, 'open', $5, $6) ON CONFLICT DO NOTHING`,
			market, m.Name, m.From, m.Until, by, tx.Now); err != nil {
			return err
		}
		p, err := holdMonth(tx, m.Name)
		if err != nil || p.State == MonthClosing {
			return err
		}
		if p.State != MonthOpen {
			return fault.Conflict("month_state", fault.Args{"month": m.Name})
		}
		ask(tx, m.Name, MonthClosing, "", by)
		return nil
	})
}

// ReopenMonth asks that a closed month takes entries again, with a reason.
// Another person agrees to it.
func ReopenMonth(ctx context.Context, db *storage.DB, market int32, month string, by id.ID, why string) error {
	why, err := trail.Why(why)
	if err != nil {
		return err
	}
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		p, err := holdMonth(tx, month)
		if err != nil || p.State == MonthReopening {
			return err
		}
		if p.State != MonthClosed {
			return fault.Conflict("month_state", fault.Args{"month": month})
		}
		ask(tx, month, MonthReopening, why, by)
		return nil
	})
}

func ask(tx *storage.Tx, month, state, why string, by id.ID) {
	tx.Queue(`UPDATE ledger_periods SET state = $3, why = $4, asked_by = $5, asked_at = $6, agreed_by = NULL, agreed_at = NULL WHERE market_id = $1 AND month = $2`,
		tx.Market, month, state, why, by, tx.Now)
	trail.Write(tx, by, "ledger.month_"+state, "month:"+month, why)
}

// AgreeMonth is the second person's word: a month that waits to be closed is
// closed, one that waits to be opened again is open. Twice is once. It refuses
// whoever asked (fault.Forbidden month_self) and a month that does not wait
// (month_state). What lies in a month is counted when it is closed, and the audit
// counts it again.
func AgreeMonth(ctx context.Context, db *storage.DB, market int32, month string, by id.ID) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		p, err := holdMonth(tx, month)
		if err != nil {
			return err
		}
		to, from := MonthClosed, MonthClosing
		if p.State == MonthReopening || p.State == MonthOpen {
			to, from = MonthOpen, MonthReopening
		}
		switch {
		case p.State == to && p.AgreedBy != nil && *p.AgreedBy == by:
			return nil // said before
		case p.State != from:
			return fault.Conflict("month_state", fault.Args{"month": month})
		case p.AskedBy == by:
			return fault.Forbidden("month_self")
		}
		var c counted
		if to == MonthClosed {
			if c, err = count(tx, p.From, p.Until); err != nil {
				return err
			}
		}
		tx.Queue(`UPDATE ledger_periods SET state = $3, agreed_by = $4, agreed_at = $5, entries = $6, postings = $7, posted_minor = $8 WHERE market_id = $1 AND month = $2`,
			market, month, to, by, tx.Now, c.Entries, c.Postings, c.Sum)
		trail.Write(tx, by, "ledger.month_"+to, "month:"+month, p.Why)
		return nil
	})
}

// KeepMonth says no to what was asked: a month stays as it is. Twice is once.
func KeepMonth(ctx context.Context, db *storage.DB, market int32, month string, by id.ID) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		p, err := holdMonth(tx, month)
		if err != nil {
			return err
		}
		to := map[string]string{MonthClosing: MonthOpen, MonthReopening: MonthClosed}[p.State]
		if to == "" {
			return nil
		}
		tx.Queue(`UPDATE ledger_periods SET state = $3 WHERE market_id = $1 AND month = $2`, market, month, to)
		trail.Write(tx, by, "ledger.month_kept", "month:"+month, to)
		return nil
	})
}

func holdMonth(tx *storage.Tx, month string) (Period, error) {
	var p Period
	err := tx.Get(&p, `SELECT `+periodColumns+` FROM ledger_periods WHERE market_id = $1 AND month = $2 FOR UPDATE`, tx.Market, month)
	if errors.Is(err, storage.ErrNone) {
		return p, fault.NotFound("not_found")
	}
	return p, err
}

// counted is what lies in a month.
type counted struct {
	Entries  int64 `db:"entries"`
	Postings int64 `db:"postings"`
	Sum      int64 `db:"sum"`
}

func count(tx *storage.Tx, from, until time.Time) (c counted, err error) {
	err = tx.Get(&c, `SELECT count(DISTINCT e.id) AS entries, count(*) AS postings, COALESCE(sum(p.amount_minor), 0)::bigint AS sum
FROM ledger_entries e JOIN ledger_postings p ON p.market_id = e.market_id AND p.entry_id = e.id
WHERE e.market_id = $1 AND e.posted_at >= $2 AND e.posted_at < $3`, tx.Market, from, until)
	return c, err
}

// closedMonths: a closed month holds what it held when it was closed, and two
// people closed it.
func closedMonths(tx *storage.Tx) (int64, []audit.Values, error) {
	all, err := Periods(tx)
	if err != nil {
		return 0, nil, err
	}
	var n int64
	var wrong []audit.Values
	for _, p := range all {
		if p.State != MonthClosed && p.State != MonthReopening {
			continue
		}
		n++
		c, err := count(tx, p.From, p.Until)
		if err != nil {
			return n, wrong, err
		}
		if c != (counted{p.Entries, p.Postings, p.Sum}) {
			wrong = append(wrong, audit.Values{"say": "month_differs", "month": p.Month, "entries": p.Entries, "posted_minor": p.Sum, "has": c.Entries, "has_minor": c.Sum})
		}
		if p.State == MonthClosed && (p.AgreedBy == nil || *p.AgreedBy == p.AskedBy) {
			wrong = append(wrong, audit.Values{"say": "month_alone", "month": p.Month})
		}
	}
	return n, wrong, nil
}

// monthCheck is the audit's look at closed months.
var monthCheck = audit.Check{Name: "ledger: closed months are as they were closed", Run: closedMonths}
