package terms

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
	"commonfield/storage/written"
)

// Market is whose terms stand in for everybody's.
var Market = id.None

// What is believed.
const (
	MostZones    = 40
	MostRegions  = 400
	MostMinor    = 100_000_000
	MostRateBP   = 9000
	MostPoint    = 120 // letters of each line of a pick-up point
	mostPiece    = 1_000_000
	longestCode  = 9
	shortestCode = 2
)

// Kept are terms as they stand, with their version: 0 where none were written.
type Kept struct {
	Terms
	Version int
}

// Find gives the terms of a seller, or the market's.
func Find(tx *storage.Tx, owner id.ID) (Kept, error) {
	var row struct {
		Terms   []byte `db:"terms"`
		Version int    `db:"version"`
	}
	err := tx.Get(&row, "SELECT terms, version FROM sale_terms WHERE market_id = $1 AND owner_id = $2", tx.Market, owner)
	if err == storage.ErrNone {
		return Kept{}, nil
	}
	if err != nil {
		return Kept{}, err
	}
	t, err := Of(row.Terms)
	return Kept{t, row.Version}, err
}

// remembered is the name of the market's terms in the short memory.
const remembered = "market terms"

// OfMarket gives the market's terms from a short memory (storage.Remember): every
// sale asks for them. They are everybody's: they are not changed.
func OfMarket(tx *storage.Tx) (Terms, error) {
	return storage.Remember(tx, remembered, func() (Terms, error) {
		kept, err := Find(tx, Market)
		return kept.Terms, err
	})
}

// Set writes the terms of a seller, or the market's, over the version that was
// read; another one is refused (conflict), so that two do not overwrite each
// other. Setting what stands already changes nothing. Orders that were placed keep
// what they were placed on. Who may, the door decides.
func Set(ctx context.Context, db *storage.DB, market int32, owner, by id.ID, version int, t Terms) (Kept, error) {
	if t.Pickup != nil {
		t.Pickup = &Point{written.Plain(t.Pickup.Name), written.Plain(t.Pickup.Address), written.Plain(t.Pickup.Hours)}
	}
	if err := t.check(); err != nil {
		return Kept{}, err
	}
	text, err := json.Marshal(t)
	if err != nil {
		return Kept{}, err
	}
	k := Kept{t, version + 1}
	err = db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		was, err := Find(tx, owner)
		if err != nil {
			return err
		}
		if stands, err := json.Marshal(was.Terms); err != nil || was.Version > 0 && string(stands) == string(text) {
			k.Version = was.Version
			return err
		}
		if was.Version != version {
			return fault.Conflict("conflict")
		}
		if version == 0 {
			tx.Queue("INSERT INTO sale_terms (market_id, owner_id, terms, changed_by, changed_at) VALUES ($1, $2, $3::jsonb, $4, $5)",
				market, owner, string(text), by, tx.Now)
		} else {
			tx.Expect(1, fault.Conflict("conflict"), "UPDATE sale_terms SET terms = $3::jsonb, version = version + 1, changed_by = $4, changed_at = $5 WHERE market_id = $1 AND owner_id = $2 AND version = $6",
				market, owner, string(text), by, tx.Now, version)
		}
		subject := "producer:" + owner.String()
		if owner == Market {
			subject = "market"
			tx.Forget(remembered)
		}
		trail.Write(tx, by, "terms.set", subject, "")
		return nil
	})
	if storage.Violates(err, "sale_terms_pkey") {
		err = fault.Conflict("conflict")
	}
	return k, err
}

// check refuses what no tariff can mean, each by its field.
func (t Terms) check() error {
	var wrong []error
	if d := t.Delivery; d != nil {
		wrong = append(wrong, d.check()...)
	}
	if d := t.Discount; d != nil {
		if d.RateBP <= 0 || d.RateBP > MostRateBP {
			wrong = append(wrong, fault.Invalid("discount_rate", "out_of_range", fault.Args{"min": 1, "max": MostRateBP}))
		}
		wrong = append(wrong, sum("discount_from", d.From))
	}
	if p := t.Pickup; p != nil {
		for _, f := range []struct {
			field, text string
			needed      bool
		}{{"pickup_name", p.Name, true}, {"pickup_address", p.Address, true}, {"pickup_hours", p.Hours, false}} {
			if f.needed && f.text == "" {
				wrong = append(wrong, fault.Invalid(f.field, "required"))
			}
			if len([]rune(f.text)) > MostPoint {
				wrong = append(wrong, fault.Invalid(f.field, "too_long", fault.Args{"most": MostPoint}))
			}
		}
	}
	if c := t.Cash; c != nil {
		wrong = append(wrong, sum("cash_most", c.Most))
	}
	return fault.All(wrong...)
}

func (d Delivery) check() []error {
	var wrong []error
	if len(d.Zones) == 0 {
		wrong = append(wrong, fault.Invalid("zones", "required"))
	}
	if len(d.Zones) > MostZones {
		wrong = append(wrong, fault.Invalid("zones", "too_many_items", fault.Args{"most": MostZones}))
	}
	if d.PieceGrams < 0 || d.PieceGrams > mostPiece {
		wrong = append(wrong, fault.Invalid("piece_grams", "out_of_range", fault.Args{"min": 0, "max": mostPiece}))
	}
	var seen []string
	elsewhere := false
	for i, z := range d.Zones {
		field := func(name string) string { return fmt.Sprintf("zones.%d.%s", i, name) }
		wrong = append(wrong, sum(field("first"), z.First), sum(field("further"), z.Further), sum(field("free_from"), z.FreeFrom))
		if len(z.Regions) == 0 {
			if elsewhere {
				wrong = append(wrong, fault.Invalid(field("regions"), "region_twice"))
			}
			elsewhere = true
		}
		for _, r := range z.Regions {
			switch {
			case len(r) < shortestCode || len(r) > longestCode || strings.Trim(r, "0123456789") != "":
				wrong = append(wrong, fault.Invalid(field("regions"), "region_unknown", fault.Args{"code": r}))
			case slices.Contains(seen, r):
				wrong = append(wrong, fault.Invalid(field("regions"), "region_twice"))
			}
			seen = append(seen, r)
		}
	}
	if len(seen) > MostRegions {
		wrong = append(wrong, fault.Invalid("zones", "too_many_items", fault.Args{"most": MostRegions}))
	}
	return wrong
}

func sum(field string, minor int64) error {
	if minor < 0 || minor > MostMinor {
		return fault.Invalid(field, "out_of_range", fault.Args{"min": int64(0), "max": int64(MostMinor)})
	}
	return nil
}
