package part

import (
	"context"
	"html"
	"io"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/static"
)

// Icon is a sign of the sprite, in the size of a line with small. A page has
// dozens of them, so each is written once, when the program begins.
func Icon(name string, small bool) templ.Component {
	if i, known := icons[shape{name, small}]; known {
		return i
	}
	return icon(name, small)
}

type shape struct {
	name  string
	small bool
}

var icons = func() map[shape]templ.Component {
	all := map[shape]templ.Component{}
	for _, name := range static.Signs() {
		for _, small := range []bool{true, false} {
			all[shape{name, small}] = icon(name, small)
		}
	}
	return all
}()

func icon(name string, small bool) templ.Component {
	class := "icon"
	if small {
		class += " s"
	}
	if name == "next" || name == "back" { // they point along the line
		class += " turns"
	}
	return written(`<svg class="` + class + `" aria-hidden="true"><use href="` + html.EscapeString(static.URL("icons.svg")+"#i-"+name) + `"></use></svg>`)
}

// written is a piece of a page that stands as it is.
type written string

// Render writes it.
func (p written) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, string(p))
	return err
}
