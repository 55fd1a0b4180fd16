package written

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	unicodes "golang.org/x/text/encoding/unicode"
)

// File gives the text of a file as somebody's bank or spreadsheet saved it: UTF-8,
// with or without a mark before it, UTF-16 with one, what an XML file says of
// itself, and else GB 18030, in which Chinese banks and spreadsheets still save a
// table when nobody asks them not to. It says false of what is no text: a picture,
// a workbook, half a file.
func File(data []byte) (string, bool) {
	text, ok := decoded(data)
	text = strings.TrimSuffix(strings.TrimPrefix(text, "\uFEFF"), "\x1a") // the old sign for an end
	if !ok || strings.ContainsFunc(text, never) {
		return "", false
	}
	return text, true
}

func decoded(data []byte) (string, bool) {
	var from encoding.Encoding
	switch declared := declaration(data); {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		from = unicodes.UTF16(unicodes.LittleEndian, unicodes.ExpectBOM)
	case declared != "" && !strings.EqualFold(declared, "UTF-8"):
		from, _ = htmlindex.Get(declared)
	case utf8.Valid(data):
		return string(data), true
	case declared != "", bytes.HasPrefix(data, []byte("\xef\xbb\xbf")), halved(data):
		return "", false
	default:
		from = simplifiedchinese.GB18030
	}
	if from == nil {
		return "", false
	}
	text, err := from.NewDecoder().Bytes(data)
	return string(text), err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

// halved says that a file of UTF-8 ends in the middle of a sign: the rest of it is
// missing, and as anything else it would be read wrong.
func halved(data []byte) bool {
	for cut := 1; cut < utf8.UTFMax && cut < len(data); cut++ {
		if rest := data[:len(data)-cut]; utf8.Valid(rest) {
			return utf8.RuneCount(rest) < len(rest) && !utf8.FullRune(data[len(rest):])
		}
	}
	return false
}

// declaration is the encoding that an XML file names in its first line.
func declaration(data []byte) string {
	head := data[:min(len(data), 200)]
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	head, _, _ = bytes.Cut(head, []byte("?>"))
	_, after, _ := bytes.Cut(head, []byte("encoding"))
	after = bytes.TrimLeft(after, "= \t\r\n")
	if len(after) == 0 || after[0] != '"' && after[0] != '\'' {
		return ""
	}
	name, _, _ := bytes.Cut(after[1:], after[:1])
	return string(name)
}

// never finds what stands in no text that is read by lines.
func never(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' && r != '\u0085'
}
