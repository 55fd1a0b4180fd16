package web

import (
	"cmp"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
)

// marketing mounts the pages of the markets themselves: opening one is for
// operators of the platform, the rest for those of the market.
func (d *desk) marketing(g fiber.Router) {
	of := func(do func(*fiber.Ctx, seat) error) fiber.Handler { return d.seated(d.operatorSeat, do) }
	all := func(do func(*fiber.Ctx, seat) error) fiber.Handler { return d.seated(d.platformSeat, do) }
	g.Get("/operator/markets", of(d.markets))
	g.Get("/operator/markets/new", all(d.newMarket))
	g.Post("/operator/markets/new", all(d.openMarket))
	g.Get("/operator/market", of(d.marketForm))
	g.Post("/operator/market", of(d.editMarket))
	g.Post("/operator/market/pause", of(d.pauseMarket))
}

// editMarketWay is the page of the market that one sits in.
const editMarketWay = "/desk/operator/market"

// platformSeat is an operator's of the platform, in no market.
func (d *desk) platformSeat(_ *fiber.Ctx, p people.Person) (seat, error) {
	s := seat{p: p}
	return s, d.Platform(p)
}

func (d *desk) markets(c *fiber.Ctx, s seat) error {
	var names map[string]region.Said
	var codes []string
	for _, m := range s.markets {
		codes = append(codes, m.RegionCode)
	}
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { names, err = region.Say(tx, codes...); return }); err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Markets{Frame: f, Platform: s.p.IsOperator(storage.Platform)}
		for _, m := range s.markets {
			v.Rows = append(v.Rows, page.MarketRow{Href: seat{m: m}.way(editMarketWay), Desk: seat{m: m}.way(part.OperatorWay), Code: m.Code, Name: m.Title(f.Reader.Lang()),
				Place: placed(f.Reader, names[m.RegionCode]), Operator: m.Operator, Paused: m.Paused(), Account: m.Named(), Since: m.CreatedAt})
		}
		return v.View()
	})
}

// newMarket chooses the place first, by search or by going down, and then asks
// for the rest.
func (d *desk) newMarket(c *fiber.Ctx, s seat) error {
	return d.showNewMarket(c, s, fiber.StatusOK, c.Query("region"), part.Form{})
}

func (d *desk) showNewMarket(c *fiber.Ctx, s seat, status int, place string, form part.Form) error {
	all, err := d.Books.All(c.UserContext())
	if err != nil {
		return err
	}
	v := page.NewMarket{Query: short(c.Query("q"), 60), First: len(all) == 0, Form: form}
	var at region.Region
	var path, found []region.Region
	var said map[string]region.Said
	err = d.DB.ViewShared(c.UserContext(), func(tx *storage.Tx) error {
		var err error
		switch {
		case place != "":
			if at, err = region.Find(tx, place); err != nil {
				return err
			}
			if said, err = region.Say(tx, place); err != nil {
				return err
			}
		case v.Query != "":
			found, err = region.Search(tx, v.Query, 40)
		default:
			if under := c.Query("under"); under != "" {
				if path, err = region.Path(tx, under); err != nil {
					return err
				}
			}
			found, err = region.Children(tx, c.Query("under"))
		}
		return err
	})
	if fault.Has(err, "region_unknown") {
		return c.Redirect(part.NewMarketWay, fiber.StatusSeeOther) // a link that lost a letter
	}
	if err != nil {
		return err
	}
	v.Chosen, v.Name = at.Code, at.Name
	v.Form.Action, v.Form.Key = link(part.NewMarketWay, "region", at.Code), newKey()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v.Frame, v.Place = f, placed(f.Reader, said[place])
		for _, r := range path {
			v.Path = append(v.Path, part.Crumb{Word: either(f.Reader, r.Name, r.English()), Href: link(part.NewMarketWay, "under", r.Code)})
		}
		for _, r := range found {
			v.Regions = append(v.Regions, stepTo(f.Reader, r))
		}
		v.Short = either(f.Reader, at.Name, at.English())
		return v.View()
	})
}

// stepTo is where a place of the picker leads: a county is chosen, what lies
// above is opened.
func stepTo(reader tongue.Reader, r region.Region) page.PlaceStep {
	p := page.PlaceStep{Name: either(reader, r.Name, r.English()), Choose: link(part.NewMarketWay, "region", r.Code)}
	switch r.Level {
	case region.Province:
		p.Choose, p.Open = "", link(part.NewMarketWay, "under", r.Code)
	case region.City:
		p.Open = link(part.NewMarketWay, "under", r.Code)
	case region.Township:
		p.Choose = ""
	}
	return p
}

// openMarket opens the market of the form and goes on to its desk.
func (d *desk) openMarket(c *fiber.Ctx, s seat) error {
	said := typed(c)
	o, wrong := d.opening(c, s, said)
	m, err := region.Market{}, wrong
	if wrong == nil {
		m, err = d.OpenMarket(c.UserContext(), s.p, o)
	}
	if err == nil {
		s.m = m
		return d.done(c, s.way(part.OperatorWay), "market_open", "name", m.Title(bare(c).Reader.Lang()))
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"region": "", "rate": "fee"}))
	return d.showNewMarket(c, s, status, c.Query("region"), form)
}

func (d *desk) opening(c *fiber.Ctx, s seat, said map[string]string) (marketplace.Opening, error) {
	fee, e1 := points("fee", said["fee"])
	tax, e2 := points("tax", said["tax"])
	agents, e3 := points("commission", said["commission"])
	hold, e4 := whole("hold", said["hold"])
	var capital int64
	var e5 error
	if strings.TrimSpace(said["capital"]) != "" {
		capital, e5 = cents("capital", said["capital"])
	}
	o := marketplace.Opening{
		NewMarket: region.NewMarket{Code: said["code"], Name: strings.TrimSpace(said["name"]), NameEN: strings.TrimSpace(said["name_en"]), RegionCode: c.Query("region"),
			Currency: strings.ToUpper(strings.TrimSpace(said["currency"])), TimeZone: strings.TrimSpace(said["time_zone"]),
			Operator: strings.TrimSpace(said["operator"]), Licence: strings.TrimSpace(said["licence"]), Opening: named(d.key(c, s).Key)},
		Account: bankAccount(said), FeeBP: fee, TaxBP: tax, CommissionBP: agents, HoldDays: hold, Capital: capital,
	}
	return o, fault.All(e1, e2, e3, e4, e5)
}

func bankAccount(said map[string]string) region.Account {
	return region.Account{Holder: said["holder"], Bank: said["bank"], Number: said["number"]}
}

// marketForm shows what may be changed of a market.
func (d *desk) marketForm(c *fiber.Ctx, s seat) error {
	return d.showMarket(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showMarket(c *fiber.Ctx, s seat, status int, form part.Form) error {
	traded, err := d.Traded(c.UserContext(), s.m.ID)
	if err != nil {
		return err
	}
	var place region.Said
	err = d.view(c, s, func(tx *storage.Tx) error {
		names, err := region.Say(tx, s.m.RegionCode)
		place = names[s.m.RegionCode]
		return err
	})
	if err != nil {
		return err
	}
	m := s.m
	form.Action, form.Key = s.way(editMarketWay), newKey()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		return page.MarketForm{Frame: f, Title: m.Title(f.Reader.Lang()), Code: m.Code, Place: placed(f.Reader, place), Currency: m.Currency, Since: m.CreatedAt,
			Name: m.Name, NameEN: m.NameEN, Operator: m.Operator, Licence: m.Licence, TimeZone: m.TimeZone, Traded: traded,
			Holder: m.Holder, Bank: m.Bank, Number: m.Number, Edition: form.Or("edition", m.Told().Edition), Paused: m.Paused(), PausedAt: m.PausedAt.Time, Form: form,
			Pause: part.Form{Action: s.way(editMarketWay + "/pause"), Key: newKey()}}.View()
	})
}

func (d *desk) editMarket(c *fiber.Ctx, s seat) error {
	said := typed(c)
	zone := s.m.TimeZone
	if typedZone, there := said["time_zone"]; there {
		zone = strings.TrimSpace(typedZone)
	}
	_, err := d.EditMarket(c.UserContext(), s.p, s.m.ID, region.Told{Name: said["name"], NameEN: said["name_en"],
		Operator: said["operator"], Licence: said["licence"], TimeZone: zone, Account: bankAccount(said), Edition: said["edition"]})
	if err == nil {
		return d.done(c, s.way(editMarketWay), "market_saved")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	if fault.Has(err, "conflict") {
		delete(form.Values, "edition") // who has read what stands there may write over it
		form.Faults = d.standing(c, s, said)
	}
	return d.showMarket(c, s, status, form)
}

// standing says beside each field in which somebody typed other than what stands there
// now what that is.
func (d *desk) standing(c *fiber.Ctx, s seat, said map[string]string) map[string]string {
	beside := map[string]string{}
	for name, now := range map[string]string{"name": s.m.Name, "name_en": s.m.NameEN, "operator": s.m.Operator, "licence": s.m.Licence,
		"holder": s.m.Holder, "bank": s.m.Bank, "number": s.m.Number} {
		if now != strings.TrimSpace(said[name]) {
			beside[name] = d.reader(c, s).T("market.now_is", "value", cmp.Or(now, "–"))
		}
	}
	return beside
}

// pauseMarket stops new orders, or takes them again.
func (d *desk) pauseMarket(c *fiber.Ctx, s seat) error {
	pause := c.FormValue("deed") == "pause"
	if !pause && c.FormValue("deed") != "resume" {
		return fault.Invalid("deed", "invalid")
	}
	if _, err := d.PauseMarket(c.UserContext(), s.p, s.m.ID, pause); err != nil {
		return err
	}
	word := "market_resumed"
	if pause {
		word = "market_paused"
	}
	return d.done(c, s.way(editMarketWay), word)
}
