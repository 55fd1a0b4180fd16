package web

import (
	"cmp"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/skip2/go-qrcode"

	"commonfield/agents"
	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// What an agent of such goods was reported to earn in a month, in minor units.
const (
	goalLow  = 3000_00
	goalHigh = 5000_00
)

// selling mounts the agent's desk: for whoever is an agent of the market, also
// one who still waits or is suspended.
func (d *desk) selling(g fiber.Router) {
	g.Get("/agent", d.seated(d.agentSeat, d.agentDesk))
	g.Get("/agent/qr.png", d.seated(d.agentSeat, d.agentQR))
	g.Get("/agent/commissions/:market/:id", d.seated(d.agentSeat, d.commission))
	d.statements(g, "/agent/statements", part.Agent, d.agentPayee, d.agentSeat)
}

func (d *desk) agentSeat(c *fiber.Ctx, p people.Person) (seat, error) {
	own, err := d.Agents.Standings(c.UserContext(), p.ID)
	if err != nil {
		return seat{p: p}, err
	}
	var have []int32
	for _, o := range own {
		have = append(have, o.Market)
	}
	return d.choose(c, p, have)
}

// agentPayee is in whose name the seat's agent is paid.
func (d *desk) agentPayee(c *fiber.Ctx, s seat) (id.ID, error) {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	return a.PayeeID, err
}

// shortLink is the whole address of an agent's link.
func shortLink(c *fiber.Ctx, host, code string) string {
	return strings.TrimSuffix(cmp.Or(host, c.BaseURL()), "/") + part.LinkWay(code)
}

func (d *desk) agentQR(c *fiber.Ctx, s seat) error {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return err
	}
	f, err := d.frame(c, s.m)
	if err != nil {
		return err
	}
	png, err := qrcode.Encode(shortLink(c, f.Host, a.Code), qrcode.Medium, 512)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	c.Set(fiber.HeaderCacheControl, "private, max-age=3600")
	return c.Send(png)
}

// earned is what an agent's desk reads of the market.
type earned struct {
	tallies  map[string]commission.Tally
	months   []commission.Month
	expected int64
	entries  []commission.Entry
	names    ruleNames
	fates    fates
	tail     string
	noBank   bool
}

func (d *desk) agentDesk(c *fiber.Ctx, s seat) error {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return err
	}
	older, err := after(c)
	if err != nil {
		return err
	}
	var e earned
	if err := d.view(c, s, func(tx *storage.Tx) error { return e.read(tx, a, older, s.m.Location()) }); err != nil {
		return err
	}
	sales := make([]id.ID, len(e.entries))
	for i, one := range e.entries {
		sales[i] = one.Sale
	}
	about, err := d.Orders.Some(c.UserContext(), s.m.ID, sales)
	if err != nil {
		return err
	}
	going, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Agent: a.AgentID,
		States: []order.State{order.Placed, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered}, N: 10})
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.AgentDesk{Frame: f, Name: a.Name, Place: s.m.Title(f.Reader.Lang()), State: a.State, Code: a.Code, Link: shortLink(c, f.Host, a.Code),
			Low: goalLow, High: goalHigh, Currency: s.m.Currency, Window: int64(attribution.Window / (24 * time.Hour)), NoBank: e.noBank, Expected: e.expected}
		v.Months, v.Earned = lastMonths(e.months, e.expected, f.Reader.Now().In(s.m.Location()))
		v.States = e.states()
		for _, one := range e.entries {
			v.Entries = append(v.Entries, e.on(f.Reader, one, about[one.Sale]))
		}
		if len(e.entries) == 20 {
			v.Next = s.way(part.AgentWay, "after", e.entries[19].ID.String()) + "#entries"
		}
		v.Orders = orderRows(f.Reader, going, func(o order.Order) string { return o.Number })
		return v.View()
	})
}

func (e *earned) read(tx *storage.Tx, a agents.MarketAgent, older id.ID, place *time.Location) (err error) {
	if e.tallies, err = commission.Tallies(tx, a.AgentID); err != nil {
		return err
	}
	if e.months, err = commission.Monthly(tx, a.AgentID, place); err != nil {
		return err
	}
	now := tx.Now.In(place)
	if e.expected, err = commission.Expected(tx, a.AgentID, time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, place)); err != nil {
		return err
	}
	if e.entries, err = commission.OfAgent(tx, a.AgentID, older, 20); err != nil {
		return err
	}
	if e.names, err = readRules(tx); err != nil {
		return err
	}
	sales := make([]id.ID, len(e.entries))
	for i, one := range e.entries {
		sales[i] = one.Sale
	}
	if e.fates, err = readFates(tx, a.PayeeID, sales); err != nil {
		return err
	}
	e.tail, e.noBank, err = accountTail(tx, a.PayeeID)
	return err
}

// fates says what became of an agent's payables: which payouts they are in, and
// how those stand.
type fates struct {
	payouts map[id.ID]payout.Payout
	parts   []payable.Part
	rows    map[string]payable.Entry // by cause
}

func readFates(tx *storage.Tx, payee id.ID, sales []id.ID) (fates, error) {
	w := fates{payouts: map[id.ID]payout.Payout{}, rows: map[string]payable.Entry{}}
	all, err := payout.OfPayee(tx, payee)
	if err != nil {
		return w, err
	}
	for _, p := range all {
		w.payouts[p.ID] = p
	}
	if w.parts, err = payable.Parts(tx, payee); err != nil {
		return w, err
	}
	rows, err := payable.OfSales(tx, payee, sales)
	for _, r := range rows {
		w.rows[r.Cause] = r
	}
	return w, err
}

// state of what is payable: still open, in a payout, or paid.
func (w fates) state(in id.ID) string {
	switch w.payouts[in].State {
	case payout.Draft, payout.Approved, payout.InTransit:
		return "reserved"
	case payout.Paid:
		return "paid"
	}
	return commission.Payable
}

// of is the state of one entry as people read it.
func (w fates) of(e commission.Entry) string {
	if e.State != commission.Payable {
		return e.State
	}
	cause := "commission:" + e.Sale.String()
	if r, there := w.rows["order:"+e.Sale.String()+":"+e.Cause]; e.Kind == "reversal" && there {
		return w.state(r.Payout)
	}
	return w.state(w.rows[cause].Payout)
}

// states is how much lies where, in the order of an entry's life.
func (e earned) states() []page.CommissionState {
	var out []page.CommissionState
	for _, name := range []string{commission.Estimated, commission.Earned, commission.Pending} {
		if t, there := e.tallies[name]; there {
			out = append(out, page.CommissionState{State: name, Count: t.Sales, Minor: t.Sum, Due: moment(t.Latest)})
		}
	}
	at := map[string]page.CommissionState{}
	for _, p := range e.fates.parts {
		name := e.fates.state(p.Payout)
		sum := at[name]
		at[name] = page.CommissionState{State: name, Count: sum.Count + p.Sales, Minor: sum.Minor + p.Sum}
	}
	for _, name := range []string{commission.Payable, "reserved", "paid"} {
		if sum, there := at[name]; there {
			out = append(out, sum)
		}
	}
	if t, there := e.tallies[commission.Voided]; there {
		out = append(out, page.CommissionState{State: commission.Voided, Count: t.Sales, Minor: t.Sum})
	}
	return out
}

func (e earned) on(r tongue.Reader, one commission.Entry, o order.Order) page.Entry {
	v := page.Entry{Number: o.Number, At: one.CreatedAt, State: e.fates.of(one), Kind: one.Kind, Base: one.Base, Rate: int64(one.RateBP),
		Minor: one.Amount, Rule: e.names.say(r, one), Due: moment(one.PayableAt), Why: why(r, one.Reason)}
	if o.ID != id.None {
		v.OrderHref = part.OrderWay(marketText(o.Market), o.ID.String())
	}
	for _, l := range o.Lines {
		if l.No == one.Line {
			v.Goods = lineTitle(r, l) + " " + r.Quantity(l.Quantity, l.Unit)
		}
	}
	return v
}

// why says a reason: the program's own as a sentence, a person's as it was written.
func why(r tongue.Reader, reason string) string {
	for _, key := range []string{"refund_why." + reason, "state." + reason} {
		if reason != "" && tongue.Has(key) {
			return r.T(key)
		}
	}
	return reason
}

// lastMonths gives six months up to now, those without sales too, and what the
// last one earned.
func lastMonths(have []commission.Month, expected int64, now time.Time) ([]part.Month, int64) {
	if len(have) == 0 && expected == 0 {
		return nil, 0
	}
	sums := map[string]int64{}
	for _, m := range have {
		sums[m.Month] = m.Amount
	}
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	var months []part.Month
	for back := 5; back >= 0; back-- {
		at := first.AddDate(0, -back, 0)
		months = append(months, part.Month{At: at, Minor: sums[at.Format("2006-01")]})
	}
	months[5].Expected = expected
	return months, months[5].Minor
}

// ruleNames says rules in words.
type ruleNames struct {
	rules      map[id.ID]commission.Rule
	categories map[string]catalog.Category
}

func readRules(tx *storage.Tx) (ruleNames, error) {
	n := ruleNames{rules: map[id.ID]commission.Rule{}, categories: map[string]catalog.Category{}}
	rules, err := commission.List(tx)
	if err != nil {
		return n, err
	}
	for _, r := range rules {
		n.rules[r.ID] = r
	}
	all, err := catalog.Categories(tx)
	for _, c := range all {
		n.categories[c.Code] = c
	}
	return n, err
}

// category is a category's name, or "everything".
func (n ruleNames) category(r tongue.Reader, code string) string {
	if c, there := n.categories[code]; there {
		return categoryName(r, c)
	}
	return cmp.Or(code, r.T("rates.any"))
}

func (n ruleNames) say(r tongue.Reader, e commission.Entry) string {
	rule := n.rules[e.Rule]
	return r.T("entry.rule_name", "category", n.category(r, rule.Category), "rate", r.Percent(int64(e.RateBP)), "day", r.Date(rule.From))
}

// commission explains one entry of the agent's own.
func (d *desk) commission(c *fiber.Ctx, s seat) error {
	name, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return err
	}
	var e earned
	var one commission.Entry
	var others []commission.Entry
	err = d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if one, err = commission.FindEntry(tx, name); err != nil {
			return err
		}
		if one.Agent != a.AgentID {
			return fault.NotFound("not_found")
		}
		all, err := commission.OfSale(tx, one.Sale)
		if err != nil {
			return err
		}
		for _, o := range all {
			if o.Line == one.Line && o.ID != one.ID && o.Agent == one.Agent {
				others = append(others, o)
			}
		}
		if e.names, err = readRules(tx); err != nil {
			return err
		}
		e.fates, err = readFates(tx, a.PayeeID, []id.ID{one.Sale})
		return err
	})
	if err != nil {
		return err
	}
	about, err := d.Orders.Some(c.UserContext(), s.m.ID, []id.ID{one.Sale})
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Commission{Frame: f, Entry: e.on(f.Reader, one, about[one.Sale]), Currency: s.m.Currency, Net: one.Amount}
		for _, o := range others {
			v.Others = append(v.Others, e.on(f.Reader, o, about[o.Sale]))
			v.Net += o.Amount
		}
		return v.View()
	})
}
