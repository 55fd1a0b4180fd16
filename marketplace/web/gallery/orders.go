package gallery

import (
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

var states = []string{"placed", "secured", "accepted", "packed", "shipped", "delivered", "completed", "cancelled", "expired", "promised"}

func orders() []Shown {
	var out []Shown
	for _, as := range []string{page.AsBuyer, page.AsSeller, page.AsOther} {
		for _, state := range states {
			out = append(out, Shown{"order", as + ", " + state, func(r tongue.Reader) templ.Component {
				return order(r, as, state).View()
			}})
		}
	}
	for _, as := range []string{page.AsBuyer, page.AsSeller, page.AsOther} {
		out = append(out,
			Shown{"order", as + ", transfer awaited", func(r tongue.Reader) templ.Component {
				v := order(r, as, "placed")
				v.Way, v.Due = "transfer", days(3)
				return v.View()
			}},
			Shown{"order", as + ", promised and refused", func(r tongue.Reader) templ.Component {
				v := order(r, as, "promised")
				v.Due, v.May = days(6), page.Moves{Pay: as == page.AsBuyer, PayHref: part.PayWay("652824", "1"), Cancel: as == page.AsOther}
				v.History = append([]page.Change{{At: days(0), To: "refused"}, {At: days(-1), To: "called"}}, v.History...)
				return v.View()
			}},
			Shown{"order", as + ", not sent by its day", func(r tongue.Reader) templ.Component {
				v := order(r, as, "packed")
				v.SendBy, v.Late, v.Due = days(-1), true, days(6)
				v.May.Cancel, v.May.Ask, v.May.Decline = as != page.AsSeller, false, as == page.AsSeller
				return v.View()
			}},
			Shown{"order", as + ", asked to cancel", func(r tongue.Reader) templ.Component {
				v := order(r, as, "accepted")
				v.Asked, v.May.Ask, v.May.Decline = true, false, as == page.AsSeller
				v.History = append([]page.Change{{At: days(0), To: "cancel_asked", Who: in(r, "陈女士", "Ms Chen")}}, v.History...)
				return v.View()
			}},
			Shown{"order", as + ", cash secured", func(r tongue.Reader) templ.Component { return cash(order(r, as, "secured")).View() }},
			Shown{"order", as + ", cash on its way", func(r tongue.Reader) templ.Component { return cash(order(r, as, "shipped")).View() }},
			Shown{"order", as + ", cash delivered", func(r tongue.Reader) templ.Component { return cash(order(r, as, "delivered")).View() }},
		)
	}
	return append(out,
		Shown{"order", "a part can be taken on, refused", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsSeller, "secured")
			v.Form = part.Form{}.Refused(r, fault.Invalid("take.1", "accept_more", fault.Args{"ordered": int64(5000), "unit": "jin"}), map[string]string{"take.1": "12"})
			v.Form.Action = "accept"
			return v.View()
		}},
		Shown{"order", "a part was taken on, with delivery and a discount", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "accepted")
			v.Lines[0].Part, v.Lines[0].Taken, v.Lines[0].Refunded, v.Lines[0].Minor = true, 4000, v.Lines[0].Minor/5, v.Lines[0].Minor-v.Lines[0].Minor/5
			v.Goods, v.Total, v.Paid = v.Goods-2640, v.Total-2640, v.Paid-1000
			v.Charge(r.T("charge.discount"), -1000)
			v.Parts = part.Parts{Producer: 12748, Agent: 1076, Transport: 2600, Platform: 536}
			return v.View()
		}},
		Shown{"order", "in several parcels", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "shipped")
			v.May.Deliver, v.May.Arrive = false, true
			v.Shipments = severalParcels(r)
			return v.View()
		}},
		Shown{"order", "in several parcels, operator", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsOther, "shipped")
			v.May.Arrive, v.May.Lost, v.May.Returned = true, true, true
			v.Shipments = severalParcels(r)
			v.Charge(r.T("charge.lost"), -2400)
			v.Parts.Producer -= 2400
			return v.View()
		}},
		Shown{"order", "refused move", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsSeller, "secured")
			v.Form = part.Form{Action: "accept"}.Refused(r, fault.Conflict("order_move", fault.Args{"from": "cancelled", "to": "accepted", "allowed": []string{}}), nil)
			return v.View()
		}},
		Shown{"order", "long names", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "delivered")
			v.Seller.Name, v.Lines[0].Title, v.Address = long(r), long(r), long(r)
			v.History[0].Who, v.Shipments[0].Carrier = long(r), long(r)
			return v.View()
		}},
		Shown{"order", "bought by its own agent", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsSeller, "completed")
			v.SelfDealt, v.Agent = true, page.Someone{}
			v.Parts.Producer, v.Parts.Agent = v.Parts.Producer+v.Parts.Agent, 0
			return v.View()
		}},
		Shown{"order", "a guest's, with its claim code", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "secured")
			v.Frame, v.ClaimCode = visit(r, part.OrderWay("652824", "1")), "7F3K-9QWX"
			return v.View()
		}},
		Shown{"orders", "full", func(r tongue.Reader) templ.Component {
			return page.Orders{Frame: buyer(r, part.OrdersWay), Rows: rows(r, false), Next: part.OrdersWay + "?after=abc"}.View()
		}},
		Shown{"orders", "searched, nothing found", func(r tongue.Reader) templ.Component {
			return page.Orders{Frame: buyer(r, "/orders?q=x"), Query: in(r, "茶", "tea"), Group: "to_receive"}.View()
		}},
		Shown{"find-order", "guest", func(r tongue.Reader) templ.Component {
			return page.FindOrder{Frame: visit(r, part.FindOrderWay)}.View()
		}},
		Shown{"find-order", "signed in, refused", func(r tongue.Reader) templ.Component {
			v := page.FindOrder{Frame: buyer(r, part.FindOrderWay)}
			v.Form = v.Form.Refused(r, fault.NotFound("no_such_order"), map[string]string{"number": "YL-1", "phone": "138"})
			return v.View()
		}},
		Shown{"orders", "empty", func(r tongue.Reader) templ.Component {
			return page.Orders{Frame: buyer(r, part.OrdersWay)}.View()
		}},
	)
}

func severalParcels(r tongue.Reader) []page.Shipment {
	what := func(zh, en string) string { return in(r, zh, en) }
	return []page.Shipment{
		{ID: "a", State: "arrived", What: what("核桃 6 斤", "Walnuts 6 jin"), Carrier: in(r, "中通", "ZTO"), Number: "7584 2210 77", At: days(-2)},
		{ID: "b", State: "sent", What: what("核桃 4 斤", "Walnuts 4 jin"), Carrier: in(r, "中通", "ZTO"), Number: "7584 2210 78", At: days(-1)},
		{ID: "c", State: "lost", Why: in(r, "快递说找不到了", "the carrier cannot find it"), What: what("红枣 2.5 斤", "Dates 2.5 jin"), Carrier: in(r, "邮政", "China Post"), Number: "RX 40021", At: days(-1)},
	}
}

func order(r tongue.Reader, as, state string) page.Order {
	v := page.Order{
		Market: "652824", ID: "1", Number: "YL-20261124-7F3K-1", As: as, State: state, Way: "card", MadeAt: days(-3),
		Buyer:   page.Someone{Name: in(r, "陈女士", "Ms Chen"), Note: in(r, "杭州", "Hangzhou")},
		Seller:  page.Someone{Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Note: in(r, "尉犁县兴平镇", "Xingping, Yuli")},
		Agent:   page.Someone{Name: in(r, "马春兰", "Ma Chunlan"), Note: in(r, "从她的链接来的", "came by her link")},
		Address: in(r, "浙江省杭州市西湖区文三路 1 号 3 幢 602", "602, house 3, 1 Wensan Road, Xihu, Hangzhou"), Phone: "138 ×××× 2046",
		Lines: []page.OrderLine{
			{ID: "1", Title: walnuts(r), Href: part.ListingWay("652824", "1"), Picture: picture("walnut-paper-shell", ""), Unit: "jin", Price: 1320, Ordered: 5000, Packed: -1, Minor: 13200},
			{ID: "2", Title: dates(r), Picture: picture("red-dates", ""), Unit: "jin", Price: 960, Ordered: 2500, Packed: -1, Minor: 4800},
		},
		Charges: []page.Charge{{Label: r.T("checkout.delivery"), Minor: 2600}},
		Goods:   18000, Total: 20600, Paid: 20600, Currency: yuan,
		Parts: part.Parts{Producer: 16110, Agent: 1260, Transport: 2600, Platform: 630},
		Keys:  map[string]string{"accept": "a", "decline": "b", "cancel": "c", "confirm": "d", "deliver": "e"},
	}
	switch as {
	case page.AsBuyer:
		v.Frame = buyer(r, part.OrderWay("652824", "1"))
	case page.AsSeller:
		v.Frame = grower(r, part.OrderWay("652824", "1"))
	default:
		v.Frame = operator(r, part.OrderWay("652824", "1"))
	}
	return live(v, r)
}

// live brings an order to what belongs to its state.
func live(v page.Order, r tongue.Reader) page.Order {
	own, other, buys := v.As == page.AsSeller, v.As == page.AsOther, v.As == page.AsBuyer
	at := 0
	for i, s := range states[:7] {
		if s == v.State {
			at = i
		}
	}
	switch v.State {
	case "placed":
		v.Paid, v.Due, v.May = 0, now.Add(15*60e9), page.Moves{Pay: v.As == page.AsBuyer, Cancel: v.As == page.AsBuyer, PayHref: part.PayWay("652824", "1")}
	case "promised":
		v.Paid, v.Parts, v.May = 0, part.Parts{}, page.Moves{Cancel: v.As == page.AsBuyer || other}
	case "secured":
		v.Due, v.May = days(3), page.Moves{Accept: own, Decline: own, Cancel: other, Ask: buys}
	case "accepted":
		v.Due, v.SendBy, v.May = days(10), days(3), page.Moves{Pack: own, Decline: own, Cancel: other, Ask: buys}
	case "packed":
		v.Due, v.SendBy, v.May = days(9), days(2), page.Moves{Ship: own, Decline: own, Cancel: other, Ask: buys}
	case "shipped":
		v.Due, v.May = days(10), page.Moves{Deliver: true}
	case "delivered":
		v.Due, v.May = days(14), page.Moves{Confirm: v.As == page.AsBuyer, Refund: other}
	case "completed":
		v.May.Refund = other
	case "cancelled":
		v.Why, v.Parts = "silent", part.Parts{}
		v.Refunds = []page.Refund{{At: days(0), Minor: 20600, Why: "cancelled"}}
	case "expired":
		v.Paid, v.Parts = 0, part.Parts{}
	}
	for i := 0; i <= at; i++ {
		who := in(r, "陈女士", "Ms Chen")
		if slices.Contains([]string{"accepted", "packed", "shipped"}, states[i]) {
			who = in(r, "吐尔逊·买买提", "Tursun Memet")
		}
		v.History = append([]page.Change{{At: days(-6 + i), To: states[i], Who: who}}, v.History...)
	}
	if at == 0 && slices.Contains([]string{"expired", "cancelled"}, v.State) {
		note := in(r, "卖家 72 小时没有答复", "no answer within 72 hours")
		if v.State == "expired" {
			note = ""
		}
		v.History = append([]page.Change{{At: days(0), To: v.State, Note: note}}, v.History...)
	}
	if at >= 3 {
		v.Lines[0].Packed, v.Lines[0].Minor, v.Lines[0].Refunded, v.Lines[1].Packed = 4900, 12936, 264, 2500
		v.Goods, v.Total, v.Parts = 17736, 20336, part.Parts{Producer: 15873, Agent: 1242, Transport: 2600, Platform: 621}
		v.Refunds = []page.Refund{{At: days(-3), Minor: 264, Why: "weight", Done: true}}
	}
	if at >= 4 {
		v.Shipments = []page.Shipment{{Carrier: in(r, "中通", "ZTO"), Number: "7584 2210 9931", At: days(-2)}}
	}
	return v
}

func cash(v page.Order) page.Order {
	v.Cash, v.Way, v.Paid, v.Refunds, v.Hand, v.CashDue = true, "cash", 0, nil, v.Seller.Name, v.Total
	if v.State == "delivered" {
		v.Paid, v.CashDue = v.Total, 0
	}
	if v.State == "shipped" {
		v.Due, v.May.Deliver, v.May.Cash = time.Time{}, false, v.As != page.AsBuyer // silence delivers nothing
	}
	return v
}

func rows(r tongue.Reader, mine bool) []page.OrderRow {
	var out []page.OrderRow
	for i, state := range states {
		row := page.OrderRow{
			Href: part.OrderWay("652824", state), Number: "YL-7F3K-" + strconv.Itoa(i+1), Title: walnuts(r), More: i % 3, Other: in(r, "吐尔逊·买买提", "Tursun Memet"),
			Picture: picture("walnut-paper-shell", ""), State: state, Sum: int64(20600 + i*1313), Currency: yuan, At: days(-i), Yours: state == "placed" || state == "delivered",
		}
		if mine {
			row.Other, row.Yours = in(r, "陈女士，杭州", "Ms Chen, Hangzhou"), false
		}
		if i < 6 {
			row.Due = days(i + 1)
		}
		out = append(out, row)
	}
	out[2].Title, out[3].Picture = long(r), part.Picture{}
	return out
}
