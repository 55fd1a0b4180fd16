package people

import (
	"context"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/written"
)

// Newcomer is what an account takes: a name, a phone or an e-mail address or
// both, a password. Language is zh unless it says en.
type Newcomer struct {
	Name, Phone, Email, Password, Language string
}

// Register makes an account. It refuses each wrong value by its field
// (required, too_long, phone_unreadable, email_unreadable, weak_password), and
// a phone or address that somebody has (taken.phone, taken.email).
//
// The shared row comes first, the password in a second transaction. Registering
// again, with the same key or with the same phone, address and password,
// finishes what was cut between the two and gives the same person.
func (d *Directory) Register(ctx context.Context, k once.Key, n Newcomer) (Person, error) {
	n, err := n.check()
	if err != nil {
		return Person{}, err
	}
	hash, err := d.hash(ctx, n.Password)
	if err != nil {
		return Person{}, err
	}
	who := id.New()
	if k.Key != "" {
		// The key gives the person their id; what follows finds itself by it.
		who, err = once.Do(ctx, d.db, storage.Platform, k, func(*storage.Tx) (id.ID, error) { return id.New(), nil })
		if err != nil {
			return Person{}, err
		}
	}
	err = d.enrol(ctx, who, n)
	if storage.Violates(err, "people_phone") || storage.Violates(err, "people_email") {
		who, err = d.rejoin(ctx, n)
	}
	if err != nil {
		return Person{}, err
	}
	if err := d.firstPassword(ctx, who, n, hash); err != nil {
		return Person{}, err
	}
	return Person{ID: who, Name: n.Name, Phone: n.Phone, Email: n.Email, Language: n.Language}, nil
}

func (n Newcomer) check() (Newcomer, error) {
	var name, phone, email error
	n.Name = written.Plain(n.Name)
	if length := utf8.RuneCountInString(n.Name); length == 0 {
		name = fault.Invalid("name", "required")
	} else if length > 80 {
		name = fault.Invalid("name", "too_long", fault.Args{"most": 80})
	}
	if n.Phone = strings.TrimSpace(n.Phone); n.Phone != "" {
		n.Phone, phone = ReadPhone(n.Phone)
	}
	if n.Email = strings.TrimSpace(n.Email); n.Email != "" {
		n.Email, email = ReadEmail(n.Email)
	}
	if n.Phone == "" && n.Email == "" && phone == nil && email == nil {
		phone = fault.Invalid("phone", "required")
	}
	if n.Language != "en" {
		n.Language = "zh"
	}
	return n, fault.All(name, phone, email, checkPassword(n.Password, n.Name, n.Phone, n.Email))
}

// ReadPhone gives a telephone number as it is stored (+8613900000000). Without
// a country it is Chinese. What is none is refused with phone_unreadable.
func ReadPhone(text string) (string, error) {
	number, err := phonenumbers.Parse(text, "CN")
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", fault.Invalid("phone", "phone_unreadable")
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// ReadEmail gives an e-mail address as it is stored, in small letters. What is
// none is refused with email_unreadable.
func ReadEmail(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > 254 {
		return "", fault.Invalid("email", "email_unreadable")
	}
	return text, nil
}

func (d *Directory) enrol(ctx context.Context, who id.ID, n Newcomer) error {
	return d.db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`INSERT INTO people (id, name, phone, email, language, created_at) VALUES ($1, $2, NULLIF($3, ''), NULLIF($4, ''), $5, $6)
ON CONFLICT (id) DO NOTHING`, who, n.Name, n.Phone, n.Email, n.Language, tx.Now)
		return nil
	})
}

// rejoin decides for a phone or address that is there already: the same person
// again, a registration that was cut before its password was written, which
// whoever comes next finishes, or somebody else.
func (d *Directory) rejoin(ctx context.Context, n Newcomer) (id.ID, error) {
	var there []Person
	err := d.db.ViewShared(ctx, func(tx *storage.Tx) error {
		there = nil
		return tx.Select(&there, selectPeople+`WHERE phone = $1 OR email = $2`, n.Phone, n.Email)
	})
	if err != nil {
		return id.None, err
	}
	if len(there) != 1 {
		return id.None, taken(n, there...)
	}
	p := there[0]
	own, err := d.standing(ctx, p.ID)
	if err != nil {
		return id.None, err
	}
	if own.Hash != "" {
		right, err := d.matches(ctx, n.Password, own.Hash)
		if err == nil && (!right || p.Phone != n.Phone || p.Email != n.Email) {
			err = taken(n, p)
		}
		return p.ID, err
	}
	if len(own.Operator)+len(own.Clerk) > 0 {
		return id.None, taken(n, p) // nobody finds a role by finishing an account
	}
	err = d.db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE people SET name = $2, phone = NULLIF($3, ''), email = NULLIF($4, ''), language = $5 WHERE id = $1`,
			p.ID, n.Name, n.Phone, n.Email, n.Language)
		return nil
	})
	if storage.Violates(err, "people_phone") || storage.Violates(err, "people_email") {
		return id.None, taken(n, p) // somebody registered the other of the two this moment
	}
	return p.ID, err
}

func taken(n Newcomer, by ...Person) error {
	for _, p := range by {
		if p.Phone != "" && p.Phone == n.Phone {
			return fault.Conflict("taken.phone").On("phone")
		}
	}
	return fault.Conflict("taken.email").On("email")
}

// firstPassword writes the password unless there is one: then it must be the
// same, or two finished the same registration and the other one was first.
func (d *Directory) firstPassword(ctx context.Context, who id.ID, n Newcomer, hash string) error {
	var stored string
	err := d.db.UpdateUser(ctx, who, func(tx *storage.Tx) error {
		tx.Keyed()
		_, err := tx.Exec(`INSERT INTO credentials (user_id, password_hash, changed_at) VALUES ($1, $2, $3) ON CONFLICT (user_id) DO NOTHING`,
			who, hash, tx.Now)
		if err != nil {
			return err
		}
		return tx.Get(&stored, `SELECT password_hash FROM credentials WHERE user_id = $1`, who)
	})
	if err != nil || stored == hash {
		return err
	}
	if right, err := d.matches(ctx, n.Password, stored); err != nil || right {
		return err
	}
	return taken(n, Person{Phone: n.Phone, Email: n.Email})
}
