package order

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"commonfield/agents/people"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// What the home market of a payment has decided, the other markets follow, each
// in its own transaction: its money has come, or the checkout came to nothing.
// The home market's row is the truth; a share asks it and never decides itself.

type (
	spreadJob struct {
		Payment id.ID `json:"payment"`
		ending
	}
	followJob struct {
		Home    int32  `json:"home"`
		Payment id.ID  `json:"payment"`
		Key     string `json:"key,omitempty"` // of the press that placed the part
		ending
	}
	// ending is how a checkout came to nothing.
	ending struct {
		To  State  `json:"to,omitempty"`
		Why string `json:"why,omitempty"`
		By  id.ID  `json:"by"`
		As  Party  `json:"as,omitempty"`
	}
)

// spread adds, in the home market's transaction, the job that tells the others.
func spread(tx *storage.Tx, due payment.Payment, state payment.State, e ending) {
	if due.Shares > 0 {
		jobs.Add(tx, JobSpread, due.ID.String()+":"+string(state), spreadJob{due.ID, e})
	}
}

// Spread is the home market's job: it adds one in each of the other markets,
// under the same key.
func (p *Pipeline) Spread(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var s spreadJob
	if err := json.Unmarshal(j.Body, &s); err != nil {
		return nil, err
	}
	_, shares, err := p.whole(ctx, j.Market, s.Payment)
	if err != nil {
		return nil, err
	}
	for _, share := range shares {
		err := p.db.Update(ctx, share.Market, func(tx *storage.Tx) error {
			tx.Keyed()
			jobs.Add(tx, JobFollow, j.Key, followJob{Home: j.Market, Payment: s.Payment, ending: s.ending})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return func(*storage.Tx) error { return nil }, nil
}

// Follow is the job of a market that has a share.
func (p *Pipeline) Follow(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var f followJob
	if err := json.Unmarshal(j.Body, &f); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, p.follow(ctx, j.Market, f)
}

// now follows at once where the caller waits for it; what does not succeed is
// done by the jobs.
func (p *Pipeline) now(ctx context.Context, due payment.Payment, e ending) {
	if due.Shares == 0 {
		return
	}
	_, shares, err := p.whole(ctx, due.Home, due.ID)
	if err != nil {
		return
	}
	for _, share := range shares {
		_ = p.follow(ctx, share.Market, followJob{Home: due.Home, Payment: due.ID, ending: e})
	}
}

// whole gives a payment at home and the others' shares of it.
func (p *Pipeline) whole(ctx context.Context, home int32, pay id.ID) (due payment.Payment, shares []payment.Share, err error) {
	err = p.db.View(ctx, home, func(tx *storage.Tx) (err error) {
		if due, err = payment.Find(tx, pay); err == nil {
			shares, err = due.Elsewhere(tx)
		}
		return err
	})
	return due, shares, err
}

// follow does in one market what its share's home has decided. Twice is once.
func (p *Pipeline) follow(ctx context.Context, market int32, f followJob) error {
	var due payment.Payment
	err := p.db.View(ctx, market, func(tx *storage.Tx) (err error) { due, err = payment.Find(tx, f.Payment); return })
	if fault.Has(err, "not_found") {
		return nil // nothing was placed here
	}
	if err != nil || due.State != payment.Open {
		return err
	}
	whole, shares, err := p.whole(ctx, f.Home, f.Payment)
	if fault.Has(err, "not_found") { // cut before the home market placed: now it never will
		if _, err = p.never(ctx, f.Home, f.Payment, due.Gateway, due.Currency); err == nil {
			whole, shares, err = p.whole(ctx, f.Home, f.Payment)
		}
	}
	if err != nil {
		return err
	}
	switch whole.State {
	case payment.Captured:
		return p.settleShare(ctx, market, due, whole, shares)
	case payment.Closed:
		return p.endShare(ctx, market, whole, f)
	}
	return nil // the home market will tell when it has decided
}

// settleShare takes a market's share of a payment that has come: its basket is
// secured, after market, basket and sum were held against the home market's row
// and against what the gateway's own object was told.
func (p *Pipeline) settleShare(ctx context.Context, market int32, due, whole payment.Payment, shares []payment.Share) error {
	at := slices.IndexFunc(shares, func(s payment.Share) bool { return s.Market == market })
	if at < 0 || shares[at].Sale != due.Sale || shares[at].Amount != due.Due || whole.Currency != due.Currency {
		return fmt.Errorf("order: market %d has no share of %d in payment %s", market, due.Due, due.ID)
	}
	if err := p.vouched(ctx, market, due, whole); err != nil {
		return err
	}
	share := shares[at]
	return p.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		due, orders, err := lockPaid(tx, due.ID)
		if err != nil || due.State == payment.Captured {
			return err
		}
		if due.State != payment.Open || len(orders) == 0 || orders[0].State != Placed {
			return fmt.Errorf("order: the share of market %d in payment %s has come and its basket is not waiting", market, due.ID)
		}
		payment.Count(tx, due, due.Due, share.Fee)
		account := ledger.Intermarket(whole.Home)
		entry := ledger.Entry{Cause: shareCause(due.ID, market), By: System.ID, Note: due.Reference,
			Legs: []ledger.Leg{{Debit: ledger.CostGateway, Credit: account, Amount: share.Fee}}}
		for _, o := range orders {
			entry.Legs = append(entry.Legs, ledger.Leg{Debit: account, Credit: ledger.HeldOrder(o.ID), Amount: o.Total}, o.borne())
		}
		if err := ledger.Post(tx, entry); err != nil {
			return err
		}
		return p.secure(tx, orders, System)
	})
}

// shareCause is the key of a share's two entries, one in each market's book.
func shareCause(pay id.ID, market int32) string {
	return fmt.Sprintf("payment:%s:share:%d", pay, market)
}

// vouched refuses a share that the gateway's object does not know as this one. Of a
// transfer no gateway knows anything: there the home market's row is all.
func (p *Pipeline) vouched(ctx context.Context, market int32, due, whole payment.Payment) error {
	if whole.Gateway == "bank" {
		return nil
	}
	seen, err := p.desk.Look(ctx, whole.Home, whole)
	if err != nil {
		return err
	}
	return knows(seen, market, due, due.Due)
}

// knows holds a market's sum against what the gateway's object was told.
func knows(seen payment.Object, market int32, due payment.Payment, sum int64) error {
	for _, s := range seen.Shares {
		if s.Market == market && s.Sale == due.Sale && s.Amount == sum && seen.Payment == due.ID && seen.Currency == due.Currency {
			return nil
		}
	}
	return fmt.Errorf("order: the gateway's object %s does not know %d %s for basket %s of market %d", seen.ID, sum, due.Currency, due.Sale, market)
}

// endShare ends a market's part of a checkout that came to nothing.
func (p *Pipeline) endShare(ctx context.Context, market int32, whole payment.Payment, f followJob) error {
	never := whole.Sale == whole.ID // it was given up before it stood
	switch {
	case never:
		f.ending = ending{Cancelled, "not_all", System.ID, AsSystem}
	case f.To == "": // asked before the home market's job came
		err := p.db.View(ctx, whole.Home, func(tx *storage.Tx) error {
			return tx.Get(&f.To, "SELECT state FROM baskets WHERE market_id = $1 AND id = $2", whole.Home, whole.Sale)
		})
		if err != nil {
			return err
		}
		f.Why, f.By, f.As = "elsewhere", System.ID, AsSystem
	}
	return p.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		due, orders, err := lockPaid(tx, f.Payment)
		if err != nil || due.State != payment.Open {
			return err
		}
		if never && f.Key != "" {
			once.Forget(tx, f.Key)
		}
		if err := p.endLocked(tx, By{Person: people.Person{ID: f.By}, As: f.As}, due, orders, f.To, f.Why); err != nil || !never {
			return err
		}
		if err := tx.Flush(); err != nil { // the same row twice
			return err
		}
		tx.Queue("UPDATE baskets SET state = 'undone' WHERE market_id = $1 AND id = $2", market, due.Sale)
		return nil
	})
}
