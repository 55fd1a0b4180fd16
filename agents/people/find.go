package people

import (
	"context"
	"errors"
	"strings"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const selectPeople = `SELECT id, name, COALESCE(phone, '') AS phone, COALESCE(email, '') AS email, language FROM people `

// Find gives a person by id, a closed account too (without name, phone and
// address), or not-found. It does not say where they are operator.
func Find(tx *storage.Tx, who id.ID) (Person, error) {
	return find(tx, selectPeople+`WHERE id = $1`, who)
}

// Names gives the names of many people, in one query.
func Names(tx *storage.Tx, who ...id.ID) (map[id.ID]string, error) {
	wanted := make([]string, len(who))
	for i, w := range who {
		wanted[i] = w.String()
	}
	var rows []Person
	err := tx.Select(&rows, selectPeople+`WHERE id = ANY($1::uuid[])`, pq.Array(wanted))
	names := make(map[id.ID]string, len(rows))
	for _, p := range rows {
		names[p.ID] = p.Name
	}
	return names, err
}

// FindByLogin gives the person with this phone or e-mail address, and where
// they are operator, or not-found.
func (d *Directory) FindByLogin(ctx context.Context, login string) (Person, error) {
	p, _, err := d.byLogin(ctx, login)
	if err == nil && p.ID == id.None {
		err = fault.NotFound("person_unknown")
	}
	return p, err
}

// byLogin asks as often for a login that nobody has as for one that somebody
// has, so that the time of a sign-in tells nothing.
func (d *Directory) byLogin(ctx context.Context, login string) (Person, standing, error) {
	where := `WHERE phone = $1`
	text, err := ReadPhone(login)
	if strings.Contains(login, "@") {
		where = `WHERE email = $1`
		text, err = ReadEmail(login)
	}
	if err != nil {
		text = "" // nobody's
	}
	var p Person
	err = d.db.ViewShared(ctx, func(tx *storage.Tx) error {
		var err error
		if p, err = find(tx, selectPeople+where, text); fault.Has(err, "person_unknown") {
			return nil
		}
		return err
	})
	if err != nil {
		return Person{}, standing{}, err
	}
	own, err := d.standing(ctx, p.ID)
	own.give(&p)
	return p, own, err
}

func find(tx *storage.Tx, query string, key any) (Person, error) {
	var p Person
	err := tx.Get(&p, query, key)
	if errors.Is(err, storage.ErrNone) {
		return Person{}, fault.NotFound("person_unknown")
	}
	return p, err
}
