package pg

import "commonfield/catalog/search"

// Walk is the statement that walks many hits of a query on index a or b.
func Walk(q search.Query, slot string) (string, []any) { return WalkBehind(q, slot, nil) }

// WalkBehind is the same behind a place.
func WalkBehind(q search.Query, slot string, at []string) (string, []any) {
	s := &shape{q: q, all: wants(search.Want(q.Text, q.Synonyms), anywhere)}
	o, ok := fixed[q.Sort]
	if !ok {
		o = walked
	}
	return s.walk(table(slot), o, at, 21)
}

// Few is the condition that finds hits by their marks.
func Few(q search.Query, slot string) (string, []any) {
	s := &shape{q: q, all: wants(search.Want(q.Text, q.Synonyms), anywhere)}
	p := &params{}
	return "SELECT d.id FROM " + table(slot) + " d WHERE " + s.where(p, false) + " LIMIT 2001", p.args
}

// Sorted says how many hits an engine sorts by their price whole.
func Sorted(e *Engine, n int) { e.sorted = n }
