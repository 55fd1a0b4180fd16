package door

import (
	"context"
	"strings"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Treasury is what a market has of its own, and what lies with it, in minor units.
type Treasury struct{ Bank, Clearing, Available, Capital, Tax, Fees, Guarantee int64 }

// TreasuryOf reads it from the books.
func TreasuryOf(tx *storage.Tx) (Treasury, error) {
	have, err := ledger.Balance(tx, ledger.BankOperating, ledger.GatewayClearing, ledger.GatewayAvailable, ledger.OwnCapital, ledger.TaxDue, ledger.IncomeFees, ledger.Guarantee)
	return Treasury{Bank: have[ledger.BankOperating], Clearing: have[ledger.GatewayClearing], Available: have[ledger.GatewayAvailable],
		Capital: have[ledger.OwnCapital], Tax: have[ledger.TaxDue], Fees: have[ledger.IncomeFees], Guarantee: have[ledger.Guarantee]}, err
}

// booking is what an operator may book of the market's own money by hand, and how its
// cause in the books begins. Each takes no more than lies where it is taken from.
type booking struct {
	cause string
	do    func(d *Door, ctx context.Context, market int32, by id.ID, sum int64, reference string) error
}

var bookings = map[string]booking{
	"available": {"available", func(d *Door, ctx context.Context, market int32, by id.ID, sum int64, reference string) error {
		return d.Desk.Available(ctx, market, by, sum, reference, ledger.GatewayClearing)
	}},
	"banked": {"banked", func(d *Door, ctx context.Context, market int32, by id.ID, sum int64, reference string) error {
		return d.Recon.Banked(ctx, market, by, sum, reference, ledger.GatewayAvailable)
	}},
	"capital_in": {"capital", func(d *Door, ctx context.Context, market int32, by id.ID, sum int64, reference string) error {
		return d.Desk.Capital(ctx, market, by, max(sum, 0), reference) // less than nothing would go out
	}},
	"capital_out": {"capital", func(d *Door, ctx context.Context, market int32, by id.ID, sum int64, reference string) error {
		return d.Desk.Capital(ctx, market, by, -max(sum, 0), reference, ledger.BankOperating, ledger.OwnCapital)
	}},
	"tax": {"tax", func(d *Door, ctx context.Context, market int32, by id.ID, sum int64, reference string) error {
		return d.Desk.Tax(ctx, market, by, sum, reference, ledger.BankOperating)
	}},
	"kept": {"kept", func(d *Door, ctx context.Context, market int32, by id.ID, sum int64, reference string) error {
		return d.Desk.Keep(ctx, market, by, sum, reference)
	}},
	"guarantee": {"guarantee", func(d *Door, ctx context.Context, market int32, by id.ID, sum int64, reference string) error {
		return d.Desk.Guarantee(ctx, market, by, sum, reference)
	}},
}

// Booked says whether a reference was booked for a deed of the treasury.
func Booked(tx *storage.Tx, deed, reference string) (bool, error) {
	return ledger.Posted(tx, bookings[deed].cause+":"+strings.TrimSpace(reference))
}

// Book books a deed of the treasury in the name of an operator; whether they are one
// is asked before. The same reference twice is once. It refuses an unknown deed, a sum
// of nothing (out_of_range), a reference of another sum (reference_used), and to move
// more than lies where it is taken from (ledger_short): that is a slip of the pen,
// which the books would carry on.
func (d *Door) Book(ctx context.Context, market int32, by id.ID, deed string, sum int64, reference string) error {
	b, known := bookings[deed]
	if !known {
		return fault.Invalid("deed", "required")
	}
	if reference = strings.TrimSpace(reference); reference == "" {
		return fault.Invalid("bank_reference", "required")
	}
	return b.do(d, ctx, market, by, sum, reference)
}
