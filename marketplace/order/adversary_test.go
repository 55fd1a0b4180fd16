package order_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/blob"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// rounds is how often each pair of verbs meets.
const rounds = 50

// arena is a world with goods for many rounds and somebody who pays out.
type arena struct {
	*testing.T
	*ordertest.World
	ctx     context.Context
	payouts *payout.Desk
}

func enter(t *testing.T) *arena {
	a := &arena{T: t, World: ordertest.New(t), ctx: t.Context()}
	a.Listing = a.Offer(t, "核桃", 2600, 100_000_000)
	blobs, err := blob.Open(a.ctx, t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	a.payouts = payout.New(a.DB, a.Box, blobs, nil)
	must(t, payable.SetAccount(a.ctx, a.DB, a.Market, a.Producer.PayeeID, payable.Account{Holder: "吐尔逊", Bank: "农行", Number: "6228480012345678"}, a.Box, a.Operator.ID))
	return a
}

// bring walks a new order of 5 kg (13,000 fen) to a state.
func (a *arena) bring(state order.State) (order.Ref, order.Checkout) {
	a.Helper()
	ref, b := a.Place(a.T, 5000)
	for _, s := range []order.State{order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed} {
		if state == order.Placed {
			break
		}
		must(a.T, a.step(ref, b, s))
		if s == state {
			break
		}
	}
	a.Must(a.T, ref, state)
	return ref, b
}

func (a *arena) step(ref order.Ref, b order.Checkout, to order.State) error {
	switch to {
	case order.Secured:
		a.Pay(a.T, b)
		return nil
	case order.Accepted:
		return a.Orders.Accept(a.ctx, a.Seller, ref)
	case order.Packed:
		return a.Orders.Pack(a.ctx, a.Seller, ref, nil)
	case order.Shipped:
		return a.Orders.Ship(a.ctx, a.Seller, ref, order.Parcel{Carrier: "中通"})
	case order.Delivered:
		return a.Orders.Deliver(a.ctx, a.Buyer, ref)
	}
	return a.Orders.Complete(a.ctx, a.Buyer, ref)
}

func (a *arena) refund(ref order.Ref, amount int64) error {
	_, err := a.Orders.Refund(a.ctx, once.Key{}, a.Operator, ref, []order.Part{{Line: 1, Amount: amount}}, "x")
	return err
}

// settled gives the order after all jobs, what its buyer has after it, and how
// it stands.
func (a *arena) settled(ref order.Ref) (order.Story, int64) {
	a.Helper()
	a.Drain(a.T)
	s := story(a.T, a.World, ref)
	var back int64
	for _, r := range s.Refunds {
		if r.State != payment.RefundSucceeded {
			a.Errorf("refund %s is %s", r.Cause, r.State)
		}
		back += r.Amount
	}
	return s, back
}

// oneOf fails unless err is nil or a refusal of these codes.
func (a *arena) oneOf(err error, codes ...string) {
	a.Helper()
	if err != nil && !slices.Contains(codes, code(err)) {
		a.Errorf("got %v, want nothing or one of %v", err, codes)
	}
}

// duel lets two verbs meet fifty times and looks at each outcome.
func (a *arena) duel(meet func(round int) (one, two func() error, legal func(one, two error))) {
	a.Helper()
	for i := range rounds {
		one, two, legal := meet(i)
		errs := at(2, func(n int) error {
			if n == i%2 {
				return one()
			}
			return two()
		})
		legal(errs[i%2], errs[1-i%2])
		if a.Failed() {
			a.Fatalf("in round %d: %v, %v", i, errs[i%2], errs[1-i%2])
		}
		if i%5 == 0 || i == rounds-1 {
			books(a.T, a.World)
		}
	}
}

func TestCompleteAgainstRefund(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, b := a.bring(order.Delivered)
		return func() error { return a.step(ref, b, order.Completed) }, func() error { return a.refund(ref, 1000) },
			func(one, two error) {
				a.oneOf(one)
				a.oneOf(two)
				if s, back := a.settled(ref); s.State != order.Completed || back != 1000 || s.Parts().Sum() != 12000 {
					a.Errorf("%s, %d back, parts %+v", s.State, back, s.Parts())
				}
			}
	})
}

func TestPackAgainstCancel(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, _ := a.bring(order.Accepted)
		return func() error { return a.Orders.Pack(a.ctx, a.Seller, ref, map[int]int64{1: 4900}) },
			func() error { return a.Orders.Cancel(a.ctx, a.Operator, ref, "x") },
			func(one, two error) {
				a.oneOf(one, "order_move")
				a.oneOf(two)
				if s, back := a.settled(ref); s.State != order.Cancelled || back != 13000 || s.PaymentState() != "refunded" {
					a.Errorf("%s, %d back", s.State, back)
				}
			}
	})
}

func TestShipAgainstCancel(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, b := a.bring(order.Packed)
		return func() error { return a.step(ref, b, order.Shipped) },
			func() error { return a.Orders.Cancel(a.ctx, a.Seller, ref, "x") },
			func(one, two error) {
				a.oneOf(one, "order_move")
				a.oneOf(two, "order_move")
				s, back := a.settled(ref)
				if (one == nil) == (two == nil) || s.State != order.Cancelled && back != 0 || s.State == order.Cancelled && back != 13000 {
					a.Errorf("%s, %d back: %v, %v", s.State, back, one, two)
				}
			}
	})
}

func TestExpireAgainstSettle(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, b := a.bring(order.Placed)
		a.Open(t, b)
		return func() error {
				_, err := a.Orders.Expire(a.ctx, jobs.Job{Market: a.Market, Body: json.RawMessage(fmt.Sprintf(`{"payment":%q}`, b.Payment))})
				return err
			}, func() error { _, err := a.Orders.Settle(a.ctx, a.Market, b.Payment); return err },
			func(one, two error) {
				a.oneOf(one)
				a.oneOf(two)
				if s, back := a.settled(ref); s.State != order.Secured || back != 0 {
					a.Errorf("paid before it expired, and is %s, %d back", s.State, back)
				}
			}
	})
}

// An operator cancels while the money that has come is being written down: the
// order is secured and the cancel refused, or cancelled and refunded whole.
func TestCancelAgainstSettle(t *testing.T) {
	a := enter(t)
	a.duel(func(round int) (_, _ func() error, _ func(_, _ error)) {
		by := []order.By{a.Operator, a.Buyer}[round%2]
		ref, b := a.bring(order.Placed)
		a.Open(t, b)
		return func() error { return a.Orders.Cancel(a.ctx, by, ref, "x") },
			func() error { _, err := a.Orders.Settle(a.ctx, a.Market, b.Payment); return err },
			func(one, two error) {
				a.oneOf(one, "order_move", "conflict")
				a.oneOf(two)
				s, back := a.settled(ref)
				if one == nil && (s.State != order.Cancelled || back != 13000) || one != nil && (s.State != order.Secured || back != 0) {
					a.Errorf("%s, %d back: %v", s.State, back, one)
				}
			}
	})
}

func TestCancelAgainstTheButtonOfThePayPage(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, b := a.bring(order.Placed)
		p, err := a.Orders.Pay(a.ctx, a.Market, b.Payment, "/")
		must(t, err)
		return func() error { return a.Orders.Cancel(a.ctx, a.Buyer, ref, "x") },
			func() error { return a.Sandbox.Pay(a.ctx, a.Market, p.Object, sandbox.News{Repeat: 1}) },
			func(one, two error) {
				a.oneOf(one, "order_move")
				a.oneOf(two, "payment_closed")
				if s, _ := a.settled(ref); (one == nil) == (two == nil) || one == nil && s.State != order.Cancelled || one != nil && s.State != order.Secured {
					a.Errorf("%s: %v, %v", s.State, one, two)
				}
			}
	})
}

// The pay page opens at the very moment when the basket ends: nobody can pay
// into it afterwards, also when no news is ever told.
func TestCancelAgainstTheOpeningOfThePayPage(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, b := a.bring(order.Placed)
		return func() error { return a.Orders.Cancel(a.ctx, a.Buyer, ref, "x") },
			func() error { _, err := a.Orders.Pay(a.ctx, a.Market, b.Payment, "/"); return err },
			func(one, two error) {
				a.oneOf(one)
				a.oneOf(two)
				a.Must(t, ref, order.Cancelled)
				if err := a.Sandbox.Pay(a.ctx, a.Market, "sb_"+b.Payment.String(), sandbox.News{}); !fault.Has(err, "payment_closed") && !fault.Has(err, "not_found") {
					a.Errorf("a cancelled basket was paid: %v", err)
				}
			}
	})
}

func TestTheWeightsRefundAgainstAnOperators(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, _ := a.bring(order.Accepted)
		return func() error { return a.Orders.Pack(a.ctx, a.Seller, ref, map[int]int64{1: 4900}) },
			func() error { return a.refund(ref, 12900) },
			func(one, two error) {
				a.oneOf(one)
				a.oneOf(two, "refund_too_large")
				want := int64(260)
				if two == nil {
					want = 13000 // 100 were left for the weight, which is 260
				}
				if s, back := a.settled(ref); back != want || s.State != order.Packed {
					a.Errorf("%s, %d back: %v", s.State, back, two)
				}
			}
	})
}

func TestTwoWholeRefundsAreOne(t *testing.T) {
	a := enter(t)
	a.duel(func(round int) (_, _ func() error, _ func(_, _ error)) {
		ref, _ := a.bring([]order.State{order.Secured, order.Completed}[round%2])
		return func() error { return a.refund(ref, 13000) }, func() error { return a.refund(ref, 13000) },
			func(one, two error) {
				a.oneOf(one, "refund_too_large")
				a.oneOf(two, "refund_too_large")
				if s, back := a.settled(ref); (one == nil) == (two == nil) || back != 13000 || s.Parts().Sum() != 0 {
					a.Errorf("%d back: %v, %v", back, one, two)
				}
			}
	})
}

func TestMatureAgainstRefundAfterRelease(t *testing.T) {
	a := enter(t)
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, _ := a.bring(order.Completed)
		a.Drain(t)
		a.Clock.Advance(8 * 24 * time.Hour)
		return func() error { _, err := a.Worker.Drain(a.ctx, a.Market); return err }, func() error { return a.refund(ref, 13000) },
			func(one, two error) {
				a.oneOf(one)
				a.oneOf(two)
				s, back := a.settled(ref)
				payee := *s.Lines[0].AgentPayee
				have := books(t, a.World, ledger.Commission(payee), ledger.Owed(payee), ledger.Receivable(payee))
				if back != 13000 || have[ledger.Commission(payee)] != 0 || have[ledger.Owed(payee)] != have[ledger.Receivable(payee)] {
					a.Errorf("%d back, agent %v", back, have)
				}
			}
	})
}

func TestRefundAgainstTheApprovalOfAPayout(t *testing.T) {
	a := enter(t)
	second := id.New()
	a.duel(func(int) (_, _ func() error, _ func(_, _ error)) {
		ref, _ := a.bring(order.Completed)
		batch, err := a.payouts.Draft(a.ctx, once.Key{}, a.Market, a.Operator.ID, []id.ID{a.Producer.PayeeID})
		must(t, err)
		return func() error { return a.refund(ref, 13000) },
			func() (err error) { batch, err = a.payouts.Approve(a.ctx, a.Market, batch.ID, second); return err },
			func(one, two error) {
				a.oneOf(one)
				a.oneOf(two)
				debt := ledger.Receivable(a.Producer.PayeeID)
				have := books(t, a.World, debt)
				if sent := batch.State == payout.Submitted; sent != (have[debt] > 0) {
					a.Errorf("the batch is %s, the seller's debt %d", batch.State, have[debt])
				}
				if batch.State == payout.Submitted { // the seller works it off
					os, err := a.payouts.Answer(a.ctx, once.Key{}, a.Market, batch.ID, a.answers(batch.ID))
					if err != nil || os.State != payout.Closed {
						a.Errorf("the bank's answer: %s %v", os.State, err)
					}
					a.bring(order.Completed)
					a.bring(order.Completed)
					batch, err = a.payouts.Draft(a.ctx, once.Key{}, a.Market, a.Operator.ID, []id.ID{a.Producer.PayeeID})
					must(t, err)
					_, err = a.payouts.Approve(a.ctx, a.Market, batch.ID, second)
					must(t, err)
					_, err = a.payouts.Answer(a.ctx, once.Key{}, a.Market, batch.ID, a.answers(batch.ID))
					must(t, err)
				}
			}
	})
}

// answers says that every payout of a batch was paid.
func (a *arena) answers(batch id.ID) (says payout.Answers) {
	must(a.T, a.DB.View(a.ctx, a.Market, func(tx *storage.Tx) error {
		os, err := payout.Payouts(tx, batch)
		for _, o := range os {
			says.Rows = append(says.Rows, payout.Answer{Payout: o.ID, State: payout.Paid})
		}
		return err
	}))
	return says
}

// raw is a connection of our own, to stand in the way with.
func raw(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", address(t))
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}
