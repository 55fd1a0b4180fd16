package talk

import (
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/limit"
	"commonfield/storage/once"
	"commonfield/storage/trail"
	"commonfield/storage/written"
)

// JobTold says that something was written or somebody called, for the room above
// to tell.
const JobTold = "talk:told"

// News is the body of JobTold: What is "said" or "called". What was said is not in
// it.
type News struct {
	Order   id.ID       `json:"order"`
	Message id.ID       `json:"message,omitempty"`
	What    string      `json:"what"`
	By      id.ID       `json:"by"`
	As      order.Party `json:"as"`
	At      time.Time   `json:"at"`
}

// Said is what somebody writes and shows: keys of pictures that Show has taken.
type Said struct {
	Text   string
	Photos []string
}

// Show takes a picture to be shown, and gives its key.
func (r *Room) Show(ctx context.Context, data []byte) (string, error) {
	return r.evidence.Take(ctx, data)
}

// Say writes a message to the other sides of an order. The same key writes it
// once. Refusals: talk_over 30 days after the order's end, talk_full when there are
// too many, talk_not_called for an operator whom nobody has called, too_many.
func (r *Room) Say(ctx context.Context, key once.Key, by order.By, ref order.Ref, s Said) (id.ID, error) {
	s, err := r.said(ctx, s)
	if err != nil {
		return id.None, err
	}
	if was, done, err := once.Answered[id.ID](ctx, r.db, ref.Market, key); done || err != nil {
		return was, err
	}
	if err := r.limited(ctx, by.ID); err != nil {
		return id.None, err
	}
	name := id.New()
	var sealed []byte
	if s.Text != "" {
		if sealed, err = r.box.Seal([]byte(s.Text), about(name)); err != nil {
			return id.None, err
		}
	}
	return once.Do(ctx, r.db, ref.Market, key, func(tx *storage.Tx) (id.ID, error) {
		stand, err := stands(tx, ref.ID)
		if err != nil {
			return id.None, err
		}
		switch {
		case stand.may(by.As) != nil:
			return id.None, stand.may(by.As)
		case !stand.open(tx.Now):
			return id.None, fault.Conflict("talk_over")
		case stand.Said >= mostSaid:
			return id.None, fault.Conflict("talk_full")
		}
		began(tx, ref.ID, stand.Seller, by.As, 1)
		tx.Queue(`INSERT INTO order_messages (market_id, order_id, id, said_as, said_by, text_sealed, photos, said_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			tx.Market, ref.ID, name, string(by.As), by.ID, sealed, pq.Array(append([]string{}, s.Photos...)), tx.Now)
		read(tx, ref.ID, by, name)
		jobs.Add(tx, JobTold, name.String(), News{Order: ref.ID, Message: name, What: "said", By: by.ID, As: by.As, At: tx.Now}, tx.Now.Add(pause))
		return name, nil
	})
}

// began writes the order's talk down, or that more of it was said.
func began(tx *storage.Tx, o id.ID, seller *id.ID, as order.Party, more int) {
	tx.Queue(`INSERT INTO order_talks (market_id, order_id, seller_id, messages, last_at, last_as) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (market_id, order_id) DO UPDATE SET messages = order_talks.messages + EXCLUDED.messages, last_at = EXCLUDED.last_at, last_as = EXCLUDED.last_as`,
		tx.Market, o, seller, more, tx.Now, string(as))
}

// read writes that somebody has read up to a message; never back to an earlier one.
func read(tx *storage.Tx, o id.ID, by order.By, message id.ID) {
	tx.Queue(`INSERT INTO order_talk_reads (market_id, order_id, person_id, read_as, message_id, read_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (market_id, order_id, person_id) DO UPDATE SET message_id = EXCLUDED.message_id, read_at = EXCLUDED.read_at, read_as = EXCLUDED.read_as
		WHERE order_talk_reads.message_id < EXCLUDED.message_id`, tx.Market, o, by.ID, string(by.As), message, tx.Now)
}

func (r *Room) said(ctx context.Context, s Said) (Said, error) {
	s.Text = written.Plain(s.Text)
	var wrong error
	switch {
	case s.Text == "" && len(s.Photos) == 0:
		wrong = fault.Invalid("text", "talk_empty")
	case len([]rune(s.Text)) > MostText:
		wrong = fault.Invalid("text", "too_long", fault.Args{"most": MostText})
	}
	photos, err := r.evidence.Check(ctx, s.Photos)
	s.Photos = photos
	return s, fault.All(wrong, err)
}

// limited lets nobody pour words over others.
func (r *Room) limited(ctx context.Context, person id.ID) error {
	if _, _, err := limit.Take(ctx, r.db, "talk:"+person.String(), mostAtOnce, stretch); err != nil {
		return err
	}
	_, _, err := limit.Take(ctx, r.db, "talk:day:"+person.String(), mostDaily, 24*time.Hour)
	return err
}

func about(message id.ID) string { return "message:" + message.String() }

// Seen writes down that somebody has read what there is. An operator's look also
// stands in the trail. Twice is once.
func (r *Room) Seen(ctx context.Context, by order.By, ref order.Ref) error {
	return r.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		var last []struct {
			ID   id.ID `db:"id"`
			Seen bool  `db:"seen"`
		}
		err := tx.Select(&last, `SELECT m.id, EXISTS (SELECT 1 FROM order_talk_reads d WHERE d.market_id = m.market_id AND d.order_id = m.order_id AND d.person_id = $3 AND d.message_id >= m.id) AS seen
			FROM order_messages m WHERE m.market_id = $1 AND m.order_id = $2 ORDER BY m.id DESC LIMIT 1`, tx.Market, ref.ID, by.ID)
		if err != nil || len(last) == 0 || last[0].Seen {
			return err
		}
		read(tx, ref.ID, by, last[0].ID)
		if by.As == order.AsOperator {
			trail.Write(tx, by.ID, "talk.read", "order:"+ref.ID.String(), "")
		}
		return nil
	})
}

// Call asks an operator to read along and to help, by one of the sides. Twice is
// once.
func (r *Room) Call(ctx context.Context, by order.By, ref order.Ref, why string) error {
	if by.As == order.AsOperator {
		return fault.Forbidden("talk_not_yours")
	}
	if !slices.Contains(Reasons, why) {
		return fault.Invalid("why", "required")
	}
	return r.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		stand, err := stands(tx, ref.ID)
		if err != nil || stand.Called {
			return err
		}
		switch {
		case stand.Said == 0:
			return fault.Conflict("talk_nothing")
		case !stand.open(tx.Now):
			return fault.Conflict("talk_over")
		}
		tx.Queue("UPDATE order_talks SET called_at = $3, called_by = $4, called_why = $5 WHERE market_id = $1 AND order_id = $2 AND called_at IS NULL", tx.Market, ref.ID, tx.Now, by.ID, why)
		trail.Write(tx, by.ID, "talk.call", "order:"+ref.ID.String(), why)
		jobs.Add(tx, JobTold, id.New().String(), News{Order: ref.ID, What: "called", By: by.ID, As: by.As, At: tx.Now})
		return nil
	})
}

// Leave ends what an operator was called for: from now on none reads along. Twice
// is once.
func (r *Room) Leave(ctx context.Context, by order.By, ref order.Ref) error {
	if by.As != order.AsOperator {
		return fault.Forbidden("talk_not_yours")
	}
	return r.db.Update(ctx, ref.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		stand, err := stands(tx, ref.ID)
		if err != nil || !stand.Called {
			return err
		}
		tx.Queue("UPDATE order_talks SET called_at = NULL, called_by = NULL, called_why = '' WHERE market_id = $1 AND order_id = $2", tx.Market, ref.ID)
		trail.Write(tx, by.ID, "talk.leave", "order:"+ref.ID.String(), "")
		return nil
	})
}

// Sweep forgets what was written where nobody has written for three years.
func Sweep(tx *storage.Tx) error {
	before := tx.Now.Add(-kept)
	for _, table := range []string{"order_messages", "order_talk_reads"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE market_id = $1 AND order_id IN (SELECT order_id FROM order_talks WHERE market_id = $1 AND last_at < $2)", tx.Market, before); err != nil {
			return err
		}
	}
	_, err := tx.Exec("DELETE FROM order_talks WHERE market_id = $1 AND last_at < $2", tx.Market, before)
	return err
}
