package page

import "commonfield/marketplace/web/part"

// Treasury is the market's own money and where the rest lies. Its fields are
// deed ("capital_in", "capital_out", "available", "banked", "tax", "kept", "guarantee"), sum and reference.
type Treasury struct {
	Frame     part.Frame
	Bank      int64
	Clearing  int64 // at the gateway, not ours to use yet
	Available int64 // at the gateway
	Capital   int64
	Tax       int64 // collected, and the office's
	Fees      int64 // earned, and not kept yet
	Guarantee int64
	Currency  string
	Form      part.Form
}

func (v Treasury) stats() []part.Stat {
	r := v.Frame.Reader
	return []part.Stat{
		{Label: r.T("treasury.bank"), Value: r.Money(v.Bank, v.Currency)},
		{Label: r.T("treasury.clearing"), Value: r.Money(v.Clearing, v.Currency), Note: r.T("treasury.clearing_note")},
		{Label: r.T("treasury.available"), Value: r.Money(v.Available, v.Currency), Note: r.T("treasury.available_note")},
		{Label: r.T("treasury.capital"), Value: r.Money(v.Capital, v.Currency)},
		{Label: r.T("treasury.tax"), Value: r.Money(v.Tax, v.Currency), Note: r.T("treasury.tax_note")},
		{Label: r.T("treasury.fees"), Value: r.Money(v.Fees, v.Currency)},
		{Label: r.T("treasury.guarantee"), Value: r.Money(v.Guarantee, v.Currency), Note: r.T("treasury.guarantee_note")},
	}
}

func (v Treasury) deeds() []part.Option {
	var out []part.Option
	for _, deed := range []string{"available", "banked", "capital_in", "capital_out", "tax", "kept", "guarantee"} {
		out = append(out, part.Option{Value: deed, Label: v.Frame.T("treasury.deed." + deed), Note: v.Frame.T("treasury.note." + deed)})
	}
	return out
}
