package part

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
)

// Each is asked twice: the first makes what is kept, the second finds it.
func TestWhatIsKeptOfTheFrameIsWhatWouldBeWritten(t *testing.T) {
	for _, lang := range tongue.Languages {
		for _, theme := range []string{"", "dark", "light"} {
			for _, path := range []string{"/", "/search", "/search?q=%E6%A0%B8%E6%A1%83&sort=price", "/orders", "/listings/BYL/01", "/sign-in?next=%2Fme%22%3E", ""} {
				for _, words := range [][2]string{{"", ""}, {"<b>集市</b> & Co", "O'Neill \"GmbH\""}} {
					for _, here := range []string{"goods", "home", ""} {
						f := Frame{Reader: tongue.For(lang), Theme: theme, Path: path, Market: words[0], Operator: words[1], CSRF: "token-" + path}
						h := Head{Here: here, Title: "A"}
						for range 2 {
							for _, p := range []edge{topEdge, footEdge, tabbarEdge} {
								if got, want := said(t, f.around(h, p)), said(t, p.of(f, h)); got != want {
									t.Fatalf("%+v %s:\n%s\nwant\n%s", f, p, got, want)
								}
							}
						}
					}
				}
			}
		}
	}
	entries := 0
	kept.Range(func(any, any) bool { entries++; return true })
	if entries > 3*len(tongue.Languages)*3*3*4*2 {
		t.Errorf("%d pieces are kept: addresses and names should not make more", entries)
	}
}

func TestNothingOfSomebodyIsKept(t *testing.T) {
	for name, f := range map[string]Frame{
		"a name": {Person: "Rehime"}, "a notice": {Unread: 2}, "a basket": {Basket: 7}, "a desk": {Roles: Roles{Agent: true}},
	} {
		f.Reader, f.Path, f.CSRF = tongue.For(tongue.English), "/", "t"
		before := said(t, Frame{Reader: f.Reader, Path: "/", CSRF: "t"}.around(Head{}, topEdge))
		got := said(t, f.around(Head{}, topEdge))
		if got != said(t, top(f, Head{})) || got == before {
			t.Errorf("%s: %s", name, got)
		}
		if after := said(t, Frame{Reader: f.Reader, Path: "/", CSRF: "t"}.around(Head{}, topEdge)); after != before {
			t.Errorf("%s: nobody is shown %s", name, after)
		}
	}
}

func TestEveryIconIsAWholeTag(t *testing.T) {
	for _, i := range []struct {
		name, class string
		small       bool
	}{{"basket", `class="icon"`, false}, {"truck", `class="icon s"`, true}, {"next", `class="icon turns"`, false}, {"back", `class="icon s turns"`, true}} {
		got := said(t, Icon(i.name, i.small))
		if !strings.HasPrefix(got, "<svg "+i.class+` aria-hidden="true"><use href="/static/icons.`) || !strings.HasSuffix(got, "#i-"+i.name+`"></use></svg>`) {
			t.Errorf("%s: %s", i.name, got)
		}
	}
}

func said(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
