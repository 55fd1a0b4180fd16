package catalog

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
	"commonfield/storage/written"
)

// The limits of a listing.
const (
	MostPrice  = 1_000_000_000 // 10,000,000.00 yuan for one unit
	MostBandBP = 2_000         // 20 %
	MostPhotos = 12

	longTitle = 80
	longStory = 2_000
	longGrade = 80
	english   = 2 // the same takes about twice the letters in English
)

// Draft is what a person writes about goods.
type Draft struct {
	ProducerID   id.ID // ignored by Edit: goods do not change hands
	Category     string
	Title        string // 1–80 characters
	TitleEN      string // up to 160
	Story        string // up to 2,000
	StoryEN      string // up to 4,000
	Grade        string
	HarvestOn    *time.Time // a day, in its own zone
	Unit         string
	PriceMinor   int64    // of one unit
	Minimum      int64    // the smallest order, base units
	WeightBandBP int32    // 0–2,000; counted goods have none, it is set to 0
	Photos       []string // keys of catalog/photo, the cover first
	State        State    // Drafted or Live; empty is Drafted; ignored by Edit
}

// known is what the tables say about a draft.
type known struct {
	Dimension *string `db:"dimension"`
	Base      *int64  `db:"base"`
	Category  bool    `db:"category"`
	Producer  *string `db:"producer"` // its state
	Currency  *string `db:"currency"`
}

func look(tx *storage.Tx, d Draft) (known, error) {
	var k known
	err := tx.Get(&k, `SELECT (SELECT dimension FROM units WHERE code = $2) AS dimension,
		(SELECT base FROM units WHERE code = $2) AS base,
		EXISTS (SELECT 1 FROM categories WHERE code = $3) AS category,
		(SELECT state FROM producers WHERE market_id = $1 AND id = $4) AS producer,
		(SELECT currency FROM markets WHERE id = $1) AS currency`, tx.Market, d.Unit, d.Category, d.ProducerID)
	return k, err
}

// check gives the draft as it is kept, or all that is wrong with it, each on
// its field.
func (d Draft) check(k known) (Draft, error) {
	for _, words := range []*string{&d.Title, &d.TitleEN, &d.Story, &d.StoryEN, &d.Grade} {
		*words = written.Plain(*words)
	}
	wrong := []error{
		text("title", d.Title, longTitle), text("title_en", d.TitleEN, longTitle*english),
		text("story", d.Story, longStory), text("story_en", d.StoryEN, longStory*english),
		text("grade", d.Grade, longGrade), d.checkUnit(k), d.checkMinimum(k),
	}
	if d.Title == "" {
		wrong = append(wrong, fault.Invalid("title", "required"))
	}
	if !k.Category {
		wrong = append(wrong, fault.Invalid("category", "unknown_category"))
	}
	if k.Producer == nil {
		wrong = append(wrong, fault.Invalid("producer_id", "producer_unknown"))
	}
	if d.PriceMinor <= 0 || d.PriceMinor > MostPrice {
		args := fault.Args{"min": int64(1), "max": int64(MostPrice)}
		if k.Currency != nil {
			args["currency"] = *k.Currency
		}
		wrong = append(wrong, fault.Invalid("price", "out_of_range", args))
	}
	if d.WeightBandBP < 0 || d.WeightBandBP > MostBandBP {
		wrong = append(wrong, fault.Invalid("band", "out_of_range", fault.Args{"min": int64(0), "max": int64(MostBandBP), "unit": "bp"}))
	}
	if len(d.Photos) > MostPhotos {
		wrong = append(wrong, fault.Invalid("photos", "too_many_photos", fault.Args{"most": MostPhotos}))
	}
	for _, p := range d.Photos {
		if !photoKey.MatchString(p) {
			wrong = append(wrong, fault.Invalid("photos", "photo_unknown"))
			break
		}
	}
	if d.HarvestOn != nil {
		y, m, day := d.HarvestOn.Date()
		on := time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
		if d.HarvestOn = &on; y < 2000 || y > 2100 {
			wrong = append(wrong, fault.Invalid("harvest_on", "out_of_range", fault.Args{"min": "2000", "max": "2100"}))
		}
	}
	if d.State == "" {
		d.State = Drafted
	}
	if d.State != Drafted && d.State != Live {
		wrong = append(wrong, fault.Invalid("state", "listing_state"))
	}
	if k.Dimension != nil && *k.Dimension == Count {
		d.WeightBandBP = 0
	}
	if d.Photos == nil {
		d.Photos = []string{}
	}
	return d, fault.All(wrong...)
}

// photoKey is the form of a key of catalog/photo.
var photoKey = regexp.MustCompile(`^photo/[0-9a-f]{64}$`)

func (d Draft) checkUnit(k known) error {
	if k.Dimension == nil {
		return fault.Invalid("unit", "unknown_unit")
	}
	return nil
}

// checkMinimum refuses a smallest order that costs less than one minor unit: a
// line of nothing cannot be paid.
func (d Draft) checkMinimum(k known) error {
	if d.Minimum <= 0 || d.Minimum > MostQuantity {
		return fault.Invalid("minimum", "out_of_range", fault.Args{"min": int64(1), "max": int64(MostQuantity), "unit": d.Unit})
	}
	if k.Base == nil || d.PriceMinor <= 0 {
		return nil
	}
	if price, err := money.MulDiv(d.PriceMinor, d.Minimum, *k.Base); err != nil || price < 1 {
		return fault.Invalid("minimum", "minimum_worthless")
	}
	return nil
}

// text refuses what is too long or no text.
func text(field, s string, most int) error {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return fault.Invalid(field, "invalid")
	case utf8.RuneCountInString(s) > most:
		return fault.Invalid(field, "too_long", fault.Args{"most": most})
	}
	return nil
}
