package ledger

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// The reads of this file go across markets, plain and without locks: a deal
// between two books is one entry in each, under one key, the second written by a
// job. Over all markets their sums come to nothing once the jobs are done.

// stuck is how long a deal may have one side only before somebody should look.
const stuck = time.Hour

// deal is this market's side of one, and the other's, if it is there.
type deal struct {
	cause  string
	other  int32
	here   int64 // debit − credit of the other market's account
	there  *int64
	posted time.Time
}

func deals(tx *storage.Tx, look func(deal)) error {
	return tx.Each(`SELECT h.cause, h.other, h.sum, t.sum, h.posted_at FROM (
			SELECT e.cause, e.posted_at, substr(x.account, 13)::int AS other, sum(x.amount)::bigint AS sum
			FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
			CROSS JOIN LATERAL (VALUES (p.debit, p.amount_minor), (p.credit, -p.amount_minor)) AS x (account, amount)
			WHERE p.market_id = $1 AND (p.debit LIKE 'intermarket:%' OR p.credit LIKE 'intermarket:%') AND x.account LIKE 'intermarket:%'
			GROUP BY e.cause, e.posted_at, x.account) h
		LEFT JOIN ledger_causes c ON c.market_id = h.other AND c.cause = h.cause
		LEFT JOIN LATERAL (SELECT coalesce(sum(CASE WHEN p.debit = $2 THEN p.amount_minor ELSE -p.amount_minor END), 0)::bigint AS sum
			FROM ledger_postings p WHERE p.market_id = h.other AND p.entry_id = c.entry_id AND (p.debit = $2 OR p.credit = $2)) t ON c.entry_id IS NOT NULL
		ORDER BY h.posted_at, h.cause`, []any{tx.Market, Intermarket(tx.Market)}, func(scan func(...any) error) error {
		var d deal
		if err := scan(&d.cause, &d.other, &d.here, &d.there, &d.posted); err != nil {
			return err
		}
		look(d)
		return nil
	})
}

// agree: where both sides of a deal are there, they come to nothing.
func agree(tx *storage.Tx) (int64, []audit.Values, error) {
	var n int64
	var wrong []audit.Values
	err := deals(tx, func(d deal) {
		n++
		if d.there != nil && d.here+*d.there != 0 {
			wrong = append(wrong, audit.Values{"say": "deal_differs", "here_minor": d.here, "there_minor": *d.there, "other": int64(d.other), "key": d.cause})
		}
	})
	return n, wrong, err
}

// unsettled names the markets with which a sum is open for more than a month: what came
// first is settled first, so what is older is what the newer deals do not account for.
func unsettled(tx *storage.Tx) ([]audit.Values, error) {
	return audit.Hear(tx, `SELECT CASE WHEN owed > 0 THEN 'owes' ELSE 'has' END AS say, substr(account, 13) AS other, abs(owed) - fresh AS old_minor, abs(owed) AS sum_minor, $2::timestamptz AS since_at FROM (
			SELECT account, owed, CASE WHEN owed > 0 THEN fresh_owed ELSE fresh_with END AS fresh FROM (
				SELECT account, sum(amount)::bigint AS owed, coalesce(sum(amount) FILTER (WHERE amount > 0 AND posted_at >= $2), 0)::bigint AS fresh_owed,
					coalesce(sum(-amount) FILTER (WHERE amount < 0 AND posted_at >= $2), 0)::bigint AS fresh_with
				FROM (SELECT account, sum(amount) AS amount, max(posted_at) AS posted_at FROM (SELECT p.credit AS account, p.entry_id, p.amount_minor AS amount, e.posted_at FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
						WHERE p.market_id = $1 AND p.credit LIKE 'intermarket:%'
					UNION ALL SELECT p.debit, p.entry_id, -p.amount_minor, e.posted_at FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
						WHERE p.market_id = $1 AND p.debit LIKE 'intermarket:%') legs GROUP BY account, entry_id) moved GROUP BY account) sums) open
		WHERE abs(owed) > fresh ORDER BY account LIMIT 100`, tx.Market, tx.Now.AddDate(0, -1, 0))
}

// oneSided names the deals whose other side is missing for more than an hour.
func oneSided(tx *storage.Tx) ([]audit.Values, error) {
	var heard []audit.Values
	err := deals(tx, func(d deal) {
		if d.there == nil && tx.Now.Sub(d.posted) > stuck {
			heard = append(heard, audit.Values{"cause": d.cause, "here_minor": d.here, "posted_at": d.posted, "other": int64(d.other)})
		}
	})
	return heard, err
}
