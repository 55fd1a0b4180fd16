// Package catalog is the floor of goods: what is offered, in which unit, at
// which price, and which fee and tax apply. A listing belongs to a producer of
// its market and lives from draft over live and paused to archived.
//
// What lies in the barn is the business of catalog/stock, pictures are kept by
// catalog/photo, and the pages of cards with what is left are made by
// catalog/shelf.
package catalog

import (
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// State is where a listing stands in its life.
type State string

// The states of a listing.
const (
	Drafted  State = "draft"
	Live     State = "live"
	Paused   State = "paused"
	Archived State = "archived"
)

// Listing is one of the goods as its row stands.
type Listing struct {
	Market       int32          `db:"market_id"`
	ID           id.ID          `db:"id"`
	ProducerID   id.ID          `db:"producer_id"`
	Category     string         `db:"category"`
	Title        string         `db:"title"`
	TitleEN      string         `db:"title_en"`
	Story        string         `db:"story"`
	StoryEN      string         `db:"story_en"`
	Grade        string         `db:"grade"`
	HarvestOn    *time.Time     `db:"harvest_on"` // a day; nil: unknown
	Unit         string         `db:"unit"`
	PriceMinor   int64          `db:"price_minor"`    // of one unit
	Minimum      int64          `db:"minimum"`        // base units
	WeightBandBP int32          `db:"weight_band_bp"` // what a packed weight may differ by; 0 for counted goods
	State        State          `db:"state"`
	Photos       pq.StringArray `db:"photos"` // keys of catalog/photo, the cover first
	Version      int            `db:"version"`
	CreatedAt    time.Time      `db:"created_at"`
	ChangedAt    time.Time      `db:"changed_at"`
}

// Cover is the key of the first picture, or nothing.
func (l Listing) Cover() string {
	if len(l.Photos) == 0 {
		return ""
	}
	return l.Photos[0]
}

// Catalog makes and changes listings and rates.
type Catalog struct {
	db *storage.DB
}

// New opens the room.
func New(db *storage.DB) *Catalog { return &Catalog{db: db} }

// errUnknown says that there is no such listing in this market.
func errUnknown() *fault.Fault { return fault.NotFound("listing_unknown") }

// errChanged says that somebody else changed the listing meanwhile.
func errChanged() *fault.Fault { return fault.Conflict("conflict") }
