package web

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// givingBack mounts what a buyer gives back without a complaint, on its order's page.
func (w *Web) givingBack(app fiber.Router) {
	app.Get("/orders/:market/:id/return", w.givenBack)
	app.Post("/orders/:market/:id/return", w.askReturn)
	app.Post("/orders/:market/:id/return/:return/:deed", w.returnDeed)
}

// counter is an order with its returns and who looks at them.
type counter struct {
	concern

	all []returns.Return
}

func (k counter) way() string { return part.ReturnWay(k.m.Code, k.story.ID.String()) }

func (w *Web) counter(c *fiber.Ctx) (counter, error) {
	of, err := w.concern(c)
	if err != nil {
		return counter{}, err
	}
	all, err := w.Returns.Of(c.UserContext(), of.story.Ref())
	return counter{of, all}, err
}

func (w *Web) givenBack(c *fiber.Ctx) error {
	k, err := w.counter(c)
	if err != nil {
		return err
	}
	return w.showReturn(c, k, fiber.StatusOK, "", part.Form{})
}

// showReturn shows the page; form is what was refused of one deed.
func (w *Web) showReturn(c *fiber.Ctx, k counter, status int, deed string, form part.Form) error {
	f, err := w.frame(c, k.m)
	if err != nil {
		return err
	}
	now, ctx := w.DB.Now(), c.UserContext()
	v := page.Return{Frame: f, Market: k.m.Code, ID: k.story.ID.String(), Number: k.story.Number, As: string(k.side()), Currency: k.story.Currency}
	going := len(k.all) > 0 && k.all[0].Open()
	if k.side() == order.AsBuyer && !going {
		lines, err := w.Returns.Returnable(ctx, k.story.Ref(), k.all)
		if err != nil {
			return err
		}
		v.Lines = returnLines(f.Reader, lines, now)
		v.May = slices.ContainsFunc(lines, func(l returns.Left) bool { return l.May(now) })
		if v.Stops, err = w.complained(c, looking{story: k.story, party: order.AsBuyer}); err != nil {
			return err
		}
	}
	for _, b := range k.all {
		v.Cases = append(v.Cases, returnCase(f.Reader, k, b))
	}
	if going && v.Cases[0].May[returns.DeedApprove] {
		if v.To, err = w.whereTo(c, k); err != nil {
			return err
		}
	}
	for _, code := range carriers {
		v.Carriers = append(v.Carriers, part.Option{Value: code, Label: carrier(f.Reader, code)})
	}
	var newest id.ID
	if len(k.all) > 0 {
		newest = k.all[0].ID
	}
	v.Forms = forms(k.way(), newest, "ask", returns.Deeds, deed, form)
	return w.render(c, status, v.View())
}

// whereTo is where goods are sent back to, before the seller says so: where they let
// them be picked up.
func (w *Web) whereTo(c *fiber.Ctx, k counter) (string, error) {
	at, err := w.Orders.Point(c.UserContext(), k.story.Order)
	if err != nil || at == nil {
		return "", err
	}
	return strings.TrimSpace(at.Name + " " + at.Address), nil
}

func returnLines(r tongue.Reader, lines []returns.Left, now time.Time) []page.ReturnLine {
	var all []page.ReturnLine
	for _, l := range lines {
		one := page.ReturnLine{ID: "back." + lineNo(l.Line), Title: lineTitle(r, l.Line), Unit: l.Line.Unit, Has: l.Has, Sum: l.Line.Back(), Until: l.Until}
		switch {
		case l.May(now):
		case l.Until.IsZero():
			one.Why = "fresh"
		case l.Refused:
			one.Why = "decided"
		case l.Has <= 0 || l.Line.Back() == 0:
			one.Why = "nothing"
		default:
			one.Why = "late"
		}
		all = append(all, one)
	}
	return all
}

func returnCase(r tongue.Reader, k counter, b returns.Return) page.ReturnCase {
	v := page.ReturnCase{State: string(b.State), Turn: string(b.Turn()), Due: moment(b.DueAt), At: b.AskedAt, Text: b.Text, Objection: b.Objection, Pays: b.Pays, To: b.To,
		Number: b.Number, Fate: b.Fate, Why: b.Why, Back: b.Back, Came: b.CameAt != nil, Sent: b.SentAt != nil, Approved: b.ApprovedAt != nil, May: door.Returning(b, k.as)}
	v.Seller = k.is(order.AsSeller)
	v.Clerk = !v.Seller && !k.is(order.AsOperator)
	if b.Carrier != "" {
		v.Carrier = carrier(r, b.Carrier)
	}
	for _, l := range k.story.Lines {
		if n := b.Lines[l.No]; n > 0 {
			v.Lines = append(v.Lines, lineTitle(r, l)+r.T("word.comma")+r.Both(n, l.Unit))
		}
	}
	for _, key := range b.Photos {
		v.Photos = append(v.Photos, part.Picture{URL: part.EvidenceWay(k.m.Code, k.story.ID.String(), strings.TrimPrefix(key, "evidence/"), "1200.jpg")})
	}
	return v
}

// returned says of an order's page what there is to its returns: one is open, there
// was one, the buyer may begin one. Only its sides are told.
func (w *Web) returned(c *fiber.Ctx, l looking) (string, error) {
	if l.party == door.AsAgent || l.party == door.AsFinder || l.party == door.AsHand || l.story.State != order.Delivered && l.story.State != order.Completed {
		return "", nil
	}
	all, err := w.Returns.Of(c.UserContext(), l.story.Ref())
	if err != nil {
		return "", err
	}
	if len(all) > 0 && all[0].Open() {
		return "open", nil
	}
	if l.party == order.AsBuyer {
		lines, err := w.Returns.Returnable(c.UserContext(), l.story.Ref(), all)
		if err != nil {
			return "", err
		}
		now := w.DB.Now()
		if slices.ContainsFunc(lines, func(one returns.Left) bool { return one.May(now) }) {
			return "may", nil
		}
	}
	if len(all) > 0 {
		return "past", nil
	}
	return "", nil
}

// askReturn begins a return.
func (w *Web) askReturn(c *fiber.Ctx) error {
	k, err := w.counter(c)
	if err != nil {
		return err
	}
	by, _, err := w.Giver(c.UserContext(), k.p, k.story.Ref(), "ask")
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	lines, err := givingLines(k.story.Lines, form)
	if err == nil {
		said, key, e := w.evident(c, k.p.ID, form, "return")
		if err = e; err == nil {
			_, err = w.Returns.Ask(c.UserContext(), key, by, k.story.Ref(), returns.Wish{Lines: lines, Text: said.Text, Photos: said.Photos})
		}
	}
	return w.gaveBack(c, k, "ask", form, err)
}

// givingLines reads how much of each line goes back; an empty field is nothing.
func givingLines(lines []order.Line, form typedForm) (map[int]int64, error) {
	give := map[int]int64{}
	var wrong []error
	for _, l := range lines {
		field := "back." + lineNo(l)
		text := form[field]
		if text == "" || nothing(text) {
			continue
		}
		n, err := base(field, text, unitOf(l), false)
		wrong = append(wrong, err)
		give[l.No] = n
	}
	return give, fault.All(wrong...)
}

// returnDeed does one deed of a return.
func (w *Web) returnDeed(c *fiber.Ctx) error {
	k, err := w.counter(c)
	if err != nil {
		return err
	}
	name, err := row(c.Params("return"))
	if err != nil {
		return err
	}
	deed, ctx := c.Params("deed"), c.UserContext()
	if !slices.Contains(returns.Deeds, deed) {
		return fault.NotFound("not_found")
	}
	form := typedForm(typed(c))
	form.trim()
	ref := returns.Ref{Order: k.story.Ref(), ID: name}
	by, gives, err := w.Giver(ctx, k.p, ref.Order, deed)
	if err != nil {
		return err
	}
	switch {
	case deed == returns.DeedApprove:
		err = w.Returns.Approve(ctx, by, ref, returns.Answer{To: form["to"], Pays: form["pays"]})
	case deed == returns.DeedRefuse:
		err = w.Returns.Refuse(ctx, by, ref, form["why"])
	case deed == returns.DeedCall:
		err = w.Returns.Call(ctx, by, ref)
	case deed == returns.DeedSend:
		err = w.Returns.Send(ctx, by, ref, form["carrier"], form["number"])
	case deed == returns.DeedWithdraw:
		err = w.Returns.Withdraw(ctx, by, ref)
	case gives:
		err = w.Returns.Receive(ctx, by, ref, form["goods"])
	default:
		err = w.Returns.Seen(ctx, by, ref, form["goods"])
	}
	return w.gaveBack(c, k, deed, form, err)
}

// gaveBack leads back to the page, or shows it with what was refused.
func (w *Web) gaveBack(c *fiber.Ctx, k counter, deed string, form typedForm, err error) error {
	err = on(err, map[string]string{"photos": "photo", "lines": ""})
	return w.afterDeed(c, k.concern, k.way(), "return_done."+deed, form, err, func(status int, refused part.Form) error {
		if again, e := w.counter(c); e == nil {
			k = again // it may have moved on meanwhile
		}
		return w.showReturn(c, k, status, deed, refused)
	})
}
