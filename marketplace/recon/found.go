package recon

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
)

// given is what of a refund that was made in the gateway's pages one order gives.
type given struct {
	ref   order.Ref
	parts []order.Part
}

// found posts a refund that somebody made in the gateway's own pages, where it is
// certain of what: all that is left, the only line that has something left, or
// what waits as unclaimed of the payment. Else a person says which lines.
func (d *Desk) found(ctx context.Context, market int32, l Line) error {
	if l.Deed == Refund && l.Target != "" {
		return left(d.give(ctx, market, l))
	}
	sum := -l.Amount
	lefts, err := d.orders.Left(ctx, market, *l.Payment)
	if err != nil {
		return err
	}
	if len(lefts) == 0 {
		have, err := d.unclaimed(ctx, market, *l.Payment)
		if err != nil {
			return err
		}
		if have >= sum {
			return d.fromUnclaimed(ctx, market, l, *l.Payment, people.System.ID)
		}
		return d.waits(ctx, market, l, "nothing_left")
	}
	var total int64
	for _, one := range lefts {
		total += one.Part.Amount
	}
	switch {
	case sum > total:
		return d.waits(ctx, market, l, "more_than_left")
	case sum < total && len(lefts) > 1:
		return d.waits(ctx, market, l, "which_lines")
	}
	if l, err = d.chosen(ctx, market, l, evenly(lefts, sum), people.System.ID, ""); err != nil {
		return err
	}
	return left(d.give(ctx, market, l))
}

// refused says whether an order has refused to give its part.
func refused(err error) bool {
	f, is := fault.As(err)
	return is && f.Kind != fault.KindUnavailable
}

// left hears of a refusal that leaves a line to a person, or to another time.
func left(err error) error {
	if refused(err) {
		return nil
	}
	return err
}

// evenly takes a sum from all lines by what is left of each.
func evenly(lefts []order.Left, sum int64) []order.Left {
	weights := make([]int64, len(lefts))
	for i, one := range lefts {
		weights[i] = one.Part.Amount
	}
	var taken []order.Left
	for i, n := range money.Split(sum, weights) {
		if n > 0 {
			one := lefts[i]
			one.Part.Amount = n
			taken = append(taken, one)
		}
	}
	return taken
}

func (d *Desk) unclaimed(ctx context.Context, market int32, of id.ID) (int64, error) {
	account := ledger.Unclaimed(of.String())
	var have map[string]int64
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, account); return })
	return have[account], err
}

func (d *Desk) fromUnclaimed(ctx context.Context, market int32, l Line, of, by id.ID) error {
	if err := d.payments.Found(ctx, market, *l.Payment, of, by, -l.Amount, l.Object, inPages); err != nil {
		return err
	}
	return d.ends(ctx, market, l, Unclaimed, of.String())
}

// inPages is the reason of a refund that was made in the gateway's own pages.
const inPages = "gateway"

// chosen writes down which lines give a refund, before the first order gives its part.
func (d *Desk) chosen(ctx context.Context, market int32, l Line, parts []order.Left, by id.ID, why string) (Line, error) {
	var words []string
	for _, p := range parts {
		words = append(words, fmt.Sprintf("%d/%s/%d/%d=%d", p.Ref.Market, p.Ref.ID, p.Part.Line, p.Part.Charge, p.Part.Amount))
	}
	l.Deed, l.Target = Refund, strings.Join(words, " ")
	return l, d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Expect(1, fault.Conflict("line_taken"), `UPDATE gateway_lines SET state = 'open', deed = $3, target = $4, done_by = nullif($5::uuid, '00000000-0000-0000-0000-000000000000'), why = $6
			WHERE market_id = $1 AND id = $2 AND state IN ('open', 'waits') AND (target = '' OR target = $4)`, market, l.ID, l.Deed, l.Target, by, why)
		return nil
	})
}

func plans(target string) ([]given, error) {
	var all []given
	for word := range strings.FieldsSeq(target) {
		name, sum, _ := strings.Cut(word, "=")
		fields := strings.Split(name, "/")
		if len(fields) != 4 {
			return nil, fmt.Errorf("recon: no part of an order: %q", word)
		}
		var n [4]int64
		for i, text := range []string{fields[0], fields[2], fields[3], sum} {
			var err error
			if n[i], err = strconv.ParseInt(text, 10, 64); err != nil {
				return nil, err
			}
		}
		ref := order.Ref{Market: int32(n[0])}
		var is bool
		if ref.ID, is = id.Parse(fields[1]); !is {
			return nil, fmt.Errorf("recon: no order: %q", word)
		}
		part := order.Part{Line: int(n[1]), Charge: int(n[2]), Amount: n[3]}
		if last := len(all) - 1; last >= 0 && all[last].ref == ref {
			all[last].parts = append(all[last].parts, part)
		} else {
			all = append(all, given{ref, []order.Part{part}})
		}
	}
	return all, nil
}

// give lets each order give its part, once. What is refused before anything was
// given is left to a person.
func (d *Desk) give(ctx context.Context, market int32, l Line) error {
	all, err := plans(l.Target)
	if err != nil {
		return err
	}
	by := order.System
	if l.DoneBy != nil {
		by = order.By{Person: people.Person{ID: *l.DoneBy}, As: order.AsOperator}
	}
	for i, one := range all {
		err := d.orders.Found(ctx, by, one.ref, one.parts, l.Object, inPages)
		if i == 0 && refused(err) && !fault.Has(err, "refund_frozen") { // what is frozen is tried again
			if e := d.waits(ctx, market, l, "refused"); e != nil {
				return e
			}
			return err
		}
		if err != nil {
			return err
		}
	}
	return d.ends(ctx, market, l, Refund, l.Target)
}
