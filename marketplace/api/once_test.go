package api_test

import (
	"strings"
	"sync"
	"testing"
)

func TestSixtyFourPressesOfOneKeyAreOneBasketWithTheSameBytes(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	listing := w.goods(operator, 2600)
	buyer, _, _ := w.person("王芳")
	ask := buying(listing, 1000, "sandbox")
	answers := make([]said, 64)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			s, err := w.try("POST", "/checkouts", buyer, ask, "Idempotency-Key", "double-click")
			if err != nil {
				t.Error(err)
			}
			answers[i] = s
		})
	}
	all.Wait()
	var first object
	for _, s := range answers {
		s.must(201, &first)
		if string(s.body) != string(answers[0].body) {
			t.Fatalf("two answers:\n%s\n%s", s.body, answers[0].body)
		}
	}
	w.drain()
	var mine struct{ Items []object }
	w.ask("GET", "/orders", buyer, nil).must(200, &mine)
	if len(mine.Items) != 1 {
		t.Fatalf("%d orders of one key", len(mine.Items))
	}
	// Much later, paid meanwhile, the same request still gives the first answer.
	w.ask("POST", "/payments/YL/"+first.text("id")+"/sandbox", buyer, object{"outcome": "pay"}).must(200)
	w.drain()
	replay := w.ask("POST", "/checkouts", buyer, ask, "Idempotency-Key", "double-click").must(201)
	if string(replay.body) != string(answers[0].body) || replay.header.Get("Idempotency-Replayed") != "true" {
		t.Fatalf("replayed %q: %s", replay.header.Get("Idempotency-Replayed"), replay.body)
	}
	w.ask("POST", "/checkouts", buyer, buying(listing, 1500, "sandbox"), "Idempotency-Key", "double-click").refused(409, "key_reused")
	w.clean()
}

func TestTheSameKeyElsewhereIsOtherContentAndOfSomebodyElseIsAnotherKey(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	listing := w.goods(operator, 2600)
	one, _, _ := w.person("王芳")
	two, _, _ := w.person("李雷")
	var a, b object
	w.ask("POST", "/checkouts", one, buying(listing, 1000, "sandbox"), "Idempotency-Key", "k").must(201, &a)
	w.ask("POST", "/checkouts", two, buying(listing, 1000, "sandbox"), "Idempotency-Key", "k").must(201, &b)
	if a.text("id") == b.text("id") {
		t.Fatal("two people share a basket")
	}
	w.ask("POST", "/agents", one, object{"market": "YL"}, "Idempotency-Key", "k").refused(409, "key_reused")
	w.ask("POST", "/agents", one, object{"market": "YL"}, "Idempotency-Key", "钥匙").refused(422, "key_bad")
	w.ask("POST", "/agents", one, object{"market": "YL"}, "Idempotency-Key", strings.Repeat("k", 201)).refused(422, "key_bad")
}

func TestARefusalIsNotKeptAndTheKeyMayBeTriedAgain(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	listing := w.goods(operator, 2600)
	buyer, _, _ := w.person("王芳")
	w.ask("POST", "/listings/YL/"+listing+"/pause", operator, nil).must(200)
	w.ask("POST", "/checkouts", buyer, buying(listing, 1000, "sandbox"), "Idempotency-Key", "k").refused(409, "listing_not_live")
	w.ask("POST", "/listings/YL/"+listing+"/publish", operator, nil).must(200)
	w.ask("POST", "/checkouts", buyer, buying(listing, 1000, "sandbox"), "Idempotency-Key", "k").must(201)
}

func TestEveryVerbThatMakesARowMakesOneOfAKey(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	listing := w.goods(operator, 2600)
	for _, c := range []struct {
		path string
		body object
	}{
		{"/producers", object{"market": "YL", "offline": true, "name": "老王", "region": township, "exemption": "自产"}},
		{"/listings/YL/" + listing + "/batches", object{"quantity": 1000}},
		{"/commission-rules", object{"market": "YL", "rate_bp": 600, "hold_days": 7}},
		{"/rates", object{"market": "YL", "what": "fee", "rate_bp": 200}},
		{"/me/tokens", object{"name": "scales", "scopes": "read"}},
	} {
		first := w.ask("POST", c.path, operator, c.body, "Idempotency-Key", c.path).must(201)
		again := w.ask("POST", c.path, operator, c.body, "Idempotency-Key", c.path).must(201)
		if string(first.body) != string(again.body) || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
			t.Errorf("%s:\n%s\n%s", c.path, first.body, again.body)
		}
		without := w.ask("POST", c.path, operator, c.body).must(201)
		if string(first.body) == string(without.body) {
			t.Errorf("%s without a key gave the same: %s", c.path, without.body)
		}
	}
}
