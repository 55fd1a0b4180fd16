package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
)

// Checks compare what is found with what should be found.
func (d *Desk) Checks() []audit.Check {
	return []audit.Check{{Name: "search finds what should be found, as it is", Run: func(tx *storage.Tx) (int64, []audit.Values, error) {
		if n, err := jobs.WaitingIn(tx, jobs.IndexKind); err != nil || n > 0 {
			if err == nil {
				err = audit.Skip(fmt.Sprintf("%d changes wait to be found", n))
			}
			return 0, nil, err
		}
		n, wrong, err := d.Compare(tx.Context(), tx.Market)
		if fault.Has(err, "search_down") {
			err = audit.Skip("the engine cannot be reached")
		}
		return n, wrong, err
	}}}
}

// Compare holds the engine's documents of a market against the rows and gives the
// values of a sentence for each that differs. Both are read while work goes on: what
// differs is looked at once more, and counts if it differs the same way and no
// change waits.
func (d *Desk) Compare(ctx context.Context, market int32) (int64, []audit.Values, error) {
	n, wrong, err := d.compare(ctx, market)
	if err != nil || len(wrong) == 0 {
		return n, sentences(wrong), err
	}
	again, wrongAgain, err := d.compare(ctx, market)
	if err != nil {
		return again, nil, err
	}
	waiting := int64(0)
	err = d.db.View(ctx, market, func(tx *storage.Tx) (err error) { waiting, err = jobs.WaitingIn(tx, jobs.IndexKind); return err })
	if err == nil && waiting > 0 {
		err = audit.Skip(fmt.Sprintf("%d changes wait to be found", waiting))
	}
	for k, said := range wrongAgain {
		if wrong[k] != said {
			delete(wrongAgain, k)
		}
	}
	return again, sentences(wrongAgain), err
}

func (d *Desk) compare(ctx context.Context, market int32) (int64, map[Key]differing, error) {
	should := map[Key]int64{}
	for _, s := range d.sources {
		err := s.Walk(ctx, market, piece, func(docs []Document) error {
			for _, doc := range docs {
				should[doc.Key] = doc.Version
			}
			return nil
		})
		if err != nil {
			return 0, nil, err
		}
	}
	n := int64(len(should))
	wrong := map[Key]differing{}
	err := d.engine.Each(ctx, market, func(k Key, version int64) error {
		want, there := should[k]
		switch {
		case !there:
			wrong[k] = differing{say: "found_wrongly"}
		case want != version:
			wrong[k] = differing{"found_old", version, want}
		}
		delete(should, k)
		return nil
	})
	for k := range should {
		wrong[k] = differing{say: "not_found"}
	}
	return n, wrong, err
}

// differing is how a document is not what its row is, and the versions of both.
type differing struct {
	say           string
	found, should int64
}

func sentences(wrong map[Key]differing) []audit.Values {
	var all []audit.Values
	for k, d := range wrong {
		all = append(all, audit.Values{"say": d.say, "found": d.found, "should": d.should, "key": k.Kind + " " + k.ID.String()})
	}
	slices.SortFunc(all, func(a, b audit.Values) int { return cmp.Compare(a.String(), b.String()) })
	return all
}
