package stock

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"commonfield/catalog"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/written"
)

// Batch is goods that arrive.
type Batch struct {
	HarvestOn *time.Time
	Grade     string
	Place     string
	Quantity  int64 // base units
}

const (
	longText = 80
	longWhy  = 500
)

func (b Batch) check(unit string) error {
	var wrong []error
	if b.Quantity <= 0 || b.Quantity > catalog.MostQuantity {
		wrong = append(wrong, fault.Invalid("quantity", "out_of_range", fault.Args{"min": int64(1), "max": int64(catalog.MostQuantity), "unit": unit}))
	}
	if b.HarvestOn != nil && (b.HarvestOn.Year() < 2000 || b.HarvestOn.Year() > 2100) {
		wrong = append(wrong, fault.Invalid("harvest_on", "out_of_range", fault.Args{"min": "2000", "max": "2100"}))
	}
	wrong = append(wrong, text("grade", b.Grade, longText), text("place", b.Place, longText))
	return fault.All(wrong...)
}

func text(field, s string, most int) error {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return fault.Invalid(field, "invalid")
	case utf8.RuneCountInString(s) > most:
		return fault.Invalid(field, "too_long", fault.Args{"most": most})
	}
	return nil
}

// Receive puts a new batch of a listing into the barn. With a key, calling it
// twice is calling it once. It refuses a quantity that is none and
// fault.NotFound("listing_unknown"). Who may do it, the door decides.
func (s *Stock) Receive(ctx context.Context, key once.Key, market int32, by, listing id.ID, b Batch) (Holding, error) {
	b.Grade, b.Place = written.Plain(b.Grade), written.Plain(b.Place)
	if b.HarvestOn != nil {
		y, m, d := b.HarvestOn.Date()
		on := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		b.HarvestOn = &on
	}
	row := id.New() // before the transaction: when it runs again, it names the same row
	return once.Do(ctx, s.db, market, key, func(tx *storage.Tx) (Holding, error) {
		of, err := catalog.Find(tx, listing)
		if err != nil {
			return Holding{}, err
		}
		if err := b.check(of.Unit); err != nil {
			return Holding{}, err
		}
		h := Holding{ID: row, ListingID: listing, HarvestOn: b.HarvestOn, Grade: b.Grade, Place: b.Place, OnHand: b.Quantity, CreatedAt: tx.Now}
		tx.Queue(`INSERT INTO batches (market_id, id, listing_id, harvest_on, grade, place, on_hand, reserved, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`, market, h.ID, h.ListingID, h.HarvestOn, h.Grade, h.Place, h.OnHand, h.CreatedAt)
		m := moving(by, "")
		m.add(Received, h.ID, id.None, 0, h.OnHand)
		m.delta = nil // the row comes with its figure
		m.queue(tx)
		filling(tx, m.id[0], listing)
		return h, nil
	})
}

// Correct changes what is on hand by difference, base units, after goods were
// counted, spoiled or found; why is kept with the move. With a key, calling it
// twice is calling it once. It refuses to go below what is promised to sales,
// fault.Conflict("correct_below_reserved"), and an unknown batch,
// fault.NotFound("batch_unknown").
func (s *Stock) Correct(ctx context.Context, key once.Key, market int32, by, batch id.ID, difference int64, why string) (Holding, error) {
	why = strings.TrimSpace(why)
	wrong := []error{text("why", why, longWhy)}
	if why == "" {
		wrong = append(wrong, fault.Invalid("why", "required"))
	}
	switch {
	case difference == 0:
		wrong = append(wrong, fault.Invalid("quantity", "barn_same"))
	case difference > catalog.MostQuantity || difference < -catalog.MostQuantity:
		wrong = append(wrong, fault.Invalid("quantity", "quantity_too_large"))
	}
	if err := fault.All(wrong...); err != nil {
		return Holding{}, err
	}
	return once.Do(ctx, s.db, market, key, func(tx *storage.Tx) (Holding, error) {
		var h Holding
		err := tx.Get(&h, `SELECT id, listing_id, harvest_on, grade, place, on_hand, reserved, created_at FROM batches
			WHERE market_id = $1 AND id = $2 FOR UPDATE`, market, batch)
		if errors.Is(err, storage.ErrNone) {
			return h, fault.NotFound("batch_unknown")
		}
		if err != nil {
			return h, err
		}
		if h.OnHand+difference < h.Reserved {
			of, err := catalog.Find(tx, h.ListingID)
			if err != nil {
				return h, err
			}
			return h, fault.Conflict("correct_below_reserved", fault.Args{"reserved": h.Reserved, "left": h.Free(), "unit": of.Unit})
		}
		h.OnHand += difference
		m := moving(by, why)
		m.add(Corrected, h.ID, id.None, 0, difference)
		m.queue(tx)
		if difference > 0 {
			filling(tx, m.id[0], h.ListingID)
		} else if h.Free() == 0 { // perhaps the last that was free: the job looks
			empty(tx, m.id[0], h.ListingID)
		}
		return h, nil
	})
}
