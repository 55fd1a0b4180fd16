package payable

import (
	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are what must hold of payees and payables by themselves. That payables
// agree with the ledger is checked by the room of payouts, which knows which of
// them have left owed.
func Checks() []audit.Check {
	return []audit.Check{{Name: "payable: whoever is owed or owes is a payee", Run: payees}}
}

// payees: whoever is owed or owes in the ledger is a payee of this market.
func payees(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		Account string `db:"account"`
		Balance int64  `db:"balance_minor"`
		Known   bool   `db:"known"`
	}
	err = tx.Select(&rows, `SELECT b.account, b.balance_minor, p.id IS NOT NULL AS known
FROM ledger_balances b
LEFT JOIN payees p ON p.market_id = b.market_id AND p.id::text = split_part(b.account, ':', 2)
WHERE b.market_id = $1 AND b.balance_minor <> 0 AND (b.account LIKE 'owed:%' OR b.account LIKE 'receivable:%' OR b.account LIKE 'commission:%')
ORDER BY b.account`, tx.Market)
	for _, r := range rows {
		if !r.Known {
			violations = append(violations, audit.Values{"say": "owed_to_nobody", "account": r.Account, "balance_minor": r.Balance, "key": r.Account})
		}
	}
	return int64(len(rows)), violations, err
}
