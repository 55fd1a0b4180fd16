package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Unclaimed stands below the refunds: money that belongs to a payer and waits.
// A form of Failed sends refund, one of Excess payment.
type Unclaimed struct {
	Frame          part.Frame
	Failed, Excess []UnclaimedRow
	Odd            []UnclaimedRow // not what was asked; its form sends payment
	Banks          []Contest
	Currency       string
}

// Contest is a chargeback: until the bank has decided and nothing was said against
// it, its form sends chargeback and evidence.
type Contest struct {
	UnclaimedRow

	State, Evidence string
	Sent            bool
	Due             time.Time
}

// UnclaimedRow is one sum that waits.
type UnclaimedRow struct {
	ID, Name, Why string
	Minor         int64
	At            time.Time
	Form          part.Form
}
