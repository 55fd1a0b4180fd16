package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// growing mounts the producer's desk: the producer themselves, or an operator
// of the market, or a clerk of where they live, who acts for somebody (?producer=).
func (d *desk) growing(g fiber.Router) {
	g.Get("/producer", d.seated(d.growerSeat, d.producerDesk))
	g.Post("/producer/bank", d.seated(d.growerSeat, d.bankOf))
	d.statements(g, "/producer/statements", part.Producer, func(_ *fiber.Ctx, s seat) (id.ID, error) { return s.grower.PayeeID, nil }, d.growerSeat)
	d.listings(g)
}

// growerSeat is a producer's own, or that of the one for whom an operator acts.
func (d *desk) growerSeat(c *fiber.Ctx, p people.Person) (seat, error) {
	if named := c.Query("producer"); named != "" {
		return d.actingSeat(c, p, named)
	}
	if s, found, err := d.remembered(c, p); found || err != nil {
		return s, err
	}
	own, err := d.Producers.Standings(c.UserContext(), p.ID)
	if err != nil {
		return seat{p: p}, err
	}
	var have []int32
	for _, o := range own {
		have = append(have, o.Market)
	}
	s, err := d.choose(c, p, have)
	if err != nil {
		return s, err
	}
	s.grower, err = d.ProducerOf(c.UserContext(), p, s.m.ID)
	return s, err
}

// remembered is the producer for whom an operator acted a moment ago: links of
// the desk that say no market lead back to them.
func (d *desk) remembered(c *fiber.Ctx, p people.Person) (seat, bool, error) {
	_, named, acting := strings.Cut(c.Cookies(deskCookie), ".")
	market, chosen, err := d.asked(c)
	if err != nil || chosen || !acting || market == 0 || !p.IsOperator(market) && len(p.Stations(market)) == 0 {
		return seat{p: p}, false, err
	}
	s, err := d.actingSeat(c, p, named)
	if fault.Has(err, "not_found") || fault.Has(err, "producer_unknown") || fault.Has(err, "forbidden") {
		return s, false, nil
	}
	return s, true, err
}

func (d *desk) actingSeat(c *fiber.Ctx, p people.Person, named string) (seat, error) {
	market, _, err := d.asked(c)
	if err != nil {
		return seat{p: p}, err
	}
	operates := p.IsOperator(market)
	if !operates && len(p.Stations(market)) == 0 {
		return seat{p: p}, fault.Forbidden("forbidden")
	}
	s, err := d.choose(c, p, []int32{market})
	if err != nil {
		return s, err
	}
	s.markets, s.acting, s.clerk = nil, true, !operates
	of, err := row(named)
	if err != nil {
		return s, err
	}
	if err := d.Grower(c.UserContext(), p, market, of); s.clerk && err != nil {
		return s, err
	}
	err = d.view(c, s, func(tx *storage.Tx) (err error) { s.grower, err = producer.Find(tx, of); return })
	if err == nil && c.Method() == fiber.MethodGet {
		d.Keep(c, deskCookie, s.number()+"."+of.String())
	}
	return s, err
}

// around says for whom an operator or a clerk acts.
func (s seat) around() page.Around {
	if !s.acting {
		return page.Around{}
	}
	leave := part.OperatorWay
	if s.clerk {
		leave = part.StationWay
	}
	return page.Around{Acting: s.grower.Name, Leave: seat{m: s.m}.way(leave)}
}

func (d *desk) producerDesk(c *fiber.Ctx, s seat) error {
	return d.showProducer(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showProducer(c *fiber.Ctx, s seat, status int, bank part.Form) error {
	waiting, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Seller: s.grower.ID,
		States: []order.State{order.Secured, order.Accepted, order.Packed}, N: 100})
	if err != nil {
		return err
	}
	slices.SortStableFunc(waiting, func(a, b order.Order) int { return moment(a.DueAt).Compare(moment(b.DueAt)) })
	older, err := after(c)
	if err != nil {
		return err
	}
	others, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Seller: s.grower.ID, After: older,
		States: []order.State{order.Placed, order.Shipped, order.Delivered, order.Completed, order.Cancelled, order.Expired}, N: 20})
	if err != nil {
		return err
	}
	to, err := d.Orders.Addresses(c.UserContext(), s.m.ID, ids(waiting, others))
	if err != nil {
		return err
	}
	in, err := d.producerIncome(c, s)
	if err != nil {
		return err
	}
	goods, err := d.goods(c, s)
	if err != nil {
		return err
	}
	return d.show(c, s, status, s.around(), func(f part.Frame) templ.Component {
		v := page.ProducerDesk{Frame: f, Name: s.grower.Name, Income: in, Currency: s.m.Currency}
		for _, o := range waiting {
			v.Waiting = append(v.Waiting, deskOrder(f.Reader, o, to[o.ID]))
		}
		v.Orders = orderRows(f.Reader, others, func(o order.Order) string { return buyerName(f.Reader, to[o.ID]) })
		if len(others) == 20 {
			v.Next = s.way(part.ProducerWay, "after", others[19].ID.String()) + "#orders"
		}
		for _, g := range goods {
			v.Goods = append(v.Goods, g.on(f.Reader, s))
		}
		if s.acting && !s.clerk {
			bank.Action, bank.Key = s.way(part.ProducerWay+"/bank"), newKey()
			v.Frame.After = page.BankOf{Frame: f, Tail: in.Tail, Form: bank}.View()
		}
		return v.View()
	})
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func ids(lists ...[]order.Order) []id.ID {
	var all []id.ID
	for _, list := range lists {
		for _, o := range list {
			all = append(all, o.ID)
		}
	}
	return all
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
	return page.DeskOrder{
		Market: marketText(o.Market), ID: o.ID.String(), Number: o.Number, Buyer: buyerName(r, to), Place: to.Region,
		Goods: strings.Join(goods, r.T("word.comma")), State: string(o.State), Mine: mine, Due: moment(o.DueAt), Key: newKey(),
	}
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
			Sum: o.Total, Currency: o.Currency, At: o.PlacedAt, Due: moment(o.DueAt), More: max(len(o.Lines)-1, 0),
		}
		if len(o.Lines) > 0 {
			row.Title = lineTitle(r, o.Lines[0])
			row.Picture = picture(o.Lines[0].Photo, "")
		}
		rows = append(rows, row)
	}
	return rows
}

// lying is a listing with what lies of it.
type lying struct {
	catalog.Listing
	stock.Lying
}

func (d *desk) goods(c *fiber.Ctx, s seat) ([]lying, error) {
	var all []lying
	err := d.view(c, s, func(tx *storage.Tx) error {
		listings, err := catalog.OfProducer(tx, s.grower.ID, id.None, 200)
		if err != nil {
			return err
		}
		names := make([]id.ID, len(listings))
		for i, l := range listings {
			names[i] = l.ID
		}
		there, err := stock.LyingOf(tx, names)
		all = make([]lying, len(listings))
		for i, l := range listings {
			all[i] = lying{l, there[l.ID]}
		}
		return err
	})
	return all, err
}

func (g lying) on(r tongue.Reader, s seat) page.DeskGoods {
	return page.DeskGoods{
		Href: part.ListingWay(marketText(g.Market), g.ID.String()), EditHref: s.way(part.EditListingWay(marketText(g.Market), g.ID.String())),
		Title: listingTitle(r, g.Listing), Unit: g.Unit, OnHand: g.OnHand, Reserved: g.Reserved, Price: g.PriceMinor, State: string(g.State),
	}
}

func listingTitle(r tongue.Reader, l catalog.Listing) string {
	if r.Lang() == tongue.English && l.TitleEN != "" {
		return l.TitleEN
	}
	return l.Title
}

// producerIncome says where a producer's money is.
func (d *desk) producerIncome(c *fiber.Ctx, s seat) (page.Income, error) {
	var in page.Income
	var err error
	if in.Held, err = d.Orders.HeldFor(c.UserContext(), s.m.ID, s.grower.ID); err != nil {
		return in, err
	}
	err = d.view(c, s, func(tx *storage.Tx) error {
		owed, debt := ledger.Owed(s.grower.PayeeID), ledger.Receivable(s.grower.PayeeID)
		have, err := ledger.Balance(tx, owed, debt)
		if err != nil {
			return err
		}
		in.Payable = have[owed] - have[debt]
		payouts, err := payout.OfPayee(tx, s.grower.PayeeID)
		if err != nil {
			return err
		}
		for _, p := range payouts {
			switch p.State {
			case payout.Approved, payout.InTransit:
				in.Sent += p.Amount
			case payout.Paid:
				in.Paid += p.Amount
			}
		}
		months, err := payable.Monthly(tx, s.grower.PayeeID, s.m.Location())
		if err != nil {
			return err
		}
		for _, m := range months[max(len(months)-6, 0):] {
			in.Months = append(in.Months, part.Month{At: month(m.Month, s.m.Location()), Minor: m.Amount})
		}
		in.Tail, in.NoBank, err = accountTail(tx, s.grower.PayeeID)
		return err
	})
	return in, err
}

// month reads "2026-11" in a place.
func month(text string, place *time.Location) time.Time {
	t, _ := time.ParseInLocation("2006-01", text, place)
	return t
}

// accountTail gives the last digits of a payee's account, or says that there is none.
func accountTail(tx *storage.Tx, payee id.ID) (string, bool, error) {
	a, err := payable.AccountOf(tx, payee)
	if fault.Has(err, "bank_account_missing") {
		return "", true, nil
	}
	return a.Tail, false, err
}

// bankOf writes down where an offline producer's money goes. A producer who
// signs in does it on their own page.
func (d *desk) bankOf(c *fiber.Ctx, s seat) error {
	if !s.acting || s.clerk || s.grower.PersonID != id.None {
		return fault.Forbidden("forbidden")
	}
	said := typed(c)
	err := payable.SetAccount(c.UserContext(), d.DB, s.m.ID, s.grower.PayeeID,
		payable.Account{Holder: said["holder"], Bank: said["bank"], Number: said["number"]}, d.Box, s.p.ID)
	if err == nil {
		return d.done(c, s.way(part.ProducerWay), "bank_saved")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showProducer(c, s, status, form)
}
