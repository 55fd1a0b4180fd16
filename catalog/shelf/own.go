package shelf

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lib/pq"

	"commonfield/agents"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/written"
)

// An agent's own shelf is what they chose of the goods, in their order, over
// all markets in which they are active, with a line of their own above it.

// The limits of an agent's shelf.
const (
	MostChosen   = 60
	LongGreeting = 140
)

// Chosen names one of the goods.
type Chosen struct {
	Market  int32 `db:"market_id"`
	Listing id.ID `db:"listing_id"`
}

// Own is an agent's shelf as it was arranged.
type Own struct {
	Greeting string
	Goods    []Chosen
}

// OfAgent gives the shelf of the agent who is this person; one who never chose
// anything has an empty one.
func (s *Shelf) OfAgent(ctx context.Context, person id.ID) (Own, error) {
	var own Own
	err := s.db.ViewUser(ctx, person, func(tx *storage.Tx) error {
		own = Own{}
		err := tx.Get(&own.Greeting, `SELECT greeting FROM shelves WHERE user_id = $1`, person)
		if errors.Is(err, storage.ErrNone) {
			return nil
		}
		if err != nil {
			return err
		}
		own.Goods, err = chosen(tx)
		return err
	})
	return own, err
}

func chosen(tx *storage.Tx) ([]Chosen, error) {
	var goods []Chosen
	err := tx.Select(&goods, `SELECT market_id, listing_id FROM shelf_goods WHERE user_id = $1 ORDER BY position, listing_id`, tx.Person)
	return goods, err
}

// Greet writes the line above an agent's shelf; empty is none. It refuses one
// that is too long.
func (s *Shelf) Greet(ctx context.Context, by people.Person, line string) error {
	line = strings.Join(strings.FieldsFunc(written.Plain(line), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if !utf8.ValidString(line) {
		return fault.Invalid("greeting", "invalid")
	}
	if utf8.RuneCountInString(line) > LongGreeting {
		return fault.Invalid("greeting", "too_long", fault.Args{"most": LongGreeting})
	}
	return s.db.UpdateUser(ctx, by.ID, func(tx *storage.Tx) error {
		tx.Keyed() // the same line twice is one
		tx.Queue(`INSERT INTO shelves (user_id, greeting, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET greeting = EXCLUDED.greeting, changed_at = EXCLUDED.changed_at`, by.ID, line, tx.Now)
		return nil
	})
}

// Put puts goods at the end of an agent's shelf. Putting twice is putting once.
// It refuses goods that are not for sale (listing_not_live), of a market in which
// the agent is not active (agent_not_active), and more than MostChosen (shelf_full).
func (s *Shelf) Put(ctx context.Context, by people.Person, of Chosen) error {
	if err := s.may(ctx, by, of); err != nil {
		return err
	}
	return s.change(ctx, by, func(have []Chosen) []Chosen {
		if slices.Contains(have, of) {
			return have
		}
		return append(have, of)
	})
}

// Take takes goods off an agent's shelf. Taking twice is taking once.
func (s *Shelf) Take(ctx context.Context, by people.Person, of Chosen) error {
	return s.change(ctx, by, func(have []Chosen) []Chosen {
		return slices.DeleteFunc(have, func(c Chosen) bool { return c == of })
	})
}

// Arrange gives an agent's shelf exactly these goods in this order. What is new
// is checked as Put checks it; goods that were there may stay though they are
// sold out or paused.
func (s *Shelf) Arrange(ctx context.Context, by people.Person, goods []Chosen) error {
	own, err := s.OfAgent(ctx, by.ID)
	if err != nil {
		return err
	}
	var want []Chosen
	for _, of := range goods {
		if slices.Contains(want, of) {
			continue
		}
		if !slices.Contains(own.Goods, of) {
			if err := s.may(ctx, by, of); err != nil {
				return err
			}
		}
		want = append(want, of)
	}
	return s.change(ctx, by, func([]Chosen) []Chosen { return want })
}

// may refuses what does not belong on an agent's shelf.
func (s *Shelf) may(ctx context.Context, by people.Person, of Chosen) error {
	standings, err := agents.New(s.db).Standings(ctx, by.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(standings, func(st agents.Standing) bool { return st.Market == of.Market && st.State == agents.Active }) {
		return fault.Forbidden("agent_not_active")
	}
	v, err := s.One(ctx, of.Market, of.Listing)
	if err == nil && !v.Live {
		err = fault.Conflict("listing_not_live", fault.Args{"listing": v.Title})
	}
	return err
}

// change rewrites a shelf under its lock.
func (s *Shelf) change(ctx context.Context, by people.Person, to func([]Chosen) []Chosen) error {
	return s.db.UpdateUser(ctx, by.ID, func(tx *storage.Tx) error {
		tx.Keyed() // the same order twice is one
		if _, err := tx.Exec(`INSERT INTO shelves (user_id, changed_at) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET changed_at = EXCLUDED.changed_at`, by.ID, tx.Now); err != nil {
			return err
		}
		have, err := chosen(tx)
		if err != nil {
			return err
		}
		want := to(slices.Clone(have))
		if len(want) > MostChosen && len(want) > len(have) {
			return fault.Conflict("shelf_full", fault.Args{"most": MostChosen})
		}
		var markets pq.Int64Array
		var listings pq.StringArray
		for _, c := range want {
			markets, listings = append(markets, int64(c.Market)), append(listings, c.Listing.String())
		}
		if _, err := tx.Exec(`DELETE FROM shelf_goods g WHERE g.user_id = $1
AND NOT EXISTS (SELECT 1 FROM unnest($2::int[], $3::uuid[]) AS w (market, listing) WHERE w.market = g.market_id AND w.listing = g.listing_id)`, by.ID, markets, listings); err != nil {
			return err
		}
		tx.Queue(`INSERT INTO shelf_goods (user_id, market_id, listing_id, position, added_at)
SELECT $1::uuid, w.market, w.listing, w.n, $4::timestamptz FROM unnest($2::int[], $3::uuid[]) WITH ORDINALITY AS w (market, listing, n)
ON CONFLICT (user_id, market_id, listing_id) DO UPDATE SET position = EXCLUDED.position`, by.ID, markets, listings, tx.Now)
		return nil
	})
}

// Cards gives these goods as a page shows them, in the order asked for. What is
// not for sale any more is left out.
func (s *Shelf) Cards(ctx context.Context, goods []Chosen) ([]Card, error) {
	if len(goods) == 0 {
		return nil, nil
	}
	var markets pq.Int64Array
	var listings pq.StringArray
	for _, c := range goods {
		markets, listings = append(markets, int64(c.Market)), append(listings, c.Listing.String())
	}
	var rows []Card
	err := s.db.ViewShared(ctx, func(tx *storage.Tx) error {
		rows = nil
		if err := tx.Select(&rows, chosenCards, markets, listings); err != nil {
			return err
		}
		shown := make([]*Card, len(rows))
		for i := range rows {
			shown[i] = &rows[i]
		}
		return s.name(tx, shown...)
	})
	rows = slices.DeleteFunc(rows, func(c Card) bool { return !c.Active })
	at := func(c Card) int { return slices.Index(goods, Chosen{c.Market, c.ID}) }
	slices.SortStableFunc(rows, func(a, b Card) int { return at(a) - at(b) })
	return rows, err
}

const chosenCards = "WITH page AS MATERIALIZED (SELECT " + columns + ` FROM unnest($1::int[], $2::uuid[]) AS w (market, listing)
	JOIN listings l ON l.market_id = w.market AND l.id = w.listing AND l.state = 'live')
` + around
