package web

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/commission"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/retail"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/trail"
)

// applying shows how one becomes an agent, and of which market.
func (w *Web) applying(c *fiber.Ctx) error {
	return w.showApply(c, fiber.StatusOK, c.Query("market"), part.Form{})
}

func (w *Web) showApply(c *fiber.Ctx, status int, market string, form part.Form) error {
	ctx := c.UserContext()
	all, err := w.Books.All(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fault.NotFound("market_unknown") // there is nothing to sell yet
	}
	m := all[0]
	if market != "" {
		if m, err = w.marketOf(ctx, market); err != nil {
			return err
		}
	}
	f, err := w.frame(c, m)
	if err != nil {
		return err
	}
	form.Action, form.Key = part.ApplyWay, newKey()
	if form.Values == nil {
		form.Values = map[string]string{"market": m.Code}
	}
	v := page.AgentApply{Frame: f, Form: form, Currency: m.Currency}
	v.Low, v.High = goal(m.Currency)
	for _, one := range all {
		v.Markets = append(v.Markets, part.Option{Value: one.Code, Label: one.Title(f.Reader.Lang())})
	}
	if v.Rate, err = w.usualRate(ctx, m); err != nil {
		return err
	}
	if v.State, err = w.agentState(c, m); err != nil {
		return err
	}
	return w.render(c, status, v.View())
}

// usualRate is what the market's rules give for goods of no special kind.
func (w *Web) usualRate(ctx context.Context, m region.Market) (int64, error) {
	var rules []commission.Rule
	err := w.DB.View(ctx, m.ID, func(tx *storage.Tx) (err error) { rules, err = commission.Rules(tx, retail.Name); return })
	for _, due := range commission.Choose(rules, retail.Name, w.DB.Now(), []commission.Line{{No: 1}}) {
		return int64(due.RateBP), err
	}
	return 0, err
}

// agentState is how the visitor stands in a market; empty: they have not applied.
func (w *Web) agentState(c *fiber.Ctx, m region.Market) (string, error) {
	p, err := w.Who(c)
	if err != nil || p.Name == "" {
		return "", err
	}
	stands, err := w.Agents.Standings(c.UserContext(), p.ID)
	for _, s := range stands {
		if s.Market == m.ID {
			return s.State, err
		}
	}
	return "", err
}

// apply asks the market to have somebody as an agent. What they say of
// themselves stays in the trail, where the operator who decides reads it.
func (w *Web) apply(c *fiber.Ctx) error {
	p, err := w.Known(c)
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	ctx := c.UserContext()
	m, err := w.marketOf(ctx, form["market"])
	if err != nil {
		return err
	}
	var wrong []error
	wrong = append(wrong, needed("about", form["about"]))
	if len([]rune(form["about"])) > 500 {
		wrong = append(wrong, fault.Invalid("about", "too_long", fault.Args{"most": 500}))
	}
	if form["agree"] != "yes" {
		wrong = append(wrong, fault.Invalid("agree", "required"))
	}
	if err = fault.All(wrong...); err == nil {
		err = w.applied(ctx, m, p, form["about"])
	}
	if err == nil {
		return w.told(c, "apply.state.applied", link(part.ApplyWay, "market", strings.ToUpper(m.Code)))
	}
	if !refused(err) {
		return err
	}
	return w.showApply(c, door.Status(err), m.Code, part.Form{}.Refused(bare(c).Reader, err, form))
}

func (w *Web) applied(ctx context.Context, m region.Market, p people.Person, about string) error {
	a, err := w.Agents.Apply(ctx, m.ID, p)
	if err != nil {
		return err
	}
	subject := "agent:" + a.ID.String()
	return w.DB.Update(ctx, m.ID, func(tx *storage.Tx) error {
		tx.Keyed() // the same words twice in the trail do no harm
		trail.Write(tx, p.ID, "agent.about", subject, about)
		return nil
	})
}
