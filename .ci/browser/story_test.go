// Package browser drives Debian's Chromium through the real program, as a
// newcomer would walk: the pages and the forms, on a fast and on a slow network.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const password = "commonfield-demo"

// address is where a guest wants things sent.
var address = map[string]string{"name": "李雷", "phone": "13900001234", "place": "北京市海淀区", "street": "学院路 1 号"}

// program is the built binary, serving the demo on a free port.
type program struct {
	binary, data, base string
}

// build makes the program.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "commonfield")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "./cmd/commonfield")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

func start(t *testing.T) program {
	t.Helper()
	p := program{binary: build(t), data: filepath.Join(t.TempDir(), "data")}
	serve := exec.Command(p.binary, "serve", "--demo", "--addr", "127.0.0.1:0", "--data", p.data)
	stderr, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	serve.Stdout = nil
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	t.Cleanup(func() {
		_ = serve.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("serve ended with %v", err)
			}
		case <-time.After(60 * time.Second):
			_ = serve.Process.Kill()
			t.Error("serve did not stop in a minute")
		}
	})
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			var line struct{ Msg, Address string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
				address <- line.Address
			}
		}
		ended <- serve.Wait()
	}()
	select {
	case p.base = <-address:
	case err := <-ended:
		t.Fatalf("serve ended: %v", err)
	case <-time.After(3 * time.Minute):
		t.Fatal("serve said no address in three minutes")
	}
	return p
}

// visitor is one person with a browser of their own.
type visitor struct {
	t    *testing.T
	ctx  context.Context
	base string
	name string
	n    int
}

// chromium starts a browser for one person: its own profile, its own cookies.
func chromium(t *testing.T) context.Context {
	t.Helper()
	return chromiumFor(t, 5*time.Minute)
}

// chromiumFor starts one that is ended after a while.
func chromiumFor(t *testing.T, most time.Duration) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("SKIPPED: there is no Chromium on this machine (apt-get install chromium)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("headless", "new"), chromedp.DisableGPU)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, most)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// visit lets one person in, by the lightest page there is; before that it does
// what the person's browser is to be like.
func (p program) visit(t *testing.T, name, lang string, width int64, like ...chromedp.Action) *visitor {
	t.Helper()
	v := &visitor{t: t, ctx: chromium(t), base: p.base, name: fmt.Sprintf("%s-%s-%d", name, lang, width)}
	v.do(emulation.SetDeviceMetricsOverride(width, 800, 1, width < 600))
	v.do(like...)
	v.open("/sign-in?lang=" + lang)
	return v
}

// open goes to a path and looks at what is there.
func (v *visitor) open(path string) {
	v.t.Helper()
	v.arrive(chromedp.Navigate(v.base + path))
}

// arrive does what leads to another page and holds the page against what every
// page must keep: it answers, fits the screen, has one heading and all its sentences.
func (v *visitor) arrive(how ...chromedp.Action) {
	v.t.Helper()
	r, err := chromedp.RunResponse(v.ctx, how...)
	if err != nil {
		v.t.Fatalf("%s: %v\n%s", v.name, err, v.text("body"))
	}
	if r.Status >= 400 {
		v.t.Fatalf("%s: %s answered %d\n%s", v.name, r.URL, r.Status, v.text("body"))
	}
	var wide int
	var headings int
	v.do(chromedp.Evaluate(sideways, &wide),
		chromedp.Evaluate(`document.querySelectorAll("h1").length`, &headings))
	if wide > 0 {
		v.t.Errorf("%s: %s scrolls sideways by %d", v.name, r.URL, wide)
	}
	if headings != 1 {
		v.t.Errorf("%s: %s has %d h1", v.name, r.URL, headings)
	}
	if missing := v.text("body"); strings.Contains(missing, "⟦") {
		v.t.Errorf("%s: %s lacks a sentence\n%s", v.name, r.URL, missing)
	}
	v.shoot()
}

func (v *visitor) do(actions ...chromedp.Action) {
	v.t.Helper()
	if err := chromedp.Run(v.ctx, actions...); err != nil {
		v.t.Fatalf("%s: %v", v.name, err)
	}
}

// shoot keeps a picture of the page where COMMONFIELD_SHOTS says so.
func (v *visitor) shoot() {
	dir := os.Getenv("COMMONFIELD_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	v.do(chromedp.FullScreenshot(&png, 90))
	v.n++
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%02d.jpg", v.name, v.n)), png, 0o600); err != nil {
		v.t.Fatal(err)
	}
}

// press clicks the first visible element of a selector that leads to a page.
func (v *visitor) press(selector string) {
	v.t.Helper()
	var pressed bool
	script := fmt.Sprintf(`(() => { const e = [...document.querySelectorAll(%q)].find(e => e.getClientRects().length > 0);
		if (e) setTimeout(() => e.click(), 0); return !!e })()`, selector)
	v.arrive(chromedp.Evaluate(script, &pressed), chromedp.ActionFunc(func(context.Context) error {
		if !pressed {
			return fmt.Errorf("nothing to press: %s", selector)
		}
		return nil
	}))
}

func (v *visitor) fill(values map[string]string) {
	v.t.Helper()
	for name, value := range values {
		v.do(chromedp.SetValue(fmt.Sprintf(`[name=%q]`, name), value, chromedp.ByQuery))
	}
}

func (v *visitor) text(selector string) string {
	var s string
	_ = chromedp.Run(v.ctx, chromedp.Evaluate(fmt.Sprintf(`(document.querySelector(%q) || {innerText: ""}).innerText`, selector), &s))
	return s
}

func (v *visitor) path() string {
	var s string
	v.do(chromedp.Location(&s))
	u, err := url.Parse(s)
	if err != nil {
		v.t.Fatal(err)
	}
	return u.Path
}

func (v *visitor) signIn(phone string) {
	v.t.Helper()
	v.open("/sign-in")
	v.fill(map[string]string{"who": phone, "password": password})
	v.press(`form[action="/sign-in"] button.wide`)
	if strings.HasPrefix(v.path(), "/sign-in") {
		v.t.Fatalf("%s could not sign in: %s", v.name, v.text("main"))
	}
}

// step is the order's current step, counted from 1; all done is the last one.
func (v *visitor) step() int {
	var n int
	v.do(chromedp.Evaluate(`(() => { const steps = [...document.querySelectorAll(".steps li")];
		return steps.length > 0 && steps.every(e => e.classList.contains("done")) ? steps.length : steps.findIndex(e => e.getAttribute("aria-current") === "step") + 1 })()`, &n))
	return n
}

func (v *visitor) atStep(want int, what string) {
	v.t.Helper()
	if got := v.step(); got != want {
		v.t.Fatalf("%s: %s: the order is at step %d, not %d\n%s", v.name, what, got, want, v.text("main"))
	}
}

// sends is a seller's work on one order: accepted, weighed, packed, given away.
func (v *visitor) sends(order, weight string) {
	v.t.Helper()
	v.open(order)
	v.press(fmt.Sprintf(`form[action=%q] button`, order+"/accept"))
	v.atStep(3, "accepted")
	v.press(fmt.Sprintf(`a[href=%q]`, order+"/pack"))
	v.do(chromedp.Evaluate(fmt.Sprintf(`document.querySelectorAll('[name^="weight"]').forEach(e => e.value = %q)`, weight), nil))
	v.press(`button[form="pack"], #pack button.wide`)
	v.open(order)
	v.atStep(4, "packed")
	v.press(fmt.Sprintf(`a[href=%q]`, order+"/ship"))
	v.fill(map[string]string{"number": "75842210"})
	v.do(chromedp.Evaluate(`document.querySelector('select[name="carrier"]').selectedIndex = 1`, nil))
	v.press(`button[form="ship"], #ship button.wide`)
	v.open(order)
	v.atStep(5, "shipped")
}

// receives is the buyer's end of an order.
func (v *visitor) receives(order string) {
	v.t.Helper()
	v.open(order)
	v.press(fmt.Sprintf(`form[action=%q] button`, order+"/deliver"))
	v.atStep(6, "arrived")
	v.press(fmt.Sprintf(`form[action=%q] button`, order+"/confirm"))
	v.atStep(7, "completed")
}

// shares gives the agent's short link, from the agent's desk.
func (v *visitor) shares() string {
	v.t.Helper()
	v.open("/desk/agent")
	var link string
	v.do(chromedp.Evaluate(`(document.documentElement.outerHTML.match(/\/s\/[A-Z0-9]{6}/) || [""])[0]`, &link))
	if link == "" {
		v.t.Fatalf("the agent's desk shows no link\n%s", v.text("main"))
	}
	return link
}

// One program serves all the stories, and they go on side by side: it takes
// longer to fill it than to walk through it. At the end the books are clean.
func TestTheStories(t *testing.T) {
	p := start(t)
	t.Run("side by side", func(t *testing.T) {
		t.Run("three sellers", p.threeSellers)
		t.Run("without network", p.withoutNetwork)
		t.Run("one order on a phone", func(t *testing.T) { p.oneOrder(t, "zh", 360) })
		t.Run("one order on a desk", func(t *testing.T) { p.oneOrder(t, "en", 1280) })
	})
	p.audited(t)
}

// An agent's link, a guest who buys, a producer who packs a little less, and
// everybody's share.
func (p program) oneOrder(t *testing.T, lang string, width int64) {
	t.Parallel()
	agent := p.visit(t, "agent", lang, width)
	agent.signIn("+8613800010011")
	link := agent.shares()
	buyer := p.visit(t, "buyer", lang, width)
	buyer.open(link)
	buyer.open("/")
	buyer.open("/search?market=YL&q=185")
	buyer.pick("薄皮核桃 185", "Paper-shell walnuts 185")
	buyer.fill(map[string]string{"quantity": "10"})
	buyer.press(`button[name="then"][value="buy"]`)
	buyer.fill(address)
	buyer.press(`button[form="buy"], #buy button.wide`)
	buyer.press(`button[value="pay"]`)
	buyer.press(`a[href^="/orders/YL/"]`)
	buyer.atStep(2, "paid")
	order := buyer.path()

	seller := p.visit(t, "seller", lang, width)
	seller.signIn("+8613800010021")
	seller.open("/desk/producer")
	seller.sends(order, "9.8")

	buyer.receives(order)
	if !strings.Contains(buyer.text("main"), "129.36") || !strings.Contains(buyer.text("main"), "2.64") {
		t.Errorf("9.8 jin at 13.20 are 129.36, and 2.64 went back:\n%s", buyer.text("main"))
	}
	agent.open("/desk/agent")
	operator := p.visit(t, "operator", lang, width)
	operator.signIn("+8613800010001")
	for _, desk := range []string{"", "/payouts", "/refunds", "/offline", "/jobs", "/people", "/applications", "/books"} {
		operator.open("/desk/operator" + desk)
	}
}

// audited fails unless the books are clean, by the program's own command.
func (p program) audited(t *testing.T) {
	t.Helper()
	out, err := exec.Command(p.binary, "audit", "--json", "--data", p.data).Output()
	var report struct {
		OK     bool
		Checks []struct {
			Name    string
			Checked int
		}
	}
	if err != nil || json.Unmarshal(out, &report) != nil || !report.OK || len(report.Checks) < 10 {
		t.Fatalf("audit: %v\n%s", err, out)
	}
}
