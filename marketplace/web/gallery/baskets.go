package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func baskets() []Shown {
	return []Shown{
		{"basket", "two markets, three sellers", func(r tongue.Reader) templ.Component { return basket(r).View() }},
		{"basket", "one seller, signed in", func(r tongue.Reader) templ.Component {
			v := basket(r)
			v.Frame, v.Markets, v.Total, v.Ready = buyer(r, part.BasketWay), v.Markets[:1], 13200, 1
			v.Markets[0].Sellers = v.Markets[0].Sellers[:1]
			v.Markets[0].Sellers[0].Lines = v.Markets[0].Sellers[0].Lines[:1]
			v.Frame.Basket = 1
			return v.View()
		}},
		{"basket", "with delivery and a discount", func(r tongue.Reader) templ.Component {
			v := basket(r)
			v.Delivery, v.Besides = 1800, []part.Row{{Label: r.T("charge.discount"), Minor: -1200}}
			v.Total += 600
			return v.View()
		}},
		{"basket", "delivery depends on the place", func(r tongue.Reader) templ.Component {
			v := basket(r)
			v.Unplaced = true
			return v.View()
		}},
		{"basket", "everything went away in another way", func(r tongue.Reader) templ.Component { return stuck(r).View() }},
		{"basket", "prices have changed", func(r tongue.Reader) templ.Component {
			v := basket(r)
			lines := v.Markets[0].Sellers[0].Lines
			lines[0].Was, lines[1].Was = 1240, 1080
			return v.View()
		}},
		{"basket", "quantity refused", func(r tongue.Reader) templ.Component {
			v := basket(r)
			l := &v.Markets[0].Sellers[0].Lines[0]
			l.Typed, l.Fault = "0.5", tongue.Fault(r, "below_minimum", fault.Args{"minimum": int64(500), "unit": "jin"})
			return v.View()
		}},
		{"basket", "two currencies, dark", func(r tongue.Reader) templ.Component {
			v := basket(r)
			v.Frame.Theme, v.Foreign = "dark", true
			v.Markets[1].Sellers[0].Lines[0].Currency, v.Markets[1].Sellers[0].Lines[0].Price, v.Markets[1].Sellers[0].Lines[0].Minor = "USD", 95, 1900
			return v.View()
		}},
		{"basket", "long names", func(r tongue.Reader) templ.Component {
			v := basket(r)
			for i := range v.Markets {
				v.Markets[i].Name = long(r)
				for j := range v.Markets[i].Sellers {
					s := &v.Markets[i].Sellers[j]
					s.Name, s.Place = long(r), long(r)
					for k := range s.Lines {
						s.Lines[k].Title, s.Lines[k].Picture = long(r), part.Picture{}
					}
				}
			}
			return v.View()
		}},
		{"basket", "empty", func(r tongue.Reader) templ.Component {
			return page.Basket{Frame: visit(r, part.BasketWay), Words: kinds(r)}.View()
		}},
	}
}

func basket(r tongue.Reader) page.Basket {
	line := func(id, title, pic, unit string, base, price, minor int64) page.BasketLine {
		return page.BasketLine{Market: "YL", Listing: id, Title: title, Href: "/listings/YL/" + id, Picture: picture(pic, title), Unit: unit, Base: base, Step: 500, Least: 500,
			Left: 50000, Price: price, Minor: minor, Currency: yuan, Similar: "/search?category=nut"}
	}
	f := visit(r, part.BasketWay)
	f.Market, f.Basket = "", 4
	pears := line("3", in(r, "库尔勒香梨，5 斤一箱", "Korla fragrant pears, box of 5 jin"), "fragrant-pear", "piece", 2, 4600, 9200)
	pears.Step, pears.Least, pears.Left = 1, 1, 12
	rice := line("4", in(r, "梯田红米，当季新碾", "Terrace red rice, milled this season"), "rice-new-crop", "jin", 10000, 680, 13600)
	rice.Market = "YY"
	return page.Basket{
		Frame: f, Checkout: part.CheckoutWay + "?basket=yes", Total: 40800, Currency: yuan, Ready: 4,
		Markets: []page.BasketMarket{
			{Name: in(r, "尉犁县集市", "Yuli county market"), Sellers: []page.BasketSeller{
				{Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Place: in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli, Xinjiang"), Href: part.GrowerWay("YL", "1"), Lines: []page.BasketLine{
					line("1", walnuts(r), "walnut-paper-shell", "jin", 5000, 1320, 13200), line("2", dates(r), "red-dates", "jin", 2500, 960, 4800),
				}},
				{Name: in(r, "兴平香梨合作社", "Xingping pear co-operative"), Place: in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli, Xinjiang"), Href: part.GrowerWay("YL", "3"), Lines: []page.BasketLine{pears}},
			}},
			{Name: in(r, "元阳县集市", "Yuanyang county market"), Sellers: []page.BasketSeller{
				{Name: in(r, "李阿妹", "Li Amei"), Place: in(r, "云南元阳县新街镇", "Xinjie town, Yuanyang, Yunnan"), Href: part.GrowerWay("YY", "2"), Lines: []page.BasketLine{rice}},
			}},
		},
	}
}

// stuck is a basket of which nothing is as it was, each thing for its own reason.
func stuck(r tongue.Reader) page.Basket {
	v := basket(r)
	sample := v.Markets[0].Sellers[0].Lines[0]
	var lines []page.BasketLine
	for _, why := range []string{"short", "below_minimum", "sold_out", "paused", "archived", "suspended", "gone"} {
		l := sample
		l.Listing, l.Reason, l.Left, l.Least = why, why, 2000, 10000
		if why == "gone" {
			l.Title, l.Picture, l.Similar, l.Minor = "", part.Picture{}, "", 0
		}
		lines = append(lines, l)
	}
	v.Markets = v.Markets[:1]
	v.Markets[0].Sellers = v.Markets[0].Sellers[:1]
	v.Markets[0].Sellers[0].Lines = lines
	v.Ready, v.Stuck, v.Total = 0, len(lines), 0
	return v
}
