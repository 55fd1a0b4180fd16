package browser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe-core (MPL-2.0) is a checker of accessibility that runs in the page. It is not
// kept here: npm brings it, once, and it must be the one that was tried.
const (
	axeVersion = "4.14.1"
	axeSum     = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
)

// axe gives the script: what COMMONFIELD_AXE names, or what was brought before, or
// what npm brings. Where there is none the test is left out, loudly.
func axe(t *testing.T) string {
	t.Helper()
	kept := os.Getenv("COMMONFIELD_AXE")
	if kept == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = t.TempDir()
		}
		kept = filepath.Join(cache, "commonfield", "axe-core-"+axeVersion+".min.js")
		if _, err := os.Stat(kept); err != nil {
			bring(t, kept)
		}
	}
	script, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(script); hex.EncodeToString(sum[:]) != axeSum {
		t.Fatalf("%s is not the axe-core %s that was tried: %x", kept, axeVersion, sum)
	}
	return string(script)
}

// bring asks npm for the package and keeps its script.
func bring(t *testing.T, to string) {
	t.Helper()
	folder := t.TempDir()
	pack := exec.CommandContext(t.Context(), "npm", "pack", "--silent", "axe-core@"+axeVersion)
	pack.Dir = folder
	if out, err := pack.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: ACCESSIBILITY WAS NOT CHECKED, axe-core is not here and npm does not bring it: %v %s\n"+
			"To check: npm pack axe-core@%s, unpack it, and name its axe.min.js in COMMONFIELD_AXE", err, out, axeVersion)
	}
	file, err := os.Open(filepath.Join(folder, "axe-core-"+axeVersion+".tgz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for in := tar.NewReader(plain); ; {
		of, err := in.Next()
		if err != nil {
			t.Fatalf("the package holds no axe.min.js: %v", err)
		}
		if of.Name != "package/axe.min.js" {
			continue
		}
		var script bytes.Buffer
		if _, err := io.Copy(&script, in); err != nil { //nolint:gosec // a package of a known sum
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, script.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
}

// violation is a rule that a page breaks.
type violation struct {
	ID, Impact, Where string
	Nodes             int
}

// checked runs every rule of axe-core's own choice over a page that is open.
func checked(window context.Context, script string) (found []violation, err error) {
	err = chromedp.Run(window, chromedp.Evaluate(script+";axe.version", nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"], elementRef: false}).then(r => r.violations.map(v =>
			({ID: v.id, Impact: v.impact || "minor", Nodes: v.nodes.length, Where: v.nodes[0].html.replace(/\s+/g, " ").slice(0, 160)})))`, &found,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return found, err
}

// looks are the ways in which a page is seen: the language, the theme, the width.
var looks = func() (all []look) {
	for _, width := range []int64{360, 1280} {
		for _, theme := range []string{"light", "dark"} {
			for _, lang := range []string{"zh", "en"} {
				all = append(all, look{lang, theme, width})
			}
		}
	}
	return all
}()

type look struct {
	lang, theme string
	width       int64
}

func (l look) String() string { return fmt.Sprintf("%s %s %d", l.lang, l.theme, l.width) }

// serious are the impacts that no page may have.
var serious = []string{"serious", "critical"}

// No page of the gallery breaks a rule that keeps somebody out. Each state is seen in
// one of the eight ways, its neighbour in the next; COMMONFIELD_AXE_ALL=1 sees each in
// all of them (make axe). What is too small or too wide is found on the way, so that
// wide windows and dark pages are measured as well.
func TestNoPageKeepsAnybodyOut(t *testing.T) {
	script := axe(t)
	base := gallery(t, build(t))
	var pages [][2]string
	how := map[string]look{}
	for n, state := range states(t, base) {
		if n%2 == 1 {
			continue // the same in the other language
		}
		way, _, _ := strings.Cut(state[0], "?")
		for k, l := range looks {
			if os.Getenv("COMMONFIELD_AXE_ALL") == "" && k != n/2%len(looks) {
				continue
			}
			one := way + "?lang=" + l.lang + "&theme=" + l.theme + "#" + fmt.Sprint(l.width)
			pages, how[one] = append(pages, [2]string{one, state[1]}), l
		}
	}
	var mu sync.Mutex
	count, seen := map[string]int{}, map[string]int{}
	where := walk(t, 3*time.Hour, pages, func(window context.Context, page string) ([]string, error) {
		l := how[page]
		way, _, _ := strings.Cut(page, "#")
		found, err := pressed(window, base+way, l.width)
		if err != nil {
			return nil, err
		}
		broken, err := checked(window, script)
		mu.Lock()
		defer mu.Unlock()
		seen[l.String()]++
		for _, v := range broken {
			count[v.Impact] += v.Nodes
			if slices.Contains(serious, v.Impact) {
				found = append(found, v.Impact+" "+v.ID+": "+v.Where)
			} else {
				t.Logf("%s %s: %s %s %s", l, way, v.Impact, v.ID, v.Where)
			}
		}
		return found, err
	})
	t.Logf("axe-core %s, %d pages of %d states (%v): %d critical, %d serious, %d moderate, %d minor", axeVersion, len(pages), len(states(t, base)), seen,
		count["critical"], count["serious"], count["moderate"], count["minor"])
	everyone(t, where)
}

// The checker itself: what it must find, and that it leaves a good page alone.
func TestWhatKeepsSomebodyOutIsFound(t *testing.T) {
	script, window := axe(t), chromium(t)
	for _, c := range []struct{ body, want string }{
		{`<button style="background:#fff"></button>`, "critical button-name"},
		{`<p style="color:#aaa;background:#fff">pale</p>`, "serious color-contrast"},
		{`<label>name <input></label>`, ""},
	} {
		page := `data:text/html,<!DOCTYPE html><html lang="en"><title>a</title><main><h1>a</h1>` + strings.ReplaceAll(c.body, "#", "%23") + `</main></html>`
		err := chromedp.Run(window, emulation.SetDeviceMetricsOverride(360, 780, 1, true), chromedp.Navigate(page))
		if err != nil {
			t.Fatal(err)
		}
		found, err := checked(window, script)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, v := range found {
			if slices.Contains(serious, v.Impact) {
				said += v.Impact + " " + v.ID
			}
		}
		if said != c.want {
			t.Errorf("%s: %q, not %q", c.body, said, c.want)
		}
	}
	var version string
	if err := chromedp.Run(window, chromedp.Evaluate("axe.version", &version)); err != nil || version != axeVersion {
		t.Errorf("it is axe-core %s, %v", version, err)
	}
}
