package web_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage/dbtest"
)

// atStripe is a house whose payers may pay at the stand-in.
func atStripe(t *testing.T) (*house, *stripetest.Server) {
	t.Helper()
	w := ordertest.New(t)
	s := stripetest.New(t, 1, w.Clock.Now)
	return furnished(t, w, marketplace.Config{Guard: dbtest.Guard, Home: "https://market.example",
		Stripe: stripe.Options{Key: stripetest.Key, Secrets: []string{stripetest.Secret}, Base: s.URL}}), s
}

// sessionOf is the name of a session in a page that leads to it.
func sessionOf(t *testing.T, s *stripetest.Server, body string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, s.URL+"/pay/")
	if !found {
		t.Fatalf("the page does not lead to Stripe: %s", plain(body))
	}
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

// tell posts a body to the address for news.
func (h *house) tell(t *testing.T, body []byte, signature string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, door.HooksWay, bytes.NewReader(body))
	if signature != "" {
		r.Header.Set("Stripe-Signature", signature)
	}
	a, err := h.app.Test(r, 60_000)
	must(t, err)
	defer func() { _ = a.Body.Close() }()
	b, err := io.ReadAll(a.Body)
	must(t, err)
	return a.StatusCode, string(b)
}

func TestWhoPaysAtStripeGoesThereByAPageOfOursAndComesBackToAnOrderThatIsSecured(t *testing.T) {
	for lang, says := range map[string][2]string{"zh": {"去付 ¥130.00", "钱到了"}, "en": {"Go on and pay ¥130.00", "Paid. The seller"}} {
		t.Run(lang, func(t *testing.T) {
			h, s := atStripe(t)
			v := h.nobody()
			v.lang = lang
			a, way := v.press(t, h.atCheckout(t, v, "5"), "pay", "stripe")
			if !strings.HasPrefix(way, "/pay/") {
				t.Fatalf("%s: %s", way, plain(a.body))
			}
			has(t, a.body, says[0])
			if strings.Contains(a.header.Get("Content-Security-Policy"), "stripe") {
				t.Error("the policy lets something of Stripe's in")
			}
			name := sessionOf(t, s, a.body)
			s.Pay(name, stripetest.Paying{Method: "alipay"})
			has(t, v.page(t, way+"/result"), says[1])
			has(t, v.page(t, way), map[string]string{"zh": "这一笔已经了结", "en": "This payment is settled"}[lang])
			h.balanced(t)
		})
	}
}

func TestAStripeThatIsOutOfReachLosesNothingAndItsPageTriesAgain(t *testing.T) {
	h, s := atStripe(t)
	v := h.nobody()
	s.Down(h.Clock.Now().Add(time.Minute))
	a, way := v.press(t, h.atCheckout(t, v, "5"), "pay", "stripe")
	if !strings.HasPrefix(way, "/pay/") || a.status != http.StatusServiceUnavailable {
		t.Fatalf("%s, %d: %s", way, a.status, plain(a.body))
	}
	has(t, a.body, "支付方暂时连不上")
	h.Clock.Advance(2 * time.Minute)
	sessionOf(t, s, v.page(t, way))
}

func TestNewsOfStripeIsAnsweredAtOnceAndWhatIsWrongHasAStatusOfItsOwn(t *testing.T) {
	h, s := atStripe(t)
	v := h.nobody()
	a, way := v.press(t, h.atCheckout(t, v, "5"), "pay", "stripe")
	s.Pay(sessionOf(t, s, a.body), stripetest.Paying{})
	e := s.News()[0]
	huge := bytes.Repeat([]byte("x"), stripe.MaxBody+1)
	other := []byte(`{"id":"evt_1","object":"event","type":"charge.succeeded","account":"acct_2","livemode":false,"data":{"object":{"id":"ch_1"}}}`)
	for name, c := range map[string]struct {
		body      []byte
		signature string
		status    int
		code      string
	}{
		"unsigned": {e.Body, "", 400, "webhook_unsigned"},
		"tampered": {bytes.Replace(e.Body, []byte("13000"), []byte("1"), 1), e.Signature(), 400, "webhook_unsigned"},
		"old":      {e.Body, stripetest.Signed(e.Body, time.Now().Add(-time.Hour), stripetest.Secret), 400, "webhook_old"},
		"foreign":  {other, stripetest.Signed(other, time.Now(), stripetest.Secret), 403, "webhook_foreign"},
		"enormous": {huge, stripetest.Signed(huge, time.Now(), stripetest.Secret), 413, "body_too_large"},
		"good":     {e.Body, e.Signature(), 200, "received"},
		"again":    {e.Body, e.Signature(), 200, "received"},
	} {
		if status, said := h.tell(t, c.body, c.signature); status != c.status || !strings.Contains(said, c.code) {
			t.Errorf("%s: %d %s", name, status, said)
		}
	}
	h.Drain(t)
	has(t, v.page(t, way+"/result?outcome=waiting"), "钱到了")
	if status, _ := newHouse(t).tell(t, e.Body, e.Signature()); status != http.StatusNotFound {
		t.Errorf("without Stripe it answers %d", status)
	}
}

func TestTheOperatorSeesAChargebackSaysWhatSpeaksAgainstItAndDealsWithAnOddSum(t *testing.T) {
	h, s := atStripe(t)
	v := h.nobody()
	a, _ := v.press(t, h.atCheckout(t, v, "5"), "pay", "stripe")
	name := sessionOf(t, s, a.body)
	s.Pay(name, stripetest.Paying{})
	other := h.nobody()
	b, _ := other.press(t, h.atCheckout(t, other, "5"), "pay", "stripe")
	s.Pay(sessionOf(t, s, b.body), stripetest.Paying{Currency: "usd"})
	dispute := s.Dispute(name, 0)
	hear := func() {
		for _, e := range s.Shuffled() {
			if status, said := h.tell(t, e.Body, e.Signature()); status != http.StatusOK {
				t.Fatalf("%d %s", status, said)
			}
		}
		_, err := h.m.Worker.Drain(t.Context(), 0)
		must(t, err)
		h.Drain(t)
	}
	hear()
	boss := h.visitor(t, h.operator(t, h.Market))
	way := h.way("/desk/operator/refunds")
	page := boss.page(t, way)
	has(t, page, `id="chargebacks"`, "拒付，等银行定", "对不上的款", "要的是 ¥130.00")
	long := strings.Repeat("签", 20_001)
	refused, _ := boss.press(t, form(t, page, "/desk/operator/refunds/evidence"), "evidence", long)
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, long) || !strings.Contains(refused.body, "evidence-e") {
		t.Errorf("evidence that is too long: %d, and what was typed is lost", refused.status)
	}
	boss.press(t, form(t, page, "/desk/operator/refunds/evidence"), "evidence", "11 月 3 日签收，单号 7584")
	has(t, boss.page(t, way), "11 月 3 日签收")
	h.Drain(t)
	has(t, boss.page(t, way), "材料已经交给银行")
	if text, sent := s.Evidence(dispute); !sent || !strings.Contains(text, "7584") {
		t.Errorf("%q, %v", text, sent)
	}
	boss.press(t, form(t, boss.page(t, way), "/desk/operator/refunds/settled"))
	if strings.Contains(boss.page(t, way), "要的是 ¥130.00") {
		t.Error("what was dealt with is still there")
	}
	s.Decide(dispute, false)
	hear()
	has(t, boss.page(t, way), "拒付，钱没要回来")
	h.balanced(t)
}
