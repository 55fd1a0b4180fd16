package meili

import (
	"slices"
	"sync"
)

// keys lets one at a time write a key.
type keys struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// hold waits until nobody writes any of the names, and keeps them until what it
// gives is called. Names are taken in their order, so that two never wait for
// each other.
func (k *keys) hold(names []string) func() {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	for _, n := range names {
		for {
			k.mu.Lock()
			busy, held := k.held[n]
			if !held {
				if k.held == nil {
					k.held = map[string]chan struct{}{}
				}
				k.held[n] = make(chan struct{})
			}
			k.mu.Unlock()
			if !held {
				break
			}
			<-busy
		}
	}
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		for _, n := range names {
			close(k.held[n])
			delete(k.held, n)
		}
	}
}
