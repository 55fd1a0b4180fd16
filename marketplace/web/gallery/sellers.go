package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

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
			v.Earned, v.Expected, v.Months, v.States, v.NoBank, v.Unpaid, v.OnShelf, v.Gone = 0, 0, nil, nil, true, nil, 0, 0
			v.Clicks, v.Orders, v.Paid, v.Best = 0, 0, 0, nil
			return v.View()
		}},
		{"agent-desk", "suspended", func(r tongue.Reader) templ.Component {
			v := agent(r)
			v.State, v.Unpaid = "suspended", nil
			return v.View()
		}},
		{"agent-share", "full", func(r tongue.Reader) templ.Component { return share(r).View() }},
		{"agent-share", "empty shelf", func(r tongue.Reader) templ.Component {
			v := share(r)
			v.Goods, v.State = nil, "applied"
			return v.View()
		}},
		{"poster", "full", func(r tongue.Reader) templ.Component { return page.Poster{AgentShare: share(r)}.View() }},
		{"poster", "without goods", func(r tongue.Reader) templ.Component {
			v := share(r)
			v.Goods, v.Greeting = nil, ""
			return page.Poster{AgentShare: v}.View()
		}},
		{"agent-shelf", "full", func(r tongue.Reader) templ.Component { return agentShelf(r).View() }},
		{"agent-shelf", "empty", func(r tongue.Reader) templ.Component {
			v := agentShelf(r)
			v.On = nil
			return v.View()
		}},
		{"agent-shelf", "refused", func(r tongue.Reader) templ.Component {
			v := agentShelf(r)
			v.Greet = v.Greet.Refused(r, fault.Invalid("greeting", "too_long", fault.Args{"most": 140}), map[string]string{"greeting": long(r) + long(r)})
			v.Trouble = tongue.Fault(r, "shelf_full", fault.Args{"most": 60})
			return v.View()
		}},
		{"shelf", "full", func(r tongue.Reader) templ.Component { return publicShelf(r).View() }},
		{"shelf", "one, without a line", func(r tongue.Reader) templ.Component {
			v := publicShelf(r)
			v.Goods, v.Greeting = v.Goods[:1], ""
			return v.View()
		}},
		{"agent-orders", "full", func(r tongue.Reader) templ.Component { return agentOrders(r).View() }},
		{"agent-orders", "empty", func(r tongue.Reader) templ.Component {
			v := agentOrders(r)
			v.Rows, v.Next = nil, ""
			return v.View()
		}},
		{"agent-entries", "full", func(r tongue.Reader) templ.Component { return entries(r).View() }},
		{"agent-entries", "empty", func(r tongue.Reader) templ.Component {
			return page.AgentEntries{Frame: seller(r, part.AgentEntriesWay), Currency: yuan, StatementsHref: part.AgentStatementsWay}.View()
		}},
		{"statements", "full", func(r tongue.Reader) templ.Component { return statements(r).View() }},
		{"statements", "empty", func(r tongue.Reader) templ.Component {
			return page.Statements{Frame: seller(r, part.AgentStatementsWay), Desk: part.Agent, Currency: yuan, DeskHref: part.AgentWay}.View()
		}},
		{"statement", "closed", func(r tongue.Reader) templ.Component { return statement(r, part.Agent).View() }},
		{"statement", "running", func(r tongue.Reader) templ.Component {
			v := statement(r, part.Agent)
			v.Number, v.Running, v.Waiting, v.OnItsWay = "", true, 30420, 18000
			return v.View()
		}},
		{"statement", "quiet month", func(r tongue.Reader) templ.Component {
			return page.Statement{Frame: seller(r, part.AgentStatementsWay), Desk: part.Agent, Name: in(r, "马春兰", "Ma Chunlan"), Place: in(r, "尉犁县集市", "Yuli county market"), Month: days(-31), Currency: yuan, Running: true, ListHref: part.AgentStatementsWay, DeskHref: part.AgentWay}.View()
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
		Link: shareLink, Code: "CHUNLN", Earned: 321520, Expected: 64000, Low: 300000, High: 500000, Currency: yuan, Window: 30,
		Months: []part.Month{{At: days(-152), Minor: 186000}, {At: days(-122), Minor: 214000}, {At: days(-92), Minor: 292000}, {At: days(-61), Minor: 348000}, {At: days(-31), Minor: 426060}, {At: now, Minor: 321520, Expected: 64000}},
		Clicks: 1284, Orders: 96, Paid: 88, OnShelf: 7, Gone: 1, Unpaid: rows(r, true)[:1], StatementHref: part.StatementWay(part.AgentStatementsWay, "2026-11"),
		Best: []page.BestGoods{{Title: walnuts(r), Picture: picture("walnut-paper-shell", ""), Orders: 41, Minor: 128460}, {Title: dates(r), Picture: picture("red-dates", ""), Orders: 22, Minor: 61420},
			{Title: in(r, "香梨，5 斤一箱", "Pears, box of 5 jin"), Picture: picture("fragrant-pear", ""), Orders: 1, Minor: 40240}},
	}
	v.States = commissionStates()
	return v
}

const shareLink = "https://market.example/s/CHUNLN"

func commissionStates() []page.CommissionState {
	var out []page.CommissionState
	for i, state := range []string{"paid", "reserved", "payable", "pending", "earned", "frozen", "estimated", "void"} {
		due := days(4 + i)
		if state == "paid" || state == "void" {
			due = days(-3 - i) // it has happened
		}
		out = append(out, page.CommissionState{State: state, Count: int64(i + 1), Minor: int64(81200 - i*7130), Due: due})
	}
	return out
}

func entries(r tongue.Reader) page.AgentEntries {
	v := page.AgentEntries{Frame: seller(r, part.AgentEntriesWay), Currency: yuan, States: commissionStates(), Next: "?after=a", StatementsHref: part.AgentStatementsWay}
	for i, s := range v.States {
		v.Entries = append(v.Entries, page.Entry{
			Number: "YL-7F3K-1", OrderHref: part.OrderWay("652824", "1"), Goods: in(r, "纸皮核桃 10 斤", "Walnuts, 10 jin"), At: days(-i), State: s.State, Kind: "earn",
			Base: 13200, Rate: 700, Minor: 924, Rule: in(r, "零售 7%，第 1 版", "Retail 7%, version 1"), Due: days(4 + i),
		})
	}
	v.Entries[2].Minor, v.Entries[2].Kind, v.Entries[2].Why = -18, "reversal", in(r, "少装 0.2 斤，退了 ¥2.64", "0.2 jin less packed, ¥2.64 refunded")
	return v
}

func share(r tongue.Reader) page.AgentShare {
	v := page.AgentShare{Frame: seller(r, part.AgentShareWay), Name: in(r, "马春兰", "Ma Chunlan"), Code: "CHUNLN", State: "active", Link: shareLink, Window: 30,
		Greeting: in(r, "都是我们镇上乡亲自己种的，我一家一家尝过。", "All grown in our own town; I tasted every one of them."), ShelfHref: part.AgentShelfWay, PosterHref: part.AgentPosterWay, CodeHref: part.AgentWay + "/qr.png"}
	for _, g := range cards(r)[:4] {
		v.Goods = append(v.Goods, page.ShareGoods{Goods: g, Link: shareLink + "/YL-AZq3kP0wcR6dO5u0m1r2Aw", CodeHref: part.AgentWay + "/qr.png"})
	}
	return v
}

func agentShelf(r tongue.Reader) page.AgentShelf {
	v := page.AgentShelf{Frame: seller(r, part.AgentShelfWay), State: "active", Link: shareLink, Href: part.LinkWay("CHUNLN"), Most: 60, Long: 140, Action: part.AgentShelfWay, SearchHref: part.AgentShelfWay, Market: "1", Next: "?after=a",
		Greet: part.Form{Action: part.AgentShelfWay, Key: "k", Values: map[string]string{"greeting": share(r).Greeting}}}
	all := cards(r)
	for i, g := range all[:3] {
		v.On = append(v.On, page.OnShelf{Goods: g, Market: "1", ID: string(rune('1' + i)), First: i == 0})
	}
	v.On = append(v.On, page.OnShelf{Goods: part.Goods{Title: r.T("shelf.gone")}, Market: "1", ID: "9", Last: true, Gone: true})
	for i, g := range all[3:] {
		v.Offered = append(v.Offered, page.OnShelf{Goods: g, Market: "1", ID: string(rune('5' + i))})
	}
	return v
}

func publicShelf(r tongue.Reader) page.Shelf {
	return page.Shelf{Frame: visit(r, part.LinkWay("CHUNLN")), Name: in(r, "马春兰", "Ma Chunlan"), Greeting: share(r).Greeting, Code: "CHUNLN", Goods: cards(r)}
}

func agentOrders(r tongue.Reader) page.AgentOrders {
	v := page.AgentOrders{Frame: seller(r, part.AgentOrdersWay), Currency: yuan, Next: "?after=a"}
	for i, word := range []string{"all", "unpaid", "open", "done", "ended"} {
		v.Chips = append(v.Chips, part.Chip{Word: r.T("agent_orders." + word), Href: "?state=" + word, On: i == 0})
	}
	for i, row := range rows(r, true) {
		v.Rows = append(v.Rows, page.AgentOrder{OrderRow: row, Mine: int64(924 + 100*i)})
	}
	return v
}
