package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func buying() []Shown {
	return []Shown{
		{"listing", "live", func(r tongue.Reader) templ.Component { return listing(r).View() }},
		{"listing", "by an agent's link, dark", func(r tongue.Reader) templ.Component {
			v := listing(r)
			v.Frame.Theme = "dark"
			v.Agent = page.Someone{Name: in(r, "马春兰", "Ma Chunlan"), Note: in(r, "代理，住兴平镇", "Agent in Xingping")}
			v.AgentMinor = 924
			return v.View()
		}},
		{"listing", "quantity refused", func(r tongue.Reader) templ.Component {
			v := listing(r)
			v.Quantity, v.QuantityFault = "0.5", tongue.Fault(r, "below_minimum", fault.Args{"minimum": int64(500), "unit": "jin"})
			return v.View()
		}},
		{"listing", "sold out", func(r tongue.Reader) templ.Component {
			v := listing(r)
			v.Stock = 0
			return v.View()
		}},
		{"listing", "the last of it in an unpaid order", func(r tongue.Reader) templ.Component {
			v := listing(r)
			v.Stock, v.HeldHref = 0, part.OrderWay("652824", "1")
			return v.View()
		}},
		{"listing", "paused, own", func(r tongue.Reader) templ.Component {
			v := listing(r)
			v.Live, v.EditHref = false, part.EditListingWay("652824", "1")
			return v.View()
		}},
		{"listing", "long, without picture", func(r tongue.Reader) templ.Component {
			v := listing(r)
			v.Title, v.Place, v.Pictures, v.Producer.Name = long(r), long(r), nil, long(r)
			v.Unit, v.Units, v.QuantityUnit, v.Quantity, v.Base, v.Stock, v.Minimum, v.Quick = "bale", []string{"bale"}, "bale", "3", 3, 40, 1, nil
			v.Band, v.Price, v.Minor = 0, 412000, 1236000
			v.Parts = part.Parts{Producer: 1106220, Agent: 86520, Transport: 2000, Platform: 43260}
			return v.View()
		}},
		{"checkout", "guest", func(r tongue.Reader) templ.Component { return checkout(r).View() }},
		{"checkout", "three sellers, two markets", func(r tongue.Reader) templ.Component {
			v := checkout(r)
			v.Frame, v.Markets, v.Kept, v.Back = buyer(r, "/checkout?basket=yes"), 2, true, part.BasketWay
			v.Frame.Market = ""
			v.Parcels[0].Market, v.Parcels[1].Market = in(r, "尉犁县集市", "Yuli county market"), in(r, "尉犁县集市", "Yuli county market")
			v.Parcels = append(v.Parcels, page.Parcel{Market: in(r, "元阳县集市", "Yuanyang county market"), Seller: in(r, "李阿妹", "Li Amei"), Place: in(r, "云南元阳县新街镇", "Xinjie town, Yuanyang, Yunnan"), Lines: []page.CheckoutLine{
				{Token: "4:10000", Title: in(r, "梯田红米，当季新碾", "Terrace red rice, milled this season"), Picture: picture("rice-new-crop", ""), Base: 10000, Unit: "jin", Price: 680, Minor: 13600},
			}})
			v.Goods, v.Total = v.Goods+13600, v.Total+13600
			v.Parts.Producer, v.Parts.Agent, v.Parts.Platform = v.Parts.Producer+12172, v.Parts.Agent+952, v.Parts.Platform+476
			return v.View()
		}},
		{"checkout", "one parcel may be picked up", func(r tongue.Reader) templ.Component { return comes(r, false).View() }},
		{"checkout", "all of it is picked up", func(r tongue.Reader) templ.Component { return comes(r, true).View() }},
		{"checkout", "delivery by province, not chosen yet", func(r tongue.Reader) templ.Component {
			v := byPlace(r)
			v.Unplaced, v.Delivery, v.Total = true, 0, v.Total-v.Delivery
			v.Parts.Transport = 0
			v.Parcels[0].Delivery, v.Parcels[1].Delivery = 0, 0
			return v.View()
		}},
		{"checkout", "delivery by province, with a discount", func(r tongue.Reader) templ.Component {
			v := byPlace(r)
			v.Reckoned, v.Form.Values = "11", map[string]string{"province": "11", "name": in(r, "陈女士", "Ms Chen"), "phone": "13800000000"}
			return v.View()
		}},
		{"checkout", "not delivered there", func(r tongue.Reader) templ.Component {
			v := byPlace(r)
			v.Form = v.Form.Refused(r, fault.Conflict("not_delivered", fault.Args{"listing": walnuts(r)}).On("province"), map[string]string{"province": "65"})
			return v.View()
		}},
		{"checkout", "refused", func(r tongue.Reader) templ.Component {
			v := checkout(r)
			v.Form = v.Form.Refused(r, fault.All(
				fault.Invalid("phone", "bad_phone"), fault.Invalid("street", "required"), fault.Invalid("code", "agent_unknown"), fault.Invalid("pay", "required"),
			), map[string]string{"name": in(r, "陈女士", "Ms Chen"), "phone": "1380000", "place": in(r, "浙江省杭州市", "Hangzhou"), "code": "CHUNLN"})
			return v.View()
		}},
		{"checkout", "from the basket, prices have changed", func(r tongue.Reader) templ.Component {
			v := checkout(r)
			v.Kept, v.Back = true, part.BasketWay
			v.Parcels[0].Lines[0].Was = v.Parcels[0].Lines[0].Price - 80
			return v.View()
		}},
		{"checkout", "price changed", func(r tongue.Reader) templ.Component {
			v := checkout(r)
			v.Frame = buyer(r, "/checkout")
			v.Changed = &page.Changed{Old: 22600, New: 23160}
			v.Goods, v.Total = 19360, 23160
			v.Parts.Producer += 560
			v.Parcels[0].Lines[0].Price, v.Parcels[0].Lines[0].Minor = 1376, 13760
			return v.View()
		}},
		{"checkout", "just sold", func(r tongue.Reader) templ.Component {
			v := checkout(r)
			v.Sold = []page.Sold{{Title: walnuts(r), Left: 2000, Unit: "jin"}, {Title: dates(r)}}
			v.Parcels[0].Lines[1].SoldOut, v.Blocked, v.Back = true, true, part.ListingWay("652824", "1")
			return v.View()
		}},
		{"pay", "open", func(r tongue.Reader) templ.Component { return pay(r).View() }},
		{"pay", "closed", func(r tongue.Reader) templ.Component {
			v := pay(r)
			v.Closed, v.Back = true, part.PaidWay("652824", "1")
			return v.View()
		}},
		{"pay", "at stripe", func(r tongue.Reader) templ.Component { return payAway(r).View() }},
		{"pay", "at stripe, closed", func(r tongue.Reader) templ.Component {
			v := payAway(r)
			v.Href = ""
			return v.View()
		}},
		{"pay", "at stripe, out of reach", func(r tongue.Reader) templ.Component {
			v := payAway(r)
			v.Href = ""
			v.Form = v.Form.Refused(r, fault.Unavailable("gateway_down"), nil)
			return v.View()
		}},
		{"pay-result", "secured", func(r tongue.Reader) templ.Component { return paid(r, "secured").View() }},
		{"pay-result", "cash", func(r tongue.Reader) templ.Component { return paid(r, "cash").View() }},
		{"pay-result", "promised", func(r tongue.Reader) templ.Component { return paid(r, "promised").View() }},
		{"pay-result", "waiting", func(r tongue.Reader) templ.Component { return paid(r, "waiting").View() }},
		{"pay-result", "transfer", func(r tongue.Reader) templ.Component {
			v := paid(r, "transfer")
			v.Account = &page.BankAccount{Holder: in(r, "尉犁县共田农产品服务中心", "Yuli Commonfield Farm Service Centre"), Bank: in(r, "尉犁县农村信用合作联社", "Yuli Rural Credit Union"), Number: "6228 4800 1234 5678", Reference: "YL-7F3K"}
			return v.View()
		}},
		{"pay-result", "failed", func(r tongue.Reader) templ.Component {
			v := paid(r, "failed")
			v.Reason, v.Retry = "funds", part.PayWay("652824", "1")
			return v.View()
		}},
		{"pay-result", "expired", func(r tongue.Reader) templ.Component { return paid(r, "expired").View() }},
	}
}

func listing(r tongue.Reader) *page.Listing {
	return &page.Listing{
		Frame: visit(r, "/listings/652824/1?quantity=10"), Market: "652824", ID: "1", Title: walnuts(r),
		Story: in(r, "我家六十棵树，是父亲那年栽的。今年雨水少，果子小一点，但是仁满，用手一捏就开。\n打下来没有漂白，晒了九天，颜色深浅不一样是正常的。",
			"We have sixty trees; my father planted them. There was little rain, so the nuts are a bit smaller, but full: you open them by hand.\nThey are not bleached and dried nine days in the sun, so the shells differ in colour."),
		Category: in(r, "坚果干果", "Nuts and dried fruit"), CategoryCode: "nuts", Place: in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli, Xinjiang"),
		Pictures: []part.Picture{picture("walnut-paper-shell", walnuts(r)), picture("red-dates", dates(r)), picture("fragrant-pear", "")},
		Price:    1320, Currency: yuan, Unit: "jin", Stock: 930000, Minimum: 500, Band: 300, Live: true, Harvest: days(-57),
		Facts:    []part.Fact{{Name: in(r, "等级", "Grade"), Value: in(r, "特级", "Extra")}, {Name: in(r, "果径", "Size"), Value: in(r, "32–36 毫米", "32–36 mm")}},
		Units:    []string{"jin", "kg"},
		Quantity: "10", QuantityUnit: "jin", Base: 5000, Minor: 13200, Delivery: 2000, Parts: shares, ReturnDays: 7,
		Quick:    []page.Quick{{Base: 2500, Minor: 6600}, {Base: 5000, Minor: 13200}, {Base: 10000, Minor: 26400}, {Base: 25000, Minor: 66000}},
		Producer: page.Someone{Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Note: in(r, "农户，六十棵树，12 亩", "Grower, sixty trees on 0.8 ha")},
	}
}

func checkout(r tongue.Reader) page.Checkout {
	return page.Checkout{
		Frame: visit(r, "/checkout?market=652824"),
		Parcels: []page.Parcel{
			{Seller: in(r, "吐尔逊·买买提", "Tursun Memet"), Place: in(r, "尉犁县兴平镇", "Xingping, Yuli"), Delivery: 2600, Lines: []page.CheckoutLine{
				{Token: "1:5000", Title: walnuts(r), Href: "/listings/652824/1", Picture: picture("walnut-paper-shell", ""), Base: 5000, Unit: "jin", Price: 1320, Minor: 13200},
				{Token: "2:2500", Title: dates(r), Picture: picture("red-dates", ""), Base: 2500, Unit: "jin", Price: 960, Minor: 4800},
			}},
			{Seller: in(r, "兴平香梨合作社", "Xingping pear co-operative"), Delivery: 1200, Lines: []page.CheckoutLine{
				{Token: "3:2", Title: in(r, "库尔勒香梨，5 斤一箱", "Korla fragrant pears, box of 5 jin"), Picture: picture("fragrant-pear", ""), Base: 2, Unit: "piece", Price: 400, Minor: 800},
			}},
		},
		Goods: 18800, Delivery: 3800, Total: 22600, Currency: yuan, Agent: in(r, "马春兰", "Ma Chunlan"), Weighed: true, Band: 300,
		Parts: part.Parts{Producer: 16826, Agent: 1316, Transport: 3800, Platform: 658},
		Form:  part.Form{Action: part.CheckoutWay, Key: "0190"},
		Ways:  []page.Way{{Code: "card"}, {Code: "transfer"}, {Code: "cash", Off: true}},
	}
}

func byPlace(r tongue.Reader) page.Checkout {
	v := checkout(r)
	v.ByPlace = true
	v.Besides = []part.Row{{Label: r.T("charge.discount"), Minor: -1800}, {Label: r.T("charge.discount_market"), Minor: -850}}
	v.Total -= 2650
	v.Parts.Producer -= 2650
	v.Provinces = []part.Option{{Label: r.T("checkout.choose")}, {Value: "11", Label: in(r, "北京市", "Beijing")}, {Value: "65", Label: in(r, "新疆维吾尔自治区", "Xinjiang")}}
	return v
}

// comes is a checkout of whose parcels one may be picked up, or both are.
func comes(r tongue.Reader, all bool) page.Checkout {
	v := byPlace(r)
	v.Form.Values = map[string]string{}
	for i := range v.Parcels {
		p := &v.Parcels[i]
		if p.ID = (id.ID{byte(i + 1)}); i > 0 && !all {
			continue
		}
		p.Point = &page.Pickup{Name: in(r, "兴平镇供销社", "Xingping co-operative store"), Address: in(r, "尉犁县兴平镇团结路 12 号", "12 Tuanjie Road, Xingping, Yuli"), Hours: "9:00–19:00"}
		if all {
			v.Form.Values[p.Comes()] = "yes"
			v.Total, v.Delivery, p.Delivery = v.Total-p.Delivery, v.Delivery-p.Delivery, 0
		}
	}
	if v.Fetched = all; all {
		v.Parts.Transport = 0
	}
	return v
}

func pay(r tongue.Reader) page.Pay {
	return page.Pay{
		Frame: visit(r, "/pay/652824/1"), Form: part.Form{Action: part.PayWay("652824", "1"), Key: "0191"},
		Sum: 22600, Currency: yuan, Numbers: []string{"YL-7F3K-1", "YL-7F3K-2"}, Until: now.Add(15 * 60e9),
	}
}

func payAway(r tongue.Reader) page.PayAway {
	v := pay(r)
	return page.PayAway{Frame: v.Frame, Sum: v.Sum, Currency: v.Currency, Numbers: v.Numbers, Until: v.Until, Back: part.PaidWay("652824", "1"),
		Methods: []string{"card", "alipay", "wechat_pay"}, Href: "https://checkout.stripe.com/c/pay/cs_test"}
}

func paid(r tongue.Reader, outcome string) page.PayResult {
	return page.PayResult{
		Frame: visit(r, "/pay/652824/1/result"), Outcome: outcome, Total: 22600, Currency: yuan, Way: "card", At: now, Number: "YL-7F3K", Until: days(3),
		Orders: []page.PaidOrder{
			{Href: part.OrderWay("652824", "1"), Seller: in(r, "吐尔逊·买买提", "Tursun Memet"), Place: in(r, "尉犁", "Yuli"), Number: "YL-7F3K-1", Sum: 20600},
			{Href: part.OrderWay("652824", "2"), Seller: in(r, "兴平香梨合作社", "Xingping pear co-operative"), Place: in(r, "尉犁", "Yuli"), Number: "YL-7F3K-2", Sum: 2000},
		},
	}
}
