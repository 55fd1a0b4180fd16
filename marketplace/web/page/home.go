package page

import "commonfield/marketplace/web/part"

// Home is the front: what is in season over all markets, who grows it, and
// where last month's money went.
type Home struct {
	Frame   part.Frame
	Words   []part.Chip // what people look for
	Goods   []part.Goods
	Total   int64 // how many goods there are; 0 with goods: not counted
	Kinds   []part.Chip
	Growers []part.Grower
	Markets []part.Chip
	Parts   part.Parts // where last month's sums went; zero for not known
	Agent   string     // whose link brought the visitor
}

// Choice is a code with its name in the reader's language.
type Choice struct{ Code, Name string }

func (v Home) allWord() string {
	if v.Total == 0 {
		return v.Frame.T("home.see_all")
	}
	return v.Frame.T("home.all_count", "count", v.Total)
}
