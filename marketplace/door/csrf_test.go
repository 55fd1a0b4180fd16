package door

import (
	"strings"
	"testing"
)

func TestATokenIsWrittenDifferentlyEachTimeAndIsTheSame(t *testing.T) {
	s := csrf("visit", "session")
	one, two := masked(s), masked(s)
	if one == two {
		t.Error("twice the same")
	}
	for _, text := range []string{one, two} {
		if got, ok := unmasked(text); !ok || got != s {
			t.Errorf("%s is %x", text, got)
		}
	}
	last := one[:len(one)-2] + strings.Repeat("A", 2)
	if got, ok := unmasked(last); ok && got == s {
		t.Error("a changed token is the same")
	}
	for _, wrong := range []string{"", "x", one[1:], one + "A", strings.Repeat("ü", 43), strings.Repeat("A", 1<<20)} {
		if _, ok := unmasked(wrong); ok {
			t.Errorf("%.20q is a token", wrong)
		}
	}
	if other := csrf("visit", "sessio"); other == s {
		t.Error("two sessions have one token")
	}
}
