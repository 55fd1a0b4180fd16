package payment

import (
	"context"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
)

// treasuryLock, with a market's number, is the lock under which what there is is read
// and taken.
const treasuryLock int64 = 0x7472 << 32

// MostSum is the largest sum of one line of a bank statement that is believed.
const MostSum int64 = 1_000_000_000_000_000

// Capital books the operator's own money into the market, or out of it when
// amount is negative: bank:operating / own:capital. The bank's reference is
// the business key: booking the same line twice is booking it once, another sum
// under it is refused (reference_used). The verbs below do the same. Where accounts are
// named, none of them may have less than the sum (ledger_short, by the field amount):
// what the bank has done already is booked without.
func (d *Desk) Capital(ctx context.Context, market int32, by id.ID, amount int64, bankRef string, within ...string) error {
	leg := ledger.Leg{Debit: ledger.BankOperating, Credit: ledger.OwnCapital, Amount: amount}
	if amount < 0 {
		leg = ledger.Leg{Debit: ledger.OwnCapital, Credit: ledger.BankOperating, Amount: -amount}
	}
	return d.book(ctx, market, by, "capital:"+bankRef, bankRef, leg, within...)
}

// Tax books that tax was paid to the office: tax:vat / bank:operating. Not more than
// was collected and is still here (ledger_short, by the field amount).
func (d *Desk) Tax(ctx context.Context, market int32, by id.ID, amount int64, bankRef string, within ...string) error {
	return d.book(ctx, market, by, "tax:"+bankRef, bankRef, ledger.Leg{Debit: ledger.TaxDue, Credit: ledger.BankOperating, Amount: amount}, append(within, ledger.TaxDue)...)
}

// Keep makes what the market has earned its own capital: income / own:capital, of each
// account of income by what it has. Not more than what all income is above all cost: what
// costs more than it earns has made no profit. The name of what was decided is the
// business key, here and below.
func (d *Desk) Keep(ctx context.Context, market int32, by id.ID, amount int64, decision string) error {
	return d.bookAs(ctx, market, by, deed{
		ref: decision, amount: amount, limited: true,
		said: func(tx *storage.Tx) (bool, error) {
			return ledger.SaidSum(tx, amount, decided(0, decision), decided(1, decision))
		},
		entries: func(tx *storage.Tx) ([]ledger.Entry, error) {
			var profit int64
			err := tx.Get(&profit, `SELECT coalesce(sum(amount), 0)::bigint FROM (
				SELECT amount_minor AS amount FROM ledger_postings WHERE market_id = $1 AND credit ~ '^(income|cost):'
				UNION ALL SELECT -amount_minor FROM ledger_postings WHERE market_id = $1 AND debit ~ '^(income|cost):') s`, tx.Market)
			if err != nil {
				return nil, err
			}
			have, err := ledger.Balance(tx, incomes...)
			if err != nil {
				return nil, err
			}
			earned, all := make([]int64, len(incomes)), int64(0)
			for i, account := range incomes {
				earned[i] = max(have[account], 0)
				all += earned[i]
			}
			if min(profit, all) < amount {
				return nil, short()
			}
			var made []ledger.Entry
			for i, part := range money.Split(amount, earned) {
				if part > 0 {
					made = append(made, ledger.Entry{Cause: decided(i, decision), Legs: []ledger.Leg{{Debit: incomes[i], Credit: ledger.OwnCapital, Amount: part}}})
				}
			}
			return made, nil
		},
	})
}

// incomes are what a market earns by.
var incomes = []string{ledger.IncomeFees, ledger.IncomeTips}

// decided is the cause of what is kept of one of them.
func decided(income int, decision string) string {
	return []string{"kept:", "tips_kept:"}[income] + decision
}

// Guarantee puts own capital aside for losses that nobody else bears: own:capital /
// reserve:guarantee. Not more than there is.
func (d *Desk) Guarantee(ctx context.Context, market int32, by id.ID, amount int64, decision string) error {
	return d.book(ctx, market, by, "guarantee:"+decision, decision, ledger.Leg{Debit: ledger.OwnCapital, Credit: ledger.Guarantee, Amount: amount}, ledger.OwnCapital)
}

// Available books that the gateway has made captured money ours to use.
func (d *Desk) Available(ctx context.Context, market int32, by id.ID, amount int64, ref string, within ...string) error {
	return d.book(ctx, market, by, "available:"+ref, ref, ledger.Leg{Debit: ledger.GatewayAvailable, Credit: ledger.GatewayClearing, Amount: amount}, within...)
}

// Banked books that the gateway has paid its balance to our bank.
func (d *Desk) Banked(ctx context.Context, market int32, by id.ID, amount int64, bankRef string, within ...string) error {
	return d.book(ctx, market, by, "banked:"+bankRef, bankRef, ledger.Leg{Debit: ledger.BankOperating, Credit: ledger.GatewayAvailable, Amount: amount}, within...)
}

// book posts one leg. Deeds of one market that look at what there is wait for each
// other, so that two together do not take what is there once.
func (d *Desk) book(ctx context.Context, market int32, by id.ID, cause, ref string, leg ledger.Leg, within ...string) error {
	return d.bookAs(ctx, market, by, deed{
		ref: ref, amount: leg.Amount, limited: len(within) > 0,
		said: func(tx *storage.Tx) (bool, error) { return ledger.Said(tx, cause, leg) },
		entries: func(tx *storage.Tx) ([]ledger.Entry, error) {
			have, err := ledger.Balance(tx, within...)
			for _, account := range within {
				if err == nil && have[account] < leg.Amount {
					err = short()
				}
			}
			return []ledger.Entry{{Cause: cause, Legs: []ledger.Leg{leg}}}, err
		},
	})
}

func short() error { return fault.Conflict("ledger_short").On("amount") }

// deed is something of the treasury.
type deed struct {
	ref     string
	amount  int64
	limited bool                            // by what there is
	said    func(*storage.Tx) (bool, error) // whether it was booked
	entries func(*storage.Tx) ([]ledger.Entry, error)
}

func (d *Desk) bookAs(ctx context.Context, market int32, by id.ID, what deed) error {
	if what.ref == "" {
		return fault.Invalid("bank_reference", "required")
	}
	if what.amount <= 0 || what.amount > MostSum {
		return d.unbelieved(ctx, market)
	}
	post := func(tx *storage.Tx) error {
		tx.Keyed()
		if what.limited {
			if _, err := tx.Exec("SELECT pg_advisory_xact_lock($1)", treasuryLock|int64(market)); err != nil {
				return err
			}
		}
		if there, err := what.said(tx); there || err != nil {
			return err
		}
		all, err := what.entries(tx)
		if err != nil {
			return err
		}
		for i := range all {
			all[i].By, all[i].Note = by, what.ref
		}
		return ledger.Post(tx, all...)
	}
	err := d.db.Update(ctx, market, post)
	if ledger.Met(err) { // somebody was faster: it is held against theirs
		err = d.db.Update(ctx, market, post)
	}
	return err
}

// unbelieved refuses a sum, in the market's currency.
func (d *Desk) unbelieved(ctx context.Context, market int32) error {
	return d.db.View(ctx, market, func(tx *storage.Tx) error {
		m, err := region.FindMarket(tx, market)
		if err != nil {
			return err
		}
		return fault.Invalid("amount", "out_of_range", fault.Args{"min": int64(1), "max": MostSum, "currency": m.Currency})
	})
}
