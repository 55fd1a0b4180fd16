package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// PayoutRules is how a market pays out. Its form sends layout, minimum, large,
// every_days and by_itself.
type PayoutRules struct {
	Frame    part.Frame
	Back     string // the payouts
	Form     part.Form
	Layouts  []string
	NoBank   bool   // the market has no account of its own yet
	Market   string // where it is set
	Currency string
}

func (v PayoutRules) layouts() []part.Option {
	var all []part.Option
	for _, l := range v.Layouts {
		all = append(all, part.Option{Value: l, Label: v.Frame.T("payout_layout." + layoutKey(l)), Note: v.Frame.T("payout_layout_note." + layoutKey(l)), Off: v.NoBank && l != "csv"})
	}
	return all
}

// PayeeAccounts is where an operator looks at accounts that money goes to. A
// form sends bank and fate ("check", "free", "restrict" with why).
type PayeeAccounts struct {
	Frame   part.Frame
	Back    string // the payouts
	Action  string
	ToCheck []PayeeAccount
	All     []PayeeAccount
	Next    string
}

// PayeeAccount is one of them. State is "pending", "active", "restricted", or
// "cooling" for an active one that was changed lately.
type PayeeAccount struct {
	ID, Name, Kind     string
	Holder, Bank, Tail string
	Hand               string // who pays it in cash; then there is no bank
	State, Why         string
	SetAt, Usable      time.Time
	Check, Restrict    part.Form
	Free               part.Form
	Mine               bool // the operator's own, which another must check
}

func accountBadge(state string) (kind, icon string) {
	switch state {
	case "active":
		return "good", "check"
	case "restricted":
		return "bad", "pause"
	}
	return "wait", "clock"
}

// layoutKey is a layout's name in the catalogues.
func layoutKey(layout string) string {
	switch layout {
	case "pain.001.001.03":
		return "pain03"
	case "pain.001.001.09":
		return "pain09"
	}
	return layout
}

func (v PayeeAccounts) where(a PayeeAccount) string {
	if a.Hand != "" {
		return v.Frame.T("cash.from", "hand", a.Hand)
	}
	if a.Tail == "" {
		return v.Frame.T("transfer.to", "bank", a.Bank)
	}
	return a.Bank + " · " + v.Frame.T("bank.tail", "tail", a.Tail)
}
