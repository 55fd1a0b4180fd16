package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/stripe"
	"commonfield/storage/id"
)

// far stands where Stripe is, on loopback: it opens sessions and says that they
// were paid. The calls are the real ones; what a network would add is left out.
type far struct {
	http.Server

	address string
	due     sync.Map      // what each session was opened for: its answer
	held    chan struct{} // not nil: the next opening says so, and waits until it may go on
}

func standIn(ctx context.Context) (*far, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &far{address: "http://" + l.Addr().String()}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /v1/checkout/sessions", f.open)
	routes.HandleFunc("GET /v1/checkout/sessions/{id}", f.look)
	f.Handler, f.ReadHeaderTimeout = routes, time.Minute
	go func() { _ = f.Serve(l) }()
	return f, nil
}

// options let the program find it.
func (f *far) options() stripe.Options {
	if f == nil {
		return stripe.Options{}
	}
	return stripe.Options{Key: "sk_test_bench", Base: f.address, Home: "http://127.0.0.1"}
}

func (f *far) open(w http.ResponseWriter, r *http.Request) {
	if held := f.held; held != nil {
		held <- struct{}{}
		<-held
	}
	named := r.PostFormValue("metadata[payment]")
	s := map[string]any{"id": "cs_" + named, "object": "checkout.session", "mode": "payment", "status": "open", "url": f.address + "/pay/" + named, "currency": "cny",
		"metadata": map[string]string{"market": r.PostFormValue("metadata[market]"), "payment": named}}
	f.due.Store(s["id"], [2]any{s, json.Number(r.PostFormValue("line_items[0][price_data][unit_amount]"))})
	say(w, s)
}

func (f *far) look(w http.ResponseWriter, r *http.Request) {
	of, known := f.due.LoadAndDelete(r.PathValue("id"))
	if !known {
		http.Error(w, "{}", http.StatusNotFound)
		return
	}
	s, sum := of.([2]any)[0].(map[string]any), of.([2]any)[1].(json.Number)
	n, _ := sum.Int64()
	s["status"], s["url"] = "complete", nil
	s["payment_intent"] = map[string]any{"id": strings.Replace(r.PathValue("id"), "cs_", "pi_", 1), "object": "payment_intent", "status": "succeeded", "amount_received": n, "currency": "cny",
		"latest_charge": map[string]any{"id": "ch", "object": "charge", "balance_transaction": map[string]any{
			"id": "txn", "object": "balance_transaction", "type": "charge", "currency": "cny", "fee": n * 6 / 1000, "available_on": time.Now().Add(7 * 24 * time.Hour).Unix()}}}
	say(w, s)
}

// asks are the same two calls, by the same library: what the limits do between the
// transactions in which the deed writes what it asks and what it hears.
func (f *far) asks() []func(context.Context, id.ID) error {
	g := stripe.New(f.options())
	open := func(ctx context.Context, name id.ID) error {
		now := time.Now()
		_, err := g.Open(ctx, payment.Intent{Payment: name, Market: firstMarket, Reference: id.Short(name), Amount: 100, Currency: "CNY",
			Key: name.String(), Back: "/result", Since: now, ExpiresAt: now.Add(time.Hour)})
		return err
	}
	look := func(ctx context.Context, name id.ID) error {
		_, err := g.Look(ctx, firstMarket, "cs_"+name.String())
		return err
	}
	return []func(context.Context, id.ID) error{nil, nil, open, look}
}

func say(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(what); err != nil {
		http.Error(w, "{}", http.StatusInternalServerError)
	}
}

// paid opens the payment of a checkout at the gateway and settles it, as the
// button and then the gateway's news do.
func (b *buying) paid(ctx context.Context, c order.Checkout) error {
	if _, err := b.m.m.Orders.Pay(ctx, c.Market, c.Payment, "/result"); err != nil {
		return err
	}
	return b.settle(ctx, c)
}

func (b *buying) settle(ctx context.Context, c order.Checkout) error {
	p, err := b.m.m.Orders.Settle(ctx, c.Market, c.Payment)
	return captured(p, err)
}

// opening are the transactions of a payment's opening: the attempt is written
// before the call, what came of it after.
func (b *buying) opening(ctx context.Context, c *order.Checkout) (attempt, answer func() error) {
	gone := make(chan error, 1)
	held := make(chan struct{})
	attempt = func() error {
		b.m.far.held = held
		go func() {
			_, err := b.m.m.Orders.Pay(ctx, c.Market, c.Payment, "/result")
			gone <- err
		}()
		select {
		case <-held:
			return nil
		case err := <-gone:
			return fmt.Errorf("the gateway was not asked: %w", err)
		}
	}
	answer = func() error {
		b.m.far.held = nil
		held <- struct{}{}
		return <-gone
	}
	return attempt, answer
}
