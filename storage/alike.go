package storage

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// alike makes one statement of writes that differ in their values alone, as the
// history of two orders: every part of a gathered statement is started and ended
// on its own, and that is most of what a small one costs. Only plain additions
// are joined, and none whose rows are counted.
func alike(q []queued) []queued {
	if len(q) < 2 {
		return q
	}
	out := make([]queued, 0, len(q))
	times := make([]int, 0, len(q))
	for _, s := range q {
		n := -1
		if s.want < 0 {
			for i := range out {
				if out[i].want < 0 && out[i].query == s.query && len(out[i].args) == times[i]*len(s.args) {
					n = i
				}
			}
		}
		if n < 0 || !additionOf(s.query).plain {
			out, times = append(out, s), append(times, 1)
			continue
		}
		if times[n] == 1 {
			out[n].args = append(make([]any, 0, 2*len(s.args)), out[n].args...) // the caller's own stays as it is
		}
		out[n].args = append(out[n].args, s.args...)
		times[n]++
	}
	for i, n := range times {
		if n > 1 {
			out[i].query = repeated(out[i].query, len(out[i].args)/n, n)
		}
	}
	return out
}

// addition is an INSERT in pieces: what stands before its rows, one row (a list
// of values, or a SELECT), and what stands after them.
type addition struct {
	head, row, tail, between string
	plain                    bool
}

// additions keeps the pieces of statements that were asked for.
var (
	additions sync.Map
	taken     atomic.Int64
)

func additionOf(query string) addition {
	if a, ok := additions.Load(query); ok {
		return a.(addition)
	}
	a := pieces(query)
	if taken.Load() < combinations {
		additions.Store(query, a)
		taken.Add(1)
	}
	return a
}

func pieces(query string) addition {
	if !strings.HasPrefix(query, "INSERT INTO ") {
		return addition{}
	}
	at := outside(query, 0, "VALUES", "SELECT")
	if at < 0 {
		return addition{}
	}
	if strings.HasPrefix(query[at:], "SELECT") {
		if outside(query, at, "ON CONFLICT", "ORDER BY", "LIMIT", "UNION", "FOR UPDATE") >= 0 {
			return addition{}
		}
		return addition{head: query[:at], row: query[at:], between: "\nUNION ALL\n", plain: true}
	}
	from := strings.IndexByte(query[at:], '(') + at
	to := closing(query, from)
	if from < at || to < 0 {
		return addition{}
	}
	return addition{head: query[:from], row: query[from:to], tail: query[to:], between: ", ", plain: true}
}

// repeated writes the row of an addition so many times, with the parameters of
// each after those of the one before.
func repeated(query string, args, times int) string {
	key := make([]byte, 0, len(query)+8)
	key = strconv.AppendInt(append(append(key, query...), "\x00×"...), int64(times), 10)
	return kept(key, func() string {
		a := additionOf(query)
		var b strings.Builder
		b.WriteString(a.head)
		for i := range times {
			if i > 0 {
				b.WriteString(a.between)
			}
			b.WriteString(renumber(a.row, i*args))
		}
		b.WriteString(a.tail)
		return b.String()
	})
}

// outside finds the first of some words that stands in no bracket, string, name
// or comment, from a place on.
func outside(query string, from int, words ...string) int {
	depth := 0
	for i := from; i < len(query); {
		if n := passive(query[i:]); n > 0 {
			i += n
			continue
		}
		switch query[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 && (i == from || !inName(query[i-1])) {
			for _, w := range words {
				if rest, ok := strings.CutPrefix(query[i:], w); ok && i > from && (rest == "" || !inName(rest[0])) {
					return i
				}
			}
		}
		i++
	}
	return -1
}

// closing gives the place after the bracket that ends the one at a place.
func closing(query string, at int) int {
	depth := 0
	for i := max(at, 0); i < len(query); {
		if n := passive(query[i:]); n > 0 {
			i += n
			continue
		}
		switch query[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}
