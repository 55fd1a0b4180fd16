package ordermodel

import "time"

// entry is something that is to happen. What says that it is to happen later happens
// a day later.
type entry struct {
	at time.Time
	no int
	do func() bool
}

const done, later = true, false

func (m *Model) at(when time.Time, do func() bool) {
	m.noted++
	m.agenda = append(m.agenda, entry{when, m.noted, do})
}

// Run does what is due, in the order in which it came due: news, refunds at the
// gateway, silence, commissions.
func (m *Model) Run() {
	for {
		first := -1
		for i, e := range m.agenda {
			if !e.at.After(m.Now) && (first < 0 || e.before(m.agenda[first])) {
				first = i
			}
		}
		if first < 0 {
			return
		}
		e := m.agenda[first]
		m.agenda = append(m.agenda[:first], m.agenda[first+1:]...)
		if stopped := !e.do(); stopped {
			e.at = m.Now.Add(24 * time.Hour)
			m.agenda = append(m.agenda, e)
		}
	}
}

func (e entry) before(o entry) bool {
	return e.at.Before(o.at) || e.at.Equal(o.at) && e.no < o.no
}

// Advance moves the clock and does what is due.
func (m *Model) Advance(d time.Duration) {
	m.Now = m.Now.Add(d)
	m.Run()
}

// hear lets news of a gateway come, and then be looked at.
func (m *Model) hear(look func()) {
	m.at(m.Now, func() bool {
		m.at(m.Now, func() bool { look(); return done })
		return done
	})
}
