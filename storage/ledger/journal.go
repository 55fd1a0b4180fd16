package ledger

import (
	"regexp"
	"time"

	"commonfield/storage"
)

// Journal gives every posting between two moments to each, in the order in which
// it was written, without holding them. Each must not use tx.
func Journal(tx *storage.Tx, from, until time.Time, each func(Posting) error) error {
	return tx.Each(postings+`WHERE p.market_id = $1 AND e.posted_at >= $2 AND e.posted_at < $3 ORDER BY e.posted_at, e.id, p.line_no`, []any{tx.Market, from, until},
		func(scan func(...any) error) error {
			var p Posting
			if err := scan(&p.Entry, &p.Cause, &p.Note, &p.By, &p.Reverses, &p.At, &p.No, &p.Debit, &p.Credit, &p.Amount); err != nil {
				return err
			}
			return each(p)
		})
}

// Turn is one account of a month: what stood there before, both sides, and what
// stands there then, each as debit − credit.
type Turn struct {
	Account string `db:"account" json:"account"`
	Opening int64  `db:"opening" json:"opening_minor"`
	Debit   int64  `db:"debit" json:"debit_minor"`
	Credit  int64  `db:"credit" json:"credit_minor"`
}

// Closing is what stands there at the end.
func (t Turn) Closing() int64 { return t.Opening + t.Debit - t.Credit }

// Turnover gives the accounts of the trial balance over a stretch of time. Over
// all time it is the trial balance.
func Turnover(tx *storage.Tx, from, until time.Time) ([]Turn, error) {
	var rows []Turn
	err := tx.Select(&rows, `SELECT account, sum(CASE WHEN before THEN debit - credit ELSE 0 END)::bigint AS opening,
  sum(CASE WHEN before THEN 0 ELSE debit END)::bigint AS debit, sum(CASE WHEN before THEN 0 ELSE credit END)::bigint AS credit FROM (
    SELECT regexp_replace(s.account, ':[0-9a-f-]{36}.*$', '') AS account, s.debit, s.credit, e.posted_at < $2 AS before
    FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
    CROSS JOIN LATERAL (VALUES (p.debit, p.amount_minor, 0::bigint), (p.credit, 0::bigint, p.amount_minor)) AS s (account, debit, credit)
    WHERE p.market_id = $1 AND e.posted_at < $3) t
GROUP BY account ORDER BY account`, tx.Market, from, until)
	return rows, err
}

var single = regexp.MustCompile(`:([0-9a-f-]{36})(.*)$`)

// Split parts an account into the name of the trial balance and what it is of:
// held:order and the order. One that stands for itself has no second part.
func Split(account string) (name, of string) {
	at := single.FindStringSubmatchIndex(account)
	if at == nil {
		return account, ""
	}
	return account[:at[0]], account[at[2]:at[3]] + account[at[4]:at[5]]
}

// Since gives the moment of the market's first entry; none: it has none.
func Since(tx *storage.Tx) (first time.Time, begun bool, err error) {
	var at []time.Time
	err = tx.Select(&at, `SELECT posted_at FROM ledger_entries WHERE market_id = $1 ORDER BY posted_at LIMIT 1`, tx.Market)
	if err != nil || len(at) == 0 {
		return time.Time{}, false, err
	}
	return at[0], true, nil
}
