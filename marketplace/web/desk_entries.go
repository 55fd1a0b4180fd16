package web

import (
	"cmp"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// earned is what an agent's desk reads of the market.
type earned struct {
	tallies  map[string]commission.Tally
	months   []commission.Month
	expected int64
	entries  []commission.Entry
	names    ruleNames
	fates    fates
	tail     string // of the account
	noBank   bool
	holds    int64 // cash of the market in their hand
	handing  int   // payees whom they are to hand some of it
	collect  int   // orders that they are to collect for
}

// read reads what the first page of the desk says.
func (e *earned) read(tx *storage.Tx, a agents.MarketAgent, place *time.Location) (err error) {
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
	if e.fates, err = readFates(tx, a.PayeeID, nil); err != nil {
		return err
	}
	if e.tail, e.noBank, err = accountTail(tx, a.PayeeID); err != nil {
		return err
	}
	h, err := cash.Find(tx, a.PayeeID)
	if fault.Has(err, "cash_holder_unknown") {
		return nil
	}
	out, bad := payout.ToHandOver(tx, a.PayeeID)
	due, worse := order.ToCollect(tx, a.PayeeID)
	e.holds, e.handing, e.collect = h.Holds, len(out), len(due)
	return cmp.Or(err, bad, worse)
}

// list reads a piece of the agent's entries, and where all of them stand.
func (e *earned) list(tx *storage.Tx, a agents.MarketAgent, older id.ID) (err error) {
	if e.tallies, err = commission.Tallies(tx, a.AgentID); err != nil {
		return err
	}
	if e.entries, err = commission.OfAgent(tx, a.AgentID, older, pageOf); err != nil {
		return err
	}
	if e.names, err = readRules(tx); err != nil {
		return err
	}
	e.fates, err = readFates(tx, a.PayeeID, e.sales())
	return err
}

func (e *earned) sales() []id.ID {
	sales := make([]id.ID, len(e.entries))
	for i, one := range e.entries {
		sales[i] = one.Sale
	}
	return sales
}

// agentEntries lists every entry, each with order, rule, rate and base.
func (d *desk) agentEntries(c *fiber.Ctx, s seat) error {
	a, err := d.AgentOf(c.UserContext(), s.p, s.m.ID)
	if err != nil {
		return err
	}
	older, err := after(c)
	if err != nil {
		return err
	}
	var e earned
	if err := d.view(c, s, func(tx *storage.Tx) error { return e.list(tx, a, older) }); err != nil {
		return err
	}
	about, err := d.Orders.Some(c.UserContext(), s.m.ID, e.sales())
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.AgentEntries{Frame: f, Currency: s.m.Currency, States: e.states(), StatementsHref: s.way(part.AgentStatementsWay)}
		for _, one := range e.entries {
			v.Entries = append(v.Entries, e.on(f.Reader, one, about[one.Sale]))
		}
		if len(e.entries) == pageOf {
			v.Next = s.way(part.AgentEntriesWay, "after", e.entries[pageOf-1].ID.String()) + "#entries"
		}
		return v.View()
	})
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
	for _, key := range []string{"refund_why." + reason, "dispute.reason_" + reason, "state." + reason} {
		if reason != "" && tongue.Has(key) {
			return r.T(key)
		}
	}
	return reason
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
