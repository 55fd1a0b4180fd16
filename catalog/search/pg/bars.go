package pg

import (
	"strings"
	"sync"

	"commonfield/catalog/search"
)

// bars writes texts between bars, folded and, where they are Chinese, spelled
// and by initials: what of them a query hits is then a plain search in a text.
func bars(texts ...string) string {
	var b strings.Builder
	b.WriteByte('|')
	for _, t := range texts {
		b.WriteString(bar(search.Runs(t)))
	}
	return b.String()
}

// barsOf does the same with the words of a document.
func barsOf(words []string) string {
	var b strings.Builder
	b.WriteByte('|')
	for _, w := range words {
		b.WriteString(ofWord(w).bar)
	}
	return b.String()
}

func bar(runs []search.Run) string {
	if len(runs) == 0 {
		return ""
	}
	var b strings.Builder
	for i, r := range runs {
		if i > 0 {
			b.WriteByte(' ')
		}
		if r.Han {
			b.WriteString(r.Text)
		} else {
			b.WriteString(search.Stem(r.Text))
		}
	}
	b.WriteByte('|')
	for _, r := range runs {
		if r.Han {
			b.WriteString(strings.Join(search.Syllables(r.Text), " ") + "|" + search.Initials(r.Text) + "|")
		}
	}
	return b.String()
}

// wordParts are what a name gives every document that has it. Categories, places and
// growers stand in hundreds of documents each, so they are made once for many.
type wordParts struct {
	marks []int64
	bar   string
}

// words keeps the last of them; a full one is emptied, for the next to come are
// of another place.
var words struct {
	mu sync.Mutex
	of map[string]wordParts
}

const mostWords = 20_000

func ofWord(w string) wordParts {
	words.mu.Lock()
	parts, there := words.of[w]
	words.mu.Unlock()
	if there {
		return parts
	}
	m, runs := make(marks, 0, 16), search.Runs(w)
	for _, r := range runs {
		m.text(r, anywhere)
		m.sounds(r, len(r.Text) <= longName*3)
	}
	parts = wordParts{m.once(), bar(runs)}
	words.mu.Lock()
	defer words.mu.Unlock()
	if words.of == nil || len(words.of) >= mostWords {
		words.of = map[string]wordParts{}
	}
	words.of[w] = parts
	return parts
}
