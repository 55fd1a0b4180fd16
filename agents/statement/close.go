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
	if err := soldClosed(tx, month, from, to); err != nil {
		return 0, err
	}
	return tx.Exec(`INSERT INTO statements (market_id, payee_id, month, number, sales, backs, opening_minor, sold_minor, earned_minor, reversed_minor, withheld_minor, paid_minor, returned_minor, closing_minor, made_at)
SELECT m.id, s.payee, $2::date, m.code || '-S' || $3::text || '-' || to_char(s.n, 'FM00000'),
  s.sales, s.backs, s.opening, s.sold, s.earned, s.reversed, 0, s.paid, s.returned, s.opening + s.earned + s.reversed + s.paid + s.returned, $4::timestamptz
FROM markets m, unnest($5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
  WITH ORDINALITY AS s (payee, opening, sales, backs, sold, earned, reversed, paid, returned, n)
WHERE m.id = $1 ON CONFLICT (market_id, payee_id, month) DO NOTHING`,
		tx.Market, month.day(), month.first(time.UTC).Format("0601"), tx.Now,
		pq.Array(s.payee), s.opening, s.sales, s.backs, s.sold, s.earned, s.reversed, s.paid, s.returned)
}

// monthly are the sums of everybody who has something to read of a month, in the
// order in which their statements are numbered.
const monthly = `SELECT payee_id, opening, sales, backs, sold, earned - reversed, reversed, paid, returned
FROM (
  SELECT payee_id, sum(opening)::bigint AS opening, sum(sales)::bigint AS sales, sum(backs)::bigint AS backs, sum(sold)::bigint AS sold,
    sum(earned)::bigint AS earned, sum(reversed)::bigint AS reversed, sum(paid)::bigint AS paid, sum(returned)::bigint AS returned
  FROM (
    SELECT payee_id, closing_minor AS opening, 0 AS sales, 0 AS backs, 0 AS sold, 0 AS earned, 0 AS reversed, 0 AS paid, 0 AS returned
    FROM statements WHERE market_id = $1 AND month = $2::date
    UNION ALL
    SELECT payee_id, 0, count(*) FILTER (WHERE NOT back AND cause NOT LIKE $5), count(*) FILTER (WHERE back), sum(base_minor),
      sum(amount_minor), COALESCE(sum(amount_minor) FILTER (WHERE back), 0), 0, 0
    FROM statement_lines WHERE market_id = $1 AND at >= $3 AND at < $4 GROUP BY payee_id
    UNION ALL
    SELECT payee_id, 0, 0, 0, 0, 0, 0, -sum(amount_minor), 0 FROM payouts WHERE market_id = $1 AND paid_at >= $3 AND paid_at < $4 GROUP BY payee_id
    UNION ALL
    SELECT payee_id, 0, 0, 0, 0, 0, 0, 0, sum(amount_minor) FROM payouts WHERE market_id = $1 AND returned_at >= $3 AND returned_at < $4 GROUP BY payee_id
  ) parts GROUP BY payee_id
) s
WHERE opening <> 0 OR sales > 0 OR backs > 0 OR paid <> 0 OR returned <> 0
ORDER BY payee_id`

// columns are sums by payee, as arrays.
type columns struct {
	payee                                                         []id.ID
	opening, sales, backs, sold, earned, reversed, paid, returned pq.Int64Array
}

func (s *columns) scan(scan func(...any) error) error {
	var payee id.ID
	var n [8]int64
	if err := scan(&payee, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7]); err != nil {
		return err
	}
	s.payee = append(s.payee, payee)
	for i, to := range []*pq.Int64Array{&s.opening, &s.sales, &s.backs, &s.sold, &s.earned, &s.reversed, &s.paid, &s.returned} {
		*to = append(*to, n[i])
	}
	return nil
}
