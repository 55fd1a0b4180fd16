package gallery

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// rooms are the desks' pages for members, rates, stock and the market's own money.
func rooms() []Shown {
	return []Shown{
		{"members", "full", func(r tongue.Reader) templ.Component { return members(r).View() }},
		{"members", "empty", func(r tongue.Reader) templ.Component {
			return page.Members{Frame: operator(r, part.OperatorWay), Form: part.Form{Action: "/", Key: "k"}, Register: part.Form{Action: "/", Key: "k"}}.View()
		}},
		{"rates", "full", func(r tongue.Reader) templ.Component { return rates(r).View() }},
		{"rates", "refused", func(r tongue.Reader) templ.Component {
			v := rates(r)
			v.Rate = v.Rate.Refused(r, fault.Invalid("rate", "invalid"), map[string]string{"rate": "lots"})
			v.Rows, v.Rules = nil, nil
			return v.View()
		}},
		{"stock", "full", func(r tongue.Reader) templ.Component { return barn(r).View() }},
		{"stock", "empty", func(r tongue.Reader) templ.Component {
			v := barn(r)
			v.OnHand, v.Reserved, v.Batches, v.State = 0, 0, nil, "draft"
			return v.View()
		}},
		{"commission", "full", func(r tongue.Reader) templ.Component {
			all := entries(r)
			v := page.Commission{Frame: all.Frame, Entry: all.Entries[0], Others: all.Entries[1:2], Currency: yuan, Net: all.Entries[0].Minor}
			return v.View()
		}},
		{"treasury", "full", func(r tongue.Reader) templ.Component { return treasury(r).View() }},
		{"between", "owes one, has with another", func(r tongue.Reader) templ.Component { return between(r).View() }},
		{"between", "too much", func(r tongue.Reader) templ.Component {
			v := between(r)
			v.Form = v.Form.Refused(r, fault.Conflict("square_too_much", fault.Args{"owed": int64(12723), "currency": yuan}).On("sum"), map[string]string{"to": "2", "sum": "200", "reference": "2026-11-24/7"})
			return v.View()
		}},
		{"between", "empty", func(r tongue.Reader) templ.Component {
			return page.Between{Frame: operator(r, "/desk/operator/between"), Currency: yuan}.View()
		}},
		{"treasury", "refused", func(r tongue.Reader) templ.Component {
			v := treasury(r)
			v.Form = v.Form.Refused(r, fault.Invalid("sum", "required"), map[string]string{"deed": "banked"})
			return v.View()
		}},
	}
}

func between(r tongue.Reader) page.Between {
	return page.Between{Frame: operator(r, "/desk/operator/between"), Currency: yuan, Form: part.Form{Action: "/", Key: "k"}, Rows: []page.BetweenRow{
		{Market: "2", Name: in(r, "从江县集市 (CJ)", "Congjiang county market (CJ)"), Href: "/", Owes: 127_23, Paid: 1_240_00},
		{Market: "3", Name: in(r, "元阳县集市 (YY)", "Yuanyang county market (YY)"), Href: "/", Owes: -88_10},
	}}
}

func members(r tongue.Reader) page.Members {
	one := func(id, name, state string, offline bool) page.Member {
		return page.Member{ID: id, Name: name, Place: in(r, "新疆尉犁县兴平镇", "Xingping, Yuli, Xinjiang"), State: state, At: days(-20), Offline: offline,
			Form: part.Form{Action: "/", Key: "k" + id, ID: "m" + id}}
	}
	return page.Members{
		Frame: operator(r, part.OperatorWay), Form: part.Form{Action: "/", Key: "k"}, Register: part.Form{Action: "/", Key: "k", ID: "register-"},
		Producers: []page.Member{one("1", in(r, "吐尔逊·买买提", "Tursun Memet"), "active", false), one("2", long(r), "applied", false), one("3", in(r, "古丽", "Guli"), "suspended", true)},
		Agents:    []page.Member{one("4", in(r, "马春兰", "Ma Chunlan"), "active", false), one("5", in(r, "周师傅", "Mr Zhou"), "applied", false)},
	}
}

func rates(r tongue.Reader) page.Rates {
	return page.Rates{
		Frame: operator(r, part.OperatorWay), CloseWay: "/", Rate: part.Form{Action: "/", Key: "k", ID: "rate-"}, Rule: part.Form{Action: "/", Key: "k", ID: "rule-"},
		Categories: []part.Option{{Value: "", Label: r.T("rates.any")}, {Value: "walnut", Label: in(r, "核桃", "Walnuts")}},
		Rows:       []page.Rate{{What: "fee", Category: r.T("rates.any"), State: "now", Points: 200, From: days(-60), By: in(r, "李会计", "Li Wen")}, {What: "tax", Category: in(r, "核桃", "Walnuts"), State: "now", Points: 900, From: days(-30), By: in(r, "李会计", "Li Wen")}},
		PlaceWay:   "/", Live: 3,
		Rules: []page.Rule{
			{ID: "1", Position: 10, Place: 1, Category: in(r, "核桃", "Walnuts"), Kind: "goods", Points: 800, Hold: 7, From: days(-60), Key: "k1"},
			{ID: "3", Position: 20, Place: 2, Category: in(r, "蜂蜜", "Honey"), Kind: "goods", Points: 500, Hold: 14, From: days(-20), Key: "k3"},
			{ID: "4", Position: 30, Place: 3, Category: r.T("rates.any"), Points: 400, Hold: 7, From: days(-20), Every: true, Key: "k4"},
			{ID: "2", Position: 2, Category: r.T("rates.any"), Points: 600, Hold: 7, From: days(-60), To: days(-1), Over: true, Key: "k2"},
		},
	}
}

func barn(r tongue.Reader) page.Stock {
	return page.Stock{
		Frame: grower(r, part.ProducerWay), Title: walnuts(r), EditHref: "/", State: "live", Unit: "jin", OnHand: 60_000, Reserved: 5_000,
		Receive: part.Form{Action: "/", Key: "k", ID: "receive-"}, Moves: part.Form{Action: "/"}, Pause: "k1", Archive: "k2",
		Batches: []page.Batch{{ID: "1", Grade: in(r, "一级", "first"), Place: in(r, "兴平村", "Xingping"), HarvestOn: days(-60), At: days(-50), OnHand: 60_000, Reserved: 5_000,
			Form: part.Form{Action: "/", Key: "k3", ID: "batch-1-"}, Moves: []page.StockMove{{Kind: "receive", Quantity: 65_000, At: days(-50)}, {Kind: "ship", Quantity: -5_000, Href: "/", At: now.Add(-time.Hour)}}}},
	}
}

func treasury(r tongue.Reader) page.Treasury {
	return page.Treasury{Frame: operator(r, part.OperatorWay), Bank: 5_120_000, Clearing: 28_600, Available: 120_000, Capital: 5_000_000, Tax: 182_400, Fees: 96_150, Guarantee: 1_000_000, Currency: yuan, Form: part.Form{Action: "/", Key: "k"}}
}
