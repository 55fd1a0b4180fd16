package catalog

import (
	"context"
	"errors"
	"slices"

	"commonfield/storage"
	"commonfield/storage/fault"
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

// Kinds is Categories from a short memory, for pages: one added elsewhere is
// among them after ten seconds. The list is everybody's: it is not changed.
func (c *Catalog) Kinds(ctx context.Context) (all []Category, err error) {
	err = c.db.ViewShared(ctx, func(tx *storage.Tx) error {
		all, err = kinds(tx)
		return err
	})
	return all, err
}

func kinds(tx *storage.Tx) ([]Category, error) {
	return storage.Remember(tx, "categories", func() ([]Category, error) { return Categories(tx) })
}

// KindNow gives one category from the short memory, and from the database one that
// was added a moment ago.
func KindNow(tx *storage.Tx, code string) (Category, error) {
	for _, read := range []func(*storage.Tx) ([]Category, error){kinds, Categories} {
		all, err := read(tx)
		if err != nil {
			return Category{}, err
		}
		if n := slices.IndexFunc(all, func(c Category) bool { return c.Code == code }); n >= 0 {
			return all[n], nil
		}
	}
	return Category{}, fault.Invalid("category", "unknown_category")
}

// Categories lists all categories in their order, parents before their parts.
func Categories(tx *storage.Tx) ([]Category, error) {
	var all []Category
	err := tx.Select(&all, "SELECT code, COALESCE(parent, '') AS parent, name, name_en, fresh FROM categories ORDER BY position, code")
	return all, err
}
