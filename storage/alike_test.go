package storage_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// seen is a guard that keeps what is sent.
type seen struct {
	sync.Mutex

	all []string
}

func (s *seen) look(o *storage.Options) {
	o.Pool = 1
	o.Guard = func(query string, _, _ bool) error {
		s.Lock()
		defer s.Unlock()
		s.all = append(s.all, query)
		return nil
	}
}

// last is the write that was sent last.
func (s *seen) last() string {
	for _, v := range slices.Backward(s.all) {
		if strings.Contains(v, "INSERT") || strings.Contains(v, "UPDATE") {
			return v
		}
	}
	return ""
}

func TestAdditionsThatAreAlikeAreOneStatement(t *testing.T) {
	var s seen
	db, market := dbtest.Open(t, s.look)
	const chosen = `INSERT INTO trail (market_id, id, person_id, deed, subject, why, request_id, at)
		SELECT $1::int, u.id, u.id, 'alike (', $3::text, '', '', $4::timestamptz FROM unnest($2::uuid[]) AS u (id) -- to the end`
	const kept = "INSERT INTO limits (market_id, key, window_at, hits) VALUES ($1, $2, $3, $4) ON CONFLICT (market_id, key, window_at) DO NOTHING"
	for name, c := range map[string]struct {
		queue func(tx *storage.Tx)
		want  map[string]int // how often a text is in what is sent
	}{
		"values": {func(tx *storage.Tx) {
			for i := range 3 {
				tx.Queue(addHit, market, fmt.Sprintf("values %d", i), tx.Now, i)
			}
		}, map[string]int{"INSERT": 1, "($9, $10, $11, $12)": 1, "WITH": 0}},
		"values beside others": {func(tx *storage.Tx) {
			tx.Queue(addHit, market, "beside a", tx.Now, 1)
			tx.Queue(addLine, market, id.New(), "beside", tx.Now)
			tx.Queue(addHit, market, "beside b", tx.Now, 2)
		}, map[string]int{"INSERT INTO limits": 1, "INSERT": 2, "WITH": 1}},
		"a choice": {func(tx *storage.Tx) {
			for _, what := range []string{"choice a", "choice b"} {
				tx.Queue(chosen, market, "{"+id.New().String()+","+id.New().String()+"}", what, tx.Now)
			}
		}, map[string]int{"INSERT": 1, "UNION ALL": 1}},
		"with what follows": {func(tx *storage.Tx) {
			for range 2 {
				tx.Queue(kept, market, "the same", tx.Now, 5)
			}
		}, map[string]int{"INSERT": 1, "ON CONFLICT": 1, "($5, $6, $7, $8)": 1}},
		"counted ones stay apart": {func(tx *storage.Tx) {
			tx.Expect(1, nil, addHit, market, "counted a", tx.Now, 1)
			tx.Expect(1, nil, addHit, market, "counted b", tx.Now, 1)
		}, map[string]int{"INSERT": 2}},
		"changes stay apart": {func(tx *storage.Tx) {
			for _, key := range []string{"values 0", "values 1"} {
				tx.Queue("UPDATE limits SET hits = hits + 1 WHERE market_id = $1 AND key = $2", market, key)
			}
			tx.Queue(addHit, market, "values 3", tx.Now, 3)
		}, map[string]int{"UPDATE": 1, "INSERT": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := db.Update(t.Context(), market, func(tx *storage.Tx) error { c.queue(tx); return nil }); err != nil {
				t.Fatal(err)
			}
			for text, n := range c.want {
				if got := strings.Count(s.last(), text); got != n {
					t.Errorf("%q is there %d times, not %d:\n%s", text, got, n, s.last())
				}
			}
		})
	}
	if a, b := lines(t, db, market, "choice a"), lines(t, db, market, "choice b"); a != 2 || b != 2 {
		t.Errorf("%d and %d rows were chosen", a, b)
	}
	if got := []int{hits(t, db, market, "beside a"), hits(t, db, market, "beside b"), hits(t, db, market, "the same"), hits(t, db, market, "values 2")}; fmt.Sprint(got) != "[1 2 5 2]" {
		t.Errorf("%v", got)
	}
}
