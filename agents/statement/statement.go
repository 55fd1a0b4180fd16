// Package statement says what somebody earned, month by month, so that one who
// is no accountant can follow it: what was owed before, what was sold, earned
// and taken back, what was paid, what is owed now.
//
// It keeps neutral lines that rooms above write when money is released or taken
// back (Record), and knows nothing of orders. It promises that its sums are the
// ledger's to the fen: what a statement closes with is what lies in
// commission, owed and on its way to the bank, less what the payee owes. A month
// is the market's; once closed its sums never change.
package statement

import (
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Sale is what somebody sold, seen by those who get something of it.
type Sale struct {
	ID     id.ID
	Number string // what people call it
	Cause  string // "release", or the deed that takes back; once per line and payee
	Back   bool   // sums are taken back
	Same   bool   // adds to a sale that was told before: it is not counted again
	Why    string // for the payee to read
	Lines  []Share
}

// Share is what one payee gets of one line, or, taken back, gives.
type Share struct {
	Payee          id.ID
	No             int
	Title, TitleEN string
	Category       string // its code; empty: a charge
	Base           int64  // what the buyer paid for it, or gets back; ≥ 0
	Amount         int64  // the payee's part; ≥ 0
}

// more ends the cause of a payee's further lines of one sale: the first alone
// counts as a sale, so that sales are counted without sorting the lines.
const more = ":more"

// Record queues the lines of a sale; it costs no trip of its own. Shares of
// nothing of nothing are left out. A second record of the same cause fails on
// statement_lines_pkey. The caller posts the same sums to the ledger.
func Record(tx *storage.Tx, s Sale) {
	var payees, causes, titles, english, categories []string
	var numbers, bases, amounts []int64
	sign := int64(1)
	if s.Back {
		sign = -1
	}
	for _, l := range s.Lines {
		if l.Payee == id.None || l.Amount == 0 && l.Base == 0 {
			continue
		}
		cause := s.Cause
		if s.Same || slices.Contains(payees, l.Payee.String()) {
			cause += more
		}
		causes = append(causes, cause)
		payees, titles, english = append(payees, l.Payee.String()), append(titles, l.Title), append(english, l.TitleEN)
		categories = append(categories, l.Category)
		numbers, bases, amounts = append(numbers, int64(l.No)), append(bases, sign*l.Base), append(amounts, sign*l.Amount)
	}
	if len(payees) == 0 {
		return
	}
	tx.Queue(`INSERT INTO statement_lines (market_id, payee_id, sale_id, line_no, cause, back, number, title, title_en, why, base_minor, others_minor, amount_minor, at, category)
SELECT $1::int, l.payee, $2::uuid, l.line, l.cause, $3::bool, $4::text, l.title, l.title_en, $5::text, l.base, l.base - l.amount, l.amount, $6::timestamptz, l.category
FROM unnest($7::uuid[], $8::int[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::text[]) AS l (payee, line, cause, title, title_en, base, amount, category)`,
		tx.Market, s.ID, s.Back, s.Number, s.Why, tx.Now,
		pq.Array(payees), pq.Array(numbers), pq.Array(causes), pq.Array(titles), pq.Array(english), pq.Array(bases), pq.Array(amounts), pq.Array(categories))
}

// Month is a calendar month; where it begins is the market's zone.
type Month struct {
	Year  int
	Month time.Month
}

// MonthOf is the month of a moment in a place.
func MonthOf(at time.Time, place *time.Location) Month {
	at = at.In(place)
	return Month{at.Year(), at.Month()}
}

// ParseMonth reads "2026-10".
func ParseMonth(text string) (Month, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		return Month{}, fault.NotFound("not_found")
	}
	return Month{t.Year(), t.Month()}, nil
}

// String writes "2026-10".
func (m Month) String() string { return m.first(time.UTC).Format("2006-01") }

// In gives the moments between which the month lies in a place: from included,
// to not.
func (m Month) In(place *time.Location) (from, to time.Time) {
	return m.first(place), m.Next().first(place)
}

// Next is the month after.
func (m Month) Next() Month { return m.add(1) }

// Before is the month before.
func (m Month) Before() Month { return m.add(-1) }

// Earlier says whether m lies before n.
func (m Month) Earlier(n Month) bool { return m.first(time.UTC).Before(n.first(time.UTC)) }

func (m Month) add(n int) Month {
	t := m.first(time.UTC).AddDate(0, n, 0)
	return Month{t.Year(), t.Month()}
}

func (m Month) first(place *time.Location) time.Time {
	return time.Date(m.Year, m.Month, 1, 0, 0, 0, 0, place)
}

// day is the first day as the database keeps it.
func (m Month) day() string { return m.first(time.UTC).Format(time.DateOnly) }

// Sums of a month, signed as they change what is owed.
type Sums struct {
	Sales    int64 `db:"sales"` // how many orders
	Backs    int64 `db:"backs"` // how often something was taken back
	Opening  int64 `db:"opening_minor"`
	Sold     int64 `db:"sold_minor"` // what buyers paid, less what went back to them
	Earned   int64 `db:"earned_minor"`
	Reversed int64 `db:"reversed_minor"` // ≤ 0
	Withheld int64 `db:"withheld_minor"` // ≤ 0; tax
	Paid     int64 `db:"paid_minor"`     // ≤ 0
	Returned int64 `db:"returned_minor"` // ≥ 0; payouts that the bank gave back
	Closing  int64 `db:"closing_minor"`
}

// close reckons the closing from the rest.
func (s *Sums) close() {
	s.Closing = s.Opening + s.Earned + s.Reversed + s.Withheld + s.Paid + s.Returned
}
