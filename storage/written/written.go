// Package written is how words that a person typed are kept: without what stands
// before and after them, and without the signs that nobody sees and that turn the
// line around them. A title with one of those would show the price beside it back
// to front, on every page and in every letter that names the goods.
package written

import (
	"strings"
	"unicode"
)

// Plain gives the words as they are kept. It takes the turning signs out instead
// of refusing them: they come along when somebody copies a number or a name from
// a telephone's contacts, and nobody can find them to delete them. Marks that only
// say which way a letter reads (U+200E, U+200F) stay: Uyghur needs them. So do those
// that join letters and pictures. Signs that command a terminal, or that no
// workbook and no bank file can hold, go; and words of which nobody would see
// anything are none.
func Plain(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if turns(r) || hidden(r) {
			return -1
		}
		return r
	}, text))
	if !strings.ContainsFunc(text, seen) {
		return ""
	}
	return text
}

// hidden says whether a sign commands, has no width, or is no character at all.
func hidden(r rune) bool {
	switch r {
	case '\n', '\r', '\t', 0: // a nought is refused, by whoever would keep it
		return false
	case '\u200B', '\u2060', '\uFEFF':
		return true
	}
	return unicode.IsControl(r) || r&0xFFFE == 0xFFFE || r >= '\uFDD0' && r <= '\uFDEF'
}

// seen says whether there is anything of a sign on paper. Letters that are blank
// by design count as none.
func seen(r rune) bool {
	return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.Mn) && !strings.ContainsRune("\u115F\u1160\u2800\u3164\uFFA0", r)
}

// turns says whether a sign embeds, overrides or isolates a direction.
func turns(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}
