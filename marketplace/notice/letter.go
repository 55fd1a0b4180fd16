package notice

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"commonfield/agents/people"
	"commonfield/marketplace/notice/letter"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// stale is how old a deed may be that a letter still tells: what was done in the
// weeks before, while no sender was there or in a demonstration's past, is told
// in the app alone.
const stale = 24 * time.Hour

// Letter is the job that writes the letter of one notice, for as long as it is
// news and its person wants one. Without a confirmed address it asks for one
// instead, and the letter follows when the answer comes in time. A mail server
// that refuses the address for good ends the job as one that gave up, so that an
// operator sees it; anything else is tried again, with the same Message-ID. So a
// letter is handed over at least once: twice when the answer was lost.
func (r *Room) Letter(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var of letterJob
	if err := json.Unmarshal(j.Body, &of); err != nil {
		return nil, err
	}
	if r.sender == nil {
		return nil, nil
	}
	d, err := r.due(ctx, of)
	if err != nil || d.n.ID == id.None || d.n.LetteredAt != nil || d.p.Email == "" {
		return nil, err // a guest, a phone, a closed account
	}
	n, p := d.n, d.p
	if !of.Instead && !n.Kind.Needed() && !d.wants.Wants(n.Kind.Topic(), Email) {
		return nil, nil
	}
	at, err := r.AddressOf(ctx, p)
	switch {
	case err != nil:
		return nil, err
	case at.Refused:
		return nil, nil
	case !at.Confirmed:
		_, err := r.Ask(ctx, p)
		return nil, err
	}
	if err := d.quiet(); err != nil {
		return nil, err
	}
	l, err := r.write(ctx, p, n)
	if err != nil {
		return nil, err
	}
	return nil, r.hand(ctx, p, l, func(tx *storage.Tx) {
		tx.Queue(`UPDATE notices SET lettered_at = $3 WHERE user_id = $1 AND id = $2 AND lettered_at IS NULL`, p.ID, n.ID, tx.Now)
	})
}

// hand gives a letter to the sender and writes down what became of it.
func (r *Room) hand(ctx context.Context, p people.Person, l Letter, done func(*storage.Tx)) error {
	err := r.sender.Send(ctx, l)
	refused, never := errors.AsType[*Refused](err)
	if err != nil && !never {
		return err
	}
	if e := r.db.UpdateUser(ctx, p.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		switch {
		case never && refused.Address:
			tx.Queue(`UPDATE notice_addresses SET refused_at = $3, refusal = $4 WHERE user_id = $1 AND address_hash = $2`, p.ID, hashed(p.Email), tx.Now, refused.Code)
		case !never:
			done(tx)
		}
		return nil
	}); e != nil {
		return e // the letter goes out once more, under the same Message-ID
	}
	if never {
		return &jobs.Never{Why: refused.Error()}
	}
	return nil
}

// Confirming is the job that writes the letter which asks for a confirmation.
func (r *Room) Confirming(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var of confirmJob
	if err := json.Unmarshal(j.Body, &of); err != nil {
		return nil, err
	}
	if r.sender == nil || r.db.Now().Sub(of.At) > stale {
		return nil, nil
	}
	p, err := r.person(ctx, of.Person)
	if fault.Has(err, "person_unknown") || err == nil && p.Email == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	proof, err := r.token(token{Person: p.ID, Address: base64.RawStdEncoding.EncodeToString(hashed(p.Email)), Until: r.db.Now().Add(confirmable)}, forAddress)
	if err != nil {
		return nil, err
	}
	t := tongue.For(p.Language)
	v := letter.View{Reader: t, Title: t.T("notice.confirm.title"), Text: t.T("notice.confirm.text"),
		Button: t.T("notice.confirm.button"), Link: r.home + ConfirmWay + "?t=" + proof, Why: t.T("notice.confirm.why")}
	l, err := r.compose(ctx, v, p, "confirm."+j.ID.String())
	if err != nil {
		return nil, err
	}
	return nil, r.hand(ctx, p, l, func(*storage.Tx) {})
}

// The addresses that letters link to; marketplace/web answers them.
const (
	ConfirmWay = "/notices/confirm"
	StopWay    = "/notices/stop"
	ChoicesWay = "/me/notices"
)

// write makes the letter of a notice, in its person's language and on the clock
// of its market.
func (r *Room) write(ctx context.Context, p people.Person, n Notice) (Letter, error) {
	t := tongue.For(p.Language)
	m, err := r.books.Market(ctx, n.Market)
	if err != nil {
		return Letter{}, err
	}
	t = t.At(m.Location(), r.db.Now())
	v := letter.View{Reader: t, Title: n.Title(t), Text: n.Text(t), Rows: n.rows(t), Market: m.Title(t.Lang()),
		Why: t.T("notice.why." + string(n.Kind.Topic()))}
	if n.Way != "" {
		v.Button, v.Link = t.T("notice.look"), r.home+n.Way
	}
	if n.Market == storage.Platform {
		v.Market = ""
	}
	v.Choices = r.home + ChoicesWay
	stop := ""
	if !n.Kind.Needed() {
		proof, err := r.token(token{Person: p.ID, Topic: n.Kind.Topic()}, forStopping)
		if err != nil {
			return Letter{}, err
		}
		stop = r.home + StopWay + "?t=" + proof
		v.Stop = stop
	}
	l, err := r.compose(ctx, v, p, n.ID.String())
	l.Stop = stop
	return l, err
}

func (r *Room) compose(ctx context.Context, v letter.View, p people.Person, name string) (Letter, error) {
	v.Host = strings.TrimPrefix(strings.TrimPrefix(r.home, "https://"), "http://")
	html, err := v.HTML(ctx)
	return Letter{ID: name, To: p.Email, Subject: letter.Line(v.Subject()), Text: v.Plain(), HTML: html, Lang: v.Reader.Tag()}, err
}
