package web

import (
	"context"
	"sync"
	"time"

	"commonfield/marketplace/web/part"
)

// What the front says of the last month is kept for a while: it is read from
// every order of that time.
const (
	lately = 30 * 24 * time.Hour
	fresh  = time.Hour
)

// month is what was shared out lately, and when it was read.
type month struct {
	reading sync.Mutex
	mu      sync.Mutex
	parts   part.Parts
	at      time.Time
}

func (m *month) kept() (part.Parts, time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.parts, m.at
}

// lately gives who received what of all that was completed in the last thirty
// days. Where it is old, the first visitor reads it anew and the others see the
// old one meanwhile.
func (w *Web) lately(ctx context.Context) (part.Parts, error) {
	was, at := w.month.kept()
	now := w.DB.Now()
	if now.Sub(at) < fresh || !w.month.reading.TryLock() {
		return was, nil
	}
	defer w.month.reading.Unlock()
	all, err := w.Books.All(ctx)
	if err != nil || len(all) == 0 {
		return was, err
	}
	var in []int32
	for _, m := range all {
		in = append(in, m.ID)
	}
	shared, err := w.Orders.Shared(ctx, in, all[0].Currency, now.Add(-lately), now)
	if err != nil {
		return was, err
	}
	w.month.mu.Lock()
	defer w.month.mu.Unlock()
	w.month.parts, w.month.at = parts(shared), now
	return w.month.parts, nil
}
