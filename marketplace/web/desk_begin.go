package web

import (
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/commission"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/catalog"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// closed shows, while there is no market, a shop that says so.
func (w *Web) closed(c *fiber.Ctx) (bool, error) {
	all, err := w.Books.All(c.UserContext())
	if err != nil || len(all) > 0 {
		return false, err
	}
	f, err := w.frame(c)
	if err != nil {
		return true, err
	}
	open, err := w.People.Unoperated(c.UserContext())
	if err != nil {
		return true, err
	}
	to := part.NewMarketWay
	if open {
		to = part.SetupWay
	}
	return true, w.render(c, fiber.StatusOK, page.Closed{Frame: f, Href: to}.View())
}

// nexts is what a market still needs; nothing once it has all of it.
func (d *desk) nexts(c *fiber.Ctx, s seat) ([]page.Next, error) {
	var operators []people.Person
	var growers []producer.Producer
	var rates []catalog.Rate
	var rules []commission.Rule
	var have map[string]int64
	err := d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if operators, err = people.Operators(tx); err != nil {
			return err
		}
		if growers, err = producer.List(tx, id.None, 1); err != nil {
			return err
		}
		if rates, err = catalog.Rates(tx); err != nil {
			return err
		}
		if rules, err = commission.List(tx); err != nil {
			return err
		}
		have, err = ledger.Balance(tx, ledger.OwnCapital)
		return err
	})
	if err != nil {
		return nil, err
	}
	var above []people.Person
	err = d.DB.View(c.UserContext(), storage.Platform, func(tx *storage.Tx) (err error) { above, err = people.Operators(tx); return })
	operators = append(operators, above...)
	who := map[id.ID]bool{}
	for _, p := range operators {
		who[p.ID] = true
	}
	steps := []page.Next{
		{Key: "account", Href: s.way(editMarketWay) + "#account", Done: s.m.Named()},
		{Key: "capital", Href: s.way(treasuryWay), Done: have[ledger.OwnCapital] != 0},
		{Key: "rates", Href: s.way(ratesWay), Done: len(rates) > 0},
		{Key: "rules", Href: s.way(ratesWay) + "#rules", Done: len(rules) > 0},
		{Key: "second", Href: s.way(part.PeopleWay), Done: len(who) > 1},
		{Key: "producer", Href: s.way(membersWay) + "#register", Done: len(growers) > 0},
	}
	for _, one := range steps {
		if !one.Done {
			return steps, err
		}
	}
	return nil, err
}
