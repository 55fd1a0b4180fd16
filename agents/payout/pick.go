package payout

import (
	"time"

	"github.com/lib/pq"

	"commonfield/agents/payable"
	"commonfield/storage"
	"commonfield/storage/id"
)

// choice is a payee who gets a payout, and the payables in it.
type choice struct {
	payee, account id.ID
	hand           id.ID  // who hands it over; none: the bank or a gateway pays
	way            string // Cash, Transfers; empty: the bank
	person         id.ID
	name           string
	amount         int64
	payables       []string
	first, changed bool // never paid before; another account than last time
}

// Ready is what a draft made now would do with one payee.
type Ready struct {
	Payee  id.ID
	Name   string
	Amount int64
	Hand   id.ID  // who would hand it over in cash
	Way    string // Cash, Transfers; empty: the bank
	Person id.ID  // of one with an account here; none: somebody chooses for them
	Reason string // empty: would be paid; else why not
}

// Due shows what a draft made now would pick and leave out, without a lock.
func Due(tx *storage.Tx) ([]Ready, error) {
	rules, err := RulesOf(tx)
	if err != nil {
		return nil, err
	}
	choices, skipped, err := pick(tx, rules, nil, false)
	if err != nil {
		return nil, err
	}
	var ready []Ready
	for _, c := range choices {
		ready = append(ready, Ready{Payee: c.payee, Name: c.name, Amount: c.amount, Hand: c.hand, Way: c.way, Person: c.person})
	}
	for _, s := range skipped {
		ready = append(ready, Ready{Payee: s.Payee, Name: s.Name, Amount: s.Amount, Way: s.way, Person: s.person, Reason: s.Reason})
	}
	return ready, nil
}

// pick selects for every path: the payees asked for, in order of their ids, all
// their open payables but frozen earnings, and their usable accounts. With hold
// the payees are locked first, so of two drafts at once the second sees what
// the first has left.
func pick(tx *storage.Tx, rules Rules, asked []id.ID, hold bool) ([]choice, []Skipped, error) {
	payees, err := waiting(tx, asked, hold)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(payees))
	for i, p := range payees {
		ids[i] = p.ID.String()
	}
	open, err := openOf(tx, ids, hold)
	if err != nil {
		return nil, nil, err
	}
	accounts, err := accountsOf(tx, ids)
	if err != nil {
		return nil, nil, err
	}
	free, err := floatsOf(tx, accounts, hold)
	if err != nil {
		return nil, nil, err
	}
	var choices []choice
	var skipped []Skipped
	seen := map[id.ID]bool{}
	for _, p := range payees {
		seen[p.ID] = true
		c := choice{payee: p.ID, name: p.Name, person: p.Person}
		for _, o := range open[p.ID] {
			c.amount += o.Amount
			c.payables = append(c.payables, o.ID.String())
		}
		account := accounts[p.ID]
		c.way = account.way()
		c.account, c.hand, c.first = account.ID, account.Hand, account.Last == id.None
		c.changed = !c.first && account.Last != account.ID
		why := c.refuse(rules, account, tx.Now)
		if why == "" && c.hand != id.None {
			why = free.take(c.hand, c.amount)
		}
		if why != "" {
			skipped = append(skipped, Skipped{Payee: p.ID, Name: p.Name, Amount: c.amount, Reason: why, way: c.way, person: c.person})
			continue
		}
		choices = append(choices, c)
	}
	for _, one := range asked {
		if !seen[one] {
			seen[one] = true
			skipped = append(skipped, Skipped{Payee: one, Reason: NothingOpen})
		}
	}
	return choices, skipped, nil
}

func (c choice) refuse(rules Rules, a account, now time.Time) string {
	switch {
	case len(c.payables) == 0:
		return NothingOpen
	case c.amount <= 0:
		return CarriedOn
	case c.amount < rules.Minimum:
		return TooSmall
	case a.ID == id.None:
		return NoAccount
	case a.State == payable.Pending:
		return Unchecked
	case a.State == payable.Restricted:
		return Restricted
	case now.Before(a.UsableAt):
		return CoolingDown
	}
	return ""
}

type waiter struct {
	ID     id.ID  `db:"id"`
	Name   string `db:"name"`
	Person id.ID  `db:"person_id"`
}

// waiting gives the payees who have something open. The lock is one that a new
// payable's foreign key does not wait for.
func waiting(tx *storage.Tx, asked []id.ID, hold bool) ([]waiter, error) {
	query := `SELECT p.id, p.name, p.person_id FROM payees p
WHERE p.market_id = $1 AND ($2 OR p.id = ANY($3::uuid[]))
  AND EXISTS (SELECT 1 FROM payables x WHERE x.market_id = $1 AND x.payee_id = p.id AND x.payout_id IS NULL)
ORDER BY p.id`
	if hold {
		query += ` FOR NO KEY UPDATE OF p`
	}
	var payees []waiter
	err := tx.Select(&payees, query, tx.Market, len(asked) == 0, pq.Array(texts(asked)))
	return payees, err
}

type open struct {
	ID     id.ID `db:"id"`
	Payee  id.ID `db:"payee_id"`
	Amount int64 `db:"amount_minor"`
}

// openOf gives the open payables of payees. A frozen earning stays where it is;
// a frozen debt is still a debt.
func openOf(tx *storage.Tx, payees []string, hold bool) (map[id.ID][]open, error) {
	query := `SELECT id, payee_id, amount_minor FROM payables
WHERE market_id = $1 AND payee_id = ANY($2::uuid[]) AND payout_id IS NULL AND (NOT frozen OR amount_minor < 0) ORDER BY id`
	if hold {
		query += ` FOR UPDATE`
	}
	var rows []open
	if err := tx.Select(&rows, query, tx.Market, pq.Array(payees)); err != nil {
		return nil, err
	}
	of := map[id.ID][]open{}
	for _, r := range rows {
		of[r.Payee] = append(of[r.Payee], r)
	}
	return of, nil
}

type account struct {
	ID       id.ID     `db:"id"`
	Payee    id.ID     `db:"payee_id"`
	Hand     id.ID     `db:"holder_id"` // who hands over cash; none: it is a bank account, or a gateway's
	Gateway  string    `db:"gateway"`
	State    string    `db:"state"`
	UsableAt time.Time `db:"usable_at"`
	Last     id.ID     `db:"last_paid"` // where the payee's last payout went; none: the first
}

// way is how whoever has the account is paid.
func (a account) way() string {
	switch {
	case a.Hand != id.None:
		return Cash
	case a.Gateway != "":
		return Transfers
	}
	return ""
}

func accountsOf(tx *storage.Tx, payees []string) (map[id.ID]account, error) {
	var rows []account
	err := tx.Select(&rows, `SELECT a.id, a.payee_id, a.holder_id, a.gateway, a.state, a.usable_at, COALESCE((SELECT o.account_id FROM payouts o
  WHERE o.market_id = $1 AND o.payee_id = a.payee_id AND o.state = 'paid' ORDER BY o.id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000') AS last_paid
FROM payout_accounts a WHERE a.market_id = $1 AND a.payee_id = ANY($2::uuid[]) AND a.state <> 'closed'`, tx.Market, pq.Array(payees))
	if err != nil {
		return nil, err
	}
	of := make(map[id.ID]account, len(rows))
	for _, r := range rows {
		of[r.Payee] = r
	}
	return of, nil
}

func texts(ids []id.ID) []string {
	s := make([]string, len(ids))
	for i, one := range ids {
		s[i] = one.String()
	}
	return s
}
