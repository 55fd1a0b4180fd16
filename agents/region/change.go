package region

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
)

// Told is what may be changed of a market: what people read of it, and, until
// its first order, its zone. Code, region and currency are never another's.
type Told struct {
	Name, NameEN, Operator, Licence, TimeZone string
	Account
	Edition string // of what was read before; empty: write over whatever stands
}

// Told is what is told about a market as it stands, to be changed.
func (m Market) Told() Told {
	t := Told{Name: m.Name, NameEN: m.NameEN, Operator: m.Operator, Licence: m.Licence, TimeZone: m.TimeZone, Account: m.Account}
	h := sha256.Sum256([]byte(strings.Join([]string{t.Name, t.NameEN, t.Operator, t.Licence, t.TimeZone, t.Holder, t.Bank, t.Number}, "\x00")))
	t.Edition = hex.EncodeToString(h[:8])
	return t
}

// accountNumber is how a bank account's number looks, its spaces taken out.
var accountNumber = regexp.MustCompile(`^[0-9A-Za-z-]{6,34}$`)

// Plain is the account without what people type around it. Its parts come
// together or not at all.
func (a Account) Plain() (Account, error) {
	a.Holder, a.Bank = strings.TrimSpace(a.Holder), strings.TrimSpace(a.Bank)
	a.Number = strings.Join(strings.Fields(a.Number), "")
	some := a.Holder+a.Bank+a.Number != ""
	wrong := fault.All(written("holder", a.Holder, some, 120), written("bank", a.Bank, some, 120), written("number", a.Number, some, 34))
	if wrong == nil && some && !accountNumber.MatchString(a.Number) {
		wrong = fault.Invalid("number", "account_number", fault.Args{"least": 6, "most": 34})
	}
	return a, wrong
}

// Named says whether transfers have somewhere to go.
func (a Account) Named() bool { return a.Number != "" }

// Retell changes what is told about a market. It refuses wrong values each by
// its field, and (conflict) an edition that is not the market's any more, unless it
// stands there as wished already: else whoever had the page open longest would put an
// old bank account back. Whether its zone may still change is for the caller to know.
func Retell(ctx context.Context, db *storage.DB, market int32, t Told) error {
	t.Name, t.NameEN = strings.TrimSpace(t.Name), strings.TrimSpace(t.NameEN)
	t.Operator, t.Licence = strings.TrimSpace(t.Operator), strings.TrimSpace(t.Licence)
	account, wrong := t.Plain()
	var zone error
	if _, err := time.LoadLocation(t.TimeZone); err != nil || t.TimeZone == "" || t.TimeZone == "Local" {
		zone = fault.Invalid("time_zone", "time_zone_unknown", fault.Args{"zone": t.TimeZone})
	}
	if err := fault.All(written("name", t.Name, true, 80), written("name_en", t.NameEN, false, 80),
		written("operator", t.Operator, false, 120), written("licence", t.Licence, false, 60), zone, wrong); err != nil {
		return err
	}
	return db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed() // it lands in the same state
		if t.Edition != "" {
			m, err := findMarket(tx, `WHERE id = $1 FOR UPDATE`, market)
			if err != nil {
				return err
			}
			was, wish := m.Told(), t
			wish.Account, wish.Edition = account, was.Edition
			if t.Edition != was.Edition && was != wish {
				return fault.Conflict("conflict")
			}
		}
		tx.Expect(1, fault.NotFound("market_unknown"), `UPDATE markets SET name = $2, name_en = $3, operator = $4, licence = $5, time_zone = $6,
bank_holder = $7, bank_name = $8, bank_number = $9 WHERE id = $1 AND id > 0`,
			market, t.Name, t.NameEN, t.Operator, t.Licence, t.TimeZone, account.Holder, account.Bank, account.Number)
		return nil
	})
}

// PauseMarket lets a market take no new orders, or take them again. Orders that
// it has go on. Twice is once: a pause keeps its first moment.
func PauseMarket(ctx context.Context, db *storage.DB, market int32, paused bool) error {
	return db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Expect(1, fault.NotFound("market_unknown"), `UPDATE markets SET paused_at = CASE WHEN $2 THEN COALESCE(paused_at, $3) END WHERE id = $1 AND id > 0`,
			market, paused, tx.Now)
		return nil
	})
}
