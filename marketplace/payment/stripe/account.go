package stripe

// Account is whose key it is.
type Account struct {
	ID, Country, Currency string
	Charges, Payouts      bool // it may take money, and pay it out
}

// Account asks Stripe whose key it is.
func (g *Gateway) Account() (Account, error) {
	a, err := g.accounts.Get()
	if err != nil {
		return Account{}, judge(err)
	}
	return Account{a.ID, a.Country, currency(a.DefaultCurrency), a.ChargesEnabled, a.PayoutsEnabled}, nil
}

// Methods are how a payer may pay.
func (g *Gateway) Methods() []string { return g.o.Methods }
