package pg

import (
	"context"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lib/pq"

	"commonfield/catalog/search"
	"commonfield/storage"
)

// known remembers which terms this process has seen written, so that they are
// not written with every document again.
type known struct {
	mu    sync.Mutex
	seen  map[string]bool
	whole map[string]bool // texts whose terms are all seen
}

const (
	mostKnown   = 400_000
	longestTerm = 24 // characters
)

// term is a word or a name that documents have.
type term struct {
	Term     string `db:"term"`
	Kind     string `db:"kind"`
	Sound    string `db:"sound"`
	Initials string `db:"initials"`
	Said     string `db:"said"`
	Weight   int64  `db:"weight"`
}

// The weights of terms: what a category or a place is called comes before what
// merely stands in a title.
const (
	aWord = 1
	aName = 2
)

// teach writes the terms of documents that are not known yet.
func (e *Engine) teach(ctx context.Context, docs []search.Document) error {
	fresh := e.terms.fresh(docs)
	for len(fresh) > 0 {
		some := fresh[:min(len(fresh), 2*batch)]
		fresh = fresh[len(some):]
		var t, kind, sound, initials, said []string
		var weight []int64
		for _, f := range some {
			t, kind, sound = append(t, f.Term), append(kind, f.Kind), append(sound, f.Sound)
			initials, said, weight = append(initials, f.Initials), append(said, f.Said), append(weight, f.Weight)
		}
		err := e.db.UpdateShared(ctx, func(tx *storage.Tx) error {
			tx.Keyed()
			tx.Queue(`INSERT INTO search_terms AS t (term, kind, sound, initials, said, weight)
				SELECT v.term, v.kind, v.sound, v.initials, v.said, v.weight::smallint
				FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS v(term, kind, sound, initials, said, weight) ORDER BY v.term, v.kind
				ON CONFLICT (term, kind) DO UPDATE SET weight = excluded.weight, said = excluded.said WHERE t.weight < excluded.weight`,
				pq.Array(t), pq.Array(kind), pq.Array(sound), pq.Array(initials), pq.Array(said), pq.Array(weight))
			return nil
		})
		if err != nil {
			e.terms.unlearn(some)
			return err
		}
	}
	return nil
}

func (k *known) fresh(docs []search.Document) []term {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.seen) > mostKnown || len(k.whole) > mostKnown {
		clear(k.seen)
		clear(k.whole)
	}
	var all []term
	at := map[string]int{}
	put := func(t term) {
		key := t.Term + "\x00" + t.Kind
		if i, there := at[key]; there {
			all[i].Weight = max(all[i].Weight, t.Weight)
			return
		}
		if seen := key + string(rune('0'+t.Weight)); !k.seen[seen] {
			k.seen[seen] = true
			at[key] = len(all)
			all = append(all, t)
		}
	}
	is := func(text, kind, as string) bool { // seen whole before
		key := as + kind + "\x00" + text
		was := k.whole[key]
		k.whole[key] = true
		return was
	}
	for _, d := range docs {
		for _, w := range d.Words {
			if is(w, d.Kind, "w") {
				continue
			}
			name(w, d.Kind, put)
			for _, r := range search.Runs(w) {
				word(r, d.Kind, put)
			}
		}
		for _, title := range []string{d.Title, d.TitleEN} {
			if is(title, d.Kind, "t") {
				continue
			}
			for _, r := range search.Runs(title) {
				word(r, d.Kind, put)
			}
		}
	}
	return all
}

func (k *known) unlearn(some []term) {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.whole)
	for _, t := range some {
		delete(k.seen, t.Term+"\x00"+t.Kind+string(rune('0'+t.Weight)))
	}
}

// name is a term that a word of a document makes whole.
func name(said, kind string, put func(term)) {
	folded := search.Fold(said)
	if n := utf8.RuneCountInString(folded); n < 2 || n > longestTerm {
		return
	}
	t := term{Term: folded, Kind: kind, Said: strings.TrimSpace(said), Weight: aName}
	for _, r := range search.Runs(folded) {
		if r.Han {
			t.Sound += search.Pinyin(r.Text)
			t.Initials += search.Initials(r.Text)
		} else {
			t.Sound += r.Text
		}
	}
	if t.Sound != "" {
		put(t)
	}
}

// word is a term that a run of a title makes: an English word, or few characters.
func word(r search.Run, kind string, put func(term)) {
	n := utf8.RuneCountInString(r.Text)
	switch {
	case r.Han && n >= 2 && n <= 6:
		put(term{r.Text, kind, search.Pinyin(r.Text), search.Initials(r.Text), r.Text, aWord})
	case !r.Han && n >= 3 && n <= longestTerm && r.Text[0] > '9':
		put(term{r.Text, kind, r.Text, "", r.Text, aWord})
	}
}

// mostBetter is how many corrections are tried.
const mostBetter = 4

// better gives known terms for a word or a stretch of Chinese that is typed
// wrong: at most two letters away, one for a short word. Chinese is compared by
// its sound, for that is how it is typed.
func (e *Engine) better(ctx context.Context, p search.Part) ([]term, error) {
	sound := p.Text
	if p.Han {
		if sound = search.Pinyin(p.Text); utf8.RuneCountInString(p.Text) < 2 {
			return nil, nil
		}
	}
	n := len(sound)
	if n < 3 || n > longestTerm*2 || strings.ContainsAny(sound, " ") {
		return nil, nil
	}
	away := 2
	if n < 5 || p.Han {
		away = 1
	}
	var all []term
	err := e.db.ViewShared(ctx, func(tx *storage.Tx) error {
		all = nil
		q := func(where string) string {
			return `SELECT term, kind, sound, initials, said, weight FROM search_terms
			WHERE ` + where + ` AND length(sound) BETWEEN $2::integer - $3::integer AND $2::integer + $3::integer AND levenshtein_less_equal(sound, $1, $3) <= $3
			ORDER BY levenshtein_less_equal(sound, $1, $3), weight DESC, abs(length(sound) - $2::integer), term LIMIT 4`
		}
		if err := tx.Select(&all, q("sound % $1"), sound, n, away); err != nil || len(all) > 0 {
			return err
		}
		// Two letters changed places near the beginning: few trigrams are left.
		if err := tx.Select(&all, q("sound LIKE left($1, 1) || '%'"), sound, n, away); err != nil || len(all) > 0 || away > 1 {
			return err
		}
		return tx.Select(&all, `SELECT term, kind, sound, initials, said, weight FROM search_terms WHERE sound = ANY($1) ORDER BY weight DESC, term LIMIT 4`,
			pq.Array(swapped(sound)))
	})
	return all, err
}

// swapped gives a short word with each two neighbours in the other order: that is one
// slip of the fingers, and two letters away.
func swapped(word string) []string {
	all := make([]string, 0, len(word))
	for i := 1; i < len(word); i++ {
		if word[i-1] < utf8.RuneSelf && word[i] < utf8.RuneSelf {
			all = append(all, word[:i-1]+word[i:i+1]+word[i-1:i]+word[i+1:])
		}
	}
	return all
}

// begins gives known terms that begin with what is typed of a last word.
func (e *Engine) begins(ctx context.Context, text string, n int) ([]term, error) {
	like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
	var all []term
	err := e.db.ViewShared(ctx, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, `SELECT term, kind, sound, initials, said, weight FROM (
				(SELECT *, 0 AS by FROM search_terms WHERE term LIKE $1 ORDER BY weight DESC, length(term), term LIMIT 60) UNION ALL
				(SELECT *, 1 FROM search_terms WHERE sound LIKE $1 AND term NOT LIKE $1 ORDER BY weight DESC, length(term), term LIMIT 60) UNION ALL
				(SELECT *, 2 FROM search_terms WHERE initials LIKE $1 AND length($1) > 2 AND term NOT LIKE $1 AND sound NOT LIKE $1 ORDER BY weight DESC, length(term), term LIMIT 60)) t
			ORDER BY by, weight DESC, length(term), term, kind LIMIT $2`, like, n)
	})
	return all, err
}
