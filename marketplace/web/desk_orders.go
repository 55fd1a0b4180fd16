package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// choice is a word of a list's filter and the states behind it.
type choice struct {
	word   string
	states []order.State
}

// sorted are the filters of a seller's orders, in the order of an order's life.
var sorted = []choice{
	{"", nil}, {"new", []order.State{order.Secured}}, {"pack", []order.State{order.Accepted}}, {"ship", []order.State{order.Packed}},
	{"way", []order.State{order.Shipped, order.Delivered}}, {"done", []order.State{order.Completed}}, {"ended", []order.State{order.Cancelled, order.Expired}},
	{"unpaid", []order.State{order.Placed, order.Promised}},
}

// chosen is the filter that a request names; an unknown word is no page.
func (d *desk) chosen(c *fiber.Ctx, of []choice) (choice, error) {
	for _, one := range of {
		if one.word == c.Query("state") {
			return one, nil
		}
	}
	return choice{}, fault.NotFound("not_found")
}

func (d *desk) producerOrders(c *fiber.Ctx, s seat) error {
	return d.showOrders(c, s, fiber.StatusOK, nil)
}

// showOrders is a page of a seller's orders in one state; undone are those that
// could not be accepted, with their reason.
func (d *desk) showOrders(c *fiber.Ctx, s seat, status int, undone map[id.ID]error) error {
	which, err := d.chosen(c, sorted)
	if err != nil {
		return err
	}
	older, err := after(c)
	if err != nil {
		return err
	}
	list, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Seller: s.grower.ID, After: older, States: which.states, N: pageOf})
	if err != nil {
		return err
	}
	to, err := d.Orders.Addresses(c.UserContext(), s.m.ID, ids(list))
	if err != nil {
		return err
	}
	return d.show(c, s, status, s.around(), func(f part.Frame) templ.Component {
		v := page.SellerOrders{Frame: f, State: which.word, PackingHref: s.way(part.PackingWay), LabelsHref: s.way(part.LabelsWay), Currency: s.m.Currency,
			Form: part.Form{Action: s.way(part.ProducerOrdersWay, "state", which.word), Key: newKey()}}
		for _, one := range sorted {
			v.Chips = append(v.Chips, part.Chip{Word: f.T("seller_orders." + cmp.Or(one.word, "all")), Href: s.way(part.ProducerOrdersWay, "state", one.word), On: one.word == which.word})
		}
		for _, o := range list {
			row := page.SellerOrder{DeskOrder: deskOrder(f.Reader, o, to[o.ID]), Badge: string(o.State), At: o.PlacedAt, Total: o.Total}
			if err, failed := undone[o.ID]; failed {
				if said, ok := fault.As(err); ok {
					row.Fault = tongue.Fault(f.Reader, said.Code, said.Args)
				}
			}
			v.Rows = append(v.Rows, row)
		}
		if len(list) == pageOf {
			v.Next = s.way(part.ProducerOrdersWay, "state", which.word, "after", list[pageOf-1].ID.String())
		}
		return v.View()
	})
}

// acceptSome accepts the orders that were ticked, each for itself: one that
// went away meanwhile does not keep the others from being accepted.
func (d *desk) acceptSome(c *fiber.Ctx, s seat) error {
	ticked, err := d.ticked(c, s, sent(c)["order"])
	if err != nil {
		return err
	}
	undone := map[id.ID]error{}
	for _, o := range ticked {
		by, err := d.Act(c.UserContext(), s.p, o.Ref(), order.Accepted)
		if err == nil {
			err = d.Orders.Accept(c.UserContext(), by, o.Ref())
		}
		if err != nil && !refused(err) {
			return err
		}
		if err != nil {
			undone[o.ID] = speakable(err, o.Currency)
		}
	}
	if len(undone) > 0 {
		return d.showOrders(c, s, fiber.StatusConflict, undone)
	}
	if len(ticked) == 0 {
		d.Flash(c, "wait", d.reader(c, s).T("seller_orders.none_ticked"))
		return c.Redirect(s.way(part.ProducerOrdersWay, "state", "new"), fiber.StatusSeeOther)
	}
	return d.done(c, s.way(part.ProducerOrdersWay, "state", "pack"), "accepted_some", "count", len(ticked))
}

// most is how many orders one sheet or one deed takes.
const mostOrders = 200

// ticked are the orders named by a form or an address. One that is not the
// seat's is none at all: nothing of the others is done or shown.
func (d *desk) ticked(c *fiber.Ctx, s seat, texts []string) ([]order.Order, error) {
	if len(texts) > mostOrders {
		return nil, fault.Invalid("order", "too_many_items", fault.Args{"most": mostOrders})
	}
	var names []id.ID
	for _, text := range texts {
		name, err := row(text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	found, err := d.Orders.Some(c.UserContext(), s.m.ID, names)
	if err != nil {
		return nil, err
	}
	var all []order.Order
	for _, name := range names {
		o, there := found[name]
		if !there || o.Seller == nil || *o.Seller != s.grower.ID {
			return nil, fault.NotFound("not_found")
		}
		all = append(all, o)
	}
	return all, nil
}

func buyerName(r tongue.Reader, to order.Address) string {
	return cmp.Or(to.Name, r.T("order.the_buyer"))
}

func deskOrder(r tongue.Reader, o order.Order, to order.Address) page.DeskOrder {
	var goods []string
	var mine int64
	for _, l := range o.Lines {
		goods = append(goods, r.Quantity(l.Quantity, l.Unit)+" "+lineTitle(r, l))
		mine += l.SellerShare
	}
	v := page.DeskOrder{
		Market: marketText(o.Market), ID: o.ID.String(), Number: o.Number, Buyer: buyerName(r, to), Place: to.Region,
		Goods: strings.Join(goods, r.T("word.comma")), State: string(o.State), Mine: mine, Due: moment(o.Until(r.Now())), Key: newKey(),
	}
	if len(o.Lines) > 0 {
		v.Picture = picture(o.Lines[0].Photo, "")
	}
	return v
}

func lineTitle(r tongue.Reader, l order.Line) string {
	if r.Lang() == tongue.English && l.TitleEN != "" {
		return l.TitleEN
	}
	return l.Title
}

// orderRows are orders in a desk's list; other is who stands on the other side.
func orderRows(r tongue.Reader, orders []order.Order, other func(order.Order) string) []page.OrderRow {
	var rows []page.OrderRow
	for _, o := range orders {
		row := page.OrderRow{
			Href: part.OrderWay(marketText(o.Market), o.ID.String()), Number: o.Number, Other: other(o), State: string(o.State),
			Sum: o.Total, Currency: o.Currency, At: o.PlacedAt, Due: moment(o.Until(r.Now())), More: max(len(o.Lines)-1, 0),
		}
		if len(o.Lines) > 0 {
			row.Title = lineTitle(r, o.Lines[0])
			row.Picture = picture(o.Lines[0].Photo, "")
		}
		rows = append(rows, row)
	}
	return rows
}

// sheetOf are the orders of a sheet to print: those named in the address, else
// all that wait in these states, the most urgent first.
func (d *desk) sheetOf(c *fiber.Ctx, s seat, states ...order.State) ([]order.Order, map[id.ID]order.Address, error) {
	var all []order.Order
	var err error
	if named := c.Context().QueryArgs().PeekMulti("order"); len(named) > 0 {
		texts := make([]string, len(named))
		for i, n := range named {
			texts[i] = string(n)
		}
		all, err = d.ticked(c, s, texts)
	} else {
		last := id.None
		for len(all) < mostOrders {
			var more []order.Order
			more, err = d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Seller: s.grower.ID, States: states, After: last, N: 100})
			all = append(all, more...)
			if err != nil || len(more) < 100 {
				break
			}
			last = more[len(more)-1].ID
		}
	}
	if err != nil {
		return nil, nil, err
	}
	now := d.DB.Now()
	slices.SortStableFunc(all, func(a, b order.Order) int {
		return cmp.Or(moment(a.Until(now)).Compare(moment(b.Until(now))), strings.Compare(a.Number, b.Number))
	})
	to, err := d.Orders.Addresses(c.UserContext(), s.m.ID, ids(all))
	return all, to, err
}

// orderCode is what the square code of an order opens: its page.
func orderCode(c *fiber.Ctx, f part.Frame, s seat, o order.Order) string {
	return strings.TrimSuffix(cmp.Or(f.Host, c.BaseURL()), "/") + part.OrderWay(s.m.Code, o.ID.String())
}

// packingList is what to take out of the barn, and each order to weigh, by the
// day it must be ready.
func (d *desk) packingList(c *fiber.Ctx, s seat) error {
	all, to, err := d.sheetOf(c, s, order.Accepted)
	if err != nil {
		return err
	}
	waits, err := d.pointsOf(c, s, all)
	if err != nil {
		return err
	}
	due, err := d.Orders.CashDue(c.UserContext(), s.m.ID, ids(all))
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		v := page.Packing{Frame: f, Name: s.grower.Name, Place: village(f.Reader, s.grower.RegionName, s.grower.RegionEN, s.grower.Village), Count: len(all), LabelsHref: s.way(part.LabelsWay)}
		for _, o := range all {
			day := dayOf(moment(o.Until(f.Reader.Now())), s.m.Location())
			if n := len(v.Days); n == 0 || !v.Days[n-1].Day.Equal(day) {
				v.Days = append(v.Days, page.PackDay{Day: day})
			}
			v.Days[len(v.Days)-1].Add(packOrder(c, f, s, o, to[o.ID], waits[o.ID.String()], due[o.ID]))
		}
		return v.View()
	})
}

func dayOf(t time.Time, place *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	y, m, d := t.In(place).Date()
	return time.Date(y, m, d, 12, 0, 0, 0, place)
}

func packOrder(c *fiber.Ctx, f part.Frame, s seat, o order.Order, to order.Address, waits string, due int64) page.PackOrder {
	v := page.PackOrder{Number: o.Number, Href: part.MoveWay(marketText(o.Market), o.ID.String(), "pack"), Buyer: buyerName(f.Reader, to), Phone: to.Phone,
		Address: to.Place(), Note: to.Note, Place: to.Region, Pickup: waits, Due: moment(o.Until(f.Reader.Now())), Code: orderCode(c, f, s, o)}
	if due > 0 {
		v.Cash = f.T("labels.cash", "sum", f.Reader.Money(due, o.Currency))
	}
	if o.State != order.Accepted {
		v.Href = part.OrderWay(marketText(o.Market), o.ID.String())
	}
	for _, l := range o.Lines {
		if l.Taken() == 0 {
			continue
		}
		low, high := between(l)
		line := page.PackLine{ID: lineNo(l), Title: lineTitle(f.Reader, l), Unit: l.Unit, Ordered: l.Taken(), Low: low, High: high, Price: l.Price, Packed: -1}
		if l.Listing != nil {
			line.Goods = l.Listing.String()
		}
		if l.Packed != nil {
			line.Packed = *l.Packed
		}
		v.Lines = append(v.Lines, line)
	}
	return v
}

// labels are one for each parcel, with a square code that opens its order. Of an
// order that goes in several, each that was handed over has one when the order is
// named, and what is still to send has one.
func (d *desk) labels(c *fiber.Ctx, s seat) error {
	all, to, err := d.sheetOf(c, s, order.Accepted, order.Packed)
	if err != nil {
		return err
	}
	named := len(c.Context().QueryArgs().PeekMulti("order")) > 0
	if !named { // what of the newest that are on their way is still to send
		going, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Seller: s.grower.ID, States: []order.State{order.Shipped}, N: 100})
		if err != nil {
			return err
		}
		at, err := d.Orders.Addresses(c.UserContext(), s.m.ID, ids(going))
		if err != nil {
			return err
		}
		if to == nil {
			to = at
		}
		maps.Copy(to, at)
		all = append(all, going...)
	}
	waits, err := d.pointsOf(c, s, all)
	if err != nil {
		return err
	}
	sent, err := d.Orders.Sent(c.UserContext(), s.m.ID, all)
	if err != nil {
		return err
	}
	due, err := d.Orders.CashDue(c.UserContext(), s.m.ID, ids(all))
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		v := page.Labels{Frame: f, Sender: s.grower.Name, From: s.grower.RegionName + s.grower.Village, PackingHref: s.way(part.PackingWay)}
		for _, o := range all {
			v.Parcels = append(v.Parcels, parcelLabels(f.Reader, packOrder(c, f, s, o, to[o.ID], waits[o.ID.String()], due[o.ID]), o, sent[o.ID], named)...)
		}
		return v.View()
	})
}

// parcelLabels are the labels of one order.
func parcelLabels(r tongue.Reader, whole page.PackOrder, o order.Order, sent []order.Shipment, named bool) []page.PackOrder {
	rest := o.Unsent(sent)
	if len(sent) == 0 || len(sent) == 1 && len(rest) == 0 {
		if len(sent) == 0 || named {
			return []page.PackOrder{whole}
		}
		return nil // it is on its way
	}
	of := len(sent)
	if len(rest) > 0 {
		of++
	}
	var all []page.PackOrder
	add := func(n int, holds map[int]int64, carried string) {
		one := whole
		one.Parcel, one.Carried, one.Lines = r.T("labels.parcel", "n", n, "of", of), carried, nil
		for _, l := range whole.Lines {
			if no, _ := strconv.Atoi(l.ID); holds[no] > 0 {
				l.Packed = holds[no]
				one.Lines = append(one.Lines, l)
			}
		}
		all = append(all, one)
	}
	for i, p := range sent {
		if named && p.State != order.ParcelLost {
			add(i+1, p.Lines, strings.TrimSpace(carrier(r, p.Carrier)+" "+p.Number))
		}
	}
	if len(rest) > 0 {
		add(of, rest, "")
	}
	return all
}
