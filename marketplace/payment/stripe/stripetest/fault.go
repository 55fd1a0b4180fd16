package stripetest

import (
	"net/http"
	"time"
)

// Fault is what a call meets instead of a plain answer.
type Fault int

// The faults.
const (
	None        Fault = iota
	Cut               // the connection ends before anything is done
	Lost              // the work is done and the answer does not arrive
	Busy              // 429: nothing is looked at
	Broken            // 500, kept under the key: nothing is done
	BrokenAfter       // 500, kept under the key: the work is done
)

// Fault lets the next calls that change something meet faults, in order, instead of
// those that were said before.
func (s *Server) Fault(f ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// Down lets every call meet Broken until a moment.
func (s *Server) Down(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = until
}

// Silent lets every call meet Cut until a moment: nobody answers.
func (s *Server) Silent(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = until
}

// Chance lets so many of a hundred calls meet a fault, chosen by the seed.
func (s *Server) Chance(in100 int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chance = in100
}

// fault is the one that this call meets.
func (s *Server) fault(c call) Fault {
	if s.clock().Before(s.silent) {
		return Cut
	}
	if s.clock().Before(s.down) {
		return Broken
	}
	writes := c.method != http.MethodGet
	if writes && len(s.faults) > 0 {
		f := s.faults[0]
		s.faults = s.faults[1:]
		return f
	}
	if s.chance > 0 && s.rand.IntN(100) < s.chance {
		if !writes {
			return []Fault{Cut, Busy, Broken}[s.rand.IntN(3)]
		}
		return Fault(1 + s.rand.IntN(int(BrokenAfter)))
	}
	return None
}
