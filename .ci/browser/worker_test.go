package browser

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// wire carries what a browser and the program say to each other, until it is cut.
type wire struct {
	mu   sync.Mutex
	open []net.Conn
	down bool
}

// between puts a network before the program, and gives the program as it is behind it.
func (p program) between(t *testing.T) (program, *wire) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n, to := &wire{}, strings.TrimPrefix(p.base, "http://")
	t.Cleanup(func() { n.cut(true); _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil || !n.carries(near, far) {
				_ = near.Close()
				continue
			}
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
		}
	}()
	p.base = "http://" + l.Addr().String()
	return p, n
}

func (n *wire) carries(ends ...net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down {
		for _, c := range ends {
			_ = c.Close()
		}
		return false
	}
	n.open = append(n.open, ends...)
	return true
}

// cut takes the network away, or brings it back.
func (n *wire) cut(down bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = down
	for _, c := range n.open {
		_ = c.Close()
	}
	n.open = nil
}

// goes opens an address whatever it answers, and gives what can be read there.
func (v *visitor) goes(way string) string {
	v.t.Helper()
	_ = chromedp.Run(v.ctx, chromedp.Navigate(v.base+way)) // 503 of the worker, or nothing at all
	return v.text("body")
}

const controlled = `navigator.serviceWorker.ready.then(() => new Promise(done => { const look = () => navigator.serviceWorker.controller ? done(true) : setTimeout(look, 50); look() }))`

// stored is how many pages the worker keeps.
const stored = `caches.open("pages-1").then(c => c.keys()).then(all => all.length)`

// What was seen without signing in opens without network and says of when it is; the
// next page with network is new again, and nothing of somebody who signed in is kept.
func (p program) withoutNetwork(t *testing.T) {
	t.Parallel()
	p, n := p.between(t)
	v := p.visit(t, "offline", "zh", 360)
	var yes bool
	v.do(chromedp.Evaluate(controlled, &yes, awaited))
	v.open("/search?market=YL")
	var goods string
	v.do(chromedp.Evaluate(`document.querySelector('a[href^="/listings/"]').getAttribute("href")`, &goods))
	v.open(goods)
	title := v.text("h1")
	v.kept(2)
	if strings.Contains(v.text("main"), "没有网络") {
		t.Fatalf("a new page is called old:\n%s", v.text("main"))
	}

	n.cut(true)
	if said := v.goes(goods); !strings.Contains(said, title) || !strings.Contains(said, "没有网络") || !strings.Contains(said, "打开时的样子") {
		t.Fatalf("what was seen does not open, or does not say of when it is:\n%s", said)
	}
	var styled bool
	v.do(chromedp.Evaluate(`getComputedStyle(document.querySelector(".button, button")).borderRadius !== "0px"`, &styled))
	if !styled {
		t.Error("it has no styles")
	}
	for _, way := range []string{"/basket", "/orders", "/sign-in", "/search?market=YL&q=never"} {
		if said := v.goes(way); !strings.Contains(said, "这一页要有网才打得开") || !strings.Contains(said, title) {
			t.Errorf("%s was not kept, and is not said to need the network beside what was:\n%s", way, said)
		}
	}
	v.do(chromedp.Click(`#seen a`, chromedp.ByQuery), chromedp.Sleep(300*time.Millisecond))
	if said := v.text("body"); !strings.Contains(said, title) || !strings.Contains(said, "打开时的样子") {
		t.Errorf("the list does not lead to what was seen:\n%s", said)
	}

	n.cut(false)
	v.open(goods)
	if strings.Contains(v.text("main"), "打开时的样子") {
		t.Error("with network it is still the old page")
	}
	v.signIn("+8613800010011")
	for _, way := range []string{"/", goods, "/search?market=YL", "/desk/agent", "/orders"} {
		v.open(way)
	}
	v.kept(0) // each took the place of what was kept before
	n.cut(true)
	for _, way := range []string{goods, "/orders", "/desk/agent"} {
		if said := v.goes(way); !strings.Contains(said, "needs the network") && !strings.Contains(said, "这一页要有网才打得开") || strings.Contains(said, title) {
			t.Errorf("%s of somebody who signed in was kept:\n%s", way, said)
		}
	}
}

// kept waits until so many pages lie there; it ends the test when they never do.
func (v *visitor) kept(want int) {
	v.t.Helper()
	have := -1
	for range 100 {
		if v.do(chromedp.Evaluate(stored, &have, awaited)); have == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	v.t.Fatalf("%d pages are kept, not %d", have, want)
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
