package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/terms"
	"commonfield/marketplace/kept"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// charged sums what a quote has beside its goods.
type charged struct {
	delivery, off, gift, fees int64
	bring                     int64           // of the delivery, what the sellers get
	bySeller                  map[id.ID]int64 // of delivery
	points                    map[id.ID]*terms.Point
	byPlace                   bool // somebody reckons their delivery by place
	unplaced                  bool // and it is not known where to
}

func chargesOf(q order.Quote) charged {
	sum := charged{bySeller: map[id.ID]int64{}, points: map[id.ID]*terms.Point{}}
	for _, b := range q.Baskets {
		for _, o := range b.Orders {
			sum.unplaced = sum.unplaced || o.Unplaced
			if o.Seller != nil {
				sum.points[*o.Seller] = o.Point
			}
			for _, c := range o.Charges {
				switch {
				case c.Label == order.Delivery:
					sum.byPlace = true
					sum.delivery += c.Amount
					sum.bring += c.Seller
					if o.Seller != nil {
						sum.bySeller[*o.Seller] += c.Amount
					}
				case c.Label == order.Discount && c.Market != 0:
					sum.gift += c.Amount
				case c.Label == order.Discount:
					sum.off += c.Amount
				default:
					sum.fees += c.Amount
				}
			}
		}
	}
	sum.byPlace = sum.byPlace || sum.unplaced
	return sum
}

// rows are those sums as rows, without the delivery.
func (sum charged) rows(f part.Frame) []part.Row {
	var rows []part.Row
	for _, one := range []struct {
		key   string
		minor int64
	}{{"charge.fee", sum.fees}, {"charge.discount", sum.off}, {"charge.discount_market", sum.gift}} {
		if one.minor != 0 {
			rows = append(rows, part.Row{Label: f.T(one.key), Minor: one.minor})
		}
	}
	return rows
}

// brought shows on the checkout what comes beside the goods.
func (w *Web) brought(ctx context.Context, v *page.Checkout, q order.Quote) error {
	sum := chargesOf(q)
	v.Delivery, v.Besides, v.ByPlace, v.Unplaced = sum.delivery, sum.rows(v.Frame), sum.byPlace, sum.unplaced
	v.Parts.Producer, v.Parts.Transport = v.Parts.Producer-sum.bring, sum.bring
	v.Goods = v.Total - sum.delivery - sum.off - sum.gift - sum.fees
	for i := range v.Parcels {
		p := &v.Parcels[i]
		p.Delivery = sum.bySeller[p.ID]
		if at := sum.points[p.ID]; at != nil {
			p.Point = &page.Pickup{Name: at.Name, Address: at.Address, Hours: at.Hours}
		}
	}
	if !sum.byPlace {
		return nil
	}
	all, err := w.provinces(ctx)
	if err != nil {
		return err
	}
	v.Provinces = []part.Option{{Value: "", Label: v.Frame.T("checkout.choose")}}
	for _, p := range all {
		v.Provinces = append(v.Provinces, part.Option{Value: p.code, Label: either(v.Frame.Reader, p.name, p.nameEN)})
	}
	return nil
}

// besides shows in the basket what comes beside the goods, as far as it is known:
// to where the last order went. What cannot be asked is left for the checkout.
func (w *Web) besides(c *fiber.Ctx, v *page.Basket, p people.Person, lines []kept.Line) error {
	var items []order.Item
	for _, l := range lines {
		if l.Reason == "" {
			items = append(items, order.Item{Market: l.Market, Listing: l.Listing, Quantity: l.Quantity})
		}
	}
	if len(items) == 0 || v.Foreign {
		return nil
	}
	to, err := w.lastAddress(c.UserContext(), p)
	if err != nil {
		return err
	}
	q, err := w.quote(c, "", &order.Address{Code: to.Code}, nil, items...)
	if _, refused := fault.As(err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	sum := chargesOf(q)
	v.Delivery, v.Besides, v.Unplaced, v.Total = sum.delivery, sum.rows(v.Frame), sum.unplaced, q.Total
	return nil
}
