package web

import (
	"crypto/sha256"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/commission"
	"commonfield/agents/people"
	"commonfield/catalog"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func (d *desk) rates(c *fiber.Ctx, s seat) error {
	return d.showRates(c, s, fiber.StatusOK, part.Form{}, part.Form{})
}

func (d *desk) showRates(c *fiber.Ctx, s seat, status int, rate, rule part.Form) error {
	var rates []catalog.Rate
	var rules []commission.Rule
	var categories []catalog.Category
	var names ruleNames
	var who map[id.ID]string
	err := d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if rates, err = catalog.Rates(tx); err != nil {
			return err
		}
		if rules, err = commission.List(tx); err != nil {
			return err
		}
		if categories, err = catalog.Categories(tx); err != nil {
			return err
		}
		if names, err = readRules(tx); err != nil {
			return err
		}
		by := []id.ID{}
		for _, r := range rates {
			by = append(by, r.By)
		}
		who, err = people.Names(tx, by...)
		return err
	})
	if err != nil {
		return err
	}
	rate.Action, rate.Key, rate.ID = s.way(ratesWay), newKey(), "rate-"
	rule.Action, rule.Key, rule.ID = s.way(rulesWay), newKey(), "rule-"
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Rates{Frame: f, Rate: rate, Rule: rule, CloseWay: s.way(rulesWay + "/close"), PlaceWay: s.way(rulesWay + "/place"), TryWay: s.way(tryWay)}
		v.Categories = append([]part.Option{{Value: "", Label: f.T("rates.any")}}, categoryOptions(f.Reader, categories)...)
		for _, r := range rates {
			v.Rows = append(v.Rows, page.Rate{What: r.What, Category: names.category(f.Reader, r.Category), Points: int64(r.RateBP), From: r.ValidFrom, By: who[r.By], State: standing(rates, r, d.DB.Now())})
		}
		place := int64(0)
		for _, r := range rules {
			over := !r.To.IsZero() && !r.To.After(d.DB.Now())
			if !over {
				place++
			}
			v.Rules = append(v.Rules, page.Rule{ID: r.ID.String(), Position: int64(r.Position), Category: names.category(f.Reader, r.Category), Kind: r.Kind,
				Points: int64(r.RateBP), Hold: int64(r.HoldDays), From: r.From, To: r.To, Over: over, Place: place, Every: r.Everything(), Key: newKey()})
		}
		v.Live = place
		return v.View()
	})
}

func (d *desk) setRate(c *fiber.Ctx, s seat) error {
	said := typed(c)
	err := d.once(c.UserContext(), s, d.key(c, s), func() error {
		bp, wrong := points("rate", said["rate"])
		from, late := day("from", said["from"], s.m.Location())
		if err := fault.All(wrong, late); err != nil {
			return err
		}
		_, err := d.Catalog.SetRate(c.UserContext(), s.m.ID, said["what"], said["category"], "", bp, from, s.p.ID)
		return err
	})
	if err == nil {
		return d.done(c, s.way(ratesWay), "rate_set")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showRates(c, s, status, form, part.Form{})
}

// ruleFields are the names that the form gives to a rule's fields.
var ruleFields = map[string]string{"rate_bp": "rate", "hold_days": "hold", "valid_to": "to", "kind": ""}

func (d *desk) addRule(c *fiber.Ctx, s seat) error {
	err := d.once(c.UserContext(), s, d.key(c, s), func() error { return d.ruled(c, s) })
	if err == nil {
		return d.done(c, s.way(ratesWay)+"#rules", "rule_added")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, ruleFields))
	return d.showRates(c, s, status, part.Form{}, form)
}

func (d *desk) ruled(c *fiber.Ctx, s seat) error {
	said := typed(c)
	bp, e1 := points("rate", said["rate"])
	hold, e2 := whole("hold", said["hold"])
	place, e3 := whole("position", said["position"])
	if e3 == nil && said["position"] != "" && place < 1 {
		e3 = fault.Invalid("position", "out_of_range", fault.Args{"min": 1, "max": 1000})
	}
	from, e4 := day("from", said["from"], s.m.Location())
	to, e5 := day("to", said["to"], s.m.Location())
	if err := fault.All(e1, e2, e3, e4, e5); err != nil {
		return err
	}
	if !to.IsZero() {
		to = to.Add(24 * time.Hour) // the last day counts
	}
	var known commission.Known
	err := d.view(c, s, func(tx *storage.Tx) error {
		all, err := catalog.Categories(tx)
		for _, one := range all {
			known.Categories = append(known.Categories, one.Code)
		}
		return err
	})
	if err != nil {
		return err
	}
	rule := commission.Rule{ID: named(d.key(c, s).Key), Category: said["category"], RateBP: bp, HoldDays: hold, From: from, To: to}
	rule, err = commission.AddRule(c.UserContext(), d.DB, s.m.ID, rule, s.p.ID, known)
	if err == nil && said["position"] != "" {
		err = commission.PlaceRule(c.UserContext(), d.DB, s.m.ID, rule.ID, place, s.p.ID)
		if fault.Has(err, "out_of_range") {
			err = nil // behind the last: there it is
		}
	}
	return err
}

// named makes a row's id from a key, so that the same form names the same row.
func named(key string) id.ID {
	if key == "" {
		return id.None
	}
	sum := sha256.Sum256([]byte(key))
	var i id.ID
	copy(i[:], sum[:])
	i[6], i[8] = i[6]&0x0f|0x80, i[8]&0x3f|0x80 // UUIDv8: a hash
	return i
}

func (d *desk) closeRule(c *fiber.Ctx, s seat) error {
	rule, err := row(c.FormValue("rule"))
	if err != nil {
		return err
	}
	if err := commission.CloseRule(c.UserContext(), d.DB, s.m.ID, rule, s.p.ID); err != nil {
		return err
	}
	return d.done(c, s.way(ratesWay)+"#rules", "rule_closed")
}

// placeRule moves a rule to a place of the list: the first that fits decides.
func (d *desk) placeRule(c *fiber.Ctx, s seat) error {
	rule, err := row(c.FormValue("rule"))
	if err != nil {
		return err
	}
	place, err := whole("place", c.FormValue("place"))
	if err == nil {
		err = commission.PlaceRule(c.UserContext(), d.DB, s.m.ID, rule, place, s.p.ID)
	}
	if err != nil {
		return err
	}
	return d.done(c, s.way(ratesWay)+"#rules", "rule_placed")
}
