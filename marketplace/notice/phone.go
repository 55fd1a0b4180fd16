package notice

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"commonfield/agents/people"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// A number that somebody typed is not yet theirs: whoever reads it must type the
// code that went there before anything else does.

// How long a code holds, how often it may be typed, and how many are sent.
const (
	codeHolds   = 10 * time.Minute
	mostTyped   = 5
	codesPerson = 5 // in a day
	codesNumber = 5 // in a day, whoever asks
)

// Phone says how short messages to a person stand.
type Phone struct {
	Number    string
	Confirmed bool
	Asked     bool // a code is under way that holds still
}

type phoneRow struct {
	Code      []byte     `db:"code_hash"`
	Until     *time.Time `db:"code_until"`
	Tries     int        `db:"code_tries"`
	Confirmed *time.Time `db:"confirmed_at"`
}

const phoneColumns = "code_hash, code_until, code_tries, confirmed_at"

// PhoneOf says how short messages to a person's present number stand.
func (r *Room) PhoneOf(ctx context.Context, p people.Person) (Phone, error) {
	if p.Phone == "" || r.texter == nil {
		return Phone{}, nil
	}
	var row phoneRow
	err := r.db.ViewUser(ctx, p.ID, func(tx *storage.Tx) error {
		return tx.Get(&row, `SELECT `+phoneColumns+` FROM notice_addresses WHERE user_id = $1 AND address_hash = $2`, p.ID, hashed(p.Phone))
	})
	if err == storage.ErrNone {
		return Phone{Number: p.Phone}, nil
	}
	return Phone{p.Phone, row.Confirmed != nil, row.Until != nil && row.Until.After(r.db.Now())}, err
}

// coded is how a code lies: of no use for another person or number.
func coded(person id.ID, number, code string) []byte {
	h := sha256.Sum256([]byte(person.String() + "\x00" + number + "\x00" + code))
	return h[:]
}

// AskPhone sends a code to the person's number, which ends the one before. It
// refuses too many in a day (too_many), and says when the gateway does not take
// it (text_not_sent). It calls the gateway, so it is used outside of transactions.
func (r *Room) AskPhone(ctx context.Context, p people.Person) error {
	if p.Phone == "" || r.texter == nil {
		return fault.Conflict("text_off")
	}
	if err := r.daily(ctx, share{"text:code:" + p.ID.String(), codesPerson}, share{"text:number:" + hex.EncodeToString(hashed(p.Phone)), codesNumber}, share{"text:codes", r.mostTexts}); err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return err
	}
	code := fmt.Sprintf("%06d", n)
	if err := r.db.UpdateUser(ctx, p.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`INSERT INTO notice_addresses (user_id, address_hash, asked_at, code_hash, code_until) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (user_id, address_hash) DO UPDATE SET asked_at = EXCLUDED.asked_at, code_hash = EXCLUDED.code_hash, code_until = EXCLUDED.code_until, code_tries = 0`,
			p.ID, hashed(p.Phone), tx.Now, coded(p.ID, p.Phone, code), tx.Now.Add(codeHolds))
		return nil
	}); err != nil {
		return err
	}
	words := tongue.For(p.Language).T("text.code", "code", code, "minutes", strconv.Itoa(int(codeHolds/time.Minute)))
	if err := r.texter.Text(ctx, Text{ID: id.New().String(), To: p.Phone, Words: words}); err != nil {
		r.log.Warn("a code by short message was not sent", "person", p.ID, "error", err.Error())
		return fault.Unavailable("text_not_sent").Because(err)
	}
	return nil
}

// ConfirmPhone is what the reader of the message says. It refuses a code that is
// wrong, too old or typed too often (code_wrong).
func (r *Room) ConfirmPhone(ctx context.Context, p people.Person, code string) error {
	wrong := errors.New("another code")
	err := r.db.UpdateUser(ctx, p.ID, func(tx *storage.Tx) error {
		tx.Keyed() // typed once more after a lost answer is counted once more, or confirmed already
		wrong = nil
		var row phoneRow
		err := tx.Get(&row, `SELECT `+phoneColumns+` FROM notice_addresses WHERE user_id = $1 AND address_hash = $2 FOR UPDATE`, p.ID, hashed(p.Phone))
		if err == storage.ErrNone {
			wrong = fault.Invalid("code", "code_wrong")
			return nil
		}
		if err != nil || row.Confirmed != nil && row.Code == nil {
			return err // twice is once
		}
		if row.Until == nil || !row.Until.After(tx.Now) || row.Tries >= mostTyped || subtle.ConstantTimeCompare(row.Code, coded(p.ID, p.Phone, code)) != 1 {
			wrong = fault.Invalid("code", "code_wrong")
			tx.Queue(`UPDATE notice_addresses SET code_tries = code_tries + 1 WHERE user_id = $1 AND address_hash = $2`, p.ID, hashed(p.Phone))
			return nil
		}
		tx.Queue(`UPDATE notice_addresses SET confirmed_at = $3, refused_at = NULL, code_hash = NULL, code_until = NULL WHERE user_id = $1 AND address_hash = $2`, p.ID, hashed(p.Phone), tx.Now)
		return nil
	})
	if err != nil {
		return err
	}
	return wrong
}
