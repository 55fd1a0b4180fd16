// Package shelf is what everybody may see of the goods: pages of cards over all
// markets, and one listing with its producer, its place and what is left of it.
// It only reads. What it shows may be a moment old; a sale asks catalog and
// stock again.
package shelf

import (
	"sync"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/storage"
	"commonfield/storage/id"
)

// The sizes of a page.
const (
	Usual = 20
	Most  = 100
)

// Filter says which goods a page shows; zero fields do not filter.
type Filter struct {
	Market   *int32
	Category string // with what is below it
	Producer id.ID  // needs Market
	Text     string // in a title
	After    string // the cursor a page gave
	N        int    // 0: Usual; at most Most

	// What search is asked too, for when it is away.
	Region    string // with what is below it: a code's leading digits
	PriceFrom int64  // minor units per kg or piece
	PriceTo   int64
	InStock   bool
	Harvest   int // year
}

// Card is a listing on a page of goods.
type Card struct {
	Market         int32  `db:"market_id"`
	MarketCode     string `db:"market_code"`
	ID             id.ID  `db:"id"`
	Category       string `db:"category"`
	Title          string `db:"title"`
	TitleEN        string `db:"title_en"`
	PriceMinor     int64  `db:"price_minor"` // of one unit
	Currency       string `db:"currency"`
	Unit           string `db:"unit"`
	Minimum        int64  `db:"minimum"` // base units
	Photo          string `db:"photo"`
	ProducerID     id.ID  `db:"producer_id"`
	ProducerName   string `db:"producer_name"`
	ProducerNameEN string `db:"producer_name_en"`
	RegionCode     string `db:"region_code"`
	Region         string `db:"-"`         // 新疆尉犁县兴平镇
	RegionEN       string `db:"-"`         // Xingping town, Yuli county, Xinjiang
	Available      int64  `db:"available"` // base units
	Active         bool   `db:"active"`    // its producer is
}

// View is all that everybody may see of one listing.
type View struct {
	Card
	MarketName      string         `db:"market_name"`
	MarketNameEN    string         `db:"market_name_en"`
	TimeZone        string         `db:"time_zone"`
	CategoryName    string         `db:"category_name"`
	CategoryNameEN  string         `db:"category_name_en"`
	Fresh           bool           `db:"fresh"`
	Story           string         `db:"story"`
	StoryEN         string         `db:"story_en"`
	Grade           string         `db:"grade"`
	HarvestOn       *time.Time     `db:"harvest_on"`
	UnitBase        int64          `db:"-"`
	Weighed         bool           `db:"-"`
	WeightBandBP    int32          `db:"weight_band_bp"`
	Photos          pq.StringArray `db:"photos"`
	State           catalog.State  `db:"state"`
	Live            bool           `db:"live"` // the listing is live and its producer active
	Version         int            `db:"version"`
	ChangedAt       time.Time      `db:"changed_at"`
	FeeBP           int32          `db:"fee_bp"`
	TaxBP           int32          `db:"tax_bp"`
	SellerPayee     id.ID          `db:"payee_id"`
	SellerPerson    id.ID          `db:"person_id"` // id.None: an offline producer
	Village         string         `db:"village"`
	ProducerStory   string         `db:"producer_story"`
	ProducerStoryEN string         `db:"producer_story_en"`
	Licence         string         `db:"licence"`
	Exemption       string         `db:"exemption"`
	ProducerSince   time.Time      `db:"producer_since"`
}

// Offer is what a sale of this listing would be made from.
func (v View) Offer() catalog.Offer {
	return catalog.Offer{ListingID: v.ID, ProducerID: v.ProducerID, SellerPayee: v.SellerPayee, SellerPerson: v.SellerPerson, Category: v.Category,
		Title: v.Title, TitleEN: v.TitleEN, Photo: v.Photo, Unit: v.Unit, UnitBase: v.UnitBase, PriceMinor: v.PriceMinor, Minimum: v.Minimum,
		WeightBandBP: v.WeightBandBP, Fresh: v.Fresh, Live: v.Live, FeeBP: v.FeeBP, TaxBP: v.TaxBP, Version: v.Version}
}

// Shelf reads the goods.
type Shelf struct {
	db     *storage.DB
	books  *region.Books
	places sync.Map // region code → region.Said; regions do not change while we run
}

// New opens the room.
func New(db *storage.DB, books *region.Books) *Shelf { return &Shelf{db: db, books: books} }

// name fills in the cards' places.
func (s *Shelf) name(tx *storage.Tx, cards ...*Card) error {
	codes := make([]string, len(cards))
	for i, c := range cards {
		codes[i] = c.RegionCode
	}
	names, err := s.placesOf(tx, codes)
	for _, c := range cards {
		c.Region, c.RegionEN = names[c.RegionCode].Name, names[c.RegionCode].English
	}
	return err
}

// placesOf gives the names of regions, with one query when some are not known yet.
func (s *Shelf) placesOf(tx *storage.Tx, codes []string) (map[string]region.Said, error) {
	names := map[string]region.Said{}
	var missing []string
	for _, c := range codes {
		if name, known := s.places.Load(c); known {
			names[c], _ = name.(region.Said)
		} else {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return names, nil
	}
	found, err := region.Say(tx, missing...)
	for c, name := range found {
		s.places.Store(c, name)
		names[c] = name
	}
	return names, err
}
