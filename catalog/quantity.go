package catalog

import (
	"math/big"
	"strconv"
	"strings"

	"commonfield/storage/fault"
)

// MostQuantity is the largest quantity that is believed: a million tonnes.
const MostQuantity = 1_000_000_000_000

// longest is how many characters of a quantity are read.
const longest = 32

// ParseQuantity reads a typed quantity of a unit into base units, exactly:
// "9.8" jin are 4900 grams. Full-width figures are read like ordinary ones. It
// refuses, on the field "quantity", what is no positive decimal number
// (quantity_unreadable), what is not whole grams (quantity_uneven.weight) or pieces (quantity_whole)
// and what nobody can mean (quantity_too_large).
func ParseQuantity(text string, unit Unit) (int64, error) {
	whole, frac, ok := decimal(text)
	if !ok {
		return 0, fault.Invalid("quantity", "quantity_unreadable")
	}
	n, _ := new(big.Int).SetString(whole+frac, 10)
	n.Mul(n, big.NewInt(unit.Base))
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(frac))), nil)
	n, rest := n.QuoRem(n, ten, new(big.Int))
	switch {
	case n.Cmp(big.NewInt(MostQuantity)) > 0:
		return 0, fault.Invalid("quantity", "quantity_too_large")
	case rest.Sign() != 0 && unit.Weighed():
		return 0, fault.Invalid("quantity", "quantity_uneven.weight")
	case rest.Sign() != 0:
		return 0, fault.Invalid("quantity", "quantity_whole")
	case n.Sign() == 0:
		return 0, fault.Invalid("quantity", "quantity_unreadable")
	}
	return n.Int64(), nil
}

// decimal cuts a number at its point. There is no sign, no exponent and no
// sign between thousands: "1,200" is one thousand to some and one to others.
func decimal(text string) (whole, frac string, ok bool) {
	if len(text) > longest*3 {
		return "", "", false
	}
	plain := strings.Map(narrow, strings.TrimSpace(text))
	whole, frac, point := strings.Cut(plain, ".")
	if len(plain) > longest || whole == "" || (point && frac == "") {
		return "", "", false
	}
	return whole, frac, strings.Trim(whole+frac, "0123456789") == ""
}

// narrow turns the figures of a Chinese keyboard into ordinary ones.
func narrow(r rune) rune {
	switch {
	case '０' <= r && r <= '９':
		return r - '０' + '0'
	case r == '．':
		return '.'
	}
	return r
}

// FormatQuantity writes base units in a unit as ParseQuantity reads them, for
// programs and files: 4900 grams are "9.8" jin. Pages use the reader's tongue.
func FormatQuantity(base int64, unit Unit) string {
	sign := ""
	if base < 0 {
		sign, base = "-", -base
	}
	whole, rest := strconv.FormatInt(base/unit.Base, 10), base%unit.Base
	var part []byte
	for rest != 0 && len(part) < 18 { // a base made of twos and fives ends long before
		rest *= 10
		part = append(part, byte('0'+rest/unit.Base))
		rest %= unit.Base
	}
	if len(part) == 0 {
		return sign + whole
	}
	return sign + whole + "." + string(part)
}
