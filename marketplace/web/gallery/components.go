package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// swatches are the names of the colours in tokens.css.
var swatches = []string{"paper", "sheet", "sunk", "line", "edge", "ink", "ink-soft", "leaf", "leaf-text", "leaf-deep", "leaf-tint", "persimmon", "straw", "straw-tint", "sky", "walnut", "berry", "berry-tint"}

// samples are made-up values for the page of components.
type samples struct {
	r         tongue.Reader
	title     string
	sums      []part.Row
	cards     []part.Goods
	growers   []part.Grower
	line      part.Item
	words     []part.Chip
	facets    []part.Facet
	form      part.Form
	standings []part.Standing
	steps     []string
	events    []part.Event
	sheet     part.Sheet
	todos     []part.Todo
	stats     []part.Stat
	chart     part.Chart
}

func (s samples) word(zh, en string) string { return in(s.r, zh, en) }

func pieces() []Shown {
	show := func(theme string) func(tongue.Reader) templ.Component {
		return func(r tongue.Reader) templ.Component {
			f := visit(r, "/gallery/components")
			f.Theme, f.Basket = theme, 3
			return components(f, sampled(r))
		}
	}
	return []Shown{{"components", "light", show("light")}, {"components", "dark", show("dark")}}
}

func sampled(r tongue.Reader) samples {
	s := samples{r: r, title: in(r, "所有的零件，所有的样子", "Every piece in every state"), cards: cards(r)[:4], growers: home(r).Growers, words: words(r), facets: search(r).Facets[:2]}
	s.cards[0].Pieces, s.cards[0].Note, s.cards[0].Badge = search(r).Goods[0].Pieces, search(r).Goods[0].Note, s.word("预售", "Pre-order")
	s.cards[1].Title, s.cards[1].Picture = long(r), part.Picture{}
	s.cards[3].Sold = true
	s.sums = []part.Row{{Label: s.word("货款", "Goods"), Minor: 17736}, {Label: s.word("运费", "Delivery"), Minor: 2600}, {Label: s.word("合计", "Total"), Minor: 20336, Total: true}}
	s.line = part.Item{Title: walnuts(r), Href: "/listings/YL/1", Count: r.Both(5000, "jin"), Each: r.Per(1320, yuan, "jin"), Picture: picture("walnut-paper-shell", ""), Minor: 13200, Currency: yuan}
	s.form = part.Form{ID: "c-"}.Refused(r, fault.Invalid("weight", "not_a_number"), map[string]string{"weight": s.word("五十二点四", "fifty-two")})
	for i, turn := range []string{part.You, part.Them, part.Done, part.Stopped} {
		st := part.Standing{Turn: turn, Second: true, ID: "say-" + turn, Until: s.word("到 **12 月 11 日**，还剩 14 天", "until **11 December**, 14 days left")}
		st.Whose = []string{r.T("turn.you"), r.T("turn.seller"), r.T("turn.done"), r.T("turn.stopped")}[i]
		st.Say = []string{s.word("货送到了，请看一看，再确认收货。", "Your parcel is here. Have a look, then confirm."), s.word("钱到了，卖家正在接单。", "The money is here; the seller is looking at it."),
			s.word("这一单办完了，钱分到各人手里。", "It is done; the money is with those who earned it."), s.word("买家提了争议，这一单的钱先不动。", "The buyer disputes it; the money stays where it is.")}[i]
		if turn != part.You {
			st.Until = ""
		}
		s.standings = append(s.standings, st)
	}
	for _, k := range []string{"placed", "secured", "accepted", "packed", "shipped", "delivered", "completed"} {
		s.steps = append(s.steps, r.T("step."+k))
	}
	s.events = []part.Event{{At: now, Text: s.word("送到快递柜", "In the parcel locker")}, {At: days(-2), Text: s.word("装好发出", "Packed and shipped"), Sub: s.word("中通，7584 2210", "ZTO, 7584 2210")}, {Text: s.word("您确认，钱分出去", "You confirm, the money is shared out"), Later: true}}
	s.sheet = part.Sheet{Caption: s.word("例：存货", "Example: stock"), Ledger: true, Cols: []part.Col{{Label: s.word("货", "Goods")}, {Label: s.word("仓里", "In the barn"), Num: true}, {Label: s.word("还能卖", "For sale"), Num: true}},
		Rows: [][]templ.Component{{part.Text(walnuts(r)), part.Text(r.Quantity(962500, "jin")), part.Text(r.Quantity(930000, "jin"))}, {part.Text(long(r)), part.Text(r.Quantity(6000, "jin")), part.Text(r.Quantity(0, "jin"))}}}
	s.todos = []part.Todo{{Title: s.word("王芳的一单，等您接", "Wang Fang’s order waits for you"), Text: walnuts(r), Until: s.word("**今天 18:00** 前", "by **18:00 today**"), Urgent: true, Href: "#c-list", Word: s.word("去看", "Look"), First: true, Badge: s.word("新", "New"), Kind: "wait"},
		{Title: s.word("两箱要发", "Two parcels to ship"), Href: "#c-list", Word: s.word("去发", "Ship")}}
	s.stats = []part.Stat{{Label: s.word("这个月", "This month"), Value: r.Round(364000, yuan)}, {Label: s.word("在路上", "On the way"), Value: r.Count(7), Note: s.word("单", "orders")}}
	s.chart = part.Chart{Title: s.word("每月佣金与目标", "Commission by month and the goal"), Currency: yuan, Low: 300000, High: 500000}
	for i, minor := range []int64{120000, 210000, 268000, 341000, 364000} {
		s.chart.Months = append(s.chart.Months, part.Month{At: days(30 * (i - 4)), Minor: minor, Expected: int64(i) * 20000})
	}
	return s
}
