package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"

	"github.com/lib/pq"

	"commonfield/marketplace"
	"commonfield/storage"
	"commonfield/storage/embedded"
	"commonfield/storage/migrations"
)

// base is a database that answers: the one that DATABASE_URL names, or the
// private one of the data folder.
type base struct {
	url    string
	server *embedded.Server // nil when it is named
}

func (b *base) close() {
	if b.server != nil {
		_ = b.server.Close()
	}
}

// where says which database it is, without its password.
func (b *base) where() string {
	if b.server != nil {
		return "private PostgreSQL " + b.server.Version() + " in " + b.server.Folder()
	}
	if c, err := pq.NewConfig(b.url); err == nil {
		return c.Database + " on " + c.Host
	}
	return "DATABASE_URL"
}

// database joins or starts the database. Every command that needs it comes here.
func (p *program) database() (*base, error) {
	if p.DatabaseURL == "" {
		server, err := embedded.Open(p.ctx, embedded.Options{Data: p.Data, PGBin: p.PGBin, User: p.DBUser, Beside: beside, Say: p.say})
		if free, unknown := freeSpace(p.Data); err != nil && unknown == nil && free < 16<<20 {
			return nil, environment(err, "the disk of %s is full: make room and start again; nothing that was acknowledged is lost (%v)", p.Data, err)
		}
		if err != nil {
			return nil, err
		}
		return &base{url: server.URL(), server: server}, nil
	}
	if _, err := pq.NewConfig(p.DatabaseURL); err != nil {
		// The error would show the address, and the address holds the password.
		return nil, usage("DATABASE_URL is not understood: it looks like postgres://user:password@host:5432/name?sslmode=require")
	}
	b := &base{url: p.DatabaseURL}
	ctx, stop := context.WithTimeout(p.ctx, 10*time.Second)
	defer stop()
	if err := b.ping(ctx); err != nil {
		hint := ""
		if errors.Is(err, pq.ErrSSLNotSupported) {
			hint = "; add ?sslmode=disable to DATABASE_URL where the way to it is safe"
		}
		return nil, environment(err, "the database in DATABASE_URL does not answer: %v%s", err, hint)
	}
	return b, nil
}

func (b *base) ping(ctx context.Context) error {
	db, err := sql.Open("postgres", b.url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.PingContext(ctx)
}

// demoLock is the number under which the demonstration is made alone.
const demoLock = 631801

// alone waits until no other program holds the lock of this number in the
// database, and holds it until done is called or the program ends.
func (b *base) alone(ctx context.Context, number int64) (done func(), err error) {
	db, err := sql.Open("postgres", b.url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // the lock belongs to the connection, and goes with it
	if _, err := db.ExecContext(ctx, "SELECT pg_advisory_lock($1)", number); err != nil {
		_ = db.Close()
		return nil, err
	}
	return func() { _ = db.Close() }, nil
}

// schema brings the database to this version of the program. In production the
// login that serves may not do that, so a missing step is refused.
func (p *program) schema(b *base) error {
	have, want, err := migrations.Pending(p.ctx, b.url)
	switch {
	case storage.Code(err) == "42501":
		return environment(err, "the login in DATABASE_URL is not allowed in: run commonfield migrate with the owner's login, then GRANT commonfield_app TO this one")
	case err != nil:
		return err
	case have > want:
		return environment(nil, "the database is at step %d and this program knows %d: it was used by a newer version, start that one", have, want)
	case have == want:
		return nil
	case p.production():
		return environment(nil, "the database is at step %d and this program wants %d: run commonfield migrate with the owner's login first", have, want)
	}
	_, err = migrations.Run(p.ctx, b.url)
	return err
}

// market is the open program with the database under it.
type market struct {
	*marketplace.Marketplace
	base *base
}

func (m *market) close() {
	_ = m.Shut()
	m.base.close()
}

// open opens the database, brings it up to date and opens every room.
func (p *program) open() (*market, error) {
	b, err := p.database()
	if err != nil {
		return nil, err
	}
	m, err := p.openOn(b)
	if err != nil {
		b.close()
		return nil, err
	}
	return m, nil
}

// reopen is open for who looks at what is there, or changes it: in a folder with
// another name than was meant an audit of nothing would be well.
func (p *program) reopen() (*market, error) {
	if err := p.begun(); err != nil {
		return nil, err
	}
	return p.open()
}

// begun refuses a private database that nobody has begun yet.
func (p *program) begun() error {
	if p.DatabaseURL != "" || embedded.Begun(p.Data) {
		return nil
	}
	return environment(nil, "there is no data in %s: name its folder with --data, or begin with commonfield serve", p.Data)
}

func (p *program) openOn(b *base) (*market, error) {
	if err := p.schema(b); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.Data, 0o755); err != nil {
		return nil, environment(err, "the data folder %s cannot be made: %v", p.Data, err)
	}
	c := p.config(b)
	var err error
	if c.Letters, err = p.sender(); err != nil {
		return nil, err
	}
	if c.Texter, c.MostTexts, err = p.texter(); err != nil {
		return nil, err
	}
	if c.Stripe, err = p.stripe(); err != nil {
		return nil, err
	}
	m, err := marketplace.Open(p.ctx, c)
	if err != nil {
		return nil, err
	}
	return &market{m, b}, nil
}

func (p *program) config(b *base) marketplace.Config {
	return marketplace.Config{URL: b.url, Data: p.Data, Production: p.production(), MeiliURL: p.MeiliURL, MeiliKey: p.MeiliKey, Log: p.logger(), Home: p.address()}
}

// prepared is open with what every installation needs: regions, units, categories.
func (p *program) prepared() (*market, error) {
	m, err := p.open()
	if err != nil {
		return nil, err
	}
	if err := marketplace.Prepare(p.ctx, m.DB); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}
