// Package searchtest is what every engine of search keeps: a made-up catalogue
// of ten counties, 60 things that people type with what must come first, and
// the promises of filters, facets, sorts, pages, versions, removal, rebuilding
// and bad input. An engine's test calls Run. Broken runs one case and gives
// back what was wrong, so that a test can show that it is able to fail.
package searchtest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"commonfield/catalog/search"
)

// Open gives an empty engine and the numbers of as many markets as the
// catalogue wants (Markets), in which documents may be put.
type Open func(t testing.TB) (search.Engine, []int32)

// Case is one promise.
type Case struct {
	Name    string
	changes bool // puts or removes: it gets an engine of its own
	check   func(*book)
}

// Cases gives every promise: the 60 queries, then the rest.
func Cases() []Case {
	var all []Case
	for _, q := range queries {
		all = append(all, Case{"finds " + q.text, false, q.check})
	}
	return slices.Concat(all, answers, changes, bad)
}

// Run holds an engine to every promise.
func Run(t *testing.T, open Open) {
	t.Helper()
	s, outer := shelf{open: open}, t
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			for _, w := range s.hold(outer, t, c) {
				t.Error(w)
			}
		})
	}
}

// Broken holds an engine to one promise and gives what it does not keep.
func Broken(t testing.TB, open Open, promise string) []string {
	t.Helper()
	s := shelf{open: open}
	for _, c := range Cases() {
		if c.Name == promise {
			return s.hold(t, t, c)
		}
	}
	t.Fatalf("there is no case %q", promise)
	return nil
}

// Unknown gives what the 60 queries name and the catalogue has not.
func Unknown(names map[search.Key]string) []string {
	var all []string
	for _, q := range queries {
		for _, meant := range slices.Concat(q.first, q.among, q.never) {
			known := false
			for _, n := range names {
				known = known || class(n, meant)
			}
			if !known || q.text == "" {
				all = append(all, meant)
			}
		}
	}
	return all
}

// shelf opens engines; cases that only read share one.
type shelf struct {
	open   Open
	shared *book
}

// hold holds a case against an engine of its own, or against the shared one,
// which lives as long as outer.
func (s *shelf) hold(outer, t testing.TB, c Case) []string {
	var b *book
	switch {
	case c.changes:
		b = load(t, s.open)
	case s.shared == nil:
		s.shared = load(outer, s.open)
		fallthrough
	default:
		b = s.shared
	}
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	now := *b
	now.ctx, now.wrong = ctx, nil
	c.check(&now)
	return now.wrong
}

// book is an engine that holds the catalogue, and what a case finds wrong.
type book struct {
	ctx     context.Context
	engine  search.Engine
	markets []int32
	docs    map[search.Key]search.Document
	names   map[search.Key]string
	wrong   []string
}

func load(t testing.TB, open Open) *book {
	t.Helper()
	e, markets := open(t)
	docs, names := Catalogue(markets)
	b := &book{engine: e, markets: markets, names: names, docs: map[search.Key]search.Document{}}
	for _, d := range docs {
		b.docs[d.Key] = d
	}
	if err := e.Put(t.Context(), docs); err != nil {
		t.Fatalf("the catalogue is not taken: %v", err)
	}
	return b
}

func (b *book) say(format string, args ...any) {
	if len(b.wrong) < 20 { // a broken engine is wrong about everything
		b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
	}
}

// ask asks as the desk does: the query cleaned, with synonyms.
func (b *book) ask(q search.Query) (search.Answer, error) {
	q, err := q.Clean()
	if err != nil {
		return search.Answer{}, err
	}
	q.Synonyms = Synonyms
	return b.engine.Search(b.ctx, q)
}

// must gives an answer; an error is said.
func (b *book) must(q search.Query) search.Answer {
	a, err := b.ask(q)
	if err != nil {
		b.say("%s: %v", said(q), err)
	}
	return a
}

// all pages through the hits of a query.
func (b *book) all(q search.Query) []search.Hit {
	var hits []search.Hit
	for range 200 {
		a, err := b.ask(q)
		if err != nil {
			b.say("%s: %v", said(q), err)
			return hits
		}
		hits = append(hits, a.Hits...)
		if a.Next == "" {
			return hits
		}
		q.After = a.Next
	}
	b.say("%s: there is no end of pages", said(q))
	return hits
}

// name is what the tables call a hit.
func (b *book) name(h search.Hit) string {
	if n, known := b.names[h.Key]; known {
		return n
	}
	return fmt.Sprint(h.Key)
}

func (b *book) list(hits []search.Hit) []string {
	var ns []string
	for _, h := range hits {
		ns = append(ns, b.name(h))
	}
	return ns
}

// key is the document's that the tables call by a name.
func (b *book) key(name string) search.Key {
	for k, n := range b.names {
		if n == name {
			return k
		}
	}
	panic("searchtest: no document is called " + name)
}

// said writes a query short.
func said(q search.Query) string {
	q.Synonyms = nil
	s := strings.NewReplacer("Producer:00000000-0000-0000-0000-000000000000 ", "", " Synonyms:<nil>", "").Replace(fmt.Sprintf("%+v", q))
	return empty.ReplaceAllString(s, "")
}

var empty = regexp.MustCompile(`[A-Z][A-Za-z]+:(0|false)?(?: |})`)

// class says whether a document is what a table means: the name itself, or
// every name that begins with "walnut/".
func class(name string, meant ...string) bool {
	for _, m := range meant {
		if name == m || strings.HasSuffix(m, "/") && strings.HasPrefix(name, m) {
			return true
		}
	}
	return false
}

func (q asked) check(b *book) {
	a := b.must(search.Query{Text: q.text})
	page := b.list(a.Hits[:min(10, len(a.Hits))])
	switch {
	case q.first == nil:
	case len(page) == 0:
		b.say("%s finds nothing; one of %v is first", q.text, q.first)
	case !class(page[0], q.first...):
		b.say("%s finds %v first, not one of %v; then %v", q.text, page[0], q.first, page[1:])
	}
	for _, want := range q.among {
		if !slices.Contains(page, want) {
			b.say("%s does not find %s among the first ten: %v", q.text, want, page)
		}
	}
	for _, h := range b.all(search.Query{Text: q.text, N: 100}) {
		if n := b.name(h); class(n, q.never...) {
			b.say("%s finds %s", q.text, n)
		}
		if d := b.docs[h.Key]; joined(h.Title) != d.Title || joined(h.TitleEN) != d.TitleEN {
			b.say("%s gives the title %q / %q of %q / %q", q.text, joined(h.Title), joined(h.TitleEN), d.Title, d.TitleEN)
		}
	}
}

func joined(pieces []search.Piece) string {
	var s strings.Builder
	for _, p := range pieces {
		s.WriteString(p.Text)
	}
	return s.String()
}

func marked(pieces []search.Piece) string {
	var found []string
	for _, p := range pieces {
		if p.Found {
			found = append(found, p.Text)
		}
	}
	return strings.Join(found, "|")
}
