package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// What one market owes another from shared payments is paid by bank transfer. It
// is two entries under one key: the payer's, with a job, and the payee's by that
// job, as with shares.

// JobSquare tells the market that is paid.
const JobSquare = "payment:square"

type squareJob struct {
	From   int32  `json:"from"`
	To     int32  `json:"to"`
	Amount int64  `json:"amount_minor"`
	Ref    string `json:"reference"`
	By     id.ID  `json:"by"`
}

func (s squareJob) cause() string { return fmt.Sprintf("square:%d:%s", s.From, s.Ref) }

// Square books that a market has paid another one, by bank transfer, of what it
// owes it. The reference of the payer's bank is the business key: the same line
// twice is one, as another payment it is refused (reference_used). More than is
// owed is refused with what is owed (square_too_much).
func (d *Desk) Square(ctx context.Context, market, to int32, by id.ID, amount int64, bankRef string) error {
	job := squareJob{market, to, amount, strings.TrimSpace(bankRef), by}
	if job.Ref == "" {
		return fault.Invalid("bank_reference", "required")
	}
	if len([]rune(job.Ref)) > 100 {
		return fault.Invalid("bank_reference", "too_long", fault.Args{"most": 100})
	}
	if to == market {
		return fault.Invalid("to", "square_self")
	}
	if amount <= 0 || amount > MostSum {
		return d.unbelieved(ctx, market)
	}
	owes := ledger.Intermarket(to)
	leg := ledger.Leg{Debit: owes, Credit: ledger.BankOperating, Amount: amount}
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		// Accounts between markets are summed and cannot be locked: of two who pay
		// the same debt at once, the second reads it after the first has paid.
		if _, err := tx.Exec(`INSERT INTO squares AS s (market_id, of_market, paid_minor, changed_at) VALUES ($1, $2, 0, $3)
			ON CONFLICT (market_id, of_market) DO UPDATE SET paid_minor = s.paid_minor`, market, to, tx.Now); err != nil {
			return err
		}
		if there, err := ledger.Said(tx, job.cause(), leg); there || err != nil {
			return err
		}
		have, err := ledger.Balance(tx, owes)
		if err != nil {
			return err
		}
		if have[owes] < amount {
			return d.tooMuch(tx, have[owes])
		}
		tx.Queue("UPDATE squares SET paid_minor = paid_minor + $3, changed_at = $4 WHERE market_id = $1 AND of_market = $2", market, to, amount, tx.Now)
		jobs.Add(tx, JobSquare, job.cause(), job)
		return ledger.Post(tx, ledger.Entry{Cause: job.cause(), By: by, Note: job.Ref, Legs: []ledger.Leg{leg}})
	})
	if err == nil {
		_ = d.squared(ctx, job) // else by its job
	}
	return err
}

func (d *Desk) tooMuch(tx *storage.Tx, owed int64) error {
	var currency string
	if err := tx.Get(&currency, "SELECT currency FROM markets WHERE id = $1", tx.Market); err != nil {
		return err
	}
	return fault.Conflict("square_too_much", fault.Args{"owed": max(owed, 0), "currency": currency}).On("amount")
}

// Squared is the job of JobSquare: the market that was paid books it.
func (d *Desk) Squared(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var s squareJob
	if err := json.Unmarshal(j.Body, &s); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, d.squared(ctx, s)
}

// squared books the other side. Twice is once.
func (d *Desk) squared(ctx context.Context, s squareJob) error {
	return d.db.Update(ctx, s.To, func(tx *storage.Tx) error {
		tx.Keyed()
		if there, err := ledger.Posted(tx, s.cause()); err != nil || there {
			return err
		}
		return ledger.Post(tx, ledger.Entry{Cause: s.cause(), By: s.By, Note: s.Ref,
			Legs: []ledger.Leg{{Debit: ledger.BankOperating, Credit: ledger.Intermarket(s.From), Amount: s.Amount}}})
	})
}

// Between is how a market stands with another one.
type Between struct {
	Market int32 `db:"other"`
	Owes   int64 `db:"owes"` // what this market owes it; below zero, it has with it
	Paid   int64 `db:"paid"` // what this market has paid it by transfer, in all
}

// Standing gives every market that this one has had a deal with.
func Standing(tx *storage.Tx) ([]Between, error) {
	var rows []Between
	err := tx.Select(&rows, `SELECT x.other, sum(x.sum)::bigint AS owes, coalesce(max(s.paid_minor), 0)::bigint AS paid FROM (
			SELECT substr(credit, 13)::int AS other, amount_minor AS sum FROM ledger_postings WHERE market_id = $1 AND credit LIKE 'intermarket:%'
			UNION ALL SELECT substr(debit, 13)::int, -amount_minor FROM ledger_postings WHERE market_id = $1 AND debit LIKE 'intermarket:%') x
		LEFT JOIN squares s ON s.market_id = $1 AND s.of_market = x.other GROUP BY x.other ORDER BY x.other`, tx.Market)
	return rows, err
}

// squaredAsPosted: what a market has paid others is in its book.
func squaredAsPosted(tx *storage.Tx) (int64, []audit.Values, error) {
	var n int64
	var wrong []audit.Values
	err := tx.Each(`SELECT coalesce(s.of_market, p.other), coalesce(s.paid_minor, 0), coalesce(p.sum, 0)::bigint FROM
			(SELECT of_market, paid_minor FROM squares WHERE market_id = $1) s
		FULL JOIN (SELECT substr(l.debit, 13)::int AS other, sum(l.amount_minor) AS sum FROM ledger_entries e
			JOIN ledger_postings l ON l.market_id = e.market_id AND l.entry_id = e.id
			WHERE e.market_id = $1 AND e.cause LIKE 'square:' || $1::text || ':%' AND l.debit LIKE 'intermarket:%' GROUP BY 1) p ON p.other = s.of_market
		ORDER BY 1`, []any{tx.Market}, func(scan func(...any) error) error {
		var other int32
		var paid, posted int64
		if err := scan(&other, &paid, &posted); err != nil {
			return err
		}
		if n++; paid != posted {
			wrong = append(wrong, audit.Values{"say": "square_differs", "other": int64(other), "paid_minor": paid, "books_minor": posted})
		}
		return nil
	})
	return n, wrong, err
}
