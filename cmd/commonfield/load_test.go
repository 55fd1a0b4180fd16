package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// object is a JSON object, as a stranger's program sees it.
type object = map[string]any

// stranger is what a program outside knows: an address, and perhaps a token.
type stranger struct {
	http.Client

	base  string
	token string
}

func (d *stranger) ask(method, path, key string, in any) (int, object, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return 0, nil, err
		}
		body = bytes.NewReader(text)
	}
	asked, err := http.NewRequest(method, d.base+"/api/v1"+path, body)
	if err != nil {
		return 0, nil, err
	}
	asked.Header.Set("Content-Type", "application/json")
	if d.token != "" {
		asked.Header.Set("Authorization", "Bearer "+d.token)
	}
	if key != "" {
		asked.Header.Set("Idempotency-Key", key)
	}
	answer, err := d.Do(asked)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, err
	}
	var out object
	if len(text) > 0 {
		err = json.Unmarshal(text, &out)
	}
	return answer.StatusCode, out, err
}

// enter opens a guest's session.
func enter(t *testing.T, base string) *stranger {
	t.Helper()
	d := &stranger{Client: http.Client{Timeout: 45 * time.Second}, base: base}
	code, session, err := d.ask("POST", "/sessions/guest", "", nil)
	if err != nil || code != http.StatusCreated {
		t.Fatalf("a guest: %d %v %v", code, session, err)
	}
	d.token, _ = session["token"].(string)
	return d
}

// buyer asks for orders as fast as it is let, and keeps what was acknowledged:
// the key of the order, its id, and whether its money is known to have come.
type buyer struct {
	*stranger

	name string
	ids  map[string]string // by key
	paid map[string]bool   // by id
	open string            // the key that was asked for when the answer stayed away
	odd  []string
}

// buy goes on until no answer comes, which is when the server is gone.
func (b *buyer) buy(listing string, minimum any, acknowledged *count) {
	for i := 0; ; i++ {
		key := fmt.Sprintf("%s-%d", b.name, i)
		code, basket, err := b.place(key, listing, minimum)
		switch {
		case err != nil:
			b.open = key
			return
		case code != http.StatusCreated:
			b.odd = append(b.odd, fmt.Sprint(key, code, basket))
			return
		}
		id := orderOf(basket)
		b.ids[key] = id
		acknowledged.more()
		if code, _, err = b.ask("POST", fmt.Sprint("/payments/YL/", basket["id"], "/sandbox"), "", object{"outcome": "pay"}); err != nil {
			return
		}
		_, settled, err := b.ask("POST", fmt.Sprint("/checkouts/YL/", basket["id"], "/settle"), key+"-settle", nil)
		if err != nil {
			return
		}
		if code != http.StatusOK || settled["state"] != "captured" {
			b.odd = append(b.odd, fmt.Sprint(key, code, settled))
			return
		}
		b.paid[id] = true
	}
}

func (b *buyer) place(key, listing string, minimum any) (int, object, error) {
	return b.ask("POST", "/checkouts", key, object{"way": "sandbox", "items": []object{{"market": "YL", "listing": listing, "quantity": minimum}},
		"deliver_to": object{"name": key, "phone": "+8613900000000", "street": "1"}})
}

func orderOf(basket object) string {
	baskets, _ := basket["baskets"].([]any)
	if len(baskets) != 1 {
		return ""
	}
	first, _ := baskets[0].(object)
	orders, _ := first["orders"].([]any)
	if len(orders) != 1 {
		return ""
	}
	one, _ := orders[0].(object)
	id, _ := one["id"].(string)
	return id
}

// count lets the test wait for a number of acknowledgements.
type count struct {
	sync.Mutex

	n    int
	most int
	full chan struct{}
}

func (c *count) more() {
	c.Lock()
	defer c.Unlock()
	if c.n++; c.n == c.most {
		close(c.full)
	}
}

// The program that people start, asked as strangers ask it: two make the
// demonstration at once, then server and PostgreSQL are killed under load. All
// that was answered is there afterwards, the order without an answer is placed
// once by asking again, and the books are clean.
func TestTheServerKilledUnderLoadKeepsEveryOrderThatItAcknowledged(t *testing.T) {
	t.Parallel()
	data := folder(t)
	var making sync.WaitGroup
	for range 2 {
		making.Go(func() {
			if a := commonfield(t, "seed", "--demo", "--data", data); a.code != exitOK {
				t.Errorf("two demonstrations at once: exit %d\n%s", a.code, a.err)
			}
		})
	}
	making.Wait()
	s := serve(t, data)
	_, goods, err := (&stranger{base: s.address}).ask("GET", "/listings?market=YL&limit=1", "", nil)
	items, _ := goods["items"].([]any)
	if err != nil || len(items) != 1 {
		t.Fatalf("nothing to buy: %v %v", goods, err)
	}
	item, _ := items[0].(object)
	listing, _ := item["id"].(string)
	buyers := make([]*buyer, 8)
	for i := range buyers {
		buyers[i] = &buyer{stranger: enter(t, s.address), name: fmt.Sprint("buyer-", i), ids: map[string]string{}, paid: map[string]bool{}}
	}
	// With those on their way and those that are repeated, fewer than one address
	// may place in a minute.
	acknowledged := &count{most: 24, full: make(chan struct{})}
	var load sync.WaitGroup
	for _, b := range buyers {
		load.Go(func() { b.buy(listing, item["minimum"], acknowledged) })
	}
	select {
	case <-acknowledged.full:
	case <-time.After(time.Minute):
		t.Error("too few orders in a minute")
	}
	killBoth(t, s, data)
	load.Wait()

	s = serve(t, data)
	var placed, waiting int
	for _, b := range buyers {
		b.base = s.address
		for _, odd := range b.odd {
			t.Errorf("%s was refused: %s", b.name, odd)
		}
		if b.open != "" {
			again(t, b, listing, item["minimum"])
			waiting++
		}
		placed += len(b.ids)
		kept(t, b)
	}
	commonfield(t, "audit", "--json", "--data", data).well(t)
	t.Logf("%d orders were acknowledged, %d asked for again", placed, waiting)
}

func killBoth(t *testing.T, s *served, data string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "postgres", "pg", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.Fields(string(text))[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = s.Wait()
}

// again asks twice for what stayed without an answer: both answers name one order.
func again(t *testing.T, b *buyer, listing string, minimum any) {
	t.Helper()
	for range 2 {
		code, basket, err := b.place(b.open, listing, minimum)
		if err != nil || code != http.StatusCreated {
			t.Errorf("%s, asked again: %d %v %v", b.open, code, basket, err)
			return
		}
		if first := b.ids[b.open]; first != "" && first != orderOf(basket) {
			t.Errorf("%s was placed twice: %s and %s", b.open, first, orderOf(basket))
		}
		b.ids[b.open] = orderOf(basket)
	}
}

// kept reads a buyer's orders: each acknowledged one once, and no other, though
// the jobs that the kill has interrupted may not have run yet.
func kept(t *testing.T, b *buyer) {
	t.Helper()
	states, after := map[string]string{}, ""
	for {
		code, page, err := b.ask("GET", "/orders?as=buyer&limit=100&after="+after, "", nil)
		if err != nil || code != http.StatusOK {
			t.Fatalf("%s: %d %v %v", b.name, code, page, err)
		}
		rows, _ := page["items"].([]any)
		for _, row := range rows {
			o, _ := row.(object)
			states[fmt.Sprint(o["id"])] = fmt.Sprint(o["state"])
		}
		if after, _ = page["next"].(string); after == "" {
			break
		}
	}
	for key, id := range b.ids {
		if states[id] == "" || b.paid[id] && states[id] == "placed" {
			t.Errorf("%s (%s, paid %v) is %q", key, id, b.paid[id], states[id])
		}
	}
	if len(states) != len(b.ids) {
		t.Errorf("%s has %d orders, and %d were acknowledged", b.name, len(states), len(b.ids))
	}
}
