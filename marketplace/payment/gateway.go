package payment

import (
	"context"
	"time"

	"commonfield/storage/id"
)

// Gateway is the outside world's way of taking money and giving it back. All
// verbs may be called twice with the same key and then do their work once. An
// error means unknown, never failed: the caller asks again.
type Gateway interface {
	// Name is the word in rows and addresses: sandbox, bank.
	Name() string
	// Arrives is the ledger account that captured money is debited to, and
	// Leaves the one that a refund is credited to.
	Arrives() string
	Leaves() string
	// Open makes the object that a payer pays.
	Open(ctx context.Context, i Intent) (Object, error)
	// Look gives the object's present state.
	Look(ctx context.Context, market int32, object string) (Object, error)
	// Close takes no money any more; the answer may be that it was captured.
	Close(ctx context.Context, market int32, object string) (Object, error)
	// Refund gives money back; the answer may be that it is under way.
	Refund(ctx context.Context, r Back) (RefundState, error)
}

// Intent is what a gateway needs to ask a payer for money.
type Intent struct {
	Key       string // the same key gives the same object
	Market    int32
	Payment   id.ID
	Sale      id.ID
	Reference string
	Amount    int64 // minor units
	Currency  string
	Back      string // where the browser returns to
	ExpiresAt time.Time
	Shares    []Share // over several markets: every one's, the home market's first; metadata
}

// Object is a payment as the gateway sees it.
type Object struct {
	ID       string
	PayURL   string
	State    ObjectState
	Captured int64 // minor units
	Fee      int64 // what the gateway keeps
	Currency string
	Payment  id.ID // from the object's own metadata
	Shares   []Share
}

// ObjectState is where a gateway's object stands.
type ObjectState string

// The states of a gateway's object.
const (
	ObjectOpen     ObjectState = "open"
	ObjectCaptured ObjectState = "captured"
	ObjectClosed   ObjectState = "closed"
)

// Back is one sum to give back.
type Back struct {
	Key    string // the refund's id
	Market int32
	Object string
	Amount int64
}

// RefundState is where a refund stands.
type RefundState string

// The states of a refund.
const (
	RefundAsked     RefundState = "asked" // under way
	RefundSucceeded RefundState = "succeeded"
	RefundFailed    RefundState = "failed"
)
