package pg

import (
	"maps"
	"slices"
	"strings"

	"commonfield/catalog/search"
)

// clause lists marks of which one must be there.
type clause []int64

// clauses must all hold.
type clauses []clause

// mostClauses bounds what alternatives multiply to; what is left out only lets
// more be found.
const mostClauses = 12

// needles are texts whose place in a document's titles and names ranks it.
type needles []string

// wants makes the clauses of what is typed; sort is anywhere or inTitle. Pinyin
// is not told by where it stands.
func wants(parts []search.Part, sort string) clauses {
	var all clauses
	for i, p := range parts {
		var ways []clauses
		ways = append(ways, written(p, sort, i > 0 && p.Next, parts, i))
		for _, other := range p.Others {
			var way clauses
			for _, r := range search.Runs(other) {
				way = append(way, run(r, sort)...)
			}
			ways = append(ways, way)
		}
		for _, way := range p.Spelled {
			ways = append(ways, sounds(way))
		}
		if p.Initials {
			ways = append(ways, pairsOf(p.Text))
		}
		all = append(all, either(ways)...)
	}
	return all[:min(len(all), 3*mostClauses)]
}

// written is a part as it is typed. A single character beside other Chinese may
// also be found in a pair with its neighbour.
func written(p search.Part, sort string, next bool, parts []search.Part, i int) clauses {
	var all clauses
	for _, r := range search.Runs(p.Stem) {
		all = append(all, run(r, sort)...)
	}
	if p.Han && len(all) == 1 && len([]rune(p.Text)) == 1 {
		if next {
			before := []rune(parts[i-1].Text)
			all[0] = append(all[0], mark(sort, string(before[len(before)-1])+p.Text))
		}
		if i+1 < len(parts) && parts[i+1].Next {
			all[0] = append(all[0], mark(sort, p.Text+string([]rune(parts[i+1].Text)[:1])))
		}
	}
	return all
}

// run gives the clauses of a word or of a stretch of Chinese, in which each
// character must stand in a pair that is found: for 新疆核桃 those are 新疆 and
// 核桃, and 疆核 need not be anywhere.
func run(r search.Run, sort string) clauses {
	if !r.Han {
		return clauses{{mark(sort, search.Stem(r.Text))}}
	}
	pairs := search.Pairs(r.Text)
	if len(pairs) == 0 {
		return clauses{{mark(sort, r.Text)}}
	}
	return cover(pairs, func(p string) int64 { return mark(sort, p) })
}

// cover: the first and the last pair must be there, and of the characters
// between them each in the pair before or the pair behind it.
func cover(pairs []string, number func(string) int64) clauses {
	n := len(pairs)
	all := clauses{{number(pairs[0])}}
	for i := 2; i <= n-2; i++ {
		all = append(all, clause{number(pairs[i-1]), number(pairs[i])})
	}
	if n > 1 {
		all = append(all, clause{number(pairs[n-1])})
	}
	return all
}

func sounds(way []string) clauses {
	if len(way) == 1 {
		return clauses{{mark(spelled, way[0])}}
	}
	pairs := make([]string, len(way)-1)
	for i := range pairs {
		pairs[i] = way[i] + "'" + way[i+1]
	}
	return cover(pairs, func(p string) int64 { return mark(spelled, p) })
}

func pairsOf(text string) clauses {
	pairs := make([]string, len(text)-1)
	for i := range pairs {
		pairs[i] = text[i : i+2]
	}
	return cover(pairs, func(p string) int64 { return mark(initials, p) })
}

// either makes one list of clauses of several of which one must hold, by
// multiplying them out.
func either(ways []clauses) clauses {
	all := clauses{nil}
	for _, way := range ways {
		if len(way) == 0 {
			continue
		}
		if len(all)*len(way) > mostClauses {
			way = way[:1]
		}
		var next clauses
		for _, a := range all {
			for _, b := range way {
				next = append(next, append(slices.Clone(a), b...))
			}
		}
		all = next
	}
	if len(all) == 1 && len(all[0]) == 0 {
		return nil
	}
	return all
}

// tidy takes out what is said twice and divides the clauses into marks that
// must all be there and lists of which one must be.
func (c clauses) tidy() (must []int64, some []clause) {
	only := map[int64]bool{}
	for _, one := range c {
		if len(one) == 1 {
			only[one[0]] = true
		}
	}
	seen := map[string]bool{}
	for _, one := range c {
		slices.Sort(one)
		one = slices.Compact(one)
		key := array(one)
		if len(one) < 2 || seen[key] || slices.ContainsFunc(one, func(m int64) bool { return only[m] }) {
			continue
		}
		seen[key] = true
		some = append(some, one)
	}
	must = slices.Sorted(maps.Keys(only))
	return must, some
}

// any is all marks of the clauses, for the search of whatever comes near.
func (c clauses) any() clause {
	var all clause
	for _, one := range c {
		all = append(all, one...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// needlesOf gives the texts that rank hits: each part, its other names and ways
// of spelling.
func needlesOf(parts []search.Part) needles {
	var all needles
	for _, p := range parts {
		all = append(all, p.Stem)
		all = append(all, p.Others...)
		for _, way := range p.Spelled {
			all = append(all, strings.Join(way, " "))
		}
		if p.Initials {
			all = append(all, p.Text)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// wholes gives what a title or a name may be altogether, between bars.
func wholes(parts []search.Part) needles {
	ways := []string{""}
	for i, p := range parts {
		gap := ""
		if i > 0 && !p.Next {
			gap = " "
		}
		var next []string
		for _, a := range ways {
			for _, b := range needlesOf([]search.Part{p}) {
				if len(next) < mostClauses {
					next = append(next, a+gap+b)
				}
			}
		}
		ways = next
	}
	for i := range ways {
		ways[i] = "|" + ways[i] + "|"
	}
	return ways
}
