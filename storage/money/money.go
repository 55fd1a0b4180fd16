// Package money holds the arithmetic of sums: int64 minor units, rates in
// basis points, rounding half up and once, splits by the largest remainder.
// There are no floats here and no currency is ever converted.
package money

import (
	"cmp"
	"errors"
	"math/bits"
	"slices"
)

// Whole is the number of basis points in one whole.
const Whole = 10_000

// ErrOverflow says that a result does not fit in 64 bits.
var ErrOverflow = errors.New("money: the result does not fit in 64 bits")

// Part is round half up of sum × rate, rate in basis points. A negative sum
// rounds like its positive twin, so that what is taken back equals what was given.
func Part(sum int64, rate int32) int64 {
	p, err := MulDiv(sum, int64(rate), Whole)
	if err != nil {
		panic(err) // |rate| ≤ 10 000 cannot leave the range of sum
	}
	return p
}

// Included is the tax inside a sum that contains it: sum × rate ÷ (1 + rate).
func Included(sum int64, rate int32) int64 {
	p, err := MulDiv(sum, int64(rate), Whole+int64(rate))
	if err != nil {
		panic(err)
	}
	return p
}

// MulDiv is round half up (away from zero) of a × b ÷ c, exact in between.
// It is how a price per unit becomes a price for a quantity:
// MulDiv(price per unit, quantity in base units, base units per unit).
func MulDiv(a, b, c int64) (int64, error) {
	if c <= 0 {
		return 0, errors.New("money: division by nothing")
	}
	neg := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(abs(a), abs(b))
	lo, carry := bits.Add64(lo, uint64(c)/2, 0)
	hi += carry
	if hi >= uint64(c) {
		return 0, ErrOverflow
	}
	// (ab + ⌊c/2⌋) ÷ c rounds an exact half up; an odd c has no exact half.
	q, _ := bits.Div64(hi, lo, uint64(c))
	if q > 1<<63-1 {
		return 0, ErrOverflow
	}
	if neg {
		return -int64(q), nil
	}
	return int64(q), nil
}

func abs(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

// Split shares sum in proportion to weights so that the parts add up to it
// exactly: each gets the floor of its share, the fen left over go to the
// largest remainders, the earlier part first among equals. Weights are ≥ 0;
// when all are zero, so are the parts, and sum must be zero too, else it all
// goes to the first. A negative sum gives the negated split.
func Split(sum int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	if len(weights) == 0 || sum == 0 {
		return parts
	}
	if sum < 0 {
		for i, p := range Split(-sum, weights) {
			parts[i] = -p
		}
		return parts
	}
	var total uint64
	for _, w := range weights {
		if w < 0 {
			panic("money: a negative weight")
		}
		var over uint64
		if total, over = bits.Add64(total, uint64(w), 0); over != 0 {
			panic("money: weights that do not fit")
		}
	}
	if total == 0 {
		parts[0] = sum
		return parts
	}
	rests := make([]uint64, len(weights))
	left := sum
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(sum), uint64(w))
		q, r := bits.Div64(hi, lo, total) // w ≤ total, so that the part is ≤ sum and fits
		parts[i], rests[i] = int64(q), r
		left -= parts[i]
	}
	// Less than one fen was lost for each part, so each gets at most one of them.
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rests[b], rests[a]) })
	for i := range left {
		parts[order[i]]++
	}
	return parts
}

// Sum adds, and refuses to overflow.
func Sum(parts ...int64) (int64, error) {
	var s int64
	for _, p := range parts {
		n := s + p
		if (p > 0 && n < s) || (p < 0 && n > s) {
			return 0, ErrOverflow
		}
		s = n
	}
	return s, nil
}
