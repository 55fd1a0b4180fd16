package web

import (
	"cmp"
	"slices"

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

// lying is a listing with what lies of it.
type lying struct {
	catalog.Listing
	stock.Lying
}

// goods gives n of a producer's listings, newest first, before one.
func (d *desk) goods(c *fiber.Ctx, s seat, before id.ID, n int, states ...catalog.State) ([]lying, error) {
	var all []lying
	err := d.view(c, s, func(tx *storage.Tx) error {
		listings, err := catalog.OfProducer(tx, s.grower.ID, before, n)
		if err != nil {
			return err
		}
		if len(states) > 0 {
			listings = slices.DeleteFunc(listings, func(l catalog.Listing) bool { return !slices.Contains(states, l.State) })
		}
		names := make([]id.ID, len(listings))
		for i, l := range listings {
			names[i] = l.ID
		}
		there, err := stock.LyingOf(tx, names)
		all = make([]lying, len(listings))
		for i, l := range listings {
			all[i] = lying{l, there[l.ID]}
		}
		return err
	})
	return all, err
}

func (g lying) on(r tongue.Reader, s seat) page.DeskGoods {
	way := part.EditListingWay(marketText(g.Market), g.ID.String())
	return page.DeskGoods{
		Href: part.ListingWay(marketText(g.Market), g.ID.String()), EditHref: s.way(way), BarnHref: s.way(way + "/stock"), LookHref: s.way(way + "/preview"),
		CopyHref: s.way(way + "/copy"), CopyKey: newKey(), Picture: picture(g.Cover(), ""),
		Title: listingTitle(r, g.Listing), Unit: g.Unit, OnHand: g.OnHand, Reserved: g.Reserved, Price: g.PriceMinor, State: string(g.State),
	}
}

func listingTitle(r tongue.Reader, l catalog.Listing) string {
	if r.Lang() == tongue.English && l.TitleEN != "" {
		return l.TitleEN
	}
	return l.Title
}

// shelved are the filters of a producer's goods.
var shelved = []struct {
	word   string
	states []catalog.State
}{
	{"", []catalog.State{catalog.Drafted, catalog.Live, catalog.Paused}}, {"live", []catalog.State{catalog.Live}}, {"paused", []catalog.State{catalog.Paused}},
	{"draft", []catalog.State{catalog.Drafted}}, {"archived", []catalog.State{catalog.Archived}},
}

// mostGoods is how many listings a page walks through.
const mostGoods = 100

func (d *desk) goodsPage(c *fiber.Ctx, s seat) error {
	older, err := after(c)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(shelved, func(f struct {
		word   string
		states []catalog.State
	}) bool {
		return f.word == c.Query("state")
	})
	if at < 0 {
		return fault.NotFound("not_found")
	}
	all, err := d.goods(c, s, older, mostGoods)
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		v := page.ProducerGoods{Frame: f, Currency: s.m.Currency, NewHref: s.way(part.NewListingWay)}
		if !s.clerk {
			v.Terms = s.way(part.ProducerTermsWay)
		}
		for i, one := range shelved {
			v.Chips = append(v.Chips, part.Chip{Word: f.T("goods." + cmp.Or(one.word, "all")), Href: s.way(part.ProducerGoodsWay, "state", one.word), On: i == at})
		}
		for _, g := range all {
			if slices.Contains(shelved[at].states, g.State) {
				v.Goods = append(v.Goods, g.on(f.Reader, s))
			}
		}
		if len(all) == mostGoods {
			v.Next = s.way(part.ProducerGoodsWay, "state", shelved[at].word, "after", all[mostGoods-1].ID.String())
		}
		return v.View()
	})
}

// copyListing makes a draft of the same goods, to be changed and put up: last
// year's walnuts are this year's but for the price. Stock is not copied.
func (d *desk) copyListing(c *fiber.Ctx, s seat) error {
	l, err := d.own(c, s)
	if err != nil {
		return err
	}
	made, err := d.Catalog.Offer(c.UserContext(), d.key(c, s, "copy"), s.m.ID, s.p.ID, catalog.Draft{
		ProducerID: s.grower.ID, Category: l.Category, Title: l.Title, TitleEN: l.TitleEN, Story: l.Story, StoryEN: l.StoryEN, Grade: l.Grade, Unit: l.Unit,
		PriceMinor: l.PriceMinor, Minimum: l.Minimum, WeightBandBP: l.WeightBandBP, Photos: l.Photos, State: catalog.Drafted})
	if err != nil {
		return err
	}
	return d.done(c, s.way(part.EditListingWay(marketText(s.m.ID), made.ID.String())), "copied")
}

// preview shows goods as a buyer will see them, drafts too.
func (d *desk) preview(c *fiber.Ctx, s seat) error {
	l, err := d.own(c, s)
	if err != nil {
		return err
	}
	var categories []catalog.Category
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { categories, err = catalog.Categories(tx); return }); err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		r := f.Reader
		v := page.Listing{
			Frame: f, Preview: true, Market: s.m.Code, ID: l.ID.String(), Title: listingTitle(r, l.Listing), Story: either(r, l.Story, l.StoryEN), CategoryCode: l.Category,
			Place: either(f.Reader, s.grower.RegionName, s.grower.RegionEN), Price: l.PriceMinor, Currency: s.m.Currency, Unit: l.Unit, Stock: l.OnHand - l.Reserved, Minimum: l.Minimum, Band: int64(l.WeightBandBP),
			Units: []string{l.Unit}, EditHref: s.way(part.EditListingWay(marketText(l.Market), l.ID.String())),
			Producer: page.Someone{Name: either(r, s.grower.Name, s.grower.NameEN), Note: either(r, s.grower.Story, s.grower.StoryEN)},
		}
		for _, one := range categories {
			if one.Code == l.Category {
				v.Category = categoryName(r, one)
			}
		}
		for _, key := range l.Photos {
			v.Pictures = append(v.Pictures, picture(key, v.Title))
		}
		v.Frame.Before = page.Preview{Frame: f, BackHref: v.EditHref, State: string(l.State)}.View()
		return v.View()
	})
}

// reordered puts one of the photos one place further to the front.
func reordered(photos []string, up string) []string {
	if i := slices.Index(photos, up); i > 0 {
		photos[i-1], photos[i] = photos[i], photos[i-1]
	}
	return photos
}
