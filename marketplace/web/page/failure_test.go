package page

import (
	"context"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
)

// A browser with too many cookies, or one whose line is slow, must not read that we
// did something wrong and that its money is safe.
func TestWhatHTTPRefusesIsNotCalledOurFault(t *testing.T) {
	r := tongue.For(tongue.English).At(time.UTC, time.Now())
	ours := r.T("failure.500.title")
	for status := 400; status < 504; status++ {
		if status > 431 && status < 500 {
			continue
		}
		var page strings.Builder
		if err := (Failure{Frame: part.Frame{Reader: r}, Status: status}).View().Render(context.Background(), &page); err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(page.String(), ours); said != (status >= 500 && status != 503) {
			t.Errorf("%d: our fault %v", status, said)
		}
	}
}
