package notice

import (
	"context"
	"slices"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Channel is how a person is told.
type Channel string

// The channels.
const (
	App   Channel = "app"
	Email Channel = "email"
	SMS   Channel = "sms"
)

// Channels lists them as pages show them.
var Channels = []Channel{App, Email, SMS}

type choice struct {
	Topic   Topic   `db:"topic"`
	Channel Channel `db:"channel"`
	Wanted  bool    `db:"wanted"`
}

// Choices are what a person wants to be told, and how.
type Choices []choice

// Wants says whether the person wants a topic in the app or by letter. Without a
// word from them: everything in the app; by letter everything but news.
func (c Choices) Wants(t Topic, by Channel) bool {
	if t == Safety {
		return true
	}
	for _, one := range c {
		if one.Topic == t && one.Channel == by {
			return one.Wanted
		}
	}
	return by == App || t != News
}

// Texts says whether the person wants a topic by short message. Without a word
// from them: what concerns their safety; and who has no e-mail everything but news.
func (c Choices) Texts(t Topic, hasEmail bool) bool {
	if t == Safety {
		return true
	}
	for _, one := range c {
		if one.Topic == t && one.Channel == SMS {
			return one.Wanted
		}
	}
	return !hasEmail && t != News
}

// Choices gives what a person has chosen.
func (r *Room) Choices(ctx context.Context, person id.ID) (Choices, error) {
	var all Choices
	err := r.db.ViewUser(ctx, person, func(tx *storage.Tx) (err error) { all, err = chosen(tx, person); return })
	return all, err
}

func chosen(tx *storage.Tx, person id.ID) (Choices, error) {
	var all Choices
	err := tx.Select(&all, `SELECT topic, channel, wanted FROM notice_choices WHERE user_id = $1`, person)
	return all, err
}

// Choose says whether a person wants a topic by a channel. Twice is once. What
// law or safety asks for is told all the same, and Safety is no topic to choose
// about (notice_topic).
func (r *Room) Choose(ctx context.Context, person id.ID, t Topic, by Channel, wanted bool) error {
	if !slices.Contains(Topics, t) || !slices.Contains(Channels, by) {
		return fault.Invalid("topic", "notice_topic")
	}
	return r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`INSERT INTO notice_choices (user_id, topic, channel, wanted, changed_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (user_id, topic, channel) DO UPDATE SET wanted = EXCLUDED.wanted, changed_at = EXCLUDED.changed_at`,
			person, string(t), string(by), wanted, tx.Now)
		return nil
	})
}
