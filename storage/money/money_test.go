package money

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestRatesRoundHalfUpOnceOnTheLine(t *testing.T) {
	for _, c := range []struct {
		sum  int64
		rate int32
		want int64
	}{{50, 1000, 5}, {525, 1000, 53}, {-525, 1000, -53}, {1, 5000, 1}, {11111, 1000, 1111}, {0, 1000, 0}} {
		if got := Part(c.sum, c.rate); got != c.want {
			t.Errorf("Part(%d, %d) = %d, want %d", c.sum, c.rate, got, c.want)
		}
	}
}

func TestAThousandGramsAtOneYuanAKiloCostOneYuan(t *testing.T) {
	if got, err := MulDiv(100, 1000, 1000); err != nil || got != 100 {
		t.Fatalf("got %d, %v", got, err)
	}
	if got, _ := MulDiv(100, 1, 1000); got != 0 {
		t.Fatalf("one gram alone is %d", got)
	}
}

func TestTaxIncludedIsTakenFromTheSummedBase(t *testing.T) {
	// 6.00 + 20 % fee = 7.20, 10 % included → 0.65
	if got := Included(600+Part(600, 2000), 1000); got != 65 {
		t.Fatalf("tax is %d, want 65", got)
	}
}

func TestMulDivRefusesWhatDoesNotFit(t *testing.T) {
	if _, err := MulDiv(1<<62, 8, 1); err == nil {
		t.Fatal("an overflow went through")
	}
	if _, err := MulDiv(1, 1, 0); err == nil {
		t.Fatal("a division by zero went through")
	}
}

func TestASplitAddsUpAndNoPartStraysByMoreThanOneFen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := rapid.Int64Range(-1e12, 1e12).Draw(t, "sum")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 12).Draw(t, "weights")
		var total, got int64
		for _, w := range weights {
			total += w
		}
		parts := Split(sum, weights)
		for i, p := range parts {
			got += p
			if total > 0 {
				exact, _ := MulDiv(sum, weights[i], total)
				if d := p - exact; d > 1 || d < -1 {
					t.Fatalf("part %d is %d, exact %d", i, p, exact)
				}
			}
		}
		if got != sum {
			t.Fatalf("parts add up to %d, not %d", got, sum)
		}
	})
}

// The parts of the largest sums, against whole numbers without a limit.
func TestASplitIsExactForTheLargestSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := rapid.Int64Range(0, math.MaxInt64).Draw(t, "sum")
		weights := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64), 1, 2).Draw(t, "weights")
		total := new(big.Int)
		for _, w := range weights {
			total.Add(total, big.NewInt(w))
		}
		if total.Sign() == 0 {
			return
		}
		left := sum
		for i, p := range Split(sum, weights) {
			floor := new(big.Int).Mul(big.NewInt(sum), big.NewInt(weights[i]))
			floor.Quo(floor, total)
			if d := p - floor.Int64(); d != 0 && d != 1 {
				t.Fatalf("part %d is %d, its floor %d", i, p, floor)
			}
			left -= p
		}
		if left != 0 {
			t.Fatalf("%d is left over", left)
		}
	})
}
