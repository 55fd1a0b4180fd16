package ledger

import (
	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are the ledger's own part of the audit (money.md, checks 1 and 4).
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "ledger: causes, entries, postings and balances belong together", Run: whole},
		{Name: "ledger: deals between two markets agree", Run: agree},
		monthCheck,
	}
}

// whole holds causes against entries, entries against postings, and postings against
// what is stored of their accounts. Each table is read once and all of each at once, by
// what it weighs; only where that differs it is looked for what is missing or wrong.
func whole(tx *storage.Tx) (int64, []audit.Values, error) {
	posted, kept, err := weigh(tx)
	if err != nil {
		return 0, nil, err
	}
	var wrong []audit.Values
	if !kept.Caused || posted.Entries != kept.Entries {
		if wrong, err = apart(tx); err == nil && len(wrong) == 0 {
			wrong = []audit.Values{{"say": "sets_differ"}}
		}
	}
	if err == nil && (posted.Accounts != kept.Accounts || kept.Odd > 0) {
		var differ []audit.Values
		if differ, err = differing(tx); err == nil && len(differ) == 0 {
			differ = []audit.Values{{"say": "weights_differ"}}
		}
		wrong = append(wrong, differ...)
	}
	return posted.N, wrong, err
}

// apart names what does not belong together.
func apart(tx *storage.Tx) ([]audit.Values, error) {
	return audit.Read(tx, `SELECT jsonb_build_object('say', 'cause_alone', 'key', c.cause) FROM ledger_causes c
			WHERE c.market_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.market_id = c.market_id AND e.id = c.entry_id AND c.cause IN (e.cause, 'reverses:' || e.reverses))
		UNION ALL SELECT jsonb_build_object('say', 'entry_alone', 'key', e.id) FROM ledger_entries e
			WHERE e.market_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_causes c WHERE c.market_id = e.market_id AND c.cause = e.cause AND c.entry_id = e.id)
		UNION ALL SELECT jsonb_build_object('say', 'reversal_twice', 'key', e.id) FROM ledger_entries e
			WHERE e.market_id = $1 AND e.reverses IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_causes c WHERE c.market_id = e.market_id AND c.cause = 'reverses:' || e.reverses AND c.entry_id = e.id)
		UNION ALL SELECT jsonb_build_object('say', 'entry_empty', 'key', e.id) FROM ledger_entries e
			WHERE e.market_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_postings p WHERE p.market_id = e.market_id AND p.entry_id = e.id)
		UNION ALL SELECT jsonb_build_object('say', 'entry_differs', 'postings', e.postings, 'has', p.n, 'key', e.id) FROM ledger_entries e
			JOIN (SELECT entry_id, count(*) AS n FROM ledger_postings WHERE market_id = $1 GROUP BY entry_id) p ON p.entry_id = e.id WHERE e.market_id = $1 AND e.postings <> p.n
		UNION ALL SELECT jsonb_build_object('say', 'posting_alone', 'key', p.entry_id) FROM ledger_postings p
			WHERE p.market_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.market_id = p.market_id AND e.id = p.entry_id)
		LIMIT 100`, tx.Market)
}

// differing sums every posting by its accounts and judges each.
func differing(tx *storage.Tx) ([]audit.Values, error) {
	var wrong []audit.Values
	err := tx.Each(`SELECT coalesce(p.account, s.account), coalesce(p.sum, 0), coalesce(s.sum, 0), s.account IS NOT NULL FROM (
			SELECT account, sum(amount)::bigint AS sum FROM (
				SELECT debit AS account, amount_minor AS amount FROM ledger_postings WHERE market_id = $1
				UNION ALL SELECT credit, -amount_minor FROM ledger_postings WHERE market_id = $1) both_sides GROUP BY account) p
		FULL JOIN (
			SELECT account, sum(amount)::bigint AS sum FROM (
				SELECT account, balance_minor AS amount FROM ledger_balances WHERE market_id = $1
				UNION ALL SELECT account, amount_minor FROM credit_queue WHERE market_id = $1) both_places GROUP BY account) s
		ON s.account = p.account ORDER BY 1`, []any{tx.Market}, func(scan func(...any) error) error {
		var account string
		var posted, stored int64
		var has bool
		if err := scan(&account, &posted, &stored, &has); err != nil {
			return err
		}
		if len(wrong) < most {
			wrong = append(wrong, judge(account, posted, stored, has)...)
		}
		return nil
	})
	return wrong, err
}

// most violations of one check are named; whoever repairs looks again.
const most = 100

// judge holds what is posted on one account, debit − credit, against what is
// stored of it.
func judge(account string, posted, stored int64, has bool) (wrong []audit.Values) {
	kind, known := Class(account)
	if !known {
		wrong = append(wrong, audit.Values{"say": "no_account", "key": account})
	}
	want := posted
	switch kind {
	case Guarded:
		want = -posted
	case Entrusted:
	default:
		if has {
			wrong = append(wrong, audit.Values{"say": "balance_none", "account": account, "key": account})
		}
		return wrong
	}
	if stored != want {
		wrong = append(wrong, audit.Values{"say": "balance_differs", "account": account, "stored_minor": stored, "posted_minor": want, "key": account})
	}
	if stored < 0 {
		wrong = append(wrong, audit.Values{"say": "balance_below", "account": account, "stored_minor": stored, "key": account})
	}
	return wrong
}

// Alarms are what an operator should know of the market's money.
func Alarms() []audit.Alarm {
	return []audit.Alarm{
		{Name: "own money below zero", Run: ownMoney},
		{Name: "a deal between two markets has one side only", Run: oneSided},
		{Name: "a sum between two markets is not settled for a month", Run: unsettled},
		{Name: "reconciliation difference", Run: func(tx *storage.Tx) ([]audit.Values, error) {
			b, err := Balance(tx, Recon)
			if err != nil || b[Recon] == 0 {
				return nil, err
			}
			return []audit.Values{{"recon_minor": b[Recon]}}, nil
		}},
	}
}

// ownMoney: own:capital + reserve:guarantee + income − cost − receivable −
// recon. Below zero the market pays with other people's money.
func ownMoney(tx *storage.Tx) ([]audit.Values, error) {
	var own int64
	err := tx.Get(&own, `SELECT coalesce(sum(amount), 0)::bigint FROM (
		SELECT amount_minor AS amount FROM ledger_postings WHERE market_id = $1 AND credit ~ '^(own:capital|reserve:guarantee|income:|cost:|receivable:|recon)'
		UNION ALL SELECT -amount_minor FROM ledger_postings WHERE market_id = $1 AND debit ~ '^(own:capital|reserve:guarantee|income:|cost:|receivable:|recon)') s`, tx.Market)
	if err != nil || own >= 0 {
		return nil, err
	}
	return []audit.Values{{"own_minor": own}}, nil
}
