package marketplace_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace"
	"commonfield/marketplace/tongue"
)

// broken is how the code of a check names what it says, and valued how it names a value:
// in Go, in SQL, and where one function says it for several checks.
var (
	broken = regexp.MustCompile(`"say": "(\w+)"|'say', '(\w+)'|run\(tx, "(\w+)"|differing\{(?:say: )?"(\w+)"`)
	valued = regexp.MustCompile(`"(\w+)": |'(\w+)', `)
)

// A violation without a sentence is one that nobody understands, and a sentence with a
// value that its room never gives is none. Sentences that nothing says have no use.
func TestEveryViolationHasItsSentenceInBothLanguages(t *testing.T) {
	said := map[string]map[string]any{}
	for _, floor := range []string{"storage", "agents", "catalog", "marketplace"} {
		must(t, filepath.WalkDir(filepath.Join("..", floor), func(path string, e fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(filepath.ToSlash(path), "marketplace/web/") {
				return err
			}
			body, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			values := map[string]any{}
			for _, name := range words(valued, string(body)) {
				values[name] = sample(name)
			}
			for _, say := range words(broken, string(body)) {
				if said[say] != nil {
					t.Errorf("%s is said in two files", say)
				}
				said[say] = maps.Clone(values)
				said[say]["say"] = say
			}
			return nil
		}))
	}
	if len(said) < 80 {
		t.Fatalf("only %d sentences were found; is the pattern right?", len(said))
	}
	for _, lang := range tongue.Languages {
		for say, values := range said {
			if got := tongue.For(lang).Broken(values, "CNY"); strings.ContainsAny(got, "⟦⟧") || strings.Contains(got, "%!") {
				t.Errorf("%s: %s", say, got)
			}
		}
	}
	for _, key := range tongue.Keys(tongue.English) {
		if say, is := strings.CutPrefix(key, "check_found."); is && said[say] == nil {
			t.Errorf("nothing says %s", say)
		}
	}
}

// The rules of posting are all sorts of causes that there are.
func TestEveryCauseHasItsWords(t *testing.T) {
	for _, rule := range marketplace.Postings() {
		if tongue.For(tongue.English).Cause(rule.Cause) == "" {
			t.Errorf("%s has no words", rule.Cause)
		}
	}
	for cause, want := range map[string]string{"order:x:release": "Shared out after delivery", "transfer:2026": "A bank transfer came", "payment:excess:x": "Too much was paid, and goes back", "refund:x:dance": "", "": ""} {
		if got := tongue.For(tongue.English).Cause(cause); got != want {
			t.Errorf("%s is said as %q, want %q", cause, got, want)
		}
	}
}

func words(of *regexp.Regexp, body string) []string {
	var all []string
	for _, match := range of.FindAllStringSubmatch(body, -1) {
		all = append(all, strings.Join(match[1:], ""))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// sample is a value of the sort that a name says.
func sample(name string) any {
	switch {
	case strings.HasSuffix(name, "_minor"), strings.HasSuffix(name, "_quantity"), name == "count":
		return int64(7)
	case strings.HasSuffix(name, "_at"):
		return time.Now()
	}
	return "x"
}

func TestAViolationIsSaidWithItsSumsAndNames(t *testing.T) {
	for _, c := range []struct {
		found   map[string]any
		english string
		chinese string
	}{
		{map[string]any{"say": "held_differs", "number": "CF1", "state": "shipped", "held_minor": int64(500), "expected_minor": int64(0)},
			"Order CF1 (On its way): ¥5.00 held, ¥0.00 expected", "订单 CF1（在路上）：代收 ¥5.00，应为 ¥0.00"},
		{map[string]any{"say": "balance_below", "account": "held:order:01a21e3a-d3e0-7997-bf99-da77b58397d2", "stored_minor": int64(-5)},
			"Held for orders: −¥0.05, below zero", "代收货款：−¥0.05，低于零"},
		{map[string]any{"say": "batch_bounds", "listing": "核桃", "listing_en": "Walnuts", "unit": "jin", "is_quantity": int64(500), "ought_quantity": int64(1000)},
			"A batch of Walnuts: 1 jin there, 2 jin promised", "核桃的一批货：现有 1 斤，已许出 2 斤"},
		{map[string]any{"say": "told_differs", "name": "", "told_minor": int64(1), "books_minor": int64(2)},
			"Somebody unknown is told ¥0.01, the books have ¥0.02", "身份不明的人 看到的是 ¥0.01，账上是 ¥0.02"},
	} {
		for lang, want := range map[string]string{tongue.English: c.english, tongue.Chinese: c.chinese} {
			if got := plain(tongue.For(lang).Broken(c.found, "CNY")); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}
