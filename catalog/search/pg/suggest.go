package pg

import (
	"context"
	"time"

	"commonfield/catalog/search"
)

// Suggest completes what is typed from names and words that documents have, in
// Chinese by characters, pinyin or initials. What finds nothing any more is not
// suggested.
func (e *Engine) Suggest(ctx context.Context, text, lang string, n int) ([]search.Suggestion, error) {
	text = search.Short(text)
	if text == "" || n <= 0 {
		return nil, nil
	}
	n = min(n, 20)
	terms, err := e.begins(ctx, text, 4*n)
	if err != nil {
		return nil, down(err)
	}
	var all, later []search.Suggestion
	seen := map[string]bool{}
	for _, t := range terms {
		if len(all) >= n {
			break
		}
		if seen[t.Term] {
			continue
		}
		there, err := e.finds(ctx, t)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		seen[t.Term] = true
		s := search.Suggestion{Text: t.Said, Kind: t.Kind}
		if chinese := t.Sound != t.Term; lang == "en" && chinese {
			later = append(later, s) // English first for who reads English
			continue
		}
		all = append(all, s)
	}
	all = append(all, later...)
	return all[:min(len(all), n)], nil
}

// finds says whether a term finds something, as it was up to a minute ago.
func (e *Engine) finds(ctx context.Context, t term) (bool, error) {
	key := t.Kind + ":" + t.Term
	if until, ok := e.alive.Load(key); ok && time.Now().Before(until.(time.Time)) {
		return true, nil
	}
	r := reading{e: e, q: search.Query{Kind: t.Kind}}
	for _, p := range search.Want(t.Term, nil) {
		p.Spelled, p.Initials = nil, false
		if f, err := r.alone(ctx, p); err != nil || f.total == 0 {
			return false, err
		}
	}
	e.alive.Store(key, time.Now().Add(fresh))
	return true, nil
}
