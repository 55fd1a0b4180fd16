package pg_test

import (
	"testing"

	"commonfield/catalog/search"
	"commonfield/catalog/search/pg"
	"commonfield/catalog/search/searchtest"
	"commonfield/storage/dbtest"
)

func TestTheEngineKeepsWhatEveryEngineKeeps(t *testing.T) {
	searchtest.Run(t, func(t testing.TB) (search.Engine, []int32) {
		db, _ := dbtest.Own(t)
		markets := make([]int32, searchtest.Markets)
		for i := range markets {
			markets[i] = dbtest.Market(t, db)
		}
		return pg.Open(db), markets
	})
}
