package money_test

import (
	"fmt"
	"strings"
	"testing"

	"commonfield/storage/money"
)

func TestADecimalIsReadToTheMinorUnitOrNotAtAll(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "12": 1200, "12.5": 1250, "12.50": 1250, "0.01": 1, "12.500": 1250, "92233720368547758.07": 1<<63 - 1} {
		if got, ok := money.Decimal(text); !ok || got != want {
			t.Errorf("%q is read as %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", ".", "-1", "+1", "1e3", "1/2", "0x10", "1,000", "1.005", "1.2.3", "92233720368547758.08", strings.Repeat("1", 31)} {
		if got, ok := money.Decimal(text); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

// What is read is what was written: the sum in digits is the text again, but for
// noughts that say nothing.
func FuzzADecimalIsWhatWasWritten(f *testing.F) {
	for _, s := range []string{"0", "12.5", "00012.50", ".5", "5.", "1.005", "92233720368547758.07", "92233720368547758.08", "1.2.3", "-1", "１２", "1e3", "..", "0.000"} {
		f.Add(s)
	}
	plain := func(s string) string {
		whole, part, _ := strings.Cut(s, ".")
		return strings.TrimLeft(whole, "0") + "." + strings.TrimRight(part, "0")
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := money.Decimal(s)
		if !ok {
			return
		}
		if got := fmt.Sprintf("%d.%02d", n/100, n%100); n < 0 || plain(got) != plain(s) {
			t.Errorf("%q is read as %d", s, n)
		}
	})
}
