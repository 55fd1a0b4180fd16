package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of what is typed.
const (
	MostRunes = 200 // of a query; what is behind does not count
	mostParts = 12
)

// Part is one thing that somebody looks for: a stretch of Chinese, a word, or
// the several words of a synonym.
type Part struct {
	Text     string   // folded
	Han      bool     //
	Stem     string   // Text, its words without plurals
	Others   []string // other names for it, by Synonyms, stemmed
	Spelled  [][]string
	Initials bool
	Next     bool // it follows the part before without a gap: 新疆, then 核桃
}

// Want cuts a query into its parts, names with synonyms each by itself:
// 新疆核桃仁 is 新疆, 核桃 (or walnut) and 仁.
func Want(text string, s *Synonyms) []Part {
	var all []Part
	runs := Runs(Short(text))
	for i := 0; i < len(runs) && len(all) < mostParts; {
		if runs[i].Han {
			all = append(all, s.cut(runs[i].Text)...)
			i++
			continue
		}
		n := s.phrase(runs[i:])
		p := Part{Text: words(runs[i:i+n], Run.word), Stem: words(runs[i:i+n], stem)}
		if p.Others = s.Of(p.Stem); n == 1 {
			p.Spelled, p.Initials = Spell(p.Text), MayBeInitials(p.Text)
		}
		all = append(all, p)
		i += n
	}
	return all[:min(len(all), mostParts)]
}

// Short is the beginning of a text that counts, folded.
func Short(text string) string {
	if len(text) > MostRunes*utf8.UTFMax {
		text = text[:MostRunes*utf8.UTFMax]
	}
	r := []rune(Fold(text))
	return strings.TrimSpace(string(r[:min(len(r), MostRunes)]))
}

func (r Run) word() string { return r.Text }

func words(runs []Run, as func(Run) string) string {
	all := make([]string, len(runs))
	for i, r := range runs {
		all[i] = as(r)
	}
	return strings.Join(all, " ")
}

// phrase says how many words together have another name; one at least.
func (s *Synonyms) phrase(runs []Run) int {
	for n := min(3, len(runs)); n > 1; n-- {
		if slices.ContainsFunc(runs[:n], func(r Run) bool { return r.Han }) {
			continue
		}
		if len(s.Of(words(runs[:n], stem))) > 0 {
			return n
		}
	}
	return 1
}

// cut divides a stretch of Chinese where a name with synonyms stands in it.
func (s *Synonyms) cut(run string) []Part {
	var all []Part
	r := []rune(run)
	begin := 0
	put := func(to int, others []string) {
		if to > begin {
			text := string(r[begin:to])
			all = append(all, Part{Text: text, Han: true, Stem: text, Others: others, Next: begin > 0})
			begin = to
		}
	}
	for i := 0; i < len(r); {
		n, others := s.at(r[i:])
		if n == 0 {
			i++
			continue
		}
		put(i, nil)
		i += n
		put(i, others)
	}
	put(len(r), nil)
	return all
}

// at gives the longest name with synonyms that r begins with.
func (s *Synonyms) at(r []rune) (int, []string) {
	if s == nil {
		return 0, nil
	}
	for n := min(s.longest, len(r)); n > 1; n-- {
		if others := s.of[string(r[:n])]; len(others) > 0 {
			return n, others
		}
	}
	return 0, nil
}
