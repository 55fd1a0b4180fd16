package region

import (
	"strings"

	"commonfield/storage"
)

// Search finds the cities and counties whose own name, or whose name with those
// above it, has the words in it, by code, at most n. A code finds itself.
func Search(tx *storage.Tx, words string, n int) ([]Region, error) {
	words = strings.TrimSpace(words)
	if words == "" {
		return nil, nil
	}
	// The last two letters name the place, what stands before it its province.
	parts := strings.Fields(words)
	last := parts[len(parts)-1]
	var rows []Region
	err := tx.Select(&rows, `SELECT `+columns+` FROM regions
WHERE level IN (2, 3) AND (position($1 IN name) > 0 OR code = $1) ORDER BY level DESC, code LIMIT 400`, last)
	if err != nil {
		return nil, err
	}
	codes := make([]string, 0, len(rows))
	for _, r := range rows {
		codes = append(codes, r.Code)
	}
	names, err := Names(tx, codes...)
	if err != nil {
		return nil, err
	}
	var found []Region
	for _, r := range rows {
		if r.standIn() || len(found) == n {
			continue
		}
		r.Name = names[r.Code]
		fits := true
		for _, p := range parts[:len(parts)-1] {
			fits = fits && strings.Contains(r.Name, p)
		}
		if fits {
			found = append(found, r)
		}
	}
	return found, nil
}
