package web

import (
	"maps"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"commonfield/catalog"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/money"
	"commonfield/storage/once"
)

// reaches says to which state a move of the pages leads.
var reaches = map[string]order.State{
	"accept": order.Accepted, "decline": order.Cancelled, "cancel": order.Cancelled, "pack": order.Packed,
	"arrive": order.Delivered, "lost": order.Cancelled, "ship": order.Shipped, "deliver": order.Delivered, "confirm": order.Completed,
}

// move makes one move of an order. Pressing twice is pressing once; what is
// refused shows its page again with the sentence and what was typed.
func (w *Web) move(c *fiber.Ctx) error {
	name := c.Params("move")
	if pickups[name] {
		return w.pickup(c, name)
	}
	if name == "cash" {
		return w.takeCash(c)
	}
	if name == "ask" {
		return w.askCancel(c)
	}
	to, known := reaches[name]
	if !known && name != "refund" && name != "returned" {
		return fault.NotFound("not_found")
	}
	l, err := w.at(c)
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	way, word := part.OrderWay(l.m.Code, l.story.ID.String()), "history."+string(to)
	switch name {
	case "arrive", "lost", "returned":
		word = "desk_done.parcel_" + name
	case "refund":
		word = "desk_done.refunded"
	}
	switch name {
	case "returned":
		err = w.broughtBack(c, l, form)
	case "refund":
		err = w.refund(c, l, form)
	default:
		err = w.moved(c, l, name, to, form)
	}
	if err == nil {
		return w.told(c, word, way)
	}
	if !refused(err) {
		return err
	}
	return w.showRefused(c, l, name, form, err)
}

func (w *Web) moved(c *fiber.Ctx, l looking, name string, to order.State, form typedForm) error {
	ctx, ref := c.UserContext(), l.story.Ref()
	by, err := w.Act(ctx, l.p, ref, to)
	if err != nil {
		return err
	}
	switch name {
	case "accept":
		take, err := taken(l.story.Lines, form)
		if err != nil {
			return err
		}
		if take == nil {
			return w.Orders.Accept(ctx, by, ref)
		}
		return w.Orders.AcceptPart(ctx, by, ref, take)
	case "pack":
		weights, err := weighed(l.story.Lines, form)
		if err != nil {
			return err
		}
		return outweighed(w.Orders.Pack(ctx, by, ref, weights), l.story.Lines)
	case "ship":
		lines, err := sending(l.story.Lines, form)
		if err != nil {
			return err
		}
		return w.Orders.Ship(ctx, by, ref, order.Parcel{Carrier: form["carrier"], Number: form["number"], Lines: lines})
	case "arrive", "lost":
		parcel, err := row(form["parcel"])
		if err != nil {
			return err
		}
		if name == "arrive" {
			return w.Orders.Arrive(ctx, by, ref, parcel)
		}
		return on(w.Orders.Lost(ctx, by, ref, parcel, form["why"]), map[string]string{"reason": "why"})
	case "deliver":
		return w.Orders.Deliver(ctx, by, ref)
	case "confirm":
		return w.Orders.Complete(ctx, by, ref)
	}
	if by.As == order.AsOperator && form["why"] == "" {
		return fault.Invalid("why", "required")
	}
	return on(w.Orders.Cancel(ctx, by, ref, form["why"]), map[string]string{"reason": "why"})
}

// askCancel asks the seller to end what is paid.
func (w *Web) askCancel(c *fiber.Ctx) error {
	l, err := w.at(c)
	if err != nil {
		return err
	}
	if err := w.AskCancel(c.UserContext(), l.p, l.story.Ref()); err != nil {
		if !refused(err) {
			return err
		}
		return w.showRefused(c, l, "ask", nil, err)
	}
	return w.told(c, "history."+order.ByAsking, part.OrderWay(l.m.Code, l.story.ID.String()))
}

// broughtBack says that the carrier has brought a parcel back.
func (w *Web) broughtBack(c *fiber.Ctx, l looking, form typedForm) error {
	by, err := w.Refunder(c.UserContext(), l.p, l.story.Ref())
	if err != nil {
		return err
	}
	parcel, err := row(form["parcel"])
	if err != nil {
		return fault.Invalid("", "invalid")
	}
	return on(w.Orders.Returned(c.UserContext(), by, l.story.Ref(), parcel, form["why"], form["goods"]), map[string]string{"reason": "why"})
}

// taken reads how much of each line a seller takes on; nothing is all of it.
func taken(lines []order.Line, form typedForm) (map[int]int64, error) {
	var take map[int]int64
	var wrong []error
	for _, l := range lines {
		field := "take." + lineNo(l)
		text, there := form[field]
		if !there {
			continue
		}
		if take == nil {
			take = map[int]int64{}
		}
		n, err := base(field, text, unitOf(l), true)
		wrong = append(wrong, err)
		take[l.No] = n
	}
	return take, fault.All(wrong...)
}

// sending reads what a parcel holds; nothing is all that is left, and so is what stands
// there as it was shown: the second half of an order may look like the first, and only
// the page knows that it is another.
func sending(lines []order.Line, form typedForm) (map[int]int64, error) {
	send, all := map[int]int64{}, true
	var wrong []error
	for _, l := range lines {
		field := "send." + lineNo(l)
		text, there := form[field]
		if !there {
			continue
		}
		if text != form["left."+lineNo(l)] {
			all = false
		}
		if text == "" || nothing(text) {
			continue
		}
		n, err := base(field, text, unitOf(l), true)
		wrong = append(wrong, err)
		send[l.No] = n
	}
	if all {
		send = nil
	}
	return send, fault.All(wrong...)
}

// weighed reads the weights that were typed beside the lines, each in its unit.
func weighed(lines []order.Line, form typedForm) (map[int]int64, error) {
	weights := map[int]int64{}
	var wrong []error
	for _, l := range lines {
		if l.Taken() == 0 {
			continue
		}
		field := "weight." + lineNo(l)
		n, err := base(field, form[field], unitOf(l), false)
		wrong = append(wrong, err)
		weights[l.No] = n
	}
	return weights, fault.All(wrong...)
}

func unitOf(l order.Line) catalog.Unit {
	if u, known := catalog.UnitOf(l.Unit); known {
		return u
	}
	return catalog.Unit{Code: l.Unit, Dimension: catalog.Count, Base: max(l.UnitBase, 1)}
}

func lineNo(l order.Line) string { return strconv.Itoa(l.No) }

// between is what a packed weight may be.
func between(l order.Line) (low, high int64) {
	band := money.Part(l.Taken(), l.BandBP)
	return l.Taken() - band, l.Taken() + band
}

// refund gives back the sums written beside the lines, or the whole.
func (w *Web) refund(c *fiber.Ctx, l looking, form typedForm) error {
	by, err := w.Refunder(c.UserContext(), l.p, l.story.Ref())
	if err != nil {
		return err
	}
	parts, err := refundParts(l.story, form)
	if form["why"] == "" {
		err = fault.All(err, fault.Invalid("why", "required"))
	}
	// A key that was used is asked first: what it gave back is no longer left,
	// so that the sums would be refused the second time.
	key := once.Of(l.p.ID, c.FormValue(part.FieldKey), refundContent(form))
	if _, _, done, e := once.Recall(c.UserContext(), w.DB, l.m.ID, key); e != nil || done {
		return e
	}
	if err != nil {
		return err
	}
	if _, err = w.Orders.Refund(c.UserContext(), key, by, l.story.Ref(), parts, form["why"]); err != nil {
		return on(err, map[string]string{"reason": "why", "amount": "", "line": ""})
	}
	return once.Remember(c.UserContext(), w.DB, l.m.ID, key, fiber.StatusSeeOther, []byte{})
}

func refundContent(form typedForm) []byte {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(form)) {
		b = append(append(append(append(b, name...), 0), form[name]...), 1)
	}
	return b
}

// showRefused shows the page on which a move was pressed, with its refusal.
func (w *Web) showRefused(c *fiber.Ctx, l looking, name string, form typedForm, err error) error {
	status := door.Status(err)
	fields := status == fiber.StatusUnprocessableEntity
	if again, e := w.at(c); e == nil {
		l = again // it may have moved on meanwhile
	}
	f, e := w.frame(c, l.m)
	if e != nil {
		return e
	}
	refusal := part.Form{Action: name}.Refused(f.Reader, speakable(err, l.story.Currency), form)
	refusal.Action = name
	switch {
	case name == "pack" && fields:
		return w.showPack(c, l, status, refusal)
	case name == "ship" && fields:
		return w.showShip(c, l, status, refusal)
	}
	return w.showOrder(c, l, status, refusal)
}

func (w *Web) packing(c *fiber.Ctx) error {
	return w.turnTo(c, "pack", func(l looking) error { return w.showPack(c, l, fiber.StatusOK, part.Form{}) })
}

func (w *Web) shipping(c *fiber.Ctx) error {
	return w.turnTo(c, "ship", func(l looking) error { return w.showShip(c, l, fiber.StatusOK, part.Form{}) })
}

// turnTo shows the form of a move to whoever may make it now, and to the
// others of the order why not.
func (w *Web) turnTo(c *fiber.Ctx, name string, show func(looking) error) error {
	l, err := w.at(c)
	if err != nil {
		return err
	}
	may := l.may(w.DB.Now())
	if name == "pack" && may.Pack || name == "ship" && may.Ship {
		return show(l)
	}
	if !slices.ContainsFunc(l.as, func(p order.Party) bool { return p.Makes(reaches[name]) }) {
		return w.showRefused(c, l, name, nil, fault.Forbidden("move_not_yours"))
	}
	allowed := []string{}
	for _, s := range l.story.Moves(l.party, w.DB.Now()) {
		allowed = append(allowed, string(s))
	}
	err = fault.Conflict("order_move", fault.Args{"from": string(l.story.State), "to": string(reaches[name]), "allowed": allowed})
	return w.showRefused(c, l, name, nil, err)
}

func (w *Web) showPack(c *fiber.Ctx, l looking, status int, form part.Form) error {
	f, err := w.frame(c, l.m)
	if err != nil {
		return err
	}
	who, err := w.folk(c.UserContext(), l.story)
	if err != nil {
		return err
	}
	o := orderPage(f, l, who)
	form.Action, form.Key = part.MoveWay(o.Market, o.ID, "pack"), newKey()
	v := page.Pack{Frame: f, Market: o.Market, ID: o.ID, Number: o.Number, Cash: o.Cash, Buyer: o.Buyer.Name, Place: o.Buyer.Note, Form: form, Seller: o.Seller.Name, Currency: o.Currency}
	v.Until, v.Urgent = o.Deadline()
	for _, line := range l.story.Lines {
		if line.Taken() == 0 {
			continue
		}
		low, high := between(line)
		v.Band = max(v.Band, int64(line.BandBP))
		v.Lines = append(v.Lines, page.PackLine{ID: lineNo(line), Title: lineTitle(f.Reader, line), Unit: line.Unit, Ordered: line.Taken(), Low: low, High: high, Price: line.Price})
	}
	return w.render(c, status, v.View())
}

// carriers are those offered by name; their codes are kept.
var carriers = []string{"post", "sf", "zto", "yto", "own"}

func (w *Web) showShip(c *fiber.Ctx, l looking, status int, form part.Form) error {
	f, err := w.frame(c, l.m)
	if err != nil {
		return err
	}
	who, err := w.folk(c.UserContext(), l.story)
	if err != nil {
		return err
	}
	o, r := orderPage(f, l, who), f.Reader
	form.Action, form.Key = part.MoveWay(o.Market, o.ID, "ship"), newKey()
	v := page.Ship{Frame: f, Market: o.Market, ID: o.ID, Number: o.Number, Cash: o.Cash, Buyer: o.Buyer.Name, Address: o.Address, Note: o.Note, Phone: o.Phone, Form: form}
	v.Until, v.Urgent = o.Deadline()
	rest := l.story.Unsent(l.story.Shipments)
	for _, line := range l.story.Lines {
		if rest[line.No] == 0 {
			continue
		}
		v.Lines = append(v.Lines, lineTitle(r, line)+r.T("word.comma")+r.Both(rest[line.No], line.Unit))
		v.Sends = append(v.Sends, part.Input{Name: "send." + lineNo(line), Label: lineTitle(r, line), Mode: "decimal", Unit: r.UnitOf(rest[line.No], line.Unit), Value: r.Amount(rest[line.No], line.Unit), Max: 12, Optional: true})
	}
	for _, code := range carriers {
		v.Carriers = append(v.Carriers, part.Option{Value: code, Label: carrier(r, code)})
	}
	return w.render(c, status, v.View())
}
