package browser

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// small finds what a thumb would miss: everything that can be pressed and is lower
// or narrower than 44 pixels (WCAG 2.2, 2.5.5). A tick or a choice is as large as
// its label, and what a link is drawn over counts as the link. It leaves out
//   - what a sentence holds: a link among words of the same block, whose height the
//     line gives (2.5.5 and 2.5.8, inline);
//   - what is seen by nobody, by those who press the tab key first (skip), or on
//     paper only;
//   - of a link that is a bare word its width, down to the 24 pixels of 2.5.8: a
//     short word is a short word, and its line is high enough.
//
// What opens is opened first: a form in it is pressed as well.
const small = `(() => {
	for (const d of document.querySelectorAll("details")) d.open = true;
	const least = 43.5, narrow = 23.5, found = [];
	const box = e => {
		let r = e.getBoundingClientRect(), w = r.width, h = r.height;
		for (const side of ["::before", "::after"]) { // drawn over a larger box
			const s = getComputedStyle(e, side);
			if (s.content !== "none" && s.position === "absolute" && s.inset === "0px") {
				let up = e.parentElement;
				while (up && getComputedStyle(up).position === "static") up = up.parentElement;
				if (up) { const u = up.getBoundingClientRect(); w = Math.max(w, u.width); h = Math.max(h, u.height) }
			}
		}
		return [w, h];
	};
	const seen = e => {
		const r = e.getBoundingClientRect(), s = getComputedStyle(e);
		return r.width > 1 && r.height > 1 && s.visibility !== "hidden" && !e.closest(".hidden, .skip, .print-only, [inert]") && s.clipPath === "none";
	};
	const sentence = e => {
		if (getComputedStyle(e).display !== "inline") return false;
		let block = e.parentElement;
		while (block && ["inline", "contents"].includes(getComputedStyle(block).display)) block = block.parentElement;
		const words = node => [...node.childNodes].map(c => {
			if (c.nodeType === Node.TEXT_NODE) return c.textContent;
			if (c.nodeType !== Node.ELEMENT_NODE || c === e || c.matches("a, button, svg") || getComputedStyle(c).display !== "inline") return "";
			return words(c);
		}).join("");
		return /[\p{L}\p{N}]{2,}/u.test(words(block));
	};
	for (const e of document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden]), [role=button]")) {
		const ticked = ["checkbox", "radio"].includes(e.type);
		const label = ticked && (e.closest("label") || document.querySelector('label[for="' + e.id + '"]'));
		const of = label || e;
		if (!seen(of)) continue;
		const [w, h] = box(of), s = getComputedStyle(e);
		const alone = e.tagName === "A" && !e.querySelector("svg") && s.borderTopStyle === "none" && s.backgroundColor === "rgba(0, 0, 0, 0)";
		if (h >= least && w >= (alone ? narrow : least)) continue;
		if (e.tagName === "A" && sentence(e)) continue;
		found.push(Math.round(w) + "x" + Math.round(h) + " " + of.outerHTML.replace(/\s+/g, " ").slice(0, 110) + " in " + e.parentElement.tagName.toLowerCase() + "." + e.parentElement.className);
	}
	return found;
})()`

// gallery serves every page in every state, and gives its address.
func gallery(t *testing.T, binary string) string {
	t.Helper()
	serve := exec.Command(binary, "gallery", "--addr", "127.0.0.1:0")
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serve.Process.Kill(); _ = serve.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(line)[1]
}

var shown = regexp.MustCompile(`href=(/show/\d+\?lang=(?:zh|en))>([^<]*)<`)

// windows walk the gallery at once: while one waits for its page another is drawn.
// Each is a browser of its own, for a tab that is not in front draws nothing.
const windows = 3

// sideways is how many pixels a page is wider than its window, which on a telephone is
// not window.innerWidth: that grows with what does not fit.
const sideways = `document.documentElement.scrollWidth - document.documentElement.clientWidth`

// pressed is what a page shows in a window of a width that is too small, or too wide.
func pressed(window context.Context, page string, width int64) ([]string, error) {
	var found []string
	var wide, opened int
	err := chromedp.Run(window, emulation.SetDeviceMetricsOverride(width, 780, 1, width < 600), chromedp.Navigate(page),
		chromedp.Evaluate(sideways, &wide), chromedp.Evaluate(small, &found), chromedp.Evaluate(sideways, &opened))
	if wide = max(wide, opened); wide > 0 {
		found = append(found, fmt.Sprintf("scrolls sideways by %d", wide))
	}
	return found, err
}

// states gives the address and the name of every page of the gallery in every state,
// in Chinese and in English.
func states(t *testing.T, base string) [][2]string {
	t.Helper()
	answer, err := http.Get(base)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var list strings.Builder
	if _, err := bufio.NewReader(answer.Body).WriteTo(&list); err != nil {
		t.Fatal(err)
	}
	var pages [][2]string
	for _, found := range shown.FindAllStringSubmatch(list.String(), -1) {
		pages = append(pages, [2]string{found[1], found[2]})
	}
	if len(pages) < 900 {
		t.Fatalf("the gallery shows %d pages", len(pages))
	}
	return pages
}

// walk looks at pages in several windows at once and gives what was found, and where.
func walk(t *testing.T, most time.Duration, pages [][2]string, look func(window context.Context, page string) ([]string, error)) map[string][]string {
	t.Helper()
	began, where := time.Now(), map[string][]string{}
	next := make(chan [2]string, len(pages))
	for _, p := range pages {
		next <- p
	}
	close(next)
	var mu sync.Mutex
	var open sync.WaitGroup
	for range windows {
		window := chromiumFor(t, most)
		open.Go(func() {
			for p := range next {
				found, err := look(window, p[0])
				if err != nil {
					t.Errorf("%s %s: %v", p[0], p[1], err)
					return
				}
				mu.Lock()
				for _, f := range found {
					where[f] = append(where[f], p[0]+" "+p[1])
				}
				mu.Unlock()
			}
		})
	}
	open.Wait()
	t.Logf("%d pages in %v", len(pages), time.Since(began).Round(time.Second))
	return where
}

// On the narrowest telephone, in both languages, nothing of any page in any state
// is too small for a thumb, and nothing scrolls sideways.
func TestEverythingThatIsPressedIsLargeEnough(t *testing.T) {
	base := gallery(t, build(t))
	where := walk(t, 15*time.Minute, states(t, base), func(window context.Context, page string) ([]string, error) { return pressed(window, base+page, 360) })
	everyone(t, where)
}

// everyone says what was found as failures, each once.
func everyone(t *testing.T, where map[string][]string) {
	t.Helper()
	var all []string
	for what, of := range where {
		all = append(all, fmt.Sprintf("%s: %d times, first %s", what, len(of), of[0]))
	}
	slices.Sort(all)
	for _, line := range all {
		t.Error(line)
	}
}

// The finder itself: what it must name, and what it must leave alone.
func TestWhatIsTooSmallIsFound(t *testing.T) {
	ctx := chromium(t)
	page := `data:text/html,<style>.t{display:block;min-height:48px;min-width:48px}.c{position:relative;height:90px}.c a::after{content:"";position:absolute;inset:0}</style>
		<button id="b1">x</button><a id="a1" href="/x">alone</a><label id="l1" style="display:inline-block;width:22px"><input type="checkbox"></label>
		<p>Words around <a href="/x">a link</a> of a sentence</p><a class="t" href="/x">large</a><button class="t">large</button>
		<div class="c"><h3><a href="/x">drawn over</a></h3></div><p><a id="a2" href="/x">one</a> <a id="a3" href="/x">two</a></p>`
	found, err := pressed(ctx, page, 360)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(found, "\n")
	for _, wide := range []string{"", "width=device-width"} {
		page := `data:text/html,<meta name="viewport" content="` + wide + `, initial-scale=1"><body style="margin:0"><p style="width:373px">x</p>`
		if found, err := pressed(ctx, page, 360); err != nil || !slices.Equal(found, []string{"scrolls sideways by 13"}) {
			t.Errorf("a page of 373 pixels: %q, %v", found, err)
		}
	}
	for _, id := range []string{"b1", "a1", "l1", "a2", "a3"} {
		if !strings.Contains(all, `id="`+id+`"`) {
			t.Errorf("%s was not found:\n%s", id, all)
		}
	}
	if len(found) != 5 {
		t.Errorf("found %d:\n%s", len(found), all)
	}
}
