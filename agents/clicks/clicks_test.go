package clicks_test

import (
	"sync"
	"testing"

	"commonfield/agents/clicks"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestEveryClickIsCountedOnceByAllInstancesTogether(t *testing.T) {
	db, market := dbtest.Open(t)
	person, goods := id.New(), id.New()
	one, two := clicks.New(db), clicks.New(db)
	var all sync.WaitGroup
	for _, c := range []*clicks.Counter{one, two} {
		for range 8 {
			all.Go(func() {
				for range 50 {
					c.Count(person, clicks.Opened{})
					c.Count(person, clicks.Opened{Market: market, Listing: goods})
				}
				if err := c.Write(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	one.Count(id.New(), clicks.Opened{})
	sums, err := one.Since(t.Context(), person, db.Now().AddDate(0, 0, -1))
	if err != nil {
		t.Fatal(err)
	}
	if len(sums) != 2 || sums[0].Clicks != 800 || sums[1].Clicks != 800 {
		t.Errorf("counted %+v", sums)
	}
	if later, err := one.Since(t.Context(), person, db.Now().AddDate(0, 0, 1)); err != nil || len(later) != 0 {
		t.Errorf("tomorrow there are %+v, %v", later, err)
	}
}

func TestProgramsThatOpenLinksByThemselvesAreRobots(t *testing.T) {
	for agent, want := range map[string]bool{
		"": true, "Mozilla/5.0 (compatible; Googlebot/2.1)": true, "Baiduspider-render/2.0": true, "curl/8.5.0": true, "WhatsApp/2.23 LinkPreview": true, "facebookexternalhit/1.1": true,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.49": false,
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36":                            false,
	} {
		if clicks.Robot(agent) != want {
			t.Errorf("%q is a robot: %v", agent, !want)
		}
	}
}
