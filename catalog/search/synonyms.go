package search

import "strings"

// Synonyms are groups of names for the same thing: 核桃, 胡桃, walnut. The
// operator keeps them. Nil knows none. They do not change: a change makes new ones.
type Synonyms struct {
	of      map[string][]string // folded name → the others of its groups
	longest int                 // runes of the longest Chinese name
}

// NewSynonyms reads groups; a name may stand in several.
func NewSynonyms(groups [][]string) *Synonyms {
	s := &Synonyms{of: map[string][]string{}}
	for _, g := range groups {
		names := make([]string, 0, len(g))
		for _, name := range g {
			if n := stemmed(name); n != "" {
				names = append(names, n)
			}
		}
		for i, n := range names {
			s.longest = max(s.longest, len([]rune(n)))
			for j, other := range names {
				if i != j && other != n {
					s.of[n] = append(s.of[n], other)
				}
			}
		}
	}
	return s
}

// Of gives the other names of a folded one.
func (s *Synonyms) Of(name string) []string {
	if s == nil {
		return nil
	}
	return s.of[name]
}

// stemmed is a name as it is looked up: folded, its words without plurals.
func stemmed(name string) string {
	var all []string
	for _, r := range Runs(name) {
		all = append(all, stem(r))
	}
	return strings.Join(all, " ")
}

func stem(r Run) string {
	if r.Han {
		return r.Text
	}
	return Stem(r.Text)
}
