package searchtest

import (
	"strings"

	"commonfield/catalog/search"
	"commonfield/storage/fault"
)

// bad are the promises about what nobody should type, and somebody does.
var bad = []Case{
	{"no text upsets it", false, texts},
	{"a wrong cursor is refused", false, cursors},
	{"what is no filter is refused, or finds nothing", false, wrongFilters},
	{"signs of a query language mean nothing", false, signs},
}

// refused says whether an error is the asker's fault and not ours.
func refused(err error) bool {
	f, is := fault.As(err)
	return is && f.Kind == fault.KindInvalid
}

func texts(b *book) {
	for name, text := range map[string]string{
		"10 kB of walnuts": strings.Repeat("核桃 walnut ", 700), "10 kB of one word": strings.Repeat("a", 10_000), "10 kB of characters": strings.Repeat("桃", 3400),
		"10 kB of words": strings.Repeat("a b c d e ", 1000), "NUL": "核\x00桃", "no UTF-8": "\xff\xfe核桃", "a turn of direction": "\u202e核桃\u202c", "only signs": "!!! ??? ,,, ()[]{}", "only gaps": " \t\n\u3000 ",
		"emoji": "👨‍👩‍👧‍👦🍯", "a lone surrogate": "\xed\xa0\x80", "zero width": "核\u200b桃", "one letter": "a", "one sign": "'", "a backslash": `\`, "numbers": "185", "Arabic": "ئانار", "combining": "e\u0301\u0301\u0301",
	} {
		for _, sort := range []search.Sort{search.ByRelevance, search.ByPrice} {
			if _, err := b.ask(search.Query{Text: text, Sort: sort, Facets: true}); err != nil && !refused(err) {
				b.say("%s: %v", name, err)
			}
		}
	}
	for name, text := range map[string]string{"NUL": "核\x00桃", "no UTF-8": "\xff\xfe核桃", "a turn of direction": "\u202e核桃\u202c", "zero width": "核\u200b桃"} {
		if a := b.must(search.Query{Text: text}); len(a.Hits) == 0 || !class(b.name(a.Hits[0]), "walnut/") {
			b.say("%s: no walnuts", name)
		}
	}
	if a := b.must(search.Query{Text: "!!! ???"}); len(a.Hits) > 0 || a.Total > 0 {
		b.say("signs alone find %d", a.Total)
	}
}

func cursors(b *book) {
	good := b.must(search.Query{Text: "核桃", N: 3}).Next
	if good == "" {
		b.say("three of the walnuts are all")
	}
	for name, q := range map[string]search.Query{
		"nonsense": {Text: "核桃", After: "nonsense"}, "10 kB": {Text: "核桃", After: strings.Repeat("A", 10_000)}, "NUL": {Text: "核桃", After: "\x00"},
		"half of one": {Text: "核桃", After: good[:len(good)/2]}, "one too long": {Text: "核桃", After: good + "AAAA"},
		"another text's": {Text: "tea", After: good}, "another sort's": {Text: "核桃", Sort: search.ByPrice, After: good}, "another filter's": {Text: "核桃", Category: "walnut", After: good},
	} {
		if _, err := b.ask(q); !refused(err) {
			b.say("%s: %v", name, err)
		}
	}
	if _, err := b.ask(search.Query{Text: "核桃", N: 5, After: good}); err != nil {
		b.say("a page of another size after the first: %v", err)
	}
}

func wrongFilters(b *book) {
	for name, q := range map[string]search.Query{
		"sort": {Sort: "best"}, "kind": {Kind: "pool"}, "region": {Region: "here"}, "near": {Sort: search.ByNear, Near: "over there"}, "near nothing": {Sort: search.ByNear},
		"price": {PriceFrom: 10, PriceTo: 5}, "less than nothing": {PriceFrom: -1},
	} {
		if _, err := b.ask(q); !refused(err) {
			b.say("%s: %v", name, err)
		}
	}
	for name, q := range map[string]search.Query{
		"category": {Category: "no-such"}, "a category that speaks": {Category: `x" OR market > 0 OR category = "`}, "a category that speaks SQL": {Category: `x' OR 1=1 --`}, "market": {Market: 2_000_000_000},
		"less than a market": {Market: -5}, "producer": {Producer: ID("nobody")}, "year": {Harvest: 2099},
	} {
		q.Facets = true
		a, err := b.ask(q)
		if err != nil && !refused(err) || len(a.Hits) > 0 {
			b.say("%s: %d hits, %v", name, len(a.Hits), err)
		}
	}
	if a := b.must(search.Query{N: 5000}); len(a.Hits) != search.Most {
		b.say("a page of 5000 has %d", len(a.Hits))
	}
	if a := b.must(search.Query{N: -3}); len(a.Hits) != search.Usual {
		b.say("a page of -3 has %d", len(a.Hits))
	}
}

// signs are words to some engines; here they are only signs.
func signs(b *book) {
	want := b.list(b.must(search.Query{Text: "walnut kernels"}).Hits)
	for _, text := range []string{`"walnut kernels"`, `walnut & kernels`, `walnut | kernels`, `-walnut -kernels`, `walnut:* kernels`, `!walnut !kernels`, `walnut') kernels`, `(walnut <-> kernels)`, `walnut* kernels*`, `walnut\ kernels`} {
		got := b.list(b.must(search.Query{Text: text}).Hits)
		if len(got) == 0 || len(want) == 0 || got[0] != want[0] || len(got) != len(want) {
			b.say("%s finds %v, walnut kernels finds %v", text, got, want)
		}
	}
}
