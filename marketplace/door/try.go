package door

import (
	"context"
	"time"

	"commonfield/agents/commission"
	"commonfield/catalog"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/money"
)

// Tried is who would get what of a sale, and what each rule of commission says of it.
type Tried struct {
	Seller, Agent, Fee, Tax int64
	Verdicts                []commission.Verdict // in the order in which they are asked
}

// Try says of a sale of goods which rule of commission wins and why the others do
// not, and who gets what. It changes nothing. No category means any; the zero
// moment means now.
func (d *Door) Try(ctx context.Context, market int32, category string, sum int64, at time.Time) (Tried, error) {
	if at.IsZero() {
		at = d.DB.Now()
	}
	var t Tried
	err := d.DB.View(ctx, market, func(tx *storage.Tx) error {
		categories, err := catalog.Categories(tx)
		if err != nil {
			return err
		}
		known := category == ""
		for _, c := range categories {
			known = known || c.Code == category
		}
		if !known {
			return fault.Invalid("category", "unknown_category")
		}
		rates, err := catalog.Rates(tx)
		if err != nil {
			return err
		}
		rules, err := commission.List(tx)
		if err != nil {
			return err
		}
		t.Tax = money.Included(sum, catalog.InForce(rates, catalog.Tax, category, at))
		t.Fee = money.Part(sum, catalog.InForce(rates, catalog.Fee, category, at))
		t.Verdicts, t.Agent = commission.Explain(rules, retail.Name, at, commission.Line{Category: category, Base: sum - t.Tax})
		t.Seller = sum - t.Tax - t.Fee - t.Agent
		return nil
	})
	return t, err
}
