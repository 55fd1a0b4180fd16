package pg

import (
	"slices"
	"strconv"

	"commonfield/catalog/search"
)

// Bare is the one statement that a page of few hits needs, for measuring: the
// hits of a cleaned query on index a or b, as it is typed, in their order. It
// counts nothing, bounds nothing, and does not notice a swap.
func Bare(q search.Query, slot string) (string, []any) {
	parts := search.Want(q.Text, q.Synonyms)
	r := reading{q: q}
	s := r.shape(parts, wants(parts, anywhere), nil)
	p := &params{}
	where := s.where(p, false)
	o := s.ordered(p)
	o.keys = slices.DeleteFunc(slices.Clone(o.keys), func(k key) bool { return k.expr == "0" }) // nothing ranks
	return "SELECT d.market_id, d.kind, d.id, d.title, d.title_en FROM " + table(slot) + " d WHERE " + where +
		" ORDER BY " + o.by("") + " LIMIT " + strconv.Itoa(q.N), p.args
}
