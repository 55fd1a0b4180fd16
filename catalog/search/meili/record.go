package meili

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"commonfield/catalog/search"
	"commonfield/storage/id"
)

// record is a document as the server keeps it: the fields that are searched are
// cut already, those that are shown stand as they were written.
type record struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Market  int32  `json:"market"`
	Version int64  `json:"version"`
	Gone    bool   `json:"gone,omitempty"` // a mark in an index in the making: removed meanwhile

	Title   string `json:"title"`
	TitleEN string `json:"title_en"`

	Best      string   `json:"best"`       // what stands in the title and in the words: 核桃 of the category 核桃
	TitleHan  string   `json:"title_han"`  // pairs
	TitleWord string   `json:"title_word"` // words and pinyin
	TitleMark string   `json:"title_mark"` // single characters and initials
	Words     string   `json:"words"`      // of the words: pairs
	WordsWord string   `json:"words_word"` // words and pinyin
	WordsMark string   `json:"words_mark"` // single characters and initials
	Story     string   `json:"story"`      // pairs
	StoryWord string   `json:"story_word"` // words
	StoryMark string   `json:"story_mark"` // single characters
	Begins    string   `json:"begins"`     // the title as one word, for suggestions
	Category  string   `json:"category,omitempty"`
	Parent    string   `json:"parent,omitempty"`
	Places    []string `json:"places"` // the region's code, cut after each digit
	County    string   `json:"county,omitempty"`
	Producer  string   `json:"producer"`
	Price     int64    `json:"price,omitempty"` // a field that is missing sorts last, whichever way
	Stock     int      `json:"stock"`
	Harvest   int64    `json:"harvest,omitempty"` // days
	Year      int      `json:"year,omitempty"`
	Listed    int64    `json:"listed"`
	Size      int      `json:"size"` // of the title: of equals the shorter one says it more plainly
}

var (
	searched = []string{"best", "title_han", "title_word", "title_mark", "words", "words_word", "words_mark", "story", "story_word", "story_mark", "begins"}
	exact    = []string{"best", "title_han", "title_mark", "words", "words_mark", "story", "story_mark", "begins"} // no typing errors here
)

func name(k search.Key) string { return fmt.Sprintf("%s-%d-%s", k.Kind, k.Market, k.ID) }

// keyOf reads a name again.
func keyOf(s string) (search.Key, error) {
	part := strings.SplitN(s, "-", 3)
	if len(part) == 3 {
		m, err := strconv.ParseInt(part[1], 10, 32)
		if i, ok := id.Parse(part[2]); ok && err == nil {
			return search.Key{Kind: part[0], Market: int32(m), ID: i}, nil
		}
	}
	return search.Key{}, fmt.Errorf("meili: %q names no document", s)
}

func recordOf(d search.Document) record {
	var title, words, story cutting
	title.add(d.Title)
	title.add(d.TitleEN)
	for _, w := range d.Words {
		words.add(w)
	}
	story.add(d.Story)
	story.add(d.StoryEN)
	r := record{ID: name(d.Key), Kind: d.Kind, Market: d.Market, Version: d.Version, Title: d.Title, TitleEN: d.TitleEN,
		Best: join(both(d)), TitleHan: join(title.pairs), TitleWord: join(title.words, title.sounds), TitleMark: join(title.singles, title.initials),
		Words: join(words.pairs), WordsWord: join(words.words, words.sounds), WordsMark: join(words.singles, words.initials),
		Story: join(story.pairs), StoryWord: join(story.words), StoryMark: join(story.singles), Begins: begins(d.Title),
		Category: d.Category, Parent: d.Parent, Producer: d.Producer.String(), Price: d.Price, Listed: d.ListedAt.Unix(), Places: []string{}, Size: len([]rune(d.Title))}
	for n := 2; n <= len(d.Region); n++ {
		r.Places = append(r.Places, d.Region[:n])
	}
	if len(d.Region) >= 6 {
		r.County = d.Region[:6]
	}
	if d.InStock {
		r.Stock = 1
	}
	if !d.HarvestOn.IsZero() {
		r.Harvest, r.Year = d.HarvestOn.Unix()/86400, d.HarvestOn.Year()
	}
	return r
}

// cutting is a text cut for searching.
type cutting struct{ pairs, singles, words, sounds, initials []string }

func (c *cutting) add(text string) {
	for _, r := range search.Runs(text) {
		if !r.Han {
			c.words = append(c.words, search.Stem(r.Text))
			continue
		}
		for _, p := range search.Pairs(r.Text) {
			c.pairs = append(c.pairs, han(p))
		}
		for _, s := range search.Chars(r.Text) {
			c.singles = append(c.singles, han(s))
		}
		said := search.Syllables(r.Text)
		for n := 1; n <= mostSounds; n++ {
			for i := 0; i+n <= len(said); i++ {
				c.sound(said[i : i+n])
			}
		}
	}
}

// mostSounds is how many syllables stand in one word at most; longer ones are
// asked for in pieces.
const mostSounds = 4

// sound adds some syllables spelled in one word, and their initials.
func (c *cutting) sound(said []string) {
	var initials strings.Builder
	for _, s := range said {
		if s == "" {
			return
		}
		initials.WriteByte(s[0])
	}
	c.sounds = append(c.sounds, strings.Join(said, ""))
	if len(said) > 1 {
		c.initials = append(c.initials, initials.String())
	}
}

// both gives what stands in the title and in the words too.
func both(d search.Document) []string {
	var common cutting
	all := search.Fold(strings.Join(d.Words, "\n"))
	for _, r := range append(search.Runs(d.Title), search.Runs(d.TitleEN)...) {
		if !r.Han {
			common.words = append(common.words, search.Stem(r.Text))
			continue
		}
		chars := []rune(r.Text)
		for n := 2; n <= mostSounds; n++ {
			for i := 0; i+n <= len(chars); i++ {
				if same := string(chars[i : i+n]); strings.Contains(all, same) {
					common.pairs = append(common.pairs, han(string(chars[i:i+2])))
					said := search.Syllables(same)
					common.sound(said)
					common.sound(said[:1])
					common.sound(said[n-1:])
				}
			}
		}
	}
	var words cutting
	for _, w := range d.Words {
		words.add(w)
	}
	common.words = slices.DeleteFunc(common.words, func(w string) bool { return !slices.Contains(words.words, w) })
	return slices.Concat(common.pairs, common.words, common.sounds, common.initials)
}

func join(lists ...[]string) string {
	seen := map[string]bool{}
	var b strings.Builder
	for _, list := range lists {
		for _, w := range list {
			if seen[w] {
				continue
			}
			seen[w] = true
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
	}
	return b.String()
}

// han writes Chinese in Georgian letters, which have no capitals and which
// every build of the server takes for one word: four letters a character, after
// one that keeps pairs, single characters and beginnings apart, because the
// last word of a query may be unfinished.
func han(text string) string {
	r := []rune(text)
	kind := 'ა' + rune(min(len(r), 2))
	return written(kind, r)
}

// begins is the title's first characters, or its pinyin, as one word each.
func begins(title string) string {
	runs := search.Runs(title)
	if len(runs) == 0 {
		return ""
	}
	first := runs[0]
	if !first.Han {
		return search.Stem(first.Text)
	}
	r := []rune(first.Text)
	r = r[:min(len(r), mostBegins)]
	return written('ა', r) + " " + search.Pinyin(string(r))
}

const mostBegins = 12

func written(kind rune, text []rune) string {
	var b strings.Builder
	b.WriteRune(kind)
	for _, r := range text {
		for _, by := range [4]rune{33 * 33 * 33, 33 * 33, 33, 1} {
			b.WriteRune('ა' + r/by%33)
		}
	}
	return b.String()
}
