package notice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"commonfield/agents/people"
	"commonfield/marketplace/notice/letter"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/limit"
)

// JobText hands over the short message of one notice.
const JobText = "notice:text"

const (
	textsPerson = 10 // in a day
	// MostTexts is how many short messages a market sends in a day where nobody
	// said another number.
	MostTexts = 500
	// How often a message is tried before the news goes another way: a quarter of
	// an hour, for a message of yesterday helps nobody.
	textTries = 5
)

// Texting is the job that hands over the short message of one notice, to those
// who want one and have confirmed their number. One that cannot be sent, or that
// would be one too many, goes by letter instead, and into the list.
func (r *Room) Texting(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var of letterJob
	if err := json.Unmarshal(j.Body, &of); err != nil {
		return nil, err
	}
	if r.texter == nil {
		return nil, nil
	}
	d, err := r.due(ctx, of)
	if err != nil || d.n.ID == id.None || d.n.TextedAt != nil || d.p.Phone == "" || !d.wants.Texts(d.n.Kind.Topic(), d.p.Email != "") {
		return nil, err
	}
	phone, err := r.PhoneOf(ctx, d.p)
	if err != nil || !phone.Confirmed {
		return nil, err
	}
	if err := d.quiet(); err != nil {
		return nil, err
	}
	if j.Attempts == 0 {
		err := r.daily(ctx, share{"text:person:" + d.p.ID.String(), textsPerson}, share{fmt.Sprintf("text:market:%d", j.Market), r.mostTexts})
		if fault.Has(err, "too_many") {
			return r.instead(ctx, d, "over")
		}
		if err != nil {
			return nil, err
		}
	}
	t := tongue.For(d.p.Language)
	err = r.texter.Text(ctx, Text{ID: d.n.ID.String(), To: d.p.Phone, Words: t.T("text.notice", "title", letter.Line(d.n.Title(t.At(d.at.Location(), d.at))))})
	if _, never := errors.AsType[*Refused](err); never || err != nil && j.Attempts+1 >= textTries && ctx.Err() == nil {
		r.log.Warn("a short message was not sent", "market", j.Market, "notice", d.n.ID, "kind", string(d.n.Kind), "error", err.Error())
		return r.instead(ctx, d, "failed")
	}
	if err != nil {
		return nil, err
	}
	err = r.db.UpdateUser(ctx, d.p.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE notices SET texted_at = $3 WHERE user_id = $1 AND id = $2 AND texted_at IS NULL`, d.p.ID, d.n.ID, tx.Now)
		return nil
	})
	return func(tx *storage.Tx) error { count(tx, "sent"); return nil }, err
}

// share is how many short messages of one sort go out in a day.
type share struct {
	key  string
	most int
}

// daily takes one of each share, the narrowest first: who has had enough takes
// nothing from the others.
func (r *Room) daily(ctx context.Context, shares ...share) error {
	for _, s := range shares {
		if _, _, err := limit.Take(ctx, r.db, s.key, s.most, 24*time.Hour); err != nil {
			return err
		}
	}
	return nil
}

// instead has news that could not go by short message told in the list and, to
// whom it can be written, by letter.
func (r *Room) instead(ctx context.Context, d due, why string) (func(*storage.Tx) error, error) {
	err := r.db.UpdateUser(ctx, d.p.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE notices SET shown = true WHERE user_id = $1 AND id = $2 AND NOT shown`, d.p.ID, d.n.ID)
		return nil
	})
	return func(tx *storage.Tx) error {
		count(tx, why)
		if r.sender != nil && d.p.Email != "" {
			jobs.Add(tx, JobLetter, d.n.ID.String()+":instead", letterJob{d.p.ID, d.n.ID, true})
		}
		return nil
	}, err
}

// count adds one to the day's figures of tx's market.
func count(tx *storage.Tx, what string) {
	n := map[string]int{what: 1}
	tx.Queue(`INSERT INTO notice_texts (market_id, day, sent, failed, over) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (market_id, day) DO UPDATE SET sent = notice_texts.sent + EXCLUDED.sent, failed = notice_texts.failed + EXCLUDED.failed, over = notice_texts.over + EXCLUDED.over`,
		tx.Market, tx.Now.UTC().Format(time.DateOnly), n["sent"], n["failed"], n["over"])
}

// Texts are the short messages of a market today (UTC).
type Texts struct {
	Sent   int64 `db:"sent"`
	Failed int64 `db:"failed"`
	Over   int64 `db:"over"` // not sent, for there were too many
	Most   int64 `db:"-"`
}

// Texted gives the figures of tx's market, and whether short messages are sent at all.
func (r *Room) Texted(tx *storage.Tx) (Texts, bool, error) {
	t := Texts{Most: int64(r.mostTexts)}
	if r.texter == nil {
		return t, false, nil
	}
	err := tx.Get(&t, `SELECT sent, failed, over FROM notice_texts WHERE market_id = $1 AND day = $2`, tx.Market, tx.Now.UTC().Format(time.DateOnly))
	if err == storage.ErrNone {
		err = nil
	}
	return t, true, err
}

// due is a notice that may be sent, with all that decides how.
type due struct {
	n     Notice
	p     people.Person
	wants Choices
	hours Hours
	at    time.Time // now, on the clock of its market
}

// due reads a notice that is news still; its ID is none where there is nothing
// to send any more.
func (r *Room) due(ctx context.Context, of letterJob) (due, error) {
	var d due
	err := r.db.ViewUser(ctx, of.Person, func(tx *storage.Tx) (err error) {
		if d.n, err = find(tx, of.Person, of.Notice); err != nil {
			return err
		}
		if d.wants, err = chosen(tx, of.Person); err != nil {
			return err
		}
		d.hours, err = hoursOf(tx, of.Person)
		return err
	})
	if fault.Has(err, "not_found") {
		return due{}, nil // swept, or the account was closed
	}
	if err != nil || r.db.Now().Sub(d.n.At) > stale {
		return due{}, err
	}
	d.p, err = r.person(ctx, of.Person)
	if fault.Has(err, "person_unknown") {
		return due{}, nil
	}
	if err != nil {
		return due{}, err
	}
	m, err := r.books.Market(ctx, d.n.Market)
	d.at = r.db.Now().In(m.Location())
	return d, err
}

// quiet asks for another time where the person wants quiet now. What law or
// safety wants told does not wait.
func (d due) quiet() error {
	if until, quiet := d.hours.Ends(d.at); quiet && !d.n.Kind.Needed() {
		return &jobs.Again{At: until}
	}
	return nil
}
