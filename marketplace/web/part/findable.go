package part

import (
	"context"
	"html"
	"io"
	"strings"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/static"
)

// Findable is where everybody finds a public page in a language: the address alone
// is the Chinese one.
func Findable(way, lang string) string {
	switch {
	case lang == tongue.Chinese:
		return way
	case strings.Contains(way, "?"):
		return way + "&lang=" + lang
	}
	return way + "?lang=" + lang
}

// outside is what a page says to those who are not reading it: to search engines,
// where it is found in which language, or that it is not for them; to chat apps, the
// address and the picture of its card.
type outside struct{ host, lang, way, picture string }

func outsideOf(f Frame, h Head) outside { return outside{f.Host, f.Reader.Lang(), h.Way, h.Image} }

// Render writes it. It is written by hand because every visit pays for it.
func (o outside) Render(_ context.Context, w io.Writer) error {
	var b strings.Builder
	b.Grow(768)
	host := html.EscapeString(o.host)
	if o.way == "" {
		b.WriteString(`<meta name="robots" content="noindex">`)
	} else if o.host != "" {
		at := func(before, lang string) {
			b.WriteString(before)
			b.WriteString(host)
			b.WriteString(html.EscapeString(Findable(o.way, lang)))
			b.WriteString(`">`)
		}
		at(`<link rel="canonical" href="`, o.lang)
		at(`<meta property="og:url" content="`, o.lang)
		for _, l := range tongue.Languages {
			at(hreflang[l], l)
		}
	}
	if o.host != "" {
		b.WriteString(`<meta name="twitter:card" content="summary_large_image"><meta property="og:image" content="`)
		picture := o.picture
		if picture == "" {
			picture = ourCard
		}
		if strings.HasPrefix(picture, "/") {
			b.WriteString(host)
		}
		b.WriteString(html.EscapeString(picture))
		b.WriteString(`">`)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ourCard is the picture of pages that have none of their own.
var ourCard = static.URL("card.jpg")

var hreflang = func() map[string]string {
	all := map[string]string{}
	for _, l := range tongue.Languages {
		all[l] = `<link rel="alternate" hreflang="` + l + `" href="`
	}
	return all
}()
