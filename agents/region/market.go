package region

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a market's zone is known on machines without a zone database too
	"unicode/utf8"

	"github.com/google/uuid"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Market is a trading area with its own books. Market 0 is the platform.
type Market struct {
	ID         int32     `db:"id"`
	Code       string    `db:"code"` // in order numbers
	Name       string    `db:"name"`
	NameEN     string    `db:"name_en"`
	RegionCode string    `db:"region_code"` // empty for the platform
	Currency   string    `db:"currency"`
	TimeZone   string    `db:"time_zone"`
	Operator   string    `db:"operator"` // the legal body behind it
	Licence    string    `db:"licence"`
	CreatedAt  time.Time `db:"created_at"`
	Account
	PausedAt sql.NullTime `db:"paused_at"` // since when it takes no new orders
}

// Account is the bank account that transfers to a market go to. Every payer
// reads it.
type Account struct {
	Holder string `db:"bank_holder"`
	Bank   string `db:"bank_name"`
	Number string `db:"bank_number"`
}

// NewMarket is what opening a market takes. Operator, Licence and NameEN may be
// empty. With an Opening, twice is once.
type NewMarket struct {
	Code, Name, NameEN, RegionCode, Currency, TimeZone, Operator, Licence string
	Opening                                                               id.ID
}

// Paused says that the market takes no new orders.
func (m Market) Paused() bool { return m.PausedAt.Valid }

// Location is the market's zone: days, statements and moments are read in it.
func (m Market) Location() *time.Location {
	if zone, err := Zone(m.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// Zone is a zone by its name, read from the zone database once: it does not
// change while we run, and reading it was a tenth of a page.
func Zone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		zone, _ := known.(*time.Location)
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, zone)
	}
	return zone, err
}

var zones sync.Map // name → *time.Location

// Title is the market's name in a language.
func (m Market) Title(lang string) string {
	if lang == "en" && m.NameEN != "" {
		return m.NameEN
	}
	return m.Name
}

const ofMarket = `SELECT id, code, name, name_en, COALESCE(region_code, '') AS region_code, currency, time_zone, operator, licence, created_at,
bank_holder, bank_name, bank_number, paused_at FROM markets `

// Markets gives the trading areas, the platform not among them.
func Markets(tx *storage.Tx) ([]Market, error) {
	var all []Market
	err := tx.Select(&all, ofMarket+`WHERE id > 0 ORDER BY id`)
	return all, err
}

// FindMarket gives one market, or not-found.
func FindMarket(tx *storage.Tx, id int32) (Market, error) {
	return findMarket(tx, `WHERE id = $1`, id)
}

// FindMarketByCode gives the market with this code in either case, or not-found.
func FindMarketByCode(tx *storage.Tx, code string) (Market, error) {
	return findMarket(tx, `WHERE code = $1`, strings.ToUpper(strings.TrimSpace(code)))
}

func findMarket(tx *storage.Tx, where string, key any) (Market, error) {
	var m Market
	err := tx.Get(&m, ofMarket+where, key)
	if errors.Is(err, storage.ErrNone) {
		return m, fault.NotFound("market_unknown")
	}
	return m, err
}

// OpenMarket makes a trading area, and with the first one the platform's
// market. It refuses wrong values each by its field, and a code that is taken
// (taken.market); so a second call changes nothing.
func OpenMarket(ctx context.Context, db *storage.DB, n NewMarket) (Market, error) {
	n.Code, n.Name = strings.ToUpper(strings.TrimSpace(n.Code)), strings.TrimSpace(n.Name)
	if err := n.check(); err != nil {
		return Market{}, err
	}
	var m Market
	open := func(tx *storage.Tx) error {
		place, err := Find(tx, n.RegionCode)
		if err != nil {
			return err
		}
		if place.Level != City && place.Level != County {
			return fault.Invalid("region", "region_level")
		}
		m = Market{Code: n.Code, Name: n.Name, NameEN: n.NameEN, RegionCode: n.RegionCode, Currency: n.Currency,
			TimeZone: n.TimeZone, Operator: n.Operator, Licence: n.Licence, CreatedAt: tx.Now}
		if err := tx.Get(&m.ID, `SELECT COALESCE(max(id), 0) + 1 FROM markets`); err != nil {
			return err
		}
		tx.Queue(`INSERT INTO markets (id, code, name, currency, time_zone, created_at) VALUES (0, 'PLATFORM', '平台', $1, $2, $3)
ON CONFLICT DO NOTHING`, m.Currency, m.TimeZone, tx.Now)
		tx.Queue(`INSERT INTO markets (id, code, name, name_en, region_code, currency, time_zone, operator, licence, created_at, opening_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			m.ID, m.Code, m.Name, m.NameEN, m.RegionCode, m.Currency, m.TimeZone, m.Operator, m.Licence, tx.Now,
			uuid.NullUUID{UUID: n.Opening, Valid: n.Opening != id.None})
		return nil
	}
	for {
		err := db.UpdateShared(ctx, open)
		if n.Opening != id.None && (storage.Violates(err, "markets_opening") || storage.Violates(err, "markets_code_key")) {
			if was, e := opened(ctx, db, n.Opening); e != nil || was.ID > 0 {
				return was, e
			}
		}
		switch {
		case storage.Violates(err, "markets_pkey") && ctx.Err() == nil:
			continue // another one was opened meanwhile and has this number
		case storage.Violates(err, "markets_code_key"):
			return Market{}, fault.Conflict("taken.market", fault.Args{"code": n.Code}).On("code")
		case err != nil:
			return Market{}, err
		}
		return m, nil
	}
}

// opened gives the market that an opening made, or none.
func opened(ctx context.Context, db *storage.DB, opening id.ID) (Market, error) {
	var m Market
	err := db.ViewShared(ctx, func(tx *storage.Tx) (err error) {
		m, err = findMarket(tx, `WHERE opening_id = $1`, opening)
		if fault.Has(err, "market_unknown") {
			m, err = Market{}, nil
		}
		return err
	})
	return m, err
}

var (
	marketCode = regexp.MustCompile(`^[A-Z]{2,6}$`)
	currency   = regexp.MustCompile(`^[A-Z]{3}$`)
)

func (n NewMarket) check() error {
	var code, money, zone error
	if !marketCode.MatchString(n.Code) {
		code = fault.Invalid("code", "market_code")
	}
	name := fault.All(written("name", n.Name, true, 80), written("name_en", n.NameEN, false, 80),
		written("operator", n.Operator, false, 120), written("licence", n.Licence, false, 60))
	if !currency.MatchString(n.Currency) {
		money = fault.Invalid("currency", "currency_unknown", fault.Args{"currency": n.Currency})
	}
	if _, err := time.LoadLocation(n.TimeZone); err != nil || n.TimeZone == "" || n.TimeZone == "Local" {
		zone = fault.Invalid("time_zone", "time_zone_unknown", fault.Args{"zone": n.TimeZone})
	}
	return fault.All(code, name, money, zone)
}

// written refuses what is missing or longer than its place.
func written(field, text string, needed bool, most int) error {
	switch length := utf8.RuneCountInString(text); {
	case length == 0 && needed:
		return fault.Invalid(field, "required")
	case length > most:
		return fault.Invalid(field, "too_long", fault.Args{"most": most})
	}
	return nil
}
