package catalog_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"commonfield/catalog"
	"commonfield/storage/fault"
)

func unit(t testing.TB, code string) catalog.Unit {
	t.Helper()
	u, ok := catalog.UnitOf(code)
	if !ok {
		t.Fatalf("no unit %s", code)
	}
	return u
}

func TestAQuantityIsReadExactly(t *testing.T) {
	for _, c := range []struct {
		text, unit string
		want       int64
		code       string
	}{
		{"9.8", "jin", 4900, ""},
		{"1", "dan", 50_000, ""},  // 担
		{"1", "jin", 500, ""},     // 斤
		{"0.002", "jin", 1, ""},   // one gram
		{"0.00002", "dan", 1, ""}, // one gram
		{" 2.500 ", "kg", 2500, ""},
		{"１２．５", "kg", 12_500, ""},
		{"007", "piece", 7, ""},
		{"3.0", "bale", 3, ""},
		{"0.1", "kg", 100, ""},
		{"1000000000", "kg", catalog.MostQuantity, ""},
		{"0.001", "jin", 0, "quantity_uneven.weight"},
		{"1.5", "piece", 0, "quantity_whole"},
		{"0", "kg", 0, "quantity_unreadable"},
		{"-1", "kg", 0, "quantity_unreadable"},
		{"1e3", "kg", 0, "quantity_unreadable"},
		{"1,200", "kg", 0, "quantity_unreadable"},
		{"", "kg", 0, "quantity_unreadable"},
		{".", "kg", 0, "quantity_unreadable"},
		{"1.", "kg", 0, "quantity_unreadable"},
		{".5", "kg", 0, "quantity_unreadable"},
		{"1.2.3", "kg", 0, "quantity_unreadable"},
		{"十", "kg", 0, "quantity_unreadable"},
		{"1000000000.001", "kg", 0, "quantity_too_large"},
		{strings.Repeat("9", 32), "kg", 0, "quantity_too_large"},
		{strings.Repeat("9", 33), "kg", 0, "quantity_unreadable"},
		{strings.Repeat("9", 1<<20), "kg", 0, "quantity_unreadable"},
	} {
		got, err := catalog.ParseQuantity(c.text, unit(t, c.unit))
		if got != c.want || (c.code == "") != (err == nil) || (c.code != "" && !fault.Has(err, c.code)) {
			t.Errorf("%.40q %s: %d, %v; want %d %s", c.text, c.unit, got, err, c.want, c.code)
		}
		if f, ok := fault.As(err); ok && f.Field != "quantity" {
			t.Errorf("%q: on the field %q", c.text, f.Field)
		}
	}
}

func TestAWrittenQuantityIsReadBack(t *testing.T) {
	codes := []string{"jin", "kg", "dan", "piece", "box", "bale"}
	rapid.Check(t, func(t *rapid.T) {
		u, _ := catalog.UnitOf(rapid.SampledFrom(codes).Draw(t, "unit"))
		base := rapid.Int64Range(1, catalog.MostQuantity).Draw(t, "base")
		text := catalog.FormatQuantity(base, u)
		if got, err := catalog.ParseQuantity(text, u); err != nil || got != base {
			t.Fatalf("%d %s is written %q and read %d, %v", base, u.Code, text, got, err)
		}
	})
	if got := catalog.FormatQuantity(-4900, unit(t, "jin")); got != "-9.8" {
		t.Fatalf("got %q", got)
	}
}

func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"9.8", "１２．５", "", "-1", "1e9", "0.000000001", "99999999999999999999999"} {
		f.Add(s)
	}
	jin, _ := catalog.UnitOf("jin")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := catalog.ParseQuantity(s, jin)
		if err != nil {
			if _, ok := fault.As(err); !ok || n != 0 {
				t.Fatalf("%q: %d, %v", s, n, err)
			}
			return
		}
		if n <= 0 || n > catalog.MostQuantity {
			t.Fatalf("%q is %d", s, n)
		}
		if again, err := catalog.ParseQuantity(catalog.FormatQuantity(n, jin), jin); err != nil || again != n {
			t.Fatalf("%q is %d and then %d, %v", s, n, again, err)
		}
	})
}
