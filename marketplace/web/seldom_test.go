package web

import (
	"errors"
	"testing"
	"time"
)

func TestWhatIsReadSeldomIsReadByOneWhileTheOthersSeeTheOld(t *testing.T) {
	var s seldom[int]
	now := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	const while = time.Hour
	gives := func(n int, err error) func() (int, error) { return func() (int, error) { return n, err } }
	never := func() (int, error) { t.Error("it was read"); return 0, nil }
	wrong := errors.New("wrong")
	is := func(what string, got int, err error, want int, fails error) {
		t.Helper()
		if got != want || !errors.Is(err, fails) {
			t.Errorf("%s: %d, %v", what, got, err)
		}
	}
	got, err := s.get(now, while, gives(0, wrong))
	is("the very first fails", got, err, 0, wrong)

	reading, on, other := make(chan bool), make(chan bool), make(chan int)
	go func() {
		n, _ := s.get(now, while, func() (int, error) { close(reading); <-on; return 1, nil })
		other <- n
	}()
	<-reading
	go func() { n, _ := s.get(now, while, never); other <- n }() // waits for the very first
	close(on)
	if a, b := <-other, <-other; a != 1 || b != 1 {
		t.Errorf("the very first is %d and %d", a, b)
	}

	now = now.Add(while)
	got, err = s.get(now, while, func() (int, error) {
		old, err := s.get(now, while, never)
		is("meanwhile", old, err, 1, nil)
		return 2, nil
	})
	is("read anew", got, err, 2, nil)
	got, err = s.get(now.Add(while-1), while, never)
	is("as it was read", got, err, 2, nil)
	got, err = s.get(now.Add(while), while, gives(0, wrong))
	is("a reading fails", got, err, 2, wrong)
	got, err = s.get(now.Add(while), while, gives(3, nil))
	is("and the next does not", got, err, 3, nil)
}
