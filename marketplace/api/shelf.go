package api

import (
	"net/http"
	"time"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/photo"
	"commonfield/catalog/search"
	"commonfield/catalog/shelf"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Card is what a list says of goods.
type Card struct {
	Market         string `json:"market"`
	ID             string `json:"id"`
	Category       string `json:"category"`
	Title          string `json:"title"`
	TitleEN        string `json:"title_en"`
	Price          int64  `json:"price_minor" doc:"of one unit"`
	Currency       string `json:"currency"`
	Unit           string `json:"unit"`
	BaseUnit       string `json:"base_unit" enum:"g,piece" doc:"what quantities are counted in"`
	Minimum        int64  `json:"minimum" doc:"smallest order, base units"`
	Available      int64  `json:"available" doc:"base units"`
	Photo          string `json:"photo" doc:"key of the cover; empty: none"`
	Producer       string `json:"producer"`
	ProducerName   string `json:"producer_name"`
	ProducerNameEN string `json:"producer_name_en"`
	Region         string `json:"region"`
	RegionName     string `json:"region_name"`
}

type listing struct {
	Card
	Story     string    `json:"story"`
	StoryEN   string    `json:"story_en"`
	Grade     string    `json:"grade"`
	HarvestOn string    `json:"harvest_on" doc:"a day; empty: unknown"`
	UnitBase  int64     `json:"unit_base" doc:"base units in one unit"`
	BandBP    int32     `json:"weight_band_bp" doc:"what a packed weight may differ by, in basis points"`
	Photos    []string  `json:"photos"`
	State     string    `json:"state" enum:"draft,live,paused,archived"`
	Live      bool      `json:"live" doc:"can be bought now"`
	Version   int       `json:"version"`
	ChangedAt time.Time `json:"changed_at"`
	Fresh     bool      `json:"fresh"`
	FeeBP     int32     `json:"fee_bp" doc:"the platform's share, inside the price"`
	TaxBP     int32     `json:"tax_bp" doc:"inside the price"`
	Village   string    `json:"village"`
}

// shelf mounts what everybody may see of the goods.
func (s *server) shelf() {
	handle(s, route{method: http.MethodGet, path: "/listings", says: "List what is on sale, the newest first", open: everybody}, s.listGoods)
	handle(s, route{method: http.MethodGet, path: "/listings/{market}/{id}", says: "Show goods", open: everybody,
		more: "A draft is shown to its producer and to operators."}, s.showGoods)
	handle(s, route{method: http.MethodPost, path: "/photos", says: "Take a photo", open: known, status: http.StatusCreated, fresh: true, most: photo.MostBytes + 1<<16,
		more: "JPEG or PNG, 15 MB at most, as the body itself or as the field photo of a form. For producers and operators. The same photo again gives the same key."}, s.takePhoto)
	send(s, route{method: http.MethodGet, path: "/photos/{hash}/{width}", says: "Give a photo in a width of 320, 640 or 1200", open: everybody}, "image/jpeg", s.givePhoto)
}

func showCard(c shelf.Card) Card {
	return Card{c.MarketCode, c.ID.String(), c.Category, c.Title, c.TitleEN, c.PriceMinor, c.Currency, c.Unit, baseUnit(c.Unit), c.Minimum, c.Available,
		c.Photo, c.ProducerID.String(), c.ProducerName, c.ProducerNameEN, c.RegionCode, c.Region}
}

func (s *server) listGoods(v *visit, in *struct {
	Page
	Market   string `query:"market" doc:"code or number"`
	Category string `query:"category" doc:"with what is below it"`
	Producer string `query:"producer" doc:"needs the market"`
	Text     string `query:"q" doc:"what to look for; then the best come first, and where search is down, those with it in their title"`
}) (list[Card], error) {
	f := shelf.Filter{Category: in.Category, Text: in.Text, After: in.After, N: in.size()}
	if in.Market != "" {
		m, err := v.named(in.Market)
		if err != nil {
			return list[Card]{}, err
		}
		f.Market = &m.ID
	}
	if in.Producer != "" {
		var err error
		if f.Producer, err = reference("producer", in.Producer); err != nil {
			return list[Card]{}, err
		}
	}
	if f.Text != "" {
		out, err := s.lookFor(v, f)
		if !fault.Has(err, "search_down") {
			return out, err
		}
		if _, ours := id.Parse(f.After); !ours {
			f.After = "" // a cursor of search: from the newest on
		}
	}
	cards, next, err := s.Shelf.Page(v.ctx, f)
	out := listed(cards, showCard)
	out.Next = next
	return out, err
}

// lookFor is a page of goods that search finds.
func (s *server) lookFor(v *visit, f shelf.Filter) (list[Card], error) {
	q := search.Query{Text: f.Text, Kind: search.Listing, Category: f.Category, Producer: f.Producer, After: f.After, N: f.N}
	if f.Market != nil {
		q.Market = *f.Market
	}
	if f.Producer != id.None && f.Market == nil {
		return list[Card]{}, fault.Invalid("market", "required")
	}
	if _, page := id.Parse(f.After); page {
		return list[Card]{}, fault.Unavailable("search_down") // begun while search was down: it ends as it began
	}
	a, err := s.Search.Query(v.ctx, q)
	if err != nil {
		return list[Card]{}, err
	}
	cards, err := s.Shelf.Found(v.ctx, a.Hits)
	out := listed(cards, showCard)
	out.Next = a.Next
	return out, err
}

func (s *server) showGoods(v *visit, in *This) (listing, error) {
	m, i, err := v.place(*in)
	if err != nil {
		return listing{}, err
	}
	return s.goods(v, m, i)
}

// goods shows a listing: as everybody sees it, or, for a draft, as its own.
func (s *server) goods(v *visit, m region.Market, i id.ID) (listing, error) {
	w, err := s.Shelf.One(v.ctx, m.ID, i)
	if fault.Has(err, "listing_unknown") && v.who.ID != id.None {
		l, err := s.mine(v, m.ID, i)
		if err != nil {
			return listing{}, fault.NotFound("listing_unknown")
		}
		return showDraft(m, l), nil
	}
	if err != nil {
		return listing{}, err
	}
	return listing{Card: showCard(w.Card), Story: w.Story, StoryEN: w.StoryEN, Grade: w.Grade, HarvestOn: dayOf(w.HarvestOn), UnitBase: w.UnitBase,
		BandBP: w.WeightBandBP, Photos: w.Photos, State: string(w.State), Live: w.Live, Version: w.Version, ChangedAt: w.ChangedAt,
		Fresh: w.Fresh, FeeBP: w.FeeBP, TaxBP: w.TaxBP, Village: w.Village}, nil
}

// showDraft shows a listing by its own row alone.
func showDraft(m region.Market, l catalog.Listing) listing {
	u, _ := catalog.UnitOf(l.Unit)
	return listing{Card: Card{Market: m.Code, ID: l.ID.String(), Category: l.Category, Title: l.Title, TitleEN: l.TitleEN, Price: l.PriceMinor, Currency: m.Currency,
		Unit: l.Unit, BaseUnit: baseUnit(l.Unit), Minimum: l.Minimum, Photo: l.Cover(), Producer: l.ProducerID.String()},
		Story: l.Story, StoryEN: l.StoryEN, Grade: l.Grade, HarvestOn: dayOf(l.HarvestOn), UnitBase: u.Base, BandBP: l.WeightBandBP,
		Photos: l.Photos, State: string(l.State), Version: l.Version, ChangedAt: l.ChangedAt}
}

func dayOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}

// mine gives a listing to those who may act for its producer.
func (s *server) mine(v *visit, market int32, i id.ID) (catalog.Listing, error) {
	var l catalog.Listing
	err := v.view(market, func(tx *storage.Tx) (err error) { l, err = catalog.Find(tx, i); return })
	if err != nil {
		return l, err
	}
	who := v.who
	if v.route.method == http.MethodGet {
		who.ReadOnly = false // a token that may only read may read
	}
	err = s.Grower(v.ctx, who, market, l.ProducerID)
	if fault.Has(err, "forbidden") && l.State == catalog.Drafted {
		err = fault.NotFound("listing_unknown") // nobody else may know of it
	}
	return l, err
}
