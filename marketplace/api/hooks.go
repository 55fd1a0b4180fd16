package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"commonfield/marketplace/hook"
	"commonfield/storage"
	"commonfield/storage/id"
)

// Webhook is one address of an operator's own system.
type Webhook struct {
	Market       string     `json:"market"`
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Events       []string   `json:"events"`
	State        string     `json:"state" enum:"active,paused"`
	Why          string     `json:"why" enum:",operator,failing,gone" doc:"of a pause"`
	FailingSince *time.Time `json:"failing_since,omitempty" doc:"since when nothing has arrived"`
	OldUntil     *time.Time `json:"old_secret_until,omitempty" doc:"until when the secret before this one signs too"`
	Since        time.Time  `json:"since"`
}

type newWebhook struct {
	Market string   `json:"market" doc:"code or number"`
	URL    string   `json:"url" maxLength:"500" doc:"https, reachable from outside"`
	Events []string `json:"events" minItems:"1" maxItems:"20" doc:"order.moved, payment.captured, refund.sent, refund.failed, payout.drafted, payout.paid, payout.failed, dispute.moved, return.moved, chargeback.moved, listing.changed, producer.changed"`
}

type webhookChange struct {
	URL    string   `json:"url" maxLength:"500"`
	Events []string `json:"events" minItems:"1" maxItems:"20"`
}

type webhookMade struct {
	Webhook
	Secret string `json:"secret" doc:"whsec_…, given this once"`
}

type webhookSecret struct {
	Secret string `json:"secret" doc:"whsec_…, given this once; the one before signs beside it for a day"`
}

type webhookDelivery struct {
	ID     string          `json:"id"`
	Event  string          `json:"event" doc:"what the receiver has as webhook-id"`
	Type   string          `json:"type"`
	State  string          `json:"state" enum:"waiting,held,done,failed"`
	Tries  int             `json:"tries"`
	Status int             `json:"status" doc:"of the last answer; 0 when there was none"`
	Error  string          `json:"error" enum:",timeout,refused,name,tls,private,redirect,gone,status,broken,address"`
	Answer string          `json:"answer" doc:"how the last answer began"`
	Body   json.RawMessage `json:"body" doc:"what was sent"`
	At     time.Time       `json:"at"`
	Next   *time.Time      `json:"next_at,omitempty"`
}

// hooks mounts outgoing webhooks, for operators' own systems.
func (s *server) hooks() {
	handle(s, route{method: http.MethodGet, path: "/hooks", says: "List the addresses that are told what happens in a market", open: known, more: "For operators."}, s.listHooks)
	handle(s, route{method: http.MethodPost, path: "/hooks", says: "Have an address told what happens in a market", open: known, fresh: true, status: http.StatusCreated,
		more: "By operators. The secret is given this once. How requests are signed, and what each event carries, is in docs/webhooks.md."}, s.addHook)
	handle(s, route{method: http.MethodPut, path: "/hooks/{market}/{id}", says: "Change where a webhook leads and what it is told", open: known, fresh: true, more: "By operators."}, s.changeHook)
	quietly(s, route{method: http.MethodDelete, path: "/hooks/{market}/{id}", says: "Remove a webhook", open: known, more: "By operators."}, s.hookDeed(s.Outward.Remove))
	handle(s, route{method: http.MethodPost, path: "/hooks/{market}/{id}/secret", says: "Change a webhook's secret", open: known, fresh: true, more: "By operators. The one before signs beside it for a day."}, s.renewHook)
	does := map[string]func(ctx context.Context, market int32, by, hook id.ID) error{"pause": s.Outward.Pause, "resume": s.Outward.Resume}
	for fate, says := range map[string]string{"pause": "Send nothing more to a webhook; what happens is held", "resume": "Send to a webhook again, what was held first"} {
		quietly(s, route{method: http.MethodPost, path: "/hooks/{market}/{id}/" + fate, says: says, open: known, more: "By operators. Twice is once."}, s.hookDeed(does[fate]))
	}
	quietly(s, route{method: http.MethodPost, path: "/hooks/{market}/{id}/test", says: "Send a test to a webhook", open: known, more: "By operators."}, s.testHook)
	handle(s, route{method: http.MethodGet, path: "/hooks/{market}/{id}/deliveries", says: "List what was told to a webhook, the newest first", open: known, more: "For operators. It is kept for thirty days."}, s.hookDeliveries)
	quietly(s, route{method: http.MethodPost, path: "/hooks/{market}/{id}/deliveries/{delivery}/replay", says: "Send a delivery again", open: known, more: "By operators, under the same webhook-id."}, s.replayHook)
}

func (s *server) showHook(code string, h hook.Hook) Webhook {
	out := Webhook{code, h.ID.String(), h.URL, h.Events, h.State, h.Why, h.FailingSince, nil, h.CreatedAt}
	if h.OldUntil != nil && h.OldUntil.After(s.DB.Now()) {
		out.OldUntil = h.OldUntil
	}
	return out
}

func (s *server) listHooks(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[Webhook], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[Webhook]{}, err
	}
	var all []hook.Hook
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { all, err = hook.List(tx); return })
	return listed(all, func(h hook.Hook) Webhook { return s.showHook(m.Code, h) }), err
}

func (s *server) addHook(v *visit, in *with[newWebhook]) (webhookMade, error) {
	m, err := v.operated(in.Body.Market)
	if err != nil {
		return webhookMade{}, err
	}
	h, secret, err := s.Outward.Add(v.ctx, m.ID, v.who.ID, in.Body.URL, in.Body.Events)
	return webhookMade{s.showHook(m.Code, h), secret}, err
}

// hookHere reads which hook of which market a path names, for its operators.
func (v *visit) hookHere(t This) (int32, string, id.ID, error) {
	m, err := v.operatedHere(t.Market)
	if err != nil {
		return 0, "", id.None, err
	}
	h, err := row(t.ID)
	return m.ID, m.Code, h, err
}

func (s *server) changeHook(v *visit, in *struct {
	This
	Body webhookChange
}) (Webhook, error) {
	market, code, name, err := v.hookHere(in.This)
	if err == nil {
		err = s.Outward.Choose(v.ctx, market, v.who.ID, name, in.Body.URL, in.Body.Events)
	}
	if err != nil {
		return Webhook{}, err
	}
	var h hook.Hook
	err = v.view(market, func(tx *storage.Tx) (err error) { h, err = hook.Find(tx, name); return })
	return s.showHook(code, h), err
}

func (s *server) hookDeed(do func(ctx context.Context, market int32, by, hook id.ID) error) func(*visit, *This) error {
	return func(v *visit, in *This) error {
		market, _, h, err := v.hookHere(*in)
		if err != nil {
			return err
		}
		return do(v.ctx, market, v.who.ID, h)
	}
}

func (s *server) renewHook(v *visit, in *This) (webhookSecret, error) {
	market, _, h, err := v.hookHere(*in)
	if err != nil {
		return webhookSecret{}, err
	}
	secret, err := s.Outward.Renew(v.ctx, market, v.who.ID, h)
	return webhookSecret{secret}, err
}

func (s *server) testHook(v *visit, in *This) error {
	market, code, h, err := v.hookHere(*in)
	if err != nil {
		return err
	}
	return s.Outward.TestOne(v.ctx, market, code, h)
}

func (s *server) hookDeliveries(v *visit, in *struct {
	This
	Page
	State string `query:"state" enum:"waiting,held,done,failed" doc:"only those"`
}) (list[webhookDelivery], error) {
	market, _, name, err := v.hookHere(in.This)
	if err != nil {
		return list[webhookDelivery]{}, err
	}
	after, err := in.cursor()
	if err != nil {
		return list[webhookDelivery]{}, err
	}
	var rows []hook.Delivery
	err = v.view(market, func(tx *storage.Tx) error {
		if _, err := hook.Find(tx, name); err != nil {
			return err
		}
		rows, err = hook.Deliveries(tx, name, in.State, after, in.size()+1)
		return err
	})
	return paged(rows, in.size(), func(d hook.Delivery) webhookDelivery {
		return webhookDelivery{d.ID.String(), hook.Said(d.Event), d.Type, d.State, d.Tries, d.Status, d.Error, d.Answer, json.RawMessage(d.Body), d.CreatedAt, d.NextAt}
	}, func(d hook.Delivery) id.ID { return d.ID }), err
}

func (s *server) replayHook(v *visit, in *struct {
	This
	Delivery string `path:"delivery"`
}) error {
	market, _, h, err := v.hookHere(in.This)
	if err != nil {
		return err
	}
	delivery, err := row(in.Delivery)
	if err != nil {
		return err
	}
	return s.Outward.Replay(v.ctx, market, v.who.ID, h, delivery)
}
