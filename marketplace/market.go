package marketplace

import (
	"context"

	"commonfield/agents/commission"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"

	"commonfield/storage/trail"
)

// Opening is what the door takes for a new market: the market, where transfers
// go, its first rates, and the working capital that lies on its account.
type Opening struct {
	region.NewMarket
	Account      region.Account
	FeeBP, TaxBP int32
	CommissionBP int32
	HoldDays     int
	Capital      int64 // 0: none yet
}

// The rates that a new market begins with, when nobody chose others.
const (
	FirstFeeBP        = 300
	FirstCommissionBP = 800
	FirstHoldDays     = 7
)

// OpenMarket opens a market with its first rates, by an operator of the
// platform (operator_only). Its parts are of several families and written one
// after the other; with the opening's id the same form again finishes what was
// cut and makes nothing twice. It refuses wrong values each by its field
// before it writes any.
func (m *Marketplace) OpenMarket(ctx context.Context, by people.Person, o Opening) (region.Market, error) {
	if !by.IsOperator(storage.Platform) {
		return region.Market{}, fault.Forbidden("operator_only")
	}
	account, wrong := o.Account.Plain()
	wrong = fault.All(wrong, share("fee", o.FeeBP), share("tax", o.TaxBP), share("commission", o.CommissionBP), days("hold", o.HoldDays))
	if o.Capital < 0 || o.Capital > payment.MostSum {
		wrong = fault.All(wrong, fault.Invalid("capital", "not_a_number"))
	}
	if o.FeeBP+o.TaxBP+o.CommissionBP > 10_000 {
		wrong = fault.All(wrong, fault.Invalid("commission", "rates_too_high"))
	}
	if wrong != nil {
		return region.Market{}, wrong
	}
	opened, err := m.Books.Open(ctx, o.NewMarket)
	if err != nil {
		return opened, err
	}
	if account.Named() && !opened.Named() {
		told := opened.Told()
		told.Account = account
		if opened, err = m.Books.Tell(ctx, opened.ID, told); err != nil {
			return opened, err
		}
	}
	if err := m.firstRates(ctx, opened.ID, by.ID, o); err != nil {
		return opened, err
	}
	if o.Capital > 0 {
		err = m.Desk.Capital(ctx, opened.ID, by.ID, o.Capital, "opening")
	}
	return opened, err
}

func share(field string, bp int32) error {
	if bp < 0 || bp > catalog.MostRateBP {
		return fault.Invalid(field, "out_of_range", fault.Args{"min": int64(0), "max": int64(catalog.MostRateBP), "unit": "bp"})
	}
	return nil
}

func days(field string, n int) error {
	if n < 0 || n > 90 {
		return fault.Invalid(field, "out_of_range", fault.Args{"min": 0, "max": 90})
	}
	return nil
}

// firstRates sets the rates and the rule of a market that has none.
func (m *Marketplace) firstRates(ctx context.Context, market int32, by id.ID, o Opening) error {
	has := map[string]bool{}
	var rules []commission.Rule
	err := m.DB.View(ctx, market, func(tx *storage.Tx) error {
		rates, err := catalog.Rates(tx)
		for _, r := range rates {
			has[r.What] = true
		}
		if err == nil {
			rules, err = commission.List(tx)
		}
		return err
	})
	for what, bp := range map[string]int32{catalog.Fee: o.FeeBP, catalog.Tax: o.TaxBP} {
		if err != nil {
			return err
		}
		if !has[what] && bp > 0 {
			_, err = m.Catalog.SetRate(ctx, market, what, "", "", bp, m.DB.Now(), by)
		}
	}
	if err == nil && len(rules) == 0 && o.CommissionBP > 0 {
		_, err = commission.AddRule(ctx, m.DB, market, commission.Rule{RateBP: o.CommissionBP, HoldDays: o.HoldDays}, by)
	}
	if err != nil {
		return err
	}
	return m.noted(ctx, market, by, "market.open")
}

// EditMarket changes what is told about a market, by one of its operators, unless
// somebody else has since it was read (conflict). The zone stays once there is an order (time_zone_fixed): its numbers and days
// follow it.
func (m *Marketplace) EditMarket(ctx context.Context, by people.Person, market int32, t region.Told) (region.Market, error) {
	if !by.IsOperator(market) {
		return region.Market{}, fault.Forbidden("operator_only")
	}
	was, err := m.Books.Market(ctx, market)
	if err != nil {
		return was, err
	}
	if t.TimeZone != was.TimeZone {
		traded, err := m.Traded(ctx, market)
		if err != nil {
			return was, err
		}
		if traded {
			return was, fault.Conflict("time_zone_fixed").On("time_zone")
		}
	}
	now, err := m.Books.Tell(ctx, market, t)
	if err != nil || now == was {
		return now, err
	}
	deed := "market.edit"
	if now.Account != was.Account {
		deed = "market.account" // the one line that somebody looks for when a transfer went elsewhere
	}
	return now, m.noted(ctx, market, by.ID, deed)
}

// Traded says whether a market has had an order.
func (m *Marketplace) Traded(ctx context.Context, market int32) (bool, error) {
	some, err := m.Orders.List(ctx, order.Filter{Markets: []int32{market}, N: 1})
	return len(some) > 0, err
}

// PauseMarket lets a market take no new orders, or take them again, by one of
// its operators. Other instances know it after ten seconds.
func (m *Marketplace) PauseMarket(ctx context.Context, by people.Person, market int32, paused bool) (region.Market, error) {
	if !by.IsOperator(market) {
		return region.Market{}, fault.Forbidden("operator_only")
	}
	was, err := m.Books.Market(ctx, market)
	if err != nil || was.Paused() == paused {
		return was, err
	}
	now, err := m.Books.Pause(ctx, market, paused)
	if err != nil {
		return now, err
	}
	deed := "market.resume"
	if paused {
		deed = "market.pause"
	}
	return now, m.noted(ctx, market, by.ID, deed)
}

// noted writes a line of the market's trail about the market itself, whose row
// is of another family.
func (m *Marketplace) noted(ctx context.Context, market int32, by id.ID, deed string) error {
	return m.DB.Update(ctx, market, func(tx *storage.Tx) error {
		trail.Write(tx, by, deed, "market", "")
		return nil
	})
}
