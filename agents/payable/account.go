package payable

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/seal"
	"commonfield/storage/trail"
	"commonfield/storage/written"
)

// Cooling is how long a changed account waits before money goes to it: whoever
// stole a sign-in must not also take the next payout.
const Cooling = 72 * time.Hour

// JobAccount says that a payee has another bank account, for the rooms above to tell.
const JobAccount = "payable:account"

// NewAccount is the body of JobAccount.
type NewAccount struct {
	Payee    id.ID     `json:"payee"`
	Tail     string    `json:"tail"`
	Hand     id.ID     `json:"hand"`    // who hands over cash from now on
	Gateway  string    `json:"gateway"` // where the account is from now on
	Bank     string    `json:"bank"`
	UsableAt time.Time `json:"usable_at"`
	State    string    `json:"state"`
	At       time.Time `json:"at"`
}

// The states of an account. A payee without a row has none.
const (
	Pending    = "pending"    // its holder is not the payee by name: somebody must see the card
	Active     = "active"     //
	Restricted = "restricted" // under suspicion
	Closed     = "closed"     // another one took its place, or none
)

// Account is a bank account as its holder writes it down; or, with a hand, cash
// from that payee, or, with a gateway, an account there, and nothing else.
type Account struct {
	Holder, Bank, Number string
	Hand                 id.ID
	Gateway              string

	id     id.ID
	sealed []byte
}

// BankAccount is an account as it is kept: its number sealed, the last digits
// to recognise it by.
type BankAccount struct {
	ID        id.ID     `db:"id"`
	Payee     id.ID     `db:"payee_id"`
	Holder    string    `db:"holder"`
	Bank      string    `db:"bank"`
	Sealed    []byte    `db:"number_sealed"`
	Tail      string    `db:"number_tail"`
	Hand      id.ID     `db:"holder_id"` // who hands over cash; none: it goes to the bank
	Gateway   string    `db:"gateway"`   // where it is an account
	Object    string    `db:"object"`    // the gateway's name of it; empty until it was made
	Told      string    `db:"told"`      // what the gateway last said of it
	State     string    `db:"state"`
	Why       string    `db:"why"` // it is restricted, where a person did it
	UsableAt  time.Time `db:"usable_at"`
	CreatedAt time.Time `db:"created_at"`
}

const accountColumns = `id, payee_id, holder, bank, number_sealed, number_tail, holder_id, gateway, object, told, state, why, usable_at, created_at`

// Usable says whether money may go to the account at that moment.
func (a BankAccount) Usable(at time.Time) bool { return a.State == Active && !at.Before(a.UsableAt) }

// Number opens the sealed number.
func (a BankAccount) Number(box *seal.Box, market int32) (string, error) {
	plain, err := box.Open(a.Sealed, about(market, a.ID))
	return string(plain), err
}

// SetAccount gives a payee a new bank account and closes the old one. The first
// is usable at once, each later one after Cooling. Where payees set their own
// and its holder is not they by name, or the one before was restricted, it waits
// until somebody has checked it; whoever sets it for another has seen the card.
// The same details again change nothing, so calling twice is calling once. It
// refuses (fault.Invalid required, too_long, account_number, fault.NotFound
// payee_unknown). Who may do it, the door decides; the trail keeps who did.
func SetAccount(ctx context.Context, db *storage.DB, market int32, payee id.ID, a Account, box *seal.Box, by id.ID) error {
	a, err := a.tidy()
	if err != nil {
		return err
	}
	a.id = id.New() // before the transaction: if it runs again, it names the same row
	if a.sealed, err = box.Seal([]byte(a.Number), about(market, a.id)); err != nil {
		return err
	}
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the same details are looked up first
		return put(tx, payee, a, box, by)
	})
}

// SetCash gives a payee cash from a hand in the place of a bank account, with the
// same care: a change waits for Cooling, suspicion is not shaken off. Whether the
// hand may hold the market's money, the room above has asked. The same hand again
// changes nothing. It refuses the payee's own hand (fault.Invalid cash_own).
func SetCash(tx *storage.Tx, payee, hand id.ID, by id.ID) error {
	return put(tx, payee, Account{id: id.New(), Hand: hand, sealed: []byte{}}, nil, by)
}

// put makes an account a payee's present one.
func put(tx *storage.Tx, payee id.ID, a Account, box *seal.Box, by id.ID) error {
	who, err := holdPayee(tx, payee)
	if err != nil {
		return err
	}
	usable, state, why := tx.Now, Active, ""
	switch {
	case a.Hand != id.None:
		if a.Holder = who.Name; a.Hand == payee {
			return fault.Invalid("hand", "cash_own")
		}
	case a.Gateway != "":
		a.Holder, state = who.Name, Pending
	case who.Person == by && !sameName(a.Holder, who.Name) && !sameName(a.Holder, who.PersonName):
		state = Pending
	}
	var before []BankAccount
	if err := tx.Select(&before, `SELECT `+accountColumns+` FROM payout_accounts
WHERE market_id = $1 AND payee_id = $2 ORDER BY (state <> 'closed') DESC, id DESC LIMIT 1`, tx.Market, payee); err != nil {
		return err
	}
	if len(before) > 0 {
		same, err := before[0].holds(a, box, tx.Market)
		if err != nil || same && before[0].State != Closed {
			return err
		}
		usable = tx.Now.Add(Cooling)
		if before[0].State == Restricted {
			state = Pending // suspicion is not shaken off by another number
			if a.Gateway != "" {
				state, why = before[0].State, before[0].Why
			}
		}
		// A statement of its own: beside the insert, the index of present
		// accounts could see both.
		if _, err := tx.Exec(`UPDATE payout_accounts SET state = 'closed' WHERE market_id = $1 AND payee_id = $2 AND state <> 'closed'`, tx.Market, payee); err != nil {
			return err
		}
	}
	tx.Queue(`INSERT INTO payout_accounts (market_id, id, payee_id, holder, bank, number_sealed, number_tail, holder_id, gateway, state, why, usable_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		tx.Market, a.id, payee, a.Holder, a.Bank, a.sealed, a.tail(), uuid.NullUUID{UUID: a.Hand, Valid: a.Hand != id.None}, a.Gateway, state, why, usable, tx.Now)
	trail.Write(tx, by, "payee.account", "payee:"+payee.String(), "")
	jobs.Add(tx, JobAccount, a.id.String(), NewAccount{Payee: payee, Tail: a.tail(), Hand: a.Hand, Gateway: a.Gateway, Bank: a.Bank, UsableAt: usable, State: state, At: tx.Now})
	return nil
}

// tail is what an account is recognised by; of cash and of a gateway's there is nothing.
func (a Account) tail() string {
	if a.Hand != id.None || a.Gateway != "" {
		return ""
	}
	return a.Number[len(a.Number)-4:]
}

// payeeHeld is a payee under lock, with the name of the person that they are.
type payeeHeld struct {
	Name       string `db:"name"`
	Person     id.ID  `db:"person_id"`
	PersonName string `db:"person_name"`
}

// holdPayee locks a payee: two changes at once come one after the other.
func holdPayee(tx *storage.Tx, payee id.ID) (payeeHeld, error) {
	var who payeeHeld
	err := tx.Get(&who, `SELECT p.name, COALESCE(p.person_id, '00000000-0000-0000-0000-000000000000') AS person_id,
  COALESCE((SELECT h.name FROM people h WHERE h.id = p.person_id), '') AS person_name
FROM payees p WHERE p.market_id = $1 AND p.id = $2 FOR NO KEY UPDATE OF p`, tx.Market, payee)
	if errors.Is(err, storage.ErrNone) {
		return who, fault.NotFound("payee_unknown")
	}
	return who, err
}

// sameName says whether two names are one, however they are spaced and dotted.
func sameName(a, b string) bool {
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	return bare(a) != "" && bare(a) == bare(b)
}

// AccountOf gives a payee's present account, or fault.NotFound bank_account_missing.
func AccountOf(tx *storage.Tx, payee id.ID) (BankAccount, error) {
	var a BankAccount
	err := tx.Get(&a, `SELECT `+accountColumns+` FROM payout_accounts WHERE market_id = $1 AND payee_id = $2 AND state <> 'closed'`, tx.Market, payee)
	if errors.Is(err, storage.ErrNone) {
		return a, fault.NotFound("bank_account_missing")
	}
	return a, err
}

// tidy takes out what people write between digits, and refuses what no bank has.
func (a Account) tidy() (Account, error) {
	a.Holder, a.Bank = written.Plain(a.Holder), written.Plain(a.Bank)
	a.Number = strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\u3000", "").Replace(written.Plain(a.Number))
	var holder, bank, number error
	if a.Holder == "" {
		holder = fault.Invalid("holder", "required")
	} else if utf8.RuneCountInString(a.Holder) > 100 {
		holder = fault.Invalid("holder", "too_long", fault.Args{"most": 100})
	}
	if a.Bank == "" {
		bank = fault.Invalid("bank", "required")
	} else if utf8.RuneCountInString(a.Bank) > 100 {
		bank = fault.Invalid("bank", "too_long", fault.Args{"most": 100})
	}
	if len(a.Number) < 8 || len(a.Number) > 30 || strings.Trim(a.Number, "0123456789") != "" {
		number = fault.Invalid("number", "account_number", fault.Args{"least": 8, "most": 30})
	}
	return a, fault.All(holder, bank, number)
}

// holds says whether the account has these very details.
func (a BankAccount) holds(b Account, box *seal.Box, market int32) (bool, error) {
	if a.Hand != b.Hand || a.Gateway != b.Gateway || a.Tail != b.tail() {
		return false, nil
	}
	if a.Hand != id.None || a.Gateway != "" {
		return true, nil
	}
	if a.Holder != b.Holder || a.Bank != b.Bank {
		return false, nil
	}
	number, err := a.Number(box, market)
	return number == b.Number, err
}

// about binds a sealed number to its row.
func about(market int32, account id.ID) string {
	return "payout_accounts:" + strconv.Itoa(int(market)) + ":" + account.String()
}
