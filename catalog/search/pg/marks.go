package pg

import (
	"slices"
	"strconv"

	"commonfield/catalog/search"
)

// The sorts of marks. A mark is the number of its sort and text; two texts that
// share one are rarer than typing errors, and codes are compared in full too.
const (
	anywhere = "a" // a pair, a word's stem, a single character of a name
	inTitle  = "t" // the same, of a title
	spelled  = "p" // one syllable, or two with ' between
	initials = "i" // the initials of a pair
	category = "c"
	region   = "r" // by the levels of the division
	market   = "m"
	producer = "g"
	harvest  = "h" // a year
)

// mark is by FNV-1a, folded to 32 bits.
func mark(sort, text string) int64 {
	sum := fnv(fnv(14695981039346656037, sort)*prime, text) // a zero stands between
	return int64(int32(uint32(sum>>32) ^ uint32(sum)))
}

const prime = 1099511628211

func fnv(sum uint64, text string) uint64 {
	for i := range len(text) {
		sum = (sum ^ uint64(text[i])) * prime
	}
	return sum
}

// marks gathers the marks of a document, some of them more than once.
type marks []int64

func (m *marks) add(sort, text string) { *m = append(*m, mark(sort, text)) }

// once puts them in order and keeps each once.
func (m marks) once() []int64 {
	slices.Sort(m)
	return slices.Compact(m)
}

func array(all []int64) string {
	b := make([]byte, 0, len(all)*12+2)
	b = append(b, '{')
	for i, n := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(append(b, '}'))
}

const longName = 3 // characters; those of longer names are not marked one by one

// marksOf gives a document's marks.
func marksOf(d search.Document) string {
	m := make(marks, 0, 200)
	for _, title := range []string{d.Title, d.TitleEN} {
		for _, r := range search.Runs(title) {
			m.text(r, anywhere)
			m.text(r, inTitle)
			m.sounds(r, true)
		}
	}
	for _, w := range d.Words {
		m = append(m, ofWord(w).marks...)
	}
	for _, story := range []string{d.Story, d.StoryEN} {
		for _, r := range search.Runs(story) {
			if !r.Han || len(r.Text) > 3 {
				m.text(r, anywhere)
			}
		}
	}
	for _, code := range []string{d.Category, d.Parent} {
		if code != "" {
			m.add(category, code)
		}
	}
	for _, n := range []int{2, 4, 6, 9, 12} {
		if len(d.Region) >= n {
			m.add(region, d.Region[:n])
		}
	}
	m.add(market, strconv.Itoa(int(d.Market)))
	m.add(producer, d.Producer.String())
	if !d.HarvestOn.IsZero() {
		m.add(harvest, strconv.Itoa(d.HarvestOn.Year()))
	}
	return array(m.once())
}

// text adds pairs and words. Single characters are marked in titles and names,
// not in stories, where nearly every one would stand.
func (m *marks) text(r search.Run, sort string) {
	if !r.Han {
		m.add(sort, search.Stem(r.Text))
		return
	}
	for _, p := range search.Pairs(r.Text) {
		m.add(sort, p)
	}
	if sort == inTitle || len(r.Text) <= longName*3 {
		for _, c := range search.Chars(r.Text) {
			m.add(anywhere, c)
			if sort == inTitle {
				m.add(inTitle, c)
			}
		}
	}
}

// sounds adds pinyin and initials.
func (m *marks) sounds(r search.Run, single bool) {
	if !r.Han {
		return
	}
	said := search.Syllables(r.Text)
	for i, s := range said {
		if s == "" {
			continue
		}
		if single {
			m.add(spelled, s)
		}
		if i+1 < len(said) && said[i+1] != "" {
			m.add(spelled, s+"'"+said[i+1])
			m.add(initials, s[:1]+said[i+1][:1])
		}
	}
}
