package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/attribution"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/retail"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// checkouts mounts the way from goods to an order.
func (w *Web) checkouts(app fiber.Router) {
	app.Get(part.CheckoutWay, w.checkout)
	app.Post(part.CheckoutWay, w.place)
}

// checkout shows what is to be confirmed: one listing from its own page, or
// lines that were there before.
func (w *Web) checkout(c *fiber.Ctx) error {
	// A guest gets their session here, not when they press: two presses at once
	// would else be two guests with two orders. Where there have been too many
	// guests, the page is shown all the same.
	p, err := w.Somebody(c)
	if err != nil && !fault.Has(err, "too_many") {
		return err
	}
	if c.Query("basket") != "" {
		return w.checkoutBasket(c, p)
	}
	tokens := texts(c, "line")
	if len(tokens) == 0 {
		m, of, err := w.shown(c, c.Query("market"), c.Query("listing"))
		if err != nil {
			return err
		}
		base, wrong := quantity(of, c.Query("quantity"), c.Query("unit"))
		if wrong != nil || !of.Live {
			return c.Redirect(backTo(m, of, short(c.Query("quantity"), 40), short(c.Query("unit"), 20)), fiber.StatusSeeOther)
		}
		return w.showCheckout(c, fiber.StatusOK, wish{lines: []wanted{{m: m, of: of, base: base}}}, w.begun(c, p), nil)
	}
	want, err := w.wish(c, tokens)
	if err != nil {
		return err
	}
	return w.showCheckout(c, fiber.StatusOK, want, w.begun(c, p), nil)
}

// checkoutBasket shows what lies in the basket and can be bought as it stands.
func (w *Web) checkoutBasket(c *fiber.Ctx, p people.Person) error {
	if p.ID == id.None {
		return c.Redirect(part.BasketWay, fiber.StatusSeeOther)
	}
	lines, err := w.Kept.List(c.UserContext(), p.ID)
	if err != nil {
		return err
	}
	want := wish{kept: true}
	for _, l := range lines {
		if l.Reason != "" {
			continue
		}
		m, err := w.Books.Market(c.UserContext(), l.Market)
		if err != nil {
			return err
		}
		was, _ := l.Was()
		want.lines = append(want.lines, wanted{m: m, of: l.View, base: l.Quantity, was: was})
	}
	if len(want.lines) == 0 {
		return c.Redirect(part.BasketWay, fiber.StatusSeeOther)
	}
	return w.showCheckout(c, fiber.StatusOK, want, w.begun(c, p), nil)
}

func texts(c *fiber.Ctx, name string) []string {
	var out []string
	for _, v := range c.Context().QueryArgs().PeekMulti(name) {
		out = append(out, string(v))
	}
	return out
}

// backTo is the listing's page with the quantity that was asked for.
func backTo(m region.Market, of shelf.View, quantity, unit string) string {
	return link(part.ListingWay(m.Code, of.ID.String()), "quantity", quantity, "unit", unit) + "#buy"
}

// begun is the form as it begins: what the account knows stands there already,
// and where the last order went.
func (w *Web) begun(c *fiber.Ctx, p people.Person) part.Form {
	form := part.Form{Key: newKey()}
	if p.Name != "" || p.Phone != "" {
		form.Values = map[string]string{"name": p.Name, "phone": p.Phone, "band": "yes"}
		if to, err := w.lastAddress(c.UserContext(), p); err == nil && to.Street != "" {
			form.Values = map[string]string{"name": to.Name, "phone": to.Phone, "province": to.Code, "place": to.Region, "street": to.Street, "band": "yes"}
		}
	}
	return form
}

// lastAddress is where somebody's last order went.
func (w *Web) lastAddress(ctx context.Context, p people.Person) (order.Address, error) {
	in, err := w.MarketsOf(ctx, p)
	if err != nil {
		return order.Address{}, err
	}
	last, err := w.Orders.List(ctx, order.Filter{Markets: in, Buyer: p.ID, N: 1})
	if err != nil || len(last) == 0 {
		return order.Address{}, err
	}
	to, err := w.Orders.Addresses(ctx, last[0].Market, []id.ID{last[0].ID})
	return to[last[0].ID], err
}

// place is the button: everything is recomputed, and placed once per form.
func (w *Web) place(c *fiber.Ctx) error {
	if err := w.Limit(c, "place", w.Address(c), 60, time.Minute); err != nil {
		return err
	}
	p, err := w.Somebody(c)
	if err != nil {
		return err
	}
	want, err := w.wish(c, sent(c)["line"])
	if err != nil {
		return err
	}
	want.kept = c.FormValue("basket") != ""
	form := typedForm(typed(c))
	form.trim()
	if form["then"] == "reckon" || want.reckoned(form) != form["reckoned"] {
		// Where to, or what is sent, has changed, and with it the sum: it is shown before it is paid.
		return w.showCheckout(c, fiber.StatusOK, want, part.Form{Key: c.FormValue(part.FieldKey), Values: form}, nil)
	}
	b, seen, err := w.placed(c, p, want, form)
	if err == nil {
		return w.toPay(c, b)
	}
	if !refused(err) {
		return err
	}
	again := part.Form{Key: c.FormValue(part.FieldKey), Values: form}
	if again.Key == "" || fault.Has(err, "key_reused") {
		again.Key = newKey()
	}
	return w.showCheckout(c, door.Status(err), want, again, &refusal{err, seen})
}

type refusal struct {
	err  error
	seen int64 // the total that the buyer saw
}

func (w *Web) placed(c *fiber.Ctx, p people.Person, want wish, form typedForm) (order.Checkout, int64, error) {
	seen, wrongTotal := cents("total", form["total"])
	comes, all := want.comes(form)
	to, wrongAddress := address(form, all)
	wrong := []error{on(wrongTotal, map[string]string{"total": ""}), wrongAddress}
	if want.band() > 0 && form["band"] != "yes" {
		wrong = append(wrong, fault.Invalid("band", "band_needed"))
	}
	switch way := gateway(form["pay"]); {
	case way == "":
		wrong = append(wrong, fault.Invalid("pay", "required"))
	case way == byTransfer && !want.transferable():
		wrong = append(wrong, fault.Invalid("pay", "unknown_way", fault.Args{"way": way}))
	}
	if err := fault.All(wrong...); err != nil {
		return order.Checkout{}, seen, err
	}
	h := sha256.New()
	for _, l := range want.lines {
		_, _ = fmt.Fprintf(h, "%d:%s:%d\n", l.m.ID, l.of.ID, l.base)
	}
	if to.Code != "" {
		if err := w.within(c.UserContext(), &to); err != nil {
			return order.Checkout{}, seen, err
		}
	}
	for _, name := range []string{"total", "name", "phone", "province", "place", "street", "note", "code", "pay", "reckoned"} {
		_, _ = fmt.Fprintf(h, "%s=%q\n", name, form[name])
	}
	key := once.Of(p.ID, c.FormValue(part.FieldKey), h.Sum(nil))
	ask := order.Ask{
		Kind: retail.Name, Buyer: p, PlacedBy: p, Items: want.items(), Seen: seen, Way: gateway(form["pay"]),
		Agent: w.sentBy(c, form["code"]), DeliverTo: &to, Collect: comes, Kept: want.kept,
	}
	taken, replaced, err := w.anew(c.UserContext(), p, key, ask)
	if taken != nil {
		w.flash(c, part.Notice{Kind: "wait", Text: bare(c).T("checkout.taken_up")})
		return *taken, seen, nil
	}
	if err != nil {
		return order.Checkout{}, seen, err
	}
	b, err := w.Orders.Place(c.UserContext(), key, ask)
	if err == nil && replaced {
		w.flash(c, part.Notice{Kind: "wait", Text: bare(c).T("checkout.replaced")})
	}
	return b, seen, err
}

// toPay opens the payment and goes where it is paid.
func (w *Web) toPay(c *fiber.Ctx, b order.Checkout) error {
	m, err := w.Books.Market(c.UserContext(), b.Market) // where the payment is at home
	if err != nil {
		return err
	}
	number := b.Payment.String()
	due, err := w.Orders.Pay(c.UserContext(), m.ID, b.Payment, part.PaidWay(m.Code, number))
	if fault.Has(err, "gateway_down") || fault.Has(err, "gateway_refused") || err == nil && away(due) {
		return c.Redirect(part.PayWay(m.Code, number), fiber.StatusSeeOther) // placed all the same; that page tries again
	}
	if err != nil {
		return err
	}
	return c.Redirect(cmp.Or(due.PayURL, part.PaidWay(m.Code, number)), fiber.StatusSeeOther)
}

// showCheckout is the page as it stands now, with what was refused.
func (w *Web) showCheckout(c *fiber.Ctx, status int, want wish, form part.Form, no *refusal) error {
	of := want.markets()
	if len(of) > 1 {
		of = nil
	}
	f, err := w.frame(c, of...)
	if err != nil {
		return err
	}
	v := page.Checkout{Frame: f, Currency: want.currency(), Form: form, Band: want.band(), Weighed: want.band() > 0, Kept: want.kept, Markets: len(want.markets())}
	if no != nil {
		fields := map[string]string{"agent_code": "code", "way": "pay", "items": "", "quantity": "", "line": ""}
		for i := range want.lines {
			fields["items."+strconv.Itoa(i)] = ""
		}
		v.Form = v.Form.Refused(f.Reader, speakable(on(no.err, fields), want.currency()), form.Values)
		v.Form.Key = form.Key
	}
	v.Form.Action = part.CheckoutWay
	for _, name := range w.Desk.Ways() {
		if name != byTransfer || want.transferable() { // nobody could know where to
			v.Ways = append(v.Ways, page.Way{Code: cmp.Or(ways[name], name)})
		}
	}
	if len(v.Ways) == 0 {
		v.Ways = []page.Way{{Code: "transfer", Off: true}}
	}
	w.fill(&v, want)
	if err := w.total(c, &v, want, no); err != nil {
		return err
	}
	return w.render(c, status, v.View())
}

// within writes the province before a place that does not name it: the sum was
// reckoned for it, so the parcel says it.
func (w *Web) within(ctx context.Context, to *order.Address) error {
	all, err := w.provinces(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.code == to.Code && !strings.HasPrefix(to.Region, p.name) && !strings.Contains(to.Region, p.nameEN) {
			to.Region = p.name + " " + to.Region
		}
	}
	return nil
}

// fill brings the lines into the parcels of their sellers.
func (w *Web) fill(v *page.Checkout, want wish) {
	r, at := v.Frame.Reader, map[id.ID]int{}
	for i, l := range want.lines {
		n, known := at[l.of.ProducerID]
		if !known {
			n = len(v.Parcels)
			at[l.of.ProducerID] = n
			v.Parcels = append(v.Parcels, page.Parcel{ID: l.of.ProducerID, Market: l.m.Title(r.Lang()), Seller: either(r, l.of.ProducerName, l.of.ProducerNameEN), Place: either(r, l.of.Region, l.of.RegionEN)})
		}
		line := page.CheckoutLine{Token: token(l.of, l.base), Title: either(r, l.of.Title, l.of.TitleEN), Base: l.base, Unit: l.of.Unit,
			Href: part.ListingWay(l.m.Code, l.of.ID.String()), Price: l.of.PriceMinor, Was: l.was, SoldOut: l.of.Available < l.base}
		line.Picture = picture(l.of.Photo, line.Title)
		line.Minor = l.costs()
		v.Goods += line.Minor
		if line.SoldOut {
			v.Blocked = true
			v.Sold = append(v.Sold, page.Sold{Title: line.Title, Left: max(l.of.Available, 0), Unit: l.of.Unit})
		}
		if i == 0 {
			v.Back = backTo(l.m, l.of, r.Amount(l.base, l.of.Unit), l.of.Unit)
		}
		v.Parcels[n].Lines = append(v.Parcels[n].Lines, line)
	}
	v.Total = v.Goods
	if want.kept {
		v.Back = part.BasketWay
	}
}

// total asks what all of it costs now and who receives what. A code that
// nobody has is said beside its field and then left out.
func (w *Web) total(c *fiber.Ctx, v *page.Checkout, want wish, no *refusal) error {
	to := &order.Address{Code: v.Form.Value("province")}
	comes, all := want.comes(v.Form.Values)
	v.Fetched, v.Reckoned = all, want.reckoned(v.Form.Values)
	q, err := w.quote(c, v.Form.Value("code"), to, comes, want.items()...)
	if fault.Has(err, "agent_unknown") {
		q, err = w.quote(c, "", to, comes, want.items()...)
	}
	if fault.Has(err, "not_delivered") { // what it costs there is nothing; the place can be changed
		f, _ := fault.As(err)
		v.Form = v.Form.Refused(v.Frame.Reader, f.On("province"), v.Form.Values)
		to.Code = ""
		q, err = w.quote(c, "", to, comes, want.items()...)
	}
	switch said, ok := fault.As(err); {
	case ok: // as it stands it cannot be bought
		v.Blocked = true
		if !v.Form.Bad() {
			v.Form = v.Form.Refused(v.Frame.Reader, said.On(""), v.Form.Values)
		}
		return nil
	case err != nil:
		return err
	}
	v.Total, v.Parts = q.Total, parts(q.Parts())
	if err := w.offerCash(c, v, q); err != nil {
		return err
	}
	if err := w.brought(c.UserContext(), v, q); err != nil {
		return err
	}
	if no != nil && fault.Has(no.err, "price_changed") {
		v.Changed = &page.Changed{Old: no.seen, New: v.Total}
		v.Form.Whole = "" // the page says it with both sums
	}
	if no != nil && fault.Has(no.err, "sold_out") && len(v.Sold) > 0 {
		v.Form.Whole = ""
	}
	for _, b := range q.Baskets {
		if b.Given.Way == attribution.Link && v.Agent == "" {
			if v.Agent, err = w.nameOf(c.UserContext(), b.Given); err != nil {
				return err
			}
		}
	}
	return nil
}
