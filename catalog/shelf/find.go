package shelf

import (
	"context"
	"errors"

	"commonfield/catalog"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// One gives all that everybody may see of one listing, also of one that is
// paused or archived, because old orders lead to it. A draft is nobody's to see
// here: fault.NotFound("listing_unknown"), as when there is none.
func (s *Shelf) One(ctx context.Context, market int32, listing id.ID) (View, error) {
	m, err := s.books.Market(ctx, market)
	if err != nil {
		return View{}, err
	}
	var v View
	err = s.db.View(ctx, market, func(tx *storage.Tx) error {
		v = View{}
		err := tx.Get(&v, one, market, listing)
		if errors.Is(err, storage.ErrNone) {
			return fault.NotFound("listing_unknown")
		}
		if err != nil {
			return err
		}
		v.MarketCode, v.MarketName, v.MarketNameEN, v.Currency, v.TimeZone = m.Code, m.Name, m.NameEN, m.Currency, m.TimeZone
		kind, err := catalog.KindNow(tx, v.Category)
		if err != nil {
			return err
		}
		v.CategoryName, v.CategoryNameEN, v.Fresh = kind.Name, kind.NameEN, kind.Fresh
		if err := v.weigh(tx); err != nil {
			return err
		}
		if v.FeeBP, v.TaxBP, err = catalog.RatesNow(tx, v.Category); err != nil {
			return err
		}
		return s.name(tx, &v.Card)
	})
	return v, err
}

// weigh fills in what its unit is.
func (v *View) weigh(tx *storage.Tx) error {
	u, err := catalog.UnitNow(tx, v.Unit)
	v.UnitBase, v.Weighed = u.Base, u.Weighed()
	return err
}

// seen is what a view shows, around its listing l.
const seen = `SELECT ` + columns + `, l.story, l.story_en, l.grade, l.harvest_on, l.weight_band_bp, l.photos, l.state, l.version, l.changed_at,
	l.state = 'live' AND p.state = 'active' AS live, p.state = 'active' AS active,
	p.payee_id, COALESCE(p.person_id, '00000000-0000-0000-0000-000000000000') AS person_id,
	p.name AS producer_name, p.name_en AS producer_name_en, p.region_code, p.village, p.story AS producer_story,
	p.story_en AS producer_story_en, p.licence, p.exemption, p.created_at AS producer_since,
	(SELECT COALESCE(sum(b.on_hand - b.reserved), 0)::bigint FROM batches b WHERE b.market_id = l.market_id AND b.listing_id = l.id) AS available`

// rated are the rates of listings of several markets, their markets and categories;
// those of one are remembered.
var rated = `, ` + catalog.BestRate(catalog.Fee, "$3") + ` AS fee_bp, ` + catalog.BestRate(catalog.Tax, "$3") + ` AS tax_bp,
	m.code AS market_code, m.currency, m.name AS market_name, m.name_en AS market_name_en, m.time_zone,
	c.name AS category_name, c.name_en AS category_name_en, c.fresh`

const (
	growing = `
	JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id`
	one = seen + ` FROM listings l` + growing + ` WHERE l.market_id = $1 AND l.id = $2 AND l.state <> 'draft'`
)
