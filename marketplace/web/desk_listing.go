package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func (d *desk) listings(g fiber.Router) {
	g.Get("/producer/goods", d.seated(d.growerSeat, d.goodsPage))
	g.Get("/producer/listings/new", d.seated(d.growerSeat, d.newListing))
	g.Post("/producer/listings/new", d.seated(d.growerSeat, d.offer))
	g.Get("/producer/listings/:market/:id", d.seated(d.growerSeat, d.listing))
	g.Post("/producer/listings/:market/:id", d.seated(d.growerSeat, d.editListing))
	g.Get("/producer/listings/:market/:id/preview", d.seated(d.growerSeat, d.preview))
	g.Post("/producer/listings/:market/:id/copy", d.seated(d.growerSeat, d.copyListing))
	g.Get("/producer/listings/:market/:id/stock", d.seated(d.growerSeat, d.stockPage))
	g.Post("/producer/listings/:market/:id/receive", d.seated(d.growerSeat, d.receive))
	g.Post("/producer/listings/:market/:id/correct", d.seated(d.growerSeat, d.correct))
	g.Post("/producer/listings/:market/:id/move", d.seated(d.growerSeat, d.moveListing))
}

// own gives the listing of the address, if the seat's producer offers it.
func (d *desk) own(c *fiber.Ctx, s seat) (lying, error) {
	var l lying
	name, err := row(c.Params("id"))
	if err != nil {
		return l, err
	}
	err = d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if l.Listing, err = catalog.Find(tx, name); err != nil {
			return err
		}
		there, err := stock.LyingOf(tx, []id.ID{name})
		l.Lying = there[name]
		return err
	})
	if err == nil && l.ProducerID != s.grower.ID {
		err = fault.NotFound("listing_unknown")
	}
	return l, err
}

func (d *desk) newListing(c *fiber.Ctx, s seat) error {
	return d.showListing(c, s, fiber.StatusOK, nil, part.Form{})
}

func (d *desk) listing(c *fiber.Ctx, s seat) error {
	l, err := d.own(c, s)
	if err != nil {
		return err
	}
	return d.showListing(c, s, fiber.StatusOK, &l, part.Form{})
}

// showListing is the form: empty, of a listing, or as it was refused.
func (d *desk) showListing(c *fiber.Ctx, s seat, status int, l *lying, form part.Form) error {
	var categories []catalog.Category
	var units []catalog.Unit
	err := d.view(c, s, func(tx *storage.Tx) (err error) {
		if categories, err = catalog.Categories(tx); err == nil {
			units, err = catalog.Units(tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	around := s.around()
	return d.show(c, s, status, around, func(f part.Frame) templ.Component {
		v := page.ListingForm{Frame: f, New: l == nil, Form: form, Unit: "jin", Currency: s.m.Currency, Categories: categoryOptions(f.Reader, categories)}
		for _, u := range units {
			v.Units = append(v.Units, part.Option{Value: u.Code, Label: f.Reader.Unit(u.Code)})
		}
		v.Form.Key = newKey()
		if l == nil {
			v.Form.Action = s.way(part.NewListingWay)
			return v.View()
		}
		where := part.EditListingWay(marketText(l.Market), l.ID.String())
		v.Form.Action = s.way(where, "version", strconv.Itoa(l.Version))
		v.Title, v.State, v.Unit = listingTitle(f.Reader, l.Listing), string(l.State), l.Unit
		if v.Form.Values == nil {
			v.Form.Values = listingValues(f.Reader, *l, s.m.Currency)
		}
		v.LookHref = s.way(where + "/preview")
		if l.State != catalog.Drafted {
			v.LookHref = part.ListingWay(marketText(l.Market), l.ID.String())
		}
		v.GoodsHref = s.way(part.ProducerGoodsWay)
		for _, p := range l.Photos {
			v.Photos = append(v.Photos, page.Photo{ID: p, Picture: picture(p, v.Title)})
		}
		v.Frame.After = page.BarnLink{Frame: f, Href: s.way(where + "/stock")}.View()
		return v.View()
	})
}

func categoryOptions(r tongue.Reader, categories []catalog.Category) []part.Option {
	var out []part.Option
	for _, c := range categories {
		out = append(out, part.Option{Value: c.Code, Label: categoryName(r, c)})
	}
	return out
}

func categoryName(r tongue.Reader, c catalog.Category) string {
	if r.Lang() == tongue.English {
		return c.NameEN
	}
	return c.Name
}

// listingValues is a listing as its form shows it.
func listingValues(r tongue.Reader, l lying, currency string) map[string]string {
	unit, _ := catalog.UnitOf(l.Unit)
	return map[string]string{
		"title_zh": l.Title, "title_en": l.TitleEN, "story_zh": l.Story, "story_en": l.StoryEN, "category": l.Category, "unit": l.Unit,
		"price": r.Typed(l.PriceMinor, currency), "minimum": catalog.FormatQuantity(l.Minimum, unit),
		"stock": catalog.FormatQuantity(l.OnHand, unit), "band": catalog.FormatQuantity(int64(l.WeightBandBP), hundredth), "state": string(l.State),
	}
}

// listingFields are the names that the form gives to the catalogue's fields.
var listingFields = map[string]string{"title": "title_zh", "story": "story_zh", "quantity": "stock", "producer_id": "", "photos": "photo", "harvest_on": "", "grade": ""}

// wished reads the form: what is to be written, and how much is in the barn.
func (d *desk) wished(c *fiber.Ctx, s seat, photos []string) (catalog.Draft, int64, error) {
	said := typed(c)
	w := catalog.Draft{
		ProducerID: s.grower.ID, Category: said["category"], Title: said["title_zh"], TitleEN: said["title_en"], Story: said["story_zh"],
		StoryEN: said["story_en"], Unit: said["unit"], Photos: slices.Clone(photos),
	}
	unit, known := catalog.UnitOf(w.Unit)
	if !known {
		return w, 0, fault.Invalid("unit", "unknown_unit")
	}
	var wrong []error
	take := func(err error) { wrong = append(wrong, err) }
	var err error
	if w.Title == "" {
		take(fault.Invalid("title_zh", "required"))
	}
	w.PriceMinor, err = minor("price", said["price"])
	take(err)
	w.Minimum, err = base("minimum", said["minimum"], unit, false)
	take(err)
	in, err := base("stock", orZero(said["stock"]), unit, true)
	take(err)
	w.WeightBandBP, err = points("band", orZero(said["band"]))
	take(err)
	w.Photos = reordered(slices.DeleteFunc(w.Photos, func(p string) bool { return p == said["remove"] }), said["up"])
	data, err := upload(c, "photo")
	if err == nil && data != nil {
		var key string
		if key, err = d.Photos.Take(c.UserContext(), data); err == nil && !slices.Contains(w.Photos, key) {
			w.Photos = append(w.Photos, key)
		}
	}
	take(err)
	return w, in, fault.All(wrong...)
}

func orZero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

func (d *desk) offer(c *fiber.Ctx, s seat) error {
	l, err := d.offered(c, s)
	if err == nil {
		return d.done(c, s.way(part.EditListingWay(marketText(s.m.ID), l.ID.String())), "saved")
	}
	return d.listingRefused(c, s, nil, err)
}

func (d *desk) offered(c *fiber.Ctx, s seat) (catalog.Listing, error) {
	w, in, err := d.wished(c, s, nil)
	if err != nil {
		return catalog.Listing{}, err
	}
	want := catalog.State(c.FormValue("state"))
	if w.State = catalog.Drafted; want == catalog.Live || want == catalog.Paused {
		w.State = catalog.Live
	}
	ctx := c.UserContext()
	l, err := d.Catalog.Offer(ctx, d.key(c, s, "offer"), s.m.ID, s.p.ID, w)
	if err != nil {
		return l, err
	}
	if in > 0 {
		if _, err = d.Stock.Receive(ctx, d.key(c, s, "stock"), s.m.ID, s.p.ID, l.ID, stock.Batch{Quantity: in}); err != nil {
			return l, err
		}
	}
	if want == catalog.Paused {
		err = d.Catalog.Pause(ctx, s.m.ID, l.ID, s.p.ID)
	}
	return l, err
}

func (d *desk) editListing(c *fiber.Ctx, s seat) error {
	l, err := d.own(c, s)
	if err != nil {
		return err
	}
	if err := d.once(c.UserContext(), s, d.key(c, s), func() error { return d.edited(c, s, l) }); err != nil {
		return d.listingRefused(c, s, &l, err)
	}
	return d.done(c, s.way(part.EditListingWay(marketText(s.m.ID), l.ID.String())), "saved")
}

func (d *desk) edited(c *fiber.Ctx, s seat, l lying) error {
	w, there, err := d.wished(c, s, l.Photos)
	if err != nil {
		return err
	}
	w.Grade, w.HarvestOn = l.Grade, l.HarvestOn
	if there < l.OnHand {
		// What is gone has a reason, and the reason is asked for in the barn.
		return fault.Invalid("stock", "stock_lower")
	}
	version, err := strconv.Atoi(c.Query("version"))
	if err != nil {
		return fault.Conflict("conflict")
	}
	want := catalog.State(c.FormValue("state"))
	if want == catalog.Drafted && l.State != catalog.Drafted {
		return fault.Invalid("state", "listing_no_draft")
	}
	ctx := c.UserContext()
	if _, err := d.Catalog.Edit(ctx, s.m.ID, l.ID, version, w, s.p.ID); err != nil {
		return err
	}
	if more := there - l.OnHand; more > 0 {
		if _, err := d.Stock.Receive(ctx, d.key(c, s, "stock"), s.m.ID, s.p.ID, l.ID, stock.Batch{Quantity: more}); err != nil {
			return err
		}
	}
	return on(d.brought(c, s, l, want), map[string]string{"": "state"})
}

// brought moves a listing to the state that was chosen.
func (d *desk) brought(c *fiber.Ctx, s seat, l lying, want catalog.State) error {
	ctx := c.UserContext()
	switch want {
	case l.State:
		return nil
	case catalog.Live:
		return d.Catalog.Publish(ctx, s.m.ID, l.ID, s.p.ID)
	case catalog.Paused:
		if l.State == catalog.Drafted { // a draft becomes known first
			if err := d.Catalog.Publish(ctx, s.m.ID, l.ID, s.p.ID); err != nil {
				return err
			}
		}
		return d.Catalog.Pause(ctx, s.m.ID, l.ID, s.p.ID)
	case catalog.Archived:
		return d.Catalog.Archive(ctx, s.m.ID, l.ID, s.p.ID)
	}
	return nil
}

// listingRefused shows the form again, with everything that was typed.
func (d *desk) listingRefused(c *fiber.Ctx, s seat, l *lying, err error) error {
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, listingFields))
	return d.showListing(c, s, status, l, form)
}

func harvest(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
