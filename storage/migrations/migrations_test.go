package migrations_test

import (
	"database/sql"
	"strings"
	"sync"
	"testing"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/migrations"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func do(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// empty makes a database without a schema, owned by owner if that is not empty.
func empty(t *testing.T, owner string) string {
	t.Helper()
	admin := open(t, dbtest.Address(t))
	name := "commonfield_empty_" + strings.ToLower(id.Secret(8))
	q := "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
	if owner != "" {
		q += " OWNER " + pq.QuoteIdentifier(owner)
	}
	do(t, admin, q)
	t.Cleanup(func() { do(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	return dbtest.At(dbtest.Address(t), name)
}

// login makes a login that is not superuser; rights are like CREATEROLE.
func login(t *testing.T, rights string) string {
	t.Helper()
	admin := open(t, dbtest.Address(t))
	name := "Cf test " + strings.ToLower(id.Secret(6)) // a name that must be quoted
	q := pq.QuoteIdentifier(name)
	do(t, admin, "CREATE ROLE "+q+" LOGIN PASSWORD 'secret' "+rights)
	t.Cleanup(func() { do(t, admin, "DROP ROLE "+q) })
	return name
}

func TestRunningTwiceIsRunningOnce(t *testing.T) {
	address := empty(t, "")
	have, want, err := migrations.Pending(t.Context(), address)
	if err != nil || have != 0 || want == 0 {
		t.Fatalf("an empty database has %d of %d: %v", have, want, err)
	}
	for range 2 {
		got, err := migrations.Run(t.Context(), address)
		if err != nil || got != want {
			t.Fatalf("version %d, want %d: %v", got, want, err)
		}
	}
	if have, _, err = migrations.Pending(t.Context(), address); err != nil || have != want {
		t.Fatalf("%d of %d: %v", have, want, err)
	}
}

func TestInstancesThatStartAtOnceApplyOnce(t *testing.T) {
	address := empty(t, "")
	versions := make([]int64, 3)
	var wg sync.WaitGroup
	for i := range versions {
		wg.Go(func() {
			v, err := migrations.Run(t.Context(), address)
			if err != nil {
				t.Error(err)
			}
			versions[i] = v
		})
	}
	wg.Wait()
	var rows, steps int64
	if err := open(t, address).QueryRow("SELECT count(*), count(DISTINCT version_id) FROM goose_db_version").Scan(&rows, &steps); err != nil {
		t.Fatal(err)
	}
	if rows != steps || versions[0] == 0 || versions[0] != versions[1] || versions[1] != versions[2] {
		t.Fatalf("%d rows for %d steps; versions %v", rows, steps, versions)
	}
}

func TestALoginThatOwnsTheDatabaseAndMakesRolesIsEnough(t *testing.T) {
	name := login(t, "CREATEROLE")
	grantSince16(t, name)
	address := dbtest.Login(empty(t, name), name, "secret")
	if _, err := migrations.Run(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	works(t, address)
}

func TestALoginThatWasGivenTheRoleIsEnough(t *testing.T) {
	name := login(t, "")
	address := dbtest.Login(empty(t, name), name, "secret")
	_, err := migrations.Run(t.Context(), address)
	advice := "GRANT commonfield_app TO " + pq.QuoteIdentifier(name)
	if err == nil || !strings.HasSuffix(err.Error(), advice) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("refusal: %v", err)
	}
	do(t, open(t, dbtest.Address(t)), advice) // what the line says
	if _, err := migrations.Run(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	works(t, address)
}

func TestALoginThatLacksARightIsToldBeforeAnythingIsChanged(t *testing.T) {
	plain, maker := login(t, ""), login(t, "CREATEROLE")
	notOwned := empty(t, "")
	for name, c := range map[string]struct{ database, role, want string }{
		plain: {notOwned, "commonfield_app", "OWNER TO " + pq.QuoteIdentifier(plain)},
		maker: {notOwned, "commonfield_app", "may not make tables"},
	} {
		err := migrations.May(t.Context(), open(t, dbtest.Login(c.database, name, "secret")), c.role)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := migrations.Run(t.Context(), dbtest.Login(c.database, name, "secret")); err == nil {
			t.Errorf("%s ran", name)
		}
	}
	var tables int
	if err := open(t, notOwned).QueryRow("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables != 0 {
		t.Fatalf("%d tables: %v", tables, err)
	}
}

func TestOnAServerWithoutTheRoleALoginThatMayNotMakeItIsTold(t *testing.T) {
	name := login(t, "")
	db := open(t, dbtest.Login(empty(t, name), name, "secret"))
	err := migrations.May(t.Context(), db, "commonfield_none")
	if err == nil || !strings.Contains(err.Error(), "CREATE ROLE commonfield_none NOLOGIN; GRANT commonfield_none TO "+pq.QuoteIdentifier(name)) {
		t.Fatalf("%v", err)
	}
	maker := login(t, "CREATEROLE")
	if err := migrations.May(t.Context(), open(t, dbtest.Login(empty(t, maker), maker, "secret")), "commonfield_none"); err != nil {
		t.Fatalf("who may make roles is refused: %v", err)
	}
}

// grantSince16 does what CREATEROLE alone allowed before PostgreSQL 16.
func grantSince16(t *testing.T, name string) {
	t.Helper()
	admin := open(t, dbtest.Address(t))
	var version int
	if err := admin.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if version >= 16_00_00 {
		do(t, admin, "GRANT commonfield_app TO "+pq.QuoteIdentifier(name))
	}
}

// works opens the database as the program does, and writes.
func works(t *testing.T, address string) {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{URL: address, Pool: 1, Guard: dbtest.Guard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.Update(t.Context(), 1, func(tx *storage.Tx) error {
		_, err := tx.Exec("INSERT INTO limits (market_id, key, window_at, hits) VALUES (1, 'k', $1, 1)", tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := migrations.Lint(t.Context(), address)
	if err != nil || len(found) != 0 {
		t.Fatalf("%v %v", found, err)
	}
	var step int64
	serving := open(t, address+"&options=-c%20role%3D"+storage.AppRole)
	if err := serving.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&step); err != nil || step == 0 {
		t.Fatalf("whoever serves cannot read how far the schema is: %d %v", step, err)
	}
}

func TestTheLayoutInTheFilesIsTheLayoutInTheDatabase(t *testing.T) {
	_, address := dbtest.Own(t)
	rows, err := open(t, address).Query("SELECT table_name, owner, placement, COALESCE(dist_column, '') FROM storage_layout")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	there := map[migrations.Table]bool{}
	for rows.Next() {
		var l migrations.Table
		if err := rows.Scan(&l.Name, &l.Owner, &l.Placement, &l.Column); err != nil {
			t.Fatal(err)
		}
		there[l] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, l := range migrations.Layout() {
		if !there[l] {
			t.Errorf("%+v is not in the database", l)
		}
		delete(there, l)
	}
	for l := range there {
		t.Errorf("%+v was not read from the files", l)
	}
}
