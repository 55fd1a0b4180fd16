package web

import (
	"sync"
	"time"
)

// seldom keeps what is costly to read, for a while. Where it is old, the first who asks
// reads it anew and the others get the old meanwhile; the very first is waited for.
type seldom[T any] struct {
	reading sync.Mutex
	mu      sync.Mutex
	is      T
	at      time.Time // when it was read; zero: never
}

func (s *seldom[T]) kept() (T, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.is, s.at
}

// get gives it as it was read within a while. An error keeps what was there, and the
// next one tries again.
func (s *seldom[T]) get(now time.Time, within time.Duration, read func() (T, error)) (T, error) {
	is, at := s.kept()
	switch {
	case now.Sub(at) < within:
		return is, nil
	case at.IsZero():
		s.reading.Lock()
	case !s.reading.TryLock():
		return is, nil
	}
	defer s.reading.Unlock()
	if is, at = s.kept(); now.Sub(at) < within { // somebody was faster
		return is, nil
	}
	anew, err := read()
	if err != nil {
		return is, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.is, s.at = anew, now
	return anew, nil
}
