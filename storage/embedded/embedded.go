// Package embedded gives any command a private PostgreSQL: it joins the one that
// runs for a data folder, or starts it.
//
// It promises that every command of this machine may use one data folder at the
// same time, that whoever comes first starts the server and whoever goes last
// lets it stop, that kill −9 of any part (a command, the helper, PostgreSQL)
// leaves a folder the next Open works with, and that no folder with data in it
// is ever deleted, emptied or opened by another major version.
//
// PostgreSQL refuses to run as root and must outlive the command that started
// it, so it has a keeper: the running program started once more as an
// unprivileged process of its own session (see Helper). The keeper owns the
// server; commands only hold a shared lock on a file while they need it.
//
// The layout of a data folder: commonfield.txt marks it as ours; postgres/
// holds what belongs to this package (the cluster in pg, the password, the
// locks, the socket, the log). Where the database's user cannot enter the
// folder, data-lies-in.txt names the folder that is used instead.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say which data folder, and where PostgreSQL may come from.
type Options struct {
	// Data is the folder, e.g. ./data. It is made when it does not exist.
	Data string
	// PGBin is a folder with postgres, initdb and pg_ctl; empty means: the pinned
	// version from the cache folder or the network, else the system's.
	PGBin string
	// User owns a new cluster when the command runs as root; empty means nobody.
	// An existing cluster is served as its owner.
	User string
	// CacheDir keeps the binaries; empty means commonfield in the user's cache folder.
	CacheDir string
	// Mirror is the address the binaries are fetched from (a Maven repository);
	// empty means COMMONFIELD_PG_MIRROR, or Maven Central.
	Mirror string
	// Beside names what else the program keeps in Data. A folder with anything
	// else in it, and without our mark, is refused.
	Beside []string
	// Say receives progress as lines for a person; nil means silence.
	Say func(string)
	// Unsafe makes the server forget durability. For tests only: a command that
	// does not ask for it refuses to join a server that runs like this.
	Unsafe bool
	// Linger is how long the server stays after its last user went.
	Linger time.Duration
}

// Server is a hold on a running PostgreSQL.
type Server struct {
	options  Options
	place    place
	users    *os.File
	url      string
	version  string
	cancel   context.CancelFunc
	watching chan struct{}
	closing  sync.Once
}

// Open joins the PostgreSQL of a data folder, or starts it. It returns when the
// server accepts connections and the database exists. It may be called any
// number of times, by any number of processes at once; each Open wants its Close.
//
// It refuses with ErrOtherVersion, ErrNoPostgres, ErrNotOurFolder, ErrNoAccess or
// ErrDiskFull; the text of every error is one line that says what to do.
func Open(ctx context.Context, o Options) (*Server, error) {
	if o.Data == "" {
		return nil, refuse(nil, "no data folder is named: give one with --data, or set DATABASE_URL")
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.User == "" {
		o.User = "nobody"
	}
	where, err := find(ctx, o)
	if err != nil {
		return nil, err
	}
	users, err := enter(ctx, where)
	if err != nil {
		return nil, err
	}
	now, err := ensure(ctx, where, o)
	if err == nil && now.unsafe && !o.Unsafe {
		err = refuse(nil, "the PostgreSQL that runs for %s was started for tests and forgets writes when the machine stops: end its users first", where.base)
	}
	if err != nil {
		_ = users.Close()
		return nil, err
	}
	s := &Server{options: o, place: where, users: users, url: now.url, version: now.version, watching: make(chan struct{})}
	background, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go s.watch(background)
	return s, nil
}

// URL is the address for lib/pq, as the login that owns the database. It holds
// the password and stays the same while the server is used, also when the
// server died and was started again.
func (s *Server) URL() string { return s.url }

// Folder is where the data really lies: Data, or the folder chosen instead.
func (s *Server) Folder() string { return s.place.base }

// Version is the server's own, e.g. 17.5.
func (s *Server) Version() string { return s.version }

// Close lets go. PostgreSQL stops by itself when nobody uses it any more (after
// Linger), which may be a moment after Close returned. Calling it twice is
// calling it once.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		s.cancel()
		<-s.watching
		if s.place.keeper() == 0 { // killed since: the server must not stay behind without one
			brief, done := context.WithTimeout(context.Background(), patience)
			defer done()
			_, err = ensure(brief, s.place, s.quiet())
		}
		touch(s.users.Name()) // Linger counts from here
		err = errors.Join(err, s.users.Close())
	})
	return err
}

// watch sees to it that the server has a keeper as long as it is used: a keeper
// that was killed is replaced, and the new one adopts the server or restarts it.
func (s *Server) watch(ctx context.Context) {
	defer close(s.watching)
	pause := time.Second
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if s.place.keeper() != 0 {
			pause = time.Second
			continue
		}
		if _, err := ensure(ctx, s.place, s.quiet()); err != nil && ctx.Err() == nil {
			s.options.Say(fmt.Sprintf("PostgreSQL for %s has no keeper and could not get one: %v", s.place.base, err))
			pause = min(2*pause, 15*time.Second)
		}
	}
}

func (s *Server) quiet() Options {
	o := s.options
	o.Say = func(string) {}
	return o
}

// enter takes a user's share of the folder. It waits while a keeper stops the server.
func enter(ctx context.Context, where place) (*os.File, error) {
	users, err := os.Open(where.file(usersFile))
	if err != nil {
		return nil, failed(err, "the data folder %s cannot be used", where.base)
	}
	if err := lock(ctx, users, shared); err != nil {
		_ = users.Close()
		return nil, failed(err, "the PostgreSQL of %s is stopping and did not end", where.base)
	}
	touch(users.Name())
	return users, nil
}

// touch marks the moment a user came or went. A failure only shortens Linger.
func touch(file string) {
	now := time.Now()
	_ = os.Chtimes(filepath.Clean(file), now, now)
}
