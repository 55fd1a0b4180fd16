package web

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/producer"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

func (d *desk) refunds(c *fiber.Ctx, s seat) error {
	return d.showRefunds(c, s, fiber.StatusOK, c.Query("number"), part.Form{}, part.Form{})
}

// showRefunds shows the order with a number, what was refunded lately, and the
// transfers that a person must make.
func (d *desk) showRefunds(c *fiber.Ctx, s seat, status int, number string, form, sending part.Form) error {
	number = strings.ToUpper(strings.TrimSpace(number))
	var found *order.Story
	if number != "" {
		o, err := d.byNumber(c, s, number)
		if err != nil {
			return err
		}
		if o != nil {
			story, err := d.Orders.Story(c.UserContext(), o.Ref())
			if err != nil {
				return err
			}
			found = &story
		}
	}
	var recent []payment.Refund
	var send []payment.Sending
	var seller string
	var waits unclaimed
	err := d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if recent, err = payment.RecentRefunds(tx, 10); err != nil {
			return err
		}
		if found != nil && found.Seller != nil {
			p, err := producer.Find(tx, *found.Seller)
			if err != nil {
				return err
			}
			seller = p.Name
		}
		if send, err = payment.ToSend(tx); err != nil {
			return err
		}
		waits, err = readUnclaimed(tx)
		return err
	})
	if err != nil {
		return err
	}
	var sales []id.ID
	for _, r := range send {
		sales = append(sales, r.Sale)
	}
	for _, r := range recent {
		sales = append(sales, r.Sale)
	}
	about, err := d.Orders.Some(c.UserContext(), s.m.ID, sales)
	if err != nil {
		return err
	}
	to, err := d.Orders.Addresses(c.UserContext(), s.m.ID, sales)
	if err != nil {
		return err
	}
	var play *page.PlayBank
	if sending.Value("order") != "" || sending.Value("sum") != "" {
		play, err = d.playing(c, s, found, sending)
		sending = part.Form{}
	} else {
		play, err = d.playing(c, s, found, part.Form{})
	}
	if err != nil {
		return err
	}
	form.Action, form.Key = s.way(part.RefundsWay, "number", number), newKey()
	var evidence part.Form // what was refused of one chargeback
	if sending.Value("chargeback") != "" {
		evidence, sending = sending, part.Form{}
	}
	sending.Action = s.way(sentWay)
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Refunds{Frame: f, Number: number, Missing: number != "" && found == nil, Form: form, Currency: s.m.Currency}
		if found != nil {
			v.Found = refundOrder(f.Reader, *found, seller)
		}
		for _, r := range recent {
			v.Recent = append(v.Recent, page.Refund{Number: about[r.Sale].Number, At: r.CreatedAt, Minor: r.Amount, Why: why(f.Reader, r.Reason), Done: r.State == payment.RefundSucceeded})
		}
		below := page.ToSend{Frame: f, Currency: s.m.Currency, Form: sending}
		for _, r := range send {
			below.Rows = append(below.Rows, page.Sending{ID: r.ID.String(), Number: cmp.Or(about[r.Sale].Number, r.Reference), To: buyerName(f.Reader, to[r.Sale]),
				Href: part.OrderWay(s.number(), r.Sale.String()), Minor: r.Amount, At: r.CreatedAt, Key: newKey()})
		}
		v.Frame.After = templ.Join(below.View(), waits.below(f, s, evidence, play, d.Sandbox != nil))
		return v.View()
	})
}

// byNumber finds an order; nothing when the market has none with this number.
func (d *desk) byNumber(c *fiber.Ctx, s seat, number string) (*order.Order, error) {
	list, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Number: number, N: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// refundable says whether money of an order can be given back at all.
func refundable(o order.Order) bool {
	if o.Way == payment.Cash && o.State != order.Delivered && o.State != order.Completed {
		return false // its buyer has the money still
	}
	return o.SecuredAt != nil && o.State != order.Cancelled && o.State != order.Expired
}

func refundOrder(r tongue.Reader, o order.Story, seller string) *page.RefundOrder {
	v := &page.RefundOrder{Market: marketText(o.Market), ID: o.ID.String(), Number: o.Number, Href: part.OrderWay(marketText(o.Market), o.ID.String()),
		Seller: seller, State: string(o.State), Buyer: r.T("order.the_buyer")}
	if o.DeliverTo != nil {
		v.Buyer = buyerName(r, *o.DeliverTo)
	}
	if o.SecuredAt != nil && o.CoveredBy == nil {
		v.Paid = o.Total
	}
	for _, f := range o.Refunds {
		if f.State != payment.RefundFailed {
			v.Refunded += f.Amount
		}
	}
	if !refundable(o.Order) {
		return v
	}
	for _, l := range o.Lines {
		if left := l.Back(); left > 0 {
			v.Lines = append(v.Lines, page.RefundLine{ID: strconv.Itoa(l.No), Title: lineTitle(r, l), Left: left})
		}
	}
	for _, c := range o.Charges {
		if left := c.Left.Sum(); left > 0 {
			v.Lines = append(v.Lines, page.RefundLine{ID: chargeField + strconv.Itoa(c.No), Title: r.T("charge." + c.Label), Left: left})
		}
	}
	return v
}

// refund gives back the whole order, or sums of its lines.
func (d *desk) refund(c *fiber.Ctx, s seat) error {
	said := typed(c)
	name, err := row(said["order"])
	if err != nil {
		return err
	}
	ref := order.Ref{Market: s.m.ID, ID: name}
	story, err := d.Orders.Story(c.UserContext(), ref)
	if err != nil {
		return err
	}
	parts, wrong := refundParts(story, said)
	if strings.TrimSpace(said["why"]) == "" {
		wrong = fault.All(wrong, fault.Invalid("why", "required"))
	}
	err = d.once(c.UserContext(), s, d.key(c, s), func() error {
		if wrong != nil {
			return wrong
		}
		by, err := d.Refunder(c.UserContext(), s.p, ref)
		if err != nil {
			return err
		}
		_, err = d.Orders.Refund(c.UserContext(), d.key(c, s), by, ref, parts, said["why"])
		return err
	})
	if err == nil {
		return d.done(c, s.way(part.RefundsWay, "number", story.Number), "refunded")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"reason": "why", "amount": "", "line": ""}))
	return d.showRefunds(c, s, status, story.Number, form, part.Form{})
}

// chargeField begins the name of a charge among the lines of a refund.
const chargeField = "charge-"

// refundParts reads the sums beside the lines; nil is the whole order.
func refundParts(o order.Story, said map[string]string) ([]order.Part, error) {
	if said["whole"] == "yes" {
		return nil, nil
	}
	parts := []order.Part{}
	var wrong []error
	read := func(name string, of order.Part, left int64) {
		field := "line." + name
		if strings.TrimSpace(said[field]) == "" {
			return
		}
		var err error
		if of.Amount, err = minor(field, said[field]); err == nil && of.Amount > left {
			err = fault.Invalid(field, "refund_too_large", fault.Args{"left": left, "currency": o.Currency})
		}
		wrong = append(wrong, err)
		parts = append(parts, of)
	}
	for _, l := range o.Lines {
		read(strconv.Itoa(l.No), order.Part{Line: l.No}, l.Back())
	}
	for _, c := range o.Charges {
		if c.Stands() {
			read(chargeField+strconv.Itoa(c.No), order.Part{Charge: c.No}, c.Left.Sum())
		}
	}
	if len(parts) == 0 {
		wrong = append(wrong, fault.Invalid("", "refund_nothing"))
	}
	return parts, fault.All(wrong...)
}

// refundSent notes what became of a refund that a person carried to the bank.
func (d *desk) refundSent(c *fiber.Ctx, s seat) error {
	said := typed(c)
	name, err := row(said["refund"])
	if err != nil {
		return err
	}
	if said["fate"] != "sent" && said["fate"] != "failed" {
		return fault.Invalid("fate", "invalid")
	}
	err = d.view(c, s, func(tx *storage.Tx) error {
		r, err := payment.FindRefund(tx, name)
		if err != nil {
			return err
		}
		p, err := payment.Find(tx, r.Payment)
		if err == nil && !r.SentByHand(p) {
			err = fault.NotFound("not_found") // a gateway's refund is the gateway's to finish
		}
		return err
	})
	if err != nil {
		return err
	}
	ctx, word := c.UserContext(), said["fate"]
	err = d.once(c.UserContext(), s, d.key(c, s), func() error {
		if err := d.Desk.Finish(ctx, s.m.ID, name, word == "sent"); err != nil {
			return err
		}
		return d.DB.Update(ctx, s.m.ID, func(tx *storage.Tx) error {
			trail.Write(tx, s.p.ID, "refund."+word, "refund:"+name.String(), "")
			return nil
		})
	})
	if err == nil {
		return d.done(c, s.way(part.RefundsWay)+"#to-send", map[string]string{"sent": "sent", "failed": "not_sent"}[word])
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showRefunds(c, s, status, "", part.Form{}, form)
}
