package tongue

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"commonfield/storage/fault"
)

func TestBothCataloguesHaveTheSameKeysAndPlaceholders(t *testing.T) {
	chinese, english := catalogues[Chinese], catalogues[English]
	for key, c := range chinese {
		e := english[key]
		if e == nil {
			t.Errorf("%s is missing in English", key)
			continue
		}
		a, b := names(c), names(e)
		if !slices.Equal(a, b) {
			t.Errorf("%s has placeholders %v in Chinese, %v in English", key, a, b)
		}
	}
	for key := range english {
		if chinese[key] == nil {
			t.Errorf("%s is missing in Chinese", key)
		}
	}
}

func TestNoSentenceIsEmptyAndNoneHoldsMarkup(t *testing.T) {
	for _, lang := range Languages {
		for _, m := range messages(lang) {
			if strings.TrimSpace(m.Other) == "" {
				t.Errorf("%s %s is empty", lang, m.ID)
			}
			if strings.ContainsAny(m.Other, "<>") {
				t.Errorf("%s %s holds markup", lang, m.ID)
			}
			if strings.Count(m.Other, "**")%2 == 1 {
				t.Errorf("%s %s opens ** and does not close it", lang, m.ID)
			}
		}
	}
}

func names(c *compiled) []string {
	n := c.names()
	sort.Strings(n)
	return slices.Compact(n)
}

var used = regexp.MustCompile(`\bT\("([a-z0-9_.]+)"(\s*\+)?`)

// Every key that a page or a piece writes stands in the catalogues; of a key
// that is put together, its beginning does.
func TestEveryKeyThatThePagesUseHasASentence(t *testing.T) {
	keys := Keys(Chinese)
	found := 0
	err := filepath.WalkDir("../web", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" {
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range used.FindAllStringSubmatch(string(body), -1) {
			found++
			key, composed := match[1], match[2] != "" || strings.HasSuffix(match[1], ".")
			if composed && !slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, key) }) {
				t.Errorf("%s: no sentence begins with %s", path, key)
			}
			if !composed && !Has(key) {
				t.Errorf("%s: no sentence for %s", path, key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 100 {
		t.Fatalf("only %d keys were found; is the pattern right?", found)
	}
}

func TestTheLanguageIsChosenByAddressCookieAndBrowserInThisOrder(t *testing.T) {
	for _, c := range []struct{ asked, cookie, accept, want string }{
		{"", "", "", Chinese},
		{"en", "zh", "zh-CN", English},
		{"", "en", "zh-CN", English},
		{"xx", "", "en-GB,en;q=0.9,zh;q=0.1", English},
		{"", "", "zh-TW,en;q=0.5", Chinese},
		{"", "", "fr-FR,fr;q=0.9", Chinese},
		{"", "", ";;;not a header", Chinese},
	} {
		if got := Choose(c.asked, c.cookie, c.accept).Lang(); got != c.want {
			t.Errorf("Choose(%q, %q, %q) = %s, want %s", c.asked, c.cookie, c.accept, got, c.want)
		}
	}
}

func TestMoneyIsWrittenToTheFen(t *testing.T) {
	r := For(Chinese)
	for minor, want := range map[int64]string{
		28600: "¥286.00", 5: "¥0.05", -264: "−¥2.64", 123456789: "¥1,234,567.89", 0: "¥0.00",
		-9223372036854775808: "−¥92,233,720,368,547,758.08",
	} {
		if got := r.Money(minor, "CNY"); got != want {
			t.Errorf("Money(%d) = %s, want %s", minor, got, want)
		}
	}
	if got := r.Round(321550, "CNY"); got != "¥3,216" {
		t.Errorf("Round = %s", got)
	}
	if got := r.Typed(123450, "CNY"); got != "1234.50" {
		t.Errorf("Typed = %s", got)
	}
}

func TestWeightsSayJinAndKilogramsOnce(t *testing.T) {
	zh, en := For(Chinese), For(English)
	nb := func(s string) string { return strings.ReplaceAll(s, "~", Space) }
	for _, c := range []struct{ got, want string }{
		{zh.Weight(5000), "10~斤（5~kg）"},
		{en.Weight(5000), "10~jin (5~kg)"},
		{zh.Weight(4900), "9.8~斤（4.9~kg）"},
		{zh.Weight(1), "0.002~斤（0.001~kg）"},
		{zh.Both(100000, "dan"), "2~担（100~kg）"},
		{zh.Both(5000, "kg"), "5~kg"},
		{en.Quantity(1, "piece"), "1~piece"},
		{en.Quantity(12, "bale"), "12~bales"},
		{en.UnitOf(2, "piece"), "pieces"},
		{en.UnitOf(1, "piece"), "piece"},
		{en.UnitOf(0, "piece"), "pieces"},
		{en.UnitOf(1, "jin"), "jin"},
		{zh.Percent(1250), "12.5%"},
		{zh.Quantity(1860000/2, "jin"), "1,860~斤"},
		{zh.Amount(1860000/2, "jin"), "1860"},
		{zh.Percent(700), "7%"},
		{en.Percent(1250), "12.5%"},
		{zh.Per(1320, "CNY", "jin"), "¥13.20/斤"},
	} {
		if c.got != nb(c.want) {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestMomentsAreWrittenInTheMarketsPlace(t *testing.T) {
	place := time.FixedZone("there", 8*3600)
	at := time.Date(2026, 12, 4, 9, 40, 0, 0, time.UTC)
	now := at.Add(-14 * 24 * time.Hour)
	zh, en := For(Chinese).At(place, now), For(English).At(place, now)
	for _, c := range []struct{ got, want string }{
		{zh.Moment(at), "12~月~4~日~17:40"},
		{en.Moment(at), "4~December, 17:40"},
		{zh.Left(at), "还剩~14~天"},
		{en.Left(at), "14 days left"},
		{en.Left(now.Add(90 * time.Minute)), "90 minutes left"},
		{zh.Left(now.Add(-time.Second)), "时间到了"},
		{en.Day(at.AddDate(-1, 0, 0)), "4~December~2025"},
		{en.Ago(now.Add(-3 * time.Hour)), "3 hours ago"},
		{zh.Due(now.Add(time.Hour)), "今天~18:40"},
	} {
		if want := strings.ReplaceAll(c.want, "~", Space); c.got != want {
			t.Errorf("got %q, want %q", c.got, want)
		}
	}
}

func TestAFaultIsASentenceWithItsValuesWritten(t *testing.T) {
	r := For(English)
	for _, c := range []struct {
		code string
		args fault.Args
		want string
	}{
		{"price_changed", fault.Args{"old": int64(13200), "new": int64(13500), "currency": "CNY"}, "¥132.00 to ¥135.00"},
		{"sold_out", fault.Args{"listing": "Walnuts", "left": int64(2500), "unit": "jin"}, "5\u00a0jin (2.5\u00a0kg) left"},
		{"weight_band", fault.Args{"over": int64(450), "unit": "jin", "band": int32(300)}, "0.9\u00a0jin (0.45\u00a0kg) outside the agreed 3%"},
		{"order_move", fault.Args{"from": "placed", "to": "shipped", "allowed": []string{"secured", "cancelled"}}, "Awaiting seller, Cancelled"},
		{"sold_out", fault.Args{"listing": "核桃", "listing_en": "Walnuts", "left": int64(3), "unit": "piece"}, "“Walnuts”; 3\u00a0pieces left"},
		{"out_of_range", fault.Args{"min": int64(0), "max": int64(2000), "unit": "bp"}, "between 0% and 20%"},
		{"order_move", fault.Args{"from": "completed", "to": "placed", "allowed": []string{}}, "The order is now “Done”, and there is nothing for you to do with it."},
		{"refund_too_large", fault.Args{"left": int64(264), "currency": "CNY"}, "¥2.64"},
	} {
		if got := Fault(r, c.code, c.args); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q does not say %q", c.code, got, c.want)
		}
	}
}

func TestAFaultWithoutSentenceOrValuesStillSaysSomethingKind(t *testing.T) {
	for _, lang := range Languages {
		r := For(lang)
		for _, code := range []string{"", "no.such.code", "price_changed", "too_long.really"} {
			got := Fault(r, code, nil)
			if got != r.T("fault.unknown") {
				t.Errorf("%s %q says %q", lang, code, got)
			}
		}
	}
}

func TestAKeyWithoutSentenceIsSeen(t *testing.T) {
	if got := For(English).T("no.such.key"); !strings.Contains(got, "⟦") {
		t.Errorf("a missing key reads %q", got)
	}
}

func TestTheErrorOfAJobIsSaidWhereItIsARefusal(t *testing.T) {
	r := For(English)
	for kept, want := range map[string]string{
		"order_move allowed=none from=secured to=expired": "The order is “Awaiting seller” and cannot become “Expired”.",
		"search_down: dial tcp: connection refused":       "Search is out of reach for the moment.",
		"gateway: connection refused (attempt 8 of 8)":    "The machine reports an error.",
		"order_move": "The machine reports an error.", // a sentence without its values
		"unknown":    "The machine reports an error.",
		"":           "The machine reports an error.",
	} {
		if got := r.Failed(kept); !strings.HasPrefix(got, want) {
			t.Errorf("%q is said as %q, want %q", kept, got, want)
		}
	}
}
