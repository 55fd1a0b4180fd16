package shelf_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/lib/pq"

	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/catalogtest"
	"commonfield/catalog/shelf"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// told walks over all lists of a sort and fails on what is told twice.
func told(t *testing.T, s *shelf.Shelf, of shelf.Public) (all map[id.ID]shelf.Address, lists int) {
	t.Helper()
	starts, err := s.Lists(t.Context(), of)
	must(t, err)
	all = map[id.ID]shelf.Address{}
	for _, list := range starts {
		rows, err := s.List(t.Context(), of, list)
		must(t, err)
		if len(rows) > shelf.PerList || len(rows) == 0 {
			t.Errorf("a list of %d", len(rows))
		}
		for _, a := range rows {
			if _, twice := all[a.ID]; twice {
				t.Errorf("%s is told twice", a.ID)
			}
			all[a.ID] = a
		}
	}
	return all, len(starts)
}

func TestSearchEnginesAreToldOfEveryPublicPageOnceAndOfNoOther(t *testing.T) {
	db, market, _ := full(t)
	s := shelf.New(db, region.New(db))
	goods, lists := told(t, s, shelf.PublicGoods)
	if len(goods) != 5000 || lists != 6 { // 2,500 in each of two markets
		t.Errorf("%d goods in %d lists", len(goods), lists)
	}
	growers, _ := told(t, s, shelf.PublicGrowers)
	if len(growers) != 50 {
		t.Errorf("%d growers", len(growers))
	}
	other := dbtest.Market(t, db)
	draft := catalogtest.Listing(t, db, other, func(d *catalog.Draft) { d.State = catalog.Drafted })
	live := catalogtest.Listing(t, db, other)
	paused := catalogtest.Listing(t, db, other)
	must(t, catalog.New(db).Pause(t.Context(), other, paused.ID, by))
	must(t, producer.New(db).Suspend(t.Context(), market, firstOf(t, db, market), catalogtest.By, "test"))
	goods, _ = told(t, s, shelf.PublicGoods)
	growers, _ = told(t, s, shelf.PublicGrowers)
	if len(goods) != 5000-100+1 || goods[live.ID].ID == id.None || goods[draft.ID].ID != id.None || goods[paused.ID].ID != id.None {
		t.Errorf("%d goods: %+v", len(goods), goods[live.ID])
	}
	if len(growers) != 50-1+3 {
		t.Errorf("%d growers", len(growers))
	}
	if a := growers[live.ProducerID]; a.ChangedAt.IsZero() {
		t.Errorf("%+v", a)
	}
}

// firstOf is the producer of the first hundred live listings of a market.
func firstOf(t *testing.T, db *storage.DB, market int32) (name id.ID) {
	t.Helper()
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Get(&name, "SELECT producer_id FROM listings WHERE market_id = $1 AND state = 'live' ORDER BY id LIMIT 1", market)
	}))
	return name
}

func TestAProducerWhoIsEditedHasChanged(t *testing.T) {
	db, _ := dbtest.Own(t)
	market := dbtest.Market(t, db)
	catalogtest.Load(t, db)
	p := catalogtest.Producer(t, db, market)
	s := shelf.New(db, region.New(db))
	find := func() shelf.Address {
		rows, err := s.List(t.Context(), shelf.PublicGrowers, shelf.List{Market: market, First: p.ID})
		must(t, err)
		return rows[0]
	}
	was := find()
	if was.ID != p.ID || !was.ChangedAt.Equal(p.CreatedAt) {
		t.Fatalf("%+v, made at %v", was, p.CreatedAt)
	}
	_, err := producer.New(db).Edit(t.Context(), market, p.ID, catalogtest.By, producer.Text{Name: "买买提", RegionCode: catalogtest.Yuli, Exemption: "自产自销农副产品"})
	must(t, err)
	if is := find(); !is.ChangedAt.After(was.ChangedAt) {
		t.Errorf("changed at %v, before at %v", is.ChangedAt, was.ChangedAt)
	}
}

// seen has every row of the tables marked as seen by everybody: until then an index says
// nothing without its rows. One VACUUM is not enough while the server's own ANALYZE, begun
// before the last row was written, still holds what it sees.
func seen(t *testing.T, conn *sql.Conn, tables ...string) {
	t.Helper()
	for left := 1; left > 0; {
		_, err := conn.ExecContext(t.Context(), "VACUUM "+strings.Join(tables, ", "))
		must(t, err)
		must(t, conn.QueryRowContext(t.Context(), "SELECT sum(relpages - relallvisible) FROM pg_class WHERE relname = ANY($1)", pq.Array(tables)).Scan(&left))
	}
}

func TestListsForSearchEnginesAreCutAlongAnIndex(t *testing.T) {
	_, market, conn := full(t)
	seen(t, conn, "listings", "producers")
	for name, c := range map[string]struct {
		query, step string
		args        []any
		most        int
	}{
		"where lists of goods begin":   {shelf.Cuts(shelf.PublicGoods), "Index Only Scan using listings_live ", []any{id.None, shelf.PerList}, 100},
		"a list of goods":              {shelf.ListOf(shelf.PublicGoods), "Index Scan using listings_live ", []any{market, "01900000-0000-7000-8000-000000000000", shelf.PerList}, 4 * shelf.PerList},
		"where lists of growers begin": {shelf.Cuts(shelf.PublicGrowers), "Index Only Scan using producers_active ", []any{id.None, shelf.PerList}, 100},
		"a list of growers":            {shelf.ListOf(shelf.PublicGrowers), "Index Scan using producers_active ", []any{market, id.None, shelf.PerList}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			steps, pages := plan(t, conn, c.query, c.args)
			if !strings.Contains(steps, c.step) {
				t.Errorf("does not say %s:\n%s", c.step, steps)
			}
			if pages > c.most {
				t.Errorf("%d pages touched, at most %d:\n%s", pages, c.most, steps)
			}
		})
	}
}
