// Package cash holds who of ours may have the market's money in hand, agents and
// producers, and how it comes to them and back: a float from our bank, and what they
// bank.
//
// It promises that nobody is given more than their limit, that nobody banks more
// than they hold, and that one line of the bank is one movement, whoever books it
// first: a person or the statement. What a hand takes from a buyer or gives to a
// payee is posted by the rooms above, which ask here who may.
package cash

import (
	"context"
	"errors"

	"github.com/lib/pq"

	"commonfield/agents/payable"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

// The states of a holder.
const (
	Active  = "active"
	Stopped = "stopped" // gets no more; what they hold is still to be banked or handed over
)

// Holder is a payee who may hold the market's cash.
type Holder struct {
	Payee     id.ID  `db:"payee_id"`
	Kind      string `db:"kind"` // payable.Agent or payable.Producer
	Person    id.ID  `db:"person_id"`
	Name      string `db:"name"`
	Reference string `db:"reference"` // on what they bank and what the bank gives them
	Limit     int64  `db:"limit_minor"`
	State     string `db:"state"`
	Holds     int64  `db:"holds"` // in hand, by the ledger
}

// Account is where the ledger keeps what they have in hand.
func (h Holder) Account() string {
	if h.Kind == payable.Producer {
		return ledger.CashProducer(h.Payee)
	}
	return ledger.CashAgent(h.Payee)
}

// Most is the largest limit that there is.
const Most = 10_000_000_00

// Trust lets an agent, or a producer who collects what their own goods cost, hold the
// market's cash up to a limit, or changes the limit, or lets one hold it again. Twice
// is once. It refuses who is neither here (fault.Invalid cash_agent_only), whoever would trust themselves (fault.Forbidden
// cash_own) and a limit that nobody would mean (out_of_range).
func Trust(ctx context.Context, db *storage.DB, market int32, payee id.ID, limit int64, by id.ID) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // it lands in the same state
		p, err := payable.FindPayee(tx, payee)
		switch {
		case err != nil:
			return err
		case p.PersonID == by:
			return fault.Forbidden("cash_own")
		case limit < 1 || limit > Most:
			return outOfRange(tx, "limit", Most)
		}
		var sells bool
		err = tx.Get(&sells, `SELECT EXISTS (SELECT 1 FROM market_agents WHERE market_id = $1 AND payee_id = $2 AND state = 'active'
UNION ALL SELECT 1 FROM producers WHERE market_id = $1 AND payee_id = $2 AND state = 'active')`, market, payee)
		if err != nil {
			return err
		}
		if !sells {
			return fault.Invalid("payee", "cash_agent_only")
		}
		h, err := Find(tx, payee)
		if err != nil && !fault.Has(err, "cash_holder_unknown") {
			return err
		}
		if h.State == Active && h.Limit == limit {
			return nil
		}
		tx.Queue(`INSERT INTO cash_holders (market_id, payee_id, reference, limit_minor, state) VALUES ($1, $2, $3, $4, 'active')
ON CONFLICT (market_id, payee_id) DO UPDATE SET limit_minor = excluded.limit_minor, state = 'active'`,
			market, payee, "CH"+id.Short(payee), limit)
		trail.Write(tx, by, "cash.trust", "payee:"+payee.String(), "")
		return nil
	})
}

// Stop gives a holder nothing more, neither float nor payouts to hand over. What
// they hold stays theirs to answer for. Twice is once.
func Stop(ctx context.Context, db *storage.DB, market int32, payee, by id.ID, why string) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		if _, err := Find(tx, payee); err != nil {
			return err
		}
		// By the row: who is suspended is shown as stopped and may be back tomorrow.
		n, err := tx.Exec(`UPDATE cash_holders SET state = 'stopped' WHERE market_id = $1 AND payee_id = $2 AND state = 'active'`, market, payee)
		if err != nil || n == 0 {
			return err
		}
		trail.Write(tx, by, "cash.stop", "payee:"+payee.String(), why)
		return nil
	})
}

// Choose says that a payee is paid in cash by a holder, in the place of a bank
// account. Twice is once. It refuses a holder who is none or was stopped
// (fault.Conflict cash_stopped) and whoever would pay themselves (fault.Invalid
// cash_own).
func Choose(ctx context.Context, db *storage.DB, market int32, payee, hand, by id.ID) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the same hand is looked up first
		h, err := Find(tx, hand)
		if err != nil {
			return err
		}
		if h.State != Active || h.Kind != payable.Agent { // a producer has no float
			return fault.Conflict("cash_stopped").On("hand")
		}
		p, err := payable.FindPayee(tx, payee)
		if err != nil {
			return err
		}
		if p.PersonID == h.Person {
			return fault.Invalid("hand", "cash_own")
		}
		return payable.SetCash(tx, payee, hand, by)
	})
}

// Give books a float that the bank paid out to a holder: cash:agent /
// bank:operating, once for each reference of the bank. It refuses more than the
// limit leaves (fault.Conflict cash_limit), a stopped holder (cash_stopped), a
// producer, who hands nothing out (fault.Invalid cash_no_float), and a reference that
// was booked otherwise (reference_used).
func Give(ctx context.Context, db *storage.DB, market int32, payee, by id.ID, amount int64, reference string) error {
	return move(ctx, db, market, payee, by, given(reference), reference, func(h Holder) ledger.Leg {
		return ledger.Leg{Debit: h.Account(), Credit: ledger.BankOperating, Amount: amount}
	},
		func(h Holder, currency string) error {
			switch {
			case h.Kind != payable.Agent:
				return fault.Invalid("payee", "cash_no_float")
			case h.State != Active:
				return fault.Conflict("cash_stopped")
			case h.Holds+amount > h.Limit:
				return fault.Conflict("cash_limit", fault.Args{"limit": h.Limit, "holds": h.Holds, "currency": currency}).On("amount")
			}
			return nil
		})
}

// Bank books what a holder paid in at our bank: bank:operating / cash:agent (or cash:producer), once
// for each reference. It refuses more than they hold (fault.Conflict cash_short).
func Bank(ctx context.Context, db *storage.DB, market int32, payee, by id.ID, amount int64, reference string) error {
	return move(ctx, db, market, payee, by, banked(reference), reference, func(h Holder) ledger.Leg {
		return ledger.Leg{Debit: ledger.BankOperating, Credit: h.Account(), Amount: amount}
	},
		func(h Holder, currency string) error {
			if h.Holds < amount {
				return fault.Conflict("cash_short", fault.Args{"missing": amount - h.Holds, "currency": currency}).On("amount")
			}
			return nil
		})
}

// The causes of what comes and goes; the reference is the bank's.
func given(reference string) string  { return "cash_given:" + reference }
func banked(reference string) string { return "cash_banked:" + reference }

func move(ctx context.Context, db *storage.DB, market int32, payee, by id.ID, cause, reference string, of func(Holder) ledger.Leg, refuse func(Holder, string) error) error {
	if reference == "" {
		return fault.Invalid("bank_reference", "required")
	}
	post := func(tx *storage.Tx) error {
		tx.Keyed() // the cause is looked up first
		if sum := of(Holder{}).Amount; sum < 1 || sum > Most {
			return outOfRange(tx, "amount", Most)
		}
		h, err := hold(tx, payee)
		if err != nil {
			return err
		}
		leg := of(h)
		if there, err := ledger.Said(tx, cause, leg); there || err != nil {
			return err
		}
		m, err := region.FindMarket(tx, market)
		if err != nil {
			return err
		}
		if err := refuse(h, m.Currency); err != nil {
			return err
		}
		trail.Write(tx, by, "cash.move", "payee:"+payee.String(), reference)
		return ledger.Post(tx, ledger.Entry{Cause: cause, By: by, Note: reference, Legs: []ledger.Leg{leg}})
	}
	err := db.Update(ctx, market, post)
	if ledger.Met(err) { // somebody was faster: it is held against theirs
		err = db.Update(ctx, market, post)
	}
	return err
}

// Keep is Some, and keeps others from giving to them, or from promising that they
// collect, until this transaction ends: for whoever counts on their limits.
func Keep(tx *storage.Tx, payees []id.ID) (map[id.ID]Holder, error) {
	var there []id.ID
	err := tx.Select(&there, `SELECT payee_id FROM cash_holders WHERE market_id = $1 AND payee_id = ANY($2::uuid[]) ORDER BY payee_id FOR UPDATE`, tx.Market, pq.Array(payees))
	if err != nil {
		return nil, err
	}
	return Some(tx, there)
}

// hold finds a holder and keeps others from giving to them meanwhile.
func hold(tx *storage.Tx, payee id.ID) (Holder, error) {
	var there bool
	err := tx.Get(&there, `SELECT true FROM cash_holders WHERE market_id = $1 AND payee_id = $2 FOR UPDATE`, tx.Market, payee)
	if err != nil && !errors.Is(err, storage.ErrNone) {
		return Holder{}, err
	}
	return Find(tx, payee)
}

func outOfRange(tx *storage.Tx, field string, most int64) error {
	m, err := region.FindMarket(tx, tx.Market)
	if err != nil {
		return err
	}
	return fault.Invalid(field, "out_of_range", fault.Args{"min": int64(1), "max": most, "currency": m.Currency})
}
