package web

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/catalog"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
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

// tryRules says of a sale which rule of commission wins and why the others do
// not, and who gets what. It changes nothing.
func (d *desk) tryRules(c *fiber.Ctx, s seat) error {
	var categories []catalog.Category
	var names ruleNames
	err := d.view(c, s, func(tx *storage.Tx) (err error) {
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
		err := fault.All(e1, e2)
		if err == nil {
			var t door.Tried
			if t, err = d.Try(c.UserContext(), s.m.ID, asked["category"], sum, at); err == nil {
				v.Done, v.Minor, v.Producer, v.Agent, v.Fee, v.Tax = true, sum, t.Seller, t.Agent, t.Fee, t.Tax
				place := int64(0)
				for _, one := range t.Verdicts {
					at := int64(0)
					if one.Rule.To.IsZero() || one.Rule.To.After(d.DB.Now()) {
						place++
						at = place
					}
					v.Rows = append(v.Rows, page.Verdict{Position: at, Points: int64(one.Rule.RateBP), Category: names.category(d.reader(c, s), one.Rule.Category), Why: one.Why, Every: one.Rule.Everything()})
				}
			}
		}
		if err != nil && !refused(err) {
			return err
		}
		if err != nil {
			v.Form = part.Form{}.Refused(d.reader(c, s), err, asked)
			status = fiber.StatusUnprocessableEntity
		}
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v.Frame, v.Categories, v.Back = f, categoryOptions(f.Reader, categories), s.way(ratesWay)
		return v.View()
	})
}
