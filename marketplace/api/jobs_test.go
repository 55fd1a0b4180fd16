package api_test

import (
	"testing"
	"time"
)

// What could not be done while the gateway was away is tried ten times, given up,
// and done when an operator asks for it again.
func TestAJobThatGaveUpIsTriedAgain(t *testing.T) {
	x, s := atStripe(t)
	s.Down(x.clock.Now().Add(3 * 24 * time.Hour))
	x.ask("POST", "/gateway/runs/YL", x.boss, nil).must(204)
	for range 10 {
		x.drain()
		x.clock.advance(7 * time.Hour)
	}
	x.days(1)
	var failed []object
	for _, j := range x.items(x.boss, "/jobs?market=YL") {
		if j.text("kind") == "recon:read" {
			failed = append(failed, j)
		}
	}
	if len(failed) != 1 || failed[0].number("attempts") != 10 || failed[0].text("error") == "" || failed[0].text("finished_at") == "" {
		t.Fatalf("given up: %v", failed)
	}
	here := "/jobs/YL/" + failed[0].text("id") + "/retry"
	x.ask("POST", here, x.grower, nil).refused(403, "operator_only")
	x.ask("POST", "/jobs/YL/"+x.payee+"/retry", x.boss, nil).refused(404, "not_found")
	for range 2 {
		x.ask("POST", here, x.boss, nil).must(204)
	}
	x.drain()
	if runs := x.items(x.boss, "/gateway/runs?market=YL"); len(runs) != 1 || runs[0].text("ended_at") == "" || len(x.items(x.boss, "/jobs?market=YL")) != 0 {
		t.Errorf("done then: %v", runs)
	}
	x.clean()
}
