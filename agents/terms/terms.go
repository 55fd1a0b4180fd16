// Package terms keeps on which terms somebody sells: where they deliver and for
// how much, by region and weight, and what they take off. A seller has their own
// terms; the market's stand in for every seller who has none, and its discount
// is the market's own gift.
//
// It promises that reckoning is pure: the same terms, place and weight give the
// same sum, in minor units, on a page and in the order that follows. It knows no
// orders; the pipeline freezes what it gives.
package terms

import (
	"encoding/json"
	"strings"
	"time"

	"commonfield/storage/id"
	"commonfield/storage/money"
)

// Terms are one seller's, or the market's.
type Terms struct {
	Delivery *Delivery `json:"delivery,omitempty"` // nil: it is in the price
	Discount *Discount `json:"discount,omitempty"`
	Pickup   *Point    `json:"pickup,omitempty"` // nil: goods are sent alone
	Cash     *Cash     `json:"cash,omitempty"`   // nil: what is sold is paid before it is sent
}

// Cash says that a seller's goods may be paid when they arrive, and who collects: an
// agent, by their payee, or the seller. Of the market's terms only the largest sum of
// one order counts; whether cash is taken each seller says.
type Cash struct {
	Hand id.ID `json:"hand,omitzero"` // none: the seller
	Most int64 `json:"most_minor,omitempty"`
}

// MostCash is the largest sum of an order in cash where the market's terms say nothing.
const MostCash = 1000_00

// Point is where buyers may pick goods up.
type Point struct {
	Name    string `json:"name" db:"name"`
	Address string `json:"address" db:"address"`
	Hours   string `json:"hours,omitempty" db:"hours"`
}

// Delivery says what it costs where. A region that no zone names has the zone
// without regions, and where there is none, nothing is delivered there.
type Delivery struct {
	Zones      []Zone `json:"zones"`
	PieceGrams int64  `json:"piece_grams,omitempty"` // what a counted piece weighs; a kilogram when it is not said
}

// Zone is a list of regions and their tariff. A region is a division code: "65" is
// a province with all that lies in it, "652823" one county. The longest code that
// fits decides.
type Zone struct {
	Regions []string `json:"regions,omitempty"` // none: everywhere else
	Tariff
}

// Tariff is the sum for the first kilogram and for each further one that is begun;
// from a sum of goods on it is free.
type Tariff struct {
	First    int64 `json:"first_minor"`
	Further  int64 `json:"further_minor"`
	FreeFrom int64 `json:"free_from_minor,omitempty"` // 0: never
}

// Discount is taken off a seller's goods when they come to at least From.
type Discount struct {
	RateBP int32     `json:"rate_bp"`
	From   int64     `json:"from_minor,omitempty"`
	Until  time.Time `json:"until,omitzero"` // none: until it is withdrawn
}

// Kilogram is what a tariff counts in.
const Kilogram = 1000

// For finds the tariff for a place; false where nothing is delivered to.
func (d Delivery) For(code string) (Tariff, bool) {
	best, found, length := Tariff{}, false, -1
	for _, z := range d.Zones {
		if len(z.Regions) == 0 && length < 0 {
			best, found, length = z.Tariff, true, 0
		}
		for _, r := range z.Regions {
			if len(r) > length && strings.HasPrefix(code, r) {
				best, found, length = z.Tariff, true, len(r)
			}
		}
	}
	return best, found
}

// Costs is what so many grams of goods worth so much cost to bring.
func (t Tariff) Costs(grams, goods int64) (int64, error) {
	if t.FreeFrom > 0 && goods >= t.FreeFrom || grams <= 0 {
		return 0, nil
	}
	further, err := money.MulDiv(t.Further, (max(grams-Kilogram, 0)+Kilogram-1)/Kilogram, 1)
	if err != nil {
		return 0, err
	}
	return money.Sum(t.First, further)
}

// Weighs is what so many base units are reckoned to weigh, in grams.
func (d Delivery) Weighs(quantity int64, counted bool) int64 {
	if !counted {
		return quantity
	}
	if d.PieceGrams > 0 {
		return quantity * d.PieceGrams
	}
	return quantity * Kilogram
}

// Off is what is taken off goods worth so much, at a moment.
func (d *Discount) Off(goods int64, at time.Time) int64 {
	if d == nil || goods < d.From || !d.Until.IsZero() && !at.Before(d.Until) {
		return 0
	}
	return money.Part(goods, d.RateBP)
}

// Of reads terms as they are kept; nothing gives none.
func Of(kept []byte) (Terms, error) {
	var t Terms
	if len(kept) == 0 {
		return t, nil
	}
	return t, json.Unmarshal(kept, &t)
}

// On gives the terms on which a seller sells: their own, the market's delivery
// and pick-up point where they have none, the largest sum of an order in cash, and
// beside them what the market takes off.
func On(own, market Terms) (seller Terms, gift *Discount) {
	if own.Delivery == nil {
		own.Delivery = market.Delivery
	}
	if own.Pickup == nil {
		own.Pickup = market.Pickup
	}
	if own.Cash != nil {
		own.Cash = &Cash{Hand: own.Cash.Hand, Most: MostCash}
		if market.Cash != nil && market.Cash.Most > 0 {
			own.Cash.Most = market.Cash.Most
		}
	}
	return own, market.Discount
}
