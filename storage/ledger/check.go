package ledger

import (
	"fmt"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are the ledger's own part of the audit (money.md, checks 1 and 4).
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "ledger: causes, entries and postings belong together", Run: together},
		{Name: "ledger: every account is known, and what is stored of it is the sum of its postings", Run: balances},
		{Name: "ledger: deals between two markets agree", Run: agree},
	}
}

func together(tx *storage.Tx) (int64, []string, error) {
	var n int64
	if err := tx.Get(&n, "SELECT count(*) FROM ledger_entries WHERE market_id = $1", tx.Market); err != nil {
		return 0, nil, err
	}
	var wrong []string
	err := tx.Select(&wrong, `SELECT 'cause without its entry: ' || c.cause FROM ledger_causes c
			WHERE c.market_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.market_id = c.market_id AND e.id = c.entry_id AND c.cause IN (e.cause, 'reverses:' || e.reverses))
		UNION ALL SELECT 'entry without its cause: ' || e.id FROM ledger_entries e
			WHERE e.market_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_causes c WHERE c.market_id = e.market_id AND c.cause = e.cause AND c.entry_id = e.id)
		UNION ALL SELECT 'reversal that could be done twice: ' || e.id FROM ledger_entries e
			WHERE e.market_id = $1 AND e.reverses IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_causes c WHERE c.market_id = e.market_id AND c.cause = 'reverses:' || e.reverses AND c.entry_id = e.id)
		UNION ALL SELECT 'entry without postings: ' || e.id FROM ledger_entries e
			WHERE e.market_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_postings p WHERE p.market_id = e.market_id AND p.entry_id = e.id)
		UNION ALL SELECT 'posting without its entry: ' || p.entry_id FROM ledger_postings p
			WHERE p.market_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.market_id = p.market_id AND e.id = p.entry_id)
		LIMIT 100`, tx.Market)
	return n, wrong, err
}

// balances sums every posting once and holds it against what is stored.
func balances(tx *storage.Tx) (int64, []string, error) {
	var n int64
	var wrong []string
	err := tx.Each(`SELECT coalesce(p.account, s.account), coalesce(p.sum, 0)::bigint, coalesce(s.sum, 0)::bigint, s.account IS NOT NULL FROM (
			SELECT b.account, sum(b.amount) AS sum FROM ledger_postings p
			CROSS JOIN LATERAL (VALUES (p.debit, p.amount_minor), (p.credit, -p.amount_minor)) AS b (account, amount)
			WHERE p.market_id = $1 GROUP BY b.account) p
		FULL JOIN (
			SELECT account, sum(amount) AS sum FROM (
				SELECT account, balance_minor AS amount FROM ledger_balances WHERE market_id = $1
				UNION ALL SELECT account, amount_minor FROM credit_queue WHERE market_id = $1) b GROUP BY account) s
		ON s.account = p.account`, []any{tx.Market}, func(scan func(...any) error) error {
		var account string
		var posted, stored int64
		var has bool
		if err := scan(&account, &posted, &stored, &has); err != nil {
			return err
		}
		n++
		kind, known := Class(account)
		if !known {
			wrong = append(wrong, "no such account: "+account)
		}
		want := posted // debit − credit
		switch kind {
		case Guarded:
			want = -posted
		case Entrusted:
		default:
			if has {
				wrong = append(wrong, fmt.Sprintf("%s has a stored balance and must not", account))
			}
			return nil
		}
		if stored != want {
			wrong = append(wrong, fmt.Sprintf("%s: stored %d, postings say %d", account, stored, want))
		}
		if stored < 0 {
			wrong = append(wrong, fmt.Sprintf("%s: below zero: %d", account, stored))
		}
		return nil
	})
	return n, wrong, err
}

// Alarms are what an operator should know of the market's money.
func Alarms() []audit.Alarm {
	return []audit.Alarm{
		{Name: "own money below zero", Run: ownMoney},
		{Name: "a deal between two markets has one side only", Run: oneSided},
		{Name: "reconciliation difference", Run: func(tx *storage.Tx) ([]string, error) {
			b, err := Balance(tx, Recon)
			if err != nil || b[Recon] == 0 {
				return nil, err
			}
			return []string{fmt.Sprintf("recon is %d", b[Recon])}, nil
		}},
	}
}

// ownMoney: own:capital + reserve:guarantee + income − cost − receivable −
// recon. Below zero the market pays with other people's money.
func ownMoney(tx *storage.Tx) ([]string, error) {
	var own int64
	err := tx.Get(&own, `SELECT coalesce(sum(amount), 0)::bigint FROM (
		SELECT amount_minor AS amount FROM ledger_postings WHERE market_id = $1 AND credit ~ '^(own:capital|reserve:guarantee|income:|cost:|receivable:|recon)'
		UNION ALL SELECT -amount_minor FROM ledger_postings WHERE market_id = $1 AND debit ~ '^(own:capital|reserve:guarantee|income:|cost:|receivable:|recon)') s`, tx.Market)
	if err != nil || own >= 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("the market's own money is %d", own)}, nil
}
