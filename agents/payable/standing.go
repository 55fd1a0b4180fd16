package payable

import (
	"context"
	"errors"
	"slices"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/tally"
	"commonfield/storage/trail"
)

// JobStanding says that a person has checked, restricted, freed or closed an
// account, for the rooms above to tell its payee.
const JobStanding = "payable:standing"

// Standing is the body of JobStanding.
type Standing struct {
	Payee   id.ID     `json:"payee"`
	Tail    string    `json:"tail"`
	Gateway string    `json:"gateway"`
	Bank    string    `json:"bank"`
	State   string    `json:"state"`
	Why     string    `json:"why"`
	At      time.Time `json:"at"`
}

// CheckAccount says that somebody has seen that an account is its payee's: a
// pending one may be paid to. Twice is once. It refuses the payee themselves
// (fault.Forbidden account_own) and an account that is restricted or closed
// (fault.Conflict account_state).
func CheckAccount(ctx context.Context, db *storage.DB, market int32, account, by id.ID) error {
	return stand(ctx, db, market, account, by, "payee.account_check", Active, "", Pending)
}

// RestrictAccount stops payouts to an account under suspicion, with a reason
// that the payee reads. Twice is once.
func RestrictAccount(ctx context.Context, db *storage.DB, market int32, account, by id.ID, why string) error {
	why, err := trail.Why(why)
	if err != nil {
		return err
	}
	return stand(ctx, db, market, account, by, "payee.account_restrict", Restricted, why, Pending, Active)
}

// FreeAccount lets payouts go to a restricted account again. Twice is once. It
// refuses the payee themselves (account_own).
func FreeAccount(ctx context.Context, db *storage.DB, market int32, account, by id.ID) error {
	return stand(ctx, db, market, account, by, "payee.account_free", Active, "", Restricted)
}

// CloseAccount takes an account away; the payee has none then. Twice is once.
// A restricted one stays where it is (account_state): what is suspected is
// looked into, not thrown away.
func CloseAccount(ctx context.Context, db *storage.DB, market int32, account, by id.ID) error {
	return stand(ctx, db, market, account, by, "payee.account_close", Closed, "", Pending, Active)
}

// stand moves an account from one of the states named to another.
func stand(ctx context.Context, db *storage.DB, market int32, account, by id.ID, deed, to, why string, from ...string) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		var payee id.ID
		err := tx.Get(&payee, `SELECT payee_id FROM payout_accounts WHERE market_id = $1 AND id = $2`, market, account)
		if errors.Is(err, storage.ErrNone) {
			return fault.NotFound("bank_account_missing")
		}
		if err != nil {
			return err
		}
		who, err := holdPayee(tx, payee) // as every change of an account does
		if err != nil {
			return err
		}
		var a BankAccount
		if err := tx.Get(&a, `SELECT `+accountColumns+` FROM payout_accounts WHERE market_id = $1 AND id = $2`, market, account); err != nil {
			return err
		}
		to := to
		if a.Gateway != "" {
			if to, err = a.gatewayStand(to); err != nil {
				return err
			}
		}
		also := a.Gateway != "" && a.State == Restricted && a.Why == "" && to == Restricted && why != "" // what the gateway stops, a person may stop too
		if a.State == to && !also {
			return nil
		}
		if who.Person == by && to == Active {
			return fault.Forbidden("account_own")
		}
		if !slices.Contains(from, a.State) && !also {
			return fault.Conflict("account_state")
		}
		tx.Queue(`UPDATE payout_accounts SET state = $3, why = $4 WHERE market_id = $1 AND id = $2`, market, account, to, why)
		trail.Write(tx, by, deed, "payee:"+payee.String(), why)
		jobs.Add(tx, JobStanding, account.String()+":"+to+":"+tx.Now.Format(time.RFC3339Nano), Standing{Payee: payee, Tail: a.Tail, Gateway: a.Gateway, Bank: a.Bank, State: to, Why: why, At: tx.Now})
		return nil
	})
}

// Kept is an account as an operator's list shows it.
type Kept struct {
	ID       id.ID     `db:"id"`
	Payee    id.ID     `db:"payee_id"`
	Kind     string    `db:"kind"`
	Name     string    `db:"name"`
	Holder   string    `db:"holder"`
	Bank     string    `db:"bank"`
	Tail     string    `db:"number_tail"`
	Hand     string    `db:"hand"` // who hands over cash; empty: it goes to the bank
	Gateway  string    `db:"gateway"`
	State    string    `db:"state"`
	Why      string    `db:"why"`
	UsableAt time.Time `db:"usable_at"`
	SetAt    time.Time `db:"created_at"`
}

const kept = `SELECT a.id, a.payee_id, p.kind, p.name, a.holder, a.bank, a.number_tail, COALESCE(h.name, '') AS hand, a.gateway, a.state, a.why, a.usable_at, a.created_at
FROM payout_accounts a JOIN payees p ON p.market_id = a.market_id AND p.id = a.payee_id
LEFT JOIN payees h ON h.market_id = a.market_id AND h.id = a.holder_id WHERE a.market_id = $1 `

const toCheck = `a.state IN ('pending', 'restricted') AND (a.gateway = '' OR a.why <> '')`

// Tallies are what waits for a person: accounts that nobody has seen, or that are
// stopped.
func Tallies() []tally.Of {
	return []tally.Of{{Name: "accounts", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM payout_accounts a WHERE a.market_id = $1 AND ` + toCheck}}
}

// ToCheck gives the accounts that wait for somebody: pending and restricted
// ones, the oldest first; of those at a gateway the ones that a person has stopped.
func ToCheck(tx *storage.Tx) ([]Kept, error) {
	var rows []Kept
	err := tx.Select(&rows, kept+`AND `+toCheck+` ORDER BY a.id LIMIT 200`, tx.Market)
	return rows, err
}

// Accounts gives the present accounts, the newest first, older than after (none:
// from the newest), at most n.
func Accounts(tx *storage.Tx, after id.ID, n int) ([]Kept, error) {
	var rows []Kept
	err := tx.Select(&rows, kept+`AND a.state <> 'closed' AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR a.id < $2::uuid) ORDER BY a.id DESC LIMIT $3`, tx.Market, after, n)
	return rows, err
}
