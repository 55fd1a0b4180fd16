package ordertest

import (
	"context"
	"slices"
	"sync/atomic"

	"commonfield/agents/producer"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
	"commonfield/storage/once"
)

// The kinds of this file are gifts, instalments, call-offs and pledges as far as the
// pipeline carries them: where their money goes, what covers them, what a refund
// takes. What a contract, a fund or a campaign decides for itself is a value here,
// which a test sets.

// The names of these kinds.
const (
	GiftKind    = "gift"
	DepositKind = "deposit"
	CallOffKind = "call-off"
	BackingKind = "backing"
	RewardKind  = "reward"
)

var (
	atOnce = []order.State{order.Placed, order.Secured, order.Completed}
	whole  = []order.State{order.Placed, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed}
)

// sum is the line of somebody who gives a sum for something: an item's quantity is
// the sum, its listing what it is for.
func sum(it order.Item, title string, fee int64) order.Priced {
	return order.Priced{Line: order.Line{Title: title, Quantity: 1, UnitBase: 1, Price: it.Quantity, Total: it.Quantity, Fee: fee}, For: it.Listing}
}

func sums(title string, feeBP int32) func(*storage.Tx, []order.Item) ([]order.Priced, error) {
	return func(_ *storage.Tx, items []order.Item) ([]order.Priced, error) {
		var lines []order.Priced
		for _, it := range items {
			if it.Quantity <= 0 {
				return nil, fault.Invalid("items", "required")
			}
			lines = append(lines, sum(it, title, money.Part(it.Quantity, feeBP)))
		}
		return lines, nil
	}
}

// Backing is a pledge that is paid at once: a sum for a campaign, with nothing in return.
func Backing() order.Kind {
	return order.Kind{Name: BackingKind, Path: atOnce, Release: order.Secured, Price: sums("backing", 0), Accounts: pledged,
		Postings: ledger.Move("campaign:*:settled", "pledge:campaign / fund:campaign", "pledge:campaign / income:fees")}
}

// Reward is a pledge whose backer gets something from a producer; it may be paid
// later, like Pledge.
func Reward(from *producer.Producer) order.Kind {
	return order.Kind{Name: RewardKind, Path: slices.Insert(slices.Clone(whole), 1, order.Promised), Release: order.Secured, Accounts: pledged,
		Price: func(tx *storage.Tx, items []order.Item) ([]order.Priced, error) {
			lines, err := sums("reward", 0)(tx, items)
			for i := range lines {
				lines[i].Seller, lines[i].SellerPerson = from.ID, from.PersonID // who sends it; the campaign has the money
			}
			return lines, err
		}}
}

func pledged(o order.Order) order.Accounts {
	return order.Accounts{Owner: ledger.PledgeCampaign(*o.For), Back: []string{ledger.PledgeCampaign(*o.For), ledger.FundCampaign(*o.For)}}
}

// Succeed settles a campaign: what was pledged is its own, less the fee.
func Succeed(ctx context.Context, db *storage.DB, market int32, campaign id.ID, feeBP int32) error {
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		pledged := ledger.PledgeCampaign(campaign)
		have, err := ledger.Lock(tx, pledged)
		if err != nil {
			return err
		}
		fee := money.Part(have[pledged], feeBP)
		return ledger.Post(tx, ledger.Entry{Cause: "campaign:" + campaign.String() + ":settled", Legs: []ledger.Leg{
			{Debit: pledged, Credit: ledger.FundCampaign(campaign), Amount: have[pledged] - fee}, {Debit: pledged, Credit: ledger.IncomeFees, Amount: fee}}})
	})
}

// Contract is what deposits and instalments are paid into and call-offs are covered
// by: so much walnut of one producer at one price.
type Contract struct {
	ID       id.ID
	Seller   producer.Producer
	Price    int64 // of a kilogram
	Quantity int64 // grams in all
	FeeBP    int32
	TaxBP    int32

	Suspended atomic.Bool  // covers nothing new
	Retained  atomic.Int64 // is not given to anybody yet
}

// Deposit is a sum into a contract: nothing is shared out.
func Deposit() order.Kind {
	return order.Kind{Name: DepositKind, Path: atOnce, Release: order.Secured, Price: sums("instalment", 0),
		Accounts: func(o order.Order) order.Accounts { return order.Accounts{Owner: ledger.Contract(*o.For), Feeds: true} }}
}

// CallOff is goods under a contract; an item's listing names it.
func CallOff(c *Contract) order.Kind {
	return order.Kind{Name: CallOffKind, Path: whole, Release: order.Completed,
		Price: func(_ *storage.Tx, items []order.Item) ([]order.Priced, error) {
			var lines []order.Priced
			for _, it := range items {
				total, err := money.MulDiv(c.Price, it.Quantity, 1000)
				if err != nil || it.Listing != c.ID {
					return nil, fault.Conflict("not_covered")
				}
				lines = append(lines, order.Priced{For: c.ID, Seller: c.Seller.ID, SellerPayee: c.Seller.PayeeID, SellerPerson: c.Seller.PersonID,
					Line: order.Line{Title: "call-off", Category: "walnut", Unit: "kg", UnitBase: 1000, Quantity: it.Quantity, Price: c.Price, BandBP: 300, ReturnDays: 7, ReleaseDays: 14,
						Total: total, Fee: money.Part(total, c.FeeBP), Tax: money.Included(total, c.TaxBP), FeeBP: c.FeeBP, TaxBP: c.TaxBP}})
			}
			return lines, nil
		},
		Accounts: func(o order.Order) order.Accounts { return order.Accounts{Cover: ledger.Contract(*o.For)} },
		Covers:   c.covers,
		Free: func(tx *storage.Tx, o order.Order, rest int64) (int64, error) {
			have, err := ledger.Lock(tx, ledger.Contract(*o.For))
			return have[ledger.Contract(*o.For)] - c.Retained.Load(), err
		},
	}
}

// covers: the contract is active, something was paid into it, and no more is called
// off than it is about. Its account stands for its row: whoever calls off locks it.
func (c *Contract) covers(tx *storage.Tx, orders []order.Order) error {
	have, err := ledger.Lock(tx, ledger.Contract(c.ID))
	if err != nil {
		return err
	}
	if _, begun := have[ledger.Contract(c.ID)]; !begun || c.Suspended.Load() {
		return fault.Conflict("not_covered")
	}
	var called int64
	err = tx.Get(&called, `SELECT coalesce(sum(coalesce(l.accepted, l.quantity)), 0)::bigint FROM orders o JOIN order_lines l ON l.market_id = o.market_id AND l.order_id = o.id
		WHERE o.market_id = $1 AND o.for_id = $2 AND o.covered_by IS NOT NULL AND o.state <> 'cancelled'`, tx.Market, c.ID)
	for _, o := range orders {
		for _, l := range o.Lines {
			called += l.Quantity
		}
	}
	if err == nil && called > c.Quantity {
		err = fault.Conflict("not_covered")
	}
	return err
}

// Give places a sum for something, by a kind of this file, to be paid in the sandbox.
func (w *World) Give(ctx context.Context, kind string, of id.ID, sum int64) (order.Ref, order.Checkout, error) {
	a := w.Ask(0)
	a.Kind, a.Items, a.Agent.Link, a.DeliverTo = kind, []order.Item{{Market: w.Market, Listing: of, Quantity: sum}}, "", nil
	c, err := w.Orders.Place(ctx, once.Key{}, a)
	if err != nil {
		return order.Ref{}, c, err
	}
	return c.Orders()[0], c, nil
}

// Call calls grams off a contract, by the agent's link.
func (w *World) Call(ctx context.Context, key once.Key, contract id.ID, grams int64) (order.Ref, error) {
	a := w.Ask(0)
	a.Kind, a.Items, a.Way = CallOffKind, []order.Item{{Market: w.Market, Listing: contract, Quantity: grams}}, ""
	c, err := w.Orders.Place(ctx, key, a)
	if err != nil {
		return order.Ref{}, err
	}
	return c.Orders()[0], nil
}
