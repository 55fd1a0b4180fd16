package sheet

import (
	"strings"
	"unicode"
)

// split cuts a text into lines that fit: at spaces between words, between any two
// Chinese characters, and, where a word alone is too long, inside it.
func (d *drawing) split(s string, w, size float64) []string {
	if d.err != nil {
		return nil
	}
	if d.err = d.pdf.SetFont(family, "", size); d.err != nil {
		return nil
	}
	var out []string
	for part := range strings.SplitSeq(clean(s), "\n") {
		out = append(out, d.wrap([]rune(part), w)...)
	}
	return out
}

func (d *drawing) wrap(s []rune, w float64) []string {
	var out []string
	from, brk, used := 0, -1, 0.0
	for i := 0; i < len(s); i++ {
		if i > from && breaks(s[i-1], s[i]) {
			brk = i
		}
		one, err := d.pdf.MeasureTextWidth(string(s[i]))
		if err != nil {
			d.err = err
			return nil
		}
		used += one
		if used <= w || i == from {
			continue
		}
		cut := i
		if brk > from {
			cut = brk
		}
		out = append(out, strings.TrimRight(string(s[from:cut]), " "))
		from, brk, used, i = cut, -1, 0, cut-1
	}
	return append(out, string(s[from:]))
}

// breaks says whether a line may end between two characters.
func breaks(a, b rune) bool {
	switch {
	case a == ' ':
		return b != ' '
	case strings.ContainsRune("，。；：！？、）》」』”’%", b) || strings.ContainsRune("（《「『“‘¥", a):
		return false
	}
	return unicode.Is(unicode.Han, a) || unicode.Is(unicode.Han, b) || strings.ContainsRune("，。；：！？、）", a)
}

// clean keeps what a font can draw: no control characters, no endless text.
func clean(s string) string {
	if len(s) > longestText {
		s = strings.ToValidUTF8(s[:longestText], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t', r == '\u00a0', r == '\u202f':
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}
