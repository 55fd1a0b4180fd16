// Package retail is the kind "goods": what is special about selling things
// from stock. Lines are priced from listings, stock is promised when an order
// is placed, leaves the store when it ships, and goes back when it comes to
// nothing.
package retail

import (
	"fmt"
	"time"

	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

// Name is the kind's word in rows.
const Name = "goods"

// mostTotal is the largest sum of one line that is believed, in minor units.
const mostTotal = 100_000_000_000_000

// Goods is the kind.
func Goods() order.Kind {
	return order.Kind{
		Name:    Name,
		Path:    []order.State{order.Placed, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed},
		Release: order.Completed,
		Price:   price,
		Hold:    hold,
		LetGo: func(tx *storage.Tx, orders []id.ID, by id.ID, why string) error {
			return stock.LetGo(tx, by, why, orders...)
		},
		Less: func(tx *storage.Tx, o order.Order, missing map[int]int64, by id.ID) error {
			return stock.LetGoPart(tx, o.ID, missing, by, "part")
		},
		Back: func(tx *storage.Tx, o order.Order, came map[int]int64, by id.ID) error {
			return stock.Return(tx, o.ID, came, by)
		},
		Moved:  moved,
		Expiry: expiry,
	}
}

// expiry: a wallet or card is paid at once, a transfer takes days.
func expiry(way string) time.Duration {
	if way == "bank" {
		return 72 * time.Hour
	}
	return 15 * time.Minute
}

// price recomputes every line from its listing: quantity × price per unit,
// rounded once; the tax that is in it, and the platform's fee.
func price(tx *storage.Tx, items []order.Item) ([]order.Priced, error) {
	offers, err := catalog.Offered(tx, listings(items))
	if err != nil {
		return nil, err
	}
	return Reckon(offers, items)
}

// hold is price with the goods' batches locked, and what promises them.
func hold(tx *storage.Tx, items []order.Item) ([]order.Priced, order.Keep, error) {
	offers, held, err := stock.Offered(tx, listings(items))
	if err != nil {
		return nil, nil, err
	}
	priced, err := Reckon(offers, items)
	return priced, func(tx *storage.Tx, orders []order.Order, by id.ID) error {
		return held.Reserve(tx, wanted(orders, by))
	}, err
}

func listings(items []order.Item) []id.ID {
	ids := make([]id.ID, len(items))
	for i, it := range items {
		ids[i] = it.Listing
	}
	return ids
}

// Reckon prices items by offers that were read, as an order would: for a page
// that has read its goods already. What is placed is priced from the rows again.
func Reckon(offers map[id.ID]catalog.Offer, items []order.Item) ([]order.Priced, error) {
	lines := make([]order.Priced, 0, len(items))
	var wrong []error
	for i, it := range items {
		field := fmt.Sprintf("items.%d", i)
		o, known := offers[it.Listing]
		switch {
		case !known:
			wrong = append(wrong, fault.Invalid(field, "listing_gone"))
			continue
		case !o.Live:
			wrong = append(wrong, fault.Conflict("listing_not_live", fault.Args{"listing": o.Title, "listing_en": o.TitleEN}).On(field))
			continue
		case it.Quantity <= 0:
			wrong = append(wrong, fault.Invalid(field, "out_of_range", fault.Args{"min": o.Minimum, "max": int64(catalog.MostQuantity), "unit": o.Unit}))
			continue
		case it.Quantity < o.Minimum:
			wrong = append(wrong, fault.Invalid(field, "below_minimum", fault.Args{"minimum": o.Minimum, "unit": o.Unit}))
			continue
		}
		total, err := money.MulDiv(o.PriceMinor, it.Quantity, o.UnitBase)
		if err != nil || total > mostTotal {
			wrong = append(wrong, fault.Invalid(field, "quantity_too_large"))
			continue
		}
		lines = append(lines, line(o, it, total))
	}
	return lines, fault.All(wrong...)
}

func line(o catalog.Offer, it order.Item, total int64) order.Priced {
	listing := it.Listing
	l := order.Line{
		Listing: &listing, Title: o.Title, TitleEN: o.TitleEN, Photo: o.Photo, Category: o.Category,
		Unit: o.Unit, UnitBase: o.UnitBase, Quantity: it.Quantity, BandBP: o.WeightBandBP,
		Price: o.PriceMinor, Total: total, FeeBP: o.FeeBP, TaxBP: o.TaxBP,
		Tax: money.Included(total, o.TaxBP), Fee: money.Part(total, o.FeeBP),
		// Consumer rules: seven days to return dry goods without a reason, fresh ones excepted.
		ReturnDays: 7, ReleaseDays: 14,
	}
	if o.Fresh {
		l.ReturnDays, l.ReleaseDays = 0, 3
	}
	p := order.Priced{Line: l, Seller: o.ProducerID, SellerPayee: o.SellerPayee, SellerPerson: o.SellerPerson, Terms: o.Terms, Gift: o.Gift}
	if o.Terms.Delivery != nil {
		p.Grams = o.Terms.Delivery.Weighs(it.Quantity, o.Counted)
	}
	return p
}

// wanted is what orders want of the stock.
func wanted(orders []order.Order, by id.ID) []stock.Want {
	var wants []stock.Want
	for _, o := range orders {
		for _, l := range o.Lines {
			wants = append(wants, stock.Want{Sale: o.ID, Line: l.No, Listing: *l.Listing, Quantity: l.Quantity, By: by})
		}
	}
	return wants
}

// moved ships the goods out of the store with their final weights.
func moved(tx *storage.Tx, o order.Order, to order.State, by id.ID) error {
	if to != order.Shipped {
		return nil
	}
	packed, err := order.PackedOf(tx, o)
	if err != nil {
		return err
	}
	return stock.Ship(tx, o.ID, packed, by)
}

// Checks are this room's part of the audit: promises have their order.
func Checks() []audit.Check {
	return []audit.Check{{Name: "retail: live reservations have a live order", Run: func(tx *storage.Tx) (int64, []audit.Values, error) {
		return audit.Found(tx, "SELECT count(*) FROM reservations WHERE market_id = $1", `SELECT CASE WHEN o.id IS NULL THEN jsonb_build_object('say', 'reservation_alone', 'key', r.sale_id || ' ' || r.line_no)
				ELSE jsonb_build_object('say', 'reservation_differs', 'number', o.number, 'state', o.state, 'listing', coalesce(l.title, ''), 'listing_en', coalesce(l.title_en, ''), 'key', r.state) END
			FROM reservations r LEFT JOIN orders o ON o.market_id = r.market_id AND o.id = r.sale_id
			LEFT JOIN order_lines l ON l.market_id = r.market_id AND l.order_id = r.sale_id AND l.line_no = r.line_no
			WHERE r.market_id = $1 AND (o.id IS NULL
				OR (r.state = 'live') <> (o.state IN ('placed', 'secured', 'accepted', 'packed')) AND (r.state <> 'let_go' OR l.accepted IS NULL)) ORDER BY 1 LIMIT 100`)
	}}}
}
