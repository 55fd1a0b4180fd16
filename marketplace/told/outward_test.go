package told_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/marketplace/hook"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// system is an operator's own, on a real HTTP server.
type system struct {
	mu     sync.Mutex
	bodies []string
	url    string
	status int
}

func (v *town) listens(t *testing.T) *system {
	t.Helper()
	s := &system{status: 200}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bodies = append(s.bodies, string(body))
		w.WriteHeader(s.status)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	hooks := hook.New(v.DB, v.Box, hook.Options{Private: true})
	handlers := v.handlers()
	maps.Copy(handlers, hooks.Handlers())
	v.Worker = jobs.NewWorker(v.DB, handlers, jobs.Options{})
	_, _, err := hooks.Add(t.Context(), v.Market, v.Operator.ID, s.url, hook.Events)
	must(t, err)
	return s
}

// types gives what was told, in words like "order.moved shipped".
func (s *system) types(t *testing.T) []string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, b := range s.bodies {
		var e struct {
			Type string
			Data struct{ State string }
		}
		must(t, json.Unmarshal([]byte(b), &e))
		all = append(all, strings.TrimSpace(e.Type+" "+e.Data.State))
	}
	slices.Sort(all)
	return all
}

func TestASystemIsToldOfAnOrdersLifeOnceEachAndOfNobody(t *testing.T) {
	v := open(t)
	s := v.listens(t)
	ref := v.UpTo(t, order.Completed)
	v.Drain(t)
	want := []string{"order.moved accepted", "order.moved completed", "order.moved delivered", "order.moved secured", "order.moved shipped", "payment.captured"}
	got := slices.DeleteFunc(s.types(t), func(w string) bool { return strings.HasPrefix(w, "listing.") || strings.HasPrefix(w, "producer.") })
	if !slices.Equal(got, want) {
		t.Errorf("told %v, not %v", got, want)
	}
	to, err := v.Orders.Addresses(t.Context(), v.Market, []id.ID{ref.ID})
	must(t, err)
	a := to[ref.ID]
	marks := []string{v.Buyer.Name, v.Seller.Name, v.AgentBy.Name, v.Buyer.Phone, v.Seller.Phone, v.AgentBy.Phone, a.Name, a.Phone, a.Street, v.Listing.Title, v.Buyer.ID.String()}
	looked := 0
	for _, b := range s.bodies {
		for _, m := range marks {
			if m != "" {
				looked++
				if strings.Contains(b, m) {
					t.Errorf("%q is told to a system: %s", m, b)
				}
			}
		}
		if !strings.Contains(b, `"market":"`) {
			t.Errorf("no market: %s", b)
		}
	}
	if looked < 30 {
		t.Fatalf("only %d looks", looked)
	}
}

func TestASystemIsToldOfTheStepsOfAComplaintAndOfNothingThatWasSaid(t *testing.T) {
	v := open(t)
	s := v.listens(t)
	ctx := t.Context()
	ref := v.UpTo(t, order.Delivered)
	v.Drain(t)
	name, err := v.disputes.Complain(ctx, onceKey(), v.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "王芳说一半发霉了"}, Reason: "quality"})
	must(t, err)
	d := dispute.Ref{Order: ref, ID: name}
	must(t, v.disputes.Say(ctx, onceKey(), v.Seller, d, dispute.Said{Text: "退一点"}, 1200))
	must(t, v.disputes.Say(ctx, onceKey(), v.Buyer, d, dispute.Said{Text: "太少"}, 0))
	must(t, v.disputes.Escalate(ctx, v.Buyer, d))
	must(t, v.disputes.Decide(ctx, onceKey(), v.Operator, d, dispute.Decision{Parts: []order.Part{{Line: 1, Amount: 3000}}, Goods: dispute.Kept, Why: "照片看得清楚"}))
	v.Drain(t)
	var steps []string
	for _, b := range s.bodies {
		var e struct {
			Type string
			Data struct {
				Dispute, Order id.ID
				What, Reason   string
				Back           int64 `json:"back_minor"`
			}
		}
		must(t, json.Unmarshal([]byte(b), &e))
		if e.Type != hook.DisputeMoved {
			continue
		}
		steps = append(steps, e.Data.What)
		if e.Data.Dispute != name || e.Data.Order != ref.ID || e.Data.Reason != "quality" || e.Data.Back != 3000 {
			t.Errorf("told %s", b)
		}
		for _, said := range []string{"王芳", "发霉", "退一点", "太少", "照片"} {
			if strings.Contains(b, said) {
				t.Errorf("%q is told to a system: %s", said, b)
			}
		}
	}
	slices.Sort(steps)
	if want := []string{"decided", "escalated", "offered", "opened"}; !slices.Equal(steps, want) {
		t.Errorf("told %v, not %v", steps, want)
	}
}

func TestASystemThatIsGoneIsToldToTheOperatorsByItsHostAlone(t *testing.T) {
	v := open(t)
	s := v.listens(t)
	s.status = http.StatusGone
	v.UpTo(t, order.Secured)
	v.Drain(t)
	n := v.last(t, v.Operator.ID)
	if n.Kind != notice.DeskHookPaused || n.Facts.Word != "127.0.0.1" || n.Way != "/desk/operator/hooks" {
		t.Fatalf("%+v", n)
	}
	v.Clock.Advance(time.Minute)
	v.Drain(t)
	if len(s.bodies) != 1 {
		t.Errorf("%d requests", len(s.bodies))
	}
	var open int
	must(t, v.DB.View(t.Context(), v.Market, func(tx *storage.Tx) error {
		return tx.Get(&open, `SELECT count(*) FROM jobs WHERE market_id = $1 AND kind = 'hook:deliver' AND state <> 'done'`, v.Market)
	}))
	if open != 0 {
		t.Errorf("%d deliveries run on", open)
	}
}

// A system hears of changed goods once, whether or not the engine of search can
// be reached: it asks the rows.
func TestASystemIsToldOfChangedGoodsWhileSearchIsAway(t *testing.T) {
	v := open(t)
	s := v.listens(t)
	tries := 0
	handlers := v.handlers()
	maps.Copy(handlers, hook.New(v.DB, v.Box, hook.Options{Private: true}).Handlers())
	handlers[jobs.IndexKind] = v.teller.Indexed(func(context.Context, jobs.Job) (func(*storage.Tx) error, error) {
		tries++
		return nil, fault.Unavailable("search_down")
	})
	v.Worker = jobs.NewWorker(v.DB, handlers, jobs.Options{})
	must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		jobs.Index(tx, "listing", v.Listing.ID, "77")
		return nil
	}))
	v.Drain(t)
	must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error { // its next try comes
		tx.Keyed()
		_, err := tx.Exec("UPDATE jobs SET run_at = $2 WHERE market_id = $1 AND kind = $3", tx.Market, tx.Now, jobs.IndexKind)
		return err
	}))
	v.Drain(t)
	told := slices.DeleteFunc(s.bodies, func(b string) bool { return !strings.Contains(b, `"version":"77"`) })
	if tries < 2 || len(told) != 1 || !strings.Contains(told[0], `"listing.changed"`) {
		t.Fatalf("after %d tries it was told %v", tries, told)
	}
}
