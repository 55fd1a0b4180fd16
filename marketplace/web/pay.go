package web

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// pays mounts the sandbox's own page and the way back from any gateway.
func (w *Web) pays(app fiber.Router) {
	app.Get("/pay/:market/:id", w.pay)
	app.Post("/pay/:market/:id", w.press)
	app.Get("/pay/:market/:id/result", w.paid)
}

// late is how long the sandbox's news waits when the visitor asks for it.
const late = 5 * time.Second

// paying is one payment with what it pays.
type paying struct {
	m      region.Market
	due    payment.Payment
	placed order.Checkout
	orders []order.Order
}

func (p paying) number() string { return p.due.ID.String() }

// paying gives the payment of the address to whoever owes it.
func (w *Web) paying(c *fiber.Ctx) (paying, error) {
	var v paying
	ctx := c.UserContext()
	m, name, p, err := w.named(c)
	if err != nil {
		return v, err
	}
	v.m = m
	if err := w.DB.View(ctx, m.ID, func(tx *storage.Tx) (err error) { v.due, err = payment.Find(tx, name); return }); err != nil {
		return v, err
	}
	var buyer id.ID
	if v.due.Home != m.ID {
		return v, fault.NotFound("not_found") // it is paid in its home market
	}
	if v.placed, buyer, err = w.Orders.FindCheckout(ctx, m.ID, name); err != nil {
		return v, err
	}
	if p.ID == id.None || buyer != p.ID {
		return v, fault.NotFound("not_found")
	}
	v.orders, err = w.Orders.OrdersOf(ctx, v.placed)
	return v, err
}

// away says whether a payment is paid on a page of somebody else's. A form may not
// lead there: the policy of our pages lets forms go to us alone.
func away(p payment.Payment) bool { return strings.HasPrefix(p.PayURL, "http") }

// pay is where a payment is paid: the sandbox's own page, or the way to a gateway's;
// what is paid elsewhere goes to its result.
func (w *Web) pay(c *fiber.Ctx) error {
	v, err := w.paying(c)
	if err != nil {
		return err
	}
	if v.due.Gateway == stripe.Name {
		return w.showAway(c, v)
	}
	if v.due.Gateway != "sandbox" {
		return c.Redirect(part.PaidWay(v.m.Code, v.number()), fiber.StatusSeeOther)
	}
	return w.showPay(c, v, fiber.StatusOK, nil)
}

func (w *Web) showPay(c *fiber.Ctx, v paying, status int, no error) error {
	if w.Sandbox == nil {
		return fault.NotFound("not_found") // production has none
	}
	back := part.PaidWay(v.m.Code, v.number())
	due, err := w.Orders.Pay(c.UserContext(), v.m.ID, v.due.ID, back)
	if err != nil {
		return err
	}
	closed := due.State != payment.Open || due.Object == ""
	if !closed {
		shown, err := w.Sandbox.Show(c.UserContext(), v.m.ID, due.Object)
		if err != nil {
			return err
		}
		closed = shown.State != "open"
	}
	f, err := w.frame(c, v.m)
	if err != nil {
		return err
	}
	x := page.Pay{Frame: f, Sum: due.Due, Currency: due.Currency, Until: due.ExpiresAt, Closed: closed, Back: back}
	if no != nil {
		x.Form = x.Form.Refused(f.Reader, no, nil)
	}
	x.Form.Action = part.PayWay(v.m.Code, v.number())
	for _, o := range v.orders {
		x.Numbers = append(x.Numbers, o.Number)
	}
	return w.render(c, status, x.View())
}

// showAway is the page before the gateway's own.
func (w *Web) showAway(c *fiber.Ctx, v paying) error {
	f, err := w.frame(c, v.m)
	if err != nil {
		return err
	}
	back := part.PaidWay(v.m.Code, v.number())
	x := page.PayAway{Frame: f, Sum: v.due.Due, Currency: v.due.Currency, Until: v.due.ExpiresAt, Back: back}
	status := fiber.StatusOK
	due, err := w.Orders.Pay(c.UserContext(), v.m.ID, v.due.ID, back)
	switch {
	case err == nil && due.State == payment.Open:
		x.Href = due.PayURL
	case err != nil && refused(err):
		x.Form, status = x.Form.Refused(f.Reader, err, nil), door.Status(err)
	case err != nil:
		return err
	}
	if w.Stripe != nil {
		x.Methods = w.Stripe.Methods()
	}
	for _, o := range v.orders {
		x.Numbers = append(x.Numbers, o.Number)
	}
	return w.render(c, status, x.View())
}

// press is a button of the sandbox: the sum is taken and its news comes twice,
// or comes late, or nothing is taken.
func (w *Web) press(c *fiber.Ctx) error {
	v, err := w.paying(c)
	if err != nil {
		return err
	}
	if w.Sandbox == nil || v.due.Gateway != "sandbox" || v.due.Object == "" {
		return fault.NotFound("not_found")
	}
	back := part.PaidWay(v.m.Code, v.number())
	switch c.FormValue("outcome") {
	case "pay":
		err = w.Sandbox.Pay(c.UserContext(), v.m.ID, v.due.Object, sandbox.News{Repeat: 2})
	case "later":
		back += "?outcome=waiting"
		err = w.Sandbox.Pay(c.UserContext(), v.m.ID, v.due.Object, sandbox.News{Repeat: 1, Delay: late})
	case "fail":
		back += "?outcome=failed"
	default:
		err = fault.Invalid("", "invalid")
	}
	if err == nil {
		return c.Redirect(back, fiber.StatusSeeOther)
	}
	if !refused(err) {
		return err
	}
	return w.showPay(c, v, door.Status(err), err)
}

// paid is where the browser comes back to. It asks the gateway, whichever of
// browser and news is first; only who was told to wait just looks.
func (w *Web) paid(c *fiber.Ctx) error {
	v, err := w.paying(c)
	if err != nil {
		return err
	}
	asked := c.Query("outcome")
	if asked != "waiting" && v.due.State == payment.Open {
		_, err := w.Orders.Settle(c.UserContext(), v.m.ID, v.due.ID)
		if fault.Has(err, "gateway_down") {
			asked, err = "waiting", nil // unknown, never failed
		}
		if err != nil {
			return err
		}
		again, err := w.paying(c)
		if err != nil {
			return err
		}
		v = again
	}
	f, err := w.frame(c, v.m)
	if err != nil {
		return err
	}
	x := page.PayResult{Frame: f, Outcome: v.outcome(asked), Total: v.due.Due, Currency: v.due.Currency, Way: cmp.Or(ways[v.due.Gateway], v.due.Gateway),
		Number: v.due.Reference, Until: v.due.ExpiresAt, Retry: part.PayWay(v.m.Code, v.number())}
	if v.due.CapturedAt != nil {
		x.At = *v.due.CapturedAt
	}
	switch x.Outcome {
	case "secured", "cash":
		x.Until = moment(v.orders[0].DueAt)
	case "failed":
		if asked == "failed" {
			x.Reason = "declined"
		}
	case "transfer":
		x.Account = account(f.Reader, v)
		if v.due.Captured > 0 {
			x.Frame.Flash = &part.Notice{Kind: "wait", Text: f.T("own.part_came", "came", f.Reader.Money(v.due.Captured, v.due.Currency),
				"missing", f.Reader.Money(v.due.Due-v.due.Captured, v.due.Currency))}
		}
	}
	if f.Person == "" && x.Outcome != "expired" {
		if x.Claim, err = w.Orders.ClaimCode(c.UserContext(), v.orders[0]); err != nil {
			return err
		}
	}
	if x.Orders, err = w.paidOrders(c.UserContext(), f.Reader, v); err != nil {
		return err
	}
	return w.render(c, fiber.StatusOK, x.View())
}

// outcome is what the page says, from rows alone: what the browser brought
// only chooses between words for a payment that is still open.
func (p paying) outcome(asked string) string {
	switch {
	case len(p.orders) == 0 || p.orders[0].State == order.Expired || p.orders[0].State == order.Cancelled && p.orders[0].SecuredAt == nil:
		return "expired"
	case p.due.Gateway == payment.Cash:
		return "cash"
	case !p.orders[0].State.Waits():
		return "secured"
	case p.due.Promise == payment.PromiseSaved || p.due.Promise == payment.PromiseCalled:
		return "promised"
	case p.due.Gateway == "bank":
		return "transfer"
	case asked == "waiting" || p.due.Pending || p.due.State == payment.Closed:
		return "waiting" // a bank, or a person, has not answered
	}
	return "failed"
}

// account is where a transfer goes. While the market has named none, the page
// says who does.
func account(r tongue.Reader, p paying) *page.BankAccount {
	if p.m.Named() {
		return &page.BankAccount{Holder: p.m.Holder, Bank: p.m.Bank, Number: p.m.Number, Reference: p.due.Reference}
	}
	return &page.BankAccount{Holder: cmp.Or(p.m.Operator, r.T("role.operator")), Bank: r.T("own.ask_operator"),
		Number: r.T("own.operators_account"), Reference: p.due.Reference}
}

func (w *Web) paidOrders(ctx context.Context, r tongue.Reader, v paying) ([]page.PaidOrder, error) {
	var rows []page.PaidOrder
	for _, o := range v.orders {
		m, err := w.Books.Market(ctx, o.Market)
		if err != nil {
			return nil, err
		}
		line := page.PaidOrder{Href: part.OrderWay(m.Code, o.ID.String()), Number: o.Number, Sum: o.Total}
		if o.Seller != nil {
			seller, err := w.seller(ctx, o)
			if err != nil {
				return nil, err
			}
			line.Seller, line.Place = either(r, seller.Name, seller.NameEN), either(r, seller.RegionName, seller.RegionEN)
		}
		rows = append(rows, line)
	}
	return rows, nil
}

// seller is the producer who delivers an order.
func (w *Web) seller(ctx context.Context, o order.Order) (producer.Producer, error) {
	var p producer.Producer
	if o.Seller == nil {
		return p, nil
	}
	err := w.DB.View(ctx, o.Market, func(tx *storage.Tx) (err error) { p, err = producer.Find(tx, *o.Seller); return })
	return p, err
}
