package catalog

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

// Offer writes a new listing of a producer, as a draft or live at once. With a
// key, calling it twice is calling it once. It refuses, all fields at once,
// what Draft does not allow, and fault.Conflict("producer_inactive") to go live
// for a producer who is not active. Who may offer for whom, the door decides.
func (c *Catalog) Offer(ctx context.Context, key once.Key, market int32, by id.ID, d Draft) (Listing, error) {
	row := id.New() // before the transaction: when it runs again, it names the same row
	return once.Do(ctx, c.db, market, key, func(tx *storage.Tx) (Listing, error) {
		k, err := look(tx, d)
		if err != nil {
			return Listing{}, err
		}
		d, err := d.check(k)
		if err != nil {
			return Listing{}, err
		}
		if d.State == Live && *k.Producer != "active" {
			return Listing{}, fault.Conflict("producer_inactive")
		}
		l := Listing{Market: market, ID: row, ProducerID: d.ProducerID, State: d.State, Version: 1, CreatedAt: tx.Now, ChangedAt: tx.Now}
		l.write(d)
		tx.Queue(`INSERT INTO listings (market_id, id, producer_id, category, title, title_en, story, story_en, grade, harvest_on,
			unit, price_minor, minimum, weight_band_bp, state, photos, version, created_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)`,
			market, l.ID, l.ProducerID, l.Category, l.Title, l.TitleEN, l.Story, l.StoryEN, l.Grade, l.HarvestOn,
			l.Unit, l.PriceMinor, l.Minimum, l.WeightBandBP, l.State, l.Photos, l.Version, l.CreatedAt)
		changed(tx, l.ID, l.Version)
		trail.Write(tx, by, "listing.offer", "listing:"+l.ID.String(), "")
		return l, nil
	})
}

// write takes over what a checked draft says.
func (l *Listing) write(d Draft) {
	l.Category, l.Unit = d.Category, d.Unit
	l.Title, l.TitleEN, l.Story, l.StoryEN = d.Title, d.TitleEN, d.Story, d.StoryEN
	l.Grade, l.HarvestOn = d.Grade, d.HarvestOn
	l.PriceMinor, l.Minimum, l.WeightBandBP = d.PriceMinor, d.Minimum, d.WeightBandBP
	l.Photos = pq.StringArray(d.Photos)
}

// Edit replaces what is written about a listing, if version is still its
// version; otherwise it refuses with fault.Conflict("conflict"), so that two
// people do not overwrite each other. Producer and state stay. Orders that were
// placed keep their own copy of price and title. A weighed listing cannot
// become a counted one (unit_dimension): its stock is in grams.
func (c *Catalog) Edit(ctx context.Context, market int32, listing id.ID, version int, d Draft, by id.ID) (Listing, error) {
	var l Listing
	err := c.db.Update(ctx, market, func(tx *storage.Tx) error {
		var err error
		if l, err = Find(tx, listing); err != nil {
			return err
		}
		if l.Version != version {
			return errChanged()
		}
		before := l.Unit
		d.ProducerID, d.State = l.ProducerID, ""
		k, err := look(tx, d)
		if err != nil {
			return err
		}
		d, err := d.check(k)
		if err = fault.All(err, sameDimension(tx, before, d.Unit, k)); err != nil {
			return err
		}
		l.write(d)
		l.Version, l.ChangedAt = version+1, tx.Now
		tx.Expect(1, errChanged(), `UPDATE listings SET category = $3, title = $4, title_en = $5, story = $6, story_en = $7, grade = $8,
			harvest_on = $9, unit = $10, price_minor = $11, minimum = $12, weight_band_bp = $13, photos = $14, version = $15, changed_at = $16
			WHERE market_id = $1 AND id = $2 AND version = $17`,
			market, l.ID, l.Category, l.Title, l.TitleEN, l.Story, l.StoryEN, l.Grade, l.HarvestOn,
			l.Unit, l.PriceMinor, l.Minimum, l.WeightBandBP, l.Photos, l.Version, tx.Now, version)
		changed(tx, l.ID, l.Version)
		trail.Write(tx, by, "listing.edit", "listing:"+l.ID.String(), "")
		return nil
	})
	return l, err
}

// changed lets search know of a listing's new version.
func changed(tx *storage.Tx, listing id.ID, version int) {
	jobs.Index(tx, "listing", listing, "v"+strconv.Itoa(version))
}

func sameDimension(tx *storage.Tx, before, after string, k known) error {
	if before == after || k.Dimension == nil {
		return nil
	}
	was, err := FindUnit(tx, before)
	if err != nil {
		return err
	}
	if was.Dimension != *k.Dimension {
		return fault.Invalid("unit", "unit_dimension")
	}
	return nil
}

// may lists the states a listing may become from each.
var may = map[State][]State{
	Drafted:  {Live, Archived},
	Live:     {Paused, Archived},
	Paused:   {Live, Archived},
	Archived: {},
}

// Publish puts a listing up for sale. Calling it twice is calling it once. It
// refuses fault.Conflict("producer_inactive") and, for an archived listing,
// fault.Conflict("listing_move") with the states that are possible.
func (c *Catalog) Publish(ctx context.Context, market int32, listing, by id.ID) error {
	return c.move(ctx, market, listing, Live, by)
}

// Pause takes a listing off the shelf until it is published again. Calling it
// twice is calling it once.
func (c *Catalog) Pause(ctx context.Context, market int32, listing, by id.ID) error {
	return c.move(ctx, market, listing, Paused, by)
}

// Archive ends a listing for good; orders that were placed go on. Calling it
// twice is calling it once.
func (c *Catalog) Archive(ctx context.Context, market int32, listing, by id.ID) error {
	return c.move(ctx, market, listing, Archived, by)
}

func (c *Catalog) move(ctx context.Context, market int32, listing id.ID, to State, by id.ID) error {
	return c.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // where it stands is looked up first
		var now struct {
			State    State  `db:"state"`
			Producer string `db:"producer"`
			Version  int    `db:"version"`
		}
		// Locked, so that of two moves at once the second sees the first.
		err := tx.Get(&now, `SELECT l.state, p.state AS producer, l.version FROM listings l
			JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id
			WHERE l.market_id = $1 AND l.id = $2 FOR UPDATE OF l`, market, listing)
		switch {
		case errors.Is(err, storage.ErrNone):
			return errUnknown()
		case err != nil || now.State == to:
			return err
		case !slices.Contains(may[now.State], to):
			return fault.Conflict("listing_move", fault.Args{"from": string(now.State), "to": string(to), "allowed": names(may[now.State])})
		case to == Live && now.Producer != "active":
			return fault.Conflict("producer_inactive")
		}
		tx.Expect(1, errChanged(), `UPDATE listings SET state = $3, version = version + 1, changed_at = $4
			WHERE market_id = $1 AND id = $2`, market, listing, to, tx.Now)
		changed(tx, listing, now.Version+1)
		trail.Write(tx, by, "listing."+string(to), "listing:"+listing.String(), "")
		return nil
	})
}

func names(states []State) []string {
	out := make([]string, len(states))
	for i, s := range states {
		out[i] = string(s)
	}
	return out
}
