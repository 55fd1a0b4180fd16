package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/catalog/photo"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// complaints mounts what a buyer complains of, on its order's page.
func (w *Web) complaints(app fiber.Router) {
	app.Get("/orders/:market/:id/dispute", w.disputed)
	app.Post("/orders/:market/:id/dispute", w.complain)
	app.Post("/orders/:market/:id/dispute/:dispute/:deed", w.disputeDeed)
	app.Get("/orders/:market/:id/evidence/:key/:file", w.evidence)
}

// court is an order with its complaints and who looks at them.
type court struct {
	concern

	all []dispute.Dispute
}

func (k court) way() string { return part.DisputeWay(k.m.Code, k.story.ID.String()) }

func (w *Web) court(c *fiber.Ctx) (court, error) {
	of, err := w.concern(c)
	if err != nil {
		return court{}, err
	}
	all, err := w.Disputes.Of(c.UserContext(), of.story.Ref())
	return court{of, all}, err
}

func (w *Web) disputed(c *fiber.Ctx) error {
	k, err := w.court(c)
	if err != nil {
		return err
	}
	return w.showDispute(c, k, fiber.StatusOK, "", part.Form{})
}

// showDispute shows the page; form is what was refused of one deed.
func (w *Web) showDispute(c *fiber.Ctx, k court, status int, deed string, form part.Form) error {
	f, err := w.frame(c, k.m)
	if err != nil {
		return err
	}
	who, err := w.folk(c.UserContext(), k.story)
	if err != nil {
		return err
	}
	names := map[order.Party]string{order.AsSeller: either(f.Reader, who.seller.Name, who.seller.NameEN)}
	if k.story.DeliverTo != nil {
		names[order.AsBuyer] = k.story.DeliverTo.Name
	}
	now := w.DB.Now()
	v := page.Dispute{Frame: f, Market: k.m.Code, ID: k.story.ID.String(), Number: k.story.Number, As: string(k.side()), Currency: k.story.Currency}
	v.May = k.side() == order.AsBuyer && dispute.Openable(k.story.Order, now) == nil && (len(k.all) == 0 || !k.all[0].Open())
	v.Missing = k.story.State == order.Shipped
	for _, l := range k.story.Lines {
		if l.Back() > 0 && !settled(k.all, l.No) {
			v.Lines = append(v.Lines, page.DisputeLine{ID: "line." + lineNo(l), Title: lineTitle(f.Reader, l), Left: l.Back()})
		}
	}
	v.May = v.May && len(v.Lines) > 0
	for _, d := range k.all {
		v.Cases = append(v.Cases, disputeCase(f.Reader, k, d, names, now))
	}
	var newest id.ID
	if len(k.all) > 0 {
		newest = k.all[0].ID
	}
	v.Forms = forms(k.way(), newest, "open", dispute.Deeds, deed, form)
	return w.render(c, status, v.View())
}

func settled(all []dispute.Dispute, line int) bool {
	return slices.ContainsFunc(all, func(d dispute.Dispute) bool {
		return (d.State == dispute.Decided || d.State == dispute.Settled) && slices.Contains(d.Lines, int64(line))
	})
}

// caseState is the state with what makes its sentence differ.
func caseState(d dispute.Dispute, now time.Time) string {
	switch {
	case d.State == dispute.Opened && !now.Before(d.AnswerBy):
		return "silent"
	case d.State == dispute.Answered && d.Offer > 0:
		return "offered"
	}
	return string(d.State)
}

func disputeCase(r tongue.Reader, k court, d dispute.Dispute, names map[order.Party]string, now time.Time) page.DisputeCase {
	turn, due := d.Turn(now)
	v := page.DisputeCase{State: caseState(d, now), Reason: d.Reason, Turn: string(turn), Due: due, At: d.OpenedAt, Offer: d.Offer, Back: d.Back, Goods: d.Goods, Why: d.Why,
		May: map[string]bool{}, Offers: k.is(order.AsSeller)}
	for _, deed := range d.May(k.side(), now) {
		v.May[deed] = true
	}
	if k.side() != order.AsOperator && k.is(order.AsOperator) {
		v.May[dispute.DeedDecide] = false // their own: another operator's to decide
	}
	for _, l := range k.story.Lines {
		if slices.Contains(d.Lines, int64(l.No)) {
			v.Lines = append(v.Lines, lineTitle(r, l))
			if l.Back() > 0 {
				v.Decides = append(v.Decides, page.DisputeLine{ID: "line." + lineNo(l), Title: lineTitle(r, l), Left: l.Back()})
			}
		}
	}
	for _, c := range k.story.Charges {
		if left := c.Left.Sum(); left > 0 {
			v.Decides = append(v.Decides, page.DisputeLine{ID: "line." + chargeField + strconv.Itoa(c.No), Title: r.T("charge." + c.Label), Left: left})
		}
	}
	for _, one := range d.Words {
		said := page.DisputeWord{As: string(one.As), Who: names[one.As], Text: one.Text, Offer: one.Offer, At: one.At}
		for _, key := range one.Photos {
			said.Photos = append(said.Photos, part.Picture{URL: part.EvidenceWay(k.m.Code, k.story.ID.String(), strings.TrimPrefix(key, "evidence/"), "1200.jpg"), Alt: ""})
		}
		v.Words = append(v.Words, said)
	}
	return v
}

// complained says of an order's page what there is to its complaints: one is open,
// there was one, the buyer may begin one. Only its sides are told.
func (w *Web) complained(c *fiber.Ctx, l looking) (string, error) {
	if l.party == door.AsAgent || l.party == door.AsFinder || l.party == door.AsHand {
		return "", nil
	}
	may := dispute.Openable(l.story.Order, w.DB.Now()) == nil
	if !may && l.story.CompletedAt == nil && l.story.State != order.Cancelled {
		return "", nil // nobody can have complained of it yet
	}
	all, err := w.Disputes.Of(c.UserContext(), l.story.Ref())
	switch {
	case err != nil:
		return "", err
	case len(all) > 0 && all[0].Open():
		return "open", nil
	case may && l.party == order.AsBuyer:
		return "may", nil
	case len(all) > 0:
		return "past", nil
	}
	return "", nil
}

// complain begins a complaint.
func (w *Web) complain(c *fiber.Ctx) error {
	k, err := w.court(c)
	if err != nil {
		return err
	}
	by, err := w.Complainer(c.UserContext(), k.p, k.story.Ref(), "open")
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	said, key, err := w.evident(c, k.p.ID, form, "open")
	if err == nil {
		ask := dispute.Complaint{Said: said, Reason: form["reason"]}
		for name := range form {
			if text, line := strings.CutPrefix(name, "line."); line && form[name] == "yes" {
				no, e := strconv.Atoi(text)
				if e != nil {
					return fault.NotFound("not_found")
				}
				ask.Lines = append(ask.Lines, no)
			}
		}
		if len(ask.Lines) == 0 && len(k.story.Lines) > 1 {
			err = fault.Invalid("", "dispute_which")
		} else {
			_, err = w.Disputes.Complain(c.UserContext(), key, by, k.story.Ref(), ask)
		}
	}
	return w.answered(c, k, "open", form, err)
}

// evident takes the pictures of a form; its key names content and pictures.
func (w *Web) evident(c *fiber.Ctx, person id.ID, form typedForm, deed string) (dispute.Said, once.Key, error) {
	said := dispute.Said{Text: form["text"]}
	content := refundContent(form)
	sent, err := c.MultipartForm()
	if err == nil {
		files := sent.File["photo"]
		if len(files) > dispute.MostPhotos {
			return said, once.Key{}, fault.Invalid("photo", "too_many_photos", fault.Args{"most": dispute.MostPhotos})
		}
		for _, head := range files {
			if head.Size == 0 {
				continue
			}
			data, err := read(head)
			if err != nil {
				return said, once.Key{}, err
			}
			key, err := w.Disputes.Show(c.UserContext(), data)
			if err != nil {
				return said, once.Key{}, err
			}
			said.Photos, content = append(said.Photos, key), append(content, key...)
		}
	}
	key := c.FormValue(part.FieldKey)
	if key != "" {
		key += ":" + deed
	}
	return said, once.Of(person, key, content), nil
}

// disputeDeed does one deed of a complaint.
func (w *Web) disputeDeed(c *fiber.Ctx) error {
	k, err := w.court(c)
	if err != nil {
		return err
	}
	name, err := row(c.Params("dispute"))
	if err != nil {
		return err
	}
	deed, ctx := c.Params("deed"), c.UserContext()
	form := typedForm(typed(c))
	form.trim()
	as := deed
	if deed == dispute.DeedSay && form["offer"] != "" {
		as = "offer"
	}
	ref := dispute.Ref{Order: k.story.Ref(), ID: name}
	if !slices.Contains(dispute.Deeds, deed) {
		return fault.NotFound("not_found")
	}
	by, err := w.Complainer(ctx, k.p, ref.Order, as)
	if err != nil {
		return err
	}
	switch deed {
	case dispute.DeedSay:
		err = w.say(c, k, by, ref, form)
	case dispute.DeedTake:
		offer, e := strconv.ParseInt(form["offer"], 10, 64)
		if e != nil {
			return fault.Invalid("offer", "not_a_number")
		}
		err = w.Disputes.Take(ctx, by, ref, offer)
	case dispute.DeedEscalate:
		err = w.Disputes.Escalate(ctx, by, ref)
	case dispute.DeedWithdraw:
		err = w.Disputes.Withdraw(ctx, by, ref)
	case dispute.DeedDecide:
		err = w.decide(c, k, by, ref, form)
	}
	return w.answered(c, k, deed, form, err)
}

func (w *Web) say(c *fiber.Ctx, k court, by order.By, ref dispute.Ref, form typedForm) error {
	var offer int64
	var err error
	if form["offer"] != "" {
		if offer, err = minor("offer", form["offer"]); err != nil {
			return err
		}
	}
	said, key, err := w.evident(c, k.p.ID, form, dispute.DeedSay)
	if err != nil {
		return err
	}
	return w.Disputes.Say(c.UserContext(), key, by, ref, said, offer)
}

func (w *Web) decide(c *fiber.Ctx, k court, by order.By, ref dispute.Ref, form typedForm) error {
	parts, err := refundParts(k.story, form)
	if fault.Has(err, "refund_nothing") {
		parts, err = nil, nil // nothing goes back: that may be decided
	}
	if form["sure"] != "yes" {
		err = fault.All(err, fault.Invalid("sure", "dispute_look_first"))
	}
	if form["why"] == "" {
		err = fault.All(err, fault.Invalid("why", "required"))
	}
	if err != nil {
		return err
	}
	key := c.FormValue(part.FieldKey)
	return w.Disputes.Decide(c.UserContext(), once.Of(k.p.ID, key, refundContent(form)), by, ref, dispute.Decision{Parts: parts, Goods: form["goods"], Why: form["why"]})
}

// answered leads back to the page, or shows it with what was refused.
func (w *Web) answered(c *fiber.Ctx, k court, deed string, form typedForm, err error) error {
	err = on(err, map[string]string{"photos": "photo", "lines": "", "amount": "", "line": ""})
	if deed == dispute.DeedDecide {
		err = on(err, map[string]string{"reason": "why"})
	}
	return w.afterDeed(c, k.concern, k.way(), "dispute_done."+deed, form, err, func(status int, refused part.Form) error {
		if again, e := w.court(c); e == nil {
			k = again // it may have moved on meanwhile
		}
		return w.showDispute(c, k, status, deed, refused)
	})
}

// evidence is a picture of a complaint, for its sides alone: no cache that is
// shared keeps it.
func (w *Web) evidence(c *fiber.Ctx) error {
	m, name, p, err := w.named(c)
	if err != nil {
		return err
	}
	ref := order.Ref{Market: m.ID, ID: name}
	text, jpg := strings.CutSuffix(c.Params("file"), ".jpg")
	width, err := strconv.Atoi(text)
	if err != nil || !jpg || !slices.Contains(photo.Widths, width) {
		return fault.NotFound("photo_unknown")
	}
	data, kind, err := w.Evidence(c.UserContext(), p, ref, "evidence/"+c.Params("key"), width)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, max-age=3600")
	c.Set(fiber.HeaderContentType, kind)
	return c.Send(data)
}
