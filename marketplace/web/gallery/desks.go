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
		{"producer-desk", "cash to collect", func(r tongue.Reader) templ.Component {
			v := producer(r)
			v.Waiting, v.CashHref = nil, "/me/cash"
			v.Income.Sent, v.Income.Collect = 16560, []page.Collect{{Hand: in(r, "马春兰", "Ma Chunlan"), Until: days(9), Minor: 16560}}
			return v.View()
		}},
		{"producer-desk", "empty", func(r tongue.Reader) templ.Component {
			return page.ProducerDesk{Frame: grower(r, part.ProducerWay), Currency: yuan, Income: page.Income{NoBank: true}}.View()
		}},
		{"producer-desk", "many at once", func(r tongue.Reader) templ.Component {
			v := producer(r)
			v.Hand = &page.OwnHand{Holds: 840_00, Limit: 2000_00, Reference: "CH2S13BXP5"}
			for i := range 4 {
				o := v.Waiting[i%3]
				o.Due = days(i + 1)
				v.Waiting = append(v.Waiting, o)
			}
			return v.View()
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
			v.Form = v.Form.Refused(r, fault.Invalid("number", "too_long", fault.Args{"most": 80}), map[string]string{"carrier": "zto", "number": long(r)})
			return v.View()
		}},
		{"seller-orders", "to answer", func(r tongue.Reader) templ.Component { return sellerOrders(r, "new").View() }},
		{"seller-orders", "one could not be accepted", func(r tongue.Reader) templ.Component {
			v := sellerOrders(r, "new")
			v.Rows[1].Fault = tongue.Fault(r, "order_move", fault.Args{"from": "cancelled", "to": "accepted", "allowed": []string{}})
			return v.View()
		}},
		{"seller-orders", "all", func(r tongue.Reader) templ.Component { return sellerOrders(r, "").View() }},
		{"seller-orders", "empty", func(r tongue.Reader) templ.Component {
			v := sellerOrders(r, "pack")
			v.Rows, v.Next = nil, ""
			return v.View()
		}},
		{"packing-list", "two days", func(r tongue.Reader) templ.Component { return packing(r).View() }},
		{"packing-list", "empty", func(r tongue.Reader) templ.Component {
			return page.Packing{Frame: grower(r, part.PackingWay)}.View()
		}},
		{"labels", "full", func(r tongue.Reader) templ.Component { return labels(r).View() }},
		{"labels", "empty", func(r tongue.Reader) templ.Component {
			return page.Labels{Frame: grower(r, part.LabelsWay), PackingHref: part.PackingWay}.View()
		}},
		{"producer-goods", "full", func(r tongue.Reader) templ.Component { return producerGoods(r).View() }},
		{"producer-goods", "empty", func(r tongue.Reader) templ.Component {
			v := producerGoods(r)
			v.Goods, v.Next = nil, ""
			return v.View()
		}},
		{"preview", "draft", func(r tongue.Reader) templ.Component {
			f := grower(r, part.EditListingWay("652824", "1")+"/preview")
			f.Before = page.Preview{Frame: f, BackHref: part.EditListingWay("652824", "1"), State: "draft"}.View()
			return (&page.Listing{Frame: f, Preview: true, Market: "YL", ID: "1", Title: walnuts(r), Category: in(r, "坚果干果", "Nuts"), Place: in(r, "新疆尉犁县兴平镇", "Xingping, Yuli"),
				Pictures: []part.Picture{picture("walnut-paper-shell", walnuts(r))}, Price: 1320, Currency: yuan, Unit: "jin", Stock: 5000, Minimum: 500, Band: 300, Units: []string{"jin"},
				EditHref: part.EditListingWay("652824", "1"), Producer: page.Someone{Name: in(r, "吐尔逊·买买提", "Tursun Memet")}}).View()
		}},
		{"producer-income", "full", func(r tongue.Reader) templ.Component { return producerIncome(r).View() }},
		{"producer-income", "new", func(r tongue.Reader) templ.Component {
			return page.ProducerIncome{Frame: grower(r, part.ProducerIncomeWay), Currency: yuan, Income: page.Income{NoBank: true}, StatementHref: part.ProducerStatementsWay}.View()
		}},
		{"statement", "of a producer", func(r tongue.Reader) templ.Component { return statement(r, part.Producer).View() }},
		{"statement", "debt", func(r tongue.Reader) templ.Component {
			v := statement(r, part.Producer)
			v.Opening, v.Earned, v.Paid, v.Closing, v.Payments = 0, 0, 0, v.Reversed, nil
			return v.View()
		}},
		{"listing-form", "new", func(r tongue.Reader) templ.Component { return listingForm(r).View() }},
		{"listing-form", "edit, refused", func(r tongue.Reader) templ.Component {
			v := listingForm(r)
			v.New, v.Title, v.State, v.LookHref = false, walnuts(r), "live", part.ListingWay("652824", "1")
			v.Photos = []page.Photo{{ID: "1", Picture: picture("walnut-paper-shell", "")}, {ID: "2", Picture: picture("red-dates", "")}}
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("price", "not_a_number"), fault.Invalid("photo", "photo_too_large")), map[string]string{"title_zh": "纸皮核桃", "price": "十三块二"})
			return v.View()
		}},
	}
}

func producer(r tongue.Reader) page.ProducerDesk {
	return page.ProducerDesk{
		Frame: grower(r, part.ProducerWay), Name: in(r, "吐尔逊", "Tursun"), Currency: yuan, OrdersHref: part.ProducerOrdersWay, NewHref: part.ProducerOrdersWay, PackingHref: part.PackingWay, LabelsHref: part.LabelsWay,
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
		Place: in(r, "浙江省杭州市西湖区", "Xihu, Hangzhou"), Band: 300, Until: until(r, "accepted"), Seller: in(r, "吐尔逊·买买提", "Tursun Memet"), Currency: yuan,
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
		Address: in(r, "浙江省杭州市西湖区文三路 1 号 3 幢 602", "602, house 3, 1 Wensan Road, Xihu, Hangzhou"), Phone: "138 0000 2046", Until: until(r, "packed"),
		Lines: []string{in(r, "纸皮核桃，9.8 斤", "Walnuts, 9.8 jin"), in(r, "骏枣，5 斤", "Jun dates, 5 jin")},
		Sends: []part.Input{
			{Name: "send.1", Label: walnuts(r), Mode: "decimal", Unit: r.Unit("jin"), Value: "9.8", Max: 12, Optional: true},
			{Name: "send.2", Label: dates(r), Mode: "decimal", Unit: r.Unit("jin"), Value: "5", Max: 12, Optional: true},
		},
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

// until is what an order says of the day by which it is to be sent.
func until(r tongue.Reader, state string) string {
	says, _ := order(r, page.AsSeller, state).Deadline()
	return says
}
