// Package id makes the names of rows: UUIDv7, made in Go before a row is
// written, so that a verb that runs twice names the same row.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// ID names one row. Its first bits are the millisecond it was made, so rows
// made later sort later and large tables can be cut by ranges of it.
type ID = uuid.UUID

// None is the id of nothing.
var None = uuid.Nil

// pool lets the random half of names wait in memory for its turn, sixteen of them for
// each question to the system: names are no secrets, those come from Secret.
var pool = sync.OnceFunc(uuid.EnableRandPool)

// New makes an id.
func New() ID {
	pool()
	return uuid.Must(uuid.NewV7())
}

// Parse reads an id as it stands in an address. It accepts nothing but the
// usual 36-character form.
func Parse(s string) (ID, bool) {
	if len(s) != 36 {
		return None, false
	}
	i, err := uuid.Parse(s)
	return i, err == nil
}

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Secret is n random bytes in letters that are hard to mistake (no I, L, O, U).
func Secret(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand crashes the program instead
	return crockford.EncodeToString(b)
}

// Short gives the part of an id that people read out: eight letters of its
// random half, unique enough inside one market's day and checked by its table.
func Short(i ID) string { return strings.ToUpper(crockford.EncodeToString(i[11:16])) }
