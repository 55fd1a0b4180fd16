package recon

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
)

// asked is how far back captures count where something belongs to all markets.
const asked = 31 * 24 * time.Hour

// posting is what a line does in one market's book.
type posting struct {
	deed   string
	amount int64 // what it adds to the gateway's balance, or takes out of recon
	by     id.ID
	note   string
	legs   []ledger.Leg
}

// post posts a line in one market, once, with the row that the audit holds against it.
func (l Line) post(tx *storage.Tx, p posting) error {
	cause := l.cause(p.deed)
	if there, err := ledger.Posted(tx, cause); err != nil || there {
		return err
	}
	tx.Queue(`INSERT INTO gateway_shares (market_id, line_id, deed, amount_minor) VALUES ($1, $2, $3, $4)`, tx.Market, l.ID, p.deed, p.amount)
	note := l.Reference
	if p.note != "" {
		note += ": " + p.note
	}
	return ledger.Post(tx, ledger.Entry{Cause: cause, By: p.by, Note: note, Legs: p.legs})
}

// moved is a leg by which an account gives a sum to the gateway's balance, or has
// it from there.
func moved(other string, sum int64) ledger.Leg {
	if sum < 0 {
		return ledger.Leg{Debit: other, Credit: ledger.GatewayAvailable, Amount: -sum}
	}
	return ledger.Leg{Debit: ledger.GatewayAvailable, Credit: other, Amount: sum}
}

// differ puts what nobody can explain to recon: an alarm, until a person has
// explained it. What is in another currency than the market's has no place there
// and waits for a person.
func (d *Desk) differ(ctx context.Context, market int32, l Line, rest int64) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		now, err := find(tx, l.ID, " FOR UPDATE")
		if err != nil || now.State != Open { // somebody has found meanwhile what it is
			return err
		}
		m, err := region.FindMarket(tx, market)
		if err != nil {
			return err
		}
		switch {
		case m.Currency != l.Currency:
			l.wait(tx, "currency")
			return nil
		case rest == 0:
			l.known(tx)
			return nil
		}
		tx.Queue(`UPDATE gateway_lines SET state = 'differs', deed = 'recon', recon_minor = $3 WHERE market_id = $1 AND id = $2`, market, l.ID, rest)
		return l.post(tx, posting{deed: Recon, amount: rest, legs: []ledger.Leg{moved(ledger.Recon, rest)}})
	})
}

// part is what of a line is a market's.
type part struct {
	market int32
	sum    int64
}

// plan writes down how a line is shared out, before the first market posts: what
// it follows from may be another thing when it is tried again.
func (d *Desk) plan(ctx context.Context, market int32, l Line, deed string, share func() ([]part, error)) ([]part, error) {
	if l.Deed == deed && l.Target != "" {
		return parts(l.Target)
	}
	all, err := share()
	if err != nil {
		return nil, err
	}
	var words []string
	for _, p := range all {
		words = append(words, strconv.Itoa(int(p.market))+"="+strconv.FormatInt(p.sum, 10))
	}
	target := strings.Join(words, " ")
	err = d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the first plan stays
		tx.Queue(`UPDATE gateway_lines SET deed = $3, target = $4 WHERE market_id = $1 AND id = $2 AND state = 'open' AND target = ''`, market, l.ID, deed, target)
		if err := tx.Flush(); err != nil {
			return err
		}
		return tx.Get(&target, `SELECT target FROM gateway_lines WHERE market_id = $1 AND id = $2`, market, l.ID)
	})
	if err != nil {
		return nil, err
	}
	return parts(target)
}

// shared ends a line of which every market has posted its part of the plan.
func (d *Desk) shared(ctx context.Context, market int32, l Line) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE gateway_lines SET state = 'done', done_at = $3 WHERE market_id = $1 AND id = $2 AND state = 'open'`, market, l.ID, tx.Now)
		return nil
	})
}

func parts(target string) ([]part, error) {
	var all []part
	for word := range strings.FieldsSeq(target) {
		market, sum, _ := strings.Cut(word, "=")
		m, noMarket := strconv.ParseInt(market, 10, 32)
		n, noSum := strconv.ParseInt(sum, 10, 64)
		if err := errors.Join(noMarket, noSum); err != nil {
			return nil, err
		}
		all = append(all, part{int32(m), n})
	}
	return all, nil
}

// weighed shares a sum out over the markets of a currency, by largest remainder;
// the keeper has it all where nothing weighs.
func (d *Desk) weighed(ctx context.Context, keeper int32, l Line, weight func(tx *storage.Tx) (int64, error)) ([]part, error) {
	all, err := d.markets(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(m region.Market) bool { return m.Currency != l.Currency })
	weights := make([]int64, len(all))
	var total int64
	for i, m := range all {
		if err := d.db.View(ctx, m.ID, func(tx *storage.Tx) (err error) { weights[i], err = weight(tx); return }); err != nil {
			return nil, err
		}
		total += weights[i]
	}
	if total == 0 {
		return []part{{keeper, l.Net()}}, nil
	}
	var shared []part
	sum, sign := l.Net(), int64(1)
	if sum < 0 {
		sum, sign = -sum, -1
	}
	for i, n := range money.Split(sum, weights) {
		if n > 0 {
			shared = append(shared, part{all[i].ID, sign * n})
		}
	}
	return shared, nil
}

// mine refuses a line of another currency than the keeper's: it waits for a person.
func (d *Desk) mine(ctx context.Context, market int32, l Line) (bool, error) {
	var m region.Market
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { m, err = region.FindMarket(tx, market); return })
	if err != nil || m.Currency == l.Currency {
		return err == nil, err
	}
	return false, d.waits(ctx, market, l, "currency")
}

// spread books a cost of the gateway that is of no payment: each market bears its
// part by what the gateway has brought it in a month.
func (d *Desk) spread(ctx context.Context, market int32, l Line) error {
	if ok, err := d.mine(ctx, market, l); !ok {
		return err
	}
	shared, err := d.plan(ctx, market, l, Fee, func() ([]part, error) {
		return d.weighed(ctx, market, l, func(tx *storage.Tx) (int64, error) {
			return payment.Paid(tx, l.Gateway, l.At.Add(-asked), l.At)
		})
	})
	if err != nil {
		return err
	}
	for _, p := range shared {
		if err := d.db.Update(ctx, p.market, func(tx *storage.Tx) error {
			tx.Keyed()
			return l.post(tx, posting{deed: Fee, amount: p.sum, legs: []ledger.Leg{moved(ledger.CostGateway, p.sum)}})
		}); err != nil {
			return err
		}
	}
	return d.shared(ctx, market, l)
}
