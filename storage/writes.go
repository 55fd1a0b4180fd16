package storage

import (
	"regexp"
	"strings"
)

var (
	changing = regexp.MustCompile(`(?i)\b(INSERT|UPDATE|DELETE|MERGE)\b`)
	locking  = regexp.MustCompile(`(?i)\bFOR\s+(UPDATE|SHARE|NO\s+KEY|KEY\s+SHARE)\b`)
)

// writes says whether a statement changes or locks rows. What it does not know
// is a write: the mistake is then noticed.
func writes(q string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(q, " \t\r\n("), " ")
	if i := strings.IndexAny(word, "\t\r\n"); i >= 0 {
		word = word[:i]
	}
	switch strings.ToUpper(word) {
	case "SELECT":
		return locking.MatchString(q)
	case "WITH", "EXPLAIN": // EXPLAIN ANALYZE does what it explains
		return changing.MatchString(q) || locking.MatchString(q)
	case "SHOW", "VALUES", "TABLE":
		return false
	}
	return true
}
