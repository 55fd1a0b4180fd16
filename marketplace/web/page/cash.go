package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// CashDesk is the operator's page of cash: who holds how much, what waits to be
// collected, who may hold any and who is paid in it. Its forms send deed and what
// the deed needs: trust (payee, limit), give and bank (payee, sum, reference), stop
// (payee, why), choose (payee, hand), code and back (payout, why).
type CashDesk struct {
	Frame    part.Frame
	Currency string
	Action   string
	Holders  []CashHolder
	Out      []CashOut
	Trust    part.Form
	Agents   []part.Option // who may be trusted
	Choose   part.Form
	Without  []part.Option // payees who have no account
	Hands    []part.Option
	Code     *CashCode
}

// CashHolder is one who may hold the market's cash.
type CashHolder struct {
	ID, Name, Reference string
	Stopped             bool
	Seller              bool // a producer, who collects for their own goods
	Holds, Limit, ToOut int64
	Books               string // their account
	Move, Stop          part.Form
}

// CashOut is a payout that waits in somebody's hand.
type CashOut struct {
	ID, Name, Hand, Number string
	Minor                  int64
	Until                  time.Time
	Shown, Locked          bool // a code was shown; typed wrong too often
	Phone                  bool // the receiver has one: only a code is proof
	Form                   part.Form
}

// CashCode is a receiver's code, shown this once.
type CashCode struct {
	Name, Hand, Code string
	Minor            int64
	Until            time.Time
}

// CashHand is the page of one who holds cash: what lies with them, what they are to
// hand over, and what they did. A form sends payout with code, or witness_one,
// witness_two and photo.
type CashHand struct {
	Frame     part.Frame
	Currency  string
	Action    string
	None      bool // may hold none, and never did
	Reference string
	Stopped   bool
	Holds     int64
	Limit     int64
	Collect   []CashCollect // orders that are paid to them on delivery
	Out       []CashOut
	Past      []CashPast
	Next      string
}

// CashCollect is an order that is paid on delivery.
type CashCollect struct {
	Href, Number, State string
	Minor               int64
}

// CashPast is one that went over or was called back. How is "code", "witnesses" or
// empty.
type CashPast struct {
	Name, How, State, Why string
	Minor                 int64
	At                    time.Time
}

// CashMine is what somebody may collect in cash, and where they choose it. Its
// forms send deed: code (payout), choose (payee, hand).
type CashMine struct {
	Frame  part.Frame
	Action string
	Out    []CashMineOut
	Ways   []CashWay
	Code   *CashCode
	Money  string // of the code
}

// CashMineOut is one sum that waits for them.
type CashMineOut struct {
	CashOut

	Currency string
}

// CashWay is how they are paid in one market.
type CashWay struct {
	Market, Now string
	Hands       []part.Option
	Payee       string
	InCash      bool // already
	Form        part.Form
}

func (v CashHand) out() int64 {
	var sum int64
	for _, o := range v.Out {
		sum += o.Minor
	}
	return sum
}

// state is whose turn it is, said in one sentence.
func (v CashHand) state() string {
	r := v.Frame.Reader
	switch {
	case len(v.Out) > 0 && v.out() > v.Holds:
		return r.T("cash.hand_short", "holds", r.Money(v.Holds, v.Currency), "sum", r.Money(v.out(), v.Currency), "missing", r.Money(v.out()-v.Holds, v.Currency))
	case len(v.Out) > 0:
		return r.T("cash.hand_out", "count", len(v.Out), "sum", r.Money(v.out(), v.Currency))
	case v.Holds > 0:
		return r.T("cash.hand_bank", "sum", r.Money(v.Holds, v.Currency), "reference", v.Reference)
	}
	return r.T("cash.hand_rest")
}

func (v CashHand) sums() []part.Row {
	f := v.Frame
	return []part.Row{{Label: f.T("cash.holds"), Minor: v.Holds}, {Label: f.T("cash.to_out"), Minor: -v.out()}, {Label: f.T("cash.left"), Minor: v.Holds - v.out(), Total: true}}
}

// OwnHand is what a seller holds of what was paid on delivery.
type OwnHand struct {
	Holds, Limit int64
	Reference    string
}
