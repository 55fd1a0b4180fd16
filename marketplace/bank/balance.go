package bank

import (
	"context"
	"errors"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/payout"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/tally"
	"commonfield/storage/trail"
)

// Held is a statement's sum held against the books at its day.
type Held struct {
	Bank   int64 // what the statement says
	Books  int64 // bank:operating at the end of that day, by the bank's days
	Open   int64 // lines until then that nobody has decided
	Waits  int64 // how many they are
	Differ int64 // Bank − Books − Open
}

// Hold holds statements against the books, by their ids; one that says no sum is
// not among them. What was booked on another day than the bank's counts on the
// bank's, also the payouts of a batch that left in one sum, and what a gateway has
// sent counts when it has come.
func Hold(tx *storage.Tx, statements ...Statement) (map[id.ID]Held, error) {
	m, err := region.FindMarket(tx, tx.Market)
	if err != nil {
		return nil, err
	}
	closing := map[id.ID]int64{}
	var ids []id.ID
	var days, ends []string
	for _, s := range statements {
		if s.Closing == nil {
			continue
		}
		closing[s.ID] = *s.Closing
		y, mo, day := s.Until.Date()
		ids, days = append(ids, s.ID), append(days, s.Until.Format(time.DateOnly))
		ends = append(ends, time.Date(y, mo, day+1, 0, 0, 0, 0, m.Location()).Format(time.RFC3339))
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		ID    id.ID `db:"id"`
		Books int64 `db:"books"`
		Open  int64 `db:"open"`
		Waits int64 `db:"waits"`
	}
	err = tx.Select(&rows, `SELECT d.id, (
   (SELECT COALESCE(sum(CASE WHEN p.debit = $2 THEN p.amount_minor ELSE -p.amount_minor END), 0) FROM ledger_postings p
     JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id WHERE p.market_id = $1 AND (p.debit = $2 OR p.credit = $2) AND e.posted_at < d.ends)
 + (SELECT COALESCE(sum(CASE WHEN booked_on <= d.day AND posted_at >= d.ends THEN amount_minor WHEN booked_on > d.day AND posted_at < d.ends THEN -amount_minor END), 0)
     FROM bank_lines WHERE market_id = $1 AND state = 'done')
 + (SELECT COALESCE(sum(CASE WHEN l.booked_on > d.day AND o.paid_at < d.ends THEN o.amount_minor
        WHEN l.booked_on <= d.day AND (o.paid_at >= d.ends OR o.state = 'in_transit') THEN -o.amount_minor END), 0)
     FROM bank_lines l JOIN payouts o ON o.market_id = $1 AND o.batch_id = l.target::uuid WHERE l.market_id = $1 AND l.state = 'done' AND l.deed = 'batch')
 + (SELECT COALESCE(sum(CASE WHEN until_on <= d.day AND recon_at >= d.ends THEN recon_minor WHEN until_on > d.day AND recon_at < d.ends THEN -recon_minor END), 0)
     FROM bank_statements WHERE market_id = $1)
 - (SELECT COALESCE(sum(g.fee_minor - g.amount_minor), 0) FROM gateway_lines g WHERE g.market_id = $1 AND g.kind = 'payout' AND g.deed = 'payout' AND g.state = 'done' AND g.done_at < d.ends
     AND NOT EXISTS (SELECT 1 FROM bank_lines b WHERE b.market_id = $1 AND b.state = 'done' AND b.deed = 'banked' AND b.target = g.id::text)
     AND NOT EXISTS (SELECT 1 FROM gateway_lines r WHERE r.market_id = $1 AND r.kind = 'payout_back' AND r.object = g.object AND r.done_at < d.ends)))::bigint AS books,
 w.open, w.waits
FROM unnest($3::uuid[], $4::date[], $5::timestamptz[]) AS d (id, day, ends)
CROSS JOIN LATERAL (SELECT COALESCE(sum(amount_minor), 0)::bigint AS open, count(*) AS waits FROM bank_lines WHERE market_id = $1 AND state <> 'done' AND booked_on <= d.day) w`,
		tx.Market, ledger.BankOperating, pq.Array(ids), pq.Array(days), pq.Array(ends))
	held := map[id.ID]Held{}
	for _, r := range rows {
		bank := closing[r.ID]
		held[r.ID] = Held{Bank: bank, Books: r.Books, Open: r.Open, Waits: r.Waits, Differ: bank - r.Books - r.Open}
	}
	return held, err
}

// Reconcile books what a statement differs by against recon, by a person's deed
// and with a reason; it must be cleared again when it is explained. Twice is
// once. It refuses while lines are undecided (fault.Conflict statement_lines_open)
// and where nothing differs (statement_agrees).
func (d *Desk) Reconcile(ctx context.Context, market int32, statement, by id.ID, why string) error {
	why, err := trail.Why(why)
	if err != nil {
		return err
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // what was booked is looked up first
		s, err := find(tx, statement, " FOR UPDATE")
		if err != nil || s.ReconAt != nil {
			return err
		}
		held, err := Hold(tx, s)
		h, says := held[statement]
		switch {
		case err != nil:
			return err
		case says && h.Waits > 0:
			return fault.Conflict("statement_lines_open")
		case !says || h.Differ == 0:
			return fault.Conflict("statement_agrees")
		}
		leg := ledger.Leg{Debit: ledger.BankOperating, Credit: ledger.Recon, Amount: h.Differ}
		if h.Differ < 0 {
			leg = ledger.Leg{Debit: ledger.Recon, Credit: ledger.BankOperating, Amount: -h.Differ}
		}
		tx.Queue(`UPDATE bank_statements SET recon_minor = $3, recon_why = $4, recon_at = $5 WHERE market_id = $1 AND id = $2`, market, statement, h.Differ, why, tx.Now)
		trail.Write(tx, by, "bank.reconcile", "bank_statement:"+statement.String(), why)
		return ledger.Post(tx, ledger.Entry{Cause: "bank:" + statement.String() + ":differs", By: by, Note: why, Legs: []ledger.Leg{leg}})
	})
}

// Find gives one statement, or not-found.
func Find(tx *storage.Tx, statement id.ID) (Statement, error) { return find(tx, statement, "") }

func find(tx *storage.Tx, statement id.ID, how string) (Statement, error) {
	var s Statement
	err := tx.Get(&s, `SELECT `+statementColumns+` FROM bank_statements WHERE market_id = $1 AND id = $2`+how, tx.Market, statement)
	if errors.Is(err, storage.ErrNone) {
		err = fault.NotFound("not_found")
	}
	return s, err
}

// Statements gives what was read in, newest first, at most n.
func Statements(tx *storage.Tx, n int) ([]Statement, error) {
	var all []Statement
	err := tx.Select(&all, `SELECT `+statementColumns+` FROM bank_statements WHERE market_id = $1 ORDER BY until_on DESC, id DESC LIMIT $2`, tx.Market, n)
	return all, err
}

// Undecided gives the lines that wait for a person, oldest first, at most n.
func Undecided(tx *storage.Tx, n int) ([]Line, error) {
	var all []Line
	err := tx.Select(&all, `SELECT `+lineColumns+` FROM bank_lines WHERE `+undecidedLines+` ORDER BY id LIMIT $2`, tx.Market, n)
	return all, err
}

const undecidedLines = `market_id = $1 AND state <> 'done'`

// Tallies are what waits for a person: lines that nobody has decided, and money of
// nobody.
func Tallies() []tally.Of {
	return []tally.Of{
		{Name: "bank_lines", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM bank_lines WHERE ` + undecidedLines},
		{Name: "nobodys", Query: `SELECT count(*), COALESCE(sum(l.amount_minor), 0)::bigint, NULL::timestamptz FROM bank_lines l WHERE ` + nobodys},
	}
}

// Lines gives the lines, newest first, older than after (none: from the newest).
func Lines(tx *storage.Tx, after id.ID, n int) ([]Line, error) {
	var all []Line
	err := tx.Select(&all, `SELECT `+lineColumns+` FROM bank_lines WHERE market_id = $1 AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR id < $2::uuid) ORDER BY id DESC LIMIT $3`, tx.Market, after, n)
	return all, err
}

// Differs holds the newest statement against the books, and gives its name.
func Differs(tx *storage.Tx) (string, Held, error) {
	all, err := Statements(tx, 1)
	if err != nil || len(all) == 0 {
		return "", Held{}, err
	}
	held, err := Hold(tx, all...)
	return all[0].Name, held[all[0].ID], err
}

// undecided is how long a line may wait for a person.
const undecided = 5 * 24 * time.Hour

// Checks are what must hold of the lines.
func Checks() []audit.Check {
	return []audit.Check{{Name: "bank: every line that was booked is in the books", Run: func(tx *storage.Tx) (int64, []audit.Values, error) {
		var rows []struct {
			Reference string `db:"reference"`
			Deed      string `db:"deed"`
			Posted    bool   `db:"posted"`
		}
		err := tx.Select(&rows, `SELECT l.reference, l.deed, EXISTS (SELECT 1 FROM ledger_causes c WHERE c.market_id = $1 AND c.cause = CASE l.deed
  WHEN 'payment' THEN 'transfer:' || l.reference WHEN 'refund' THEN 'refund:' || l.target || ':succeeded' WHEN 'payout' THEN 'payout:' || l.target || ':paid'
  WHEN 'returned' THEN 'payout:' || l.target || ':returned' WHEN 'capital' THEN 'capital:' || l.reference WHEN 'tax' THEN 'tax:' || l.reference WHEN 'banked' THEN CASE l.target WHEN '' THEN 'banked:' || l.reference ELSE 'recon:' || l.target || ':payout' END
  WHEN 'cash_in' THEN 'cash_banked:' || l.reference WHEN 'cash_out' THEN 'cash_given:' || l.reference ELSE 'bank:' || l.id END) AS posted
FROM bank_lines l WHERE l.market_id = $1 AND l.state = 'done' AND l.deed NOT IN ('batch', 'booked') ORDER BY l.id`, tx.Market)
		var wrong []audit.Values
		for _, r := range rows {
			if !r.Posted {
				wrong = append(wrong, audit.Values{"say": "bank_unbooked", "reference": r.Reference, "bank_deed": r.Deed})
			}
		}
		if err != nil {
			return 0, nil, err
		}
		sums, err := otherSums(tx)
		if err != nil {
			return 0, nil, err
		}
		kept, err := nobodysKept(tx)
		return int64(len(rows)), append(append(wrong, sums...), kept...), err
	}}}
}

// otherSums finds what this room has posted in another sum than its line or its
// statement says, and lines that took more than the batch that they are said to be.
func otherSums(tx *storage.Tx) ([]audit.Values, error) {
	return audit.Read(tx, `WITH booked AS (
  SELECT e.cause, sum(CASE WHEN p.debit = 'bank:operating' THEN p.amount_minor ELSE -p.amount_minor END) AS sum FROM ledger_entries e
  JOIN ledger_postings p ON p.market_id = $1 AND p.entry_id = e.id
  WHERE e.market_id = $1 AND e.cause LIKE 'bank:%' GROUP BY e.cause
)
SELECT jsonb_build_object('say', 'bank_line_differs', 'reference', l.reference, 'amount_minor', l.amount_minor, 'books_minor', b.sum) FROM bank_lines l JOIN booked b ON b.cause = 'bank:' || l.id
WHERE l.market_id = $1 AND b.sum <> l.amount_minor
UNION ALL
SELECT jsonb_build_object('say', 'bank_statement_differs', 'name', s.name, 'recon_minor', s.recon_minor, 'books_minor', COALESCE(b.sum, 0)) FROM bank_statements s LEFT JOIN booked b ON b.cause = 'bank:' || s.id || ':differs'
WHERE s.market_id = $1 AND s.recon_at IS NOT NULL AND COALESCE(b.sum, 0) <> s.recon_minor
UNION ALL
SELECT jsonb_build_object('say', 'bank_line_no_batch', 'reference', l.reference, 'amount_minor', l.amount_minor, 'batch_minor', COALESCE(b.total_minor, 0)) FROM bank_lines l
LEFT JOIN payout_batches b ON b.market_id = $1 AND b.id::text = l.target
WHERE l.market_id = $1 AND l.state = 'done' AND l.deed = 'batch' AND COALESCE(b.total_minor, 0) < -l.amount_minor ORDER BY 1 LIMIT 100`, tx.Market)
}

// Alarms are what a person should look at.
func Alarms() []audit.Alarm {
	return []audit.Alarm{
		{Name: "bank: a line waits for somebody", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, `SELECT reference, booked_on, amount_minor FROM bank_lines WHERE market_id = $1 AND state <> 'done' AND created_at < $2 ORDER BY id LIMIT 100`, tx.Market, tx.Now.Add(-undecided))
		}},
		{Name: "bank: a statement differs from the books", Run: func(tx *storage.Tx) (found []audit.Values, err error) {
			name, h, err := Differs(tx)
			if h.Differ != 0 {
				found = append(found, audit.Values{"name": name, "bank_minor": h.Bank, "books_minor": h.Books, "open_minor": h.Open})
			}
			return found, err
		}},
	}
}

// OnTheirWay gives the payouts that the bank has and has not answered about,
// oldest first: what a line of money out may be.
func OnTheirWay(tx *storage.Tx, n int) ([]Guess, error) {
	var rows []struct {
		ID     id.ID  `db:"id"`
		Number string `db:"number"`
		Amount int64  `db:"amount_minor"`
	}
	err := tx.Select(&rows, `SELECT o.id, b.number, o.amount_minor FROM payouts o JOIN payout_batches b ON b.market_id = o.market_id AND b.id = o.batch_id
WHERE o.market_id = $1 AND o.state = 'in_transit' AND `+payout.ByBank+` ORDER BY o.id LIMIT $2`, tx.Market, n)
	var all []Guess
	for _, r := range rows {
		all = append(all, Guess{Deed: Payout, Target: r.ID, Name: r.Number + "-" + id.Short(r.ID), Amount: -r.Amount})
	}
	return all, err
}
