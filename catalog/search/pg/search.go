package pg

import (
	"context"
	"slices"
	"strings"

	"commonfield/catalog/search"
)

// found is what one reading of a query gives.
type found struct {
	shape *shape
	rows  []row
	many  bool
	total int64
}

// Search gives a page of hits: of the query as it is typed; where that finds
// nothing, of what its last word begins; then of what was probably meant; then
// of some of its parts.
func (e *Engine) Search(ctx context.Context, q search.Query) (search.Answer, error) {
	from, err := begin(q)
	if err != nil {
		return search.Answer{}, err
	}
	parts := search.Want(q.Text, q.Synonyms)
	if q.Text != "" && len(parts) == 0 {
		return search.Answer{Exact: true, Facets: emptyFacets(q)}, nil
	}
	r := reading{e: e, q: q, from: from, parts: parts}
	var f found
	if from.read == asTyped {
		f, err = r.exactly(ctx, parts)
	}
	if err == nil && f.total == 0 && len(parts) > 0 {
		f, err = r.otherwise(ctx)
	}
	if err != nil {
		return search.Answer{}, err
	}
	if f.total == 0 { // a filter of its own may be why: the facets say so
		f.shape = r.shape(parts, wants(parts, anywhere), nil)
	}
	a := search.Answer{Total: f.total, Exact: !f.many, Corrected: r.corrected, Partly: r.as == asSome && f.total > 0}
	for i, row := range f.rows {
		if i == q.N {
			a.Next = q.Cursor(f.rows[i-1].from.words()...)
			break
		}
		k := search.Key{Kind: row.Kind, Market: row.Market, ID: row.ID}
		a.Hits = append(a.Hits, search.Hit{Key: k, Title: search.Mark(row.Title, r.parts), TitleEN: search.Mark(row.TitleEN, r.parts)})
	}
	if q.Facets {
		if err := e.facets(ctx, f, &a); err != nil {
			return search.Answer{}, err
		}
	}
	return a, nil
}

// The readings of a query, each tried when the one before finds nothing.
const (
	asTyped = iota
	asBegun
	asMeant
	asSome
)

// reading is the search for the sense of a query.
type reading struct {
	e         *Engine
	q         search.Query
	from      place
	parts     []search.Part // as they are read now
	as        int           // and how
	corrected string
}

func (r *reading) shape(parts []search.Part, all clauses, near clause) *shape {
	return &shape{q: r.q, all: all, near: near, needles: needlesOf(parts), wholes: wholes(parts)}
}

// exactly reads the parts as they are.
func (r *reading) exactly(ctx context.Context, parts []search.Part) (found, error) {
	return r.page(ctx, r.shape(parts, wants(parts, anywhere), nil), func(s shape) []*shape {
		if len(parts) == 0 {
			return []*shape{&s}
		}
		titles, rest := s, s
		titles.all = wants(parts, inTitle)
		rest.not = titles.all
		return []*shape{&titles, &rest}
	})
}

// otherwise reads a query that finds nothing in other ways, until one finds
// something.
func (r *reading) otherwise(ctx context.Context) (found, error) {
	last := len(r.parts) - 1
	begun, err := r.e.begins(ctx, r.parts[last].Text, 10)
	if err != nil {
		return found{}, err
	}
	if r.as = asBegun; len(begun) > 0 && r.from.read <= r.as {
		parts := slices.Clone(r.parts)
		for _, t := range begun {
			parts[last].Others = append(slices.Clone(parts[last].Others), t.Term)
		}
		if f, err := r.exactly(ctx, parts); err != nil || f.total > 0 {
			r.parts = parts
			return f, err
		}
	}
	r.as = asMeant
	alone := make([]bool, len(r.parts)) // which parts find something
	for i, p := range r.parts {
		f, err := r.alone(ctx, p)
		if err != nil {
			return f, err
		}
		alone[i] = f.total > 0
	}
	if r.from.read <= r.as {
		if f, err := r.corrects(ctx, alone); err != nil || f.total > 0 {
			return f, err
		}
	}
	r.as = asSome
	return r.some(ctx, alone)
}

// alone says whether a part finds anything at all, under the query's filters.
func (r *reading) alone(ctx context.Context, p search.Part) (found, error) {
	p.Next = false
	one := *r
	one.q.N, one.from = 1, place{stage: -1}
	return one.page(ctx, one.shape(nil, wants([]search.Part{p}, anywhere), nil), nil)
}

// corrects replaces parts that find nothing by what was probably meant.
func (r *reading) corrects(ctx context.Context, alone []bool) (found, error) {
	parts := slices.Clone(r.parts)
	changed := false
	var said strings.Builder
	for i, p := range parts {
		if i > 0 && !p.Next {
			said.WriteByte(' ')
		}
		text := p.Text
		if !alone[i] {
			better, err := r.e.better(ctx, p)
			if err != nil {
				return found{}, err
			}
			for _, t := range better[:min(len(better), mostBetter)] {
				for _, q := range search.Want(t.Term, r.q.Synonyms) {
					f, err := r.alone(ctx, q)
					if err != nil {
						return f, err
					}
					if f.total > 0 && text == p.Text {
						q.Next, q.Initials = p.Next, false
						parts[i], text, changed = q, t.Said, true
					}
				}
				if text != p.Text {
					break
				}
			}
		}
		said.WriteString(text)
	}
	if !changed {
		return found{}, nil
	}
	f, err := r.exactly(ctx, parts)
	if err == nil && f.total > 0 {
		r.parts, r.corrected = parts, said.String()
	}
	return f, err
}

// some reads only those parts that find something, and if they do not together,
// whatever comes near, best first.
func (r *reading) some(ctx context.Context, alone []bool) (found, error) {
	var parts []search.Part
	for i, p := range r.parts {
		if alone[i] {
			p.Next = false
			parts = append(parts, p)
		}
	}
	if len(parts) > 0 && len(parts) < len(r.parts) {
		if f, err := r.exactly(ctx, parts); err != nil || f.total > 0 {
			return f, err
		}
	}
	var whole []search.Part // initials and single sounds come near everything
	for _, p := range r.parts {
		p.Initials, p.Spelled = false, nil
		whole = append(whole, p)
	}
	near := wants(whole, anywhere).any()
	if len(near) == 0 {
		return found{}, nil
	}
	return r.page(ctx, r.shape(nearParts(whole), nil, near), nil)
}

// nearParts ranks by pairs what comes near.
func nearParts(parts []search.Part) []search.Part {
	var all []search.Part
	for _, p := range parts {
		pairs := search.Pairs(p.Text)
		if !p.Han || len(pairs) == 0 {
			all = append(all, p)
			continue
		}
		for _, pair := range pairs {
			all = append(all, search.Part{Text: pair, Stem: pair, Han: true})
		}
	}
	return all
}

// page gives the rows of one page, one more than asked for when there are more.
// Of many hits, stages says which come first.
func (r *reading) page(ctx context.Context, s *shape, stages func(shape) []*shape) (found, error) {
	f := found{shape: s}
	n := r.q.N + 1
	if r.from.stage < 0 {
		rows, counted, err := r.e.few(ctx, s, r.from.at, n)
		if err != nil || counted <= int64(s.most(r.e)) {
			f.rows, f.total = r.locate(rows, -1, false), counted
			return f, err
		}
	}
	f.many, f.total = true, enough
	all := []*shape{s}
	if stages != nil && (s.q.Sort == search.ByRelevance || s.q.Sort == search.ByNear) {
		all = stages(*s)
	}
	all = nearest(all)
	at := r.from.at
	for i := max(r.from.stage, 0); i < len(all) && len(f.rows) < n; i++ {
		rows, walk, err := r.stage(ctx, all[i], i == r.from.stage && r.from.walk, at, n-len(f.rows))
		if err != nil {
			return f, err
		}
		f.rows = append(f.rows, r.locate(rows, i, walk)...)
		at = nil
	}
	return f, nil
}

// stage gives rows of one stage, ranked whole if they are few.
func (r *reading) stage(ctx context.Context, s *shape, walk bool, at []string, n int) ([]row, bool, error) {
	o, plain := fixed[s.q.Sort]
	if !plain {
		o = walked
	}
	if !plain && !walk {
		rows, counted, err := r.e.few(ctx, s, at, n)
		if err != nil || counted <= int64(s.most(r.e)) || at != nil {
			return rows, false, err
		}
	}
	rows, err := r.e.along(ctx, s, o, at, n)
	return rows, true, err
}

// nearest makes of each stage as many as there are levels of nearness.
func nearest(all []*shape) []*shape {
	if len(all) == 0 || all[0].q.Sort != search.ByNear {
		return all
	}
	var out []*shape
	before := ""
	for _, r := range levels(all[0].q.Near) {
		for _, s := range all {
			one := *s
			one.within, one.without = r, before
			out = append(out, &one)
		}
		before = r
	}
	return out
}

func (r *reading) locate(rows []row, stage int, walk bool) []row {
	for i := range rows {
		rows[i].from = place{r.as, stage, walk, rows[i].At}
	}
	return rows
}
