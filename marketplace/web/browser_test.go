package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// sheet is a form of a page, filled in as a browser without scripts sees it.
type sheet struct {
	id, method, action string
	values             url.Values
	buttons            []button
}

type button struct{ name, value, action string }

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}

// sheets reads the forms of a page.
func sheets(t *testing.T, body string) []*sheet {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	must(t, err)
	var all []*sheet
	var walk func(n *html.Node, in *sheet)
	walk = func(n *html.Node, in *sheet) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "form":
				in = &sheet{values: url.Values{}}
				in.id, _ = attr(n, "id")
				in.action, _ = attr(n, "action")
				in.method, _ = attr(n, "method")
				all = append(all, in)
			case "input", "textarea", "select", "button":
				of := in
				if id, named := attr(n, "form"); named {
					for _, s := range all {
						if s.id == id {
							of = s
						}
					}
				}
				if of != nil {
					of.control(n)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, in)
		}
	}
	walk(root, nil)
	return all
}

func (s *sheet) control(n *html.Node) {
	name, _ := attr(n, "name")
	value, _ := attr(n, "value")
	kind, _ := attr(n, "type")
	_, checked := attr(n, "checked")
	switch {
	case n.Data == "button":
		action, _ := attr(n, "formaction")
		s.buttons = append(s.buttons, button{name, value, action})
	case n.Data == "textarea":
		s.values.Add(name, text(n))
	case n.Data == "select":
		s.choose(n, name)
	case (kind == "radio" || kind == "checkbox") && !checked:
	case name != "":
		s.values.Add(name, value)
	}
}

func (s *sheet) choose(n *html.Node, name string) {
	first := true
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || c.Data != "option" {
			continue
		}
		value, _ := attr(c, "value")
		if _, chosen := attr(c, "selected"); chosen || first {
			s.values.Set(name, value)
		}
		first = false
	}
}

// form is the one whose address begins with way.
func form(t *testing.T, body, way string) *sheet {
	t.Helper()
	for _, s := range sheets(t, body) {
		if strings.HasPrefix(s.action, way) {
			return s
		}
	}
	t.Fatalf("no form goes to %s: %s", way, plain(body))
	return nil
}

// press sends a form as it stands, with some fields changed: a pair whose name
// is a button's presses that button. It follows where it is sent.
func (v *visitor) press(t *testing.T, s *sheet, pairs ...string) (answer, string) {
	t.Helper()
	values := url.Values{}
	for name, all := range s.values {
		values[name] = slices.Clone(all)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	if s.method != "post" {
		return v.follow(t, s.action+"?"+values.Encode())
	}
	return v.sendTo(t, s.action, values)
}

func (v *visitor) sendTo(t *testing.T, way string, values url.Values) (answer, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, way, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := v.ask(t, r)
	if a.status == http.StatusSeeOther {
		return v.follow(t, a.header.Get("Location"))
	}
	if strings.Contains(a.body, "⟦") {
		t.Errorf("%s: a sentence is missing: %s", way, plain(a.body))
	}
	return a, way
}

// follow gets a page and goes where it is sent.
func (v *visitor) follow(t *testing.T, way string) (answer, string) {
	t.Helper()
	for range 5 {
		way, _, _ = strings.Cut(way, "#")
		a := v.get(t, way)
		if a.status != http.StatusSeeOther && a.status != http.StatusFound {
			return a, way
		}
		way = a.header.Get("Location")
	}
	t.Fatalf("sent around in circles at %s", way)
	return answer{}, ""
}

// href is the first link of a page that begins with way.
func href(t *testing.T, body, way string) string {
	t.Helper()
	i := strings.Index(body, `href="`+way)
	if i < 0 {
		t.Fatalf("no link to %s: %s", way, plain(body))
	}
	link, _, _ := strings.Cut(body[i+6:], `"`)
	return html.UnescapeString(link)
}
