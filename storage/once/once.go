// Package once lets a deed be asked for twice and done once. A key belongs to
// one person, comes with the content it was used for, and its row, with the
// answer, is written in the same transaction as the deed.
package once

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Key names one deed. The zero key names none: the deed is simply done.
type Key struct {
	Key  string
	Hash [32]byte // of the content
}

// Of makes a key from what a client sent. An empty key gives the zero key.
func Of(person id.ID, key string, content []byte) Key {
	if key == "" {
		return Key{}
	}
	return Key{Key: person.String() + ":" + key, Hash: sha256.Sum256(content)}
}

type row struct {
	Hash   []byte `db:"content_hash"`
	Status int    `db:"status"`
	Answer []byte `db:"answer"`
}

func find(tx *storage.Tx, k Key) (row, bool, error) {
	var r row
	err := tx.Get(&r, "SELECT content_hash, status, answer FROM once_keys WHERE market_id = $1 AND key = $2", tx.Market, k.Key)
	if err == storage.ErrNone {
		return r, false, nil
	}
	if err == nil && string(r.Hash) != string(k.Hash[:]) {
		err = fault.Conflict("key_reused")
	}
	return r, err == nil, err
}

func keep(tx *storage.Tx, k Key, status int, answer []byte) {
	tx.Queue("INSERT INTO once_keys (market_id, key, content_hash, status, answer, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
		tx.Market, k.Key, k.Hash[:], status, answer, tx.Now)
}

// Do runs fn in a transaction of the market, at most once per key, and gives
// fn's answer; the same key and content gives the first answer again, other
// content is refused (key_reused). Of many at once one does the deed and all
// get its answer: after a refusal the key is looked up once more, else the one
// who bought the last sack would be told on repeating that it is sold out.
func Do[T any](ctx context.Context, db *storage.DB, market int32, k Key, fn func(tx *storage.Tx) (T, error)) (T, error) {
	var answer T
	if k.Key == "" {
		err := db.Update(ctx, market, func(tx *storage.Tx) (err error) { answer, err = fn(tx); return })
		return answer, err
	}
	err := db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		r, done, err := find(tx, k)
		if err != nil {
			return err
		}
		if done {
			return json.Unmarshal(r.Answer, &answer)
		}
		if answer, err = fn(tx); err != nil {
			return err
		}
		b, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		keep(tx, k, 0, b)
		return nil
	})
	if err == nil || fault.Has(err, "key_reused") {
		return answer, err
	}
	var zero T
	if !storage.Violates(err, "once_keys_pkey") {
		if _, refused := fault.As(err); !refused {
			return zero, err
		}
	}
	again := db.View(ctx, market, func(tx *storage.Tx) error {
		r, done, e := find(tx, k)
		if e != nil {
			return e
		}
		if !done {
			return err
		}
		answer = zero
		return json.Unmarshal(r.Answer, &answer)
	})
	if again != nil {
		return zero, again
	}
	return answer, nil
}

// Remember keeps the answer that a door gave to a request, so that the same
// request gets the same bytes. Remembering twice keeps the first.
func Remember(ctx context.Context, db *storage.DB, market int32, k Key, status int, body []byte) error {
	if k.Key == "" {
		return nil
	}
	return db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue("INSERT INTO once_keys (market_id, key, content_hash, status, answer, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
			market, "door:"+k.Key, k.Hash[:], status, body, tx.Now)
		return nil
	})
}

// Recall gives what a door answered before; other content is refused.
func Recall(ctx context.Context, db *storage.DB, market int32, k Key) (status int, body []byte, found bool, err error) {
	if k.Key == "" {
		return 0, nil, false, nil
	}
	var r row
	err = db.View(ctx, market, func(tx *storage.Tx) (err error) {
		r, found, err = find(tx, Key{"door:" + k.Key, k.Hash})
		return err
	})
	return r.Status, r.Answer, found, err
}
