// Package stripetest is a stand-in for Stripe's API: a local server that Stripe's
// own library talks to, with a memory. It keeps sessions, intents, charges,
// refunds, disputes and the balance as Stripe keeps them, and idempotency keys too:
// the same key with the same values gives the same answer, with others it is
// refused. It can be told to lose its answers, to break, to be busy, to take other
// sums than were asked; and its news is signed and goes out when the test says so,
// in whatever order, as often as it says, or never. Nothing in it sleeps, and what
// it decides by chance follows from a seed.
package stripetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	stripe "github.com/stripe/stripe-go/v76"

	"commonfield/storage/id"
)

// What the stand-in is opened with.
const (
	Key     = "sk_test_standin"
	Secret  = "whsec_standin"
	Account = "acct_standin"
)

// obj is one object as JSON.
type obj = map[string]any

// Request is one call as it came, for the check against Stripe's own specification.
type Request struct {
	Method, Path, Query, Body string
	Key                       string // idempotency key
	Status                    int    // what was answered; 0 when nothing was
}

// Server is the stand-in.
type Server struct {
	URL string

	mu       sync.Mutex
	clock    func() time.Time
	rand     *rand.Rand
	chance   int  // of a fault by chance, in a hundred calls
	slow     bool // refunds are pending
	down     time.Time
	silent   time.Time
	faults   []Fault
	count    int
	own      string   // of its names
	order    []string // ids, oldest first
	all      map[string]obj
	keys     map[string]kept
	requests []Request
	news     []Event
	pages    string // where the pay pages are
}

type kept struct {
	at     time.Time
	path   string
	body   string
	status int
	answer []byte
}

// New starts a stand-in on a clock. What it decides by chance follows from the seed.
func New(t testing.TB, seed uint64, clock func() time.Time) *Server {
	t.Helper()
	s := Make(seed, clock)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.URL, s.pages = h.URL, h.URL
	return s
}

// Make gives a stand-in that does not listen yet.
func Make(seed uint64, clock func() time.Time) *Server {
	s := &Server{clock: clock, rand: rand.New(rand.NewPCG(seed, 76)), all: map[string]obj{}, keys: map[string]kept{}, own: strings.ReplaceAll(id.New().String(), "-", "")}
	s.put(obj{"id": Account, "object": "account", "default_currency": "cny", "country": "HK", "charges_enabled": true, "payouts_enabled": true, "livemode": false})
	return s
}

// At says where it listens, for the addresses of its pay pages.
func (s *Server) At(address string) { s.URL, s.pages = address, address }

// Requests are the calls that came, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.requests...)
}

// id gives the next name of a kind. No two stand-ins give the same names: an inbox
// that has heard of another's event must not take this one's for the same.
func (s *Server) id(prefix string) string {
	s.count++
	return fmt.Sprintf("%s_%06d%s", prefix, s.count, s.own)
}

func (s *Server) put(o obj) obj {
	name := o["id"].(string)
	if _, known := s.all[name]; !known {
		s.order = append(s.order, name)
	}
	s.all[name] = o
	return o
}

// of lists the objects of a kind, newest first, as Stripe lists them.
func (s *Server) of(kind string) []obj {
	var found []obj
	for _, v := range slices.Backward(s.order) {
		if o := s.all[v]; o["object"] == kind {
			found = append(found, o)
		}
	}
	return found
}

func (s *Server) now() int64 { return s.clock().Unix() }

// call is one request, parsed.
type call struct {
	method, path, body string
	form               url.Values
	key                string
}

func (c call) text(name string) string { return c.form.Get(name) }

func (c call) number(name string) int64 {
	var n int64
	_, _ = fmt.Sscan(c.form.Get(name), &n)
	return n
}

// under gathers what is written as name[key]=value.
func (c call) under(name string) obj {
	m := obj{}
	for key := range c.form {
		if inner, is := strings.CutPrefix(key, name+"["); is && strings.Count(inner, "]") == 1 {
			m[strings.TrimSuffix(inner, "]")] = c.form.Get(key)
		}
	}
	return m
}

// ServeHTTP answers as api.stripe.com does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v1/") {
		s.page(w, r)
		return
	}
	c, no := read(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.requests)
	s.requests = append(s.requests, Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: c.body, Key: c.key})
	status := http.StatusBadRequest
	var answer obj
	if no != nil {
		answer = no.json()
	} else {
		status, answer = s.meet(c)
	}
	if status == 0 { // no answer
		if h, can := w.(http.Hijacker); can {
			if conn, _, err := h.Hijack(); err == nil {
				_ = conn.Close()
			}
		}
		return
	}
	s.requests[n].Status = status
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", fmt.Sprintf("req_%06d", n))
	w.WriteHeader(status)
	_, _ = w.Write(append(written(answer), '\n')) //nolint:gosec // JSON, to a test
}

// read parses a request and refuses one that Stripe would not look at.
func read(r *http.Request) (call, *failure) {
	c := call{method: r.Method, path: strings.TrimPrefix(r.URL.Path, "/v1"), key: r.Header.Get("Idempotency-Key")}
	if r.Header.Get("Authorization") != "Bearer "+Key {
		return c, &failure{status: http.StatusUnauthorized, kind: "invalid_request_error", text: "Invalid API Key provided"}
	}
	if v := r.Header.Get("Stripe-Version"); v != stripe.APIVersion {
		return c, invalid("", "Invalid Stripe API version: "+v)
	}
	text := r.URL.RawQuery
	if r.Method == http.MethodPost {
		text = readAll(r)
		c.body = text
	}
	form, err := url.ParseQuery(text)
	if err != nil {
		return c, invalid("", err.Error())
	}
	c.form = form
	return c, nil
}

// meet lets a call meet its fault, its kept answer, or the work itself. Status 0 is
// no answer at all.
func (s *Server) meet(c call) (int, obj) {
	f := s.fault(c)
	switch f {
	case Cut:
		return 0, nil
	case Busy:
		return (&failure{status: http.StatusTooManyRequests, kind: "invalid_request_error", code: "rate_limit", text: "Too many requests"}).both()
	}
	if c.method == http.MethodPost && c.key != "" {
		if k, known := s.keys[c.key]; known && s.clock().Sub(k.at) < 24*time.Hour {
			if k.path != c.path || k.body != c.body {
				return (&failure{status: http.StatusBadRequest, kind: "idempotency_error", text: "Keys for idempotent requests can only be used with the same parameters they were first used with."}).both()
			}
			var o obj
			_ = json.Unmarshal(k.answer, &o)
			if f == Lost {
				return 0, nil
			}
			return k.status, o
		}
	}
	status := http.StatusOK
	var answer obj
	broken := &failure{status: http.StatusInternalServerError, kind: "api_error", text: "An unknown error occurred"}
	switch f {
	case Broken:
		status, answer = broken.both()
	default:
		o, no := s.do(c)
		if no != nil {
			status, answer = no.both()
		} else {
			answer = s.expand(o, c.form["expand[]"], indexed(c.form, "expand"))
		}
		if f == BrokenAfter {
			status, answer = broken.both()
		}
	}
	if c.method == http.MethodPost && c.key != "" && (status == http.StatusOK || status >= 500 || status == http.StatusPaymentRequired) {
		s.keys[c.key] = kept{s.clock(), c.path, c.body, status, written(answer)}
	}
	if f == Lost {
		return 0, nil
	}
	return status, answer
}

// Count is how many objects of a kind there are.
func (s *Server) Count(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.of(kind))
}
