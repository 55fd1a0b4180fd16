package api

import (
	"net/http"
	"strconv"

	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/search"
	"commonfield/catalog/shelf"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// asked is what somebody looks for.
type asked struct {
	Page
	Text     string `query:"q" doc:"Chinese, English, pinyin whole or by initials; 200 characters count"`
	Kind     string `query:"kind" enum:"listing,producer" doc:"both when it is left out"`
	Market   string `query:"market" doc:"code or number"`
	Category string `query:"category" doc:"with what is below it"`
	Region   string `query:"region" doc:"division code, with what is below it"`
	From     int64  `query:"price_from" minimum:"0" doc:"minor units per kg or piece"`
	To       int64  `query:"price_to" minimum:"0" doc:"minor units per kg or piece"`
	InStock  bool   `query:"in_stock" doc:"only what is left"`
	Harvest  int    `query:"harvest" doc:"year"`
	Near     string `query:"near" doc:"division code, for the order near"`
	Sort     string `query:"sort" enum:"relevance,price,price_down,newest,harvest,near" doc:"relevance when it is left out"`
	Facets   bool   `query:"facets" doc:"count hits by category, market, county and year of harvest, each under all conditions but its own"`
}

// Found is one hit as its row stands now; what is not for sale any more is left out.
type Found struct {
	Kind     string  `json:"kind" enum:"listing,producer"`
	Title    []Piece `json:"title"`
	TitleEN  []Piece `json:"title_en"`
	Listing  *Card   `json:"listing,omitempty"`
	Producer *Grower `json:"producer,omitempty"`
}

// Piece is a part of a title; what was looked for is marked.
type Piece struct {
	Text  string `json:"text"`
	Found bool   `json:"found"`
}

// Grower is a producer among hits.
type Grower struct {
	Market     string `json:"market"`
	ID         string `json:"id"`
	Name       string `json:"name"`
	NameEN     string `json:"name_en"`
	Region     string `json:"region"`
	RegionName string `json:"region_name"`
}

// Counted is one value of a facet.
type Counted struct {
	Value  string `json:"value"`
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
	Count  int64  `json:"count"`
}

type hitList struct {
	Items     []Found              `json:"items"`
	Total     int64                `json:"total"`
	Exact     bool                 `json:"exact" doc:"false: there are at least total"`
	Corrected string               `json:"corrected" doc:"what was looked for instead, when nothing had been found as typed"`
	Partly    bool                 `json:"partly" doc:"nothing has all that was typed: these have some of it"`
	Facets    map[string][]Counted `json:"facets" doc:"category, market, region (counties), harvest; empty unless asked for"`
	Next      string               `json:"next" doc:"cursor of the next piece; empty at the end"`
}

// Suggested completes what is typed.
type Suggested struct {
	Text string `json:"text"`
	Kind string `json:"kind" enum:"listing,producer" doc:"of what is found by it"`
}

// searches mounts looking for goods and for who grows them.
func (s *server) searches() {
	handle(s, route{method: http.MethodGet, path: "/search", says: "Look for goods and growers", open: everybody,
		more: "When the engine of search is down it says search_down (503): GET /listings still shows what is on sale."}, s.search)
	handle(s, route{method: http.MethodGet, path: "/search/suggest", says: "Complete what is typed", open: everybody}, s.suggest)
}

func (s *server) search(v *visit, in *asked) (hitList, error) {
	q := search.Query{Text: in.Text, Kind: in.Kind, Category: in.Category, Region: in.Region, PriceFrom: in.From, PriceTo: in.To, InStock: in.InStock,
		Harvest: in.Harvest, Near: in.Near, Sort: search.Sort(in.Sort), After: in.After, N: in.size(), Facets: in.Facets}
	if in.Sort == "relevance" {
		q.Sort = search.ByRelevance
	}
	if in.Market != "" {
		m, err := v.named(in.Market)
		if err != nil {
			return hitList{}, err
		}
		q.Market = m.ID
	}
	a, err := s.Search.Query(v.ctx, q)
	if err != nil {
		return hitList{}, err
	}
	out := hitList{Total: a.Total, Exact: a.Exact, Corrected: a.Corrected, Partly: a.Partly, Next: a.Next, Facets: map[string][]Counted{}}
	if out.Items, err = s.hits(v, a.Hits); err != nil {
		return out, err
	}
	return out, s.facets(v, a, out.Facets)
}

// hits reads the rows behind hits, in their order.
func (s *server) hits(v *visit, hits []search.Hit) ([]Found, error) {
	cards, err := s.Shelf.Found(v.ctx, hits)
	if err != nil {
		return nil, err
	}
	goods := make(map[id.ID]*shelf.Card, len(cards))
	for i := range cards {
		goods[cards[i].ID] = &cards[i]
	}
	items := make([]Found, 0, len(hits))
	for _, h := range hits {
		f := Found{Kind: h.Kind, Title: pieces(h.Title), TitleEN: pieces(h.TitleEN)}
		switch c := goods[h.ID]; {
		case c != nil:
			card := showCard(*c)
			f.Listing = &card
		case h.Kind == search.Producer:
			if f.Producer, err = s.grower(v, h.Key); err != nil {
				return nil, err
			}
		}
		if f.Listing != nil || f.Producer != nil {
			items = append(items, f)
		}
	}
	return items, nil
}

// grower is a producer as everybody may see them; nil when they do not sell.
func (s *server) grower(v *visit, k search.Key) (*Grower, error) {
	m, err := s.Books.Market(v.ctx, k.Market)
	if err != nil {
		return nil, err
	}
	var p producer.Producer
	err = v.view(k.Market, func(tx *storage.Tx) (err error) { p, err = producer.Find(tx, k.ID); return })
	if fault.Has(err, "producer_unknown") || err == nil && p.State != producer.Active {
		return nil, nil
	}
	return &Grower{m.Code, p.ID.String(), p.Name, p.NameEN, p.RegionCode, p.RegionName}, err
}

func pieces(all []search.Piece) []Piece {
	out := make([]Piece, len(all))
	for i, p := range all {
		out[i] = Piece{p.Text, p.Found}
	}
	return out
}

// facets names the values: a market by its code.
func (s *server) facets(v *visit, a search.Answer, out map[string][]Counted) error {
	if len(a.Facets) == 0 {
		return nil
	}
	kinds := map[string]catalog.Category{}
	var places map[string]string
	err := s.DB.ViewShared(v.ctx, func(tx *storage.Tx) error {
		all, err := catalog.Categories(tx)
		if err != nil {
			return err
		}
		for _, c := range all {
			kinds[c.Code] = c
		}
		var codes []string
		for _, f := range a.Facets[search.FacetRegion] {
			codes = append(codes, f.Value)
		}
		places, err = region.Names(tx, codes...)
		return err
	})
	if err != nil {
		return err
	}
	for name, values := range a.Facets {
		list := make([]Counted, 0, len(values))
		for _, f := range values {
			c := Counted{Value: f.Value, Name: f.Value, NameEN: f.Value, Count: f.Count}
			switch name {
			case search.FacetCategory:
				c.Name, c.NameEN = kinds[f.Value].Name, kinds[f.Value].NameEN
			case search.FacetRegion:
				c.Name, c.NameEN = places[f.Value], places[f.Value]
			case search.FacetMarket:
				n, _ := strconv.ParseInt(f.Value, 10, 32)
				if m, err := s.Books.Market(v.ctx, int32(n)); err == nil {
					c.Value, c.Name, c.NameEN = m.Code, m.Name, m.NameEN
				}
			}
			list = append(list, c)
		}
		out[name] = list
	}
	return nil
}

func (s *server) suggest(v *visit, in *struct {
	Text  string `query:"q" doc:"what is typed so far"`
	Limit int    `query:"limit" minimum:"1" maximum:"20" doc:"8 when it is left out"`
}) (list[Suggested], error) {
	n := in.Limit
	if n == 0 {
		n = 8
	}
	all, err := s.Search.Suggest(v.ctx, in.Text, v.reader.Lang(), n)
	return listed(all, func(s search.Suggestion) Suggested { return Suggested{s.Text, s.Kind} }), err
}
