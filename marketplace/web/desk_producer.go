package web

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// growing mounts the producer's desk: the producer themselves, or an operator
// of the market, or a clerk of where they live, who acts for somebody (?producer=).
func (d *desk) growing(g fiber.Router) {
	g.Get("/producer", d.seated(d.growerSeat, d.producerDesk))
	g.Get("/producer/orders", d.seated(d.growerSeat, d.producerOrders))
	g.Post("/producer/orders", d.seated(d.growerSeat, d.acceptSome))
	g.Get("/producer/packing", d.seated(d.growerSeat, d.packingList))
	g.Get("/producer/labels", d.seated(d.growerSeat, d.labels))
	g.Get("/producer/income", d.seated(d.growerSeat, d.producerIncomePage))
	g.Get("/producer/messages", d.seated(d.growerSeat, d.producerTalks))
	g.Get("/producer/returns", d.seated(d.growerSeat, d.producerReturns))
	g.Get("/producer/terms", d.seated(d.growerSeat, d.termsOf))
	g.Post("/producer/terms", d.seated(d.growerSeat, d.setTerms))
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

// theirMove are the states in which an order waits for its seller.
var theirMove = []order.State{order.Secured, order.Accepted, order.Packed}

// glance is how many of the goods the first page shows.
const glance = 8

// showProducer is the first page of the desk: what needs the producer now, how
// much there is, where the money is.
func (d *desk) showProducer(c *fiber.Ctx, s seat, status int, bank part.Form) error {
	waiting, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Seller: s.grower.ID, States: theirMove, N: 100})
	if err != nil {
		return err
	}
	now := d.DB.Now()
	slices.SortStableFunc(waiting, func(a, b order.Order) int { return moment(a.Until(now)).Compare(moment(b.Until(now))) })
	to, err := d.Orders.Addresses(c.UserContext(), s.m.ID, ids(waiting))
	if err != nil {
		return err
	}
	in, err := d.producerIncome(c, s)
	if err != nil {
		return err
	}
	written, err := d.unread(c, s, talk.Filter{Seller: s.grower.ID})
	if err != nil {
		return err
	}
	asked, err := d.complaints(c, s)
	if err != nil {
		return err
	}
	back, err := d.givenBackTo(c, s, s.grower.ID)
	if err != nil {
		return err
	}
	goods, err := d.goods(c, s, id.None, glance)
	if err != nil {
		return err
	}
	own, err := d.ownHand(c, s)
	if err != nil {
		return err
	}
	return d.show(c, s, status, s.around(), func(f part.Frame) templ.Component {
		v := page.ProducerDesk{Frame: f, Talks: written, TalksHref: s.way(part.ProducerTalksWay), Returns: back, ReturnsHref: s.way(part.ProducerReturnsWay), Name: s.grower.Name, Income: in, Currency: s.m.Currency, PackingHref: s.way(part.PackingWay), LabelsHref: s.way(part.LabelsWay),
			OrdersHref: s.way(part.ProducerOrdersWay), NewHref: s.way(part.ProducerOrdersWay, "state", "new")}
		if !s.acting {
			v.CashHref = ownCashWay
		}
		v.Hand = own
		if v.Disputes = int64(len(asked)); len(asked) > 0 {
			v.DisputeHref = part.DisputeWay(s.number(), asked[0].Order.String())
			if asked[0].AnswerBy.After(d.DB.Now()) {
				v.DisputeDue = asked[0].AnswerBy
			}
		}
		for _, o := range waiting {
			v.Waiting = append(v.Waiting, deskOrder(f.Reader, o, to[o.ID]))
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
