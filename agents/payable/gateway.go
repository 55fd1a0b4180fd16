package payable

import (
	"errors"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// SetGateway gives a payee an account at a gateway in the place of a bank account,
// with the same care: a change waits for Cooling, and suspicion is not shaken off.
// Until the gateway has said that it may be paid to, it is pending. The same
// gateway again changes nothing; title is what people call it.
func SetGateway(tx *storage.Tx, payee id.ID, gateway, title string, by id.ID) (BankAccount, error) {
	if err := put(tx, payee, Account{id: id.New(), Bank: title, Gateway: gateway, sealed: []byte{}}, nil, by); err != nil {
		return BankAccount{}, err
	}
	if err := tx.Flush(); err != nil {
		return BankAccount{}, err
	}
	return AccountOf(tx, payee)
}

// FindAccount gives one account, whatever its state.
func FindAccount(tx *storage.Tx, account id.ID) (BankAccount, error) {
	var a BankAccount
	err := tx.Get(&a, `SELECT `+accountColumns+` FROM payout_accounts WHERE market_id = $1 AND id = $2`, tx.Market, account)
	if errors.Is(err, storage.ErrNone) {
		return a, fault.NotFound("bank_account_missing")
	}
	return a, err
}

// AccountAt gives the account that a gateway has under a name.
func AccountAt(tx *storage.Tx, gateway, object string) (BankAccount, error) {
	var a BankAccount
	err := tx.Get(&a, `SELECT `+accountColumns+` FROM payout_accounts WHERE market_id = $1 AND gateway = $2 AND object = $3 AND object <> ''`, tx.Market, gateway, object)
	if errors.Is(err, storage.ErrNone) {
		return a, fault.NotFound("bank_account_missing")
	}
	return a, err
}

// Named writes down the gateway's name of an account that it has made. The first
// name stands.
func Named(tx *storage.Tx, account id.ID, object string) {
	tx.Queue(`UPDATE payout_accounts SET object = $3 WHERE market_id = $1 AND id = $2 AND object = ''`, tx.Market, account, object)
}

// Heard writes down what a gateway says of an account: pending, active, restricted
// or closed. One that may be paid to follows it, one that a person of ours has
// stopped stays stopped, and what is closed stays closed. The same again changes
// nothing.
func Heard(tx *storage.Tx, account id.ID, told string) error {
	a, err := FindAccount(tx, account)
	if err != nil {
		return err
	}
	if _, err := holdPayee(tx, a.Payee); err != nil { // as every change of an account does
		return err
	}
	if a, err = FindAccount(tx, account); err != nil {
		return err
	}
	to := told
	if to == Pending && a.State != Pending {
		to = Restricted // it was further already
	}
	stays := a.State == Closed || a.State == to || a.Stopped() && to != Closed
	if stays {
		to = a.State
	}
	tx.Queue(`UPDATE payout_accounts SET told = $3, asked_at = $4, state = $5 WHERE market_id = $1 AND id = $2`, tx.Market, account, told, tx.Now, to)
	if stays {
		return nil
	}
	jobs.Add(tx, JobStanding, account.String()+":"+to+":"+tx.Now.Format(time.RFC3339Nano), Standing{Payee: a.Payee, Gateway: a.Gateway, Bank: a.Bank, State: to, At: tx.Now})
	return nil
}

// Stopped says whether a person of ours has stopped the account: they gave a reason.
func (a BankAccount) Stopped() bool { return a.State == Restricted && a.Why != "" }

// ToAsk gives the accounts of gateways of which nobody has heard lately: pending
// ones since soon, the others since late; the longest first.
func ToAsk(tx *storage.Tx, soon, late time.Time, n int) ([]BankAccount, error) {
	var rows []BankAccount
	err := tx.Select(&rows, `SELECT `+accountColumns+` FROM payout_accounts
WHERE market_id = $1 AND object <> '' AND state <> 'closed' AND (asked_at IS NULL OR asked_at < $3 OR asked_at < $2 AND told <> 'active') ORDER BY asked_at NULLS FIRST, id LIMIT $4`, tx.Market, soon, late, n)
	return rows, err
}

// AccountsOf gives the present accounts of payees, by the payee.
func AccountsOf(tx *storage.Tx, payees ...id.ID) (map[id.ID]BankAccount, error) {
	var rows []BankAccount
	err := tx.Select(&rows, `SELECT `+accountColumns+` FROM payout_accounts WHERE market_id = $1 AND payee_id = ANY($2::uuid[]) AND state <> 'closed'`, tx.Market, pq.Array(payees))
	of := make(map[id.ID]BankAccount, len(rows))
	for _, a := range rows {
		of[a.Payee] = a
	}
	return of, err
}

// gatewayStand says what a deed of a person makes of a gateway's account: whether
// it may be paid to is the gateway's word, not theirs.
func (a BankAccount) gatewayStand(to string) (string, error) {
	switch {
	case to != Active:
		return to, nil
	case !a.Stopped() || a.Told == Closed || a.Told == "":
		return "", fault.Conflict("account_at_gateway")
	}
	return a.Told, nil
}
