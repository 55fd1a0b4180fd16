// Package part holds the pieces that pages are made of: the frame of a page,
// cards, prices, the bar of 100 yuan, the panel that says whose turn it is,
// fields that keep what was typed, tables that become cards on a phone. Pieces
// get raw values and write them in the reader's language; they know no database
// and no request. Nothing here needs a script: where one runs, attributes that
// begin with hx- save a load of the whole page. No style attribute and no script
// in a page is ever written: the Content-Security-Policy refuses both.
package part

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
)

// Frame is what every page needs to know about the visit.
type Frame struct {
	Reader   tongue.Reader
	Market   string  // the market's name in the reader's language; empty over several markets
	Host     string  // "https://market.example", for cards in chat apps; may be empty
	Path     string  // path and query of this page
	Person   string  // the signed-in person's name; empty for a guest
	Roles    Roles   // which desks the menu offers
	CSRF     string  // goes into every form
	Unread   int     // notices; more than ninety-nine are not counted
	Theme    string  // "light", "dark" or empty for the system's
	Flash    *Notice // what has just been done
	Request  string  // request id, read out on the phone when something fails
	Operator string  // who runs this place, for the foot
	Basket   int     // how many things lie in the visitor's basket
	Acting   string  // query of the producer's desk at which somebody else acts, else empty
	Nobody   bool    // neither signed in nor a guest: a public page may stay on the device

	Before, After templ.Component // what a door puts around its page: the choice of a market, further forms

	holed bool // rendered once for many, with holes (around.go)
}

// scriptSettings keep htmx from doing what the Content-Security-Policy refuses,
// from keeping pages of one person in the browser's store, and let it show a
// form that was refused.
const scriptSettings = `{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"allowScriptTags":false,` +
	`"historyCacheSize":0,"refreshOnHistoryMiss":true,"timeout":20000,"attributesToSettle":["class","width","height"],"responseHandling":[{"code":"204","swap":false},` +
	`{"code":"[23]..","swap":true},{"code":"409|422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

// Roles are the desks that a person may sit at.
type Roles struct{ Producer, Agent, Operator, Clerk bool }

// Head is what a page says about itself.
type Head struct {
	Title   string
	About   string // one sentence for search engines and cards
	Image   string // address of a picture for cards
	Way     string // where everybody finds it, in any language; empty: it is not for search engines
	Desk    Desk   // the desk whose tabs are shown; empty on public pages
	Here    string // the current tab
	Waiting int    // things to do, counted on the desk's first tab
	Bar     bool   // the page brings its own action bar: no tab bar on phones
	Product *Product
}

// Product is what a card in a chat says of goods.
type Product struct{ Price, Currency string }

// Paper and PaperDark are the ground of every page, for what browsers draw around it.
const (
	Paper     = "#FBF6EC"
	PaperDark = "#1D1A16"
)

// Notice is a sentence of the program's own: Kind is "good", "wait", "bad" or
// empty for plain information.
type Notice struct{ Kind, Title, Text string }

// Picture is a photograph in several widths, or nothing.
type Picture struct {
	URL string
	Set string // srcset, may be empty
	Alt string
}

// Desk names a desk.
type Desk string

// The desks.
const (
	Producer Desk = "producer"
	Agent    Desk = "agent"
	Operator Desk = "operator"
	Station  Desk = "station"
)

// In gives the address of this page in another language.
func (f Frame) In(lang string) string {
	if plain(f.Path) { // most pages
		return f.Path + "?lang=" + lang
	}
	u, err := url.Parse(f.Path)
	if err != nil {
		return "/?lang=" + lang
	}
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// plain says that an address is a path that needs no reading to be added to.
func plain(address string) bool {
	for _, c := range []byte(address) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '-' || c > '9') && c != '_' { // and the signs - . /
			return false
		}
	}
	return address != ""
}

// At says whether this page is the address, so that the menu can mark it.
func (f Frame) At(address string) bool {
	path, _, _ := strings.Cut(f.Path, "?")
	return path == address
}

// Absolute gives an address with the host, as cards in chat apps want it.
func (f Frame) Absolute(address string) string {
	if strings.HasPrefix(address, "http") {
		return address
	}
	return f.Host + address
}

// T is the reader's sentence.
func (f Frame) T(key string, pairs ...any) string { return f.Reader.T(key, pairs...) }

func (f Frame) other() string {
	if f.Reader.Lang() == tongue.English {
		return tongue.Chinese
	}
	return tongue.English
}
