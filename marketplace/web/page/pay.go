package page

import (
	"strings"
	"time"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
)

// Pay is the sandbox's own pay page: it says that no money moves. Its form
// sends outcome: "pay", "fail" or "later".
type Pay struct {
	Frame    part.Frame
	Form     part.Form // Action is part.PayWay
	Sum      int64
	Currency string
	Numbers  []string // of the orders it pays
	Until    time.Time
	Closed   bool   // paid already, or too late
	Back     string // to the result
}

// PayAway is the page before a gateway's own, which is somebody else's: it says
// where the button leads. Without an address the payment is settled, or the form
// says why the gateway's page could not be opened.
type PayAway struct {
	Frame    part.Frame
	Form     part.Form
	Sum      int64
	Currency string
	Numbers  []string
	Methods  []string // Stripe's words: card, alipay
	Until    time.Time
	Href     string // the gateway's page
	Back     string // to the result
}

// methods names the ways of paying that the gateway's page offers.
func (v PayAway) methods() string {
	r := v.Frame.Reader
	names := make([]string, len(v.Methods))
	for i, m := range v.Methods {
		names[i] = m
		if key := "pay_method." + m; tongue.Has(key) {
			names[i] = r.T(key)
		}
	}
	return strings.Join(names, r.T("word.comma"))
}

// PaidOrder is one order that a payment pays.
type PaidOrder struct {
	Href, Seller, Place, Number string
	Sum                         int64
}

// PayResult is where the buyer comes back to. Outcome is "secured", "cash",
// "promised", "waiting", "transfer", "failed" or "expired".
type PayResult struct {
	Frame    part.Frame
	Outcome  string
	Reason   string // of "failed", a key under "refusal.", may be empty
	Orders   []PaidOrder
	Total    int64
	Currency string
	Way      string // "card", "transfer", "cash"
	At       time.Time
	Number   string       // of the payment
	Until    time.Time    // by when the seller accepts, or the money must come
	Retry    string       // to pay again
	Account  *BankAccount // where to send a bank transfer
	Claim    string       // the code by which a guest's orders become an account's
}

// BankAccount is the bank account that a transfer goes to.
type BankAccount struct{ Holder, Bank, Number, Reference string }

func (v PayResult) standing() part.Standing {
	r := v.Frame.Reader
	s := part.Standing{
		Say:  r.T("result." + v.Outcome + ".say"),
		Next: r.T("result." + v.Outcome + ".next"),
	}
	switch v.Outcome {
	case "secured", "cash":
		s.Turn, s.Whose = part.Them, r.T("turn.seller")
	case "promised":
		s.Turn, s.Whose = part.Them, r.T("turn.later")
		return s
	case "waiting":
		s.Turn, s.Whose = part.Them, r.T("turn.bank")
	case "transfer":
		s.Turn, s.Whose = part.You, r.T("turn.you")
	default:
		s.Turn, s.Whose = part.Stopped, r.T("turn.not_charged")
	}
	if v.Outcome == "failed" && v.Reason != "" {
		s.Say = r.T("result.failed.because", "reason", r.T("refusal."+v.Reason))
	}
	if !v.Until.IsZero() && v.Outcome != "expired" {
		s.Until = r.T("result."+v.Outcome+".until", "due", r.Due(v.Until))
	}
	return s
}

func (v PayResult) rows() []part.Row {
	var rows []part.Row
	for _, o := range v.Orders {
		label := o.Seller
		if o.Place != "" {
			label = o.Place + " · " + o.Seller
		}
		rows = append(rows, part.Row{Label: label, Minor: o.Sum})
	}
	total := "checkout.total"
	if v.Outcome == "secured" || v.Outcome == "expired" {
		total = "checkout.together" // nothing is to be paid any more
	}
	return append(rows, part.Row{Label: v.Frame.T(total), Minor: v.Total, Total: true})
}

func (v PayResult) accountFacts() []part.Fact {
	r := v.Frame.Reader
	return []part.Fact{
		{Name: r.T("bank.holder"), Value: v.Account.Holder},
		{Name: r.T("bank.bank"), Value: v.Account.Bank},
		{Name: r.T("bank.number"), Value: v.Account.Number},
		{Name: r.T("bank.sum"), Value: r.Money(v.Total, v.Currency)},
		{Name: r.T("bank.reference"), Value: v.Account.Reference},
	}
}

func (v PayResult) paidHead() string {
	if v.Outcome == "secured" {
		return v.Frame.T("result.you_paid")
	}
	return v.Frame.T("result.your_order")
}

func (v PayResult) orderButton(i int) string {
	if len(v.Orders) == 1 {
		return v.Frame.T("result.see_order")
	}
	return v.Frame.T("result.see_parcel", "n", i+1)
}
