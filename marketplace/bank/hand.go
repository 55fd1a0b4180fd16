package bank

import (
	"slices"

	"github.com/lib/pq"

	"commonfield/agents/cash"
	"commonfield/storage"
	"commonfield/storage/ledger"
)

// hands is what lines name of cash: holders by the reference that stands on what
// they bank and on what the bank gives them, and what a person booked of theirs by
// hand, which the bank may call by another reference.
type hands struct {
	holders map[string]cash.Holder
	byHand  map[ledger.Leg][]string // references
}

func handsOf(tx *storage.Tx, lines []Line) (hands, error) {
	h := hands{byHand: map[ledger.Leg][]string{}}
	var named []string
	for _, l := range lines {
		named = append(named, ofHand.FindAllString(bare(l.Words), 5)...)
	}
	var err error
	if h.holders, err = cash.ByReference(tx, named); err != nil || len(h.holders) == 0 {
		return h, err
	}
	var accounts []string
	for _, one := range h.holders {
		accounts = append(accounts, one.Account())
	}
	var rows []struct {
		Debit     string `db:"debit"`
		Credit    string `db:"credit"`
		Amount    int64  `db:"amount_minor"`
		Reference string `db:"note"`
	}
	err = tx.Select(&rows, `SELECT p.debit, p.credit, p.amount_minor, e.note FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
WHERE p.market_id = $1 AND (p.debit = ANY($2::text[]) AND p.credit = $3 OR p.credit = ANY($2::text[]) AND p.debit = $3)
  AND NOT EXISTS (SELECT 1 FROM bank_lines l WHERE l.market_id = $1 AND l.reference = e.note AND l.deed IN ('cash_in', 'cash_out'))`, tx.Market, pq.Array(accounts), ledger.BankOperating)
	for _, r := range rows {
		leg := ledger.Leg{Debit: r.Debit, Credit: r.Credit, Amount: r.Amount}
		h.byHand[leg] = append(h.byHand[leg], r.Reference)
	}
	return h, err
}

// guesses reads a holder's reference in a line. It is certain where one holder is
// named who has as much, and nobody has booked the same sum by hand already.
func (h hands) guesses(l Line) (all []Guess) {
	seen := map[string]bool{}
	for _, name := range ofHand.FindAllString(bare(l.Words), 5) {
		one, there := h.holders[name]
		if !there || seen[name] {
			continue
		}
		seen[name] = true
		account := one.Account()
		if l.Amount > 0 {
			leg := ledger.Leg{Debit: ledger.BankOperating, Credit: account, Amount: l.Amount}
			booked := slices.Contains(h.byHand[leg], l.Reference)
			all = append(all, Guess{CashIn, one.Payee, one.Name, l.Amount, booked || one.Holds >= l.Amount && len(h.byHand[leg]) == 0})
		} else {
			leg := ledger.Leg{Debit: account, Credit: ledger.BankOperating, Amount: -l.Amount}
			booked := slices.Contains(h.byHand[leg], l.Reference)
			all = append(all, Guess{CashOut, one.Payee, one.Name, l.Amount, booked || one.State == cash.Active && one.Holds-l.Amount <= one.Limit && len(h.byHand[leg]) == 0})
		}
	}
	for i := range all {
		all[i].Sure = all[i].Sure && len(all) == 1
	}
	return all
}
