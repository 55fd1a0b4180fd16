package payment

import (
	"context"
	"time"

	"commonfield/storage/id"
)

// Cash is the way of what is paid when it arrives: its gateway is a pair of hands.
const Cash = "cash"

// ByHand says whether a person sends a gateway's refunds: no machine has the money.
func ByHand(gateway string) bool { return gateway == bankWay || gateway == Cash }

const bankWay = "bank"

// Gateway is the outside world's way of taking money and giving it back. All
// verbs may be called twice with the same key and then do their work once. An
// error means unknown, never failed, and the caller asks again; only a *Refused
// says that the gateway has answered and done nothing.
type Gateway interface {
	// Name is the word in rows and addresses: stripe, sandbox, bank, cash.
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
	Refund(ctx context.Context, r Back) (Given, error)
	// LookRefund says how a refund stands that was given. One that has succeeded
	// may have failed since.
	LookRefund(ctx context.Context, r Back) (Given, error)
}

// Refused is the error of a gateway that has answered. Why is its own word for
// the reason. Done says that it may have done its work all the same (an answer of
// the kind 500): then the next call asks first, under a key of its own. Frozen
// says that the payer's bank is taking the payment back.
type Refused struct {
	Why    string
	Done   bool
	Frozen bool
	Cause  error
}

// Error names the gateway's reason.
func (r *Refused) Error() string { return "the gateway refused: " + r.Why }

// Unwrap gives what the gateway's library said.
func (r *Refused) Unwrap() error { return r.Cause }

// Intent is what a gateway needs to ask a payer for money.
type Intent struct {
	Key       string    // of this attempt: the same key gives the same object
	Since     time.Time // when the first attempt with this key was made
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
	// Final says that nothing more will come of it: what it has captured is all.
	Final bool
	// Usable is when what was captured becomes ours to use; zero where the
	// gateway does not tell.
	Usable   time.Time
	Currency string
	Payment  id.ID // from the object's own metadata
	Shares   []Share
	Saved    string // of one that is saved: what a later charge needs
	Why      string // of one that is refused: the gateway's word for the reason
}

// ObjectState is where a gateway's object stands.
type ObjectState string

// The states of a gateway's object. One that is pending has a payer who has done
// their part and a bank that has not answered: it can no longer be closed. One that
// is saved has a payer who may be charged later; a later charge that is refused will
// bring nothing any more.
const (
	ObjectOpen     ObjectState = "open"
	ObjectSaved    ObjectState = "saved"
	ObjectRefused  ObjectState = "refused"
	ObjectPending  ObjectState = "pending"
	ObjectCaptured ObjectState = "captured"
	ObjectClosed   ObjectState = "closed"
)

// Back is one sum to give back.
type Back struct {
	Refund  id.ID  // ours; the gateway keeps it beside its own
	Key     string // of this attempt
	Again   bool   // an earlier attempt was made: ask before doing
	Market  int32
	Payment id.ID
	Object  string // of the payment
	Given   string // of the refund, once the gateway has named it
	Amount  int64
}

// Given is a refund as the gateway sees it.
type Given struct {
	ID    string // the gateway's own, where it has one
	State RefundState
}

// RefundState is where a refund stands.
type RefundState string

// The states of a refund.
const (
	RefundAsked     RefundState = "asked" // under way
	RefundSucceeded RefundState = "succeeded"
	RefundFailed    RefundState = "failed"
)
