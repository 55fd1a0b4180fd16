package pg

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"commonfield/catalog/search"
	"commonfield/storage"
)

// mostFacets is how many values of one facet are told.
const mostFacets = 50

// counts are hits by the values of their facets.
type counts struct {
	total int64
	of    map[string]map[string]int64
	at    time.Time
	busy  bool // somebody counts anew
}

// kept are counts of many hits: counting half a million takes longer than
// somebody waits, and changes less than they would notice. They are counted
// anew, beside, when somebody asks for them after a while.
type kept struct {
	mu   sync.Mutex
	of   map[string]*counts
	many map[string]time.Time // what had more than enough hits, until when that is believed
	one  sync.Mutex           // one counts at a time
}

const (
	fresh    = time.Minute
	mostKept = 500
)

func (k *kept) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.of)
	clear(k.many)
}

// isMany says whether there were more than enough hits a moment ago: then they
// need not be gone through again to know it.
func (k *kept) isMany(key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return time.Now().Before(k.many[key])
}

func (k *kept) sawMany(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.many) >= 10*mostKept {
		clear(k.many)
	}
	k.many[key] = time.Now().Add(fresh)
}

// key names what must be true of hits.
func (s *shape) key() string {
	p := &params{}
	return fmt.Sprint(s.where(p, false), p.args)
}

func emptyFacets(q search.Query) map[string][]search.Facet {
	if !q.Facets {
		return nil
	}
	return map[string][]search.Facet{}
}

// facets counts the hits of a page's query by category, market, county and year
// of harvest, each under all filters but its own.
func (e *Engine) facets(ctx context.Context, f found, a *search.Answer) error {
	base, err := e.tally(ctx, f.shape, f.many)
	if err != nil {
		return err
	}
	if f.many {
		a.Total = max(base.total, a.Total)
	}
	a.Facets = map[string][]search.Facet{}
	for _, name := range []string{search.FacetCategory, search.FacetMarket, search.FacetRegion, search.FacetHarvest} {
		c := base
		if open, set := without(f.shape, name); set {
			if c, err = e.tally(ctx, open, f.many); err != nil {
				return err
			}
		}
		a.Facets[name] = c.list(name)
	}
	return nil
}

// without is the shape with one filter open, and whether it was set.
func without(s *shape, facet string) (*shape, bool) {
	open := *s
	switch {
	case facet == search.FacetCategory && s.q.Category != "":
		open.q.Category = ""
	case facet == search.FacetMarket && s.q.Market != 0:
		open.q.Market = 0
	case facet == search.FacetRegion && s.q.Region != "":
		open.q.Region = ""
	case facet == search.FacetHarvest && s.q.Harvest != 0:
		open.q.Harvest = 0
	default:
		return s, false
	}
	return &open, true
}

// tally counts few hits at once, and of many takes what is kept.
func (e *Engine) tally(ctx context.Context, s *shape, many bool) (*counts, error) {
	if !many {
		c, err := e.count(ctx, s, enough+1)
		if err != nil || c.total <= enough {
			return c, err
		}
	}
	return e.keep(ctx, s)
}

// keep gives kept counts, counted now when there are none yet.
func (e *Engine) keep(ctx context.Context, s *shape) (*counts, error) {
	key := s.key()
	if c := e.kept.get(key); c != nil {
		if time.Since(c.at) > fresh && e.kept.claim(c) {
			go func() {
				beside, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
				defer cancel()
				if anew, err := e.count(beside, s, 0); err == nil {
					e.kept.put(key, anew)
				} else {
					e.kept.release(c)
				}
			}()
		}
		return c, nil
	}
	e.kept.one.Lock()
	defer e.kept.one.Unlock()
	if c := e.kept.get(key); c != nil {
		return c, nil
	}
	c, err := e.count(ctx, s, 0)
	if err == nil {
		e.kept.put(key, c)
	}
	return c, err
}

func (k *kept) get(key string) *counts { k.mu.Lock(); defer k.mu.Unlock(); return k.of[key] }

func (k *kept) claim(c *counts) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	was := c.busy
	c.busy = true
	return !was
}

func (k *kept) release(c *counts) { k.mu.Lock(); defer k.mu.Unlock(); c.busy = false }

func (k *kept) put(key string, c *counts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.of) >= mostKept {
		clear(k.of)
	}
	k.of[key] = c
}

// count counts hits by their facets, most of them at most (0: all).
func (e *Engine) count(ctx context.Context, s *shape, most int) (*counts, error) {
	var rows []struct {
		Live     string `db:"live"`
		Category string `db:"category"`
		Market   int32  `db:"market_id"`
		County   string `db:"county"`
		Year     int    `db:"year"`
		N        int64  `db:"n"`
	}
	err := e.asked(ctx, func(tx *storage.Tx, table string) (string, error) {
		rows = nil
		p := &params{}
		from := table + " d WHERE " + s.where(p, false)
		if most > 0 {
			from = "(SELECT * FROM " + table + " d WHERE " + s.where(&params{}, false) + " LIMIT " + strconv.Itoa(most) + ") d"
		}
		err := tx.Select(&rows, `SELECT i.live, COALESCE(c.category, '') AS category, COALESCE(c.market_id, 0) AS market_id, COALESCE(c.county, '') AS county, COALESCE(c.year, 1) AS year, COALESCE(c.n, 0) AS n
			FROM search_index i LEFT JOIN (SELECT d.category, d.market_id, left(d.region, 6) AS county, extract(year FROM d.harvest_on)::integer AS year, count(*) AS n
				FROM `+from+` GROUP BY 1, 2, 3, 4) c ON true WHERE i.name = 'documents'`, p.args...)
		if err != nil || len(rows) == 0 {
			return "", err
		}
		return rows[0].Live, nil
	})
	c := &counts{of: map[string]map[string]int64{}, at: time.Now()}
	for _, r := range rows {
		c.total += r.N
		c.add(search.FacetCategory, r.Category, r.N)
		if r.N > 0 {
			c.add(search.FacetMarket, strconv.Itoa(int(r.Market)), r.N)
		}
		if len(r.County) == 6 {
			c.add(search.FacetRegion, r.County, r.N)
		}
		if r.Year > 1 {
			c.add(search.FacetHarvest, strconv.Itoa(r.Year), r.N)
		}
	}
	return c, err
}

func (c *counts) add(facet, value string, n int64) {
	if value == "" || n == 0 {
		return
	}
	if c.of[facet] == nil {
		c.of[facet] = map[string]int64{}
	}
	c.of[facet][value] += n
}

// list gives a facet's values, the most first.
func (c *counts) list(facet string) []search.Facet {
	all := make([]search.Facet, 0, len(c.of[facet]))
	for v, n := range c.of[facet] {
		all = append(all, search.Facet{Value: v, Count: n})
	}
	slices.SortFunc(all, func(a, b search.Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return all[:min(len(all), mostFacets)]
}
