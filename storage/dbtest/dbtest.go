// Package dbtest gives each test a real PostgreSQL: one migrated database for
// all test programs, a fresh market for each test, and a guard that fails a
// statement which forgets its market or writes outside a transaction. A test
// that needs the platform's own jobs or a schema of its own asks for Own.
package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"

	"commonfield/storage"
	"commonfield/storage/embedded"
	"commonfield/storage/id"
	"commonfield/storage/migrations"
)

// Env names the database server that tests use instead of a private one: an
// address whose login may create databases.
const Env = "COMMONFIELD_TEST_DATABASE_URL"

// Main runs the tests of a package. Every TestMain calls it, because the
// private server is this same program, started again.
// What comes after looks at the exit code and gives the one that counts.
func Main(m *testing.M, after ...func(code int) int) {
	if handled, code := embedded.Helper(os.Args); handled {
		os.Exit(code)
	}
	code := m.Run()
	for _, look := range after {
		code = look(code)
	}
	if stop != nil {
		stop()
	}
	os.Exit(code)
}

var (
	begin  sync.Once
	server string // address of the server's maintenance database
	shared string // address of the migrated database
	failed error
	stop   func()
)

func ready(t testing.TB) {
	t.Helper()
	begin.Do(func() { failed = open() })
	if failed != nil {
		t.Fatalf("no database to test on: %v", failed)
	}
}

func open() error {
	server = os.Getenv(Env)
	if server == "" {
		bin := os.Getenv("COMMONFIELD_PG_BIN") // the system's PostgreSQL instead of the pinned one
		kind := sha256.Sum256([]byte(bin))
		dir := filepath.Join(os.TempDir(), fmt.Sprintf("commonfield-test-%d-%x", os.Getuid(), kind[:2]))
		s, err := embedded.Open(context.Background(), embedded.Options{Data: dir, PGBin: bin,
			Unsafe: true, Linger: 20 * time.Second, Say: func(line string) { fmt.Fprintln(os.Stderr, line) }})
		if err != nil {
			return err
		}
		stop = func() { _ = s.Close() }
		server = s.URL()
	}
	name := "commonfield_test_" + fingerprint()
	db, err := sql.Open("postgres", server)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ctx := context.Background()
	one, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = one.Close() }()
	// One test program makes the database, the others wait for it.
	if _, err := one.ExecContext(ctx, "SELECT pg_advisory_lock(6318)"); err != nil {
		return err
	}
	defer func() { _, _ = one.ExecContext(ctx, "SELECT pg_advisory_unlock(6318)") }()
	var there bool
	if err := one.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		return err
	}
	shared = At(server, name)
	if there {
		return nil
	}
	making := name + "_making"
	for _, q := range []string{"DROP DATABASE IF EXISTS " + making, "CREATE DATABASE " + making + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"} {
		if _, err := one.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	if _, err := migrations.Run(ctx, At(server, making)); err != nil {
		return err
	}
	if err := extras(ctx, At(server, making)); err != nil {
		return err
	}
	for _, q := range []string{"CREATE DATABASE " + name + "_template TEMPLATE " + making, "ALTER DATABASE " + making + " RENAME TO " + name} {
		if _, err := one.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// extras are what tests need beside the schema: numbers for fresh markets.
func extras(ctx context.Context, address string) error {
	db, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, "CREATE SCHEMA dbtest; CREATE SEQUENCE dbtest.market START 1000; GRANT USAGE ON SCHEMA dbtest TO commonfield_app; GRANT USAGE ON SEQUENCE dbtest.market TO commonfield_app")
	return err
}

func fingerprint() string {
	h := sha256.New()
	h.Write([]byte(migrations.Text()))
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// At is the address of another database on the same server.
func At(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	if !strings.Contains(u.RawQuery, "sslmode") {
		q := u.Query()
		q.Set("sslmode", "disable")
		u.RawQuery = q.Encode()
	}
	return u.String()
}

// Login is the address for another login.
func Login(address, login, password string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	u.User = url.UserPassword(login, password)
	return u.String()
}

// Open gives the shared database, guarded, and the number of a fresh market
// with the currency CNY and the time zone Asia/Shanghai.
func Open(t testing.TB, change ...func(*storage.Options)) (*storage.DB, int32) {
	t.Helper()
	ready(t)
	db := connect(t, shared, change)
	return db, Market(t, db)
}

// Own gives a migrated database that only this test uses, and its address.
func Own(t testing.TB, change ...func(*storage.Options)) (*storage.DB, string) {
	t.Helper()
	ready(t)
	admin, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	name := "commonfield_own_" + strings.ToLower(id.Secret(8))
	template := "commonfield_test_" + fingerprint() + "_template"
	if _, err := admin.Exec("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	address := At(server, name)
	return connect(t, address, change), address
}

func connect(t testing.TB, address string, change []func(*storage.Options)) *storage.DB {
	t.Helper()
	o := storage.Options{URL: address, Pool: 8, Guard: Guard}
	for _, c := range change {
		c(&o)
	}
	db, err := storage.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Address is the owner's address of the shared database.
func Address(t testing.TB) string { t.Helper(); ready(t); return shared }

// Market makes a fresh market.
func Market(t testing.TB, db *storage.DB) int32 {
	t.Helper()
	var m int32
	err := db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		if err := tx.Get(&m, "SELECT nextval('dbtest.market')::int"); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO markets (id, code, name, name_en, currency, time_zone, created_at) VALUES ($1, $2, $3, $4, 'CNY', 'Asia/Shanghai', $5)",
			m, code(m), fmt.Sprintf("测试集市 %d", m), fmt.Sprintf("Test market %d", m), tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// code writes a number in capital letters.
func code(n int32) string {
	s := ""
	for ; n > 0 || len(s) < 2; n /= 26 {
		s = string('A'+n%26) + s
	}
	return s
}

// Phone is a mobile number that no other test uses.
func Phone() string {
	b := [16]byte(id.New())
	var n uint64
	for _, c := range b[8:] {
		n = n<<8 | uint64(c)
	}
	return fmt.Sprintf("+86139%08d", n%100_000_000)
}
