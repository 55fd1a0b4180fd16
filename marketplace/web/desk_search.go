package web

import (
	"errors"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/catalog/search"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
)

const (
	engineWay  = "/desk/operator/search"
	shownWrong = 50
	// tardy is how long a change may wait before search counts as slow.
	tardy = time.Minute
)

// engine shows search as its operators see it: it is one for all markets, and
// what is compared is this market's part.
func (d *desk) engine(c *fiber.Ctx, s seat) error {
	return d.showEngine(c, s, fiber.StatusOK, part.Form{}, part.Form{})
}

func (d *desk) showEngine(c *fiber.Ctx, s seat, status int, rebuild, synonyms part.Form) error {
	ctx := c.UserContext()
	v := page.Engine{Platform: s.p.IsOperator(storage.Platform), Rebuild: rebuild, Synonyms: synonyms, CheckWay: s.way(engineWay, "check", "yes") + "#index"}
	health, err := d.Search.Health(ctx)
	if err != nil && !fault.Has(err, "search_down") {
		return err
	}
	down := err != nil
	v.Name, v.Version, v.Documents = health.Engine, health.Version, health.Documents
	if v.Waiting, v.Late, err = d.Search.Lag(ctx); err != nil {
		return err
	}
	v.State = searchState(down, v.Late)
	making, err := d.Search.Making(ctx)
	if err != nil {
		return err
	}
	v.Building, v.Failed = making.Waits, making.Error
	if v.Groups, err = d.Search.Synonyms(ctx); err != nil {
		return err
	}
	v.Text, v.Edition = search.WriteGroups(v.Groups), synonyms.Or("edition", search.Edition(v.Groups))
	if c.Query("check") == "yes" {
		if v.Compared, err = d.compared(c, s); err != nil {
			return err
		}
	}
	v.Rebuild.Action, v.Rebuild.Key = s.way(engineWay+"/rebuild"), newKey()
	v.Synonyms.Action, v.Synonyms.Key = s.way(engineWay), newKey()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v.Frame = f
		return v.View()
	})
}

// compared holds the engine's documents of the market against its rows.
func (d *desk) compared(c *fiber.Ctx, s seat) (*page.Compared, error) {
	n, wrong, err := d.Search.Compare(c.UserContext(), s.m.ID)
	_, later := errors.AsType[audit.Skip](err)
	out := page.Compared{Documents: n, Later: later, Down: fault.Has(err, "search_down")}
	if err != nil && !out.Later && !out.Down {
		return nil, err
	}
	if len(wrong) > shownWrong {
		out.More, wrong = int64(len(wrong)-shownWrong), wrong[:shownWrong]
	}
	out.Wrong = wrong
	return &out, nil
}

// rebuild asks for the index to be built anew; a job does it.
func (d *desk) rebuild(c *fiber.Ctx, s seat) error {
	err := d.once(c.UserContext(), s, d.key(c, s), func() error { return d.Search.AskRebuild(c.UserContext(), s.p) })
	if err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(engineWay)+"#index", "rebuild_asked")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showEngine(c, s, status, form, part.Form{})
}

// setSynonyms replaces the groups by what stands in the box. Who wrote from an
// older state than now is refused and keeps what they typed.
func (d *desk) setSynonyms(c *fiber.Ctx, s seat) error {
	said := typed(c)
	err := d.once(c.UserContext(), s, d.key(c, s), func() error {
		return d.Search.SetSynonyms(c.UserContext(), s.p, search.ReadGroups(said["synonyms"]), said["edition"])
	})
	if err == nil {
		return d.done(c, s.way(engineWay)+"#names", "synonyms_set")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	if fault.Has(err, "conflict") {
		delete(form.Values, "edition") // who has been told may write over it
	}
	return d.showEngine(c, s, status, part.Form{}, form)
}
