package notice

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// An address that somebody typed is not yet theirs: whoever reads it must say so
// before anything about orders or money is written there.

// JobConfirm writes the letter that asks whether an address may be written to.
const JobConfirm = "notice:confirm"

type confirmJob struct {
	Person id.ID     `json:"person"`
	At     time.Time `json:"at"`
}

// How long a link of a confirmation holds, and how often one is asked for.
const (
	confirmable = 7 * 24 * time.Hour
	askAgain    = 24 * time.Hour
	mostAsked   = 5
)

// Address says how letters to a person stand.
type Address struct {
	Email     string
	Asked     bool
	Confirmed bool
	Refused   bool // the mail server will have no letters for it
}

// Usable says whether letters may go there.
func (a Address) Usable() bool { return a.Email != "" && a.Confirmed && !a.Refused }

type addressRow struct {
	AskedAt     time.Time  `db:"asked_at"`
	Asked       int        `db:"asked"`
	ConfirmedAt *time.Time `db:"confirmed_at"`
	RefusedAt   *time.Time `db:"refused_at"`
}

func hashed(email string) []byte { h := sha256.Sum256([]byte(email)); return h[:] }

func (r *Room) addressRow(ctx context.Context, person id.ID, email string) (addressRow, bool, error) {
	var a addressRow
	err := r.db.ViewUser(ctx, person, func(tx *storage.Tx) error {
		return tx.Get(&a, `SELECT asked_at, asked, confirmed_at, refused_at FROM notice_addresses WHERE user_id = $1 AND address_hash = $2`, person, hashed(email))
	})
	if err == storage.ErrNone {
		return a, false, nil
	}
	return a, err == nil, err
}

// AddressOf says how letters to a person's present address stand.
func (r *Room) AddressOf(ctx context.Context, p people.Person) (Address, error) {
	if p.Email == "" {
		return Address{}, nil
	}
	a, asked, err := r.addressRow(ctx, p.ID, p.Email)
	return Address{Email: p.Email, Asked: asked, Confirmed: a.ConfirmedAt != nil, Refused: a.RefusedAt != nil}, err
}

// Mailbox says in one word how letters to a person stand: none without an address, off
// where no letters are written, ask before they were asked to confirm it and asked
// afterwards, then confirmed, or refused by their mail server.
func (r *Room) Mailbox(ctx context.Context, p people.Person) (string, error) {
	if p.Email == "" {
		return "none", nil
	}
	if !r.Sends() {
		return "off", nil
	}
	a, err := r.AddressOf(ctx, p)
	switch {
	case err != nil:
		return "", err
	case a.Refused:
		return "refused", nil
	case a.Confirmed:
		return "confirmed", nil
	case a.Asked:
		return "asked", nil
	}
	return "ask", nil
}

// Ask has a letter written that asks the person at the present address to
// confirm it: once a day, five times in all. It gives whether one is written.
func (r *Room) Ask(ctx context.Context, p people.Person) (bool, error) {
	if p.Email == "" || r.sender == nil {
		return false, nil
	}
	asked := false
	err := r.db.UpdateUser(ctx, p.ID, func(tx *storage.Tx) error {
		tx.Keyed() // counted once more after a lost answer errs on the quiet side
		n, err := tx.Exec(`INSERT INTO notice_addresses (user_id, address_hash, asked_at) VALUES ($1, $2, $3)
			ON CONFLICT (user_id, address_hash) DO UPDATE SET asked_at = EXCLUDED.asked_at, asked = notice_addresses.asked + 1
			WHERE notice_addresses.confirmed_at IS NULL AND notice_addresses.refused_at IS NULL
			AND notice_addresses.asked_at < $4 AND notice_addresses.asked < $5`,
			p.ID, hashed(p.Email), tx.Now, tx.Now.Add(-askAgain), mostAsked)
		asked = n > 0
		return err
	})
	if err != nil || !asked {
		return false, err
	}
	return true, r.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed()
		jobs.Add(tx, JobConfirm, p.ID.String()+":"+tx.Now.Format(time.DateOnly), confirmJob{p.ID, tx.Now})
		return nil
	})
}

// Confirm is what the reader of an address says with the token of the letter.
// Twice is once. Letters of the last day that waited for it are written now. It
// refuses a token that is none, or too old, or for an address that is no longer
// the person's (link_ended).
func (r *Room) Confirm(ctx context.Context, token string) error {
	t, err := r.open(token, forAddress)
	if err != nil {
		return err
	}
	p, err := r.person(ctx, t.Person)
	if err != nil || base64.RawStdEncoding.EncodeToString(hashed(p.Email)) != t.Address || r.db.Now().After(t.Until) {
		return gone(err)
	}
	var waiting []row
	err = r.db.UpdateUser(ctx, p.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		waiting = nil
		if _, err := tx.Exec(`INSERT INTO notice_addresses (user_id, address_hash, asked_at, confirmed_at) VALUES ($1, $2, $3, $3)
			ON CONFLICT (user_id, address_hash) DO UPDATE SET confirmed_at = COALESCE(notice_addresses.confirmed_at, EXCLUDED.confirmed_at)`,
			p.ID, hashed(p.Email), tx.Now); err != nil {
			return err
		}
		return tx.Select(&waiting, `SELECT `+columns+` FROM notices WHERE user_id = $1 AND lettered_at IS NULL AND told_at > $2 ORDER BY id`, p.ID, tx.Now.Add(-stale))
	})
	if err != nil || r.sender == nil {
		return err
	}
	for _, w := range waiting {
		if kinds[w.Kind].silent {
			continue
		}
		err := r.db.Update(ctx, w.Market, func(tx *storage.Tx) error {
			tx.Keyed()
			jobs.Add(tx, JobLetter, w.ID.String()+":confirmed", letterJob{Person: p.ID, Notice: w.ID})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Stop is what a letter's link to have no more of its sort says, without signing
// in. Twice is once. It gives the topic.
func (r *Room) Stop(ctx context.Context, token string) (Topic, error) {
	t, err := r.open(token, forStopping)
	if err != nil {
		return "", err
	}
	return t.Topic, r.Choose(ctx, t.Person, t.Topic, Email, false)
}

// Stops says what a link to have no more would stop, and changes nothing.
func (r *Room) Stops(token string) (Topic, error) {
	t, err := r.open(token, forStopping)
	return t.Topic, err
}

// Confirmable says whether a token of a confirmation can be opened; it changes nothing.
func (r *Room) Confirmable(token string) error {
	t, err := r.open(token, forAddress)
	if err == nil && r.db.Now().After(t.Until) {
		err = gone(nil)
	}
	return err
}

// token is what a link in a letter proves. It is sealed: nobody makes one, and
// nobody reads whose it is.
type token struct {
	Person  id.ID     `json:"p"`
	Topic   Topic     `json:"t,omitempty"`
	Address string    `json:"a,omitempty"`
	Until   time.Time `json:"u,omitzero"`
}

const (
	forAddress  = "notice:confirm"
	forStopping = "notice:stop"
)

func (r *Room) token(t token, about string) (string, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	sealed, err := r.box.Seal(plain, about)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

func (r *Room) open(text, about string) (token, error) {
	var t token
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(text) > 1000 {
		return t, gone(nil)
	}
	plain, err := r.box.Open(sealed, about)
	if err != nil {
		return t, gone(nil)
	}
	return t, json.Unmarshal(plain, &t)
}

// gone is what a link says that opens nothing.
func gone(err error) error {
	if err != nil && !fault.Has(err, "person_unknown") {
		return err
	}
	return fault.NotFound("link_ended")
}

// person gives the account as it is now.
func (r *Room) person(ctx context.Context, who id.ID) (people.Person, error) {
	var p people.Person
	err := r.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { p, err = people.Find(tx, who); return })
	return p, err
}
