package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/retail"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// listing is one of the goods, and what the quantity asked for costs.
func (w *Web) listing(c *fiber.Ctx) error {
	m, of, err := w.shown(c, c.Params("market"), c.Params("id"))
	if err != nil {
		return err
	}
	f, err := w.frame(c, m)
	if err != nil {
		return err
	}
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	v := listingPage(f, m, of)
	if grows(p, of) {
		v.EditHref = part.EditListingWay(m.Code, of.ID.String())
	}
	if of.Live && of.Available < max(of.Minimum, 1) && p.ID != id.None {
		var held id.ID
		if err := w.DB.View(c.UserContext(), m.ID, func(tx *storage.Tx) (err error) { held, err = order.Holds(tx, p.ID, of.ID); return }); err != nil {
			return err
		}
		if held != id.None {
			v.HeldHref = part.OrderWay(m.Code, held.String())
		}
	}
	status := fiber.StatusOK
	want, wrong := quantity(of, c.Query("quantity"), c.Query("unit"))
	v.Base = want
	v.Quantity, v.QuantityUnit = short(c.Query("quantity"), 32), c.Query("unit")
	if !slices.Contains(v.Units, v.QuantityUnit) {
		v.QuantityUnit = of.Unit
	}
	if v.Quantity == "" {
		v.Quantity = f.Reader.Amount(want, v.QuantityUnit)
	}
	if wrong != nil && of.Live && of.Available >= max(of.Minimum, 1) {
		said, _ := fault.As(wrong)
		v.QuantityFault, status = tongue.Fault(f.Reader, said.Code, said.Args), door.Status(wrong)
	}
	if err := w.reckon(c, &v, of); err != nil {
		return err
	}
	return w.render(c, status, v.View())
}

// shown is the listing of an address and its market.
func (w *Web) shown(c *fiber.Ctx, market, listing string) (region.Market, shelf.View, error) {
	m, err := w.marketOf(c.UserContext(), market)
	if err != nil {
		return m, shelf.View{}, err
	}
	name, ok := id.Parse(listing)
	if !ok {
		return m, shelf.View{}, fault.NotFound("listing_unknown")
	}
	of, err := w.Shelf.One(c.UserContext(), m.ID, name)
	return m, of, err
}

func listingPage(f part.Frame, m region.Market, of shelf.View) page.Listing {
	r := f.Reader
	v := page.Listing{
		Frame: f, Market: of.MarketCode, ID: of.ID.String(), Title: either(r, of.Title, of.TitleEN), Story: either(r, of.Story, of.StoryEN),
		Category: either(r, of.CategoryName, of.CategoryNameEN), CategoryCode: of.Category, Place: either(r, of.Region, of.RegionEN),
		Price: of.PriceMinor, Currency: of.Currency, Unit: of.Unit, Stock: of.Available, Minimum: of.Minimum, Band: int64(of.WeightBandBP),
		Live: of.Live, Units: units(of), Producer: page.Someone{Name: either(r, of.ProducerName, of.ProducerNameEN), Note: village(r, of.Region, of.RegionEN, of.Village)},
	}
	if story := either(r, of.ProducerStory, of.ProducerStoryEN); story != "" {
		v.Producer.Note = story
	}
	if of.HarvestOn != nil {
		y, month, day := of.HarvestOn.Date()
		v.Harvest = time.Date(y, month, day, 12, 0, 0, 0, m.Location())
	}
	if of.Grade != "" {
		v.Facts = append(v.Facts, part.Fact{Name: r.T("barn.grade"), Value: grade(r, of.Grade)})
	}
	for i, key := range of.Photos {
		alt := v.Title
		if i > 0 {
			alt = r.T("listing.picture", "n", i+1)
		}
		v.Pictures = append(v.Pictures, picture(key, alt))
	}
	return v
}

// units are those one may order in: the price's first, then the other weights.
func units(of shelf.View) []string {
	all := []string{of.Unit}
	if !of.Weighed {
		return all
	}
	for _, u := range []string{"jin", "kg"} {
		if u != of.Unit {
			all = append(all, u)
		}
	}
	return all
}

// quantity reads what a buyer wants, in base units; without a word it is the
// smallest order. It refuses what cannot be ordered, and gives the smallest
// order beside the refusal, so that the page has something to reckon with.
func quantity(of shelf.View, text, unit string) (int64, error) {
	least := max(of.Minimum, 1)
	if text == "" {
		return least, nil
	}
	if unit == "" {
		unit = of.Unit
	}
	u, known := catalog.UnitOf(unit)
	if !known || !slices.Contains(units(of), unit) {
		return least, fault.Invalid("quantity", "unknown_unit")
	}
	want, err := catalog.ParseQuantity(text, u)
	switch {
	case err != nil:
		return least, err
	case want < of.Minimum:
		return least, fault.Invalid("quantity", "below_minimum", fault.Args{"minimum": of.Minimum, "unit": of.Unit})
	case want > of.Available:
		return least, fault.Conflict("more_than_left", fault.Args{"left": of.Available, "unit": of.Unit}).On("quantity")
	}
	return want, nil
}

// quick are the multiples of the smallest order that one press chooses.
var quick = []int64{1, 2, 5, 10}

// steps are those of which there is enough.
func steps(of shelf.View) []page.Quick {
	var out []page.Quick
	for _, n := range quick {
		base := max(of.Minimum, 1) * n
		costs := wanted{of: of, base: base}.costs()
		if base > of.Available || costs == 0 {
			break
		}
		out = append(out, page.Quick{Base: base, Minor: costs})
	}
	return out
}

// reckon fills in what the quantity costs and who receives what of it, by the
// steps that an order would take.
func (w *Web) reckon(c *fiber.Ctx, v *page.Listing, of shelf.View) error {
	if !of.Live {
		return nil
	}
	item := order.Item{Market: of.Market, Listing: of.ID, Quantity: v.Base}
	priced, err := retail.Reckon(map[id.ID]catalog.Offer{of.ID: of.Offer()}, []order.Item{item})
	var q order.Quote
	if err == nil {
		q, err = w.quoteOf(c, priced, item)
	}
	if said, ok := fault.As(err); ok { // taken off the shelf this moment
		v.QuantityFault = tongue.Fault(v.Frame.Reader, said.Code, said.Args)
		return nil
	}
	if err != nil {
		return err
	}
	v.Minor, v.Parts = q.Total, parts(q.Parts())
	here := q.Baskets[0]
	v.ReturnDays = int64(here.Orders[0].Lines[0].ReturnDays)
	if v.Agent.Name, err = w.nameOf(c.UserContext(), here.Given); err != nil {
		return err
	}
	v.AgentMinor = v.Parts.Agent
	v.Quick = steps(of)
	return nil
}

// quote prices things for the visitor, the agent who sent them included.
func (w *Web) quote(c *fiber.Ctx, code string, to *order.Address, comes []id.ID, items ...order.Item) (order.Quote, error) {
	p, err := w.Who(c)
	if err != nil {
		return order.Quote{}, err
	}
	return w.Orders.Quote(c.UserContext(), order.Ask{Kind: retail.Name, Buyer: p, Items: items, Agent: w.sentBy(c, code), DeliverTo: to, Collect: comes})
}

// quoteOf is quote for what was read and priced already.
func (w *Web) quoteOf(c *fiber.Ctx, priced []order.Priced, items ...order.Item) (order.Quote, error) {
	p, err := w.Who(c)
	if err != nil {
		return order.Quote{}, err
	}
	return w.Orders.QuoteOf(c.UserContext(), order.Ask{Kind: retail.Name, Buyer: p, Items: items, Agent: w.sentBy(c, "")}, priced)
}

// parts are the shares as the bar of 100 yuan shows them.
func parts(s order.Shares) part.Parts {
	return part.Parts{Producer: s.Seller, Agent: s.Agent, Platform: s.Fee, Tax: s.Tax}
}

// token names a line of a checkout in its form.
func token(of shelf.View, base int64) string {
	return of.MarketCode + ":" + of.ID.String() + ":" + strconv.FormatInt(base, 10)
}
