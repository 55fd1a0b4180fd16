package statement

import (
	"errors"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Statement is one payee's month.
type Statement struct {
	Month  Month
	Number string    // of a closed one; empty while the month runs
	MadeAt time.Time // of a closed one
	Sums
}

// Closed says whether its sums are final.
func (s Statement) Closed() bool { return s.Number != "" }

type kept struct {
	Month  time.Time `db:"month"`
	Number string    `db:"number"`
	MadeAt time.Time `db:"made_at"`
	Sums
}

func (k kept) statement() Statement {
	return Statement{Month: Month{k.Month.Year(), k.Month.Month()}, Number: k.Number, MadeAt: k.MadeAt, Sums: k.Sums}
}

const keptColumns = `month, number, made_at, sales, backs, opening_minor, sold_minor, earned_minor, reversed_minor, withheld_minor, paid_minor, returned_minor, closing_minor`

// Of gives a payee's month: as it was closed, or, while it is not, reckoned up
// to now from the last one that was.
func Of(tx *storage.Tx, payee id.ID, month Month, place *time.Location) (Statement, error) {
	var last kept
	err := tx.Get(&last, `SELECT `+keptColumns+` FROM statements WHERE market_id = $1 AND payee_id = $2 AND month <= $3::date ORDER BY month DESC LIMIT 1`,
		tx.Market, payee, month.day())
	if err != nil && !errors.Is(err, storage.ErrNone) {
		return Statement{}, err
	}
	s := last.statement()
	if err == nil && s.Month == month {
		return s, nil
	}
	since := time.Time{}
	if err == nil {
		_, since = s.Month.In(place)
	}
	open := Statement{Month: month}
	from, to := month.In(place)
	if open.Sums, err = reckon(tx, payee, since, from, to); err != nil {
		return open, err
	}
	open.Opening += last.Closing
	open.close()
	return open, nil
}

// reckon sums what happened to a payee between from and to; what happened
// between since and from is the opening.
func reckon(tx *storage.Tx, payee id.ID, since, from, to time.Time) (Sums, error) {
	var s Sums
	err := tx.Get(&s, `SELECT COALESCE(sum(opening), 0)::bigint AS opening_minor, COALESCE(sum(sales), 0)::bigint AS sales, COALESCE(sum(backs), 0)::bigint AS backs,
  COALESCE(sum(sold), 0)::bigint AS sold_minor, COALESCE(sum(earned), 0)::bigint AS earned_minor, COALESCE(sum(reversed), 0)::bigint AS reversed_minor,
  0::bigint AS withheld_minor, COALESCE(sum(paid), 0)::bigint AS paid_minor, COALESCE(sum(returned), 0)::bigint AS returned_minor, 0::bigint AS closing_minor
FROM (
  SELECT sum(amount_minor) FILTER (WHERE at < $4) AS opening, count(*) FILTER (WHERE at >= $4 AND NOT back AND cause NOT LIKE '%' || $6::text) AS sales,
    count(*) FILTER (WHERE at >= $4 AND back) AS backs, sum(base_minor) FILTER (WHERE at >= $4) AS sold,
    sum(amount_minor) FILTER (WHERE at >= $4 AND NOT back) AS earned, sum(amount_minor) FILTER (WHERE at >= $4 AND back) AS reversed, 0 AS paid, 0 AS returned
  FROM statement_lines WHERE market_id = $1 AND payee_id = $2 AND at >= $3 AND at < $5
  UNION ALL
  SELECT -sum(amount_minor) FILTER (WHERE paid_at < $4), 0, 0, 0, 0, 0, -sum(amount_minor) FILTER (WHERE paid_at >= $4), 0
  FROM payouts WHERE market_id = $1 AND payee_id = $2 AND paid_at >= $3 AND paid_at < $5
  UNION ALL
  SELECT sum(amount_minor) FILTER (WHERE returned_at < $4), 0, 0, 0, 0, 0, 0, sum(amount_minor) FILTER (WHERE returned_at >= $4)
  FROM payouts WHERE market_id = $1 AND payee_id = $2 AND returned_at >= $3 AND returned_at < $5) x`,
		tx.Market, payee, since, from, to, more)
	return s, err
}

// List gives a payee's closed statements, newest first, before a month (zero:
// from the newest), at most n.
func List(tx *storage.Tx, payee id.ID, before Month, n int) ([]Statement, error) {
	day := "9999-12-01"
	if before != (Month{}) {
		day = before.day()
	}
	var rows []kept
	err := tx.Select(&rows, `SELECT `+keptColumns+` FROM statements WHERE market_id = $1 AND payee_id = $2 AND month < $3::date ORDER BY month DESC LIMIT $4`,
		tx.Market, payee, day, n)
	all := make([]Statement, len(rows))
	for i, r := range rows {
		all[i] = r.statement()
	}
	return all, err
}

// Line is one line of a statement: sold, or taken back. An agent's has the rule
// that gave it and its rate.
type Line struct {
	Sale    id.ID     `db:"sale_id"`
	No      int       `db:"line_no"`
	Cause   string    `db:"cause"`
	Back    bool      `db:"back"`
	Number  string    `db:"number"`
	Title   string    `db:"title"`
	TitleEN string    `db:"title_en"`
	Why     string    `db:"why"`
	Base    int64     `db:"base_minor"`
	Others  int64     `db:"others_minor"`
	Amount  int64     `db:"amount_minor"`
	At      time.Time `db:"at"`

	Entry  *id.ID `db:"entry_id"` // the agent's commission entry
	Rule   *id.ID `db:"rule_id"`
	RateBP int32  `db:"rate_bp"`
}

// Open gives a payee's months that nobody has closed yet and in which something
// is to be told, the newest first: the one that runs, and a moment after its end
// the one before. closed are those of List.
func Open(tx *storage.Tx, payee id.ID, place *time.Location, closed []Statement) ([]Statement, error) {
	var open []Statement
	now := MonthOf(tx.Now, place)
	for _, m := range []Month{now, now.Before()} {
		if len(closed) > 0 && closed[0].Month == m {
			break
		}
		one, err := Of(tx, payee, m, place)
		if err != nil {
			return nil, err
		}
		if one.Sums != (Sums{}) {
			open = append(open, one)
		}
	}
	return open, nil
}

const lineColumns = `l.sale_id, l.line_no, l.cause, l.back, l.number, l.title, l.title_en, l.why, l.base_minor, l.others_minor, l.amount_minor, l.at`

// After is where a page of lines goes on.
type After struct {
	At    time.Time
	Sale  id.ID
	No    int
	Cause string
}

// End is where the page after this line goes on.
func (l Line) End() After { return After{l.At, l.Sale, l.No, l.Cause} }

// Lines gives the lines of a payee's month, oldest first, after one (nil: from
// the first), at most n. Its lock-free read is in the order of an index.
func Lines(tx *storage.Tx, payee id.ID, month Month, place *time.Location, after *After, n int) ([]Line, error) {
	from, to := month.In(place)
	begin := After{At: from}
	if after != nil {
		begin = *after
	}
	var rows []Line
	err := tx.Select(&rows, `SELECT `+lineColumns+`, c.id AS entry_id, c.rule_id, COALESCE(c.rate_bp, 0) AS rate_bp
FROM statement_lines l
LEFT JOIN commissions c ON c.market_id = l.market_id AND c.sale_id = l.sale_id AND c.line_no = l.line_no AND c.payee_id = l.payee_id AND c.role = 'selling' AND c.cause = 'placed'
WHERE l.market_id = $1 AND l.payee_id = $2 AND l.at >= $3 AND l.at < $4 AND (l.at, l.sale_id, l.line_no, l.cause) > ($5::timestamptz, $6::uuid, $7::int, $8::text)
ORDER BY l.at, l.sale_id, l.line_no, l.cause LIMIT $9`,
		tx.Market, payee, from, to, begin.At, begin.Sale, begin.No, begin.Cause, n)
	return rows, err
}

// Backs gives what was taken back in a payee's month, oldest first, at most n.
func Backs(tx *storage.Tx, payee id.ID, month Month, place *time.Location, n int) ([]Line, error) {
	from, to := month.In(place)
	var rows []Line
	err := tx.Select(&rows, `SELECT `+lineColumns+` FROM statement_lines l
WHERE l.market_id = $1 AND l.payee_id = $2 AND l.at >= $3 AND l.at < $4 AND l.back ORDER BY l.at, l.sale_id, l.line_no, l.cause LIMIT $5`,
		tx.Market, payee, from, to, n)
	return rows, err
}

// Recent gives a payee's lines, newest first, before one (nil: from the newest),
// at most n.
func Recent(tx *storage.Tx, payee id.ID, before *After, n int) ([]Line, error) {
	end := After{At: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if before != nil {
		end = *before
	}
	var rows []Line
	err := tx.Select(&rows, `SELECT `+lineColumns+` FROM statement_lines l
WHERE l.market_id = $1 AND l.payee_id = $2 AND (l.at, l.sale_id, l.line_no, l.cause) < ($3::timestamptz, $4::uuid, $5::int, $6::text)
ORDER BY l.at DESC, l.sale_id DESC, l.line_no DESC, l.cause DESC LIMIT $7`, tx.Market, payee, end.At, end.Sale, end.No, end.Cause, n)
	return rows, err
}

// OfSales gives what a payee got of these sales, oldest first.
func OfSales(tx *storage.Tx, payee id.ID, sales []id.ID) ([]Line, error) {
	names := make(pq.StringArray, len(sales))
	for i, s := range sales {
		names[i] = s.String()
	}
	var rows []Line
	err := tx.Select(&rows, `SELECT `+lineColumns+` FROM statement_lines l
WHERE l.market_id = $1 AND l.payee_id = $2 AND l.sale_id = ANY($3::uuid[]) ORDER BY l.at, l.sale_id, l.line_no, l.cause`, tx.Market, payee, names)
	return rows, err
}

// Payment is a payout that reached its payee, or, Back, that the bank returned.
type Payment struct {
	ID     id.ID     `db:"id"`
	At     time.Time `db:"at"`
	Back   bool      `db:"back"`
	Amount int64     `db:"amount_minor"` // ≥ 0
	Bank   string    `db:"bank"`
	Tail   string    `db:"number_tail"`
	Hand   string    `db:"hand"` // who handed it over in cash; empty: it went to the account
	Batch  string    `db:"number"`
	Reason string    `db:"reason"`
}

// Payments gives what was paid in a payee's month, and what came back, oldest first.
func Payments(tx *storage.Tx, payee id.ID, month Month, place *time.Location) ([]Payment, error) {
	from, to := month.In(place)
	var rows []Payment
	err := tx.Select(&rows, `SELECT o.id, o.paid_at AS at, false AS back, o.amount_minor, a.bank, a.number_tail, COALESCE(h.name, '') AS hand, b.number, '' AS reason
FROM payouts o JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id JOIN payout_batches b ON b.market_id = o.market_id AND b.id = o.batch_id
LEFT JOIN payees h ON h.market_id = a.market_id AND h.id = a.holder_id WHERE o.market_id = $1 AND o.payee_id = $2 AND o.paid_at >= $3 AND o.paid_at < $4
UNION ALL
SELECT o.id, o.returned_at, true, o.amount_minor, a.bank, a.number_tail, COALESCE(h.name, '') AS hand, b.number, o.reason
FROM payouts o JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id JOIN payout_batches b ON b.market_id = o.market_id AND b.id = o.batch_id
LEFT JOIN payees h ON h.market_id = a.market_id AND h.id = a.holder_id WHERE o.market_id = $1 AND o.payee_id = $2 AND o.returned_at >= $3 AND o.returned_at < $4
ORDER BY 2, 1, 3`, tx.Market, payee, from, to)
	return rows, err
}
