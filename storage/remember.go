package storage

import (
	"sync"
	"time"
)

// Fresh is how long what is remembered is believed.
const Fresh = 10 * time.Second

// most is how many answers are kept; then all are asked for anew.
const most = 4096

// memory keeps what changes once in months and is asked for by every deed: the
// rates of a market, the rules of its commissions, its agents.
type memory struct {
	sync.Mutex

	of   map[remembered]thought
	turn map[remembered]int // how often it was forgotten
}

type remembered struct {
	family family
	market int32
	what   string
}

type thought struct {
	value any
	at    time.Time
}

// Remember gives what read finds, from a short memory of this instance; what is
// a name that is the same for the same question, in tx's market or in the shared
// tables. Whoever changes the rows says Forget, and this instance knows it at
// once; others after ten seconds (Fresh). The value is everybody's: it is not
// changed. In a transaction that said Forget, nothing is remembered.
func Remember[T any](tx *Tx, what string, read func() (T, error)) (T, error) {
	k := remembered{tx.family, tx.Market, what}
	m := &tx.db.memory
	m.Lock()
	known, turn := m.of[k], m.turn[k]
	m.Unlock()
	if tx.forgot[what] {
		return read()
	}
	// A clock that was set back remembers nothing.
	if since := tx.Now.Sub(known.at); known.value != nil && since >= 0 && since < Fresh {
		return known.value.(T), nil
	}
	// Not under the lock: a database that is slow must not queue up everybody.
	value, err := read()
	if err != nil {
		return value, err
	}
	m.Lock()
	defer m.Unlock()
	if m.turn[k] == turn { // else what was read may be what was forgotten
		if m.of == nil || len(m.of) >= most {
			m.of = map[remembered]thought{}
		}
		m.of[k] = thought{value, tx.Now}
	}
	return value, nil
}

// Forget lets what is remembered under a name be read again, once the
// transaction is committed.
func (tx *Tx) Forget(what string) {
	if tx.forgot == nil {
		tx.forgot = map[string]bool{}
	}
	tx.forgot[what] = true
	k, m := remembered{tx.family, tx.Market, what}, &tx.db.memory
	tx.OnCommit(func() {
		m.Lock()
		defer m.Unlock()
		if m.turn == nil {
			m.turn = map[remembered]int{}
		}
		m.turn[k]++
		delete(m.of, k)
	})
}
