package gallery

import (
	"fmt"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
)

func deskOrders(r tongue.Reader) []page.DeskOrder { return producer(r).Waiting }

func sellerOrders(r tongue.Reader, state string) page.SellerOrders {
	v := page.SellerOrders{Frame: grower(r, part.ProducerOrdersWay), State: state, Currency: yuan, Next: "?after=a", PackingHref: part.PackingWay, LabelsHref: part.LabelsWay, Form: part.Form{Action: part.ProducerOrdersWay, Key: "k"}}
	for _, word := range []string{"", "new", "pack", "ship", "way", "done", "ended", "unpaid"} {
		name := word
		if name == "" {
			name = "all"
		}
		v.Chips = append(v.Chips, part.Chip{Word: r.T("seller_orders." + name), Href: "?state=" + word, On: word == state})
	}
	for i, o := range deskOrders(r) {
		o.Picture = picture("walnut-paper-shell", "")
		if state == "new" {
			o.State = "secured"
		}
		v.Rows = append(v.Rows, page.SellerOrder{DeskOrder: o, Badge: o.State, At: days(-i), Total: o.Mine + 1200})
	}
	v.Rows[2].Goods = long(r)
	return v
}

func packOrders(r tongue.Reader) []page.PackOrder {
	lines := pack(r).Lines
	for i := range lines {
		lines[i].Packed, lines[i].Goods = -1, lines[i].Title
	}
	var all []page.PackOrder
	for i, o := range deskOrders(r) {
		all = append(all, page.PackOrder{Number: fmt.Sprintf("YL20261124-7F3K%d", i), Href: part.MoveWay("652824", o.ID, "pack"), Buyer: o.Buyer, Phone: "+86 138 0000 2046", Place: o.Place,
			Address: in(r, "浙江省杭州市西湖区文三路 1 号 3 幢 602", "602, house 3, 1 Wensan Road, Xihu, Hangzhou"), Due: days(1 + i/2), Code: "https://market.example/orders/YL/019340b6-7d0a-7c3e-9a54-3f2f6e5a1c0" + o.ID, Lines: lines[:3-i]})
	}
	all[2].Lines[0].Packed = 4900
	return all
}

func packing(r tongue.Reader) page.Packing {
	v := page.Packing{Frame: grower(r, part.PackingWay), Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Place: in(r, "新疆尉犁县兴平镇兴平村", "Xingping village, Yuli"), Count: 3, LabelsHref: part.LabelsWay}
	for i, o := range packOrders(r) {
		if i != 1 {
			v.Days = append(v.Days, page.PackDay{Day: o.Due})
		}
		v.Days[len(v.Days)-1].Add(o)
	}
	return v
}

func labels(r tongue.Reader) page.Labels {
	v := page.Labels{Frame: grower(r, part.LabelsWay), Sender: in(r, "吐尔逊·买买提", "Tursun Memet"), From: in(r, "新疆尉犁县兴平镇", "Xingping, Yuli"), PackingHref: part.PackingWay}
	for range 3 {
		v.Parcels = append(v.Parcels, packOrders(r)...)
	}
	for i := range v.Parcels[:2] { // of one order in two parcels
		v.Parcels[i].Parcel, v.Parcels[i].Carried = r.T("labels.parcel", "n", i+1, "of", 2), []string{in(r, "中通 75840012345678", "ZTO 75840012345678"), ""}[i]
	}
	v.Parcels[3].Pickup = in(r, "兴平镇供销社 尉犁县兴平镇团结路 12 号", "Xingping co-operative, 12 Tuanjie Road, Xingping")
	return v
}

func producerGoods(r tongue.Reader) page.ProducerGoods {
	v := page.ProducerGoods{Frame: grower(r, part.ProducerGoodsWay), Currency: yuan, Next: "?after=a", NewHref: part.NewListingWay, Terms: part.ProducerTermsWay, Goods: producer(r).Goods}
	for i, word := range []string{"all", "live", "paused", "draft", "archived"} {
		v.Chips = append(v.Chips, part.Chip{Word: r.T("goods." + word), Href: "?state=" + word, On: i == 0})
	}
	for i, name := range []string{"walnut-paper-shell", "red-dates", "cotton-long-staple"} {
		g := &v.Goods[i]
		g.Picture, g.BarnHref, g.LookHref, g.CopyHref, g.CopyKey = picture(name, ""), g.EditHref+"/stock", g.EditHref+"/preview", g.EditHref+"/copy", "k"
	}
	return v
}

func producerIncome(r tongue.Reader) page.ProducerIncome {
	return page.ProducerIncome{Frame: grower(r, part.ProducerIncomeWay), Income: producer(r).Income, Held: deskOrders(r), Sales: statement(r, part.Producer).Lines, Next: "?after=a", StatementHref: part.StatementWay(part.ProducerStatementsWay, "2026-11"), Currency: yuan}
}

// statement adds up: 9 lines, one of which was taken back.
func statement(r tongue.Reader, desk part.Desk) page.Statement {
	base, f := part.ProducerStatementsWay, grower(r, part.ProducerStatementsWay+"/2026-10")
	v := page.Statement{Desk: desk, Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Place: in(r, "尉犁县集市", "Yuli county market"), Month: days(-31), Number: "YL-S2610-00142", MadeAt: days(-23),
		Currency: yuan, Opening: 12000, Payments: []page.StatementPayment{{At: days(-40), Bank: in(r, "农信社", "Rural Credit Union"), Tail: "2088", Batch: "P20261015-7F3K2291", Minor: 30000}}}
	share := int64(9000)
	if desk == part.Agent {
		base, f, share = part.AgentStatementsWay, seller(r, part.AgentStatementsWay+"/2026-10"), 700
		v.Name = in(r, "马春兰", "Ma Chunlan")
	}
	v.Frame, v.ListHref, v.DeskHref, v.BookHref = f, base, base, part.StatementBookWay(base, "2026-10")
	v.Earlier, v.Later, v.Next = part.StatementWay(base, "2026-09"), part.StatementWay(base, "2026-11"), "?after=a"
	for i := range 9 {
		l := page.StatementLine{Number: fmt.Sprintf("YL20261003-8A1%d", i), Href: part.OrderWay("652824", "1"), Title: walnuts(r), At: days(-50 + 2*i), Base: int64(66000 + 5100*i), Rate: 700, RuleHref: part.AgentEntriesWay + "/1/1"}
		if i == 4 {
			l.Title = long(r)
		}
		if i == 6 {
			l.Back, l.Base, l.Why, l.Title = true, -42000, in(r, "碎了一箱，照片看过", "one box was broken, seen on a photograph"), dates(r)
		}
		l.Minor = l.Base * share / 10_000
		l.Others = l.Base - l.Minor
		v.Lines = append(v.Lines, l)
		v.Sold += l.Base
		if l.Back {
			v.Reversed += l.Minor
			v.Backs = append(v.Backs, l)
		} else {
			v.Sales, v.Earned = v.Sales+1, v.Earned+l.Minor
		}
	}
	v.Paid = -30000
	v.Closing = v.Opening + v.Earned + v.Reversed + v.Paid
	return v
}

func statements(r tongue.Reader) page.Statements {
	v := page.Statements{Frame: seller(r, part.AgentStatementsWay), Desk: part.Agent, Currency: yuan, DeskHref: part.AgentWay, Next: "?before=2026-06"}
	for i := range 6 {
		row := page.StatementRow{Href: part.StatementWay(part.AgentStatementsWay, "2026-10"), BookHref: part.StatementBookWay(part.AgentStatementsWay, "2026-10"), Month: now.AddDate(0, -i, 0), Number: fmt.Sprintf("YL-S26%02d-00142", 11-i), Sold: 9642000, Earned: 426060, Closing: 60840}
		if i == 0 {
			row.Number = ""
		}
		v.Months = append(v.Months, row)
	}
	return v
}
