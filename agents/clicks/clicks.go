// Package clicks counts how often an agent's links are opened, by day and by
// what was opened, for the agent to see beside the orders that followed.
//
// A click costs no write: it is counted in memory and written now and then, one
// row per agent, day and what was opened, so that a link that goes through every
// chat of a county is still one row. What was counted and not yet written is
// lost when the program is killed; nothing else depends on it. Whoever counts
// decides what is no click: a robot, the agent themselves, the same visitor again.
package clicks

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Opened is what a link leads to: one listing of a market, or, zero, the shelf.
type Opened struct {
	Market  int32
	Listing id.ID
}

type opened struct {
	person id.ID
	day    string
	Opened
}

// most is how many different things are counted before they are written; what
// is new beyond it is not counted until then.
const most = 10_000

// Counter is opened once.
type Counter struct {
	db   *storage.DB
	mu   sync.Mutex
	seen map[opened]int64
}

// New opens the room.
func New(db *storage.DB) *Counter { return &Counter{db: db, seen: map[opened]int64{}} }

// Count counts one click on a link of the agent who is this person. It never
// waits for the database.
func (c *Counter) Count(person id.ID, what Opened) {
	key := opened{person, c.db.Now().UTC().Format(time.DateOnly), what}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.seen[key]; known || len(c.seen) < most {
		c.seen[key]++
	}
}

// Write writes what was counted, each agent's rows in a transaction of their
// own. What could not be written is given up, so that nothing counts twice.
func (c *Counter) Write(ctx context.Context) error {
	c.mu.Lock()
	seen := c.seen
	c.seen = map[opened]int64{}
	c.mu.Unlock()
	of := map[id.ID][]opened{}
	for key := range seen {
		of[key.person] = append(of[key.person], key)
	}
	var failed []error
	for person, keys := range of {
		// One order for all, so that two instances never wait for each other.
		slices.SortFunc(keys, func(a, b opened) int {
			return strings.Compare(a.day+a.Listing.String(), b.day+b.Listing.String())
		})
		failed = append(failed, c.write(ctx, person, keys, seen))
	}
	return errors.Join(failed...)
}

func (c *Counter) write(ctx context.Context, person id.ID, keys []opened, seen map[opened]int64) error {
	var days, listings pq.StringArray
	var markets, clicks pq.Int64Array
	for _, k := range keys {
		days, listings = append(days, k.day), append(listings, k.Listing.String())
		markets, clicks = append(markets, int64(k.Market)), append(clicks, seen[k])
	}
	return c.db.UpdateUser(ctx, person, func(tx *storage.Tx) error {
		tx.Queue(`INSERT INTO link_days (user_id, day, market_id, listing_id, clicks)
SELECT $1::uuid, d.day, d.market, d.listing, d.clicks FROM unnest($2::date[], $3::int[], $4::uuid[], $5::bigint[]) AS d (day, market, listing, clicks)
ON CONFLICT (user_id, day, market_id, listing_id) DO UPDATE SET clicks = link_days.clicks + EXCLUDED.clicks`,
			person, days, markets, listings, clicks)
		return nil
	})
}

// Sum is how often something was opened.
type Sum struct {
	Market  int32 `db:"market_id"`
	Listing id.ID `db:"listing_id"`
	Clicks  int64 `db:"clicks"`
}

// Since sums an agent's clicks from a day on, by what was opened, the most
// opened first. It writes down first what this instance has counted.
func (c *Counter) Since(ctx context.Context, person id.ID, day time.Time) ([]Sum, error) {
	if err := c.Write(ctx); err != nil {
		return nil, err
	}
	var sums []Sum
	err := c.db.ViewUser(ctx, person, func(tx *storage.Tx) error {
		sums = nil
		return tx.Select(&sums, `SELECT market_id, listing_id, sum(clicks)::bigint AS clicks FROM link_days
WHERE user_id = $1 AND day >= $2::date GROUP BY market_id, listing_id ORDER BY 3 DESC, 1, 2`, person, day.UTC().Format(time.DateOnly))
	})
	return sums, err
}

// robots are words in the names of programs that open links without anybody
// looking: search engines, chat apps that fetch a preview, watchers.
var robots = []string{"bot", "spider", "crawl", "slurp", "preview", "fetch", "curl", "wget", "python", "go-http", "okhttp", "java/", "libwww",
	"facebookexternalhit", "headless", "monitor", "lighthouse", "scan", "http-client", "axios"}

// Robot says whether a program that calls itself so opens links by itself.
// Nobody at all is one too.
func Robot(agent string) bool {
	agent = strings.ToLower(agent)
	return agent == "" || slices.ContainsFunc(robots, func(word string) bool { return strings.Contains(agent, word) })
}
