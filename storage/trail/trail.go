// Package trail writes down who saw and did what. Lines are only added: the
// program has no right to change or remove them. A line names rows by their
// ids and carries no personal data; it is written in the transaction of the
// deed, so that there is no deed without its line and no line without its deed.
package trail

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Line is one deed.
type Line struct {
	ID      id.ID     `db:"id"`
	By      id.ID     `db:"person_id"`
	Deed    string    `db:"deed"`
	Subject string    `db:"subject"`
	Why     string    `db:"why"`
	Request string    `db:"request_id"`
	At      time.Time `db:"at"`
}

type requestKey struct{}

// WithRequest puts the id of a request into ctx; lines written under it carry it.
func WithRequest(ctx context.Context, request string) context.Context {
	return context.WithValue(ctx, requestKey{}, request)
}

// Request gives the id of the request under ctx, or nothing.
func Request(ctx context.Context) string {
	s, _ := ctx.Value(requestKey{}).(string)
	return s
}

// Why tidies the reason that somebody gives of a deed. It refuses none (fault.Invalid
// required) and one of more than 200 letters (too_long).
func Why(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", fault.Invalid("why", "required")
	case utf8.RuneCountInString(text) > 200:
		return "", fault.Invalid("why", "too_long", fault.Args{"most": 200})
	}
	return text, nil
}

// Write adds a line in tx's market: by did deed (a verb of the trade, like
// "payout.approve") to subject ("payout_batch:<id>"), and why. It is gathered
// with the other writes.
func Write(tx *storage.Tx, by id.ID, deed, subject, why string) {
	tx.Queue("INSERT INTO trail (market_id, id, person_id, deed, subject, why, request_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		tx.Market, id.New(), by, deed, subject, why, Request(tx.Context()), tx.Now)
}

// last is after every id.
var last = id.ID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// About lists what happened to subject in tx's market, newest first, n lines
// before the line before (id.None: from the newest on).
func About(tx *storage.Tx, subject string, before id.ID, n int) ([]Line, error) {
	if before == id.None {
		before = last
	}
	var lines []Line
	err := tx.Select(&lines, `SELECT id, person_id, deed, subject, why, request_id, at FROM trail
		WHERE market_id = $1 AND subject = $2 AND id < $3 ORDER BY id DESC LIMIT $4`, tx.Market, subject, before, n)
	return lines, err
}

// Filter chooses lines of the trail; empty fields choose all.
type Filter struct {
	By      id.ID  // who did it
	Deed    string // its whole name, or its beginning up to a dot ("payout")
	Subject string
	Before  id.ID // the last one seen; newest first
	N       int
}

// List gives lines of tx's market, newest first.
func List(tx *storage.Tx, f Filter) ([]Line, error) {
	if f.Before == id.None {
		f.Before = last
	}
	var lines []Line
	err := tx.Select(&lines, `SELECT id, person_id, deed, subject, why, request_id, at FROM trail
		WHERE market_id = $1 AND id < $2 AND ($3::uuid = '00000000-0000-0000-0000-000000000000' OR person_id = $3::uuid)
		AND ($4 = '' OR deed = $4 OR starts_with(deed, $4 || '.')) AND ($5 = '' OR subject = $5) ORDER BY id DESC LIMIT $6`,
		tx.Market, f.Before, f.By, f.Deed, f.Subject, f.N)
	return lines, err
}
