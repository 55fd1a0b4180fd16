package statement

import (
	"context"
	"errors"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// CloseJob is the kind of the job that closes a market's month; its key is the month.
const CloseJob = "statement:close"

// Settled is how long after its end a month may be closed: what was still being
// written at midnight has been written by then.
const Settled = 10 * time.Minute

// Due adds the job that closes the month before this one, soon after its end.
// Calling it every minute is calling it once.
func Due(tx *storage.Tx, place *time.Location) {
	month := MonthOf(tx.Now, place).Before()
	_, end := month.In(place)
	at := end.Add(Settled)
	if at.Before(tx.Now) {
		at = tx.Now // a market that begins in mid-month is not late with the month before
	}
	jobs.Add(tx, CloseJob, month.String(), struct{}{}, at)
}

// Handler is the handler of CloseJob.
func Handler(db *storage.DB) jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
		month, err := ParseMonth(j.Key)
		if err != nil {
			return nil, err
		}
		_, err = Close(ctx, db, j.Market, month)
		return nil, err
	}}
}

// Close makes the statements of everybody in a market up to a month, each month
// in one statement over its rows, and says how many it made. Closing twice, or
// twice at once, is closing once. It refuses (fault.Conflict month_runs) a month
// that has not ended.
func Close(ctx context.Context, db *storage.DB, market int32, upTo Month) (int64, error) {
	var place *time.Location
	var next Month
	err := db.View(ctx, market, func(tx *storage.Tx) error {
		var err error
		if place, err = placeOf(tx); err != nil {
			return err
		}
		if _, end := upTo.In(place); tx.Now.Before(end.Add(Settled)) {
			return fault.Conflict("month_runs", fault.Args{"month": upTo.String()})
		}
		next, err = firstOpen(tx, upTo, place)
		return err
	})
	var made int64
	for ; err == nil && !upTo.Earlier(next); next = next.Next() {
		err = db.Update(ctx, market, func(tx *storage.Tx) error {
			tx.Keyed() // a statement that is there is left alone
			n, err := closeMonth(tx, next, place)
			made += n
			return err
		})
	}
	return made, err
}

func placeOf(tx *storage.Tx) (*time.Location, error) {
	var zone string
	if err := tx.Get(&zone, `SELECT time_zone FROM markets WHERE id = $1`, tx.Market); err != nil {
		return nil, err
	}
	return time.LoadLocation(zone)
}

// firstOpen is the first month that has no statements: after the last that has,
// else that of the first line.
func firstOpen(tx *storage.Tx, upTo Month, place *time.Location) (Month, error) {
	var last *time.Time
	if err := tx.Get(&last, `SELECT max(month) FROM statements WHERE market_id = $1`, tx.Market); err != nil {
		return upTo, err
	}
	if last != nil {
		return Month{last.Year(), last.Month()}.Next(), nil
	}
	var first time.Time
	err := tx.Get(&first, `SELECT at FROM statement_lines WHERE market_id = $1 ORDER BY at LIMIT 1`, tx.Market)
	if errors.Is(err, storage.ErrNone) {
		return upTo, nil
	}
	return MonthOf(first, place), err
}

// closeMonth makes the statements of one month for everybody who has something
// to read: each table is read once, along its index of time, or whole where the
// month is most of it. Which, only a plan for this month can tell. The sums are read
// before they are written, because several processes of the database may read for
// one statement and only one may write.
func closeMonth(tx *storage.Tx, month Month, place *time.Location) (int64, error) {
	var set string
	if err := tx.Get(&set, "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"); err != nil {
		return 0, err
	}
	from, to := month.In(place)
	var s columns
	if err := tx.Each(monthly, []any{tx.Market, month.Before().day(), from, to, "%" + more}, s.scan); err != nil {
		return 0, err
	}
	s.next(id.None)
	s.sell(tx, month)
	return tx.Exec(`INSERT INTO statements (market_id, payee_id, month, number, sales, backs, opening_minor, sold_minor, earned_minor, reversed_minor, withheld_minor, paid_minor, returned_minor, closing_minor, made_at)
SELECT m.id, s.payee, $2::date, m.code || '-S' || $3::text || '-' || to_char(s.n, 'FM00000'),
  s.sales, s.backs, s.opening, s.sold, s.earned, s.reversed, 0, s.paid, s.returned, s.opening + s.earned + s.reversed + s.paid + s.returned, $4::timestamptz
FROM markets m, unnest($5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
  WITH ORDINALITY AS s (payee, opening, sales, backs, sold, earned, reversed, paid, returned, n)
WHERE m.id = $1 ON CONFLICT (market_id, payee_id, month) DO NOTHING`,
		tx.Market, month.day(), month.first(time.UTC).Format("0601"), tx.Now,
		pq.Array(s.payee), s.opening, s.sales, s.backs, s.sold, s.earned, s.reversed, s.paid, s.returned)
}
