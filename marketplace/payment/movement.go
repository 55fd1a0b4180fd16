package payment

import (
	"context"
	"time"

	"commonfield/storage/id"
)

// Moved is what sort of thing moved a gateway's balance.
type Moved string

// The sorts of movements.
const (
	MovedCharge         Moved = "charge"
	MovedRefund         Moved = "refund"
	MovedRefundBack     Moved = "refund_back" // one that did not reach the payer
	MovedChargeback     Moved = "chargeback"
	MovedChargebackBack Moved = "chargeback_back" // one that was won
	MovedPayout         Moved = "payout"          // to our bank
	MovedPayoutBack     Moved = "payout_back"     // our bank did not take it
	MovedTransfer       Moved = "transfer"        // to a payee's account
	MovedTransferBack   Moved = "transfer_back"   // from there
	MovedFee            Moved = "fee"             // of no payment
	MovedOther          Moved = "unknown"
)

// Movement is one thing that moved a gateway's balance, as the gateway tells it.
type Movement struct {
	ID       string // the gateway's own name of it
	Kind     Moved
	Object   string // the charge, refund, chargeback or payout
	Amount   int64  // above nought: the balance grew
	Fee      int64  // what the gateway took of it besides
	Currency string
	Words    string
	At       time.Time
	Usable   time.Time // when its sum may be used
	Market   int32     // of the payment, from its own metadata; 0 when it is none of ours
	Payment  id.ID
	Refund   id.ID // ours, where it is one
	Payout   id.ID // ours, of a transfer to a payee
}

// Balanced is a gateway that tells each movement of its balance.
type Balanced interface {
	Gateway
	// Movements gives a page of those since a moment, the newest first, behind the
	// one that was named, and whether there are more.
	Movements(ctx context.Context, since time.Time, after string) (page []Movement, more bool, err error)
}

// Balanced lists the gateways whose balance can be read.
func (d *Desk) Balanced() []Balanced {
	var all []Balanced
	for _, name := range []string{"stripe", "sandbox"} {
		if b, can := d.gateways[name].(Balanced); can {
			all = append(all, b)
		}
	}
	return all
}
