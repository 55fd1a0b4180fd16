package written

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func TestATableIsReadInWhicheverWayItWasSaved(t *testing.T) {
	const table = "日期,流水号,金额\r\n2026-11-24,A1,12.50\r\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := simplifiedchinese.GB18030.NewEncoder().String("𠮷野," + table)
	if err != nil {
		t.Fatal(err)
	}
	little, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	big, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	chinese, err := simplifiedchinese.GBK.NewEncoder().String(`<?xml version="1.0" encoding="GB2312"?><户名>王芳</户名>`)
	if err != nil {
		t.Fatal(err)
	}
	western, err := charmap.ISO8859_1.NewEncoder().String(`<?xml version='1.0' encoding='ISO-8859-1'?><Nm>René Müller</Nm>`)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]string{
		"plain":          {table, table},
		"with a mark":    {"\xef\xbb\xbf" + table, table},
		"GBK":            {gbk, table},
		"four bytes":     {wide, "𠮷野," + table},
		"UTF-16":         {little, table},
		"UTF-16, turned": {big, table},
		"an old end":     {table + "\x1a", table},
		"Chinese XML":    {chinese, `<?xml version="1.0" encoding="GB2312"?><户名>王芳</户名>`},
		"Western XML":    {western, `<?xml version='1.0' encoding='ISO-8859-1'?><Nm>René Müller</Nm>`},
		"nothing":        {"", ""},
		"short GBK":      {"<?xml version=\"1.0\" encoding=\"GBK\"?><Nm>\xc1\xaa\xcd\xa8</Nm>", `<?xml version="1.0" encoding="GBK"?><Nm>联通</Nm>`}, // valid as UTF-8 as well
	} {
		if got, ok := File([]byte(c[0])); !ok || got != c[1] {
			t.Errorf("%s is read as %q, %v", name, got, ok)
		}
	}
}

func TestWhatIsNoTextIsNotRead(t *testing.T) {
	for name, data := range map[string]string{
		"a picture": "\x89PNG\r\n\x1a\n\x00\x00", "a JPEG": "\xff\xd8\xff\xe0\x00\x10JFIF", "a workbook": "PK\x03\x04\x14\x00\x06\x00",
		"an old workbook": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a nought": "a,b\x00\n", "half a sign": "日期\xe6\x97", "after a mark": "\xef\xbb\xbf\xc8\xd5", "half of UTF-16": "\xff\xfea",
		"an unknown name": "<?xml version=\"1.0\" encoding=\"klingon\"?><a>\xff</a>", "a name without an end": "<?xml version=\"1.0\" encoding=\"GB<a>\xff",
		"no UTF-8 after all": "<?xml version='1.0' encoding='utf-8'?><a>\xc8\xd5</a>",
		"a lone byte":        "a,b\n\xff,c\n", "an escape": "a\x1b[31m,b\n",
	} {
		if text, ok := File([]byte(data)); ok {
			t.Errorf("%s is read as %q", name, text)
		}
	}
}

func FuzzAFileIsTextOrNone(f *testing.F) {
	for _, s := range []string{"a", "\xff\xfea\x00", "\xb9\xc5", "<?xml encoding=", "<?xml encoding='x'?>\xff", strings.Repeat("\x81", 9)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, ok := File(data); ok && (!utf8.ValidString(text) || strings.ContainsRune(text, 0)) {
			t.Errorf("%q", text)
		}
	})
}
