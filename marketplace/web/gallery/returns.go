package gallery

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func givenBack() []Shown {
	var out []Shown
	for _, as := range []string{page.AsBuyer, page.AsSeller, page.AsOperator} {
		for _, state := range []string{"asked", "objected", "approved", "approved, nowhere", "sent", "called", "called, sent", "called, came", "refunded", "refused", "withdrawn", "lapsed", "cancelled"} {
			out = append(out, Shown{"return", as + ", " + state, func(r tongue.Reader) templ.Component { return goingBack(r, as, state).View() }})
		}
	}
	return append(out,
		Shown{"return", "begin", func(r tongue.Reader) templ.Component { return wish(r).View() }},
		Shown{"return", "begin, one line, one fresh", func(r tongue.Reader) templ.Component {
			v := wish(r)
			v.Lines[1].Why = "fresh"
			return v.View()
		}},
		Shown{"return", "begin, refused", func(r tongue.Reader) templ.Component {
			v := wish(r)
			v.Forms["ask"] = v.Forms["ask"].Refused(r, fault.All(fault.Invalid("back.1", "return_more", fault.Args{"left": int64(5000), "unit": "jin"}), fault.Invalid("photo", "photo_unreadable")), map[string]string{"back.1": "99", "text": long(r)})
			return v.View()
		}},
		Shown{"return", "nothing can go back", func(r tongue.Reader) templ.Component {
			v := wish(r)
			v.May = false
			v.Lines[0].Why, v.Lines[1].Why = "late", "fresh"
			return v.View()
		}},
		Shown{"return", "a complaint is open", func(r tongue.Reader) templ.Component {
			v := wish(r)
			v.Stops = "open"
			return v.View()
		}},
		Shown{"return", "seller, refused", func(r tongue.Reader) templ.Component {
			v := goingBack(r, page.AsSeller, "asked")
			v.Forms["approve"] = v.Forms["approve"].Refused(r, fault.Invalid("to", "required"), map[string]string{"pays": "seller"})
			return v.View()
		}},
		Shown{"return", "buyer, no number", func(r tongue.Reader) templ.Component {
			v := goingBack(r, page.AsBuyer, "approved")
			v.Forms["send"] = v.Forms["send"].Refused(r, fault.Invalid("number", "required"), map[string]string{"carrier": "sf"})
			return v.View()
		}},
		Shown{"return", "clerk, sent", func(r tongue.Reader) templ.Component {
			v := goingBack(r, page.AsSeller, "sent")
			v.Cases[0].Clerk, v.Cases[0].Seller, v.Cases[0].May["refuse"] = true, false, false
			return v.View()
		}},
		Shown{"return", "long, and one before it", func(r tongue.Reader) templ.Component {
			v := goingBack(r, page.AsBuyer, "called, sent")
			v.Cases[0].Lines[0], v.Cases[0].Text, v.Cases[0].To, v.Cases[0].Objection = long(r), long(r)+long(r), long(r), long(r)+long(r)
			v.Cases = append(v.Cases, goingBack(r, page.AsBuyer, "withdrawn").Cases[0])
			return v.View()
		}},
		Shown{"order", "buyer, going back", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "delivered")
			v.Return, v.May.Confirm = "open", false
			return v.View()
		}},
		Shown{"order", "buyer, may give back", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "delivered")
			v.Return, v.Dispute = "may", "may"
			return v.View()
		}},
		Shown{"returns", "operator", func(r tongue.Reader) templ.Component {
			v := page.Returns{Frame: operator(r, part.ReturnsWay), Head: part.Head{Title: r.T("returns.title"), Desk: part.Operator, Here: "money"}, Lead: r.T("returns.lead")}
			v.Rows = returnRows(r, in(r, "吐尔逊·买买提", "Tursun Memet"), "called", "called_sent", "called_came", "asked", "approved", "sent")
			return v.View()
		}},
		Shown{"returns", "producer", func(r tongue.Reader) templ.Component {
			v := page.Returns{Frame: grower(r, part.ProducerReturnsWay), Head: part.Head{Title: r.T("returns.title"), Desk: part.Producer, Here: "orders"}, Lead: r.T("returns.lead_seller")}
			v.Rows = returnRows(r, in(r, "陈女士", "Ms Chen"), "asked", "sent", "approved_nowhere", "objected", "approved")
			return v.View()
		}},
		Shown{"returns", "empty", func(r tongue.Reader) templ.Component {
			return page.Returns{Frame: operator(r, part.ReturnsWay), Head: part.Head{Title: r.T("returns.title"), Desk: part.Operator, Here: "money"}, Lead: r.T("returns.lead")}.View()
		}},
	)
}

func returnRows(r tongue.Reader, other string, states ...string) []page.ReturnRow {
	var rows []page.ReturnRow
	for i, state := range states {
		row := page.ReturnRow{Href: backWay, Number: "YL-20261124-7F3K-1", Other: other, Goods: walnuts(r) + r.T("word.comma") + r.Quantity(5000, "jin"), State: state, At: days(-i - 1), Yours: i < 3}
		if state[0] != 'c' {
			row.Due = days(i)
		}
		rows = append(rows, row)
	}
	return rows
}

var backWay = part.ReturnWay("652824", "1")

func wish(r tongue.Reader) page.Return {
	forms := map[string]part.Form{}
	for _, deed := range []string{"ask", "approve", "refuse", "call", "send", "receive", "withdraw"} {
		forms[deed] = part.Form{Action: backWay, Key: deed, ID: deed + "-"}
	}
	return page.Return{Frame: buyer(r, backWay), Market: "652824", ID: "1", Number: "YL-20261124-7F3K-1", As: page.AsBuyer, Currency: yuan, May: true, Forms: forms,
		Carriers: []part.Option{{Value: "post", Label: r.T("carrier.post")}, {Value: "sf", Label: r.T("carrier.sf")}},
		Lines: []page.ReturnLine{{ID: "back.1", Title: walnuts(r), Unit: "jin", Has: 5000, Sum: 13200, Until: days(5)},
			{ID: "back.2", Title: dates(r), Unit: "jin", Has: 2500, Sum: 4800, Until: days(5)}}}
}

func goingBack(r tongue.Reader, as, state string) page.Return {
	v := wish(r)
	v.May, v.As = false, as
	switch as {
	case page.AsSeller:
		v.Frame = grower(r, backWay)
	case page.AsOperator:
		v.Frame = operator(r, backWay)
	}
	c := page.ReturnCase{At: days(-4), Lines: []string{walnuts(r) + r.T("word.comma") + r.Both(2500, "jin")}, Pays: "buyer", May: map[string]bool{}, Seller: as == page.AsSeller,
		Text: in(r, "买多了，吃不完。没有拆过。", "I bought too much. It has not been opened."), Photos: []part.Picture{picture("walnut-paper-shell", "")}}
	c.State = state
	to := in(r, "吐尔逊，138 0000 0000，尉犁县兴平镇达西村 3 号", "Tursun, 138 0000 0000, 3 Daxi village, Xingping, Yuli")
	buyerMay, sellerMay, operatorMay := []string{}, []string{}, []string{}
	switch state {
	case "asked":
		c.Turn, c.Due = "seller", now.Add(20*time.Hour)
		buyerMay, sellerMay, operatorMay = []string{"withdraw"}, []string{"approve", "refuse"}, []string{"approve", "refuse"}
	case "objected":
		c.Turn, c.Due, c.Objection = "buyer", days(2), in(r, "包装拆过了，不好再卖。", "The packing was opened, so they cannot be sold again.")
		buyerMay, sellerMay, operatorMay = []string{"call", "withdraw"}, []string{"approve"}, []string{"approve", "refuse"}
	case "approved":
		c.Turn, c.Due, c.To, c.Approved = "buyer", days(6), to, true
		buyerMay = []string{"send", "withdraw"}
	case "approved, nowhere":
		c.State, c.Turn, c.Due, c.Approved = "approved", "seller", days(6), true
		buyerMay, sellerMay, operatorMay = []string{"send", "withdraw"}, []string{"approve"}, []string{"approve"}
	case "sent":
		c.Turn, c.Due, c.To, c.Approved, c.Sent, c.Carrier, c.Number = "seller", days(8), to, true, true, r.T("carrier.sf"), "SF1234567890123"
		sellerMay, operatorMay = []string{"receive", "refuse"}, []string{"receive", "refuse"}
	case "called":
		c.Turn, c.Objection = "operator", in(r, "包装拆过了，不好再卖。", "The packing was opened, so they cannot be sold again.")
		operatorMay = []string{"approve", "refuse"}
	case "called, sent", "called, came":
		c.State, c.Turn, c.To, c.Approved, c.Sent, c.Carrier, c.Number = "called", "operator", to, true, true, r.T("carrier.sf"), "SF1234567890123"
		if state == "called, came" {
			c.Came, c.Fate = true, "back"
		} else {
			c.Objection = in(r, "寄来的是别家的核桃。", "These are not the walnuts that I sold.")
		}
		operatorMay = []string{"receive", "refuse"}
	case "refunded":
		c.Back, c.Fate, c.To, c.Approved, c.Sent, c.Came, c.Carrier, c.Number = 6600, "back", to, true, true, true, r.T("carrier.sf"), "SF1234567890123"
	case "refused":
		c.Why = in(r, "照片上看得清楚，已经拆开吃过。", "The photos show that it was opened and eaten.")
	}
	for _, deed := range map[string][]string{page.AsBuyer: buyerMay, page.AsSeller: sellerMay, page.AsOperator: operatorMay}[as] {
		c.May[deed] = true
	}
	v.Cases = []page.ReturnCase{c}
	return v
}
