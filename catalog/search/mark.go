package search

import (
	"slices"
	"strings"
)

// Mark cuts a title into pieces, those that are what somebody looked for
// marked: pairs of a stretch of Chinese, words, their synonyms, and characters
// whose pinyin was typed. A last word may be the beginning of one.
func Mark(title string, wanted []Part) []Piece {
	if title == "" {
		return nil
	}
	cut := stretches(letters(title))
	found := make([]bool, len(title)) // by byte
	for i, p := range wanted {
		p.mark(cut, found, i == len(wanted)-1)
	}
	var all []Piece
	for from := 0; from < len(title); {
		to := from + 1
		for to < len(title) && found[to] == found[from] {
			to++
		}
		all = append(all, Piece{title[from:to], found[from]})
		from = to
	}
	return all
}

func (p Part) mark(cut []stretch, found []bool, last bool) {
	for _, name := range append([]string{p.Stem}, p.Others...) {
		for i, r := range Runs(name) {
			for _, s := range cut {
				switch {
				case s.han && r.Han:
					s.markPairs(r.Text, found)
				case !s.han && !r.Han && (Stem(s.text()) == r.Text || last && i == 0 && len(r.Text) > 1 && strings.HasPrefix(s.text(), r.Text)):
					s.put(0, len(s.letters), found)
				}
			}
		}
	}
	if p.Han {
		return
	}
	for _, s := range cut {
		if s.han {
			s.markSounds(p, found)
		}
	}
}

func (s stretch) put(from, to int, found []bool) {
	for i := s.letters[from].from; i < s.letters[to-1].to; i++ {
		found[i] = true
	}
}

// markPairs marks where two characters of run follow each other here too; a
// single one where it stands.
func (s stretch) markPairs(run string, found []bool) {
	r := []rune(run)
	if len(r) == 1 {
		for i, l := range s.letters {
			if l.r == r[0] {
				s.put(i, i+1, found)
			}
		}
		return
	}
	for i := range r[1:] {
		for j := range s.letters[1:] {
			if s.letters[j].r == r[i] && s.letters[j+1].r == r[i+1] {
				s.put(j, j+2, found)
			}
		}
	}
}

// markSounds marks where the characters sound as typed, whole or by initials.
func (s stretch) markSounds(p Part, found []bool) {
	if len(p.Spelled) == 0 && !p.Initials {
		return
	}
	said := Syllables(s.text())
	for _, way := range p.Spelled {
		for i := 0; i+len(way) <= len(said); i++ {
			if slices.Equal(said[i:i+len(way)], way) {
				s.put(i, i+len(way), found)
			}
		}
	}
	if !p.Initials {
		return
	}
	for i := 0; i+len(p.Text) <= len(said); i++ {
		same := true
		for j := range len(p.Text) {
			same = same && said[i+j] != "" && said[i+j][0] == p.Text[j]
		}
		if same {
			s.put(i, i+len(p.Text), found)
		}
	}
}
