package money_test

import (
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
