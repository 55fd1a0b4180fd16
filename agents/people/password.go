package people

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// What a password may be: no shorter than eight letters, and no longer than
// anybody types, because hashing what is long costs us and not the sender.
const (
	shortestPassword = 8
	longestPassword  = 256
)

// hash makes the hash that is stored. It waits until fewer than two others run.
func (d *Directory) hash(ctx context.Context, password string) (string, error) {
	if err := d.enter(ctx); err != nil {
		return "", err
	}
	defer d.leave()
	return argon2id.CreateHash(password, d.Cost)
}

// matches compares a password with a stored hash. Without a hash it takes the
// same time and says no, so that nobody learns which logins exist.
func (d *Directory) matches(ctx context.Context, password, hash string) (bool, error) {
	if utf8.RuneCountInString(password) > longestPassword {
		password, hash = "", ""
	}
	if hash == "" {
		_, err := d.hash(ctx, password)
		return false, err
	}
	if err := d.enter(ctx); err != nil {
		return false, err
	}
	defer d.leave()
	return argon2id.ComparePasswordAndHash(password, hash)
}

func (d *Directory) enter(ctx context.Context) error {
	select {
	case d.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *Directory) leave() { <-d.gate }

// checkPassword refuses what is guessed first: short, common, one letter
// repeated, a run of the keyboard, the person's own name, phone or e-mail.
func checkPassword(password string, own ...string) error {
	if utf8.RuneCountInString(password) > longestPassword {
		return fault.Invalid("password", "too_long", fault.Args{"most": longestPassword})
	}
	p := strings.ToLower(password)
	weak := utf8.RuneCountInString(p) < shortestPassword || common[p] || strings.Trim(p, string([]rune(p)[:1])) == ""
	for _, run := range []string{"01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm"} {
		weak = weak || strings.Contains(run, p)
	}
	for _, o := range own {
		o = strings.ToLower(strings.TrimPrefix(o, "+86"))
		weak = weak || o != "" && (p == o || p == strings.SplitN(o, "@", 2)[0])
	}
	if weak {
		return fault.Invalid("password", "weak_password", fault.Args{"least": shortestPassword})
	}
	return nil
}

// common are the passwords of eight letters and more that lead the published
// lists, in China and elsewhere.
var common = func() map[string]bool {
	list := `password password1 password12 password123 password1! passw0rd p@ssw0rd p@ssword pa55word
		1234567890 12345678a 123456789a a12345678 a123456789 aa123456 aa12345678 abc12345 abc123456 abcd1234
		asd123456 asdf1234 asdfghjkl qwer1234 qwerty12 qwerty123 qwertyuiop q1w2e3r4 q1w2e3r4t5 1q2w3e4r 1q2w3e4r5t
		1qaz2wsx 1qazxsw2 qazwsxedc zaq12wsx zxcvbnm1 zxcvbnm123 woaini123 woaini520 woaini1314 5201314520 52013145201314
		woaini521 iloveyou iloveyou1 sunshine princess football baseball superman starwars trustno1 whatever
		letmein1 welcome1 welcome123 admin123 admin1234 administrator changeme computer internet master123
		michelle jennifer charlie1 corvette mercedes maverick dragon123 monkey123 shadow123 samsung1 google123
		11223344 1122334455 112233445566 12341234 12121212 11112222 12344321 87654321 88888888 66668888 147258369
		123123123 123321123 321321321 123456abc 123456qq qq123456 wang1234 zhang123 li123456 test1234 guest123 secret123
		commonfield gongtian`
	set := map[string]bool{}
	for p := range strings.FieldsSeq(list) {
		set[p] = true
	}
	return set
}()

// SetPassword changes a person's password and ends all sessions but the one
// whose token is given, if one is. A wrong old password is wrong_password on
// the field old.
func (d *Directory) SetPassword(ctx context.Context, person Person, old, password string, keep ...string) error {
	own, err := d.standing(ctx, person.ID)
	if err != nil {
		return err
	}
	switch right, err := d.matches(ctx, old, own.Hash); {
	case err != nil:
		return err
	case !right:
		return fault.Invalid("old", "wrong_password")
	}
	if err := checkPassword(password, person.Name, person.Phone, person.Email); err != nil {
		return err
	}
	hash, err := d.hash(ctx, password)
	if err != nil {
		return err
	}
	return d.changePassword(ctx, person.ID, hash, keep)
}

// ResetPassword gives a person who lost theirs another password, without the
// old one, and ends all their sessions; tokens for programs stay. Only the
// program itself and operators of the platform may (operator_only). An account
// that is closed, or that nobody has, is person_unknown. Twice is once.
func (d *Directory) ResetPassword(ctx context.Context, by Person, person id.ID, password string) error {
	if !by.IsOperator(storage.Platform) {
		return fault.Forbidden("operator_only")
	}
	var p Person
	err := d.db.ViewShared(ctx, func(tx *storage.Tx) (err error) {
		p, err = find(tx, selectPeople+`WHERE id = $1 AND closed_at IS NULL`, person)
		return err
	})
	if err != nil {
		return err
	}
	if err := checkPassword(password, p.Name, p.Phone, p.Email); err != nil {
		return err
	}
	hash, err := d.hash(ctx, password)
	if err != nil {
		return err
	}
	// The trail is the platform's and the password the person's. The line comes
	// first: one without its deed is better than a deed without its line.
	news := id.New().String()
	err = d.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed() // a second line after a lost answer says nothing false
		trail.Write(tx, by.ID, "password.reset", "person:"+person.String(), "")
		jobs.Add(tx, JobPassword, news, News{Person: person, At: tx.Now})
		return nil
	})
	if err != nil {
		return err
	}
	return d.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`INSERT INTO credentials (user_id, password_hash, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET password_hash = EXCLUDED.password_hash, changed_at = EXCLUDED.changed_at`, person, hash, tx.Now)
		tx.Queue(`UPDATE sessions SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL`, person, tx.Now)
		return nil
	})
}
