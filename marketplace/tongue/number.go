package tongue

import (
	"strconv"
	"strings"
)

// Space is the no-break space between a figure and its unit.
const Space = "\u00a0"

// Minus is the sign before a sum that was taken away.
const Minus = "−"

// signs are written before the figure; other currencies write their code.
var signs = map[string]string{"CNY": "¥", "": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥"}

// whole are the currencies without minor units.
var whole = map[string]bool{"JPY": true, "KRW": true, "VND": true}

// Money writes a sum in minor units: 28600 CNY is ¥286.00.
func (r Reader) Money(minor int64, currency string) string {
	return r.money(minor, currency, false)
}

// Round writes a sum without its minor units, for summaries: ¥3,215.
func (r Reader) Round(minor int64, currency string) string {
	return r.money(minor, currency, true)
}

// Figure is Round without the sign, for charts that name the currency once.
func (r Reader) Figure(minor int64, currency string) string {
	return strings.Replace(r.money(minor, currency, true), r.Sign(currency), "", 1)
}

func (r Reader) money(minor int64, currency string, round bool) string {
	n, minus := magnitude(minor)
	sign, ok := signs[currency]
	if !ok {
		sign = currency + Space
	}
	if whole[currency] {
		return minus + sign + thousands(n)
	}
	if round {
		return minus + sign + thousands((n+50)/100)
	}
	cents := n % 100
	return minus + sign + thousands(n/100) + "." + string([]byte{byte('0' + cents/10), byte('0' + cents%10)})
}

// Sign is the currency's sign alone, for a price that sets it smaller.
func (r Reader) Sign(currency string) string {
	if sign, ok := signs[currency]; ok {
		return sign
	}
	return currency + Space
}

// Bare writes a sum without its sign: 28,600 minor units are 286.00. It is also
// what a form field shows.
func (r Reader) Bare(minor int64, currency string) string {
	return strings.Replace(r.money(minor, currency, false), r.Sign(currency), "", 1)
}

// Typed writes a sum as a person types it: no thousands, no sign.
func (r Reader) Typed(minor int64, currency string) string {
	return strings.ReplaceAll(r.Bare(minor, currency), ",", "")
}

// Count writes a number with thousands.
func (r Reader) Count(n int64) string {
	m, minus := magnitude(n)
	return minus + thousands(m)
}

// Percent writes basis points: 700 is 7%, 1250 is 12.5%.
func (r Reader) Percent(points int64) string {
	n, minus := magnitude(points)
	return minus + decimal(n, 2) + "%"
}

// grams of one unit; a unit that is not here is counted, not weighed.
var grams = map[string]uint64{"g": 1, "kg": 1000, "jin": 500, "dan": 50000, "t": 1000000}

// Weighed says whether a unit is a weight, so that its base is grams.
func Weighed(unit string) bool { return grams[unit] != 0 }

// Amount writes base units (grams, or pieces) in the unit, without its name:
// 4900 grams are "9.8" jin. It is what a form field shows.
func (r Reader) Amount(base int64, unit string) string {
	return strings.ReplaceAll(r.amount(base, unit), ",", "")
}

func (r Reader) amount(base int64, unit string) string {
	n, minus := magnitude(base)
	switch unit {
	case "g":
		return minus + thousands(n)
	case "kg":
		return minus + decimal(n, 3)
	case "jin":
		return minus + decimal(n*2, 3)
	case "dan":
		return minus + decimal(n*2, 5)
	case "t":
		return minus + decimal(n, 6)
	}
	return minus + thousands(n)
}

// Unit is the name of one unit: 斤, jin, piece.
func (r Reader) Unit(unit string) string { return r.unit(unit, 1) }

func (r Reader) unit(unit string, count int64) string {
	key := "unit." + unit
	if catalogues[r.Lang()][key] == nil {
		return unit
	}
	return r.T(key, "count", count)
}

// UnitOf is the unit's name after so many base units: "pieces", of one "piece". Beside a
// field that is empty yet it is that of none.
func (r Reader) UnitOf(base int64, unit string) string {
	if Weighed(unit) {
		base = 2
	}
	return r.unit(unit, base)
}

// Quantity writes base units with the unit's name: "10 斤".
func (r Reader) Quantity(base int64, unit string) string {
	return r.amount(base, unit) + Space + r.UnitOf(base, unit)
}

// Both writes a weight with its kilograms once: "10 斤（5 kg）", "10 jin (5 kg)".
// A unit that is kilograms already, or that is counted, stays alone.
func (r Reader) Both(base int64, unit string) string {
	out := r.Quantity(base, unit)
	if unit == "kg" || !Weighed(unit) {
		return out
	}
	if r.english() {
		return out + " (" + r.Kilograms(base) + ")"
	}
	return out + "（" + r.Kilograms(base) + "）"
}

// Kilograms writes grams as kilograms: 4900 is "4.9 kg".
func (r Reader) Kilograms(g int64) string { return r.amount(g, "kg") + Space + "kg" }

// Weight writes grams the way people here say them: jin and kilograms.
func (r Reader) Weight(g int64) string { return r.Both(g, "jin") }

// Per writes a price for one unit: "¥13.20/斤".
func (r Reader) Per(minor int64, currency, unit string) string {
	return r.Money(minor, currency) + "/" + r.Unit(unit)
}

// decimal writes n with the given number of places and no idle zeros.
func decimal(n uint64, places int) string {
	scale := uint64(1)
	for range places {
		scale *= 10
	}
	out := thousands(n / scale)
	if n%scale == 0 {
		return out
	}
	rest := strconv.FormatUint(n%scale+scale, 10)[1:]
	return out + "." + strings.TrimRight(rest, "0")
}

func magnitude(n int64) (uint64, string) {
	if n < 0 {
		return uint64(-(n + 1)) + 1, Minus
	}
	return uint64(n), ""
}

func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	if len(s) <= 3 {
		return s
	}
	var b strings.Builder
	for i, c := range []byte(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(c)
	}
	return b.String()
}
