package gallery

import (
	"bytes"
	"html"
	"net/http"
	"strconv"
	"strings"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/static"
)

// Handler serves the gallery: a list at /, each page under its number with
// ?lang= and ?theme=, and the files and pictures that pages ask for. It is for
// review on one's own machine, not for the market's door.
func Handler() http.Handler {
	mux := http.NewServeMux()
	pages := Pages()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { index(w, pages) })
	mux.HandleFunc("GET /show/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 0 || n >= len(pages) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'self'; script-src 'self'")
		reader := tongue.Choose(r.URL.Query().Get("lang"), "", r.Header.Get("Accept-Language"))
		var body bytes.Buffer
		if err := pages[n].Component(reader).Render(r.Context(), &body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(themed(body.Bytes(), r.URL.Query().Get("theme"))) //nolint:gosec // as in send
	})
	mux.HandleFunc("GET "+static.Prefix, func(w http.ResponseWriter, r *http.Request) {
		file, ok := static.Find(r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		send(w, file.Type, file.Body)
	})
	mux.HandleFunc("GET "+Prefix+"{name}", func(w http.ResponseWriter, r *http.Request) {
		body, err := Picture(r.PathValue("name"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		send(w, "image/svg+xml", body)
	})
	return mux
}

// themed is a page as somebody sees it who has chosen a theme; without a choice it
// follows their system.
func themed(page []byte, theme string) []byte {
	if theme != "light" && theme != "dark" {
		return page
	}
	return bytes.Replace(page, []byte("<html "), []byte(`<html data-theme="`+theme+`" `), 1)
}

func send(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", static.Forever)
	_, _ = w.Write(body) //nolint:gosec // our own pages of made-up values; a reader who went away is no fault of ours
}

// index lists the pages; it is a tool's page and has no words for people.
func index(w http.ResponseWriter, pages []Shown) {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><meta charset=utf-8><title>gallery</title><ol start=0>")
	for i, p := range pages {
		n := strconv.Itoa(i)
		b.WriteString("<li><a href=/show/" + n + "?lang=zh>" + html.EscapeString(p.Name+", "+p.State) + "</a> <a href=/show/" + n + "?lang=en>en</a> <a href='/show/" + n + "?lang=zh&amp;theme=dark'>dark</a>")
	}
	send(w, "text/html; charset=utf-8", []byte(b.String()))
}
