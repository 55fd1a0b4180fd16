package main

import (
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"commonfield/marketplace/api"
	"commonfield/marketplace/web"
)

// failed answers what no route has answered, each door in its own way.
func failed(c *fiber.Ctx, err error) error {
	if strings.HasPrefix(c.Path(), "/api/") {
		return api.OnError(c, err)
	}
	return web.OnError(c, err)
}

// forAPI is how fasthttp quotes the beginning of a request that it could not read.
var forAPI = regexp.MustCompile(`contents: "[A-Z]+ /api/`)

// remember lets failed know the door of a request whose headers are too large: it is
// forgotten with them, and stands in the error alone.
func remember(app *fiber.App) {
	answer := app.Server().ErrorHandler
	app.Server().ErrorHandler = func(c *fasthttp.RequestCtx, err error) {
		if forAPI.MatchString(err.Error()) {
			c.Request.SetRequestURI("/api/")
		}
		answer(c, err)
	}
}
