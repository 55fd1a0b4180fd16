package ledger

import (
	"strconv"
	"strings"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Span is a stretch of time; a zero From is the beginning of the book, a zero
// Until has no end.
type Span struct{ From, Until time.Time }

// Running is a posting in an account, and what stood there after it.
type Running struct {
	Posting
	Balance int64 `db:"balance_minor" json:"balance_minor"`
}

// Extract is one account over a span: what stood there before, both sides, what
// stood there then. The balances count as Balance does.
type Extract struct {
	Account string    `db:"-" json:"account"`
	Opening int64     `db:"opening" json:"opening_minor"`
	Debit   int64     `db:"debit" json:"debit_minor"`
	Credit  int64     `db:"credit" json:"credit_minor"`
	Closing int64     `db:"closing" json:"closing_minor"`
	Steps   []Running `db:"-" json:"postings"`
}

// Place is where one stands in an account's postings; zero is before the newest.
type Place struct {
	Entry id.ID
	Line  int
}

// ParsePlace reads what String has written; nothing is before the newest.
// Anything else is refused as cursor_bad, of the field after.
func ParsePlace(text string) (Place, error) {
	if text == "" {
		return Place{}, nil
	}
	name, no, _ := strings.Cut(text, ".")
	entry, ok := id.Parse(name)
	line, err := strconv.ParseUint(no, 10, 31)
	if !ok || err != nil {
		return Place{}, fault.Invalid("after", "cursor_bad")
	}
	return Place{Entry: entry, Line: int(line)}, nil
}

// String writes a place as an address says it.
func (p Place) String() string { return p.Entry.String() + "." + strconv.Itoa(p.Line) }

// sides are an account's postings up to a moment ($2, $4), each with what it does
// to the balance ($3: 1 where a debit adds, −1 where it takes).
const sides = `SELECT p.entry_id, p.line_no, p.debit, p.credit, p.amount_minor, e.cause, e.note, e.created_by, e.reverses, e.posted_at,
		CASE WHEN p.debit = $2 THEN $3::bigint * p.amount_minor ELSE -$3::bigint * p.amount_minor END AS moves
	FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
	WHERE p.market_id = $1 AND (p.debit = $2 OR p.credit = $2) AND e.posted_at < $4`

// order is the order of an account's postings: that of the clock, and of their
// ids and lines where several have one moment.
const order = "posted_at, entry_id, line_no"

// lines are the postings of a span with the balance after each: what stood there
// before the span ($6), and what all of the span until there come to.
const lines = `SELECT entry_id, cause, note, created_by, reverses, posted_at, line_no, debit, credit, amount_minor, balance_minor FROM (
	SELECT *, ($6::bigint + sum(moves) OVER (ORDER BY ` + order + `))::bigint AS balance_minor FROM (` + sides + ` AND e.posted_at >= $5) s) w `

func (s Span) args(tx *storage.Tx, account string) []any {
	sign, until := int64(-1), s.Until
	if onDebit(account) {
		sign = 1
	}
	if until.IsZero() {
		until = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return []any{tx.Market, account, sign, until, s.From}
}

// ExtractOf gives an account over a span with at most n of its steps, the newest
// first, beginning behind a place. Read it in a Snapshot.
func ExtractOf(tx *storage.Tx, account string, in Span, behind Place, n int) (Extract, error) {
	x, err := in.sums(tx, account)
	if err != nil {
		return x, err
	}
	err = tx.Select(&x.Steps, lines+`WHERE $7::uuid IS NULL OR (`+order+`) < ((SELECT b.posted_at FROM ledger_entries b WHERE b.market_id = $1 AND b.id = $7::uuid), $7::uuid, $8::int)
		ORDER BY posted_at DESC, entry_id DESC, line_no DESC LIMIT $9`, append(in.args(tx, account), x.Opening, orNone(behind.Entry), behind.Line, n)...)
	return x, err
}

// EachStep gives the account over the span without its steps, and each step to
// each, the oldest first, without holding them. Each must not use tx.
func EachStep(tx *storage.Tx, account string, in Span, begin func(Extract) error, each func(Running) error) error {
	x, err := in.sums(tx, account)
	if err == nil {
		err = begin(x)
	}
	if err != nil {
		return err
	}
	return tx.Each(lines+"ORDER BY "+order, append(in.args(tx, account), x.Opening), func(scan func(...any) error) error {
		var l Running
		if err := scan(&l.Entry, &l.Cause, &l.Note, &l.By, &l.Reverses, &l.At, &l.No, &l.Debit, &l.Credit, &l.Amount, &l.Balance); err != nil {
			return err
		}
		return each(l)
	})
}

func (s Span) sums(tx *storage.Tx, account string) (Extract, error) {
	x := Extract{Account: account}
	err := tx.Get(&x, `SELECT coalesce(sum(moves) FILTER (WHERE posted_at < $5), 0)::bigint AS opening,
		coalesce(sum(amount_minor) FILTER (WHERE posted_at >= $5 AND debit = $2), 0)::bigint AS debit,
		coalesce(sum(amount_minor) FILTER (WHERE posted_at >= $5 AND credit = $2), 0)::bigint AS credit,
		coalesce(sum(moves), 0)::bigint AS closing FROM (`+sides+`) s`, s.args(tx, account)...)
	return x, err
}
