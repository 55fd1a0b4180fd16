package page

import "commonfield/marketplace/web/part"

// Home is the front: what is in season, from all markets or one.
type Home struct {
	Frame      part.Frame
	Query      string
	Category   string // chosen code, empty for all
	Market     string // chosen market, empty for all
	Categories []Choice
	Markets    []Choice
	Goods      []part.Goods
	Total      int64      // 0 with goods: not counted
	Next       string     // address of the next piece, empty at the end
	Parts      part.Parts // where last month's sums went; zero for not known
	Limited    bool       // search is limited to names just now
	Agent      string     // whose link brought the visitor
	Paged      bool       // a further piece: without the picture and the greeting
}

// Choice is a code with its name in the reader's language.
type Choice struct{ Code, Name string }

func (v Home) categoryChips() []part.Chip {
	chips := []part.Chip{{
		Word: v.Frame.T("home.all"), On: v.Category == "",
		Href: link(part.HomeWay, "q", v.Query, "market", v.Market) + "#find",
	}}
	for _, c := range v.Categories {
		chips = append(chips, part.Chip{
			Word: c.Name, On: c.Code == v.Category,
			Href: link(part.HomeWay, "q", v.Query, "market", v.Market, "category", c.Code) + "#find",
		})
	}
	return chips
}

func (v Home) marketChips() []part.Chip {
	chips := []part.Chip{{
		Word: v.Frame.T("home.all_markets"), On: v.Market == "",
		Href: link(part.HomeWay, "q", v.Query, "category", v.Category) + "#find",
	}}
	for _, c := range v.Markets {
		chips = append(chips, part.Chip{
			Word: c.Name, On: c.Code == v.Market,
			Href: link(part.HomeWay, "q", v.Query, "category", v.Category, "market", c.Code) + "#find",
		})
	}
	return chips
}

// filtered says whether the visitor asked for something, so that nothing found
// means another sentence than nothing there.
func (v Home) filtered() bool { return v.Query != "" || v.Category != "" || v.Market != "" }

func (v Home) foundTitle() string {
	if v.Query != "" && v.Total == 0 && len(v.Goods) > 0 {
		return v.Query // how many there are in all, nobody has counted
	}
	if v.Query != "" {
		return v.Frame.T("home.found", "query", v.Query, "count", v.Total)
	}
	for _, c := range v.Categories {
		if c.Code == v.Category {
			return c.Name
		}
	}
	return v.Frame.T("home.season")
}
