// Package migrations holds the schema, one file per step, and brings a
// database up to it. Several instances may start at once: one applies, the
// others wait on a session lock. A step says of each table who owns it and
// where it lies (declare_table), which the lint of this package checks.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strings"

	_ "github.com/lib/pq" // the driver "postgres"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed *.sql
var files embed.FS

//go:embed lint/storage_lint.sql
var lint string

// Run applies what is missing under the owner's login and gives the version
// reached. Calling it twice is calling it once. A login that lacks a right is
// told which, and how to get it, before anything is changed.
func Run(ctx context.Context, url string) (int64, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	if err := may(ctx, db, app); err != nil {
		return 0, err
	}
	p, err := provider(db)
	if err != nil {
		return 0, err
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return p.GetDBVersion(ctx)
}

// Pending says how many steps the database still lacks.
func Pending(ctx context.Context, url string) (have, want int64, err error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = db.Close() }()
	p, err := provider(db)
	if err != nil {
		return 0, 0, err
	}
	return p.GetVersions(ctx)
}

func provider(db *sql.DB) (*goose.Provider, error) {
	// Who waits looks every second, for five minutes.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300), lock.WithUnlockTimeout(1, 60))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
}

// Problem is one table that breaks a rule of the layout.
type Problem struct {
	Table string `json:"table"`
	Text  string `json:"problem"`
}

// Lint holds the schema against the rules that let it be distributed and keep
// money exact. No problem means good.
func Lint(ctx context.Context, url string) ([]Problem, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	return lintOn(ctx, db)
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func lintOn(ctx context.Context, db queryer) ([]Problem, error) {
	rows, err := db.QueryContext(ctx, lint)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []Problem
	for rows.Next() {
		var p Problem
		if err := rows.Scan(&p.Table, &p.Text); err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, rows.Err()
}

// Text is the whole schema, for those who must notice that it changed.
func Text() string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // an embedded folder can be read
	}
	var all strings.Builder
	for _, e := range entries {
		b, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		all.Write(b)
	}
	return all.String()
}
