package dbtest

import (
	"fmt"
	"regexp"
	"strings"

	"commonfield/storage/migrations"
)

// Guard is the rule that a statement names its family: one on market tables
// names market_id, one on a person's tables user_id, each write its own. A
// write stands in a transaction, and one statement writes one family. Reads
// across markets (report.go) name market_id too, because they give it back.
func Guard(query string, write, tx bool) error {
	if write && !tx {
		return fmt.Errorf("dbtest: a write outside a transaction: %s", query)
	}
	q := inert.ReplaceAllString(strings.ToLower(query), " ")
	for _, m := range named.FindAllStringSubmatch(q, -1) {
		if column := families[m[1]]; column != "" && !strings.Contains(q, column) {
			return fmt.Errorf("dbtest: a statement on %s that does not name %s: %s", m[1], column, query)
		}
	}
	found := written.FindAllStringSubmatchIndex(q, -1)
	family, first := "", ""
	for i, m := range found {
		table, part := q[m[2]:m[3]], q[m[0]:]
		if i+1 < len(found) {
			part = q[m[0]:found[i+1][0]]
		}
		column, known := families[table]
		if !known {
			continue // FOR UPDATE OF x, DO UPDATE SET, a table of the test's own
		}
		if column != "" && !strings.Contains(part, column) {
			return fmt.Errorf("dbtest: a write on %s that does not name %s: %s", table, column, query)
		}
		if first != "" && family != column {
			return fmt.Errorf("dbtest: one statement writes %s and %s, which are two families: %s", first, table, query)
		}
		family, first = column, table
	}
	return nil
}

var (
	// inert is what names no table: strings and comments.
	inert   = regexp.MustCompile(`(?s)'[^']*'|--[^\n]*|/\*.*?\*/`)
	named   = regexp.MustCompile(`\b(?:from|join)\s+(?:only\s+)?([a-z0-9_]+)`)
	written = regexp.MustCompile(`\b(?:insert\s+into|update|delete\s+from)\s+(?:only\s+)?([a-z0-9_]+)`)
)

// families gives the column each table must be asked by, empty for shared ones.
var families = func() map[string]string {
	m := map[string]string{}
	for _, t := range migrations.Layout() {
		m[t.Name] = t.Column
	}
	return m
}()
