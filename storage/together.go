package storage

import (
	"fmt"
	"slices"
	"strings"
)

// The parts of one statement all see the rows as they were before it. So a change of a
// row that another part changes is not made, and one of a row that another part adds
// finds nothing, and neither is told to anybody: the second one is lost. Which rows a
// part will touch is not to be known from its text, only which table; so two parts of
// which the later one changes rows of a table that the earlier one writes to are never
// one statement. An addition may follow anything: where it meets a row that was touched,
// by its key or ON CONFLICT, the server refuses it aloud.

// together says how many of what is gathered, from the first on, may be one statement.
func together(q []queued) (int, error) {
	var few [16]string
	written := few[:0]
	for i, s := range q {
		table, changes := target(s.query)
		if table == "" {
			return 0, fmt.Errorf("storage: no write that can be gathered: %s", head(s.query))
		}
		if slices.Contains(written, table) {
			if changes {
				return i, nil
			}
			continue
		}
		written = append(written, table)
	}
	return len(q), nil
}

// target gives the table that a write is to, and whether it changes or deletes rows
// that are there; nothing when it is no write. WITH may stand before the write.
func target(query string) (table string, changes bool) {
	if strings.HasPrefix(query, "WITH ") {
		if at := outside(query, 0, "INSERT", "UPDATE", "DELETE"); at > 0 {
			query = query[at:]
		}
	}
	for _, verb := range [...]string{"INSERT INTO ", "UPDATE ", "DELETE FROM "} {
		rest, is := strings.CutPrefix(query, verb)
		if !is {
			continue
		}
		end := 0
		for end < len(rest) && inName(rest[end]) {
			end++
		}
		return rest[:end], verb[0] != 'I'
	}
	return "", false
}
