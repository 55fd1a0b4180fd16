package bench

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func pageCases() []Case {
	part := []Limit{{"one query", 0.6}, {"bare", 0}}
	return []Case{
		{Name: "list-page", Says: "the page of all goods, 20 listings with counted conditions, nobody signed in", run: pageCase, Limits: part, Trips: 2}, // search finds, the rows are shown
		{Name: "list-api", Says: "the same by the API", run: pageCase, Limits: part, Trips: 1},
		{Name: "detail-page", Says: "the page of one listing", run: pageCase, Limits: part, Trips: 1},
		{Name: "detail-api", Says: "the same by the API", run: pageCase, Limits: part, Trips: 1},
		{Name: "home-page", Says: "the front of the shop", run: pageCase, Limits: []Limit{{"one query", 0}, {"bare", 0}}, Trips: 1},
	}
}

// addresses of a page case: at the program, and at its limit without the size.
func (s *stage) addresses(name string) (ours, limit string) {
	way := "/listings/BYL/" + s.goods.baskets[0].names[2]
	one := "/detail/BYL/" + s.goods.baskets[0].names[2]
	switch name {
	case "home-page":
		return "/", "/list/html"
	case "list-page":
		return "/search", "/list/html"
	case "list-api":
		return "/api/v1/listings?limit=20", "/list/json"
	case "detail-page":
		return way, one + "/html"
	default:
		return "/api/v1" + way, one + "/json"
	}
}

func pageCase(ctx context.Context, s *stage, c Case) ([]Result, error) {
	serve, err := s.served(ctx)
	if err != nil {
		return nil, err
	}
	limits, err := s.limited(ctx)
	if err != nil {
		return nil, err
	}
	ours, limit := s.addresses(c.Name)
	body, err := fetch(serve.addr, ours)
	if err != nil {
		return nil, err
	}
	size := "?size=" + strconv.Itoa(len(body))
	least, err := fetch(limits.addr, limit+size)
	if err != nil {
		return nil, err
	}
	if len(least) < len(body) {
		return nil, broken("the limit's body has %d bytes, the program's %d", len(least), len(body))
	}
	n := s.Clients[0]
	r, err := s.alternate(ctx, c, n, side{c.Name, asking(serve.addr, ours), serve.cpu},
		side{"one query", asking(limits.addr, limit+size), nil}, side{"bare", asking(limits.addr, "/bare"+size), nil})
	if err != nil {
		return nil, err
	}
	_, r.Memory = serve.memory()
	serve.stop() // the server's pages are counted without it
	s.serve = nil
	counts, err := s.count(ctx, func(_ context.Context, on *stage) error { return on.handle(ours) })
	r.counted(counts)
	r.Note = fmt.Sprintf("%d bytes", len(body))
	return []Result{r}, err
}

// asking asks an address over connections that are kept.
func asking(addr, way string) deed {
	client := &fasthttp.HostClient{Addr: addr, MaxConns: 1024, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		NoDefaultUserAgentHeader: true, DisablePathNormalizing: true}
	return func(context.Context, int) error {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(req)
		defer fasthttp.ReleaseResponse(resp)
		req.SetRequestURI("http://" + addr + way)
		if err := client.Do(req, resp); err != nil {
			return err
		}
		if resp.StatusCode() != fasthttp.StatusOK {
			return broken("%s: %d %.200s", way, resp.StatusCode(), resp.Body())
		}
		return nil
	}
}

func fetch(addr, way string) ([]byte, error) {
	status, body, err := fasthttp.GetTimeout(nil, "http://"+addr+way, 30*time.Second)
	if err == nil && status != fasthttp.StatusOK {
		err = broken("%s: %d %.200s", way, status, body)
	}
	return body, err
}

// handle answers an address without a network.
func (s *stage) handle(way string) error {
	if s.app == nil {
		s.app = s.App(s.m).Handler()
	}
	u, err := url.ParseRequestURI(way)
	if err != nil {
		return err
	}
	var c fasthttp.RequestCtx
	var req fasthttp.Request
	req.SetRequestURI(u.String())
	req.Header.SetHost("127.0.0.1")
	defer c.Response.Reset() // its memory is used again, as a server does
	c.Init(&req, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, nil)
	s.app(&c)
	if status := c.Response.StatusCode(); status != fiber.StatusOK {
		return broken("%s: %d %.200s", way, status, c.Response.Body())
	}
	return nil
}
