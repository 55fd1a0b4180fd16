package people

import (
	"context"
	"strings"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

// codeLife is how long a setup code opens the door: long enough for a morning,
// too short for a log that is read next week.
const codeLife = 24 * time.Hour

// Unoperated says whether nobody operates anything yet: then, and only then, a
// setup code makes the first operator of the platform.
func (d *Directory) Unoperated(ctx context.Context) (bool, error) {
	var some bool
	err := d.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { some, err = operated(tx); return })
	return !some, err
}

// SetupCode makes a code for whoever sees the server's log or terminal. Only its
// hash is kept. It opens nothing once there is an operator (setup_over).
func (d *Directory) SetupCode(ctx context.Context) (string, error) {
	open, err := d.Unoperated(ctx)
	if err != nil {
		return "", err
	}
	if !open {
		return "", fault.Conflict("setup_over")
	}
	code, name := id.Secret(10), id.New()
	err = d.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed() // the row's own id
		tx.Queue(`INSERT INTO setup_codes (market_id, id, code_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (market_id, id) DO NOTHING`,
			tx.Market, name, sum(code), tx.Now, tx.Now.Add(codeLife))
		return nil
	})
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:], err
}

// plainCode takes off a code what people add when they copy it.
func plainCode(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, text)
}

type setupCode struct {
	ID      id.ID      `db:"id"`
	Hash    []byte     `db:"code_hash"`
	Expires time.Time  `db:"expires_at"`
	Used    *time.Time `db:"used_at"`
	UsedBy  *id.ID     `db:"used_by"`
}

// codes reads the codes, locked when a transaction means to use one, and gives
// the one that was typed. Which of them is wrong nobody learns: setup_code.
func codes(tx *storage.Tx, typed, lock string) (setupCode, error) {
	var all []setupCode
	if err := tx.Select(&all, `SELECT id, code_hash, expires_at, used_at, used_by FROM setup_codes WHERE market_id = $1 ORDER BY id`+lock, tx.Market); err != nil {
		return setupCode{}, err
	}
	plain := plainCode(typed)
	for _, c := range all {
		if same(c.Hash, plain) && tx.Now.Before(c.Expires) {
			return c, nil
		}
	}
	return setupCode{}, fault.Invalid("code", "setup_code")
}

// First makes the first operator of the platform: whoever holds a setup code
// gets an account and the role, and every code is over. The same form again
// gives the same person. It refuses a code that opens nothing (setup_code),
// what Register refuses, and anybody once there is an operator (setup_over).
func (d *Directory) First(ctx context.Context, typed string, n Newcomer) (Person, error) {
	// The code first: without it this door makes no account.
	err := d.db.View(ctx, storage.Platform, func(tx *storage.Tx) error { _, err := codes(tx, typed, ""); return err })
	if err != nil {
		if f, ok := fault.As(err); ok {
			_, wrong := n.check()
			return Person{}, fault.All(f, wrong)
		}
		return Person{}, err
	}
	p, err := d.Register(ctx, once.Key{}, n)
	if err != nil {
		return Person{}, err
	}
	err = d.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed() // the code's row says who used it
		c, err := codes(tx, typed, " FOR UPDATE")
		if err != nil {
			return err
		}
		if c.UsedBy != nil && *c.UsedBy == p.ID {
			return nil
		}
		some, err := operated(tx)
		if err != nil {
			return err
		}
		if some || c.Used != nil {
			return fault.Conflict("setup_over")
		}
		tx.Queue(`UPDATE setup_codes SET used_at = $2, used_by = CASE WHEN id = $3 THEN $4::uuid END WHERE market_id = $1`, tx.Market, tx.Now, c.ID, p.ID)
		tx.Queue(`INSERT INTO roles (market_id, person_id, role, granted_by, granted_at) VALUES ($1, $2, 'operator', $2, $3)`, tx.Market, p.ID, tx.Now)
		trail.Write(tx, p.ID, "setup.first", "person:"+p.ID.String(), "")
		return nil
	})
	p.Operator = []int32{storage.Platform}
	return p, err
}
