package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobLetter writes and hands over the letter of one notice.
const JobLetter = "notice:letter"

type letterJob struct {
	Person  id.ID `json:"person"`
	Notice  id.ID `json:"notice"`
	Instead bool  `json:"instead,omitempty"` // of a short message that could not be sent
}

// Tell writes notices into their people's own lists; the same key again changes
// nothing. It gives what is to be done in the transaction of the market in which
// the deed was done: the jobs of the letters. So a job of marketplace/told calls
// Tell, and ends with what it gives; broken off between the two it is run again.
func (r *Room) Tell(ctx context.Context, all ...Notice) (finish func(*storage.Tx) error, err error) {
	var letters, texts []letterJob
	for _, n := range all {
		if n.Person == id.None {
			continue // nobody to be told: an offline producer
		}
		of, known := kinds[n.Kind]
		if !known {
			return nil, fmt.Errorf("notice: there is no kind %q", n.Kind)
		}
		name, err := r.note(ctx, n, of)
		if err != nil {
			return nil, err
		}
		if r.sender != nil && !of.silent {
			letters = append(letters, letterJob{Person: n.Person, Notice: name})
		}
		if r.texter != nil && !of.silent {
			texts = append(texts, letterJob{Person: n.Person, Notice: name})
		}
	}
	return func(tx *storage.Tx) error {
		for _, l := range letters {
			jobs.Add(tx, JobLetter, l.Notice.String(), l)
		}
		for _, l := range texts {
			jobs.Add(tx, JobText, l.Notice.String(), l)
		}
		return nil
	}, nil
}

// note writes one row, and gives the id of the one that is there.
func (r *Room) note(ctx context.Context, n Notice, of sort) (id.ID, error) {
	facts, err := json.Marshal(n.Facts)
	if err != nil {
		return id.None, err
	}
	name := id.New() // before the transaction: if it runs again, it names the same row
	err = r.db.UpdateUser(ctx, n.Person, func(tx *storage.Tx) error {
		tx.Keyed() // the key of the notice lets it in once
		wants, err := chosen(tx, n.Person)
		if err != nil {
			return err
		}
		told := n.At
		if told.IsZero() {
			told = tx.Now
		}
		shown := of.needed || wants.Wants(of.topic, App)
		if _, err := tx.Exec(`INSERT INTO notices (user_id, id, key, kind, market_id, way, facts, shown, told_at, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (user_id, key) DO NOTHING`,
			n.Person, name, n.Key, string(n.Kind), n.Market, n.Way, string(facts), shown, told, tx.Now); err != nil {
			return err
		}
		return tx.Get(&name, `SELECT id FROM notices WHERE user_id = $1 AND key = $2`, n.Person, n.Key)
	})
	return name, err
}

// kept is how long a notice lies in its list.
const kept = 365 * 24 * time.Hour

// Sweep removes notices of more than a year. Twice is once; what a call that was
// broken off has left, the next removes.
func (r *Room) Sweep(ctx context.Context) error {
	before := r.db.Now().Add(-kept)
	for {
		people, err := r.old(ctx, before)
		if err != nil || len(people) == 0 {
			return err
		}
		for _, person := range people {
			err := r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
				tx.Keyed()
				tx.Queue(`DELETE FROM notices WHERE user_id = $1 AND created_at < $2`, person, before)
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
}

// Forget removes all that the room knows of a person, when the account is closed.
func (r *Room) Forget(ctx context.Context, person id.ID) error {
	return r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`DELETE FROM notices WHERE user_id = $1`, person)
		tx.Queue(`DELETE FROM notice_choices WHERE user_id = $1`, person)
		tx.Queue(`DELETE FROM notice_hours WHERE user_id = $1`, person)
		tx.Queue(`DELETE FROM notice_addresses WHERE user_id = $1`, person)
		return nil
	})
}
