package people

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// The reads of this file go across markets, plain and without locks: roles are
// rows of the markets, and a door must know all of a person's at once.

const rolesOf = `ARRAY(SELECT market_id FROM roles WHERE person_id = $1 AND role = 'operator' ORDER BY market_id) AS operator,
ARRAY(SELECT market_id || ' ' || region_code FROM roles WHERE person_id = $1 AND role = 'clerk' ORDER BY market_id, region_code) AS clerk`

// held are the roles of one person as a query gives them.
type held struct {
	Operator pq.Int32Array  `db:"operator"`
	Clerk    pq.StringArray `db:"clerk"`
}

// give writes the roles into a person.
func (h held) give(p *Person) {
	p.Operator, p.Clerk = nil, nil
	if len(h.Operator) > 0 {
		p.Operator = h.Operator
	}
	for _, text := range h.Clerk {
		market, place, _ := strings.Cut(text, " ")
		if n, err := strconv.ParseInt(market, 10, 32); err == nil {
			p.Clerk = append(p.Clerk, Station{Market: int32(n), Region: place})
		}
	}
}

// operated says whether anybody operates anything.
func operated(tx *storage.Tx) (bool, error) {
	var some []int32
	err := tx.Select(&some, `SELECT market_id FROM roles WHERE role = 'operator' LIMIT 1`)
	return len(some) > 0, err
}

// behind is what one query says of a session or a token.
type behind struct {
	SecretHash []byte     `db:"secret_hash"`
	Guest      bool       `db:"guest"`
	Scopes     string     `db:"scopes"`
	SeenAt     time.Time  `db:"seen_at"`
	Known      bool       `db:"known"` // has an account, and it is open
	Live       bool       `db:"live"`  // not revoked
	ExpiresAt  *time.Time `db:"expires_at"`
	Name       string     `db:"name"`
	Phone      string     `db:"phone"`
	Email      string     `db:"email"`
	Language   string     `db:"language"`
	held
}

func (b behind) holds(secret string, now time.Time) bool {
	right := same(b.SecretHash, secret)
	return right && b.Live && (b.ExpiresAt == nil || now.Before(*b.ExpiresAt)) && (b.Known || b.Guest)
}

func (b behind) person(who id.ID) Person {
	p := Person{ID: who, Name: b.Name, Phone: b.Phone, Email: b.Email, Language: b.Language, Guest: b.Guest}
	b.give(&p)
	return p
}

const account = `(p.id IS NOT NULL AND p.closed_at IS NULL) AS known,
COALESCE(p.name, '') AS name, COALESCE(p.phone, '') AS phone, COALESCE(p.email, '') AS email, COALESCE(p.language, '') AS language, ` + rolesOf

func (d *Directory) behindSession(ctx context.Context, user, session id.ID) (behind, error) {
	return d.behind(ctx, `SELECT s.secret_hash, s.guest, s.seen_at, s.expires_at, s.revoked_at IS NULL AS live, `+account+`
FROM sessions s LEFT JOIN people p ON p.id = s.user_id WHERE s.user_id = $1 AND s.id = $2`, user, session)
}

func (d *Directory) behindToken(ctx context.Context, user, token id.ID) (behind, error) {
	return d.behind(ctx, `SELECT s.secret_hash, s.scopes, s.expires_at, s.revoked_at IS NULL AS live, `+account+`
FROM api_tokens s LEFT JOIN people p ON p.id = s.user_id WHERE s.user_id = $1 AND s.id = $2`, user, token)
}

// behind gives what was found, and nothing that holds when nothing was.
func (d *Directory) behind(ctx context.Context, query string, user, row id.ID) (behind, error) {
	var b behind
	err := d.db.ViewUser(ctx, user, func(tx *storage.Tx) error { return tx.Get(&b, query, user, row) })
	if errors.Is(err, storage.ErrNone) {
		return behind{}, nil
	}
	return b, err
}

// standing is what the doors must know of an account beside its shared row.
type standing struct {
	Hash string `db:"hash"` // of the password; empty: none was set yet
	held
}

func (d *Directory) standing(ctx context.Context, who id.ID) (standing, error) {
	var s standing
	err := d.db.ViewUser(ctx, who, func(tx *storage.Tx) error {
		return tx.Get(&s, `SELECT COALESCE((SELECT password_hash FROM credentials WHERE user_id = $1), '') AS hash, `+rolesOf, who)
	})
	return s, err
}

// lapsed names some of those who have sessions that ran out before a moment.
func (d *Directory) lapsed(ctx context.Context, before time.Time) ([]id.ID, error) {
	var users []id.ID
	err := d.db.ViewShared(ctx, func(tx *storage.Tx) error {
		users = nil
		return tx.Select(&users, `SELECT DISTINCT user_id FROM sessions WHERE expires_at < $1 LIMIT 500`, before)
	})
	return users, err
}

// rolesAnywhere gives the roles of one person in every market.
func rolesAnywhere(tx *storage.Tx, person id.ID) ([]Role, error) {
	var all []Role
	err := tx.Select(&all, `SELECT market_id, person_id, '' AS name, role, region_code, granted_by, granted_at FROM roles
WHERE person_id = $1 ORDER BY market_id, role DESC, region_code`, person)
	return all, err
}
