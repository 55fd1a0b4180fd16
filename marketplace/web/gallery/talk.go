package gallery

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// talks are what the sides of an order write to each other.
func talks() []Shown {
	var out []Shown
	for _, as := range []string{page.AsBuyer, page.AsSeller, page.AsAgent, page.AsOperator} {
		out = append(out, Shown{"talk", as, func(r tongue.Reader) templ.Component { return chat(r, as).View() }})
	}
	return append(out,
		Shown{"talk", "empty", func(r tongue.Reader) templ.Component {
			v := chat(r, page.AsBuyer)
			v.Messages = nil
			return v.View()
		}},
		Shown{"talk", "called", func(r tongue.Reader) templ.Component {
			v := chat(r, page.AsBuyer)
			v.Called = "outside"
			return v.View()
		}},
		Shown{"talk", "over", func(r tongue.Reader) templ.Component {
			v := chat(r, page.AsSeller)
			v.Open = false
			return v.View()
		}},
		Shown{"talk", "refused", func(r tongue.Reader) templ.Component {
			v := chat(r, page.AsBuyer)
			v.Say = v.Say.Refused(r, fault.All(fault.Invalid("text", "too_long", fault.Args{"most": 1000}), fault.Invalid("photo", "photo_unreadable")), map[string]string{"text": long(r)})
			return v.View()
		}},
		Shown{"talk", "called without a reason", func(r tongue.Reader) templ.Component {
			v := chat(r, page.AsBuyer)
			v.Call = v.Call.Refused(r, fault.Invalid("why", "required"), nil)
			return v.View()
		}},
		Shown{"talk", "long", func(r tongue.Reader) templ.Component {
			v := chat(r, page.AsBuyer)
			v.Messages[0].Text, v.Messages[1].Who = long(r)+long(r)+"https://market.example/"+long(r), long(r)
			return v.View()
		}},
		Shown{"talks", "own", func(r tongue.Reader) templ.Component { return talkList(r, page.AsBuyer).View() }},
		Shown{"talks", "seller", func(r tongue.Reader) templ.Component { return talkList(r, page.AsSeller).View() }},
		Shown{"talks", "operator", func(r tongue.Reader) templ.Component { return talkList(r, page.AsOperator).View() }},
		Shown{"talks", "empty", func(r tongue.Reader) templ.Component {
			v := talkList(r, page.AsSeller)
			v.Rows = nil
			return v.View()
		}},
		Shown{"order", "seller, with new messages", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsSeller, "accepted")
			v.Talk = page.TalkSign{Shown: true, Messages: 4, Fresh: 2}
			return v.View()
		}},
		Shown{"order", "buyer, nothing written", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "accepted")
			v.Talk = page.TalkSign{Shown: true}
			return v.View()
		}},
		Shown{"producer-desk", "messages wait", func(r tongue.Reader) templ.Component {
			v := producer(r)
			v.Talks, v.TalksHref = 2, part.ProducerTalksWay
			v.Disputes, v.DisputeHref, v.DisputeDue = 1, part.DisputeWay("1", "1"), days(2)
			return v.View()
		}},
	)
}

var talkWay = part.TalkWay("652824", "1")

func chat(r tongue.Reader, as string) page.Talk {
	v := page.Talk{Frame: buyer(r, talkWay), Market: "652824", ID: "1", Number: "YL-20261124-7F3K-1", As: as, Open: true,
		Say: part.Form{Action: talkWay, Key: "k", ID: "say-"}, Call: part.Form{Action: talkWay, Key: "k", ID: "call-"}, Leave: part.Form{Action: talkWay, Key: "k", ID: "leave-"}}
	switch as {
	case page.AsSeller:
		v.Frame = grower(r, talkWay)
	case page.AsOperator:
		v.Frame, v.Called = operator(r, talkWay), "rude"
	}
	v.Messages = []page.Message{
		{As: page.AsBuyer, Who: in(r, "陈女士", "Ms Chen"), At: days(-3), Seen: true, Text: in(r, "周末家里没人，能不能放到门卫那里？\n谢谢！", "Nobody is at home at the weekend. Could it be left at the gate?\nThank you!")},
		{As: page.AsSeller, Who: in(r, "吐尔逊·买买提", "Tursun Memet"), At: days(-2), Seen: true, Text: in(r, "可以，我写在单子上。箱子是这样的。", "Yes, I will write it on the label. The boxes look like this."), Photos: []part.Picture{picture("walnut-paper-shell", "")}},
		{As: page.AsAgent, Who: in(r, "马春兰", "Ma Chunlan"), At: now.Add(-2 * time.Hour), Text: in(r, "我明天去村里，帮您看一眼。", "I am in the village tomorrow and will have a look.")},
	}
	for i := range v.Messages {
		v.Messages[i].Mine = v.Messages[i].As == as
	}
	return v
}

func talkList(r tongue.Reader, as string) page.Talks {
	v := page.Talks{Frame: buyer(r, part.MessagesWay), Head: part.Head{Here: "orders"}, Lead: r.T("talks.lead_own")}
	switch as {
	case page.AsSeller:
		v.Frame, v.Head, v.Lead = grower(r, part.ProducerTalksWay), part.Head{Desk: part.Producer, Here: "orders"}, r.T("talks.lead_seller")
	case page.AsOperator:
		v.Frame, v.Head, v.Lead = operator(r, part.TalksWay), part.Head{Desk: part.Operator, Here: "money"}, r.T("talks.lead_operator")
	}
	v.Head.Title = r.T("talks.title")
	other := in(r, "陈女士", "Ms Chen")
	if as == page.AsBuyer {
		other = in(r, "吐尔逊·买买提", "Tursun Memet")
	}
	for i, why := range []string{"rude", "outside", "help"} {
		row := page.TalkRow{Href: talkWay, Number: "YL-20261124-7F3K-1", Other: other, Goods: walnuts(r), Messages: 3 - i, Fresh: 2 - i, At: days(-i)}
		if as == page.AsOperator {
			row.Why = why
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
