package notice

import (
	"context"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// MostUnread is how far unread notices are counted; beyond it a page says "99+".
const MostUnread = 99

// List gives a page of a person's notices, newest first, after the one seen last.
func (r *Room) List(ctx context.Context, person, after id.ID, n int) ([]Notice, error) {
	if n <= 0 || n > 100 {
		n = 50
	}
	if after == id.None {
		for i := range after {
			after[i] = 0xff
		}
	}
	var rows []row
	err := r.db.ViewUser(ctx, person, func(tx *storage.Tx) error {
		rows = nil
		return tx.Select(&rows, `SELECT `+columns+` FROM notices WHERE user_id = $1 AND id < $2 AND shown ORDER BY id DESC LIMIT $3`, person, after, n)
	})
	if err != nil {
		return nil, err
	}
	return notices(rows)
}

// Unread counts what a person has not read, up to one more than MostUnread.
func (r *Room) Unread(ctx context.Context, person id.ID) (int, error) {
	var n int
	err := r.db.ViewUser(ctx, person, func(tx *storage.Tx) error {
		return tx.Get(&n, `SELECT count(*) FROM (SELECT 1 FROM notices WHERE user_id = $1 AND read_at IS NULL AND shown LIMIT $2) AS counted`, person, MostUnread+1)
	})
	return n, err
}

// Read marks one notice as read and gives it: what follows is its page. Twice is
// once; what is not the person's own is not found.
func (r *Room) Read(ctx context.Context, person, notice id.ID) (Notice, error) {
	var n Notice
	err := r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		var err error
		if n, err = find(tx, person, notice); err != nil || n.ReadAt != nil {
			return err
		}
		tx.Queue(`UPDATE notices SET read_at = $3 WHERE user_id = $1 AND id = $2 AND read_at IS NULL`, person, notice, tx.Now)
		n.ReadAt = &tx.Now
		return nil
	})
	return n, err
}

// ReadAll marks as read everything up to the newest that the person has seen, so
// that what came meanwhile stays unread. Without one, everything. Twice is once.
func (r *Room) ReadAll(ctx context.Context, person, newest id.ID) error {
	if newest == id.None {
		for i := range newest {
			newest[i] = 0xff
		}
	}
	return r.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE notices SET read_at = $3 WHERE user_id = $1 AND id <= $2 AND read_at IS NULL`, person, newest, tx.Now)
		return nil
	})
}

func find(tx *storage.Tx, person, notice id.ID) (Notice, error) {
	var found row
	err := tx.Get(&found, `SELECT `+columns+` FROM notices WHERE user_id = $1 AND id = $2`, person, notice)
	if err == storage.ErrNone {
		return Notice{}, fault.NotFound("not_found")
	}
	if err != nil {
		return Notice{}, err
	}
	return found.notice()
}
