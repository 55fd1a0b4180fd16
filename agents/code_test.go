package agents

import (
	"strings"
	"testing"
)

func TestACodeHasNoLetterThatIsTakenForAnother(t *testing.T) {
	if strings.ContainsAny(letters, "ILOU01") || len(letters) != 30 {
		t.Fatalf("letters %s", letters)
	}
	seen := map[rune]int{}
	for range 5000 {
		code := newCode()
		if len(code) != 6 {
			t.Fatalf("code %q", code)
		}
		for _, c := range code {
			seen[c]++
		}
	}
	for _, c := range letters {
		// 1,000 of each are expected; 800 is six standard deviations away.
		if seen[c] < 800 {
			t.Errorf("%c came %d times of 30,000", c, seen[c])
		}
	}
}
