package returns

import (
	"context"
	"time"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/tally"
)

func of(tx *storage.Tx, o id.ID) ([]Return, error) {
	var all []Return
	err := tx.Select(&all, "SELECT "+columns+" FROM returns WHERE market_id = $1 AND order_id = $2 ORDER BY id DESC", tx.Market, o)
	for i := range all {
		if err == nil {
			err = all[i].read()
		}
	}
	return all, err
}

// Of gives the returns of an order, the newest first. Who may read them, the door
// decides.
func (r *Room) Of(ctx context.Context, ref order.Ref) ([]Return, error) {
	var all []Return
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) (err error) { all, err = of(tx, ref.ID); return })
	for i := range all {
		if err == nil && all[i].Sealed != nil {
			var plain []byte
			plain, err = r.box.Open(all[i].Sealed, "return:"+all[i].ID.String())
			all[i].To = string(plain)
		}
	}
	return all, err
}

// Find gives one return, without where it is sent.
func (r *Room) Find(ctx context.Context, market int32, name id.ID) (Return, error) {
	var b Return
	err := r.db.View(ctx, market, func(tx *storage.Tx) error {
		return tx.Get(&b, "SELECT "+columns+" FROM returns WHERE market_id = $1 AND id = $2", market, name)
	})
	if err == storage.ErrNone {
		return b, fault.NotFound("not_found")
	}
	if err == nil {
		err = b.read()
	}
	return b, err
}

// Running gives the open returns of a market, those that wait for an operator first,
// then the oldest; of one seller, where one is named. At most 200.
func (r *Room) Running(ctx context.Context, market int32, seller id.ID) ([]Return, error) {
	var all []Return
	err := r.db.View(ctx, market, func(tx *storage.Tx) error {
		all = nil
		err := tx.Select(&all, "SELECT "+columns+` FROM returns WHERE market_id = $1 AND ended_at IS NULL
			AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR order_id IN (SELECT id FROM orders WHERE market_id = $1 AND seller_id = $2))
			ORDER BY state <> 'called', id LIMIT 200`, market, seller)
		for i := range all {
			if err == nil {
				err = all[i].read()
			}
		}
		return err
	})
	return all, err
}

// Left is how much of one line may be given back, and until when.
type Left struct {
	Line    order.Line
	Has     int64     // base units that the buyer has
	Until   time.Time // zero: these goods are not taken back
	Refused bool      // it was asked, and refused
}

// Returnable gives the lines of an order that has arrived, and which of them may be
// given back now; whether one is open, Of says.
func (r *Room) Returnable(ctx context.Context, ref order.Ref, before []Return) ([]Left, error) {
	o, has, since, err := r.orders.Had(ctx, ref)
	if err != nil || o.State != order.Delivered && o.State != order.Completed {
		return nil, err
	}
	refused := refusedLines(before)
	var all []Left
	for _, l := range o.Lines {
		until, _ := Until(l, since)
		all = append(all, Left{l, has[l.No], until, refused[l.No]})
	}
	return all, nil
}

// May says whether some of the line may be given back now.
func (l Left) May(now time.Time) bool {
	return now.Before(l.Until) && !l.Refused && l.Has > 0 && l.Line.Back() > 0
}

// Picture gives a picture that was shown with a return of this order, and of no
// other, in one of the studio's widths.
func (r *Room) Picture(ctx context.Context, ref order.Ref, key string, width int) ([]byte, string, error) {
	var shown bool
	err := r.db.View(ctx, ref.Market, func(tx *storage.Tx) error {
		return tx.Get(&shown, "SELECT EXISTS (SELECT 1 FROM returns WHERE market_id = $1 AND order_id = $2 AND photos @> ARRAY[$3::text])", ref.Market, ref.ID, key)
	})
	if err != nil {
		return nil, "", err
	}
	if !shown {
		return nil, "", fault.NotFound("photo_unknown")
	}
	return r.evidence.Get(ctx, key, width)
}

// Tallies are what waits for an operator to decide.
func Tallies() []tally.Of {
	return []tally.Of{{Name: "returns", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM returns WHERE market_id = $1 AND ended_at IS NULL AND state = 'called'`}}
}
