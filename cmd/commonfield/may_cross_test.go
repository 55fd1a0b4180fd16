package main

import (
	"fmt"
	"slices"
	"strings"
)

// What the table says of one more person, and of one more question, without a column
// of their own: both follow from the columns that there are.

// outsider operates the second market and is a clerk of the third. In the first, whose
// things they ask for, they are a buyer from elsewhere.
const outsider = "outsider"

// astray asks a row as the outsider about both sets of the first market, and says
// where they got something else than a buyer gets in another market. A page that is of
// no market is theirs as it is every operator's.
func (h *house) astray(r asking) string {
	h.t.Helper()
	want := last(r.may["buyer"])
	if last(r.may["operator"]) == "y" {
		want = "y"
	}
	said := ""
	for _, k := range []int{own, anothers} {
		h.ready(r, outsider)
		if letter, code := h.ask(r, outsider, h.of(k, outsider)); letter != want {
			said += fmt.Sprintf(" who has two roles elsewhere: %s, not %s (set %d, %s);", letter, want, k, code)
		}
	}
	return said
}

// everywhere are the things that are the same for every market, or of none.
var everywhere = []string{"person", "photo", "month", "past", "market", "region", "county", "code", "short", "static", "number"}

// mixed asks a row of one's own market about a thing of another: who may in theirs and
// not in the other's finds nothing there.
func (h *house) mixed(r asking) string {
	h.t.Helper()
	said := ""
	for _, role := range []string{"buyer", "producer", "agent", "clerk", "operator"} {
		if r.may[role] == "." || r.may[role][:1] != "y" || last(r.may[role]) == "y" {
			continue
		}
		set := h.of(own, role)
		for _, word := range r.words() {
			if !slices.Contains(everywhere, word) && set[word] != h.sets[abroad][word] {
				set[word] = h.sets[abroad][word]
				h.ready(r, role)
				if letter, code := h.ask(r, role, set); letter != "h" && letter != "n" {
					said += fmt.Sprintf(" %s about the other market's %s in their own: %s (%s);", role, word, letter, code)
				}
				break
			}
		}
	}
	return said
}

// words are the things that a row names, in its path or its form.
func (r asking) words() []string {
	words := slices.Clone(r.things)
	for _, thing := range r.says {
		words = append(words, thing)
	}
	return slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "=") })
}

// last is what a cell says of another market.
func last(cell string) string {
	if cell == "." {
		return cell
	}
	return cell[len(cell)-1:]
}
