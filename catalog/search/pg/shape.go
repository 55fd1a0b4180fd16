package pg

import (
	"strconv"
	"strings"
	"time"

	"commonfield/catalog/search"
)

// enough is how many hits are counted and ranked whole: more take longer than
// somebody waits, and nobody looks through them.
const enough = 2_000

// sorted is how many hits are sorted by their price whole. What is looked for
// is cheap or dear together: along the index of prices all cheaper goods are
// walked through first, unless a category narrows the walk. To sort so many
// takes as long as a walk by other orders may.
const sorted = 20_000

// most is how many hits of this shape are found before any is shown.
func (s *shape) most(e *Engine) int {
	if s.priced() {
		return e.sorted
	}
	return enough
}

func (s *shape) priced() bool { return s.q.Sort == search.ByPrice || s.q.Sort == search.ByPriceDown }

// shape is what must be true of hits.
type shape struct {
	q       search.Query // its filters
	all     clauses      // of the text
	near    clause       // instead of all: whatever comes near
	not     clauses      // hits of an earlier stage
	needles needles
	wholes  needles
	within  string // of regions by nearness, what begins with it
	without string // but not with this
}

// params collects the parameters of a statement.
type params struct{ args []any }

func (p *params) add(v any) string {
	p.args = append(p.args, v)
	return "$" + strconv.Itoa(len(p.args))
}

// where writes the conditions on d, for finding hits by their marks or for a
// walk along the index of an order.
func (s *shape) where(p *params, walk bool) string {
	var all []string
	add := func(cond string) { all = append(all, cond) }
	must, some := s.all.tidy()
	if !walk {
		must = append(must, s.codes()...)
	}
	if len(must) > 0 {
		add("d.marks @> " + p.add(array(must)) + "::integer[]")
	}
	for _, one := range some {
		add("d.marks && " + p.add(array(one)) + "::integer[]")
	}
	if s.near != nil {
		add("d.marks && " + p.add(array(s.near)) + "::integer[]")
	}
	if s.not != nil {
		must, some := s.not.tidy()
		var before []string
		if len(must) > 0 {
			before = append(before, "d.marks @> "+p.add(array(must))+"::integer[]")
		}
		for _, one := range some {
			before = append(before, "d.marks && "+p.add(array(one))+"::integer[]")
		}
		add("CASE WHEN " + strings.Join(before, " AND ") + " THEN false ELSE true END")
	}
	s.columns(p, add)
	switch {
	case len(all) == 0:
		return "true"
	case walk:
		// The planner takes what it sees here for rare, and would fetch and sort
		// all hits rather than walk; of what stands in COALESCE it expects half.
		return "COALESCE(" + strings.Join(all, " AND ") + ", false)"
	}
	return strings.Join(all, " AND ")
}

// codes are the filters that are marks too.
func (s *shape) codes() []int64 {
	var all []int64
	if s.q.Category != "" {
		all = append(all, mark(category, s.q.Category))
	}
	for _, r := range []string{s.q.Region, s.within} {
		for _, n := range []int{12, 9, 6, 4, 2} {
			if len(r) >= n {
				all = append(all, mark(region, r[:n]))
				break
			}
		}
	}
	if s.q.Market != 0 {
		all = append(all, mark(market, strconv.Itoa(int(s.q.Market))))
	}
	if s.q.Producer != [16]byte{} {
		all = append(all, mark(producer, s.q.Producer.String()))
	}
	if s.q.Harvest != 0 {
		all = append(all, mark(harvest, strconv.Itoa(s.q.Harvest)))
	}
	return all
}

// columns are the filters in full.
func (s *shape) columns(p *params, add func(string)) {
	q := s.q
	if q.Kind != "" {
		add("d.kind = " + p.add(q.Kind))
	}
	if q.Market != 0 {
		add("d.market_id = " + p.add(q.Market))
	}
	if q.Category != "" {
		c := p.add(q.Category)
		add("(d.category = " + c + " OR d.parent = " + c + ")")
	}
	for _, r := range []string{q.Region, s.within} {
		if r != "" {
			add("left(d.region, " + strconv.Itoa(len(r)) + ") = " + p.add(r))
		}
	}
	if s.without != "" {
		add("left(d.region, " + strconv.Itoa(len(s.without)) + ") <> " + p.add(s.without))
	}
	if q.Producer != [16]byte{} {
		add("d.producer_id = " + p.add(q.Producer))
	}
	if q.PriceFrom > 0 {
		add("d.price_minor >= " + p.add(q.PriceFrom))
	}
	if q.PriceTo > 0 {
		add("d.price_minor BETWEEN 1 AND " + p.add(q.PriceTo))
	}
	if q.InStock {
		add("d.in_stock")
	}
	if q.Harvest != 0 {
		day := func(year int) string { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }
		add("d.harvest_on >= " + p.add(day(q.Harvest)) + "::date AND d.harvest_on < " + p.add(day(q.Harvest+1)) + "::date")
	}
}

// key is one column of an order: how it is computed, and its type.
type key struct{ expr, kind string }

// order is the sort of hits, all of it up or all of it down, and unique by its end.
type order struct {
	keys []key
	down bool
}

func (o order) word() string {
	if o.down {
		return " DESC"
	}
	return ""
}

// by writes the keys behind each other, as columns k0, k1… or as they are computed.
func (o order) by(prefix string) string {
	var all []string
	for i, k := range o.keys {
		if prefix == "" {
			all = append(all, k.expr+o.word())
		} else {
			all = append(all, prefix+"k"+strconv.Itoa(i)+o.word())
		}
	}
	return strings.Join(all, ", ")
}

// behind is the condition to stand behind a cursor.
func (o order) behind(p *params, at []string, columns bool) string {
	if at == nil {
		return ""
	}
	var left, right []string
	for i, k := range o.keys {
		l := k.expr
		if columns {
			l = "k" + strconv.Itoa(i)
		}
		left, right = append(left, l), append(right, p.add(at[i])+"::"+k.kind)
	}
	sign := " > "
	if o.down {
		sign = " < "
	}
	return "(" + strings.Join(left, ", ") + ")" + sign + "(" + strings.Join(right, ", ") + ")"
}

var fixed = map[search.Sort]order{
	search.ByPrice:     {keys: []key{{"(CASE WHEN d.price_minor = 0 THEN 9223372036854775807 ELSE d.price_minor END)", "bigint"}, {"d.id", "uuid"}}},
	search.ByPriceDown: {keys: []key{{"d.price_minor", "bigint"}, {"d.id", "uuid"}}, down: true},
	search.ByNewest:    {keys: []key{{"d.listed_at", "timestamptz"}, {"d.id", "uuid"}}, down: true},
	search.ByHarvest:   {keys: []key{{"d.harvest_on", "date"}, {"d.id", "uuid"}}, down: true},
}

// walked is the order of many hits by relevance, stage by stage.
var walked = order{keys: []key{{"d.in_stock", "boolean"}, {"d.listed_at", "timestamptz"}, {"d.id", "uuid"}}, down: true}

// ordered gives the order of few hits: by relevance or nearness each is ranked.
func (s *shape) ordered(p *params) order {
	if o, ok := fixed[s.q.Sort]; ok {
		return o
	}
	o := order{keys: []key{{s.score(p), "integer"}, walked.keys[0], walked.keys[1], walked.keys[2]}, down: true}
	if s.q.Sort == search.ByNear {
		var level strings.Builder
		level.WriteString("(0")
		for _, r := range levels(s.q.Near) {
			if r != "" {
				level.WriteString(" + (left(d.region, " + strconv.Itoa(len(r)) + ") = " + p.add(r) + ")::integer")
			}
		}
		o.keys = append([]key{{level.String() + ")", "integer"}}, o.keys...)
	}
	return o
}

// levels gives the division and those above it, the whole land last.
func levels(region string) []string {
	var all []string
	for _, n := range []int{12, 9, 6, 4, 2} {
		if len(region) >= n && (len(all) == 0 || len(all[len(all)-1]) > n) {
			all = append(all, region[:n])
		}
	}
	return append(all, "")
}

// mostRanked is how many texts rank a hit; further ones only find it.
const mostRanked = 10

// score ranks by where what was typed stands: a whole title before a whole name
// before a part of a title, a name, the story; goods before who grows them. One
// character alone says little: then it counts how much of the title it is. Each
// text stands in the statement by itself: a list that is gone through for every
// hit takes five times as long.
func (s *shape) score(p *params) string {
	if len(s.needles) == 0 {
		return "0"
	}
	in := func(column, text string) string { return "strpos(d." + column + ", " + p.add(text) + ") > 0" }
	var titles, names []string
	for _, w := range s.wholes[:min(len(s.wholes), mostRanked)] {
		titles, names = append(titles, in("head", w)), append(names, in("names", w))
	}
	var b strings.Builder
	b.WriteString("(d.kind = 'listing')::integer + CASE WHEN " + strings.Join(titles, " OR ") + " THEN 40 WHEN " + strings.Join(names, " OR ") + " THEN 20 ELSE 0 END")
	for _, n := range s.needles[:min(len(s.needles), mostRanked)] {
		b.WriteString(" + CASE WHEN " + in("head", n) + " THEN 6 ELSE 0 END + CASE WHEN " + in("names", "|"+n+"|") + " THEN 5 WHEN " + in("names", n) + " THEN 2 ELSE 0 END")
	}
	if len(s.needles) == 1 && len([]rune(s.needles[0])) == 1 {
		b.WriteString(" + greatest(0, 12 - char_length(d.title))")
	}
	return b.String()
}
