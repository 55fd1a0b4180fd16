package browser

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// slow is a telephone in the village: 400 kbit/s, and 400 ms until anything comes.
func slow() chromedp.Action {
	return network.EmulateNetworkConditions(false, 400, 50_000, 50_000).WithConnectionType(network.ConnectionTypeCellular3g)
}

// parcel is one seller's part of the walk, with the sums as a pencil finds them:
// what was asked for and its price, what the buyer pays for the packed weight,
// and of that the agent's six and the platform's two per cent, in fen.
type parcel struct {
	typed, title, quantity, asked   string
	market, phone, weight           string
	paid, producer, agent, platform int64
}

var parcels = []parcel{
	{"hetao", "薄皮核桃 185", "3", "39.60", "YL", "+8613800010021", "2.95", 3894, 3582, 234, 78},
	{"hetao", "温 185 核桃（统货）", "2.5", "24.50", "YL", "+8613800010023", "2.5", 2450, 2254, 147, 49},
	{"dami", "哈尼梯田红米", "7", "53.20", "YY", "+8613800040021", "6.93", 5267, 5162, 0, 105},
}

// On a slow telephone a guest finds two growers' walnuts and the rice of another
// county, pays once, and gets three parcels; then everybody's statement says
// what the order said, to the fen.
func (p program) threeSellers(t *testing.T) {
	t.Parallel()
	agent := p.visit(t, "walk-agent", "zh", 360, slow())
	agent.signIn("+8613800010011")
	link := agent.shares()

	buyer := p.visit(t, "walk-buyer", "zh", 360, slow())
	buyer.open(link)
	for i, part := range parcels {
		buyer.open("/")
		buyer.find(part.typed)
		buyer.pick(part.title)
		buyer.fill(map[string]string{"quantity": part.quantity})
		if i == 0 {
			buyer.press("button.put") // nobody becomes a guest: another page
			continue
		}
		buyer.do(chromedp.Click("button.put", chromedp.NodeVisible), chromedp.WaitVisible("#put .toast"))
		buyer.shoot()
	}
	buyer.press("#put .toast a")
	for _, part := range parcels {
		buyer.shows(part.asked)
	}
	buyer.press(`a[href^="/checkout"]`)
	buyer.shows("117.30")
	buyer.fill(address)
	buyer.press(`button[form="buy"], #buy button.wide`)
	buyer.shows("117.30")
	buyer.press(`button[value="pay"]`)
	var orders []string
	buyer.do(chromedp.Evaluate(`[...document.querySelectorAll('main a.button[href^="/orders/"]')].map(e => e.getAttribute("href"))`, &orders))
	if len(orders) != len(parcels) {
		t.Fatalf("one checkout became %d orders, not %d\n%s", len(orders), len(parcels), buyer.text("main"))
	}

	var one sync.Mutex // buyer and agent have one telephone each; the sellers have their own
	for i, part := range parcels {
		t.Run("seller "+strconv.Itoa(i+1), func(t *testing.T) {
			t.Parallel()
			if !strings.HasPrefix(orders[i], "/orders/"+part.market+"/") {
				t.Fatalf("%s is not of %s", orders[i], part.market)
			}
			seller := p.visit(t, "walk-seller"+strconv.Itoa(i+1), "zh", 360, slow())
			seller.signIn(part.phone)
			seller.open("/desk/producer")
			seller.sends(orders[i], part.weight)
			number := seller.text(".crumbs [aria-current]")
			if number == "" {
				t.Fatalf("the order has no number\n%s", seller.text("body"))
			}
			func() {
				one.Lock()
				defer one.Unlock()
				buyer := buyer.before(t)
				buyer.receives(orders[i])
				buyer.shared(part)
			}()
			seller.stated("/desk/producer/statements", number, part.paid, part.producer)
			if part.agent > 0 {
				one.Lock()
				defer one.Unlock()
				agent.before(t).stated("/desk/agent/statements", number, part.paid, part.agent)
			}
		})
	}
}

// before is the same visitor, who answers to another test.
func (v *visitor) before(t *testing.T) *visitor {
	same := *v
	same.t, same.name = t, v.name+"-"+path.Base(t.Name())
	return &same
}

// find types into the box, waits until it proposes something, and looks.
func (v *visitor) find(typed string) {
	v.t.Helper()
	v.do(chromedp.SendKeys("#q", typed), chromedp.WaitVisible("#suggestions li"))
	v.shoot()
	v.press(`form[role="search"] button`)
}

// pick opens the goods of a title, whichever of the languages it stands in.
func (v *visitor) pick(titles ...string) {
	v.t.Helper()
	var href string
	v.do(chromedp.Evaluate(fmt.Sprintf(`(() => { const e = [...document.querySelectorAll(".card h3 a")].find(e => [%s].includes(e.textContent.trim()));
		return e ? e.getAttribute("href") : "" })()`, quoted(titles)), &href))
	if href == "" {
		v.t.Fatalf("%s: nothing is called %v\n%s", v.name, titles, v.text("main"))
	}
	v.press(fmt.Sprintf(`a[href=%q]`, href))
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return strings.Join(out, ",")
}

func (v *visitor) shows(what string) {
	v.t.Helper()
	if text := v.text("main"); !strings.Contains(text, what) {
		v.t.Fatalf("%s: the page does not show %s\n%s", v.name, what, text)
	}
}

// shared holds the order's own page against the pencil.
func (v *visitor) shared(part parcel) {
	v.t.Helper()
	for class, want := range map[string]int64{"p-producer": part.producer, "p-agent": part.agent, "p-platform": part.platform} {
		if got := v.fen(v.text(".legend dt." + class + " + dd")); got != want {
			v.t.Errorf("%s: of %s the order's page gives %s %d fen, not %d\n%s", v.name, part.title, class, got, want, v.text("main"))
		}
	}
}

// stated looks into the running month of a desk until the order has come there,
// which a job sees to, and holds its line against the pencil, and the month's
// totals against all its lines.
func (v *visitor) stated(desk, number string, paid, theirs int64) {
	v.t.Helper()
	v.open(desk)
	var month string
	v.do(chromedp.Evaluate(`document.querySelector("main table tbody th a").getAttribute("href")`, &month))
	var lines []struct{ Number, Paid, Theirs string }
	var total struct{ Paid, Theirs string }
	for end := time.Now().Add(time.Minute); ; {
		v.open(month)
		v.do(chromedp.Evaluate(`[...document.querySelectorAll("#lines tbody tr")].map(r => ({Number: r.cells[0].textContent, Paid: r.cells[2].textContent, Theirs: r.cells[4].textContent}))`, &lines),
			chromedp.Evaluate(`(() => { const r = document.querySelector("main tfoot tr"); return {Paid: r.cells[1].textContent, Theirs: r.cells[3].textContent} })()`, &total))
		var sumPaid, sumTheirs int64
		found := false
		for _, l := range lines {
			sumPaid, sumTheirs = sumPaid+v.fen(l.Paid), sumTheirs+v.fen(l.Theirs)
			if strings.Contains(l.Number, number) {
				found = true
				if v.fen(l.Paid) != paid || v.fen(l.Theirs) != theirs {
					v.t.Errorf("%s: the statement says %s and %s for %s, not %d and %d fen", v.name, l.Paid, l.Theirs, number, paid, theirs)
				}
			}
		}
		if found {
			if sumPaid != v.fen(total.Paid) || sumTheirs != v.fen(total.Theirs) {
				v.t.Errorf("%s: the lines add up to %d and %d fen, the month says %s and %s", v.name, sumPaid, sumTheirs, total.Paid, total.Theirs)
			}
			return
		}
		if time.Now().After(end) {
			v.t.Fatalf("%s: %s did not come into the statement\n%s", v.name, number, v.text("main"))
		}
	}
}

// fen reads a sum of a page; nothing is nought.
func (v *visitor) fen(text string) int64 {
	v.t.Helper()
	text = strings.NewReplacer("¥", "", ",", "", " ", "", "−", "-", "\u00a0", "").Replace(strings.TrimSpace(text))
	if text == "" {
		return 0
	}
	yuan, cents, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(yuan+cents, 10, 64)
	if !ok || len(cents) != 2 || err != nil {
		v.t.Fatalf("%s: %q is no sum", v.name, text)
	}
	return n
}
