package region

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // a market's zone is known on machines without a zone database too
	"unicode/utf8"

	"commonfield/storage"
	"commonfield/storage/fault"
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
}

// NewMarket is what opening a market takes. Operator, Licence and NameEN may be empty.
type NewMarket struct {
	Code, Name, NameEN, RegionCode, Currency, TimeZone, Operator, Licence string
}

// Location is the market's zone: days, statements and moments are read in it.
func (m Market) Location() *time.Location {
	if zone, err := time.LoadLocation(m.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// Title is the market's name in a language.
func (m Market) Title(lang string) string {
	if lang == "en" && m.NameEN != "" {
		return m.NameEN
	}
	return m.Name
}

const ofMarket = `SELECT id, code, name, name_en, COALESCE(region_code, '') AS region_code, currency, time_zone, operator, licence, created_at FROM markets `

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
		tx.Queue(`INSERT INTO markets (id, code, name, name_en, region_code, currency, time_zone, operator, licence, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			m.ID, m.Code, m.Name, m.NameEN, m.RegionCode, m.Currency, m.TimeZone, m.Operator, m.Licence, tx.Now)
		return nil
	}
	for {
		err := db.UpdateShared(ctx, open)
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

var (
	marketCode = regexp.MustCompile(`^[A-Z]{2,6}$`)
	currency   = regexp.MustCompile(`^[A-Z]{3}$`)
)

func (n NewMarket) check() error {
	var code, name, money, zone error
	if !marketCode.MatchString(n.Code) {
		code = fault.Invalid("code", "market_code")
	}
	if length := utf8.RuneCountInString(n.Name); length == 0 {
		name = fault.Invalid("name", "required")
	} else if length > 80 {
		name = fault.Invalid("name", "too_long", fault.Args{"most": 80})
	}
	if !currency.MatchString(n.Currency) {
		money = fault.Invalid("currency", "currency_unknown", fault.Args{"currency": n.Currency})
	}
	if _, err := time.LoadLocation(n.TimeZone); err != nil || n.TimeZone == "" || n.TimeZone == "Local" {
		zone = fault.Invalid("time_zone", "time_zone_unknown", fault.Args{"zone": n.TimeZone})
	}
	return fault.All(code, name, money, zone)
}
