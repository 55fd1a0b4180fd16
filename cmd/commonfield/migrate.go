package main

import (
	"commonfield/marketplace"
	"commonfield/storage"
	"commonfield/storage/migrations"
)

// Migrate brings the database up to date.
type Migrate struct{}

// Help shows an example.
func (*Migrate) Help() string {
	return `Applies what is missing and loads regions, units and categories. Calling it twice is calling it once. It needs a login that owns the database, or may create tables in it; the login that serves in production should not.

Examples:
  commonfield migrate
  DATABASE_URL=postgres://owner@db/commonfield commonfield migrate`
}

// Run applies the steps that are missing.
func (*Migrate) Run(p *program) error {
	b, err := p.database()
	if err != nil {
		return err
	}
	defer b.close()
	have, want, err := migrations.Pending(p.ctx, b.url)
	if err != nil {
		return err
	}
	if have > want {
		return p.schema(b)
	}
	version, err := migrations.Run(p.ctx, b.url)
	if err != nil {
		return err
	}
	db, err := storage.Open(p.ctx, storage.Options{URL: b.url, Pool: 4})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := marketplace.Prepare(p.ctx, db); err != nil {
		return err
	}
	if have == version {
		p.printf("the database is at step %d; nothing was missing\n", version)
		return nil
	}
	p.printf("the database is at step %d; %d applied\n", version, version-have)
	return nil
}
