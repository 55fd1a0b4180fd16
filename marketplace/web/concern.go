package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/part"
	"commonfield/storage/id"
)

// concern is an order as one of its sides looks at what was made of it: a complaint,
// a return.
type concern struct {
	m     region.Market
	p     people.Person
	story order.Story
	as    []order.Party
}

func (w *Web) concern(c *fiber.Ctx) (concern, error) {
	var k concern
	var name id.ID
	var err error
	if k.m, name, k.p, err = w.named(c); err != nil {
		return k, err
	}
	ref := order.Ref{Market: k.m.ID, ID: name}
	if _, k.as, err = w.Sides(c.UserContext(), k.p, ref); err != nil {
		return k, err
	}
	k.story, err = w.Orders.Story(c.UserContext(), ref)
	return k, err
}

func (k concern) is(party order.Party) bool { return slices.Contains(k.as, party) }

// side is the most concerned one; a clerk's is the seller's.
func (k concern) side() order.Party {
	if k.as[0] == door.AsClerk {
		return order.AsSeller
	}
	return k.as[0]
}

// forms gives each deed on a page its form: what begins goes to the page itself, what
// goes on (newest names with what; None: nothing is there) below it. The one that was
// refused keeps what was typed.
func forms(way string, newest id.ID, begins string, goesOn []string, refused string, typed part.Form) map[string]part.Form {
	all := map[string]part.Form{}
	for _, deed := range append([]string{begins}, goesOn...) {
		f := part.Form{}
		if deed == refused {
			f = typed
		}
		f.Key, f.ID, f.Action = newKey(), deed+"-", way
		if deed != begins && newest != id.None {
			f.Action = way + "/" + newest.String() + "/" + deed
		}
		all[deed] = f
	}
	return all
}

// afterDeed leads back to the page on which a deed was done, and says word; one that was
// refused shows the page again with what was typed.
func (w *Web) afterDeed(c *fiber.Ctx, k concern, way, word string, form typedForm, err error, again func(status int, refused part.Form) error) error {
	if err == nil {
		w.Worker.Wake()
		return w.told(c, word, way)
	}
	if !refused(err) {
		return err
	}
	f, e := w.frame(c, k.m)
	if e != nil {
		return e
	}
	return again(door.Status(err), part.Form{}.Refused(f.Reader, speakable(err, k.story.Currency), form))
}
