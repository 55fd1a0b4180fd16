package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
)

// about is what the document says first; one paragraph each.
const about = `Everything that a page can do, a program can do. Sums are integers in minor units (…_minor) beside their currency, quantities integers in base units (grams or pieces), rates basis points, times RFC 3339, ids strings.

Send a token as Authorization: Bearer …: a session's from POST /sessions (guests: POST /sessions/guest) or a program's (cf_…) from POST /me/tokens. A cookie reads; to write with a cookie alone, send the visit's token as X-CSRF-Token from our own pages. A token that may only read never writes.

A market in a path or a query is its code (YL) or its number. Lists give items and next; send next as after for the following piece.

Send an Idempotency-Key with every POST, PUT, PATCH and DELETE: the same key with the same content is done once and answered with the same bytes (Idempotency-Replayed: true), the same key with other content is refused (409 key_reused). Keys belong to whoever is signed in, are 1 to 200 printable characters and are kept for 90 days; answers that hold a secret and requests of strangers are not kept. Without a key a POST works too.

A refusal is application/problem+json (RFC 9457): code is for programs, detail is a sentence in the language of Accept-Language (zh, en), field or errors name the wrong values, request_id is what to read out when asking for help. What is not yours to see is not found.

Writes are limited: RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset (seconds) say how many are left, 429 comes with Retry-After.`

// documents mounts the OpenAPI document and the page that shows it.
func (s *server) documents(app *fiber.App) {
	for _, item := range s.huma.OpenAPI().Paths {
		for _, op := range operationsOf(item) {
			rest := *op.Responses["422"]
			rest.Description = "Any other refusal"
			op.Responses["default"] = &rest
		}
	}
	doc, err := json.Marshal(s.huma.OpenAPI())
	if err != nil {
		panic(fmt.Sprintf("api: the OpenAPI document cannot be written: %v", err)) // a mistake of the program
	}
	groups, n := groupsOf(s.huma.OpenAPI())
	s.page(app, base+"/openapi.json", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/openapi+json")
		c.Set(fiber.HeaderCacheControl, "public, max-age=60")
		return c.Send(doc)
	})
	s.page(app, part.DocsWay, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		return page.Docs{Frame: s.frame(c), Title: "Commonfield", Version: version, Intro: strings.Split(about, "\n\n"), Groups: groups, Operations: n}.
			View().Render(c.Context(), c.Response().BodyWriter())
	})
}

// page mounts what is no operation.
func (s *server) page(app *fiber.App, path string, do fiber.Handler) {
	s.routes = append(s.routes, mounted{http.MethodGet, path}, mounted{http.MethodHead, path})
	app.Get(path, do)
}

// frame is what the page needs to know about the visit.
func (s *server) frame(c *fiber.Ctx) part.Frame {
	asked := c.Query("lang")
	if asked == tongue.Chinese || asked == tongue.English {
		s.Keep(c, door.LangCookie, asked)
	}
	f := part.Frame{Reader: tongue.Choose(asked, c.Cookies(door.LangCookie), c.Get(fiber.HeaderAcceptLanguage)).At(nil, s.DB.Now()),
		Path: c.OriginalURL(), CSRF: s.CSRF(c), Request: door.RequestID(c)}
	if theme := c.Cookies(door.ThemeCookie); theme == "light" || theme == "dark" {
		f.Theme = theme
	}
	if p, err := s.Who(c); err == nil { // a bad token reads the guide like anybody
		f.Person = p.Name
		f.Roles.Operator = len(p.Operator) > 0
	}
	return f
}

// operationsOf are a path's operations by method.
func operationsOf(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete}
	maps.DeleteFunc(all, func(_ string, op *huma.Operation) bool { return op == nil })
	return all
}

// groupsOf cuts the document by resource.
func groupsOf(doc *huma.OpenAPI) ([]page.DocGroup, int) {
	by := map[string]*page.DocGroup{}
	n := 0
	for path, item := range doc.Paths {
		for method, op := range operationsOf(item) {
			n++
			tag := op.Tags[0]
			if by[tag] == nil {
				by[tag] = &page.DocGroup{Name: tag}
			}
			by[tag].Operations = append(by[tag].Operations, operationOf(doc, method, path, op))
		}
	}
	groups := make([]page.DocGroup, 0, len(by))
	for _, g := range by {
		slices.SortFunc(g.Operations, func(a, b page.Operation) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
		})
		groups = append(groups, *g)
	}
	slices.SortFunc(groups, func(a, b page.DocGroup) int { return cmp.Compare(a.Name, b.Name) })
	return groups, n
}

func operationOf(doc *huma.OpenAPI, method, path string, op *huma.Operation) page.Operation {
	out := page.Operation{Method: method, Path: base + path, Summary: op.Summary, Text: op.Description}
	if r, ok := op.Metadata["route"].(route); ok && r.open != everybody {
		out.Scope = "read"
		if r.writes() {
			out.Scope = "write"
		}
	}
	for _, p := range op.Parameters {
		out.Params = append(out.Params, page.Param{Name: p.Name, In: p.In, Type: kindOf(p.Schema), About: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		if body := op.RequestBody.Content["application/json"]; body != nil {
			out.Body = fields(doc, body.Schema, "", 0)
		}
	}
	for code, answer := range op.Responses {
		out.Answers = append(out.Answers, page.Answer{Status: code, About: answer.Description})
	}
	slices.SortFunc(out.Answers, func(a, b page.Answer) int { return cmp.Compare(a.Status, b.Status) })
	return out
}

// fields lists a body's fields, those of what lies inside it too.
func fields(doc *huma.OpenAPI, s *huma.Schema, under string, depth int) []page.Param {
	if s != nil && s.Ref != "" {
		s = doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	if s == nil || depth > 3 {
		return nil
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []page.Param
	for _, name := range names {
		p := s.Properties[name]
		out = append(out, page.Param{Name: under + name, In: "body", Type: kindOf(p), About: p.Description, Required: slices.Contains(s.Required, name)})
		switch {
		case p.Ref != "":
			out = append(out, fields(doc, p, under+name+".", depth+1)...)
		case p.Items != nil && p.Items.Ref != "":
			out = append(out, fields(doc, p.Items, under+name+"[].", depth+1)...)
		}
	}
	return out
}

func kindOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return "object"
	case s.Type == huma.TypeArray:
		return "list of " + kindOf(s.Items)
	case s.Format == "date-time":
		return "time"
	}
	return s.Type
}

// name is an operation's id: get-orders-market-id.
func name(method, path string) string {
	words := strings.FieldsFunc(strings.ToLower(method)+path, func(r rune) bool { return strings.ContainsRune("/{}", r) })
	return strings.Join(words, "-")
}

// first is the resource that a path belongs to.
func first(path string) string {
	word, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return word
}
