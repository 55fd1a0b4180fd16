package search_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"commonfield/catalog/search"
	"commonfield/storage/fault"
)

func TestTextIsFoldedAsPeopleMeanIt(t *testing.T) {
	for text, want := range map[string]string{
		"ＡＢＣ　１２３":                     "abc 123",
		" 核桃\t\n 500Ｇ ":               "核桃 500g",
		"a\u202eb\u200bc\x00d\u2066e": "abcde",
		"Ürümqi":                      "urumqi",
		"\xff核\xfe桃":                  "核桃",
		"龍井":                          "龍井",
		"㎏":                           "kg",
		"":                            "",
	} {
		if got := search.Fold(text); got != want {
			t.Errorf("%q is folded to %q, not %q", text, got, want)
		}
	}
}

func TestRunsArePairsAndWords(t *testing.T) {
	got := search.Runs("新疆薄皮核桃500g装（Paper-Shell）")
	want := []search.Run{{"新疆薄皮核桃", true}, {"500g", false}, {"装", true}, {"paper", false}, {"shell", false}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("runs %v", got)
	}
	if got := search.Pairs("黑木耳"); !reflect.DeepEqual(got, []string{"黑木", "木耳"}) {
		t.Errorf("pairs %v", got)
	}
	if got := search.Pairs("茶"); got != nil {
		t.Errorf("one character has the pairs %v", got)
	}
	for word, stem := range map[string]string{"walnuts": "walnut", "berries": "berry", "potatoes": "potato", "dates": "date", "boxes": "box", "tea": "tea",
		"molasses": "molass", "glass": "glass", "citrus": "citrus", "peas": "pea", "gas": "gas"} {
		if got := search.Stem(word); got != stem {
			t.Errorf("the stem of %s is %s, not %s", word, got, stem)
		}
	}
}

func TestCharactersAreSpelledAsPeopleSayThem(t *testing.T) {
	for run, want := range map[string]string{"核桃": "hetao ht", "重庆": "chongqing cq", "尉犁": "yuli yl", "绿豆": "lvdou ld", "长绒棉": "changrongmian crm",
		"西藏": "xizang xz", "人参": "renshen rs", "喀什": "kashi ks", "重量": "zhongliang zl"} {
		if got := search.Pinyin(run) + " " + search.Initials(run); got != want {
			t.Errorf("%s is spelled %s, not %s", run, got, want)
		}
	}
	if got := search.Spell("xian"); !reflect.DeepEqual(got, [][]string{{"xian"}, {"xi", "an"}}) {
		t.Errorf("xian is spelled %v", got)
	}
	for _, word := range []string{"walnut", "ht", "", "核桃", strings.Repeat("a", 41), "cafe1"} {
		if got := search.Spell(word); got != nil {
			t.Errorf("%q is spelled %v", word, got)
		}
	}
	if len(search.Spell(strings.Repeat("xian", 10))) > 4 {
		t.Error("a word is spelled in more than four ways")
	}
	if !search.MayBeInitials("ht") || search.MayBeInitials("h") || search.MayBeInitials("hi") || search.MayBeInitials("bcdfghjkl") {
		t.Error("initials are not told")
	}
}

func TestANameWithSynonymsIsAPartOfItsOwn(t *testing.T) {
	s := search.NewSynonyms([][]string{{"核桃", "胡桃", "Walnuts"}, {"红枣", "red dates", "jujube"}})
	text := func(parts []search.Part) (all []string) {
		for _, p := range parts {
			all = append(all, p.Text+"="+strings.Join(p.Others, "|"))
		}
		return all
	}
	for query, want := range map[string][]string{
		"新疆核桃仁":          {"新疆=", "核桃=胡桃|walnut", "仁="},
		"WALNUT oil":     {"walnut=核桃|胡桃", "oil="},
		"best red dates": {"best=", "red dates=红枣|jujube"},
		"":               nil,
		"\u202e \x00":    nil,
		"，。！":            nil,
		"核 桃":            {"核=", "桃="},
	} {
		if got := text(search.Want(query, s)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q is cut into %q, not %q", query, got, want)
		}
	}
	if got := text(search.Want("核桃", nil)); !reflect.DeepEqual(got, []string{"核桃="}) {
		t.Errorf("without synonyms %q", got)
	}
}

func TestWhatIsFoundIsMarkedAsItWasWritten(t *testing.T) {
	s := search.NewSynonyms([][]string{{"核桃", "walnut"}})
	for _, c := range []struct{ title, query, want string }{
		{"薄皮核桃", "核桃", "薄皮[核桃]"},
		{"薄皮核桃", "hetao", "薄皮[核桃]"},
		{"薄皮核桃", "ht", "薄皮[核桃]"},
		{"薄皮核桃", "walnuts", "薄皮[核桃]"},
		{"Paper-shell Walnuts", "核桃", "Paper-shell [Walnuts]"},
		{"ＷＡＬＮＵＴ oil", "walnut", "[ＷＡＬＮＵＴ] oil"},
		{"Walnut oil", "wal", "[Walnut] oil"},
		{"黑木耳干", "木耳", "黑[木耳]干"},
		{"大米", "茶", "大米"},
		{"茶油", "茶", "[茶]油"},
	} {
		var got strings.Builder
		for _, p := range search.Mark(c.title, search.Want(c.query, s)) {
			if p.Found {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got.String() != c.want {
			t.Errorf("%s in %s is marked %s, not %s", c.query, c.title, got.String(), c.want)
		}
	}
}

func TestACursorLeadsNowhereUnderAnotherQuery(t *testing.T) {
	q, err := search.Query{Text: "核桃", Sort: search.ByPrice}.Clean()
	if err != nil {
		t.Fatal(err)
	}
	q.After = q.Cursor("12", "abc")
	q.N, q.Facets = 50, true
	if at, err := q.At(2); err != nil || at[0] != "12" || at[1] != "abc" {
		t.Fatalf("%v %v", at, err)
	}
	other := q
	other.Text = "大米"
	for name, wrong := range map[string]search.Query{"another text": other, "no cursor": {After: "!"}, "a long one": {After: strings.Repeat("A", 100_000)}, "nothing in it": {After: "AA"}} {
		if _, err := wrong.At(2); !fault.Has(err, "cursor_bad") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := q.At(3); !fault.Has(err, "cursor_bad") {
		t.Errorf("a cursor of two words is read as three: %v", err)
	}
}

func TestAQueryThatCannotBeIsRefusedByItsFields(t *testing.T) {
	_, err := search.Query{Kind: "x", Sort: "y", Category: "A b", Region: "65%", Near: "", PriceFrom: -1, Harvest: 1}.Clean()
	f, ok := fault.As(err)
	if !ok || len(f.More) != 5 {
		t.Fatalf("%v", err)
	}
	if _, err := (search.Query{Sort: search.ByNear}).Clean(); !fault.Has(err, "region_unknown") {
		t.Errorf("near nothing: %v", err)
	}
	q, err := search.Query{Text: strings.Repeat("核桃 ", 5000), N: 1_000}.Clean()
	if err != nil || utf8.RuneCountInString(q.Text) > search.MostRunes || q.N != search.Most {
		t.Errorf("%d runes, %d rows, %v", utf8.RuneCountInString(q.Text), q.N, err)
	}
}

func FuzzWant(f *testing.F) {
	for _, seed := range []string{"核桃", "hetao", "walnut 核桃仁", "\u202e\x00", "ＡＢＣ", "\xff\xfe", "重庆火锅", "ht"} {
		f.Add(seed, seed)
	}
	s := search.NewSynonyms([][]string{{"核桃", "胡桃", "walnut"}})
	f.Fuzz(func(t *testing.T, query, title string) {
		parts := search.Want(query, s)
		joined := ""
		for _, p := range search.Mark(title, parts) {
			joined += p.Text
		}
		if joined != title {
			t.Fatalf("%q is marked as %q", title, joined)
		}
		folded := search.Fold(query)
		if search.Fold(folded) != folded || !utf8.ValidString(folded) {
			t.Fatalf("%q is folded to %q, and that to %q", query, folded, search.Fold(folded))
		}
	})
}
