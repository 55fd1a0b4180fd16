// Package once lets a deed be asked for twice and done once. A key belongs to
// one person, comes with the content it was used for, and its row, with the
// answer, is written in the same transaction as the deed.
package once

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Key names one deed. The zero key names none: the deed is simply done.
type Key struct {
	Key  string
	Hash [32]byte // of the content
}

// Of makes a key from what a client sent: keys of two people never meet. An
// empty key gives the zero key. A key that is long or no text counts by its hash.
func Of(person id.ID, key string, content []byte) Key {
	if key == "" {
		return Key{}
	}
	if len(key) > 200 || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		sum := sha256.Sum256([]byte(key))
		key = "sha256:" + hex.EncodeToString(sum[:])
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
	if errors.Is(err, storage.ErrNone) {
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
// fn's answer; the same key and content gives the first answer again (as JSON
// carries it), other content is refused (key_reused). Of many at once one does
// the deed and all get its answer: after a refusal or a row that is there
// already the key is looked up once more, else the one who bought the last
// sack would be told on repeating that it is sold out. A refusal is not kept:
// the key may be tried again. With the zero key Do is a plain Update.
func Do[T any](ctx context.Context, db *storage.DB, market int32, k Key, fn func(tx *storage.Tx) (T, error)) (T, error) {
	return do(ctx, db, market, k, true, fn)
}

// Try is Do for a deed that is nearly always new: it does not look the key up
// before, which spares each deed a trip. Asked again, fn runs once more until the
// key's row is found to be there already, and nothing of that is kept.
func Try[T any](ctx context.Context, db *storage.DB, market int32, k Key, fn func(tx *storage.Tx) (T, error)) (T, error) {
	return do(ctx, db, market, k, false, fn)
}

func do[T any](ctx context.Context, db *storage.DB, market int32, k Key, look bool, fn func(tx *storage.Tx) (T, error)) (T, error) {
	var answer, none T
	err := db.Update(ctx, market, func(tx *storage.Tx) (err error) {
		answer = none
		if k.Key == "" {
			answer, err = fn(tx)
			return err
		}
		tx.Keyed()
		if look {
			r, done, err := find(tx, k)
			if err != nil {
				return err
			}
			if done {
				return json.Unmarshal(r.Answer, &answer)
			}
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
	if err == nil {
		return answer, nil
	}
	if k.Key == "" || fault.Has(err, "key_reused") || look && !beaten(err) {
		return none, err
	}
	answer = none
	again := db.View(ctx, market, func(tx *storage.Tx) error {
		r, done, e := find(tx, k)
		if e != nil {
			return e
		}
		if !done {
			return err
		}
		return json.Unmarshal(r.Answer, &answer)
	})
	if again != nil {
		return none, again
	}
	return answer, nil
}

// Answered gives the answer that a deed under this key has, if it is done; other
// content is refused (key_reused). The zero key has none.
func Answered[T any](ctx context.Context, db *storage.DB, market int32, k Key) (answer T, done bool, err error) {
	if k.Key == "" {
		return answer, false, nil
	}
	err = db.View(ctx, market, func(tx *storage.Tx) error {
		var r row
		if r, done, err = find(tx, k); err != nil || !done {
			return err
		}
		return json.Unmarshal(r.Answer, &answer)
	})
	return answer, done, err
}

// Forget takes a key back in the transaction that undoes its deed, so that it
// may be tried again.
func Forget(tx *storage.Tx, key string) {
	tx.Queue("DELETE FROM once_keys WHERE market_id = $1 AND key = $2", tx.Market, key)
}

// beaten says whether err may come from the same deed, done at the same time:
// a refusal, or a unique row (the key's, or another that the deed writes).
func beaten(err error) bool {
	_, refused := fault.As(err)
	return refused || storage.Code(err) == "23505"
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

// kept is how long a key is remembered.
const kept = 90 * 24 * time.Hour

// Sweep forgets the market's keys that are older than 90 days. Twice is once.
func Sweep(tx *storage.Tx) {
	tx.Queue("DELETE FROM once_keys WHERE market_id = $1 AND created_at < $2", tx.Market, tx.Now.Add(-kept))
}
