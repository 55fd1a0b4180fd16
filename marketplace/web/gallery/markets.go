package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// markets are the first run, the markets themselves and the desk's menu.
func markets() []Shown {
	return []Shown{
		{"setup", "empty", func(r tongue.Reader) templ.Component {
			return page.Setup{Frame: visit(r, part.SetupWay), Form: part.Form{Action: part.SetupWay}}.View()
		}},
		{"setup", "refused", func(r tongue.Reader) templ.Component {
			v := page.Setup{Frame: visit(r, part.SetupWay), Form: part.Form{Action: part.SetupWay}}
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("code", "setup_code"), fault.Invalid("password", "weak_password", fault.Args{"least": 8})), map[string]string{"code": "AAAA-BBBB", "name": in(r, "李会计", "Li Wen"), "who": "13900001111"})
			return v.View()
		}},
		{"closed", "no market", func(r tongue.Reader) templ.Component {
			return page.Closed{Frame: visit(r, part.HomeWay), Href: part.SetupWay}.View()
		}},
		{"new-market", "place", func(r tongue.Reader) templ.Component { return newMarket(r).View() }},
		{"new-market", "place not found", func(r tongue.Reader) templ.Component {
			v := newMarket(r)
			v.First, v.Query, v.Regions, v.Path = false, in(r, "没有的县", "nowhere"), nil, nil
			return v.View()
		}},
		{"new-market", "form", func(r tongue.Reader) templ.Component {
			v := newMarket(r)
			v.Chosen, v.Place, v.Short, v.Name = "652823", in(r, "新疆尉犁县", "Yuli county, Xinjiang"), in(r, "尉犁县", "Yuli county"), "尉犁县"
			return v.View()
		}},
		{"new-market", "refused", func(r tongue.Reader) templ.Component {
			v := newMarket(r)
			v.Chosen, v.Place, v.Short, v.Name = "652823", in(r, "新疆尉犁县", "Yuli county, Xinjiang"), in(r, "尉犁县", "Yuli county"), "尉犁县"
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("code", "market_code"), fault.Invalid("number", "required"), fault.Invalid("time_zone", "time_zone_unknown", fault.Args{"zone": "Mars"})),
				map[string]string{"code": "Y", "name": long(r), "time_zone": "Mars", "holder": long(r), "currency": "CNY", "fee": "3"})
			return v.View()
		}},
		{"markets", "full", func(r tongue.Reader) templ.Component {
			return page.Markets{Frame: operator(r, part.MarketsWay), Platform: true, Rows: []page.MarketRow{
				{Href: editMarket, Desk: part.OperatorWay, Code: "YL", Name: in(r, "尉犁县集市", "Yuli county market"), Place: in(r, "新疆尉犁县", "Yuli county, Xinjiang"), Operator: in(r, "尉犁县共田农产品服务中心", "Yuli Commonfield Farm Service Centre"), Account: true},
				{Href: editMarket, Desk: part.OperatorWay, Code: "CJ", Name: in(r, "从江集市", "Congjiang market"), Place: in(r, "贵州从江县", "Congjiang county, Guizhou"), Paused: true},
				{Href: editMarket, Desk: part.OperatorWay, Code: "LONG", Name: long(r), Place: in(r, "新疆巴音郭楞蒙古自治州若羌县", "Ruoqiang county, Bayingolin, Xinjiang"), Operator: long(r)},
			}}.View()
		}},
		{"market", "trading", func(r tongue.Reader) templ.Component { return marketForm(r).View() }},
		{"market", "paused", func(r tongue.Reader) templ.Component {
			v := marketForm(r)
			v.Paused, v.PausedAt = true, days(-1)
			return v.View()
		}},
		{"market", "refused", func(r tongue.Reader) templ.Component {
			v := marketForm(r)
			v.Traded = false
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("name", "required"), fault.Invalid("number", "account_number", fault.Args{"least": 6, "most": 34})), map[string]string{"name": "", "number": "12", "holder": long(r)})
			return v.View()
		}},
		{"desk-parts", "full", func(r tongue.Reader) templ.Component { return deskParts(r).View() }},
		{"station", "full", func(r tongue.Reader) templ.Component { return station(r).View() }},
		{"station", "rest", func(r tongue.Reader) templ.Component {
			v := station(r)
			v.Rows = v.Rows[2:3]
			return v.View()
		}},
		{"station", "empty", func(r tongue.Reader) templ.Component {
			v := station(r)
			v.Rows = nil
			return v.View()
		}},
		{"operator-desk", "new market", func(r tongue.Reader) templ.Component {
			v := page.OperatorDesk{Frame: operator(r, part.OperatorWay), Audit: page.Audit{At: days(0), OK: true}, Currency: yuan}
			for i, key := range []string{"account", "capital", "rates", "rules", "second", "producer"} {
				v.Next = append(v.Next, page.Next{Key: key, Href: part.OperatorWay, Done: i == 2 || i == 3})
			}
			return v.View()
		}},
	}
}

const editMarket = "/desk/operator/market"

func newMarket(r tongue.Reader) page.NewMarket {
	return page.NewMarket{Frame: operator(r, part.NewMarketWay), First: true, Form: part.Form{Action: part.NewMarketWay, Key: "k"},
		Path: []part.Crumb{{Word: in(r, "新疆维吾尔自治区", "Xinjiang"), Href: part.NewMarketWay}},
		Regions: []page.PlaceStep{
			{Name: in(r, "乌鲁木齐市", "Urumqi"), Open: part.NewMarketWay, Choose: part.NewMarketWay}, {Name: in(r, "巴音郭楞蒙古自治州", "Bayingolin"), Open: part.NewMarketWay, Choose: part.NewMarketWay},
			{Name: in(r, "石河子市", "Shihezi"), Choose: part.NewMarketWay},
		}}
}

func marketForm(r tongue.Reader) page.MarketForm {
	return page.MarketForm{Frame: operator(r, editMarket), Title: in(r, "尉犁县集市", "Yuli county market"), Code: "YL", Place: in(r, "新疆尉犁县", "Yuli county, Xinjiang"), Currency: yuan, Since: days(-300),
		Name: "尉犁县集市", NameEN: "Yuli county market", Operator: "尉犁县共田农产品服务中心", Licence: "91652823MA000000X", TimeZone: "Asia/Shanghai", Traded: true,
		Holder: "尉犁县共田农产品服务中心", Bank: "农业银行尉犁支行", Number: "6228480012345678",
		Form: part.Form{Action: editMarket, Key: "k"}, Pause: part.Form{Action: editMarket + "/pause", Key: "p", ID: "p-"}}
}

func deskParts(r tongue.Reader) page.Parts {
	v := page.Parts{Frame: operator(r, part.PartsWay)}
	signs := map[string]string{"payouts": "yuan", "refunds": "undo", "offline": "deal", "treasury": "lock", "between": "share", "books": "book", "people": "people", "members": "sprout",
		"applications": "share", "market": "market", "markets": "globe", "rates": "sort", "jobs": "refresh", "trail": "eye"}
	for _, g := range [][]string{{"money", "payouts", "refunds", "offline", "treasury", "between", "books"}, {"people", "people", "members", "applications"}, {"market", "market", "markets", "rates"}, {"machine", "jobs", "trail"}} {
		group := page.PartGroup{Key: g[0]}
		for _, key := range g[1:] {
			group.Rows = append(group.Rows, page.PartRow{Key: key, Href: part.OperatorWay, Icon: signs[key]})
		}
		v.Groups = append(v.Groups, group)
	}
	return v
}

func station(r tongue.Reader) page.Station {
	return page.Station{
		Frame:  signedIn(r, part.StationWay, "古丽", "Guli", part.Roles{Clerk: true}),
		Places: []string{in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli county, Xinjiang"), in(r, "新疆尉犁县塔里木乡", "Tarim township, Yuli county, Xinjiang")}, Next: "?after=a",
		Rows: []page.StationRow{
			{Href: part.ProducerWay, Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Place: in(r, "新疆尉犁县兴平镇巴西阿瓦提村", "Baxiawati village, Xingping town, Yuli county, Xinjiang"), State: "active", Offline: true, Waiting: 3},
			{Href: part.ProducerWay, Name: long(r), Place: in(r, "新疆尉犁县塔里木乡", "Tarim township, Yuli county, Xinjiang"), State: "suspended", Waiting: 1},
			{Href: part.ProducerWay, Name: in(r, "艾山", "Hasan"), Place: in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli county, Xinjiang"), State: "active"},
		},
	}
}
