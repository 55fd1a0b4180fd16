package web

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
	"commonfield/marketplace/web/static"
)

// installable is a web application manifest (https://www.w3.org/TR/appmanifest/): what a
// phone needs to put the shop among its programs.
type installable struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	ShortName   string     `json:"short_name"`
	Description string     `json:"description"`
	Lang        string     `json:"lang"`
	Dir         string     `json:"dir"`
	Start       string     `json:"start_url"`
	Scope       string     `json:"scope"`
	Display     string     `json:"display"`
	Dark        colours    `json:"color_scheme_dark"` // where it is understood; the pages say it too
	Categories  []string   `json:"categories"`
	Icons       []icon     `json:"icons"`
	Shortcuts   []shortcut `json:"shortcuts"`
	colours
}

type colours struct {
	Theme      string `json:"theme_color"`
	Background string `json:"background_color"`
}

type icon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose,omitempty"`
}

type shortcut struct {
	Name string `json:"name"`
	Way  string `json:"url"`
}

// manifest tells it in the language of the address: browsers ask for it without cookies.
func manifest(c *fiber.Ctx) error {
	r := tongue.Choose(c.Query("lang"), "", c.Get(fiber.HeaderAcceptLanguage))
	body, err := json.Marshal(installable{
		ID: part.HomeWay, Name: r.T("frame.name"), ShortName: r.T("frame.name"), Description: r.T("home.about"), Lang: r.Tag(), Dir: "ltr",
		Start: part.HomeWay, Scope: part.HomeWay, Display: "standalone", Categories: []string{"shopping", "food"},
		colours: colours{part.Paper, part.Paper}, Dark: colours{part.PaperDark, part.PaperDark},
		Icons: []icon{
			{static.URL("favicon.svg"), "any", "image/svg+xml", ""}, {static.URL("icon-192.png"), "192x192", "image/png", ""},
			{static.URL("icon-512.png"), "512x512", "image/png", ""}, {static.URL("icon-maskable.png"), "512x512", "image/png", "maskable"},
		},
		Shortcuts: []shortcut{{r.T("menu.goods"), part.SearchWay}, {r.T("menu.orders"), part.OrdersWay}},
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/manifest+json; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
	return c.Send(body)
}
