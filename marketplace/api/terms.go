package api

import (
	"net/http"
	"time"

	"commonfield/agents/terms"
	"commonfield/storage"
	"commonfield/storage/id"
)

type termsShown struct {
	Market   string         `json:"market"`
	Producer string         `json:"producer,omitempty" doc:"whose they are; empty: the market's, for every seller who has none"`
	Version  int            `json:"version" doc:"0: none were set"`
	Delivery *deliveryTerms `json:"delivery,omitempty" doc:"missing: the market's stands in; where it has none, delivery is in the price"`
	Discount *discountTerms `json:"discount,omitempty"`
	Pickup   *PickupPoint   `json:"pickup,omitempty" doc:"where buyers may pick goods up; missing: the market's point stands in"`
	Cash     *cashTerms     `json:"cash,omitempty" doc:"missing: what is sold is paid before it is sent"`
}

type cashTerms struct {
	Hand string `json:"hand,omitempty" doc:"payee of the agent who collects; empty: the seller. Of the market's terms it has no meaning"`
	Most int64  `json:"most_minor,omitempty" doc:"of the market's terms: the largest sum of an order in cash; 0: 1,000.00"`
}

// PickupPoint is where buyers come for their goods.
type PickupPoint struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Hours   string `json:"hours,omitempty"`
}

type deliveryTerms struct {
	Zones      []zoneTerms `json:"zones"`
	PieceGrams int64       `json:"piece_grams,omitempty" doc:"what a counted piece is reckoned to weigh; 1000 when it is left out"`
}

type zoneTerms struct {
	Regions  []string `json:"regions,omitempty" doc:"division codes; the longest that fits decides; none: everywhere else"`
	First    int64    `json:"first_minor" doc:"for the first kilogram"`
	Further  int64    `json:"further_minor" doc:"for each further one that is begun"`
	FreeFrom int64    `json:"free_from_minor,omitempty" doc:"free when the goods come to it; 0: never"`
}

type discountTerms struct {
	RateBP int32      `json:"rate_bp"`
	From   int64      `json:"from_minor,omitempty" doc:"when the goods come to it"`
	Until  *time.Time `json:"until,omitempty"`
}

type setTerms struct {
	Market   string         `json:"market" doc:"code or number"`
	Producer string         `json:"producer,omitempty" doc:"empty: the market's own"`
	Version  int            `json:"version" doc:"that was read; another one is refused (conflict)"`
	Delivery *deliveryTerms `json:"delivery,omitempty"`
	Discount *discountTerms `json:"discount,omitempty"`
	Pickup   *PickupPoint   `json:"pickup,omitempty"`
	Cash     *cashTerms     `json:"cash,omitempty"`
}

// terms mounts what delivery costs and what is taken off.
func (s *server) terms() {
	handle(s, route{method: http.MethodGet, path: "/terms", says: "Show what delivery costs and what is taken off", open: known,
		more: "A seller's own, or the market's. For the seller and operators."}, s.showTerms)
	handle(s, route{method: http.MethodPut, path: "/terms", says: "Set what delivery costs and what is taken off", open: known,
		more: "By the seller for their own, by operators for anybody's and the market's. Orders that were placed keep what they were placed on; the market pays its own discount."}, s.setTerms)
}

// owner says whose terms are meant, to somebody who may see and set them.
func (s *server) owner(v *visit, market, producer string) (int32, id.ID, error) {
	if producer == "" {
		m, err := v.operated(market)
		return m.ID, terms.Market, err
	}
	m, err := v.named(market)
	if err != nil {
		return 0, id.None, err
	}
	of, err := row(producer)
	if err != nil {
		return 0, id.None, err
	}
	return m.ID, of, s.Trades(v.ctx, v.who, m.ID, of)
}

func (s *server) showTerms(v *visit, in *struct {
	Market   string `query:"market" required:"true" doc:"code or number"`
	Producer string `query:"producer" doc:"empty: the market's own"`
}) (termsShown, error) {
	market, of, err := s.owner(v, in.Market, in.Producer)
	if err != nil {
		return termsShown{}, err
	}
	var k terms.Kept
	err = v.view(market, func(tx *storage.Tx) (err error) { k, err = terms.Find(tx, of); return })
	return v.terms(market, of, k), err
}

func (s *server) setTerms(v *visit, in *with[setTerms]) (termsShown, error) {
	market, of, err := s.owner(v, in.Body.Market, in.Body.Producer)
	if err != nil {
		return termsShown{}, err
	}
	var t terms.Terms
	if d := in.Body.Delivery; d != nil {
		t.Delivery = &terms.Delivery{PieceGrams: d.PieceGrams}
		for _, z := range d.Zones {
			t.Delivery.Zones = append(t.Delivery.Zones, terms.Zone{Regions: z.Regions, Tariff: terms.Tariff{First: z.First, Further: z.Further, FreeFrom: z.FreeFrom}})
		}
	}
	if d := in.Body.Discount; d != nil {
		t.Discount = &terms.Discount{RateBP: d.RateBP, From: d.From}
		set(&t.Discount.Until, d.Until)
	}
	if p := in.Body.Pickup; p != nil {
		t.Pickup = new(terms.Point(*p))
	}
	if p := in.Body.Cash; p != nil {
		t.Cash = &terms.Cash{Most: p.Most}
		if p.Hand != "" {
			if t.Cash.Hand, err = reference("hand", p.Hand); err != nil {
				return termsShown{}, err
			}
		}
	}
	k, err := terms.Set(v.ctx, s.DB, market, of, v.who.ID, in.Body.Version, t)
	return v.terms(market, of, k), err
}

func (v *visit) terms(market int32, of id.ID, k terms.Kept) termsShown {
	out := termsShown{Market: v.code(market), Producer: maybe(&of), Version: k.Version}
	if of == terms.Market {
		out.Producer = ""
	}
	if d := k.Delivery; d != nil {
		out.Delivery = &deliveryTerms{Zones: []zoneTerms{}, PieceGrams: d.PieceGrams}
		for _, z := range d.Zones {
			out.Delivery.Zones = append(out.Delivery.Zones, zoneTerms{z.Regions, z.First, z.Further, z.FreeFrom})
		}
	}
	if d := k.Discount; d != nil {
		out.Discount = &discountTerms{RateBP: d.RateBP, From: d.From}
		if !d.Until.IsZero() {
			out.Discount.Until = &d.Until
		}
	}
	if p := k.Pickup; p != nil {
		out.Pickup = new(PickupPoint(*p))
	}
	if p := k.Cash; p != nil {
		out.Cash = &cashTerms{Hand: maybe(&p.Hand), Most: p.Most}
		if p.Hand == id.None {
			out.Cash.Hand = ""
		}
	}
	return out
}
