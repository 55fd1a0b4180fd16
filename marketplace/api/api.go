// Package api is the door for programs: everything a page can do, as JSON under
// /api/v1, with an OpenAPI 3.1 document made from the code and a page that
// shows it.
//
// It promises one shape for every refusal (RFC 9457, with a code to branch on
// and a sentence in the reader's language), that a request with an
// Idempotency-Key is done once and answered with the same bytes, that who may
// not write is stopped before anything is read of the body, and that nothing
// that was submitted comes back in an error. What somebody may do is decided by
// marketplace/door and the rooms below; handlers parse, make one call, and show.
package api

import (
	"context"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
)

const (
	base    = "/api/v1"
	version = "1.0.0"
)

// server holds what all operations share.
type server struct {
	*door.Door
	huma   huma.API
	routes []mounted
}

// mounted is a route that exists, to tell a wrong method from a wrong address.
type mounted struct{ method, path string }

var settle sync.Once

// Mount opens the API on an app, below door.Every.
func Mount(app *fiber.App, d *door.Door) { mount(app, d) }

func mount(app *fiber.App, d *door.Door) *server {
	settle.Do(func() {
		huma.DefaultArrayNullable = false
		huma.NewError = plainError
		huma.NewErrorWithContext = spokenError
	})
	s := &server{Door: d}
	app.Use("/api", s.guard)
	router := &heads{Router: app.Group(base), server: s}
	s.huma = humafiber.NewWithGroup(app, router, describe())
	s.huma.UseMiddleware(s.gate)
	for _, open := range []func(){
		s.sessions, s.own, s.notices, s.places, s.shelf, s.searches, s.listings, s.producers, s.basket, s.checkouts, s.payments,
		s.orders, s.moves, s.refunds, s.disputes, s.givenBack, s.papers, s.pickups, s.collects, s.messages, s.agents, s.commissions, s.between, s.treasury, s.rates, s.payouts, s.paying, s.cash, s.months, s.hooks, s.bankSide, s.gatewaySide, s.chargebacks, s.operations, s.statements, s.sales, s.shelves,
	} {
		open()
	}
	s.documents(app)
	app.Use("/api", s.unknown)
	return s
}

func describe() huma.Config {
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "Commonfield", Version: version, Description: about},
		Servers: []*huma.Server{{URL: base}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: "a session's token from POST /sessions, or a program's (cf_…) from POST /me/tokens"},
			},
		},
	}
	return huma.Config{OpenAPI: doc, Formats: huma.DefaultFormats, DefaultFormat: "application/json"}
}

// heads mounts HEAD beside every GET, and remembers what is mounted.
type heads struct {
	fiber.Router
	server *server
}

// Add is what the adapter mounts operations with.
func (h *heads) Add(method, path string, handlers ...fiber.Handler) fiber.Router {
	h.server.routes = append(h.server.routes, mounted{method, base + path})
	if method == http.MethodGet {
		h.server.routes = append(h.server.routes, mounted{http.MethodHead, base + path})
		h.Router.Add(http.MethodHead, path, handlers...)
	}
	return h.Router.Add(method, path, handlers...)
}

// route is one operation: where it is, who may ask, and how often.
type route struct {
	method, path string
	says         string // one line for the document
	more         string // what else there is to know
	open         openTo
	status       int  // of a success; 200 when empty
	reads        bool // a POST that changes nothing
	fresh        bool // its answer is not kept: it holds a secret, or doing it again is the same
	session      bool // a program's token is not enough
	pace         string
	most         int64 // bytes of the body; 1 MB when empty
}

// openTo says who may ask at all; what they may see is decided later.
type openTo string

// From everybody to those with an account.
const (
	everybody openTo = "everybody"
	somebody  openTo = "a session, guests too"
	known     openTo = "a signed-in person"
)

func (r route) operation() huma.Operation {
	op := huma.Operation{
		Method: r.method, Path: r.path, Summary: r.says, Description: r.more, DefaultStatus: r.status, MaxBodyBytes: r.most,
		OperationID: name(r.method, r.path), Tags: []string{first(r.path)}, Metadata: map[string]any{"route": r},
		Errors:     []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity},
		Extensions: map[string]any{"x-open-to": string(r.open)},
	}
	if r.open != everybody {
		op.Security = []map[string][]string{{"bearer": {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
	}
	if r.writes() {
		op.Errors = append(op.Errors, http.StatusConflict, http.StatusTooManyRequests)
		op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string", MaxLength: &longestKey},
			Description: "the same key with the same content is done once and answered with the same bytes"})
	}
	return op
}

func (r route) writes() bool { return r.method != http.MethodGet && !r.reads }

// answer is what an operation gives back.
type answer[T any] struct{ Body T }

// handle mounts an operation that answers with JSON.
func handle[I, T any](s *server, r route, do func(v *visit, in *I) (T, error)) {
	handleOperation(s, r, func(*huma.Operation) {}, do)
}

// handleOperation is handle for an operation whose document is changed by hand.
func handleOperation[I, T any](s *server, r route, change func(*huma.Operation), do func(v *visit, in *I) (T, error)) {
	op := r.operation()
	change(&op)
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*answer[T], error) {
		v := visitOf(ctx)
		out, err := do(v, in)
		if err != nil {
			return nil, v.blame(v.refuse(err))
		}
		return &answer[T]{Body: out}, nil
	})
}

// quietly mounts an operation that answers with nothing (204).
func quietly[I any](s *server, r route, do func(v *visit, in *I) error) {
	r.status = http.StatusNoContent
	huma.Register(s.huma, r.operation(), func(ctx context.Context, in *I) (*struct{}, error) {
		v := visitOf(ctx)
		if err := do(v, in); err != nil {
			return nil, v.blame(v.refuse(err))
		}
		return nil, nil
	})
}

// download is an answer that is no JSON.
type download struct {
	Type  string `header:"Content-Type"`
	Name  string `header:"Content-Disposition"`
	Cache string `header:"Cache-Control"`
	Body  []byte
}

// send mounts an operation that answers with a file, of this kind or of another one.
func send[I any](s *server, r route, kind string, do func(v *visit, in *I) (*download, error), others ...string) {
	op := r.operation()
	content := map[string]*huma.MediaType{}
	for _, kind := range append(others, kind) {
		content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	op.Responses = map[string]*huma.Response{"200": {Description: "the file", Content: content}}
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*download, error) {
		v := visitOf(ctx)
		out, err := do(v, in)
		if err != nil {
			return nil, v.blame(v.refuse(err))
		}
		return out, nil
	})
}
