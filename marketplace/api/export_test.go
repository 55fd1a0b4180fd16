package api

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
)

// MountDocumented is Mount that gives the document.
func MountDocumented(app *fiber.App, d *door.Door) *huma.OpenAPI { return mount(app, d).huma.OpenAPI() }

// Generous lets tests ask as often as they like, until the restore it gives.
func Generous() {
	for name, p := range paces {
		p.most = 1_000_000
		paces[name] = p
	}
}

// Strict sets one pace.
func Strict(name string, most int) {
	p := paces[name]
	p.most = most
	paces[name] = p
}
