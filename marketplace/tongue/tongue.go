// Package tongue is what people read: the message catalogues of Chinese and
// English, the choice between them, and the way a reader's language writes
// money, weights, dates and shares. There is no sentence for a person outside
// the catalogues in words/, one pair a topic. A Reader is a small value; it may be copied and used
// from many goroutines. The package knows no page and no request.
package tongue

import (
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed words/*.toml
var files embed.FS

// The languages, the first is the default.
const (
	Chinese = "zh"
	English = "en"
)

// Languages lists what a reader may choose, the default first.
var Languages = []string{Chinese, English}

var (
	bundle     = open()
	catalogues = compile()
	localizers = map[string]*i18n.Localizer{
		Chinese: i18n.NewLocalizer(bundle, Chinese),
		English: i18n.NewLocalizer(bundle, English),
	}
)

// Reader reads one language in one place. The zero Reader reads Chinese in UTC.
type Reader struct {
	lang string
	zone *time.Location
	now  time.Time
}

// For returns a reader of the language; an unknown one becomes Chinese.
func For(lang string) Reader {
	if known(lang) {
		return Reader{lang: lang}
	}
	return Reader{lang: Chinese}
}

// Choose picks the language of a visit: what the address asks for, then the
// cookie, then the browser's Accept-Language, then Chinese.
func Choose(asked, cookie, accept string) Reader {
	for _, lang := range []string{asked, cookie} {
		if known(lang) {
			return Reader{lang: lang}
		}
	}
	if accept == "" {
		return Reader{lang: Chinese}
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return Reader{lang: Chinese}
	}
	for _, tag := range tags { // zh-TW, zh-HK and zh-Hant read our Chinese rather than English
		if base, _ := tag.Base(); known(base.String()) {
			return Reader{lang: base.String()}
		}
	}
	return Reader{lang: Chinese}
}

// At sets the place whose clock is shown and the moment from which deadlines
// are counted. A nil zone is UTC.
func (r Reader) At(zone *time.Location, now time.Time) Reader {
	r.zone, r.now = zone, now
	return r
}

// Lang is the language, "zh" or "en".
func (r Reader) Lang() string {
	if r.lang == "" {
		return Chinese
	}
	return r.lang
}

// Tag is the language as HTML's lang attribute writes it.
func (r Reader) Tag() string {
	if r.Lang() == English {
		return "en"
	}
	return "zh-Hans"
}

// Now is the moment from which deadlines are counted.
func (r Reader) Now() time.Time { return r.now }

func (r Reader) english() bool { return r.lang == English }

func known(lang string) bool { return lang == Chinese || lang == English }

// open reads the catalogues; a broken one is a broken build.
func open() *i18n.Bundle {
	b := i18n.NewBundle(language.Chinese)
	for _, lang := range Languages {
		b.MustAddMessages(language.Make(lang), messages(lang)...)
	}
	return b
}

// messages parses the catalogues of one language; a key that stands twice is
// as broken as a file that cannot be read.
func messages(lang string) []*i18n.Message {
	names, err := fs.Glob(files, "words/*."+lang+".toml")
	if err != nil {
		panic(err)
	}
	var all []*i18n.Message
	seen := map[string]string{}
	for _, name := range names {
		body, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		file, err := i18n.ParseMessageFileBytes(body, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			panic(fmt.Sprintf("catalogue %s: %v", name, err))
		}
		for _, m := range file.Messages {
			if seen[m.ID] != "" {
				panic(fmt.Sprintf("catalogue %s: %s stands in %s too", name, m.ID, seen[m.ID]))
			}
			seen[m.ID] = name
		}
		all = append(all, file.Messages...)
	}
	return all
}

// Keys lists the keys of a catalogue.
func Keys(lang string) []string {
	var keys []string
	for _, m := range messages(lang) {
		keys = append(keys, m.ID)
	}
	return keys
}

// Has says whether the key has a sentence.
func Has(key string) bool { return catalogues[Chinese][key] != nil }
