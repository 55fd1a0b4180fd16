package web

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/commission"
	"commonfield/catalog"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/money"
)

const tryWay = "/desk/operator/rates/try"

// standing says whether a version of a rate counts now, later, or did before:
// of those of the same goods and kind the newest that has begun.
func standing(all []catalog.Rate, r catalog.Rate, now time.Time) string {
	if r.ValidFrom.After(now) {
		return "later"
	}
	for _, o := range all { // the newest first
		if o.What == r.What && o.Category == r.Category && o.Kind == r.Kind && !o.ValidFrom.After(now) {
			if o.ID == r.ID {
				return "now"
			}
			return "before"
		}
	}
	return "before"
}

// inForce is the rate of goods now: the narrowest that has begun, of those the newest.
func inForce(all []catalog.Rate, what, category string, at time.Time) int32 {
	best, narrow := int32(0), -1
	for _, r := range all { // the newest first
		if r.What != what || r.ValidFrom.After(at) || r.Category != "" && r.Category != category || r.Kind != "" && r.Kind != "goods" {
			continue
		}
		n := 0
		if r.Category != "" {
			n += 2
		}
		if r.Kind != "" {
			n++
		}
		if n > narrow {
			best, narrow = r.RateBP, n
		}
	}
	return best
}

// tryRules says of a sale which rule of commission wins and why the others do
// not, and who gets what. It changes nothing.
func (d *desk) tryRules(c *fiber.Ctx, s seat) error {
	var rates []catalog.Rate
	var rules []commission.Rule
	var categories []catalog.Category
	var names ruleNames
	err := d.view(c, s, func(tx *storage.Tx) (err error) {
		if rates, err = catalog.Rates(tx); err != nil {
			return err
		}
		if rules, err = commission.List(tx); err != nil {
			return err
		}
		if categories, err = catalog.Categories(tx); err != nil {
			return err
		}
		names, err = readRules(tx)
		return err
	})
	if err != nil {
		return err
	}
	asked := map[string]string{"category": c.Query("category"), "sum": c.Query("sum"), "day": c.Query("day")}
	v := page.Try{Currency: s.m.Currency, Market: s.number(), Form: part.Form{Values: asked}}
	status := fiber.StatusOK
	if asked["sum"] != "" {
		sum, e1 := minor("sum", asked["sum"])
		at, e2 := day("day", asked["day"], s.m.Location())
		if at.IsZero() {
			at = d.DB.Now()
		}
		if wrong := fault.All(e1, e2); wrong != nil {
			v.Form = part.Form{}.Refused(d.reader(c, s), wrong, asked)
			status = fiber.StatusUnprocessableEntity
		} else {
			v.Done, v.Minor = true, sum
			tax := money.Included(sum, inForce(rates, catalog.Tax, asked["category"], at))
			told, earns := commission.Explain(rules, "goods", at, commission.Line{Category: asked["category"], Base: sum - tax})
			v.Tax, v.Fee, v.Agent = tax, money.Part(sum, inForce(rates, catalog.Fee, asked["category"], at)), earns
			v.Producer = sum - v.Tax - v.Fee - v.Agent
			for _, t := range told {
				v.Rows = append(v.Rows, page.Verdict{Position: int64(t.Rule.Position), Points: int64(t.Rule.RateBP), Category: names.category(d.reader(c, s), t.Rule.Category), Why: t.Why, Every: t.Rule.Everything()})
			}
		}
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v.Frame, v.Categories, v.Back = f, categoryOptions(f.Reader, categories), s.way(ratesWay)
		return v.View()
	})
}
