package stripetest

import (
	"encoding/hex"
	"fmt"
	"time"

	stripe "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"
)

// Event is news that has not gone out, or has.
type Event struct {
	ID, Type string
	Of       string // the object's name
	Body     []byte
}

// Signed is the header that comes with a body.
func Signed(body []byte, at time.Time, secret string) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(webhook.ComputeSignature(at, body, secret)))
}

// Signature is the header that comes with an event now.
func (e Event) Signature() string { return Signed(e.Body, time.Now(), Secret) }

// tell puts news about an object, as it is now, into the queue.
func (s *Server) tell(kind string, of obj) { s.tellOf(kind, of, "") }

// tellOf is news of a payee's account, which names it.
func (s *Server) tellOf(kind string, of obj, account string) {
	e := obj{"id": s.id("evt"), "object": "event", "type": kind, "api_version": stripe.APIVersion, "created": s.now(), "livemode": false, "pending_webhooks": 1, "data": obj{"object": of}}
	if account != "" {
		e["account"] = account
	}
	s.news = append(s.news, Event{ID: e["id"].(string), Type: kind, Of: of["id"].(string), Body: written(e)})
}

// News takes all news out of the queue, oldest first. The test sends it in whatever
// order it likes, or not at all.
func (s *Server) News() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.news
	s.news = nil
	return all
}

// Shuffled is news in an order that follows from the seed, some of it twice.
func (s *Server) Shuffled() []Event {
	all := s.News()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range all {
		if s.rand.IntN(3) == 0 {
			all = append(all, e)
		}
	}
	s.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}
