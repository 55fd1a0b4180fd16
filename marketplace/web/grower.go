package web

import (
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/producer"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// grower is the public page of a producer. One who has only applied has none.
func (w *Web) grower(c *fiber.Ctx) error {
	m, err := w.market(c)
	if err != nil {
		return err
	}
	name, ok := id.Parse(c.Params("id"))
	if !ok {
		return fault.NotFound("producer_unknown")
	}
	var of producer.Producer
	if err := w.DB.View(c.UserContext(), m.ID, func(tx *storage.Tx) (err error) { of, err = producer.Find(tx, name); return }); err != nil {
		return err
	}
	if of.State != producer.Active && of.State != producer.Suspended {
		return fault.NotFound("producer_unknown")
	}
	f, err := w.frame(c, m)
	if err != nil {
		return err
	}
	r := f.Reader
	v := page.Grower{
		Frame: f, Name: either(r, of.Name, of.NameEN), Place: village(r, of.RegionName, of.RegionEN, of.Village), Story: either(r, of.Story, of.StoryEN), Since: of.CreatedAt,
		Market:  part.Fact{Value: m.Title(r.Lang()), Href: link(part.SearchWay, page.AskMarket, m.Code)},
		Licence: of.Licence, Exemption: of.Exemption, Offline: of.PersonID == id.None, Suspended: of.State == producer.Suspended,
	}
	if c.Query(page.AskAfter) == "" {
		v.Href = part.GrowerWay(m.Code, of.ID.String())
	}
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	if p.ID != id.None && !p.Guest && p.ID == of.PersonID {
		v.EditHref = part.ProducerWay
	}
	if v.Suspended {
		return w.render(c, fiber.StatusOK, v.View())
	}
	cards, next, err := w.Shelf.Page(c.UserContext(), shelf.Filter{Market: &m.ID, Producer: of.ID, After: c.Query(page.AskAfter)})
	if err != nil {
		return err
	}
	for _, card := range cards {
		v.Goods = append(v.Goods, goods(r, card))
	}
	if next != "" {
		v.Next = link(part.GrowerWay(m.Code, of.ID.String()), page.AskAfter, next)
	}
	return w.render(c, fiber.StatusOK, v.View())
}
