// Package bench measures the program against its limits, side by side in one
// run. A limit is the least that the deed could cost on this machine at this
// moment: a handler with a fixed body, a handler with the page's one query, a
// loop over prepared statements, two stored procedures. What a case reaches is
// told as its part of the limit, the median of rounds that alternate between
// the two, because an absolute figure says more about the machine and its
// other work than about the program.
//
// Pages and API are asked over loopback, at a child process that is this same
// program (serve), so that its processor time and memory are its own; the
// limits of pages are a child process too. The deeds on orders are measured at
// the verbs, in this process, beside statements in this process. The data set
// lies in a database of its own.
package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"commonfield/marketplace"
)

// Options of a run.
type Options struct {
	URL       string   // a server whose login may create databases
	Data      string   // a folder of its own, for pictures and keys
	Program   []string // this program, and what lets it find its settings
	Version   string   // of this program
	Cases     []string // names or beginnings of names; none: all
	Size      int      // listings
	Documents int      // of search
	MeiliURL  string   // a Meilisearch server that searches are measured on, in place of the database
	MeiliKey  string
	Keep      bool // what was made beside the database is left for the next run
	Rounds    int
	Each      time.Duration // of one side of a round
	Clients   []int
	Growth    bool // at a tenth and ten times the size too
	Smoke     bool // only whether everything works: small sizes, no bars
	Say       func(string)

	// App is the program's own doors, as serve mounts them.
	App func(*marketplace.Marketplace) *fiber.App
	// Private is the data folder of the private database; empty: a server of
	// the operator's own. Release lets go of it, at the end.
	Private string
	Release func()
}

// Limit is what a case is held against, and the part of it that it must reach.
type Limit struct {
	Name string
	Bar  float64 // 0: shown, not judged
}

// Case is one deed that is measured.
type Case struct {
	Name   string
	Says   string
	Limits []Limit
	Trips  float64 // to the database, at most; more is broken, not slow
	run    func(ctx context.Context, s *stage, c Case) ([]Result, error)
}

// Result is what one case did with one number of clients.
type Result struct {
	Case    string    `json:"case"`
	Clients int       `json:"clients,omitempty"`
	Note    string    `json:"note,omitempty"`
	Rate    float64   `json:"per_second,omitempty"`
	P50     float64   `json:"p50_ms"`
	P95     float64   `json:"p95_ms"`
	P99     float64   `json:"p99_ms"`
	Done    int       `json:"done"`
	Errors  int       `json:"errors"`
	CPU     float64   `json:"cpu_ms_each,omitempty"`          // of serve, or of this process where the verbs run in it
	CPUDB   float64   `json:"database_cpu_ms_each,omitempty"` // of PostgreSQL, when it is the private one
	Memory  float64   `json:"memory_mb,omitempty"`            // of serve, its peak
	Trips   float64   `json:"round_trips,omitempty"`          // to the database, each
	Pages   float64   `json:"pages_touched,omitempty"`        // of the database, each
	Allocs  float64   `json:"allocations,omitempty"`          // each
	Bytes   float64   `json:"allocated_bytes,omitempty"`      // each
	Against []Against `json:"against,omitempty"`
}

// Against is a result's part of one limit.
type Against struct {
	Limit string  `json:"limit"`
	Rate  float64 `json:"per_second"`
	Ratio float64 `json:"ratio"` // 1: as fast as the limit
	CPUDB float64 `json:"database_cpu_ms_each,omitempty"`
	Bar   float64 `json:"bar,omitempty"`
	OK    bool    `json:"ok"`
}

// Cases are all of them, in the order they run.
func Cases() []Case {
	return slices.Concat(pageCases(), orderCases(), searchCases(), wholeCases())
}

// Broken is what makes a run fail: not a slow figure, but one that is wrong.
var errBroken = errors.New("bench: broken")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errBroken, fmt.Sprintf(format, args...))
}

// stage is what cases need: the data set, the open program, the children.
type stage struct {
	Options

	url   string // of the data set
	owner *sql.DB
	goods goods
	far   *far // Stripe
	m     *marketplace.Marketplace

	search        *shelf // once it was asked for
	serve, limits *child
	app           fasthttp.RequestHandler
	postmaster    string // its number, once it was looked for
}

// Run makes the data set, runs the cases and gives what they did. An error
// means that something is broken; a case that is short of its bar is none.
func Run(ctx context.Context, o Options) (Report, error) {
	chosen, err := choose(o.Cases)
	if err != nil {
		return Report{}, err
	}
	s, err := open(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer s.close()
	r := Report{About: about(ctx, s)}
	if o.Growth {
		if r.Results, err = growth(ctx, o); err != nil {
			return r, err
		}
	}
	for _, c := range chosen {
		s.Say("bench: " + c.Name)
		results, err := c.run(ctx, s, c)
		if err != nil {
			return r, fmt.Errorf("%s: %w", c.Name, err)
		}
		for _, res := range results {
			if c.Trips > 0 && res.Trips > c.Trips+.5 { // jobs of the program's own may fall in between
				return r, broken("%s: %.1f trips to the database, at most %.0f", c.Name, res.Trips, c.Trips)
			}
			if res.Errors > 0 {
				return r, broken("%s: %d of %d failed: %s", c.Name, res.Errors, res.Errors+res.Done, res.Note)
			}
		}
		if s.Smoke { // too short to judge anything by
			for _, res := range results {
				for i := range res.Against {
					res.Against[i].Bar = 0
				}
			}
		}
		r.Results = append(r.Results, results...)
	}
	r.About.Took = time.Since(r.About.Began).Round(time.Second).String()
	return r, nil
}

// Known refuses names that no case has.
func Known(names []string) error {
	_, err := choose(names)
	return err
}

// choose gives the cases of these names; a beginning names all that begin so.
func choose(names []string) ([]Case, error) {
	all := Cases()
	if len(names) == 0 {
		return all, nil
	}
	for _, n := range names {
		if !slices.ContainsFunc(all, func(c Case) bool { return strings.HasPrefix(c.Name, n) }) {
			return nil, fmt.Errorf("there is no case %s; these are: %s", n, strings.Join(Names(), ", "))
		}
	}
	return slices.DeleteFunc(all, func(c Case) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(c.Name, n) })
	}), nil
}

// Names are the names of all cases.
func Names() []string {
	var names []string
	for _, c := range Cases() {
		names = append(names, c.Name)
	}
	return names
}

func open(ctx context.Context, o Options) (*stage, error) {
	if o.Say == nil {
		o.Say = func(string) {}
	}
	s := &stage{Options: o}
	var err error
	if s.url, err = s.dataSet(ctx, o.Size); err != nil {
		return nil, fmt.Errorf("the data set: %w", err)
	}
	if s.owner, err = sql.Open("postgres", s.url); err != nil {
		return nil, err
	}
	if s.far, err = standIn(ctx); err != nil {
		return nil, err
	}
	if s.m, err = marketplace.Open(ctx, marketplace.Config{URL: s.url, Data: filepath.Join(o.Data, "bench"), Stripe: s.far.options()}); err != nil {
		return nil, err
	}
	if s.goods, err = readGoods(ctx, s.owner); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) close() {
	s.serve.stop()
	s.limits.stop()
	s.search.close()
	s.serve, s.limits, s.search = nil, nil, nil
	if s.m != nil {
		_ = s.m.Shut()
		s.m = nil
	}
	if s.owner != nil {
		_ = s.owner.Close()
		s.owner = nil
	}
	if s.far != nil {
		_ = s.far.Close()
		s.far = nil
	}
}
