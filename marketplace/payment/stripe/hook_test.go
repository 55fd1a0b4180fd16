package stripe_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage/fault"
)

func TestNewsThatIsTamperedOldUnsignedForeignEnormousOrMalformedIsRefusedAndLeavesNoRow(t *testing.T) {
	v := enter(t, 31)
	ref, c := v.buy()
	v.s.Pay(v.session(c), stripetest.Paying{})
	e := v.s.News()[0]
	now := time.Now()
	sign := func(b []byte) string { return stripetest.Signed(b, now, stripetest.Secret) }
	live := bytes.Replace(e.Body, []byte(`"livemode":false,"object":"event"`), []byte(`"livemode":true,"object":"event"`), 1)
	foreign := bytes.Replace(e.Body, []byte(`{"api_version"`), []byte(`{"account":"acct_other","api_version"`), 1)
	huge := append(bytes.TrimSuffix(e.Body, []byte("}")), append(append([]byte(`,"x":"`), bytes.Repeat([]byte("x"), stripe.MaxBody)...), `"}`...)...)
	thin := []byte(`{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.no_meter_found","livemode":false,"created":"2026-11-27T10:00:00.000Z","related_object":null,"reason":null}`)
	list := []byte(`{"id":"evt_1","object":"event","type":"charge.succeeded","data":{"object":[]}}`)
	null := []byte(`{"id":"evt_1","object":"event","type":"charge.succeeded","data":null}`)
	for name, bad := range map[string]struct {
		body      []byte
		signature string
		code      string
	}{
		"tampered":       {bytes.Replace(e.Body, []byte("13000"), []byte("99999"), 1), e.Signature(), "webhook_unsigned"},
		"old":            {e.Body, stripetest.Signed(e.Body, now.Add(-stripe.Tolerance-time.Minute), stripetest.Secret), "webhook_old"},
		"another secret": {e.Body, stripetest.Signed(e.Body, now, "whsec_wrong"), "webhook_unsigned"},
		"unsigned":       {e.Body, "", "webhook_unsigned"},
		"half signed":    {e.Body, fmt.Sprintf("t=%d,v1=", now.Unix()), "webhook_unsigned"},
		"of live money":  {live, sign(live), "webhook_mode"},
		"another's":      {foreign, sign(foreign), "webhook_foreign"},
		"enormous":       {huge, sign(huge), "body_too_large"},
		"no event":       {[]byte("{}"), sign([]byte("{}")), "webhook_malformed"},
		"no object":      {[]byte("[]"), sign([]byte("[]")), "webhook_malformed"},
		"thin":           {thin, sign(thin), "webhook_thin"},
		"a list":         {list, sign(list), "webhook_malformed"},
		"null":           {null, sign(null), "webhook_malformed"},
		"nothing":        {nil, sign(nil), "webhook_malformed"},
	} {
		if name == "of live money" && bytes.Equal(live, e.Body) || name == "another's" && bytes.Equal(foreign, e.Body) {
			t.Fatal("the body was not changed")
		}
		t.Log(name)
		refuses(t, v.g.Take(v.ctx, v.Desk, bad.body, bad.signature), bad.code)
	}
	v.Drain(t)
	v.Must(t, ref, order.Placed)
	if n := v.count("SELECT count(*) FROM payment_inbox WHERE market_id = $1"); n != 0 {
		t.Fatalf("%d rows", n)
	}
}

// Which version of the API an endpoint was set up with is Stripe's choice as much as
// the operator's: only where to look is read.
func TestNewsOfALaterVersionOfTheAPIIsTaken(t *testing.T) {
	v := enter(t, 37)
	ref, c := v.buy()
	v.s.Pay(v.session(c), stripetest.Paying{})
	e := v.s.News()[0]
	later := bytes.Replace(e.Body, []byte(`{"api_version":"2023-10-16"`), []byte(`{"context":null,"request":null,"account":null,"pending_webhooks":null,"new":[{}],"api_version":"2026-10-29.dahlia"`), 1)
	if bytes.Equal(later, e.Body) {
		t.Fatalf("the body was not changed: %s", e.Body)
	}
	unknown := []byte(`{"id":"evt_u","object":"event","api_version":null,"type":"payment_record.reported","livemode":false,"created":0,"data":{"object":{"id":"pr_1","object":"payment_record","metadata":null},"previous_attributes":null},"request":{"id":null,"idempotency_key":null}}`)
	for _, body := range [][]byte{unknown, later} {
		if err := v.g.Take(v.ctx, v.Desk, body, stripetest.Signed(body, time.Now(), stripetest.Secret)); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
	}
	v.Drain(t)
	v.Must(t, ref, order.Secured)
	if n := v.count("SELECT count(*) FROM payment_inbox WHERE market_id = $1"); n != 1 {
		t.Fatalf("%d rows", n)
	}
}

func TestNewsIsKeptOncePerEventWithoutAnythingOfThePayerAndForeignObjectsLeaveNoRow(t *testing.T) {
	v := enter(t, 32)
	ref, c := v.buy()
	v.s.Pay(v.session(c), stripetest.Paying{})
	all := v.s.News()
	for range 3 {
		v.hear(all...)
	}
	v.Drain(t)
	v.Must(t, ref, order.Secured)
	if n := v.count("SELECT count(*) FROM payment_inbox WHERE market_id = $1"); n != len(all) {
		t.Fatalf("%d rows of %d events", n, len(all))
	}
	if n := v.count("SELECT count(*) FROM payment_inbox WHERE market_id = $1 AND (octet_length(body) > 250 OR encode(body, 'escape') LIKE '%13000%')"); n != 0 {
		t.Fatalf("%d rows keep more than they should", n)
	}
	// The same account serves another installation: its events are signed and not ours.
	other := enter(t, 33)
	_, d := other.buy()
	other.s.Pay(other.session(d), stripetest.Paying{})
	for _, e := range other.s.News() {
		body := bytes.ReplaceAll(e.Body, []byte(d.Payment.String()), []byte("0193a0f0-0000-7000-8000-000000000000"))
		must(t, v.g.Take(v.ctx, v.Desk, body, stripetest.Signed(body, time.Now(), stripetest.Secret)))
	}
	if n := v.count("SELECT count(*) FROM payment_inbox WHERE market_id = $1"); n != len(all) {
		t.Fatalf("%d rows of %d events", n, len(all))
	}
	v.books()
}

// Whatever a body that is signed holds: it is refused by a name, or believed where
// to look, and what is kept of it has nothing of the payer.
func FuzzABodyThatIsSignedIsUnderstoodOrRefused(f *testing.F) {
	const event = `{"id":"evt_1","object":"event","api_version":"2023-10-16","created":1795417620,"livemode":false,"type":"%s","data":{"object":%s}}`
	for kind, object := range map[string]string{
		"checkout.session.completed": `{"id":"cs_test_1","object":"checkout.session","metadata":{"market":"11","payment":"01900000-0000-7000-8000-000000000001"},"customer_details":{"name":"王芳"}}`,
		"charge.dispute.created":     `{"id":"dp_1","object":"dispute","payment_intent":"pi_1","metadata":{}}`,
		"refund.updated":             `{"id":"re_1","object":"refund","payment_intent":{"id":"pi_1"},"metadata":{"market":"99999999999"}}`,
		"transfer.reversed":          `{"id":"tr_1","object":"transfer","metadata":{"market":"-1","payout":"x"}}`,
		"account.updated":            `{"id":"acct_1","object":"account"}`,
		"charge.succeeded":           `[]`,
		"unheard.of":                 `{"id":7}`,
	} {
		f.Add(fmt.Appendf(nil, event, kind, object))
	}
	f.Add([]byte(`{"data":null}`))
	f.Add([]byte(`null`))
	g := stripe.New(stripe.Options{Key: stripetest.Key, Secrets: []string{stripetest.Secret}})
	now := time.Now()
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := g.Hear(body, stripetest.Signed(body, now, stripetest.Secret))
		if err != nil {
			if _, told := fault.As(err); !told {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		if h.Ours && (h.News.Object == "" && h.Payee.Object == "" || h.Market < 0) {
			t.Errorf("it does not say where to look: %+v", h)
		}
		var kept map[string]any
		if h.Payee.Event == "" {
			if err := json.Unmarshal(h.Body, &kept); err != nil || len(kept) != 6 {
				t.Errorf("kept: %s, %v", h.Body, err)
			}
		}
	})
}
