package search

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"commonfield/storage/fault"
)

// The sizes of a page of hits.
const (
	Usual = 20
	Most  = 100
)

var (
	kinds = []string{"", Listing, Producer}
	sorts = []Sort{ByRelevance, ByPrice, ByPriceDown, ByNewest, ByHarvest, ByNear}
	place = regexp.MustCompile(`^[0-9]{2,12}$`)
	code  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
)

// Clean gives the query as an engine takes it: its text folded and short, its
// size within bounds. It refuses, all fields at once, what cannot be: an
// unknown kind or sort (search_kind, search_sort), a region or category that
// is no code, a price below zero or a range without a middle (search_range), a
// year that is none, nearness to nowhere.
func (q Query) Clean() (Query, error) {
	q.Text = Short(q.Text)
	if q.N <= 0 {
		q.N = Usual
	}
	q.N = min(q.N, Most)
	var wrong []error
	if !slices.Contains(kinds, q.Kind) {
		wrong = append(wrong, fault.Invalid("kind", "search_kind"))
	}
	if !slices.Contains(sorts, q.Sort) {
		wrong = append(wrong, fault.Invalid("sort", "search_sort"))
	}
	if q.Category != "" && !code.MatchString(q.Category) {
		wrong = append(wrong, fault.Invalid("category", "unknown_category"))
	}
	if q.Region != "" && !place.MatchString(q.Region) {
		wrong = append(wrong, fault.Invalid("region", "region_unknown", fault.Args{"region": Short(q.Region)}))
	}
	if (q.Near != "" || q.Sort == ByNear) && !place.MatchString(q.Near) {
		wrong = append(wrong, fault.Invalid("near", "region_unknown", fault.Args{"region": Short(q.Near)}))
	}
	if q.PriceFrom < 0 || q.PriceTo < 0 || q.PriceTo > 0 && q.PriceTo < q.PriceFrom {
		wrong = append(wrong, fault.Invalid("price_to", "search_range"))
	}
	if q.Harvest != 0 && (q.Harvest < 2000 || q.Harvest > 2100) {
		wrong = append(wrong, fault.Invalid("harvest", "out_of_range", fault.Args{"min": "2000", "max": "2100"}))
	}
	return q, fault.All(wrong...)
}

// mark names what a query asks, without where and how much of it: a cursor
// carries it, so that it leads nowhere under another query.
func (q Query) mark() string {
	q.After, q.N, q.Facets, q.Synonyms = "", 0, false, nil
	sum := sha256.Sum256([]byte(fmt.Sprintf("%+v", q)))
	return string(sum[:6])
}

// Cursor writes down where the next page of a cleaned query begins, in words
// that only its engine reads.
func (q Query) Cursor(at ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(q.mark() + strings.Join(at, "\x1f")))
}

// At reads the cursor that a cleaned query came with; nil when it has none. A
// cursor of another query, or none at all, is refused (cursor_bad).
func (q Query) At(words int) ([]string, error) {
	if q.After == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil || len(q.After) > 1000 || !strings.HasPrefix(string(raw), q.mark()) {
		return nil, errCursor()
	}
	at := strings.Split(string(raw[len(q.mark()):]), "\x1f")
	if len(at) != words {
		return nil, errCursor()
	}
	return at, nil
}

func errCursor() error { return fault.Invalid("after", "cursor_bad") }
