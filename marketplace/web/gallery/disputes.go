package gallery

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func disputes() []Shown {
	var out []Shown
	for _, as := range []string{page.AsBuyer, page.AsSeller, page.AsOperator} {
		for _, state := range []string{"open", "silent", "answered", "offered", "escalated", "withdrawn", "settled", "decided", "cancelled"} {
			out = append(out, Shown{"dispute", as + ", " + state, func(r tongue.Reader) templ.Component { return complaint(r, as, state).View() }})
		}
	}
	return append(out,
		Shown{"dispute", "begin", func(r tongue.Reader) templ.Component { return beginning(r).View() }},
		Shown{"dispute", "begin, on its way", func(r tongue.Reader) templ.Component {
			v := beginning(r)
			v.Missing, v.Lines = true, v.Lines[:1]
			return v.View()
		}},
		Shown{"dispute", "begin, refused", func(r tongue.Reader) templ.Component {
			v := beginning(r)
			v.Forms["open"] = v.Forms["open"].Refused(r, fault.All(fault.Invalid("text", "required"), fault.Invalid("photo", "photo_unreadable"), fault.Invalid("reason", "required")), map[string]string{"line.1": "yes"})
			return v.View()
		}},
		Shown{"dispute", "operator, refused", func(r tongue.Reader) templ.Component {
			v := complaint(r, page.AsOperator, "escalated")
			v.Forms["decide"] = v.Forms["decide"].Refused(r, fault.All(fault.Invalid("line.1", "refund_too_large", fault.Args{"left": int64(13200), "currency": yuan}), fault.Invalid("why", "required"), fault.Invalid("sure", "dispute_look_first")), map[string]string{"line.1": "999"})
			return v.View()
		}},
		Shown{"dispute", "nothing to say", func(r tongue.Reader) templ.Component {
			v := beginning(r)
			v.Frame, v.As, v.May = grower(r, way), page.AsSeller, false
			return v.View()
		}},
		Shown{"dispute", "long, and one before it", func(r tongue.Reader) templ.Component {
			v := complaint(r, page.AsBuyer, "offered")
			v.Cases[0].Lines[0], v.Cases[0].Words[0].Text, v.Cases[0].Words[1].Who = long(r), long(r)+long(r)+long(r), long(r)
			before := complaint(r, page.AsBuyer, "decided").Cases[0]
			before.Words = before.Words[:1]
			v.Cases = append(v.Cases, before)
			return v.View()
		}},
		Shown{"order", "buyer, complained of", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "delivered")
			v.Dispute, v.May.Confirm = "open", false
			return v.View()
		}},
		Shown{"order", "buyer, may complain", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "completed")
			v.Dispute = "may"
			return v.View()
		}},
		Shown{"disputes", "full", func(r tongue.Reader) templ.Component {
			v := page.Disputes{Frame: operator(r, part.DisputesWay)}
			for i, state := range []string{"escalated", "open", "silent", "answered", "offered"} {
				row := page.DisputeRow{Href: way, Number: "YL-20261124-7F3K-1", Seller: in(r, "吐尔逊·买买提", "Tursun Memet"), Reason: []string{"damaged", "not_arrived", "less", "quality", "wrong"}[i], State: state, At: days(-i - 1), Yours: i == 0}
				if i > 0 {
					row.Due = days(i)
				}
				v.Rows = append(v.Rows, row)
			}
			return v.View()
		}},
		Shown{"disputes", "empty", func(r tongue.Reader) templ.Component {
			return page.Disputes{Frame: operator(r, part.DisputesWay)}.View()
		}},
	)
}

var way = part.DisputeWay("652824", "1")

func complaintForms() map[string]part.Form {
	forms := map[string]part.Form{}
	for _, deed := range []string{"open", "say", "take", "escalate", "withdraw", "decide"} {
		forms[deed] = part.Form{Action: way, Key: deed, ID: deed + "-"}
	}
	return forms
}

func beginning(r tongue.Reader) page.Dispute {
	return page.Dispute{Frame: buyer(r, way), Market: "652824", ID: "1", Number: "YL-20261124-7F3K-1", As: page.AsBuyer, Currency: yuan, May: true,
		Lines: []page.DisputeLine{{ID: "line.1", Title: walnuts(r), Left: 13200}, {ID: "line.2", Title: dates(r), Left: 4800}}, Forms: complaintForms()}
}

func complaint(r tongue.Reader, as, state string) page.Dispute {
	v := beginning(r)
	v.May, v.As = false, as
	switch as {
	case page.AsSeller:
		v.Frame = grower(r, way)
	case page.AsOperator:
		v.Frame = operator(r, way)
	}
	buyer, seller := in(r, "陈女士", "Ms Chen"), in(r, "吐尔逊·买买提", "Tursun Memet")
	c := page.DisputeCase{State: state, Reason: "damaged", Lines: []string{walnuts(r)}, At: days(-4), May: map[string]bool{}, Words: []page.DisputeWord{{
		As: page.AsBuyer, Who: buyer, At: days(-4), Text: in(r, "箱子压扁了，有一半的核桃碎了。\n拍了两张。", "The box was crushed and half of the walnuts are broken.\nTwo photos."),
		Photos: []part.Picture{picture("walnut-paper-shell", ""), picture("red-dates", "")}}}}
	if state != "open" && state != "silent" && state != "cancelled" {
		answer := page.DisputeWord{As: page.AsSeller, Who: seller, At: days(-2), Text: in(r, "装的时候是好的，路上压了。", "They were fine when I packed them; it happened on the way.")}
		if state == "offered" || state == "settled" {
			c.Offer, answer.Offer = 3000, 3000
		}
		c.Words = append(c.Words, answer)
	}
	turn := map[string]string{"open": "seller", "silent": "buyer", "answered": "buyer", "offered": "buyer", "escalated": "operator"}
	c.Turn = turn[state]
	switch state {
	case "open":
		c.Due = now.Add(20 * time.Hour)
	case "silent", "answered", "offered":
		c.Due = days(4)
	case "settled":
		c.Back, c.Goods = 3000, "kept"
	case "decided":
		c.Back, c.Goods, c.Why = 6600, "lost", in(r, "照片看得清楚，一半碎了，退一半。", "The photos are clear: half of it is broken, so half goes back.")
	}
	if c.Turn != "" {
		c.May["say"] = true
		c.May["withdraw"] = as == page.AsBuyer
		c.May["take"] = as == page.AsBuyer && c.Offer > 0
		c.May["escalate"] = as == page.AsBuyer && c.Turn == "buyer" || as == page.AsSeller && (state == "answered" || state == "offered")
		c.May["decide"] = as == page.AsOperator
		c.Offers = as == page.AsSeller
		c.Decides = append(slices.Clone(v.Lines[:1]), page.DisputeLine{ID: "line.charge-1", Title: r.T("charge.delivery"), Left: 2600})
	}
	v.Cases = []page.DisputeCase{c}
	return v
}
