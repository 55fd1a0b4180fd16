package searchtest

import (
	"testing"

	"commonfield/catalog/search/made"
)

func TestWhatIsMeasuredIsAskedAsInTheSuite(t *testing.T) {
	for i, q := range queries {
		if made.Asked[i] != q.text {
			t.Errorf("%d: measured is %q, the suite asks %q", i, made.Asked[i], q.text)
		}
	}
}
