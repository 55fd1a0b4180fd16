package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/cash"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// offerCash offers cash on delivery beside the other ways where all sellers take it. A
// buyer who may not this time is told why; what a seller does not take is not there.
func (w *Web) offerCash(c *fiber.Ctx, v *page.Checkout, q order.Quote) error {
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	who, err := w.Orders.CashOffered(c.UserContext(), p.ID, q)
	f, refused := fault.As(err)
	switch {
	case err == nil:
		v.Ways = append(v.Ways, page.Way{Code: payment.Cash, Note: v.Frame.T("pay.cash_to", "hand", strings.Join(who, v.Frame.T("word.comma")))})
	case !refused:
		return err
	case f.Code == "cash_too_much" || f.Code == "cash_refused":
		v.Ways = append(v.Ways, page.Way{Code: payment.Cash, Off: true, Note: tongue.Fault(v.Frame.Reader, f.Code, f.Args)})
	}
	return nil
}

// takeCash says that an order's cash was taken; what is refused shows its page again.
func (w *Web) takeCash(c *fiber.Ctx) error {
	l, err := w.at(c)
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	sum, err := cents("sum", form["sum"])
	if err != nil {
		sum = -1 // the form's own; another one is refused with what is due
	}
	if err = w.TakeCash(c, l.p, l.story.Ref(), order.Taking{Sum: sum, Code: form["code"]}); err == nil {
		return w.told(c, "cash_done.taken", part.OrderWay(l.m.Code, l.story.ID.String()))
	}
	if !refused(err) || door.Status(err) == fiber.StatusTooManyRequests || door.Status(err) == fiber.StatusForbidden {
		return err
	}
	return w.showRefused(c, l, "cash", form, on(err, map[string]string{"sum": ""}))
}

// cashOf brings to an order's page what is paid on delivery, and to whom.
func cashOf(v *page.Order, l looking) {
	s := l.story
	if s.Cash == nil {
		return
	}
	v.Cash, v.Hand, v.CashDue, v.Paid = true, s.Cash.Name, s.Due(), 0
	if s.Cash.Taken != nil {
		v.Paid = *s.Cash.Taken
	}
	v.May.Deliver = false
	v.May.Refund = v.May.Refund && s.Cash.Taken != nil
	if s.State != order.Shipped {
		return
	}
	v.May.Collect = false // the code goes with the money
	v.May.Cash = door.Takes(*s.Cash, l.as)
}

// collectors are who may collect for a seller: themselves, where they may hold cash,
// and the agents who do.
func collectors(tx *storage.Tx, seller id.ID) ([]cash.Holder, error) {
	own, err := cash.Find(tx, seller)
	if err != nil && !fault.Has(err, "cash_holder_unknown") {
		return nil, err
	}
	agents, err := cash.Hands(tx)
	if own.State == cash.Active {
		agents = append([]cash.Holder{own}, agents...)
	}
	return agents, err
}

// cashOptions are the ways in which a seller may be paid on delivery.
func cashOptions(r tongue.Reader, s seat, hands []cash.Holder) []part.Option {
	self := part.Option{Value: "self", Label: r.T("terms.cash_self"), Note: r.T("terms.cash_self_off")}
	all := []part.Option{{Value: "no", Label: r.T("terms.cash_no"), Note: r.T("terms.cash_no_note")}, self}
	for _, h := range hands {
		if h.Payee == s.grower.PayeeID {
			all[1].Note = r.T("terms.cash_self_note", "limit", r.Money(h.Limit, s.m.Currency))
			continue
		}
		all = append(all, part.Option{Value: h.Payee.String(), Label: r.T("terms.cash_by", "hand", h.Name), Note: r.T("terms.cash_by_note")})
	}
	return all
}

// ownHand is what a seller holds of the market's cash; nothing for a clerk, and for
// whoever may hold none.
func (d *desk) ownHand(c *fiber.Ctx, s seat) (*page.OwnHand, error) {
	var h cash.Holder
	err := d.view(c, s, func(tx *storage.Tx) (err error) { h, err = cash.Find(tx, s.grower.PayeeID); return })
	if fault.Has(err, "cash_holder_unknown") || s.clerk {
		return nil, nil
	}
	return &page.OwnHand{Holds: h.Holds, Limit: h.Limit, Reference: h.Reference}, err
}
