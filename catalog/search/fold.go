package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letter is one rune of text as it is compared, and where it stands in what was
// written.
type letter struct {
	r        rune
	from, to int // bytes of the written text
}

// Fold makes text comparable: full-width becomes half-width, capitals small,
// marks above letters fall off, what is invisible (controls, zero width, turns
// of direction) is gone, and every gap is one space. Traditional characters
// stay what they are: turning them is a matter of meaning, and of synonyms.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, l := range letters(text) {
		b.WriteRune(l.r)
	}
	return b.String()
}

func letters(text string) []letter {
	all := make([]letter, 0, len(text))
	gap := true // also at the beginning
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		from := i
		i += size
		switch {
		case plain(r):
			all, gap = append(all, letter{r, from, i}), false
			continue
		case r < utf8.RuneSelf || unicode.Is(unicode.Han, r) && r < 0xF900:
			gap = one(&all, gap, unicode.ToLower(r), from, i)
			continue
		}
		if r == utf8.RuneError && size == 1 {
			continue
		}
		for _, d := range norm.NFKD.String(string(r)) {
			gap = one(&all, gap, unicode.ToLower(d), from, i)
		}
	}
	if n := len(all); n > 0 && all[n-1].r == ' ' {
		all = all[:n-1]
	}
	return all
}

// plain says of what most text is made of that it stays as it is, without
// asking tables.
func plain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || common(r)
}

// common are the characters that nearly all Chinese is written with.
func common(r rune) bool { return r >= 0x4E00 && r < 0x9FA6 }

// one adds a rune, and says whether a gap is open.
func one(all *[]letter, gap bool, r rune, from, to int) bool {
	switch {
	case unicode.IsSpace(r):
		if !gap {
			*all = append(*all, letter{' ', from, to})
		}
		return true
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn, unicode.Co, unicode.Cs):
		return gap
	}
	*all = append(*all, letter{r, from, to})
	return false
}

// Run is a stretch of folded text: Chinese characters, or one word of letters
// and digits. What stands between is no run.
type Run struct {
	Text string
	Han  bool
}

// Runs cuts text, folded or not, into its runs.
func Runs(text string) []Run {
	var all []Run
	for _, s := range stretches(letters(text)) {
		all = append(all, Run{s.text(), s.han})
	}
	return all
}

// stretch is a run that still knows where it stands.
type stretch struct {
	letters []letter
	han     bool
}

func (s stretch) text() string {
	var b strings.Builder
	size := len(s.letters)
	if s.han {
		size *= 3
	}
	b.Grow(size)
	for _, l := range s.letters {
		b.WriteRune(l.r)
	}
	return b.String()
}

func stretches(all []letter) []stretch {
	var cut []stretch
	for i := 0; i < len(all); {
		k := sort(all[i].r)
		j := i + 1
		for j < len(all) && sort(all[j].r) == k {
			j++
		}
		if k != 0 {
			cut = append(cut, stretch{all[i:j], k == 'h'})
		}
		i = j
	}
	return cut
}

// sort tells Chinese characters (h) from letters and digits (w) and the rest.
func sort(r rune) byte {
	switch {
	case common(r):
		return 'h'
	case r < utf8.RuneSelf:
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return 'w'
		}
		return 0
	case unicode.Is(unicode.Han, r):
		return 'h'
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return 'w'
	}
	return 0
}

// Chars gives the characters of a run of Chinese.
func Chars(run string) []string { return strings.Split(run, "") }

// Pairs gives each character of a run of Chinese with the next one: 黑木耳 is
// 黑木 and 木耳. A dictionary would miss half of what grows; pairs miss nothing.
func Pairs(run string) []string {
	r := []rune(run)
	if len(r) < 2 {
		return nil
	}
	all := make([]string, 0, len(r)-1)
	for i := range r[1:] {
		all = append(all, string(r[i:i+2]))
	}
	return all
}

// Stem takes the plural off an English word, so that walnuts find a walnut.
func Stem(word string) string {
	n := len(word)
	switch {
	case n < 4 || word[n-1] != 's' || word[n-2] == 's' || word[n-2] == 'u' || word[n-2] == 'i':
		return word
	case n > 4 && strings.HasSuffix(word, "ies"):
		return word[:n-3] + "y"
	case strings.HasSuffix(word, "oes") || strings.HasSuffix(word, "xes") || strings.HasSuffix(word, "ches") || strings.HasSuffix(word, "shes") || strings.HasSuffix(word, "sses"):
		return word[:n-2]
	}
	return word[:n-1]
}
