package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"
)

func write(t *testing.T, s Sheet) *pdf.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := PDF(&b, s); err != nil {
		t.Fatal(err)
	}
	r, err := pdf.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func pageText(t *testing.T, r *pdf.Reader, n int) string {
	t.Helper()
	text, err := r.Page(n).GetPlainText(nil)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func long(rows int) Sheet {
	s := Sheet{Title: "收款凭据", Number: "YL-R-000012", Facts: []Fact{{"卖家", "尉犁县兴平镇红旗村核桃种植专业合作社"}},
		Cols: []Col{{"货", false, 5}, {"多少", true, 2}, {"金额", true, 2}},
		Sums: []Sum{{"一共", "¥1,234.50", true}}, Notes: []string{"这不是发票。"}, Foot: "YL-R-000012",
		Page: func(n, of int) string { return fmt.Sprintf("第 %d 页，共 %d 页", n, of) }}
	for i := range rows {
		s.Rows = append(s.Rows, Row{Cells: []string{fmt.Sprintf("薄皮核桃 %d", i), "10 斤", "¥12.34"}})
	}
	return s
}

func TestAPaperReadsBackWhatItSays(t *testing.T) {
	text := pageText(t, write(t, long(2)), 1)
	for _, want := range []string{"收款凭据", "YL-R-000012", "尉犁县兴平镇红旗村核桃种植专业合作社", "薄皮核桃 1", "¥12.34", "¥1,234.50", "这不是发票。", "第 1 页，共 1 页"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper does not say %q: %q", want, text)
		}
	}
}

func TestManyLinesGoOverPagesAndEachSaysWhichItIs(t *testing.T) {
	r := write(t, long(120))
	if r.NumPage() < 3 {
		t.Fatalf("%d pages", r.NumPage())
	}
	seen := 0
	for n := 1; n <= r.NumPage(); n++ {
		text := pageText(t, r, n)
		if want := fmt.Sprintf("第 %d 页，共 %d 页", n, r.NumPage()); !strings.Contains(text, want) {
			t.Errorf("page %d does not say %q", n, want)
		}
		if strings.Contains(text, "薄皮核桃") && !strings.Contains(text, "多少") {
			t.Errorf("page %d has rows without the columns' names", n)
		}
		seen += strings.Count(text, "薄皮核桃")
	}
	if seen != 120 {
		t.Errorf("%d of 120 rows", seen)
	}
}

// A name is neither cut nor written over its neighbour: every line fits its column.
func TestLongWordsWrapInsideTheirColumn(t *testing.T) {
	s := long(0)
	name := strings.Repeat("特级有机", 30) + " " + strings.Repeat("Unbreakable", 12)
	s.Rows = []Row{{Cells: []string{name, "1,000,000 斤", "¥99,999,999.99"}, Under: strings.Repeat("说明很长", 60)}}
	r := write(t, s)
	got := strings.ReplaceAll(strings.ReplaceAll(pageText(t, r, 1), "\n", ""), " ", "")
	if want := strings.ReplaceAll(name, " ", ""); !strings.Contains(keep(got, "特级有机Unbreakable"), want) {
		t.Errorf("the name is not whole")
	}
	for _, text := range r.Page(1).Content().Text {
		if text.X < edge-1 || text.X+text.W > wide-edge+6 {
			t.Errorf("%q at %.0f is beyond the edge", text.S, text.X)
		}
	}
}

// keep leaves the characters of one word, in which others lie between its lines.
func keep(s, of string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(of, r) {
			return r
		}
		return -1
	}, s)
}

func TestWhatNoFontDrawsIsShownAsABoxAndControlsAreLeftOut(t *testing.T) {
	s := long(0)
	s.Title = "核桃\x00\u202e🍊"
	text := pageText(t, write(t, s), 1)
	if !strings.Contains(text, "核桃") || strings.Contains(text, "\x00") {
		t.Errorf("%q", text)
	}
}
