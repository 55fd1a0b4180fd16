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
	Currency       string
}

// UnclaimedRow is one sum that waits.
type UnclaimedRow struct {
	ID, Name, Why string
	Minor         int64
	At            time.Time
	Form          part.Form
}
