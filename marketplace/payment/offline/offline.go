// Package offline is the gateways that are no machine: a bank transfer with a
// reference, which an operator sees on the bank's statement and confirms, and cash
// that is taken when goods arrive.
package offline

import (
	"context"

	"commonfield/marketplace/payment"
	"commonfield/storage/ledger"
)

// Bank takes transfers. Its objects have no life of their own: what came is
// told by an operator, and a refund is a transfer that an operator sends.
type Bank struct{}

// Name is the word in rows and addresses.
func (Bank) Name() string { return "bank" }

// Arrives is our bank account.
func (Bank) Arrives() string { return ledger.BankOperating }

// Leaves is our bank account.
func (Bank) Leaves() string { return ledger.BankOperating }

// Open gives the reference that the payer writes on the transfer.
func (Bank) Open(_ context.Context, i payment.Intent) (payment.Object, error) {
	return payment.Object{ID: i.Reference, State: payment.ObjectOpen, Currency: i.Currency, Payment: i.Payment}, nil
}

// Look says that nothing is known: a bank account tells us nothing by itself.
func (Bank) Look(_ context.Context, _ int32, object string) (payment.Object, error) {
	return payment.Object{ID: object, State: payment.ObjectOpen}, nil
}

// Close has nothing to close; a late transfer is refunded when it is confirmed.
func (Bank) Close(_ context.Context, _ int32, object string) (payment.Object, error) {
	return payment.Object{ID: object, State: payment.ObjectClosed}, nil
}

// Refund waits for the operator, who finishes it with payment.Desk.Finish.
func (Bank) Refund(context.Context, payment.Back) (payment.Given, error) {
	return payment.Given{State: payment.RefundAsked}, nil
}

// LookRefund says that nothing is known: the operator tells.
func (Bank) LookRefund(context.Context, payment.Back) (payment.Given, error) {
	return payment.Given{State: payment.RefundAsked}, nil
}

// Cash is paid when goods arrive, to whoever brings them. It is never opened: the
// order is secured by what was agreed, and whoever has the money says so (the
// pipeline's Collected). A refund is a transfer that an operator sends.
type Cash struct{ Bank }

// Name is the word in rows and addresses.
func (Cash) Name() string { return payment.Cash }
