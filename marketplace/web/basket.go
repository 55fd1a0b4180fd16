package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/door"
	"commonfield/marketplace/kept"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// baskets mounts what a visitor has put aside.
func (w *Web) baskets(app fiber.Router) {
	app.Get(part.BasketWay, w.basket)
	app.Post(part.PutWay, w.put)
	app.Post(part.AmountWay, w.amount)
}

func (w *Web) basket(c *fiber.Ctx) error { return w.showBasket(c, fiber.StatusOK, nil) }

// unfit is a quantity that was refused, with its line.
type unfit struct {
	of    shelf.Ref
	typed string
	err   error
}

func (w *Web) showBasket(c *fiber.Ctx, status int, no *unfit) error {
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	var lines []kept.Line
	if p.ID != id.None {
		if lines, err = w.Kept.List(c.UserContext(), p.ID); err != nil {
			return err
		}
	}
	f.Basket = len(lines)
	v := page.Basket{Frame: f, Checkout: part.CheckoutWay + "?basket=yes"}
	if err := w.lay(c, &v, lines, no); err != nil {
		return err
	}
	if err := w.besides(c, &v, p, lines); err != nil {
		return err
	}
	if len(lines) == 0 {
		known, err := w.categories(c.UserContext())
		if err != nil {
			return err
		}
		v.Words = known.chips(f.Reader)
	}
	if c.Get("HX-Target") == page.BasketPiece {
		return w.render(c, status, v.Changed())
	}
	return w.render(c, status, v.View())
}

// lay brings the lines, which come by market, under their sellers.
func (w *Web) lay(c *fiber.Ctx, v *page.Basket, lines []kept.Line, no *unfit) error {
	var last int32
	at := map[id.ID]int{}
	for _, l := range lines {
		m, err := w.Books.Market(c.UserContext(), l.Market)
		if err != nil {
			return err
		}
		if l.Market != last {
			last, at = l.Market, map[id.ID]int{}
			v.Markets = append(v.Markets, page.BasketMarket{Name: m.Title(v.Frame.Reader.Lang())})
		}
		in := &v.Markets[len(v.Markets)-1]
		n, known := at[l.View.ProducerID]
		if !known {
			n = len(in.Sellers)
			at[l.View.ProducerID] = n
			in.Sellers = append(in.Sellers, basketSeller(v.Frame.Reader, m, l))
		}
		in.Sellers[n].Lines = append(in.Sellers[n].Lines, basketLine(v.Frame.Reader, m, l, no))
		if l.Reason != "" {
			v.Stuck++
			continue
		}
		minor, _ := l.Costs()
		v.Ready++
		v.Total += minor
		v.Foreign = v.Foreign || v.Currency != "" && v.Currency != m.Currency
		v.Currency = m.Currency
	}
	return nil
}

func basketSeller(r tongue.Reader, m region.Market, l kept.Line) page.BasketSeller {
	if l.View.ID == id.None {
		return page.BasketSeller{Name: r.T("basket.nobody")}
	}
	return page.BasketSeller{Name: either(r, l.View.ProducerName, l.View.ProducerNameEN), Place: either(r, l.View.Region, l.View.RegionEN),
		Href: part.GrowerWay(m.Code, l.View.ProducerID.String())}
}

func basketLine(r tongue.Reader, m region.Market, l kept.Line, no *unfit) page.BasketLine {
	v := l.View
	minor, _ := l.Costs()
	out := page.BasketLine{Market: m.Code, Listing: l.Listing.String(), Unit: v.Unit, Base: l.Quantity, Least: max(v.Minimum, 1), Left: v.Available,
		Price: v.PriceMinor, Minor: minor, Currency: m.Currency, Reason: string(l.Reason)}
	out.Step = max(v.Minimum, v.UnitBase, 1)
	if v.ID != id.None {
		out.Title, out.Href = either(r, v.Title, v.TitleEN), part.ListingWay(m.Code, l.Listing.String())
		out.Picture = picture(v.Photo, out.Title)
		out.Similar = link(part.SearchWay, page.AskCategory, v.Category)
	}
	if was, changed := l.Was(); changed {
		out.Was = was
	}
	if no != nil && no.of == l.Ref() {
		said, _ := fault.As(no.err)
		out.Typed, out.Fault = no.typed, tongue.Fault(r, said.Code, said.Args)
	}
	return out
}

// put puts the goods of a listing's page into the basket, or goes on with them
// as the pressed button says: to the checkout, or to what they cost.
func (w *Web) put(c *fiber.Ctx) error {
	m, of, err := w.shown(c, c.FormValue("market"), c.FormValue("listing"))
	if err != nil {
		return err
	}
	typed, unit := short(strings.TrimSpace(c.FormValue("quantity")), 40), short(c.FormValue("unit"), 20)
	switch c.FormValue("then") {
	case "buy":
		return c.Redirect(link(part.CheckoutWay, "market", m.Code, "listing", of.ID.String(), "quantity", typed, "unit", unit), fiber.StatusSeeOther)
	case "reckon":
		return c.Redirect(backTo(m, of, typed, unit), fiber.StatusSeeOther)
	}
	before, err := w.Who(c)
	if err != nil {
		return err
	}
	p, err := w.Somebody(c)
	if err != nil {
		return err
	}
	base, err := quantity(of, typed, unit)
	if err == nil {
		err = w.Kept.Put(c.UserContext(), p.ID, shelf.Ref{Market: m.ID, Listing: of.ID}, base)
	}
	if err != nil && !refused(err) {
		return err
	}
	return w.sayPut(c, m, of, before, err, backTo(m, of, typed, unit))
}

// sayPut answers a script with a piece, and everybody else with a page. Whoever
// was nobody until now gets a page in any case: their forms have become others.
func (w *Web) sayPut(c *fiber.Ctx, m region.Market, of shelf.View, before people.Person, no error, back string) error {
	f, err := w.frame(c, m)
	if err != nil {
		return err
	}
	r := f.Reader
	sentence := r.T("basket.put", "title", either(r, of.Title, of.TitleEN))
	if said, ok := fault.As(no); ok {
		sentence = tongue.Fault(r, said.Code, said.Args)
	}
	scripted := c.Get("HX-Request") != "" && before.ID != id.None
	switch {
	case scripted && no == nil:
		return w.render(c, fiber.StatusOK, page.PutAside(f, sentence))
	case scripted:
		return w.render(c, door.Status(no), page.NotPut(sentence))
	case no == nil:
		w.flash(c, part.Notice{Kind: "good", Text: sentence})
		return onward(c, part.BasketWay)
	}
	w.flash(c, part.Notice{Kind: "bad", Text: sentence})
	return onward(c, back)
}

// onward goes to another page, for a script by a header.
func onward(c *fiber.Ctx, way string) error {
	if c.Get("HX-Request") != "" {
		c.Set("HX-Redirect", way)
		return c.SendStatus(fiber.StatusOK)
	}
	return c.Redirect(way, fiber.StatusSeeOther)
}

// amount changes how much of a line is wanted, or takes it out.
func (w *Web) amount(c *fiber.Ctx) error {
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	m, err := w.marketOf(c.UserContext(), c.FormValue("market"))
	if err != nil {
		return err
	}
	listing, ok := id.Parse(c.FormValue("listing"))
	if !ok || p.ID == id.None {
		return fault.NotFound("listing_unknown")
	}
	ref := shelf.Ref{Market: m.ID, Listing: listing}
	typed := short(strings.TrimSpace(c.FormValue("quantity")), 40)
	base, err := w.amountOf(c, ref, typed)
	if err == nil {
		err = w.Kept.Put(c.UserContext(), p.ID, ref, base)
	}
	switch {
	case err == nil && c.Get("HX-Request") == "":
		return c.Redirect(part.BasketWay, fiber.StatusSeeOther)
	case err == nil:
		return w.showBasket(c, fiber.StatusOK, nil)
	case !refused(err):
		return err
	}
	return w.showBasket(c, door.Status(err), &unfit{ref, typed, err})
}

// amountOf reads what a line's form wants: nothing any more, a button's
// quantity, or a typed one in the unit of the listing.
func (w *Web) amountOf(c *fiber.Ctx, ref shelf.Ref, typed string) (int64, error) {
	if c.FormValue("take") != "" {
		return 0, nil
	}
	if text := c.FormValue("base"); text != "" {
		base, err := strconv.ParseInt(text, 10, 64)
		if err != nil || base < 0 {
			return 0, fault.Invalid("quantity", "not_a_number")
		}
		return base, nil
	}
	of, err := w.Shelf.One(c.UserContext(), ref.Market, ref.Listing)
	if err != nil {
		return 0, err
	}
	if nothing(typed) {
		return 0, nil
	}
	u, known := catalog.UnitOf(of.Unit)
	if !known {
		return 0, fault.Invalid("quantity", "unknown_unit")
	}
	return catalog.ParseQuantity(typed, u)
}
