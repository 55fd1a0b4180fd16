package api

import (
	"net/http"
	"slices"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/storage"
	"commonfield/storage/fault"
)

type place struct {
	Code   string  `json:"code"`
	Parent string  `json:"parent"`
	Level  int16   `json:"level" doc:"1 province, 2 city, 3 county, 4 township"`
	Name   string  `json:"name"`
	Full   string  `json:"full_name,omitempty" doc:"as people say it: 新疆尉犁县兴平镇"`
	Path   []place `json:"path,omitempty" doc:"from the province down"`
}

type category struct {
	Code   string `json:"code"`
	Parent string `json:"parent"`
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
	Fresh  bool   `json:"fresh" doc:"money is released three days after delivery, not fourteen"`
}

type unit struct {
	Code      string `json:"code"`
	Dimension string `json:"dimension" enum:"weight,count"`
	Base      int64  `json:"base" doc:"base units (grams, pieces) in one"`
}

type market struct {
	Code     string      `json:"code"`
	Number   int32       `json:"number"`
	Name     string      `json:"name"`
	NameEN   string      `json:"name_en"`
	Region   string      `json:"region"`
	Currency string      `json:"currency"`
	TimeZone string      `json:"time_zone"`
	Operator string      `json:"operator" doc:"the legal body behind it"`
	Licence  string      `json:"licence"`
	Ways     []string    `json:"ways" doc:"how one may pay here"`
	Paused   bool        `json:"paused" doc:"takes no new orders"`
	Account  bankAccount `json:"account" doc:"where transfers go; empty: none is named yet"`
}

// Code is a path that ends in a code.
type Code struct {
	Code string `path:"code" doc:"code"`
}

// places mounts what everybody may know of the world.
func (s *server) places() {
	handle(s, route{method: http.MethodGet, path: "/regions", says: "List the divisions below one", open: everybody}, s.listRegions)
	handle(s, route{method: http.MethodGet, path: "/regions/{code}", says: "Show a division and those above it", open: everybody}, s.showRegion)
	handle(s, route{method: http.MethodGet, path: "/categories", says: "List the kinds of goods", open: everybody}, s.listCategories)
	handle(s, route{method: http.MethodGet, path: "/units", says: "List the units of prices", open: everybody}, s.listUnits)
	handle(s, route{method: http.MethodGet, path: "/markets", says: "List the markets", open: everybody}, s.listMarkets)
	handle(s, route{method: http.MethodGet, path: "/markets/{code}", says: "Show a market", open: everybody}, s.showMarket)
}

func showPlace(r region.Region) place {
	return place{Code: r.Code, Parent: r.Parent, Level: r.Level, Name: r.Name}
}

func (s *server) listRegions(v *visit, in *struct {
	Parent string `query:"parent" doc:"code of the division above; empty for the provinces"`
}) (list[place], error) {
	var rows []region.Region
	err := s.DB.ViewShared(v.ctx, func(tx *storage.Tx) (err error) { rows, err = region.Children(tx, in.Parent); return })
	return listed(rows, showPlace), err
}

func (s *server) showRegion(v *visit, in *Code) (place, error) {
	var out place
	err := s.DB.ViewShared(v.ctx, func(tx *storage.Tx) error {
		path, err := region.Path(tx, in.Code)
		if fault.Has(err, "region_unknown") {
			return fault.NotFound("not_found")
		}
		if err != nil {
			return err
		}
		r, err := region.Find(tx, in.Code)
		if err != nil {
			return err
		}
		out = showPlace(r)
		out.Path = listed(path, showPlace).Items
		out.Full, err = region.Name(tx, in.Code)
		return err
	})
	return out, err
}

func (s *server) listCategories(v *visit, _ *struct{}) (list[category], error) {
	rows, err := s.Catalog.Kinds(v.ctx)
	return listed(rows, func(c catalog.Category) category {
		return category{c.Code, c.Parent, c.Name, c.NameEN, c.Fresh}
	}), err
}

func (s *server) listUnits(v *visit, _ *struct{}) (list[unit], error) {
	var rows []catalog.Unit
	err := s.DB.ViewShared(v.ctx, func(tx *storage.Tx) (err error) { rows, err = catalog.Units(tx); return })
	return listed(rows, func(u catalog.Unit) unit { return unit{u.Code, u.Dimension, u.Base} }), err
}

func (s *server) showBook(m region.Market) market {
	ways := slices.DeleteFunc(s.Desk.Ways(), func(way string) bool { return way == "bank" && !m.Named() }) // nobody could know where to
	return market{m.Code, m.ID, m.Name, m.NameEN, m.RegionCode, m.Currency, m.TimeZone, m.Operator, m.Licence, ways, m.Paused(), bankAccount(m.Account)}
}

func (s *server) listMarkets(v *visit, _ *struct{}) (list[market], error) {
	all, err := s.Books.All(v.ctx)
	return listed(all, s.showBook), err
}

func (s *server) showMarket(v *visit, in *Code) (market, error) {
	m, err := v.market(in.Code)
	return s.showBook(m), err
}
