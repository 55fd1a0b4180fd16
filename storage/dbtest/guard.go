package dbtest

import (
	"fmt"
	"regexp"
	"strings"
)

// Guard is the rule that a statement names its family: a write on market
// tables names market_id, one on a person's tables user_id, and both stand in
// a transaction.
func Guard(query string, write, tx bool) error {
	if write && !tx {
		return fmt.Errorf("dbtest: a write outside a transaction: %s", query)
	}
	if !write {
		return nil
	}
	q := strings.ToLower(query)
	for _, m := range written.FindAllStringSubmatch(q, -1) {
		table := m[1]
		if sharedTables[table] {
			continue
		}
		column := "market_id"
		if personalTables[table] {
			column = "user_id"
		}
		if !strings.Contains(q, column) {
			return fmt.Errorf("dbtest: a write on %s that does not name %s: %s", table, column, query)
		}
	}
	return nil
}

var written = regexp.MustCompile(`(?:insert into|update|delete from)\s+([a-z_]+)`)

// The families that are not market tables.
var (
	sharedTables  = set("regions", "markets", "people", "agents", "units", "categories", "set", "of", "skip")
	personalTables = set("api_tokens", "credentials", "sessions", "user_markets")
)

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}
