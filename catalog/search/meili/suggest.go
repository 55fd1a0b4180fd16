package meili

import (
	"context"
	"strings"

	"github.com/meilisearch/meilisearch-go"

	"commonfield/catalog/search"
)

// Suggest gives titles that begin with what is typed, or have it, the shortest
// first; in English where lang is en.
func (e *Engine) Suggest(ctx context.Context, text, lang string, n int) ([]search.Suggestion, error) {
	parts := search.Want(text, nil)
	if len(parts) == 0 || n <= 0 {
		return nil, nil
	}
	r := &meilisearch.MultiSearchRequest{Federation: &meilisearch.MultiSearchFederation{Limit: int64(4 * n)}}
	one := func(q string, weight float64, fields ...string) {
		r.Queries = append(r.Queries, &meilisearch.SearchRequest{IndexUID: e.live, Query: q, MatchingStrategy: meilisearch.All, AttributesToSearchOn: fields, Locales: locales,
			AttributesToRetrieve: []string{"id", "title", "title_en"}, FederationOptions: &meilisearch.SearchFederationOptions{Weight: weight}})
	}
	first := parts[0].Text
	if chars := []rune(first); parts[0].Han {
		first = written('ა', chars[:min(len(chars), mostBegins)])
	}
	if len(parts) == 1 {
		one(first, 2, "begins")
	}
	one(ways(parts)[0], 1, "best", "title_han", "title_word", "title_mark")
	answer, err := ask(ctx, e, func(ctx context.Context) (*meilisearch.MultiSearchResponse, error) {
		return e.server.MultiSearchWithContext(ctx, r)
	})
	if err != nil {
		return nil, err
	}
	var all []search.Suggestion
	seen := map[string]bool{}
	for _, h := range answer.Hits {
		hit, err := hitOf(h, nil)
		if err != nil {
			return nil, down(err)
		}
		title := plain(hit.Title)
		if en := plain(hit.TitleEN); lang == "en" && en != "" {
			title = en
		}
		if fold := search.Fold(title); fold != "" && !seen[fold] && len(all) < n {
			seen[fold] = true
			all = append(all, search.Suggestion{Text: title, Kind: hit.Kind})
		}
	}
	return all, nil
}

func plain(pieces []search.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}
