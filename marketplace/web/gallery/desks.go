package gallery

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func producers() []Shown {
	return []Shown{
		{"producer-desk", "full", func(r tongue.Reader) templ.Component { return producer(r).View() }},
		{"producer-desk", "to pack", func(r tongue.Reader) templ.Component {
			v := producer(r)
			v.Waiting = v.Waiting[1:]
			return v.View()
		}},
		{"producer-desk", "empty", func(r tongue.Reader) templ.Component {
			return page.ProducerDesk{Frame: grower(r, part.ProducerWay), Currency: yuan, Income: page.Income{NoBank: true}}.View()
		}},
		{"pack", "empty", func(r tongue.Reader) templ.Component { return pack(r).View() }},
		{"pack", "refused", func(r tongue.Reader) templ.Component {
			v := pack(r)
			v.Form = v.Form.Refused(r, fault.Invalid("weight.1", "weight_band", fault.Args{"over": int64(450), "unit": "jin", "band": int64(300)}), map[string]string{"weight.1": "11.2", "weight.2": "5"})
			return v.View()
		}},
		{"ship", "empty", func(r tongue.Reader) templ.Component { return ship(r).View() }},
		{"ship", "refused", func(r tongue.Reader) templ.Component {
			v := ship(r)
			v.Form = v.Form.Refused(r, fault.Invalid("number", "required"), map[string]string{"carrier": "zto"})
			return v.View()
		}},
		{"listing-form", "new", func(r tongue.Reader) templ.Component { return listingForm(r).View() }},
		{"listing-form", "edit, refused", func(r tongue.Reader) templ.Component {
			v := listingForm(r)
			v.New, v.Title, v.State, v.PublicHref = false, walnuts(r), "live", part.ListingWay("652824", "1")
			v.Photos = []page.Photo{{ID: "1", Picture: picture("walnut-paper-shell", "")}, {ID: "2", Picture: picture("red-dates", "")}}
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("price", "not_a_number"), fault.Invalid("photo", "photo_too_large")), map[string]string{"title_zh": "纸皮核桃", "price": "十三块二"})
			return v.View()
		}},
	}
}

func producer(r tongue.Reader) page.ProducerDesk {
	return page.ProducerDesk{
		Frame: grower(r, part.ProducerWay), Name: in(r, "吐尔逊", "Tursun"), Currency: yuan, Orders: rows(r, true)[4:7], Next: "?after=a",
		Waiting: []page.DeskOrder{
			{Market: "652824", ID: "1", Number: "YL-7F3K-1", Buyer: in(r, "陈女士", "Ms Chen"), Place: in(r, "杭州", "Hangzhou"), Goods: in(r, " 10 斤核桃、5 斤枣", "10 jin of walnuts and 5 jin of dates"), State: "secured", Mine: 16110, Due: now.Add(3 * time.Hour), Key: "k"},
			{Market: "652824", ID: "2", Number: "YL-8A10-1", Buyer: in(r, "西安李记干果店", "Li’s dried fruit, Xi’an"), Goods: in(r, "50 斤核桃", "50 jin of walnuts"), State: "accepted", Mine: 58000, Due: days(2)},
			{Market: "652824", ID: "3", Number: "YL-8B02-1", Buyer: in(r, "老周，成都", "Mr Zhou, Chengdu"), Goods: in(r, "5 斤核桃", "5 jin of walnuts"), State: "packed", Mine: 5800, Due: days(1)},
		},
		Goods: []page.DeskGoods{
			{EditHref: part.EditListingWay("652824", "1"), Title: walnuts(r), Unit: "jin", OnHand: 962500, Reserved: 32500, Price: 1320, State: "live"},
			{EditHref: part.EditListingWay("652824", "2"), Title: dates(r), Unit: "jin", OnHand: 2500, Reserved: 2500, Price: 960, State: "live"},
			{EditHref: part.EditListingWay("652824", "3"), Title: long(r), Unit: "bale", OnHand: 40, Price: 412000, State: "draft"},
		},
		Income: page.Income{
			Held: 186420, Payable: 61240, Sent: 0, Paid: 2341860, NextAt: days(4), NextMinor: 61240, Tail: "7731",
			Months: []part.Month{{At: days(-61), Minor: 421000}, {At: days(-31), Minor: 1089000}, {At: now, Minor: 831860}},
		},
	}
}

func pack(r tongue.Reader) page.Pack {
	return page.Pack{
		Frame: grower(r, part.MoveWay("652824", "1", "pack")), Market: "652824", ID: "1", Number: "YL-7F3K-1", Buyer: in(r, "陈女士", "Ms Chen"),
		Place: in(r, "浙江省杭州市西湖区", "Xihu, Hangzhou"), Band: 300, Due: days(2), Seller: in(r, "吐尔逊·买买提", "Tursun Memet"), Currency: yuan,
		Lines: []page.PackLine{
			{ID: "1", Title: walnuts(r), Unit: "jin", Ordered: 5000, Low: 4850, High: 5150, Price: 1320},
			{ID: "2", Title: dates(r), Unit: "jin", Ordered: 2500, Low: 2425, High: 2575, Price: 960},
			{ID: "3", Title: in(r, "香梨，5 斤一箱", "Pears, box of 5 jin"), Unit: "piece", Ordered: 2, Low: 2, High: 2, Price: 4600},
		},
		Form: part.Form{Action: part.MoveWay("652824", "1", "pack"), Key: "k"},
	}
}

func ship(r tongue.Reader) page.Ship {
	return page.Ship{
		Frame: grower(r, part.MoveWay("652824", "1", "ship")), Market: "652824", ID: "1", Number: "YL-7F3K-1", Buyer: in(r, "陈女士", "Ms Chen"),
		Address: in(r, "浙江省杭州市西湖区文三路 1 号 3 幢 602", "602, house 3, 1 Wensan Road, Xihu, Hangzhou"), Phone: "138 0000 2046", Due: days(1),
		Lines:    []string{in(r, "纸皮核桃，9.8 斤", "Walnuts, 9.8 jin"), in(r, "骏枣，5 斤", "Jun dates, 5 jin")},
		Carriers: []part.Option{{Value: "post", Label: r.T("carrier.post")}, {Value: "sf", Label: r.T("carrier.sf")}, {Value: "zto", Label: r.T("carrier.zto")}, {Value: "yto", Label: r.T("carrier.yto")}, {Value: "own", Label: r.T("carrier.own")}},
		Form:     part.Form{Action: part.MoveWay("652824", "1", "ship"), Key: "k"},
	}
}

func listingForm(r tongue.Reader) page.ListingForm {
	v := page.ListingForm{Frame: grower(r, part.NewListingWay), New: true, Currency: yuan, Unit: "jin", Form: part.Form{Action: part.NewListingWay, Key: "k"}}
	for _, c := range categories(r) {
		v.Categories = append(v.Categories, part.Option{Value: c.Code, Label: c.Name})
	}
	for _, u := range []string{"jin", "kg", "dan", "bale", "piece"} {
		v.Units = append(v.Units, part.Option{Value: u, Label: r.Unit(u)})
	}
	return v
}

func agents() []Shown {
	return []Shown{
		{"agent-desk", "full", func(r tongue.Reader) templ.Component { return agent(r).View() }},
		{"agent-desk", "above the goal", func(r tongue.Reader) templ.Component {
			v := agent(r)
			v.Earned, v.Expected, v.Months[5] = 541000, 0, part.Month{At: now, Minor: 541000}
			return v.View()
		}},
		{"agent-desk", "new", func(r tongue.Reader) templ.Component {
			v := agent(r)
			v.Earned, v.Expected, v.Months, v.States, v.Entries, v.Next, v.NoBank, v.Orders = 0, 0, nil, nil, nil, "", true, nil
			return v.View()
		}},
		{"agent-desk", "suspended", func(r tongue.Reader) templ.Component {
			v := agent(r)
			v.State, v.Entries = "suspended", v.Entries[:1]
			return v.View()
		}},
		{"agent-apply", "guest", func(r tongue.Reader) templ.Component {
			v := apply(r, "")
			v.Frame = visit(r, part.ApplyWay)
			return v.View()
		}},
		{"agent-apply", "form", func(r tongue.Reader) templ.Component { return apply(r, "").View() }},
		{"agent-apply", "applied", func(r tongue.Reader) templ.Component { return apply(r, "applied").View() }},
		{"agent-apply", "refused", func(r tongue.Reader) templ.Component {
			v := apply(r, "refused")
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("about", "too_short", fault.Args{"least": 20}), fault.Invalid("agree", "required")), map[string]string{"about": "!"})
			return v.View()
		}},
		{"agent-apply", "active", func(r tongue.Reader) templ.Component { return apply(r, "active").View() }},
		{"agent-apply", "suspended", func(r tongue.Reader) templ.Component { return apply(r, "suspended").View() }},
	}
}

func apply(r tongue.Reader, state string) page.AgentApply {
	return page.AgentApply{
		Frame: buyer(r, part.ApplyWay), State: state, Rate: 700, Low: 300000, High: 500000, Currency: yuan,
		Markets: []part.Option{{Value: "652824", Label: in(r, "尉犁县", "Yuli")}, {Value: "532528", Label: in(r, "元阳县", "Yuanyang")}},
		Form:    part.Form{Action: part.ApplyWay, Key: "k"},
	}
}

func agent(r tongue.Reader) page.AgentDesk {
	v := page.AgentDesk{
		Frame: seller(r, part.AgentWay), Name: in(r, "马春兰", "Ma Chunlan"), Place: in(r, "尉犁县兴平镇代理", "Agent in Xingping, Yuli"), State: "active",
		Link: "https://market.example/s/m7k2", Code: "CHUNLAN", Earned: 321520, Expected: 64000, Low: 300000, High: 500000, Currency: yuan, Window: 30,
		Months: []part.Month{{At: days(-152), Minor: 186000}, {At: days(-122), Minor: 214000}, {At: days(-92), Minor: 292000}, {At: days(-61), Minor: 348000}, {At: days(-31), Minor: 426060}, {At: now, Minor: 321520, Expected: 64000}},
		Next:   "?after=a", Orders: rows(r, true)[1:4],
	}
	for i, state := range []string{"paid", "reserved", "payable", "pending", "earned", "frozen", "estimated", "void"} {
		v.States = append(v.States, page.CommissionState{State: state, Count: int64(i + 1), Minor: int64(81200 - i*7130), Due: days(4 + i)})
		v.Entries = append(v.Entries, page.Entry{
			Number: "YL-7F3K-1", OrderHref: part.OrderWay("652824", "1"), Goods: in(r, "纸皮核桃 10 斤", "Walnuts, 10 jin"), At: days(-i), State: state, Kind: "earn",
			Base: 13200, Rate: 700, Minor: 924, Rule: in(r, "零售 7%，第 1 版", "Retail 7 %, version 1"), Due: days(4 + i),
		})
	}
	v.Entries[2].Minor, v.Entries[2].Kind, v.Entries[2].Why = -18, "reversal", in(r, "少装 0.2 斤，退了 ¥2.64", "0.2 jin less packed, ¥2.64 refunded")
	return v
}
