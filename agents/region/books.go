package region

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
)

// fresh is how long a list of markets is believed: they are opened once in
// months, and every page asks for one.
const fresh = 10 * time.Second

// Books gives markets from a short memory. It is safe for use by many goroutines.
type Books struct {
	db *storage.DB

	mu      sync.Mutex
	markets []Market // all, the platform first
	readAt  time.Time
}

// New makes books on a database.
func New(db *storage.DB) *Books { return &Books{db: db} }

// Market gives one market, the platform too, or not-found. A market that was
// opened a moment ago is found at once.
func (b *Books) Market(ctx context.Context, id int32) (Market, error) {
	for _, age := range []time.Duration{fresh, 0} {
		all, err := b.read(ctx, age)
		if err != nil {
			return Market{}, err
		}
		if i := slices.IndexFunc(all, func(m Market) bool { return m.ID == id }); i >= 0 {
			return all[i], nil
		}
	}
	if id == storage.Platform {
		return unopened, nil
	}
	return Market{}, fault.NotFound("market_unknown")
}

// unopened is the platform before its first market made its row: it can have
// an operator then, and no book.
var unopened = Market{Code: "PLATFORM", Name: "平台", NameEN: "Platform", TimeZone: "UTC"}

// Coded gives one trading area by its code, in whatever case it is written; false
// when none of those that are remembered has it.
func (b *Books) Coded(ctx context.Context, code string) (Market, bool, error) {
	all, err := b.read(ctx, fresh)
	i := slices.IndexFunc(all, func(m Market) bool { return m.ID != storage.Platform && strings.EqualFold(m.Code, code) })
	if i < 0 {
		return Market{}, false, err
	}
	return all[i], true, err
}

// All gives the trading areas by number; one opened elsewhere is among them
// after ten seconds.
func (b *Books) All(ctx context.Context) ([]Market, error) {
	all, err := b.read(ctx, fresh)
	if err != nil {
		return nil, err
	}
	if len(all) > 0 && all[0].ID == storage.Platform {
		all = all[1:]
	}
	return slices.Clone(all), nil
}

// Open is OpenMarket, and All knows the market at once.
func (b *Books) Open(ctx context.Context, n NewMarket) (Market, error) {
	m, err := OpenMarket(ctx, b.db, n)
	if err == nil {
		_, err = b.read(ctx, 0)
	}
	return m, err
}

// Tell is Retell, and this instance knows it at once; others after ten seconds.
func (b *Books) Tell(ctx context.Context, market int32, t Told) (Market, error) {
	return b.changed(ctx, market, Retell(ctx, b.db, market, t))
}

// Pause is PauseMarket, and this instance knows it at once; others after ten seconds.
func (b *Books) Pause(ctx context.Context, market int32, paused bool) (Market, error) {
	return b.changed(ctx, market, PauseMarket(ctx, b.db, market, paused))
}

func (b *Books) changed(ctx context.Context, market int32, err error) (Market, error) {
	if err == nil {
		_, err = b.read(ctx, 0)
	}
	if err != nil {
		return Market{}, err
	}
	return b.Market(ctx, market)
}

// read gives the markets as they were at most age ago.
func (b *Books) read(ctx context.Context, age time.Duration) ([]Market, error) {
	b.mu.Lock()
	known, at := b.markets, b.readAt
	b.mu.Unlock()
	if since := b.db.Now().Sub(at); known != nil && since >= 0 && since < age {
		return known, nil // a clock that was set back remembers nothing
	}
	// Not under the lock: a database that is slow must not queue up every page.
	var all []Market
	err := b.db.ViewShared(ctx, func(tx *storage.Tx) error {
		all, at = nil, tx.Now
		return tx.Select(&all, ofMarket+`ORDER BY id`)
	})
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.markets, b.readAt = all, at
	b.mu.Unlock()
	return all, nil
}
