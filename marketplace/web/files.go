package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/catalog/photo"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/marketplace/web/static"
	"commonfield/storage/fault"
)

// files mounts what is no page: styles, pictures, and the choice of light or
// dark. The language is chosen by ?lang= on any page.
func (w *Web) files(app fiber.Router) {
	app.Get(static.Prefix+"*", w.asset)
	app.Get("/photos/:key/:file", w.photo)
	app.Get("/favicon.ico", favicon)
	app.Get("/favicon.svg", favicon)
	app.Get(part.ManifestWay, manifest)
	app.Get(part.WorkerWay, worker)
	app.Get(part.NoNetworkWay, w.noNetwork)
	app.Post(part.ThemeWay, w.theme)
}

// asset is a file with its hash in its address: a browser keeps it for ever.
func (w *Web) asset(c *fiber.Ctx) error {
	a, ok := static.Find(c.Path())
	if !ok {
		return fault.NotFound("not_found")
	}
	return file(c, a, static.Forever)
}

func file(c *fiber.Ctx, a *static.Asset, keep string) error {
	tag := `"` + a.Hash + `"`
	c.Set(fiber.HeaderCacheControl, keep)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderETag, tag)
	if same(c, tag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, a.Type)
	if a.Gzip != nil && c.Request().Header.HasAcceptEncoding("gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.Gzip)
	}
	return c.Send(a.Body)
}

// same says whether the browser has this very content already.
func same(c *fiber.Ctx, tag string) bool {
	for one := range strings.SplitSeq(c.Get(fiber.HeaderIfNoneMatch), ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}

// photo is a picture in one width; its key is made from its content.
func (w *Web) photo(c *fiber.Ctx) error {
	text, jpg := strings.CutSuffix(c.Params("file"), ".jpg")
	width, err := strconv.Atoi(text)
	if err != nil || !jpg {
		return fault.NotFound("photo_unknown")
	}
	tag := `"` + c.Params("key") + "-" + text + `"`
	data, kind, err := w.Photos.Get(c.UserContext(), "photo/"+c.Params("key"), width)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, static.Forever)
	c.Set(fiber.HeaderETag, tag)
	if same(c, tag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, kind)
	return c.Send(data)
}

// picture is a kept photo in its widths, or the empty one.
func picture(key, alt string) part.Picture {
	name, ok := strings.CutPrefix(key, "photo/")
	if !ok {
		return part.Picture{}
	}
	var set []string
	for _, width := range photo.Widths {
		n := strconv.Itoa(width)
		set = append(set, "/photos/"+name+"/"+n+".jpg "+n+"w")
	}
	return part.Picture{URL: "/photos/" + name + "/640.jpg", Set: strings.Join(set, ", "), Alt: alt}
}

// worker is what shows, without signal, what was seen before (decision 0036). Browsers
// ask for it again to know whether it has changed.
func worker(c *fiber.Ctx) error {
	a, ok := static.Find(static.URL(static.Worker))
	if !ok {
		return fault.NotFound("not_found")
	}
	return file(c, a, "no-cache")
}

// noNetwork is the page that the worker shows for what was not seen before.
func (w *Web) noNetwork(c *fiber.Ctx) error {
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	return send(c, fiber.StatusOK, page.NoNetwork{Frame: f}.View())
}

func favicon(c *fiber.Ctx) error {
	a, ok := static.Find(static.URL("favicon.svg"))
	if !ok {
		return fault.NotFound("not_found")
	}
	return file(c, a, "public, max-age=86400")
}

func (w *Web) theme(c *fiber.Ctx) error {
	w.Keep(c, door.ThemeCookie, theme(c.FormValue("theme")))
	return c.Redirect(local(c.FormValue("back"), part.HomeWay), fiber.StatusSeeOther)
}
