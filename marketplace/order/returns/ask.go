package returns

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lib/pq"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/written"
)

// Wish is what a buyer wants to give back, and why, if they want to say it.
type Wish struct {
	Lines  map[int]int64 // base units by line
	Text   string
	Photos []string // keys of pictures that Show has taken
}

// Show takes a picture as evidence and gives its key. Taking it twice is taking it
// once; what is refused, catalog/photo says.
func (r *Room) Show(ctx context.Context, data []byte) (string, error) {
	return r.evidence.Take(ctx, data)
}

// Ask begins a return, by the order's buyer, and freezes its money. The same key
// gives the same return. Refusals: return_fresh for goods that are not taken back,
// return_late after their days, return_more than the buyer has, return_nothing when
// all of it was given back already, return_decided when it was refused, return_open while there is one, return_disputed
// while there is a complaint, return_chargeback while the payer's bank takes the sum
// back, return_not_now before the goods arrived.
func (r *Room) Ask(ctx context.Context, key once.Key, by order.By, ref order.Ref, w Wish) (id.ID, error) {
	if by.As != order.AsBuyer {
		return id.None, fault.Forbidden("return_not_yours")
	}
	w.Text = written.Plain(w.Text)
	var wrong error
	if len([]rune(w.Text)) > MostText {
		wrong = fault.Invalid("text", "too_long", fault.Args{"most": MostText})
	}
	if len(w.Lines) == 0 {
		wrong = fault.All(wrong, fault.Invalid("lines", "return_which"))
	}
	photos, err := r.evidence.Check(ctx, w.Photos)
	if err := fault.All(wrong, err); err != nil {
		return id.None, err
	}
	w.Photos = photos
	return once.Do(ctx, r.db, ref.Market, key, func(tx *storage.Tx) (id.ID, error) {
		o, has, since, err := r.orders.Has(tx, ref)
		if err != nil {
			return id.None, err
		}
		if o.Buyer != by.ID {
			return id.None, fault.Forbidden("return_not_yours")
		}
		if o.State != order.Delivered && o.State != order.Completed {
			return id.None, fault.Conflict("return_not_now")
		}
		refused, err := r.free(tx, o.ID)
		if err != nil {
			return id.None, err
		}
		var wrong []error
		for no, n := range w.Lines {
			i := lineAt(o, no)
			if i < 0 {
				wrong = append(wrong, fault.Invalid("lines", "no_such_line", fault.Args{"line": no}))
				continue
			}
			field, l := fmt.Sprintf("back.%d", no), o.Lines[i]
			until, given := Until(l, since)
			switch {
			case !given:
				wrong = append(wrong, fault.Invalid(field, "return_fresh", fault.Args{"line": no}))
			case !tx.Now.Before(until):
				wrong = append(wrong, fault.Invalid(field, "return_late", fault.Args{"line": no, "days": l.ReturnDays}))
			case refused[no]:
				wrong = append(wrong, fault.Invalid(field, "return_decided", fault.Args{"line": no}))
			case l.Back() == 0:
				wrong = append(wrong, fault.Invalid(field, "return_nothing", fault.Args{"line": no}))
			case n <= 0 || n > has[no]:
				wrong = append(wrong, fault.Invalid(field, "return_more", fault.Args{"line": no, "left": max(has[no], 0), "unit": l.Unit}))
			}
		}
		if err := fault.All(wrong...); err != nil {
			return id.None, err
		}
		return r.asked(tx, by, o, w)
	})
}

func lineAt(o order.Order, no int) int {
	for i := range o.Lines {
		if o.Lines[i].No == no {
			return i
		}
	}
	return -1
}

// free refuses a second return, and one beside a complaint or a chargeback. It gives
// the lines whose return was refused: there a complaint is what is left.
func (r *Room) free(tx *storage.Tx, o id.ID) (refused map[int]bool, err error) {
	disputed, err := order.FrozenFor(tx, o, "dispute")
	if err == nil && disputed {
		err = fault.Conflict("return_disputed")
	}
	if err != nil {
		return nil, err
	}
	taken, err := order.FrozenFor(tx, o, "chargeback")
	if err == nil && taken {
		err = fault.Conflict("return_chargeback")
	}
	if err != nil {
		return nil, err
	}
	before, err := of(tx, o)
	switch {
	case err != nil:
		return nil, err
	case len(before) > 0 && before[0].Open():
		return nil, fault.Conflict("return_open")
	case len(before) >= mostBack:
		return nil, fault.Conflict("return_often")
	}
	return refusedLines(before), nil
}

func refusedLines(before []Return) map[int]bool {
	lines := map[int]bool{}
	for _, b := range before {
		for no := range b.Lines {
			lines[no] = lines[no] || b.State == Refused
		}
	}
	return lines
}

func (r *Room) asked(tx *storage.Tx, by order.By, o order.Order, w Wish) (id.ID, error) {
	held, err := json.Marshal(w.Lines)
	if err != nil {
		return id.None, err
	}
	due := tx.Now.Add(answerTime)
	b := Return{Market: o.Market, ID: id.New(), Order: o.ID, State: Asked, Held: held, DueAt: &due}
	if b.Freeze, err = order.Freeze(tx, o.ID, "return", by.ID); err != nil {
		return id.None, err
	}
	tx.Queue("INSERT INTO returns (market_id, id, order_id, freeze_id, state, lines, text, photos, asked_by, asked_at, due_at) VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11)",
		tx.Market, b.ID, b.Order, b.Freeze, string(b.State), string(held), w.Text, pq.Array(append([]string{}, w.Photos...)), by.ID, tx.Now, due)
	tell(tx, b, by.ID)
	timed(tx, b)
	return b.ID, nil
}
