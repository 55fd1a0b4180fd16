package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// SignIn asks who one is. Its fields are who and password, and next hidden.
type SignIn struct {
	Frame part.Frame
	Form  part.Form // Action is part.SignInWay
	Next  string    // where to go afterwards
}

// Register makes an account. Its fields are name, who and password, and next
// hidden.
type Register struct {
	Frame part.Frame
	Form  part.Form // Action is part.RegisterWay
	Next  string
}

// Account is the person's own page.
type Account struct {
	Frame    part.Frame
	Name     string
	Phone    string
	Email    string
	Roles    []RoleIn
	Sessions []Session
	Tokens   []Token
	Fresh    string // a token just made, shown once
	Gateway  string // that may pay them, as people call it; empty: none
	Payee    bool   // may be owed money, so a bank account is asked for
	Bank     *Bank  // where payouts go; nil when missing
	BankForm part.Form
	Token    part.Form // form of a new token; fields label and scope
	Scopes   []part.Option
}

// RoleIn is what somebody is in a market.
type RoleIn struct{ Role, Market string }

// Session is a signed-in device.
type Session struct {
	ID, Device string
	Seen       time.Time
	Here       bool
}

// Token lets a program act for the person.
type Token struct {
	ID, Name, Scope string
	Made, Used      time.Time
}

// Bank is an account that payouts go to.
// State is "pending", "restricted", or "cooling" until a moment; else empty.
type Bank struct {
	Holder, Bank, Tail string
	InCash             bool // a hand pays it, not a bank
	AtGateway          bool // it is at a gateway, which bank names
	State, Why         string
	Until              time.Time
}

func (v Account) facts() []part.Fact {
	r := v.Frame.Reader
	facts := []part.Fact{{Name: r.T("account.name"), Value: v.Name}}
	if v.Phone != "" {
		facts = append(facts, part.Fact{Name: r.T("account.phone"), Value: v.Phone})
	}
	if v.Email != "" {
		facts = append(facts, part.Fact{Name: r.T("account.email"), Value: v.Email})
	}
	for _, role := range v.Roles {
		facts = append(facts, part.Fact{Name: r.T("role." + role.Role), Value: role.Market})
	}
	return facts
}

func (v Account) used(t Token) string {
	if t.Used.IsZero() {
		return v.Frame.T("account.made", "day", v.Frame.Reader.Day(t.Made)) // nobody has noted its use
	}
	return v.Frame.T("account.used", "ago", v.Frame.Reader.Ago(t.Used))
}

func (v Account) bankWord() string {
	if v.Bank == nil {
		return v.Frame.T("account.bank_add")
	}
	return v.Frame.T("account.bank_change")
}

// bankState is why nothing is paid to the account now.
func (v Account) bankState() string {
	text := v.Frame.T("account_state_own."+v.Bank.State, "until", v.Frame.Reader.Moment(v.Bank.Until))
	if v.Bank.Why != "" {
		text += " " + v.Bank.Why
	}
	return text
}
