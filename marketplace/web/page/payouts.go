package page

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// Payouts is where the operator chooses whom to pay and sees the earlier ones.
// Its form sends payee once for each one chosen.
type Payouts struct {
	Frame    part.Frame
	Payees   []Payee
	Form     part.Form // Action part.PayoutsWay
	Rules    string    // where it is set how the market pays out
	Accounts string    // where accounts are looked at
	Cash     string    // where cash is looked after
	InCash   []Payee   // whom a hand pays: a batch of its own
	Sent     []Payee   // whom a gateway pays: likewise
	ToCheck  int       // accounts that wait for somebody
	Earlier  []PayoutRow
	Next     string
	Currency string
}

// Payee is somebody who is owed. Kind is "producer", "agent" or "owner".
type Payee struct {
	ID, Name, Kind string
	Tail           string // last digits of the account, empty when missing
	Hand           string // who hands it over in cash
	Gateway        string // where the account is, no bank
	Entries        int64
	Minor          int64
	Off            bool // cannot be chosen: no account, or the sum is not above zero
}

// PayoutRow is one payout in the list. State is "made", "sent", "paid" or
// "failed".
type PayoutRow struct {
	Href, Number string
	At           time.Time
	Count        int64
	Minor        int64
	State        string
}

// Payout is one payout: its file, and each row's fate. A row's form sends item
// and fate ("paid", "failed") with why; the whole sends fate alone.
type Payout struct {
	Frame    part.Frame
	Number   string
	At       time.Time
	By       string
	State    string
	File     string // address of the bank file, empty until it was made
	Rows     []PayoutItem
	Minor    int64
	Currency string
	Form     part.Form // Action part.PayoutWay
	Mine     bool      // made by this operator, who may not approve it
	Approve  bool      // waits for a second person
	Cash     string    // where what is handed over stands; empty: the bank pays
	Sent     bool      // a gateway pays
}

// PayoutItem is what one payee receives. State is "reserved", "paid" or
// "failed".
type PayoutItem struct {
	ID, Name, Bank, Tail string
	Hand                 string // who hands it over; then there is no bank
	Minor                int64
	State, Why           string
	Marks                []string // why to look twice: "first", "changed", "large"
	Status               string   // what the bank last said of it
	Key                  string
}

// Refunds is where an operator finds an order and gives money back. The search
// field is number; the form sends whole=yes, or line.<id> with a sum, and why.
type Refunds struct {
	Frame    part.Frame
	Number   string
	Missing  bool // no such order
	Found    *RefundOrder
	Form     part.Form // Action part.RefundsWay
	Recent   []Refund
	Currency string
}

// RefundOrder is the order that was found.
type RefundOrder struct {
	Market, ID, Number string
	Href, Buyer        string
	Seller, State      string
	Lines              []RefundLine
	Paid, Refunded     int64
	Frozen             bool // a chargeback is open
}

// RefundLine is what can still be given back of a line or charge.
type RefundLine struct {
	ID, Title string
	Left      int64
}

func (o RefundOrder) left() int64 {
	var left int64
	for _, l := range o.Lines {
		left += l.Left
	}
	return left
}

func payeeSum(payees []Payee) int64 {
	var sum int64
	for _, p := range payees {
		if !p.Off {
			sum += p.Minor
		}
	}
	return sum
}

func (v Payouts) account(p Payee) string {
	if p.Hand != "" {
		return v.Frame.T("cash.from", "hand", p.Hand)
	}
	if p.Gateway != "" {
		return v.Frame.T("transfer.to", "bank", p.Gateway)
	}
	if p.Tail == "" {
		return v.Frame.T("payouts.no_account")
	}
	return v.Frame.T("bank.tail", "tail", p.Tail)
}

func (v Payouts) earlier() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{
		Caption: r.T("payouts.earlier"), Ledger: true,
		Cols: []part.Col{{Label: r.T("payouts.number")}, {Label: r.T("payouts.day")}, {Label: r.T("payouts.people"), Num: true}, {Label: r.T("commission.state")}, {Label: r.T("commission.sum"), Num: true}},
	}
	for _, p := range v.Earlier {
		t.Rows = append(t.Rows, []templ.Component{
			part.Link(p.Href, p.Number, ""), part.Text(r.Day(p.At)), part.Text(r.Count(p.Count)),
			payoutState(v.Frame, p.State), part.Amount(v.Frame, p.Minor, v.Currency),
		})
	}
	return t
}

func (v Payout) account(row PayoutItem) string {
	if row.Hand != "" {
		return v.Frame.T("cash.from", "hand", row.Hand)
	}
	if row.Tail == "" {
		return v.Frame.T("transfer.to", "bank", row.Bank)
	}
	return row.Bank + " · " + v.Frame.T("bank.tail", "tail", row.Tail)
}

// open says whether any row still waits for its fate.
func (v Payout) open() bool {
	for _, row := range v.Rows {
		if row.State == "reserved" || row.State == "laid" || row.State == "transferring" {
			return true
		}
	}
	return false
}

func (v Refunds) recent() []part.Row {
	var rows []part.Row
	for _, f := range v.Recent {
		rows = append(rows, part.Row{Label: strings.Trim(f.Number+" · "+v.Frame.Reader.Moment(f.At)+" · "+f.Why, " ·"), Minor: f.Minor})
	}
	return rows
}

func (v Payout) status(row PayoutItem) string {
	if v.Sent {
		return row.Status
	}
	return v.Frame.T("payout.status", "word", row.Status)
}
