// Package kept is the kept basket: what somebody has put aside to buy and not
// confirmed yet, over all markets and sellers. Guests have one too. It promises
// nothing and holds no stock; what it leads to is confirmed in marketplace/order,
// which asks everything again.
//
// A line whose listing went away stays, with its reason, until its owner takes
// it out: nobody likes to find that something has vanished.
package kept

import (
	"context"
	"time"

	"commonfield/catalog"
	"commonfield/catalog/shelf"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

// How much one kept basket holds: as many lines of a market as one order of it
// may have, and as many in all as a person can still look over.
const (
	MostInMarket = 50
	Most         = 200
)

// Line is one thing put aside, with its listing as it is now.
type Line struct {
	Market   int32
	Listing  id.ID
	Quantity int64 // base units
	PutAt    time.Time
	Seen     Price      // at which it was put aside; zero: nobody noted it
	View     shelf.View // zero when the listing is gone
	Reason   Reason     // why it cannot be bought as it stands; empty: it can
}

// Price is what a unit costs, and how much a unit is.
type Price struct{ Minor, Base int64 }

// Ref is the listing's name.
func (l Line) Ref() shelf.Ref { return shelf.Ref{Market: l.Market, Listing: l.Listing} }

// Costs is what the line costs now, rounded once; ok is false where the listing
// is gone or the sum is beyond belief.
func (l Line) Costs() (minor int64, ok bool) {
	if l.View.ID == id.None {
		return 0, false
	}
	minor, err := money.MulDiv(l.View.PriceMinor, l.Quantity, l.View.UnitBase)
	return minor, err == nil
}

// Was is what a unit cost when the line was put aside, in the unit of now; ok is
// true only where that is not what it costs now.
func (l Line) Was() (minor int64, ok bool) {
	if l.View.ID == id.None || l.Seen.Base == 0 {
		return 0, false
	}
	minor, err := money.MulDiv(l.Seen.Minor, l.View.UnitBase, l.Seen.Base)
	if err != nil || minor == l.View.PriceMinor {
		return 0, false
	}
	return minor, true
}

// Reason says why a line cannot be bought as it stands.
type Reason string

// The reasons; the first that holds is told.
const (
	Gone         Reason = "gone"          // there is no such listing any more
	Archived     Reason = "archived"      // ended for good
	Paused       Reason = "paused"        // off the shelf for now
	Suspended    Reason = "suspended"     // its producer may not sell
	SoldOut      Reason = "sold_out"      // nothing is left
	Short        Reason = "short"         // less is left than was put aside
	BelowMinimum Reason = "below_minimum" // the least quantity has grown
)

// reason holds a line against its listing.
func (l Line) reason() Reason {
	v := l.View
	switch {
	case v.ID == id.None:
		return Gone
	case v.State == catalog.Archived:
		return Archived
	case v.State != catalog.Live:
		return Paused
	case !v.Active:
		return Suspended
	case v.Available <= 0, v.Available < v.Minimum:
		return SoldOut
	case l.Quantity > v.Available:
		return Short
	case l.Quantity < v.Minimum:
		return BelowMinimum
	}
	return ""
}

// Room keeps the baskets.
type Room struct {
	db    *storage.DB
	shelf *shelf.Shelf
}

// New opens the room.
func New(db *storage.DB, s *shelf.Shelf) *Room { return &Room{db: db, shelf: s} }

// Put puts a quantity of a listing aside, in base units, in place of what was
// put aside of it before, at the price of now, which its owner has seen; 0 takes
// it out. Calling it twice is calling it once.
// Refusals: listing_unknown, listing_not_live, below_minimum, few_left with what
// is left, basket_full.
func (r *Room) Put(ctx context.Context, person id.ID, of shelf.Ref, quantity int64) error {
	if quantity == 0 {
		return r.take(ctx, person, []shelf.Ref{of}, time.Time{})
	}
	v, err := r.shelf.One(ctx, of.Market, of.Listing)
	if err != nil {
		return err
	}
	if err := fits(v, quantity); err != nil {
		return err
	}
	return r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		has, err := lines(tx, person)
		if err != nil {
			return err
		}
		if err := room(has, of); err != nil {
			return err
		}
		put(tx, person, []Line{{Market: of.Market, Listing: of.Listing, Quantity: quantity, PutAt: tx.Now, Seen: Price{v.PriceMinor, v.UnitBase}}}, false)
		return nil
	})
}

// fits refuses a quantity that could not be bought now.
func fits(v shelf.View, quantity int64) error {
	l := Line{Market: v.Market, Listing: v.ID, Quantity: quantity, View: v}
	switch why := l.reason(); {
	case quantity < 0, quantity > catalog.MostQuantity:
		return fault.Invalid("quantity", "out_of_range", fault.Args{"min": v.Minimum, "max": int64(catalog.MostQuantity), "unit": v.Unit})
	case why == Archived, why == Paused, why == Suspended:
		return fault.Conflict("listing_not_live", fault.Args{"listing": v.Title, "listing_en": v.TitleEN})
	case why == SoldOut, why == Short:
		return fault.Conflict("few_left", fault.Args{"listing": v.Title, "listing_en": v.TitleEN, "left": max(v.Available, 0), "unit": v.Unit}).On("quantity")
	case why == BelowMinimum:
		return fault.Invalid("quantity", "below_minimum", fault.Args{"minimum": v.Minimum, "unit": v.Unit})
	}
	return nil
}

// room refuses one more line where there are too many.
func room(has []Line, of shelf.Ref) error {
	n := 0
	for _, l := range has {
		if l.Ref() == of {
			return nil
		}
		if l.Market == of.Market {
			n++
		}
	}
	if n >= MostInMarket {
		return fault.Conflict("basket_full", fault.Args{"most": MostInMarket})
	}
	if len(has) >= Most {
		return fault.Conflict("basket_full", fault.Args{"most": Most})
	}
	return nil
}

// List gives all that somebody has put aside, by market in the order in which
// they came to it, the oldest first, each line with its listing and its reason.
func (r *Room) List(ctx context.Context, person id.ID) ([]Line, error) {
	var has []Line
	err := r.db.ViewUser(ctx, person, func(tx *storage.Tx) (err error) { has, err = lines(tx, person); return })
	if err != nil || len(has) == 0 {
		return nil, err
	}
	refs := make([]shelf.Ref, len(has))
	for i, l := range has {
		refs[i] = l.Ref()
	}
	found, err := r.shelf.Some(ctx, refs)
	if err != nil {
		return nil, err
	}
	for i := range has {
		has[i].View = found[has[i].Ref()]
		has[i].Reason = has[i].reason()
	}
	return byMarket(has), nil
}

// byMarket brings the lines of a market together.
func byMarket(of []Line) []Line {
	out := make([]Line, 0, len(of))
	done := map[int32]bool{}
	for _, first := range of {
		if done[first.Market] {
			continue
		}
		done[first.Market] = true
		for _, l := range of {
			if l.Market == first.Market {
				out = append(out, l)
			}
		}
	}
	return out
}

// Count says how many lines somebody has put aside: the figure beside the sign
// of the basket on every page, in one query of their own rows.
func (r *Room) Count(ctx context.Context, person id.ID) (int, error) {
	var n int
	err := r.db.ViewUser(ctx, person, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT count(*) FROM kept_lines WHERE user_id = $1", person)
	})
	return n, err
}
