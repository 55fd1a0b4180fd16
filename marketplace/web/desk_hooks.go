package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/hook"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// hooksWay is where operators have systems of their own told what happens.
const hooksWay = "/desk/operator/hooks"

// hooking mounts the pages of outgoing webhooks, for operators of the market.
func (d *desk) hooking(g fiber.Router) {
	on := func(do func(*fiber.Ctx, seat) error) fiber.Handler { return d.seated(d.operatorSeat, do) }
	g.Get("/operator/hooks", on(d.hooks))
	g.Post("/operator/hooks", on(d.addHook))
	g.Get("/operator/hooks/:market/:id", on(d.hook))
	g.Post("/operator/hooks/:market/:id", on(d.hookFate))
}

func (s seat) hookWay(h id.ID) string { return s.way(hooksWay + "/" + s.m.Code + "/" + h.String()) }

func (d *desk) hooks(c *fiber.Ctx, s seat) error {
	return d.showHooks(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showHooks(c *fiber.Ctx, s seat, status int, form part.Form) error {
	var all []hook.Hook
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { all, err = hook.List(tx); return }); err != nil {
		return err
	}
	form.Action, form.Key = s.way(hooksWay), newKey()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Hooks{Frame: f, Form: form, Events: hook.Events}
		for _, h := range all {
			v.Rows = append(v.Rows, page.HookRow{Href: s.hookWay(h.ID), URL: h.URL, State: hookState(h), Events: int64(len(h.Events)), Since: h.CreatedAt})
		}
		return v.View()
	})
}

// hookState is how a hook stands, in one word.
func hookState(h hook.Hook) string {
	switch {
	case h.State == hook.Paused:
		return "paused_" + h.Why
	case h.FailingSince != nil:
		return "ill"
	}
	return "active"
}

// ticked are the events whose boxes are ticked.
func ticked(said map[string]string) []string {
	var all []string
	for _, e := range hook.Events {
		if said[e] == "yes" {
			all = append(all, e)
		}
	}
	return all
}

// addHook adds an address and shows its secret, this once.
func (d *desk) addHook(c *fiber.Ctx, s seat) error {
	said := typed(c)
	h, secret, err := d.Outward.Add(c.UserContext(), s.m.ID, s.p.ID, said["url"], ticked(said))
	if err == nil {
		return d.showHook(c, s, fiber.StatusOK, h.ID, secret, part.Form{})
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showHooks(c, s, status, form)
}

// hookHere reads which hook the address names. The market of the address is the
// one that the operator sits in.
func hookHere(c *fiber.Ctx, s seat) (id.ID, error) {
	if c.Params("market") != s.m.Code {
		return id.None, fault.NotFound("not_found")
	}
	return row(c.Params("id"))
}

func (d *desk) hook(c *fiber.Ctx, s seat) error {
	h, err := hookHere(c, s)
	if err != nil {
		return err
	}
	return d.showHook(c, s, fiber.StatusOK, h, "", part.Form{})
}

func (d *desk) showHook(c *fiber.Ctx, s seat, status int, name id.ID, secret string, form part.Form) error {
	older, err := after(c)
	if err != nil {
		return err
	}
	var h hook.Hook
	var told []hook.Delivery
	err = d.view(c, s, func(tx *storage.Tx) error {
		if h, err = hook.Find(tx, name); err != nil {
			return err
		}
		told, err = hook.Deliveries(tx, name, "", older, pageOf)
		return err
	})
	if err != nil {
		return err
	}
	var deed part.Form
	if form.Values == nil { // nothing typed: a button was refused
		deed, form = form, part.Form{}
	}
	action := s.hookWay(name)
	if form.Values == nil {
		form.Values = map[string]string{"url": h.URL}
		for _, e := range h.Events {
			form.Values[e] = "yes"
		}
	}
	form.Action, form.Key = action, newKey()
	if secret != "" {
		defer c.Set(fiber.HeaderCacheControl, "no-store") // it stands here once
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Hook{Frame: f, Back: s.way(hooksWay), URL: h.URL, State: hookState(h), Since: h.FailingSince, Rest: h.RestUntil, Secret: secret, Form: form, Deed: deed, Events: hook.Events}
		if h.OldUntil != nil && h.OldUntil.After(d.DB.Now()) {
			v.OldUntil = h.OldUntil
		}
		for _, one := range told {
			v.Rows = append(v.Rows, page.HookDelivery{ID: one.ID.String(), Event: hook.Said(one.Event), Type: one.Type, State: one.State, Error: one.Error, Status: int64(one.Status),
				Tries: int64(one.Tries), Answer: one.Answer, Body: one.Body, At: one.CreatedAt, Next: one.NextAt, Key: newKey()})
		}
		if len(told) == pageOf {
			v.Next = s.way(hooksWay+"/"+s.m.Code+"/"+name.String(), "after", told[pageOf-1].ID.String())
		}
		return v.View()
	})
}

// hookFate does one thing with a hook: what its button says.
func (d *desk) hookFate(c *fiber.Ctx, s seat) error {
	h, err := hookHere(c, s)
	if err != nil {
		return err
	}
	said, ctx := typed(c), c.UserContext()
	to, word, secret := s.hookWay(h), "hook_"+said["fate"], ""
	switch said["fate"] {
	case "choose":
		err = d.Outward.Choose(ctx, s.m.ID, s.p.ID, h, said["url"], ticked(said))
	case "renew":
		secret, err = d.Outward.Renew(ctx, s.m.ID, s.p.ID, h)
	case "pause":
		err = d.Outward.Pause(ctx, s.m.ID, s.p.ID, h)
	case "resume":
		err = d.Outward.Resume(ctx, s.m.ID, s.p.ID, h)
	case "remove":
		to, err = s.way(hooksWay), d.Outward.Remove(ctx, s.m.ID, s.p.ID, h)
	case "test":
		err = d.Outward.TestOne(ctx, s.m.ID, s.m.Code, h)
	case "replay":
		var delivery id.ID
		if delivery, err = row(said["delivery"]); err == nil {
			err = d.once(ctx, s, d.key(c, s), func() error { return d.Outward.Replay(ctx, s.m.ID, s.p.ID, h, delivery) })
		}
	default:
		err = fault.Invalid("fate", "invalid").On("")
	}
	switch {
	case err == nil && secret != "":
		return d.showHook(c, s, fiber.StatusOK, h, secret, part.Form{})
	case err == nil:
		d.Worker.Wake()
		return d.done(c, to, word)
	case !refused(err):
		return err
	}
	form, status := d.refuse(c, s, err)
	if said["fate"] != "choose" {
		form.Values = nil
	}
	return d.showHook(c, s, status, h, "", form)
}
