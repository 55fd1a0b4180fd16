package catalog

import (
	"github.com/lib/pq"

	"commonfield/agents/terms"
	"commonfield/storage"
	"commonfield/storage/id"
)

// Offer is what a sale of one listing is made from.
type Offer struct {
	ListingID    id.ID  `db:"id"`
	ProducerID   id.ID  `db:"producer_id"`
	SellerPayee  id.ID  `db:"payee_id"`
	SellerPerson id.ID  `db:"person_id"` // id.None: an offline producer
	Category     string `db:"category"`
	Title        string `db:"title"`
	TitleEN      string `db:"title_en"`
	Photo        string `db:"photo"`
	Unit         string `db:"unit"`
	UnitBase     int64  `db:"-"`
	PriceMinor   int64  `db:"price_minor"`
	Minimum      int64  `db:"minimum"`
	WeightBandBP int32  `db:"weight_band_bp"`
	Fresh        bool   `db:"-"`
	Live         bool   `db:"live"` // the listing is live and its producer active
	FeeBP        int32  `db:"-"`
	TaxBP        int32  `db:"-"`
	Version      int    `db:"version"`
	OwnTerms     []byte `db:"own_terms"`

	Counted bool            `db:"-"`
	Terms   terms.Terms     `db:"-"` // on which its seller sells
	Gift    *terms.Discount `db:"-"` // what the market takes off besides
}

// Offered reads what a sale needs to know of its listings, in one query; what is
// the market's, its rates, its terms and the categories, comes from the short
// memory. A listing that this market does not have is not in the answer. The rates
// are those valid now for goods: the newest row that fits best, category and kind
// before category before kind before neither; none means 0. The seller's terms of
// delivery and discount come along: they cost no trip of their own.
func Offered(tx *storage.Tx, ids []id.ID) (map[id.ID]Offer, error) {
	var rows []Offer
	err := tx.Select(&rows, "SELECT "+OfferColumns+" FROM "+OfferTables+" WHERE l.market_id = $1 AND l.id = ANY($2::uuid[])", tx.Market, pq.Array(ids))
	if err != nil {
		return nil, err
	}
	offers := make(map[id.ID]Offer, len(rows))
	for _, o := range rows {
		if offers[o.ListingID], err = o.Rated(tx); err != nil {
			return nil, err
		}
	}
	return offers, nil
}

// OfferColumns and OfferTables are the query of Offered, for rooms above that
// read what is theirs of the same listings in the same trip.
const (
	OfferColumns = `l.id, l.producer_id, p.payee_id,
		COALESCE(p.person_id, '00000000-0000-0000-0000-000000000000') AS person_id,
		l.category, l.title, l.title_en, COALESCE(l.photos[1], '') AS photo,
		l.unit, l.price_minor, l.minimum, l.weight_band_bp,
		l.state = 'live' AND p.state = 'active' AS live, l.version,
		own.terms AS own_terms`
	OfferTables = `listings l
		JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id
		LEFT JOIN sale_terms own ON own.market_id = l.market_id AND own.owner_id = l.producer_id`
)

// Rated adds to an offer that was read what its row does not hold: how much its
// unit is, what its category says, the rates of now and the market's terms.
func (o Offer) Rated(tx *storage.Tx) (Offer, error) {
	u, err := UnitNow(tx, o.Unit)
	if err != nil {
		return o, err
	}
	o.UnitBase, o.Counted = u.Base, !u.Weighed()
	kind, err := KindNow(tx, o.Category)
	if err != nil {
		return o, err
	}
	o.Fresh = kind.Fresh
	if o.FeeBP, o.TaxBP, err = RatesNow(tx, o.Category); err != nil {
		return o, err
	}
	own, err := terms.Of(o.OwnTerms)
	if err != nil {
		return o, err
	}
	market, err := terms.OfMarket(tx)
	o.Terms, o.Gift = terms.On(own, market)
	return o, err
}

// BestRate is one rate of a listing l for the kind goods, for the reads of this
// floor: what is Fee or Tax, at the parameter that holds the time; none is 0.
func BestRate(what, at string) string {
	return `COALESCE((SELECT r.rate_bp FROM rates r
		WHERE r.market_id = l.market_id AND r.what = '` + what + `' AND r.valid_from <= ` + at + `
		AND (r.category IS NULL OR r.category = l.category) AND (r.kind IS NULL OR r.kind = 'goods')
		ORDER BY r.category IS NULL, r.kind IS NULL, r.valid_from DESC, r.id DESC LIMIT 1), 0)`
}
