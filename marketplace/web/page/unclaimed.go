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
	Lines          []UnclaimedRow // of nobody, on the bank's statement
	Odd            []UnclaimedRow // not what was asked; its form sends payment
	Banks          []Contest
	Play           *PlayBank // outside production: an order whose payment the sandbox's bank may take back
	Currency       string
}

// Contest is a chargeback: until the bank has decided and nothing was said against
// it, its form sends chargeback and evidence.
type Contest struct {
	UnclaimedRow

	State, Evidence string
	Sent            bool
	Play            part.Form // where it has an action, the sandbox's bank decides: it sends chargeback and won, yes or no
	Due             time.Time
}

// PlayBank plays the payer's bank; its form sends order and sum.
type PlayBank struct {
	Order, Number string
	Paid          int64
	Form          part.Form
}

// UnclaimedRow is one sum that waits.
type UnclaimedRow struct {
	ID, Name, Why string
	Minor         int64
	At            time.Time
	Href          string // of a line: where it is matched
	Form          part.Form
	Other         part.Form // of a refund that failed: by bank transfer
}
