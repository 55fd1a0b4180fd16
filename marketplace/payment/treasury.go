package payment

import (
	"context"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// MostSum is the largest sum of one line of a bank statement that is believed.
const MostSum int64 = 1_000_000_000_000_000

// Capital books the operator's own money into the market, or out of it when
// amount is negative: bank:operating / own:capital. The bank's reference is
// the business key: booking the same line twice is booking it once, another sum
// under it is refused (reference_used). The verbs below do the same.
func (d *Desk) Capital(ctx context.Context, market int32, by id.ID, amount int64, bankRef string) error {
	leg := ledger.Leg{Debit: ledger.BankOperating, Credit: ledger.OwnCapital, Amount: amount}
	if amount < 0 {
		leg = ledger.Leg{Debit: ledger.OwnCapital, Credit: ledger.BankOperating, Amount: -amount}
	}
	return d.book(ctx, market, by, "capital:"+bankRef, bankRef, leg)
}

// Available books that the gateway has made captured money ours to use.
func (d *Desk) Available(ctx context.Context, market int32, by id.ID, amount int64, ref string) error {
	return d.book(ctx, market, by, "available:"+ref, ref, ledger.Leg{Debit: ledger.GatewayAvailable, Credit: ledger.GatewayClearing, Amount: amount})
}

// Banked books that the gateway has paid its balance to our bank.
func (d *Desk) Banked(ctx context.Context, market int32, by id.ID, amount int64, bankRef string) error {
	return d.book(ctx, market, by, "banked:"+bankRef, bankRef, ledger.Leg{Debit: ledger.BankOperating, Credit: ledger.GatewayAvailable, Amount: amount})
}

func (d *Desk) book(ctx context.Context, market int32, by id.ID, cause, ref string, leg ledger.Leg) error {
	if ref == "" {
		return fault.Invalid("bank_reference", "required")
	}
	if leg.Amount <= 0 || leg.Amount > MostSum {
		return d.unbelieved(ctx, market)
	}
	post := func(tx *storage.Tx) error {
		tx.Keyed()
		if there, err := ledger.Said(tx, cause, leg); there || err != nil {
			return err
		}
		return ledger.Post(tx, ledger.Entry{Cause: cause, By: by, Note: ref, Legs: []ledger.Leg{leg}})
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
