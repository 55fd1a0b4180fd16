package commission

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// Frozen says whether something stops a sale's money: a dispute, a return, a
// chargeback. It is handed in from above. To keep a freeze from slipping in
// behind it, it locks the sale as those do who freeze it; it is asked before
// any entry is locked.
type Frozen func(tx *storage.Tx, sale id.ID) (bool, error)

// Handler is the handler of MatureJob.
func Handler(frozen Frozen) jobs.Handler {
	return jobs.Handler{Do: func(tx *storage.Tx, j jobs.Job) error { return Mature(tx, j, frozen) }}
}

// Mature makes a sale's pending commission payable: per payee it posts earnings
// less reversals from commission:<payee> to owed:<payee> and adds the payable
// "commission:<sale>". Running it twice, or twice at once, is running it once.
// It gives jobs.Again when the date is not reached yet, and for tomorrow when
// the sale is frozen or its agent is suspended.
func Mature(tx *storage.Tx, j jobs.Job, frozen Frozen) error {
	sale, ok := id.Parse(j.Key)
	if !ok {
		return fmt.Errorf("commission: the job's key is no sale: %q", j.Key)
	}
	stopped, err := frozen(tx, sale)
	if err != nil {
		return err
	}
	if stopped {
		return &jobs.Again{At: tx.Now.Add(24 * time.Hour)}
	}
	rows, err := ripe(tx, sale)
	if err != nil || len(rows) == 0 {
		return err
	}
	nets := map[id.ID]int64{}
	for _, e := range rows {
		if e.Suspended {
			return &jobs.Again{At: tx.Now.Add(24 * time.Hour)}
		}
		if e.PayableAt.After(tx.Now) {
			return &jobs.Again{At: e.PayableAt}
		}
		nets[e.Payee] += e.Amount
	}
	ids := make([]string, len(rows))
	for i, e := range rows {
		ids[i] = e.ID.String()
	}
	payees := make([]id.ID, 0, len(nets))
	for p := range nets {
		payees = append(payees, p)
	}
	slices.SortFunc(payees, func(a, b id.ID) int { return cmp.Compare(a.String(), b.String()) })
	entry := ledger.Entry{Cause: "commission:" + sale.String() + ":mature", By: people.System.ID}
	var owed []payable.Row
	for _, p := range payees {
		entry.Legs = append(entry.Legs, ledger.Leg{Debit: ledger.Commission(p), Credit: ledger.Owed(p), Amount: nets[p]})
		owed = append(owed, payable.Row{Payee: p, Cause: "commission:" + sale.String(), Amount: nets[p], Sale: sale})
	}
	if slices.ContainsFunc(entry.Legs, func(l ledger.Leg) bool { return l.Amount != 0 }) {
		if err := ledger.Post(tx, entry); err != nil {
			return err
		}
	}
	payable.Add(tx, owed...)
	tx.Expect(int64(len(ids)), nil, `UPDATE commissions SET state = 'payable', changed_at = $3 WHERE market_id = $1 AND id = ANY($2::uuid[]) AND state = 'pending'`,
		tx.Market, pq.Array(ids), tx.Now)
	return nil
}

type pending struct {
	ID        id.ID     `db:"id"`
	Payee     id.ID     `db:"payee_id"`
	Amount    int64     `db:"amount_minor"`
	PayableAt time.Time `db:"payable_at"`
	Suspended bool      `db:"suspended"`
}

// ripe locks a sale's entries and then reads the pending ones again: a reversal
// that committed while the lock was waited for is only seen by a new statement.
func ripe(tx *storage.Tx, sale id.ID) ([]pending, error) {
	var locked []string
	if err := tx.Select(&locked, `SELECT id FROM commissions WHERE market_id = $1 AND sale_id = $2 ORDER BY id FOR UPDATE`, tx.Market, sale); err != nil {
		return nil, err
	}
	var rows []pending
	err := tx.Select(&rows, `SELECT c.id, c.payee_id, c.amount_minor, c.payable_at, COALESCE(m.state = 'suspended', false) AS suspended
FROM commissions c
LEFT JOIN market_agents m ON m.market_id = c.market_id AND m.agent_id = c.agent_id
WHERE c.market_id = $1 AND c.sale_id = $2 AND c.state = 'pending' ORDER BY c.id`, tx.Market, sale)
	return rows, err
}
