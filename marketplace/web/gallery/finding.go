package gallery

import (
	"net/url"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func finding() []Shown {
	return []Shown{
		{"home", "full", func(r tongue.Reader) templ.Component { return home(r).View() }},
		{"home", "by an agent's link, signed in", func(r tongue.Reader) templ.Component {
			v := home(r)
			v.Frame, v.Agent = buyer(r, "/"), in(r, "马春兰", "Ma Chunlan")
			v.Frame.Basket = 3
			return v.View()
		}},
		{"home", "dark", func(r tongue.Reader) templ.Component {
			v := home(r)
			v.Frame.Theme = "dark"
			return v.View()
		}},
		{"home", "seen before, no network", func(r tongue.Reader) templ.Component {
			v := home(r)
			v.Frame.Before = part.Kept(v.Frame, false)
			return v.View()
		}},
		{"home", "empty market", func(r tongue.Reader) templ.Component {
			return page.Home{Frame: visit(r, "/"), Kinds: kinds(r)}.View()
		}},
		{"home", "long names", func(r tongue.Reader) templ.Component {
			v := home(r)
			for i := range v.Goods {
				v.Goods[i].Title, v.Goods[i].Place = long(r), long(r)
				v.Goods[i].Picture = part.Picture{}
			}
			for i := range v.Growers {
				v.Growers[i].Name, v.Growers[i].Place = long(r), long(r)
			}
			return v.View()
		}},
		{"search", "found", func(r tongue.Reader) templ.Component { return search(r).View() }},
		{"search", "dark, picked and sorted", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Frame.Theme = "dark"
			v.Asked.Set(page.AskSort, "price")
			return v.View()
		}},
		{"search", "another word", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Asked = url.Values{page.AskText: {in(r, "核逃", "wallnuts")}}
			v.Corrected, v.Picked, v.Growers = in(r, "核桃", "walnuts"), nil, nil
			return v.View()
		}},
		{"search", "some of it", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Asked = url.Values{page.AskText: {in(r, "核桃礼盒", "walnut gift box")}}
			v.Partly, v.Picked, v.Growers = true, nil, nil
			return v.View()
		}},
		{"search", "everything, not counted to the end", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Asked, v.Picked, v.Total, v.Counted, v.Growers = url.Values{}, nil, 10000, false, nil
			for i := range v.Goods {
				v.Goods[i].Pieces = nil
			}
			return v.View()
		}},
		{"search", "prices refused", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Asked.Set(page.AskFrom, in(r, "十块", "ten"))
			v.Form = v.Form.Refused(r, fault.Invalid("price", "not_a_number"), nil)
			return v.View()
		}},
		{"search", "nothing found", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Asked, v.Picked, v.Goods, v.Total, v.Next = url.Values{page.AskText: {in(r, "冰激凌", "ice cream")}}, nil, nil, 0, ""
			v.Kinds, v.Facets, v.Growers = kinds(r), nil, nil
			return v.View()
		}},
		{"search", "a grower and no goods", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Asked, v.Picked, v.Goods, v.Total, v.Next = url.Values{page.AskText: {in(r, "达西村", "Daxi")}}, nil, nil, 0, ""
			v.Kinds, v.Facets, v.Growers = kinds(r), nil, v.Growers[:1]
			return v.View()
		}},
		{"search", "nothing picked", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Goods, v.Total, v.Next, v.Growers = nil, 0, "", nil
			return v.View()
		}},
		{"search", "limited", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Limited, v.Counted, v.Sorts, v.Total, v.Near, v.Growers = true, false, nil, int64(len(v.Goods)), nil, nil
			for i := range v.Facets {
				for j := range v.Facets[i].Options {
					v.Facets[i].Options[j].Count = -1
				}
			}
			return v.View()
		}},
		{"search", "long names", func(r tongue.Reader) templ.Component {
			v := search(r)
			v.Asked.Set(page.AskText, long(r))
			for i := range v.Goods {
				v.Goods[i].Title, v.Goods[i].Pieces, v.Goods[i].Place = long(r), nil, long(r)
			}
			for i := range v.Facets {
				for j := range v.Facets[i].Options {
					v.Facets[i].Options[j].Label = long(r)
				}
			}
			v.Picked[0].Label = long(r)
			return v.View()
		}},
		{"grower", "full", func(r tongue.Reader) templ.Component { return growerPage(r).View() }},
		{"grower", "nothing on sale, kept by the market", func(r tongue.Reader) templ.Component {
			v := growerPage(r)
			v.Goods, v.Offline, v.Story, v.Licence, v.Exemption = nil, true, "", "", "x"
			return v.View()
		}},
		{"grower", "suspended", func(r tongue.Reader) templ.Component {
			v := growerPage(r)
			v.Goods, v.Suspended = nil, true
			return v.View()
		}},
		{"grower", "own, long", func(r tongue.Reader) templ.Component {
			v := growerPage(r)
			v.Name, v.Place, v.EditHref = long(r), long(r), part.ProducerWay
			return v.View()
		}},
	}
}

func home(r tongue.Reader) page.Home {
	return page.Home{
		Frame: visit(r, "/"), Goods: append(cards(r), cards(r)[:3]...), Total: 1284, Kinds: kinds(r), Words: words(r),
		Markets: []part.Chip{{Word: in(r, "尉犁县集市", "Yuli county market"), Href: "/search?market=YL"}, {Word: in(r, "元阳县集市", "Yuanyang county market"), Href: "/search?market=YY"}},
		Growers: []part.Grower{
			{Href: part.GrowerWay("YL", "1"), Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Place: in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli, Xinjiang")},
			{Href: part.GrowerWay("YY", "2"), Name: in(r, "李阿妹", "Li Amei"), Place: in(r, "云南元阳县新街镇", "Xinjie town, Yuanyang, Yunnan")},
			{Href: part.GrowerWay("YL", "3"), Name: in(r, "兴平香梨合作社", "Xingping pear co-operative"), Place: in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli, Xinjiang")},
		},
		Parts: part.Parts{Producer: 7600000, Agent: 600000, Transport: 1500000, Platform: 300000},
	}
}

func words(r tongue.Reader) []part.Chip {
	var out []part.Chip
	for _, w := range []string{in(r, "核桃", "Walnuts"), in(r, "红枣", "Dates"), in(r, "新米", "New rice"), in(r, "长绒棉", "Cotton"), in(r, "香梨", "Pears"), in(r, "蜂蜜", "Honey")} {
		out = append(out, part.Chip{Word: w, Href: "/search?q=" + url.QueryEscape(w)})
	}
	return out
}

func kinds(r tongue.Reader) []part.Chip {
	return []part.Chip{
		{Word: in(r, "坚果", "Nuts"), Href: "/search?category=nut"}, {Word: in(r, "粮食", "Grain"), Href: "/search?category=grain"},
		{Word: in(r, "棉花", "Cotton"), Href: "/search?category=cotton"}, {Word: in(r, "鲜果", "Fresh fruit"), Href: "/search?category=fruit"},
		{Word: in(r, "干果", "Dried fruit"), Href: "/search?category=dried-fruit"}, {Word: in(r, "蜂蜜", "Honey"), Href: "/search?category=honey"},
	}
}

func search(r tongue.Reader) page.Search {
	word := in(r, "核桃", "walnuts")
	v := page.Search{
		Frame: visit(r, "/search?q="+url.QueryEscape(word)+"&market=YL"), Asked: url.Values{page.AskText: {word}, page.AskMarket: {"YL"}},
		Picked: []page.Pick{{Name: page.AskMarket, Label: in(r, "尉犁县集市", "Yuli county market")}},
		Goods:  append(cards(r), cards(r)[0]), Total: 212, Counted: true, Next: "/search?after=abc",
		Sorts: []page.Choice{{Name: r.T("search.sort_best")}, {Code: "newest", Name: r.T("search.sort_newest")}, {Code: "price", Name: r.T("search.sort_price")}},
		Facets: []part.Facet{
			{Name: page.AskMarket, Label: r.T("search.where"), Options: []part.FacetOption{
				{Label: r.T("search.any"), Count: 412}, {Value: "YL", Label: in(r, "尉犁县集市", "Yuli county market"), Count: 212, On: true}, {Value: "YB", Label: in(r, "漾濞县集市", "Yangbi county market"), Count: 200},
			}},
			{Name: page.AskCategory, Label: r.T("search.kind"), Options: []part.FacetOption{
				{Label: r.T("search.any"), Count: 212, On: true}, {Value: "walnut", Label: in(r, "核桃", "Walnuts"), Count: 190}, {Value: "oil", Label: in(r, "食用油", "Cooking oil"), Count: 22},
			}},
			{Name: page.AskHarvest, Label: r.T("search.harvest"), Options: []part.FacetOption{
				{Label: r.T("search.any"), Count: 212, On: true}, {Value: "2026", Label: r.T("search.harvest_year", "year", "2026"), Count: 180}, {Value: "2025", Label: r.T("search.harvest_year", "year", "2025"), Count: 32},
			}},
		},
	}
	v.Near = &page.Nearest{Name: r.T("search.sort_near", "place", in(r, "新疆尉犁县", "Yuli county, Xinjiang")), Href: "/search?sort=near&near=652823"}
	v.Growers = []part.Grower{{Href: "/producers/YL/1", Name: in(r, "兴平核桃合作社", "Xingping walnut cooperative"), Place: in(r, "新疆尉犁县兴平镇达西村", "Xingping town, Yuli county, Xinjiang")}, {Href: "/producers/YL/2", Name: long(r), Place: long(r)}}
	v.Goods[0].Pieces = []part.Piece{{Text: in(r, "纸皮", "Paper-shell ")}, {Text: word, Found: true}, {Text: in(r, " 185 型，2026 年新货", " 185, 2026 crop")}}
	v.Goods[0].Note = r.T("search.harvested", "day", r.Day(days(-57)))
	return v
}

func growerPage(r tongue.Reader) page.Grower {
	return page.Grower{
		Frame: visit(r, "/producers/YL/1"), Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Place: in(r, "新疆尉犁县兴平镇达西村", "Daxi village, Xingping town, Yuli, Xinjiang"),
		Story: in(r, "我家六十棵树，是父亲那年栽的。孩子在外面上学，树在家里等他们回来。", "We have sixty trees; my father planted them. The children study in the city; the trees wait for them."),
		Since: days(-400), Market: part.Fact{Value: in(r, "尉犁县集市", "Yuli county market"), Href: "/search?market=YL"}, Licence: "92652824MA7F3K2291",
		Goods: cards(r), Next: "/producers/YL/1?after=abc",
	}
}
