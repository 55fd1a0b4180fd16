package gallery

import (
	"bytes"
	"compress/gzip"
	"context"
	"regexp"
	"strings"
	"testing"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/static"
)

// every renders each page in each state and language.
func every(t *testing.T, check func(t *testing.T, html string)) {
	for _, shown := range Pages() {
		for _, lang := range tongue.Languages {
			t.Run(shown.Name+"/"+shown.State+"/"+lang, func(t *testing.T) {
				var b bytes.Buffer
				if err := shown.Component(tongue.For(lang)).Render(context.Background(), &b); err != nil {
					t.Fatal(err)
				}
				check(t, b.String())
			})
		}
	}
}

func TestEveryPageFindsItsSentences(t *testing.T) {
	every(t, func(t *testing.T, html string) {
		if i := strings.Index(html, "⟦"); i >= 0 {
			t.Errorf("a sentence is missing: %s", html[i:min(i+90, len(html))])
		}
		if strings.Contains(html, "**") || strings.Contains(html, "{{") {
			t.Error("a mark of the catalogue shows through")
		}
	})
}

var (
	styled  = regexp.MustCompile(`<[^>]+\s(style|on[a-z]+)=`)
	heading = regexp.MustCompile(`<h1[\s>]`)
	ids     = regexp.MustCompile(`\sid="([^"]+)"`)
	scripts = regexp.MustCompile(`(?s)<script.*?</script>|<script[^>]*$`)
	ours    = regexp.MustCompile(`^<script src="([^"]+)" defer></script>$`)
	outside = regexp.MustCompile(`<(?:script|link[^>]+stylesheet|img|iframe)[^>]*(?:src|href)="(?:https?:)?//`)
)

func TestTheOnlyScriptIsOurFileAndNoPageWritesAStyle(t *testing.T) {
	every(t, func(t *testing.T, html string) {
		if s := styled.FindString(html); s != "" {
			t.Errorf("the policy refuses %s", s)
		}
		if strings.Contains(html, "<style") || strings.Contains(html, " hx-on") || strings.Contains(html, "javascript:") {
			t.Error("there is a style, or a script in an attribute, in the page")
		}
		for _, tag := range scripts.FindAllString(html, -1) {
			if m := ours.FindStringSubmatch(tag); m == nil || m[1] != static.URL(static.Script) {
				t.Errorf("a script that is not ours, or stands in the page: %s", tag)
			}
		}
		if s := outside.FindString(html); s != "" {
			t.Errorf("another host is asked: %s", s)
		}
	})
}

func TestEveryPageHasOneFirstHeadingAndNoIdTwice(t *testing.T) {
	every(t, func(t *testing.T, html string) {
		if n := len(heading.FindAllString(html, -1)); n != 1 {
			t.Errorf("there are %d h1", n)
		}
		seen := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(html, -1) {
			if seen[m[1]] {
				t.Errorf("the id %s stands twice", m[1])
			}
			seen[m[1]] = true
		}
		if n := strings.Count(html, `data-turn="you"`); n > 1 {
			t.Errorf("there are %d green panels", n)
		}
		if n := strings.Count(html, " autofocus"); n > 1 {
			t.Errorf("%d fields want to be the one where the page begins", n)
		}
	})
}

var level = regexp.MustCompile(`<h([1-6])[\s>]`)

// Who hears a page goes by its headings: below one of a level comes the next, and
// none between is missing.
func TestNoHeadingSkipsALevel(t *testing.T) {
	every(t, func(t *testing.T, html string) {
		last := 0
		for _, m := range level.FindAllStringSubmatchIndex(html, -1) {
			n := int(html[m[2]] - '0')
			if n > last+1 {
				t.Errorf("after h%d comes h%d: %s", last, n, html[m[0]:min(m[0]+120, len(html))])
			}
			last = n
		}
	})
}

var (
	control = regexp.MustCompile(`(?s)<(?:input|select|textarea)\s[^>]*>`)
	attr    = func(name string) *regexp.Regexp { return regexp.MustCompile(`\s` + name + `="([^"]*)"`) }
	idAttr  = attr("id")
	kind    = attr("type")
	said    = attr("aria-label")
	image   = regexp.MustCompile(`<img\s[^>]*>`)
	within  = regexp.MustCompile(`(?s)<label[^>]*>.*?</label>`)
)

func TestEveryFieldHasALabelAndEveryPictureAnAlt(t *testing.T) {
	every(t, func(t *testing.T, html string) {
		wrapped := strings.Join(within.FindAllString(html, -1), "\n")
		for _, tag := range control.FindAllString(html, -1) {
			if m := kind.FindStringSubmatch(tag); m != nil && m[1] == "hidden" || said.MatchString(tag) || strings.Contains(wrapped, tag) {
				continue
			}
			id := idAttr.FindStringSubmatch(tag)
			if id == nil || !strings.Contains(html, `<label for="`+id[1]+`"`) && !strings.Contains(html, ` for="`+id[1]+`"`) {
				t.Errorf("no label for %s", tag)
			}
		}
		for _, tag := range image.FindAllString(html, -1) {
			if !strings.Contains(tag, " alt=") || !strings.Contains(tag, " width=") {
				t.Errorf("a picture without alt or size: %s", tag)
			}
		}
	})
}

var address = regexp.MustCompile(`/static/[^"#]+`)

// A first view is the page with its styles, signs and drawings, without photographs.
func TestAFirstViewWeighsAtMostSixtyKilobytesAndItsScriptTwentyFive(t *testing.T) {
	every(t, func(t *testing.T, html string) {
		size, script := squeezed(t, []byte(html)), 0
		seen := map[string]bool{}
		for _, a := range address.FindAllString(html, -1) {
			file, ok := static.Find(a)
			if !ok {
				t.Errorf("nothing lies at %s", a)
				continue
			}
			if !seen[a] {
				seen[a] = true
				size += len(file.Gzip)
				if strings.HasPrefix(file.Type, "text/javascript") {
					script += len(file.Gzip)
				}
			}
		}
		if size > 60<<10 {
			t.Errorf("the first view weighs %d bytes", size)
		}
		if script > 25<<10 || script == 0 {
			t.Errorf("the script weighs %d bytes", script)
		}
	})
}

func squeezed(t *testing.T, body []byte) int {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func TestAPasswordIsNeverWrittenBack(t *testing.T) {
	every(t, func(t *testing.T, html string) {
		if strings.Contains(html, `value="secret"`) {
			t.Error("the password stands in the page")
		}
	})
}

func TestTheGalleryIsTheSameTwice(t *testing.T) {
	for _, shown := range Pages() {
		var a, b bytes.Buffer
		for _, w := range []*bytes.Buffer{&a, &b} {
			if err := shown.Component(tongue.For(tongue.Chinese)).Render(context.Background(), w); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s, %s differs from itself", shown.Name, shown.State)
		}
	}
}
