// Package people holds who somebody is: accounts, passwords, sessions, tokens
// for programs, the roles of operator and clerk, and the code with which the
// first operator comes in.
//
// It promises that a password is stored only as its Argon2id hash, a session or
// token only as the SHA-256 of its secret, and that reading who stands behind a
// session costs one query. What a person may do with a role is decided by the
// rooms above; how often somebody may try a password is limited
// by the doors.
package people

import (
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Person is somebody at the door: an account, a guest who has none, or the
// program itself.
type Person struct {
	ID       id.ID     `db:"id"`
	Name     string    `db:"name"` // empty for guests and closed accounts
	Phone    string    `db:"phone"`
	Email    string    `db:"email"`
	Language string    `db:"language"`
	Guest    bool      `db:"-"`
	Operator []int32   `db:"-"` // markets; known, as the stations are, when the person came by a session, a token or a login
	Clerk    []Station `db:"-"`
	ReadOnly bool      `db:"-"` // came by a token that may only read
}

// System is the program acting by itself: jobs, timers, commands of the
// terminal. It has no account and nobody can sign in as it.
var System = Person{ID: uuid.MustParse("00000000-0000-0000-0000-000000000001"), Name: "system", Operator: []int32{storage.Platform}}

// Station is where a clerk works: a region of a market, with all that lies in it.
type Station struct {
	Market int32
	Region string
}

// Covers says whether a place lies in the station's region. The code of a
// division begins with that of the one above it.
func (s Station) Covers(market int32, place string) bool {
	return s.Market == market && s.Region != "" && strings.HasPrefix(place, s.Region)
}

// IsOperator says whether the person operates this market; an operator of the
// platform operates all.
func (p Person) IsOperator(market int32) bool {
	return slices.Contains(p.Operator, market) || slices.Contains(p.Operator, storage.Platform)
}

// IsClerk says whether the person is a clerk for a place of a market. Unlike an
// operator, a clerk is one nowhere else.
func (p Person) IsClerk(market int32, place string) bool {
	return slices.ContainsFunc(p.Clerk, func(s Station) bool { return s.Covers(market, place) })
}

// Stations gives the regions of a market in which the person is a clerk.
func (p Person) Stations(market int32) []string {
	var in []string
	for _, s := range p.Clerk {
		if s.Market == market {
			in = append(in, s.Region)
		}
	}
	return in
}

// Directory knows the people. It is safe for use by many goroutines.
type Directory struct {
	// Cost is what one password hash costs: 19 MiB, two rounds, one lane, as
	// OWASP advises. Tests set LightCost before the first use.
	Cost *argon2id.Params

	db   *storage.DB
	gate chan struct{} // lets two hashes run at a time: each takes its memory
}

// LightCost makes passwords cheap to hash, for tests only.
var LightCost = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// New makes the directory on a database.
func New(db *storage.DB) *Directory {
	return &Directory{
		Cost: &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32},
		db:   db,
		gate: make(chan struct{}, 2),
	}
}

// How long a session lives, and how often it is written down that it is used.
const (
	lifetime = 30 * 24 * time.Hour
	seenEach = time.Hour
)
