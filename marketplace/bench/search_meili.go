package bench

import (
	"context"
	"fmt"
	"time"

	"commonfield/catalog/search/meili"
)

// longestBeside bounds the building of an index beside the database, which takes longer.
const longestBeside = 45 * time.Minute

// beside has the same documents found by a Meilisearch server, which is then
// what is measured; the limits stay the database's. Its index has a name of its
// own and is taken away at the end.
func (s *stage) beside(ctx context.Context, f *shelf) error {
	o := meili.Options{URL: s.MeiliURL, Key: s.MeiliKey, Prefix: fmt.Sprintf("commonfield_bench_%d", s.Documents), Patience: 30 * time.Second, Finish: longestBeside}
	opened, err := meili.Open(ctx, o)
	if err != nil {
		return err
	}
	e := opened.(*meili.Engine)
	f.engine, f.filled = e, effort{}
	if !s.Keep {
		f.away = func() {
			if err := e.Clear(context.WithoutCancel(ctx)); err != nil {
				s.Say("bench: the index stays on the server: " + err.Error())
			}
		}
	}
	h, err := e.Health(ctx)
	if err != nil || h.Documents == int64(s.Documents) {
		return err // kept by a run before
	}
	s.Say(fmt.Sprintf("bench: building the index of %d documents in Meilisearch %s", s.Documents, h.Version))
	limited, stop := context.WithTimeoutCause(ctx, longestBeside, broken("%s has not indexed %d documents within %s", h.Engine, s.Documents, longestBeside))
	defer stop()
	if f.filled, err = s.build(limited, f); err != nil {
		return orCause(limited, err)
	}
	return nil
}
