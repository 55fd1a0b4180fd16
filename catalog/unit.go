package catalog

import (
	"errors"
	"strings"

	"commonfield/storage"
	"commonfield/storage/fault"
)

// The dimensions of units: base units are grams, or pieces.
const (
	Weight = "weight"
	Count  = "count"
)

// Unit is what a price stands for. Base is how many base units it holds.
type Unit struct {
	Code      string `db:"code"`
	Dimension string `db:"dimension"`
	Base      int64  `db:"base"`
}

// Weighed says whether the unit is a weight.
func (u Unit) Weighed() bool { return u.Dimension == Weight }

// units are the ones every instance has; Load writes them.
var units = []Unit{
	{"jin", Weight, 500},
	{"kg", Weight, 1_000},
	{"dan", Weight, 50_000},
	{"piece", Count, 1},
	{"box", Count, 1},
	{"bale", Count, 1},
}

// UnitOf gives one of the units every instance has, without the database.
func UnitOf(code string) (Unit, bool) {
	for _, u := range units {
		if u.Code == code {
			return u, true
		}
	}
	return Unit{}, false
}

// Units lists the units in their order.
func Units(tx *storage.Tx) ([]Unit, error) {
	var all []Unit
	err := tx.Select(&all, "SELECT code, dimension, base FROM units ORDER BY position, code")
	return all, err
}

// UnitNow gives one unit, from the database only when somebody has added it.
func UnitNow(tx *storage.Tx, code string) (Unit, error) {
	if u, known := UnitOf(code); known {
		return u, nil
	}
	return FindUnit(tx, code)
}

// FindUnit gives one unit; fault.Invalid("unit", "unknown_unit") when there is none.
func FindUnit(tx *storage.Tx, code string) (Unit, error) {
	var u Unit
	err := tx.Get(&u, "SELECT code, dimension, base FROM units WHERE code = $1", code)
	if errors.Is(err, storage.ErrNone) {
		return u, fault.Invalid("unit", "unknown_unit", fault.Args{"value": strings.ToValidUTF8(code, "")})
	}
	return u, err
}
