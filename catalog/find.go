package catalog

import (
	"context"
	"errors"
	"sync"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
)

const columns = `market_id, id, producer_id, category, title, title_en, story, story_en, grade, harvest_on, unit,
	price_minor, minimum, weight_band_bp, state, photos, version, created_at, changed_at`

// Find gives one listing of tx's market in whatever state, or
// fault.NotFound("listing_unknown").
func Find(tx *storage.Tx, listing id.ID) (Listing, error) {
	var l Listing
	err := tx.Get(&l, "SELECT "+columns+" FROM listings WHERE market_id = $1 AND id = $2", tx.Market, listing)
	if errors.Is(err, storage.ErrNone) {
		return l, errUnknown()
	}
	return l, err
}

// OfProducer lists a producer's listings in every state, newest first, n of
// them before the listing before (id.None: from the newest on).
func OfProducer(tx *storage.Tx, producer, before id.ID, n int) ([]Listing, error) {
	if before == id.None {
		before = last
	}
	var all []Listing
	err := tx.Select(&all, "SELECT "+columns+` FROM listings
		WHERE market_id = $1 AND producer_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`, tx.Market, producer, before, n)
	return all, err
}

// last is after every id there is.
var last = id.ID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// Category is a kind of goods. Fresh ones are released after three days and do
// not come back within seven.
type Category struct {
	Code   string `db:"code"`
	Parent string `db:"parent"` // empty: at the top
	Name   string `db:"name"`
	NameEN string `db:"name_en"`
	Fresh  bool   `db:"fresh"`
}

// fresh is how long the list of categories is believed: one is added once in
// months, and every page of goods asks for them.
const fresh = 10 * time.Second

// kinds is a short memory of the categories.
type kinds struct {
	sync.Mutex

	all    []Category
	readAt time.Time
}

// Kinds is Categories from a short memory, for pages: one added elsewhere is
// among them after ten seconds. The list is everybody's: it is not changed.
func (c *Catalog) Kinds(ctx context.Context) ([]Category, error) {
	c.kinds.Lock()
	known, at := c.kinds.all, c.kinds.readAt
	c.kinds.Unlock()
	if since := c.db.Now().Sub(at); known != nil && since >= 0 && since < fresh {
		return known, nil
	}
	var all []Category
	// Not under the lock: a database that is slow must not queue up every page.
	err := c.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { at = tx.Now; all, err = Categories(tx); return })
	if err != nil {
		return nil, err
	}
	c.kinds.Lock()
	c.kinds.all, c.kinds.readAt = all, at
	c.kinds.Unlock()
	return all, nil
}

// Categories lists all categories in their order, parents before their parts.
func Categories(tx *storage.Tx) ([]Category, error) {
	var all []Category
	err := tx.Select(&all, "SELECT code, COALESCE(parent, '') AS parent, name, name_en, fresh FROM categories ORDER BY position, code")
	return all, err
}
