package people

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Session is one device on which a person, or a guest, is known.
type Session struct {
	ID        id.ID     `db:"id"`
	Device    string    `db:"device"`
	Guest     bool      `db:"guest"`
	CreatedAt time.Time `db:"created_at"`
	SeenAt    time.Time `db:"seen_at"` // to the hour
	ExpiresAt time.Time `db:"expires_at"`
}

// SignIn opens a new session for a phone or e-mail and its password, and gives
// the token that goes into the cookie. A login that nobody has takes the same
// time and gets the same refusal: wrong_password.
func (d *Directory) SignIn(ctx context.Context, login, password, device string) (Person, string, error) {
	p, own, err := d.byLogin(ctx, login)
	if err != nil {
		return Person{}, "", err
	}
	right, err := d.matches(ctx, password, own.Hash)
	if err != nil {
		return Person{}, "", err
	}
	if !right {
		return Person{}, "", fault.Invalid("password", "wrong_password")
	}
	fresh, err := d.newDevice(ctx, p, device)
	if err != nil {
		return Person{}, "", err
	}
	session := id.New()
	if fresh {
		if err := d.announce(ctx, JobDevice, session.String(), News{Person: p.ID, Session: session, Device: device}); err != nil {
			return Person{}, "", err
		}
	}
	token, err := d.open(ctx, p.ID, session, false, device)
	return p, token, err
}

// Guest opens a session for somebody without an account. The guest's id owns
// what they buy and give.
func (d *Directory) Guest(ctx context.Context, device string) (Person, string, error) {
	p := Person{ID: id.New(), Guest: true}
	token, err := d.open(ctx, p.ID, id.New(), true, device)
	return p, token, err
}

// Resume says who stands behind a session's token, in one query. It refuses
// with sign_in_again what is no token, has ended, or belongs to an account
// that was closed. Once an hour it writes down that the session is in use.
func (d *Directory) Resume(ctx context.Context, token string) (Person, error) {
	p, _, err := d.resume(ctx, token)
	return p, err
}

func (d *Directory) resume(ctx context.Context, token string) (Person, id.ID, error) {
	user, session, secret, ok := parse(token)
	if !ok {
		return Person{}, id.None, fault.SignIn("sign_in_again")
	}
	now := d.db.Now()
	b, err := d.behindSession(ctx, user, session)
	if err != nil {
		return Person{}, id.None, err
	}
	if !b.holds(secret, now) {
		return Person{}, id.None, fault.SignIn("sign_in_again")
	}
	if now.Sub(b.SeenAt) >= seenEach {
		err = d.db.UpdateUser(ctx, user, func(tx *storage.Tx) error {
			tx.Keyed()
			tx.Queue(`UPDATE sessions SET seen_at = $3 WHERE user_id = $1 AND id = $2 AND seen_at < $3`, user, session, now)
			return nil
		})
	}
	return b.person(user), session, err
}

// Rotate ends the session behind a token and opens another for the same
// person on the same device: for the moment their rights change.
func (d *Directory) Rotate(ctx context.Context, token string) (string, error) {
	p, old, err := d.resume(ctx, token)
	if err != nil {
		return "", err
	}
	session, secret := id.New(), id.Secret(32)
	err = d.db.UpdateUser(ctx, p.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		// Two statements: gathered ones would not see each other's rows.
		if _, err := tx.Exec(`INSERT INTO sessions (user_id, id, secret_hash, guest, device, created_at, seen_at, expires_at)
SELECT user_id, $3::uuid, $4::bytea, guest, device, $5::timestamptz, $5::timestamptz, $6::timestamptz FROM sessions
WHERE user_id = $1 AND id = $2 ON CONFLICT (user_id, id) DO NOTHING`,
			p.ID, old, session, sum(secret), tx.Now, tx.Now.Add(lifetime)); err != nil {
			return err
		}
		endSession(tx, p.ID, old)
		return nil
	})
	return join(p.ID, session, secret), err
}

// SignOut ends the session behind a token. A token that opens nothing any more
// is signed out already.
func (d *Directory) SignOut(ctx context.Context, token string) error {
	p, session, err := d.resume(ctx, token)
	if fault.Has(err, "sign_in_again") {
		return nil
	}
	if err != nil {
		return err
	}
	return d.Revoke(ctx, p, session)
}

// Sessions gives a person's open sessions, the newest first.
func (d *Directory) Sessions(ctx context.Context, person Person) ([]Session, error) {
	var open []Session
	err := d.db.ViewUser(ctx, person.ID, func(tx *storage.Tx) error {
		open = nil
		return tx.Select(&open, `SELECT id, device, guest, created_at, seen_at, expires_at FROM sessions
WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id DESC`, person.ID, tx.Now)
	})
	return open, err
}

// Revoke ends one of a person's sessions. Twice is once; a session that is not
// theirs is not found.
func (d *Directory) Revoke(ctx context.Context, person Person, session id.ID) error {
	return d.db.UpdateUser(ctx, person.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		endSession(tx, person.ID, session)
		return nil
	})
}

// SessionOf is the id of the session that a token names, to mark it in a list.
// It proves nothing: only Resume does.
func SessionOf(token string) id.ID {
	_, session, _, _ := parse(token)
	return session
}

func (d *Directory) open(ctx context.Context, user, session id.ID, guest bool, device string) (string, error) {
	if r := []rune(device); len(r) > 200 {
		device = string(r[:200])
	}
	secret := id.Secret(32)
	err := d.db.UpdateUser(ctx, user, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`INSERT INTO sessions (user_id, id, secret_hash, guest, device, created_at, seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (user_id, id) DO NOTHING`,
			user, session, sum(secret), guest, device, tx.Now, tx.Now.Add(lifetime))
		return nil
	})
	return join(user, session, secret), err
}

func endSession(tx *storage.Tx, user, session id.ID) {
	tx.Expect(1, fault.NotFound("session_unknown"),
		`UPDATE sessions SET revoked_at = COALESCE(revoked_at, $3) WHERE user_id = $1 AND id = $2`, user, session, tx.Now)
}

// A token is user.row.secret: the first two find the row in one person's
// tables, the third is kept nowhere but with its bearer.
func join(user, row id.ID, secret string) string {
	return user.String() + "." + row.String() + "." + secret
}

func parse(token string) (user, row id.ID, secret string, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[2] == "" || len(parts[2]) > 100 {
		return id.None, id.None, "", false
	}
	user, first := id.Parse(parts[0])
	row, second := id.Parse(parts[1])
	return user, row, parts[2], first && second
}

func sum(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

func same(hash []byte, secret string) bool {
	return subtle.ConstantTimeCompare(hash, sum(secret)) == 1
}
