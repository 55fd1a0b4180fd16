package people

import (
	"context"
	"database/sql"
	"strings"
	"time"
	"unicode/utf8"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// What a token for programs may do.
const (
	Read  = "read"
	Write = "write" // reads too
)

const tokenMark = "cf_" // so that a leaked token is recognised for what it is

// Token lets a program act as a person. Its secret is shown once, when it is made.
type Token struct {
	ID        id.ID        `db:"id"`
	Name      string       `db:"name"`
	Scopes    string       `db:"scopes"`
	CreatedAt time.Time    `db:"created_at"`
	ExpiresAt sql.NullTime `db:"expires_at"`
}

// MakeToken makes a token for a person's program and gives its secret, which
// nobody can read again. Each call makes another one.
func (d *Directory) MakeToken(ctx context.Context, person Person, name, scopes string) (Token, string, error) {
	var wrongName, wrongScopes error
	name = strings.TrimSpace(name)
	if length := utf8.RuneCountInString(name); length == 0 {
		wrongName = fault.Invalid("name", "required")
	} else if length > 80 {
		wrongName = fault.Invalid("name", "too_long", fault.Args{"most": 80})
	}
	if scopes != Read && scopes != Write {
		wrongScopes = fault.Invalid("scopes", "scope_unknown", fault.Args{"scope": scopes})
	}
	if err := fault.All(wrongName, wrongScopes); err != nil {
		return Token{}, "", err
	}
	t, secret := Token{ID: id.New(), Name: name, Scopes: scopes}, id.Secret(32)
	err := d.db.UpdateUser(ctx, person.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		t.CreatedAt = tx.Now
		tx.Queue(`INSERT INTO api_tokens (user_id, id, name, secret_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id, id) DO NOTHING`, person.ID, t.ID, t.Name, sum(secret), t.Scopes, tx.Now)
		return nil
	})
	return t, tokenMark + join(person.ID, t.ID, secret), err
}

// ByToken says who stands behind a program's token, in one query. It refuses
// with token_refused what is no token, was revoked, or belongs to an account
// that was closed.
func (d *Directory) ByToken(ctx context.Context, bearer string) (Person, error) {
	text, marked := strings.CutPrefix(bearer, tokenMark)
	user, token, secret, ok := parse(text)
	if !marked || !ok {
		return Person{}, fault.SignIn("token_refused")
	}
	b, err := d.behindToken(ctx, user, token)
	if err != nil {
		return Person{}, err
	}
	if !b.holds(secret, d.db.Now()) {
		return Person{}, fault.SignIn("token_refused")
	}
	p := b.person(user)
	p.ReadOnly = b.Scopes != Write
	return p, nil
}

// Tokens gives a person's tokens that are not revoked, the newest first.
func (d *Directory) Tokens(ctx context.Context, person Person) ([]Token, error) {
	var all []Token
	err := d.db.ViewUser(ctx, person.ID, func(tx *storage.Tx) error {
		all = nil
		return tx.Select(&all, `SELECT id, name, scopes, created_at, expires_at FROM api_tokens
WHERE user_id = $1 AND revoked_at IS NULL ORDER BY id DESC`, person.ID)
	})
	return all, err
}

// RevokeToken ends a token. Twice is once; one that is not theirs is not found.
func (d *Directory) RevokeToken(ctx context.Context, person Person, token id.ID) error {
	return d.db.UpdateUser(ctx, person.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Expect(1, fault.NotFound("token_unknown"),
			`UPDATE api_tokens SET revoked_at = COALESCE(revoked_at, $3) WHERE user_id = $1 AND id = $2`, person.ID, token, tx.Now)
		return nil
	})
}
