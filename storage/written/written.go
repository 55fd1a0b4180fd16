// Package written is how words that a person typed are kept: without what stands
// before and after them, and without the signs that nobody sees and that turn the
// line around them. A title with one of those would show the price beside it back
// to front, on every page and in every letter that names the goods.
package written

import "strings"

// Plain gives the words as they are kept. It takes the turning signs out instead
// of refusing them: they come along when somebody copies a number or a name from
// a telephone's contacts, and nobody can find them to delete them. Marks that only
// say which way a letter reads (U+200E, U+200F) stay: Uyghur needs them.
func Plain(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if turns(r) {
			return -1
		}
		return r
	}, text))
}

// turns says whether a sign embeds, overrides or isolates a direction.
func turns(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}
