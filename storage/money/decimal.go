package money

import (
	"math/big"
	"strings"
)

// Decimal reads a sum as banks write it, digits and a point, to the minor unit:
// 12.5 is 1250. It reads no sign, and nothing that is finer than a minor unit.
func Decimal(s string) (minor int64, ok bool) {
	if len(s) > 30 || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, false
	}
	r.Mul(r, big.NewRat(100, 1))
	return r.Num().Int64(), r.IsInt() && r.Num().IsInt64()
}
