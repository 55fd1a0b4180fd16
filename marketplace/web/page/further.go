package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Skipped stands below the payouts: who is left out now, and why.
type Skipped struct {
	Frame    part.Frame
	Rows     []LeftOut
	Currency string
}

// LeftOut is a payee who would get nothing. Reason is a key under "skipped.".
type LeftOut struct {
	Name, Reason string
	Minor        int64
}

// PayoutFurther stands below one batch: the bank's answers as a file, the draft
// given up, money that came back after it was paid.
type PayoutFurther struct {
	Frame    part.Frame
	Upload   part.Form // with an Action when answers are taken
	Cancel   part.Form // with an Action when it is a draft
	Back     part.Form // with an Action when a paid payout may come back
	Recall   part.Form // with an Action when a transfer may be taken back
	Paid     []part.Option
	SHA256   string
	LeftOut  []LeftOut
	Currency string
}

// ToSend stands below the refunds: transfers that a person must carry to the
// bank. A row's form sends refund and fate ("sent", "failed").
type ToSend struct {
	Frame    part.Frame
	Rows     []Sending
	Currency string
	Form     part.Form
}

// Sending is one of them.
type Sending struct {
	ID, Number, To string
	Href           string
	Minor          int64
	At             time.Time
	Key            string
}

// BankOf stands below a producer's desk for an operator who acts for somebody
// offline. Its fields are holder, bank and number.
type BankOf struct {
	Frame part.Frame
	Tail  string
	Form  part.Form
}

// BarnLink stands below the form of a listing.
type BarnLink struct {
	Frame part.Frame
	Href  string
}
