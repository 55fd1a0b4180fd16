package people

import (
	"context"
	"strings"
	"time"
	"unicode"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// What happened to a person goes up as a job, for the rooms above to tell.
const (
	JobRole     = "people:role"     // a role was granted or withdrawn, in its market
	JobPassword = "people:password" // a password is about to change
	JobDevice   = "people:device"   // a sign-in on a device that was not there before
	JobClosed   = "people:closed"   // an account is about to be closed
)

// News is the body of these jobs.
type News struct {
	Person  id.ID     `json:"person"`
	Role    string    `json:"role,omitempty"`
	Granted bool      `json:"granted,omitempty"`
	Session id.ID     `json:"session,omitzero"`
	Device  string    `json:"device,omitempty"`
	At      time.Time `json:"at"`
}

// announce writes a person's news down, in the platform's jobs. It comes before
// the deed, which is written in the person's own rows: news without its deed is
// found to be none, a deed without its news would never be told.
func (d *Directory) announce(ctx context.Context, kind, key string, n News) error {
	return d.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed()
		n.At = tx.Now
		jobs.Add(tx, kind, key, n)
		return nil
	})
}

// Changed says whether the password was changed since a moment.
func (d *Directory) Changed(ctx context.Context, person id.ID, since time.Time) (bool, error) {
	var changed bool
	err := d.db.ViewUser(ctx, person, func(tx *storage.Tx) error {
		return tx.Get(&changed, `SELECT EXISTS (SELECT 1 FROM credentials WHERE user_id = $1 AND changed_at >= $2)`, person, since)
	})
	return changed, err
}

// newDevice says whether a person who was signed in somewhere before never was
// on a device like this one. Versions do not count: a browser that was brought
// up to date is the same device.
func (d *Directory) newDevice(ctx context.Context, person Person, device string) (bool, error) {
	var known []string
	err := d.db.ViewUser(ctx, person.ID, func(tx *storage.Tx) error {
		known = nil
		return tx.Select(&known, `SELECT DISTINCT device FROM sessions WHERE user_id = $1 AND NOT guest`, person.ID)
	})
	if err != nil || len(known) == 0 {
		return false, err
	}
	for _, k := range known {
		if unversioned(k) == unversioned(device) {
			return false, nil
		}
	}
	return true, nil
}

func unversioned(device string) string {
	if r := []rune(device); len(r) > 200 {
		device = string(r[:200])
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == '.' {
			return -1
		}
		return r
	}, device)
}

// Signed says whether a session was opened after all.
func (d *Directory) Signed(ctx context.Context, person, session id.ID) (bool, error) {
	var there bool
	err := d.db.ViewUser(ctx, person, func(tx *storage.Tx) error {
		return tx.Get(&there, `SELECT EXISTS (SELECT 1 FROM sessions WHERE user_id = $1 AND id = $2)`, person, session)
	})
	return there, err
}
