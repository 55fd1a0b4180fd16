package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/attribution"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/id"
)

// around are the people of an order.
type folk struct {
	seller producer.Producer
	agent  agents.Agent
	names  map[id.ID]string
}

func (w *Web) folk(ctx context.Context, s order.Story) (folk, error) {
	var f folk
	var err error
	if f.seller, err = w.seller(ctx, s.Order); err != nil {
		return f, err
	}
	who := []id.ID{s.Buyer}
	for _, step := range s.History {
		who = append(who, step.By)
	}
	err = w.DB.ViewShared(ctx, func(tx *storage.Tx) error {
		var err error
		if f.names, err = people.Names(tx, who...); err != nil || s.Agent == nil {
			return err
		}
		f.agent, err = agents.Find(tx, *s.Agent)
		return err
	})
	delete(f.names, people.System.ID)
	return f, err
}

// showOrder is the page of one order; form is the move that was refused.
func (w *Web) showOrder(c *fiber.Ctx, l looking, status int, form part.Form) error {
	f, err := w.frame(c, l.m)
	if err != nil {
		return err
	}
	who, err := w.folk(c.UserContext(), l.story)
	if err != nil {
		return err
	}
	v := orderPage(f, l, who)
	if refundable(l.story.Order) && l.is(order.AsSeller) && !l.is(order.AsOperator) {
		own := page.SellerRefund{Frame: f, Currency: l.story.Currency, Form: part.Form{Action: part.MoveWay(v.Market, v.ID, "refund"), Key: newKey(), ID: "refund-"}}
		if form.Action == "refund" {
			own.Form.Values, own.Form.Faults, own.Form.Whole = form.Values, form.Faults, form.Whole
			form = part.Form{}
		}
		own.Lines = refundOrder(f.Reader, l.story, "").Lines
		if len(own.Lines) > 0 {
			v.Frame.After = own.View()
		}
	}
	v.Form = form
	if v.Dispute, err = w.complained(c, l); err != nil {
		return err
	}
	if v.Return, err = w.returned(c, l); err != nil {
		return err
	}
	if v.Dispute == "open" || v.Return == "open" {
		v.May.Confirm = false // it would be refused until that ends
	}
	if v.Dispute == "open" && v.Return == "may" || v.Dispute == "may" && v.Return == "open" {
		v.Dispute, v.Return = only(v.Dispute), only(v.Return) // one at a time
	}
	if l.several() && l.is(order.AsSeller) {
		v.LabelsHref = link(part.LabelsWay, "market", marketText(l.m.ID), "order", l.story.ID.String())
	}
	if err := w.pickupOf(c.UserContext(), l, &v); err != nil {
		return err
	}
	if v.Papers, err = w.paperRows(c, l); err != nil {
		return err
	}
	if v.Talk, err = w.talked(c, l); err != nil {
		return err
	}
	if l.is(order.AsBuyer) && f.Person == "" {
		if v.ClaimCode, err = w.Orders.ClaimCode(c.UserContext(), l.story.Order); err != nil {
			return err
		}
	}
	return w.render(c, status, v.View())
}

// only leaves out what cannot be begun beside something open.
func only(what string) string {
	if what == "open" {
		return what
	}
	return ""
}

func (l looking) is(party order.Party) bool { return slices.Contains(l.as, party) }

func orderPage(f part.Frame, l looking, who folk) page.Order {
	s, r := l.story, f.Reader
	v := page.Order{
		Frame: f, Market: l.m.Code, ID: s.ID.String(), Number: s.Number, As: page.AsOther, State: string(s.State), Way: cmp.Or(ways[s.Way], s.Way),
		Due: moment(s.DueAt), Why: whyEnded(s, who.seller), Currency: s.Currency, MadeAt: s.PlacedAt, May: l.may(r.Now()), Keys: map[string]string{},
		Seller: page.Someone{Name: either(r, who.seller.Name, who.seller.NameEN), Note: either(r, who.seller.RegionName, who.seller.RegionEN)},
		Agent:  page.Someone{Name: who.agent.Name},
	}
	switch l.party {
	case order.AsBuyer:
		v.As = page.AsBuyer
	case order.AsSeller, door.AsClerk:
		v.As = page.AsSeller
	}
	if s.State == order.Placed {
		v.Due = s.Paid.ExpiresAt
	}
	if s.State == order.Accepted || s.State == order.Packed {
		v.SendBy, v.Late = moment(s.SendBy()), s.Overdue(r.Now())
	}
	v.Asked = s.InHand() && s.Asked()
	v.Buyer = page.Someone{Name: cmp.Or(who.names[s.Buyer], r.T("order.the_buyer"))}
	if s.DeliverTo != nil {
		v.Buyer = page.Someone{Name: s.DeliverTo.Name, Note: s.DeliverTo.Region}
		v.Address, v.Note, v.Phone = s.DeliverTo.Place(), s.DeliverTo.Note, s.DeliverTo.Phone
	}
	if (l.party == door.AsAgent || l.party == door.AsFinder) && !l.is(door.AsHand) {
		if who.names[s.Buyer] != "" { // a buyer is not theirs to know
			v.Buyer.Name = masked(v.Buyer.Name)
		}
		who.names[s.Buyer] = v.Buyer.Name
	} else if who.names[s.Buyer] == "" {
		who.names[s.Buyer] = v.Buyer.Name // a guest
	}
	for _, move := range []string{"accept", "decline", "cancel", "ask", "confirm", "deliver", "arrive", "lost", "returned", "pickup", "ready", "collect", "cash"} {
		v.Keys[move] = newKey()
	}
	fillSums(&v, s)
	cashOf(&v, l)
	for _, step := range slices.Backward(s.History) {
		change := page.Change{At: step.At, To: string(step.To), Who: who.names[step.By]}
		if step.From == step.To { // it is called in, or was refused, and stays promised
			change.To = step.Why
		} else if step.By != people.System.ID {
			change.Note = step.Why
		}
		v.History = append(v.History, change)
	}
	for _, p := range s.Shipments {
		one := page.Shipment{ID: p.ID.String(), State: p.State, Why: p.Why, Carrier: carrier(r, p.Carrier), Number: p.Number, At: p.At}
		if l.several() {
			one.What = l.holds(r, p)
		}
		v.Shipments = append(v.Shipments, one)
	}
	return v
}

// masked leaves the first character of a name.
func masked(name string) string {
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "**"
}

// carrier writes a carrier's code as the reader knows it; other words stay.
func carrier(r tongue.Reader, code string) string {
	if key := "carrier." + code; tongue.Has(key) {
		return r.T(key)
	}
	return code
}

// fillSums brings lines, charges, refunds and shares to the page. What was
// taken off because less was packed stands at its line; what a cancel gave
// back stands among the refunds, so that the page still says what it was.
func fillSums(v *page.Order, s order.Story) {
	r := v.Frame.Reader
	short := map[int]int64{}
	for _, c := range s.Charges {
		switch {
		case (c.Label == "weight" || c.Label == "part") && c.Line != nil:
			short[*c.Line] -= c.Amount
		case c.Label == "cancel":
		case c.Label == attribution.SelfDealing:
			v.SelfDealt = true
		case c.FromStart() || c.Label == "part" || c.Label == "lost" || c.Label == "returned" || c.Label == "return":
			v.Charge(r.T(chargeWord(c)), c.Amount)
		default:
			label := r.T("history.refunded")
			if c.Reason != "" {
				label += r.T("word.colon") + why(r, c.Reason)
			}
			v.Charges = append(v.Charges, page.Charge{Label: label, Minor: c.Amount})
			v.Total += c.Amount
		}
	}
	for _, l := range s.Lines {
		line := page.OrderLine{ID: lineNo(l), Part: l.Accepted != nil, Taken: l.Taken(), Title: lineTitle(r, l), Unit: l.Unit, Price: l.Price, Ordered: l.Quantity, Packed: -1,
			Minor: l.Total - short[l.No], Refunded: short[l.No]}
		line.Picture = picture(l.Photo, line.Title)
		if l.Listing != nil {
			line.Href = part.ListingWay(v.Market, l.Listing.String())
		}
		if l.Packed != nil {
			line.Packed = *l.Packed
		}
		v.Lines = append(v.Lines, line)
		v.Goods += line.Minor
	}
	v.Total += v.Goods
	v.Covered = s.CoveredBy != nil
	if s.SecuredAt != nil && !v.Covered {
		v.Paid = s.Total
	}
	if s.State != order.Cancelled && s.State != order.Expired {
		v.Parts = parts(s.Parts())
	}
	for _, f := range s.Refunds {
		v.Refunds = append(v.Refunds, page.Refund{At: f.CreatedAt, Minor: f.Amount, Why: whyBack(f), Done: f.State == payment.RefundSucceeded})
	}
}

// chargeWord says what a charge is; of a discount also whose it is.
func chargeWord(c order.Charge) string {
	if c.Label == order.Discount && c.Market != 0 {
		return "charge.discount_market"
	}
	return "charge." + c.Label
}

// whyBack is the page's word for a refund, from its cause.
func whyBack(f payment.Refund) string {
	_, deed, _ := strings.Cut(strings.TrimPrefix(f.Cause, "order:"), ":")
	switch {
	case deed == "pack":
		return "weight"
	case deed == "part":
		return "part"
	case deed == "unsent", strings.HasPrefix(deed, "lost:"):
		return "lost"
	case strings.HasPrefix(deed, "returned:"):
		return "returned"
	case strings.HasPrefix(deed, "return:"):
		return "return"
	case deed == "cancel":
		return "cancelled"
	case f.Reason == order.ByPickup:
		return "pickup"
	case strings.HasPrefix(f.Cause, "late:"):
		return "late"
	}
	return "" // the charge beside it says why, in the words of who refunded
}

// whyEnded is the page's word for how a cancelled order came to its end.
func whyEnded(s order.Story, seller producer.Producer) string {
	if s.State != order.Cancelled || len(s.History) == 0 {
		return ""
	}
	end := s.History[len(s.History)-1]
	switch {
	case end.From == order.Shipped && end.Why == "returned":
		return "returned"
	case end.By == s.Buyer && (end.From == order.Accepted || end.From == order.Packed):
		return "overdue"
	case end.By == s.Buyer:
		return "buyer"
	case end.By == people.System.ID && end.From == order.Secured:
		return "silent"
	case end.By == people.System.ID:
		return "late"
	case seller.PersonID != id.None && end.By == seller.PersonID:
		return "declined"
	case end.From == order.Shipped:
		return "lost"
	}
	return "operator"
}

// several says whether an order goes in more than one parcel.
func (l looking) several() bool {
	return len(l.story.Shipments) > 1 || len(l.story.Shipments) == 1 && len(l.story.Unsent(l.story.Shipments)) > 0
}

// holds says what is in a parcel.
func (l looking) holds(r tongue.Reader, p order.Shipment) string {
	var words []string
	for _, line := range l.story.Lines {
		if n := p.Lines[line.No]; n > 0 {
			words = append(words, lineTitle(r, line)+" "+r.Quantity(n, line.Unit))
		}
	}
	return strings.Join(words, r.T("word.comma"))
}

// may is what the visitor may do now.
func (l looking) may(now time.Time) page.Moves {
	s := l.story
	can := func(party order.Party, to order.State) bool {
		return l.is(party) && slices.Contains(door.Moves(s, party, now), to)
	}
	sells := func(to order.State) bool {
		return can(order.AsSeller, to) || can(door.AsClerk, to) || can(order.AsOperator, to)
	}
	m := page.Moves{
		Accept: sells(order.Accepted), Pack: sells(order.Packed), Ship: sells(order.Shipped),
		Decline: can(order.AsSeller, order.Cancelled),
		Cancel:  can(order.AsBuyer, order.Cancelled) || can(order.AsOperator, order.Cancelled),
		Deliver: can(order.AsBuyer, order.Delivered) || can(order.AsOperator, order.Delivered),
		Confirm: can(order.AsBuyer, order.Completed),
		Refund:  l.is(order.AsOperator) && refundable(s.Order),
		Again:   l.is(order.AsBuyer) && !s.State.Waits(),
		Ask:     l.is(order.AsBuyer) && s.MayAsk(now),
	}
	if s.Pickup != nil {
		m.Ready, m.Ship = m.Ship, false
		m.Collect = s.State == order.Shipped && (l.is(order.AsSeller) || l.is(door.AsClerk) || l.is(order.AsOperator))
		m.Deliver = m.Deliver && !l.is(order.AsOperator)
	}
	if s.State == order.Shipped && l.several() {
		m.Ship = len(s.Unsent(s.Shipments)) > 0 && (l.is(order.AsSeller) || l.is(door.AsClerk) || l.is(order.AsOperator))
		m.Arrive = m.Deliver
		m.Deliver = m.Deliver && len(s.Unsent(s.Shipments)) == 0
	}
	m.Lost = s.State == order.Shipped && l.is(order.AsOperator)
	m.Returned = s.State == order.Shipped && (l.is(order.AsOperator) || l.is(order.AsSeller))
	if s.Paid.Promise == payment.PromiseCalled || s.Paid.Promise == payment.PromiseRefused && l.is(order.AsBuyer) {
		m.Cancel = m.Cancel && s.State != order.Promised
	}
	if l.is(order.AsBuyer) && s.Paid.State == payment.Open && (s.State == order.Placed || s.Paid.Promise == payment.PromiseRefused) {
		m.Pay, m.PayHref = true, part.PayWay(l.home.Code, s.Payment.String())
	}
	return m
}
