package part

import (
	"context"
	"html"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
)

// Most visitors are nobody yet: no name, an empty basket, nothing unread. What
// stands around their pages differs by language, by theme, by the marked entries
// of the menus, and by a few words. So head and foot of the page are rendered
// once for each of the first, which are few and never change while we run, with
// holes where the words go, and the holes are filled for each visit.

// hole is where a word goes. It is not text, so no sentence holds it.
type hole string

const (
	marketHole   hole = "\x001"
	operatorHole hole = "\x002"
	tokenHole    hole = "\x003"
	pathHole     hole = "\x004"
	otherHole    hole = "\x005"
)

// edge is a part of the frame that is kept.
type edge string

const (
	topEdge    edge = "top"
	footEdge   edge = "foot"
	tabbarEdge edge = "tabbar"
)

type keptKey struct {
	edge              edge
	lang, theme, here string
	at                string // the marked entry of the menus
	market, operator  bool   // whether there is one
}

var kept sync.Map // keptKey → []string: text, hole, text, hole, …

// around gives an edge of the frame: a kept one for a visitor who is nobody.
func (f Frame) around(h Head, p edge) templ.Component {
	if f.Person != "" || f.Unread > 0 || f.Basket > 0 || f.Roles != (Roles{}) || h.Desk != "" {
		return p.of(f, h)
	}
	key := keptKey{p, f.Reader.Lang(), f.Theme, h.Here, f.marked(), f.Market != "", f.Operator != ""}
	if found, ok := kept.Load(key); ok {
		texts, _ := found.([]string)
		return filled{f, texts}
	}
	texts, err := key.keep(f, h)
	if err != nil {
		return p.of(f, h)
	}
	return filled{f, texts}
}

func (p edge) of(f Frame, h Head) templ.Component {
	switch p {
	case topEdge:
		return top(f, h)
	case footEdge:
		return foot(f)
	}
	return tabbar(f, h)
}

// marked is the address of the menus that this page is, if it is one of them.
func (f Frame) marked() string {
	path, _, _ := strings.Cut(f.Path, "?")
	if slices.Contains(menuWays, path) {
		return path
	}
	return ""
}

// menuWays are the addresses that a visitor's menus mark.
var menuWays = []string{SearchWay, OrdersWay, ApplyWay, SignInWay}

// keep renders an edge with its holes.
func (k keptKey) keep(f Frame, h Head) ([]string, error) {
	f = Frame{Reader: f.Reader, Theme: f.Theme, Path: k.at, CSRF: string(tokenHole), holed: true}
	if k.market {
		f.Market = string(marketHole)
	}
	if k.operator {
		f.Operator = string(operatorHole)
	}
	var b strings.Builder
	if err := k.edge.of(f, Head{Here: h.Here}).Render(context.Background(), &b); err != nil {
		return nil, err
	}
	var texts []string
	rest := b.String()
	for {
		at := strings.IndexByte(rest, 0)
		if at < 0 {
			break
		}
		texts = append(texts, rest[:at], rest[at:at+2])
		rest = rest[at+2:]
	}
	texts = append(texts, rest)
	kept.Store(k, texts)
	return texts, nil
}

// looks is looksOf, written, by language.
var looks = func() map[string]templ.Component {
	all := map[string]templ.Component{}
	for _, lang := range tongue.Languages {
		var b strings.Builder
		if err := looksOf(lang).Render(context.Background(), &b); err != nil {
			panic(err) // nothing in it can fail
		}
		all[lang] = written(b.String())
	}
	return all
}()

// filled is a kept edge with the words of one visit.
type filled struct {
	f     Frame
	texts []string
}

// Render writes it.
func (k filled) Render(_ context.Context, w io.Writer) error {
	for i, text := range k.texts {
		if i%2 == 1 {
			text = html.EscapeString(k.f.word(hole(text)))
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

func (f Frame) word(h hole) string {
	switch h {
	case marketHole:
		return f.Market
	case operatorHole:
		return f.Operator
	case tokenHole:
		return f.CSRF
	case pathHole:
		return f.Path
	}
	return f.In(f.other())
}

// back is where a form in the frame leads back to.
func (f Frame) back() string {
	if f.holed {
		return string(pathHole)
	}
	return f.Path
}

// otherWay is this page in the other language.
func (f Frame) otherWay() string {
	if f.holed {
		return string(otherHole)
	}
	return f.In(f.other())
}
