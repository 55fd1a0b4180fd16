package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// banking are the pages of paying out and of the bank's side.
func banking() []Shown {
	return []Shown{
		{"payout-rules", "full", func(r tongue.Reader) templ.Component { return payoutRules(r).View() }},
		{"payout-rules", "without an account, refused", func(r tongue.Reader) templ.Component {
			v := payoutRules(r)
			v.NoBank = true
			v.Form = v.Form.Refused(r, fault.All(fault.Conflict("payout_from_missing").On("layout"), fault.Invalid("every_days", "days_between", fault.Args{"least": 1, "most": 31})),
				map[string]string{"layout": "pain.001.001.03", "every_days": "40"})
			return v.View()
		}},
		{"payee-accounts", "full", func(r tongue.Reader) templ.Component { return payeeAccounts(r).View() }},
		{"payee-accounts", "refused", func(r tongue.Reader) templ.Component {
			v := payeeAccounts(r)
			v.All[0].Restrict = v.All[0].Restrict.Refused(r, fault.Invalid("why", "required"), map[string]string{})
			return v.View()
		}},
		{"bank-side", "full", func(r tongue.Reader) templ.Component { return bankSide(r).View() }},
		{"bank-side", "file refused", func(r tongue.Reader) templ.Component {
			v := bankSide(r)
			v.Form = v.Form.Refused(r, fault.Invalid("file", "statement_columns"), nil)
			return v.View()
		}},
		{"bank-side", "refused", func(r tongue.Reader) templ.Component {
			v := bankSide(r)
			v.Lines[0].Form = v.Lines[0].Form.Refused(r, fault.Conflict("line_taken"), map[string]string{"say": "payment:1"})
			v.Statements[0].Form = v.Statements[0].Form.Refused(r, fault.Invalid("why", "required"), map[string]string{})
			return v.View()
		}},
		{"bank-side", "empty", func(r tongue.Reader) templ.Component {
			return page.BankSide{Frame: operator(r, part.BooksWay), Form: part.Form{Action: "/", Key: "k"}, Currency: yuan}.View()
		}},
		{"gateway-side", "full", func(r tongue.Reader) templ.Component { return gatewaySide(r).View() }},
		{"gateway-side", "refused", func(r tongue.Reader) templ.Component {
			v := gatewaySide(r)
			v.Lines[0].Form = v.Lines[0].Form.Refused(r, fault.Conflict("line_sum").On("say"), map[string]string{"say": "refund:every"})
			v.Now = v.Now.Refused(r, fault.Conflict("not_the_keeper"), nil)
			return v.View()
		}},
		{"gateway-side", "of another market", func(r tongue.Reader) templ.Component {
			return page.GatewaySide{Frame: operator(r, part.BooksWay), Keeper: in(r, "尉犁县集市", "Yuli county market")}.View()
		}},
		{"gateway-side", "empty", func(r tongue.Reader) templ.Component {
			return page.GatewaySide{Frame: operator(r, part.BooksWay)}.View()
		}},
		{"months", "full", func(r tongue.Reader) templ.Component { return months(r).View() }},
		{"months", "refused", func(r tongue.Reader) templ.Component {
			v := months(r)
			v.Rows[4].Form = v.Rows[4].Form.Refused(r, fault.Invalid("why", "required"), map[string]string{})
			return v.View()
		}},
		{"months", "empty", func(r tongue.Reader) templ.Component {
			return page.Months{Frame: operator(r, part.BooksWay), Books: part.BooksWay, Currency: yuan}.View()
		}},
		{"sales", "full", func(r tongue.Reader) templ.Component { return sales(r).View() }},
		{"sales", "of a month that runs", func(r tongue.Reader) templ.Component {
			v := sales(r)
			v.Runs, v.Of, v.Category, v.Producer, v.Agent, v.Next = true, days(0), v.Category[:1], v.Producer[:1], nil, ""
			v.Months = v.Months[:1]
			return v.View()
		}},
		{"sales", "of a month without any", func(r tongue.Reader) templ.Component {
			v := sales(r)
			v.Of, v.Category, v.Producer, v.Agent = days(-365), nil, nil, nil
			return v.View()
		}},
		{"sales", "empty", func(r tongue.Reader) templ.Component {
			return page.Sales{Frame: operator(r, part.BooksWay), Books: part.BooksWay, Currency: yuan}.View()
		}},
		{"payee-accounts", "empty", func(r tongue.Reader) templ.Component {
			return page.PayeeAccounts{Frame: operator(r, part.PayoutsWay), Back: part.PayoutsWay}.View()
		}},
	}
}

func payoutRules(r tongue.Reader) page.PayoutRules {
	return page.PayoutRules{Frame: operator(r, part.PayoutsWay), Back: part.PayoutsWay, Layouts: []string{"csv", "pain.001.001.03", "pain.001.001.09"}, Market: "/", Currency: yuan,
		Form: part.Form{Action: "/", Key: "k", Values: map[string]string{"layout": "csv", "minimum": "10.00", "large": "10000.00", "every_days": "7", "by_itself": "yes"}}}
}

func payeeAccounts(r tongue.Reader) page.PayeeAccounts {
	form := func(name string) part.Form { return part.Form{Action: "/", Key: name, ID: name} }
	row := func(id, name, state string) page.PayeeAccount {
		return page.PayeeAccount{ID: id, Name: name, Kind: "producer", Holder: in(r, "古丽娜尔·买买提", "Gulnar Memet"), Bank: in(r, "农业银行尉犁县支行", "Agricultural Bank, Yuli"), Tail: "7731",
			State: state, SetAt: days(-4), Usable: days(2), Check: form("c" + id), Free: form("f" + id), Restrict: form("r" + id)}
	}
	stopped, own := row("2", long(r), "restricted"), row("3", in(r, "李会计", "Li Wen"), "pending")
	stopped.Why = in(r, "电话里说卡丢了", "said on the phone that the card was lost")
	own.Mine = true
	return page.PayeeAccounts{Frame: operator(r, part.PayoutsWay), Back: part.PayoutsWay, Action: "/", Next: "?after=a",
		ToCheck: []page.PayeeAccount{row("1", in(r, "古丽家的核桃", "Guli’s walnuts"), "pending"), stopped, own},
		All:     []page.PayeeAccount{row("4", in(r, "吐尔逊·买买提", "Tursun Memet"), "active"), row("5", in(r, "马春兰", "Ma Chunlan"), "cooling")}}
}

func months(r tongue.Reader) page.Months {
	v := page.Months{Frame: operator(r, part.BooksWay), Books: part.BooksWay, Action: "/", Currency: yuan}
	for i, state := range []string{"runs", "open", "closing", "reopening", "closed", "closing"} {
		row := page.MonthRow{Month: days(-30 * i).Format("2006-01"), First: days(-30 * i), State: state, By: in(r, "李会计", "Li Wen"), At: days(-2), CSV: "/", Book: "/", Key: "k",
			Form: part.Form{Action: "/", Key: "k", ID: "m" + state}}
		switch state {
		case "closed":
			row.Agreed, row.AgreedAt, row.Entries, row.Sum = in(r, "王站长", "Wang Jun"), days(-1), 4128, 61_030_255
		case "reopening":
			row.Why, row.Entries, row.Sum = long(r), 3900, 58_000_000
		}
		row.Mine = i == 5
		v.Rows = append(v.Rows, row)
	}
	return v
}

func sales(r tongue.Reader) page.Sales {
	row := func(name string, count, sold int64) page.SalesRow {
		return page.SalesRow{Name: name, Count: count, Sold: sold, Producers: sold * 92 / 100, Agents: sold * 5 / 100, Rest: sold - sold*92/100 - sold*5/100}
	}
	v := page.Sales{Frame: operator(r, part.BooksWay), Books: part.BooksWay, Currency: yuan, Of: days(-30), CSV: "/", Book: "/", Most: 3, Next: "?before=2025-12",
		Sum:      row("", 1412, 12_488_150),
		Category: []page.SalesRow{row(in(r, "核桃", "Walnuts"), 812, 8_122_040), row(in(r, "红枣", "Jujubes"), 590, 4_330_110), row(r.T("sales.charges"), 10, 36_000)},
		Producer: []page.SalesRow{row(in(r, "古丽家的核桃", "Guli’s walnuts"), 410, 5_120_000), row(long(r), 300, 4_400_100), row(in(r, "吐尔逊·买买提", "Tursun Memet"), 1, -12_000)},
		Agent:    []page.SalesRow{row(in(r, "马春兰", "Ma Chunlan"), 210, 2_410_000)}}
	for i := range 12 {
		v.Months = append(v.Months, page.SalesMonth{Href: "/", First: days(-30 * i), Runs: i == 0, SalesRow: row("", int64(1500-90*i), int64(13_000_000-900_000*i))})
	}
	return v
}

func bankSide(r tongue.Reader) page.BankSide {
	say := []part.Option{{Label: r.T("bank_side.choose")}, {Value: "payment:1", Label: r.T("bank_deed.payment") + " · CF7K3M9QXZ · ¥130.00"}, {Value: "unclaimed:", Label: r.T("bank_deed.unclaimed")}}
	form := func(id string) part.Form { return part.Form{Action: "/", Key: "k", ID: id} }
	return page.BankSide{Frame: operator(r, part.BooksWay), Form: form("u"), Currency: yuan, LineWay: "/", DifferWay: "/",
		Lines: []page.BankLine{
			{ID: "1", Reference: "2026112400117731", Party: in(r, "王芳", "Wang Fang"), Words: in(r, "买核桃 CF7K3M9QXZ", "walnuts CF7K3M9QXZ"), On: days(-1), Minor: 12_000, Options: say, Form: form("l1-")},
			{ID: "2", Reference: "2026112400118888", Party: long(r), Words: in(r, "退汇 账号户名不符", "returned, another name"), On: days(-1), Minor: 161_100, Back: true, Options: say, Form: form("l2-")},
			{ID: "3", Reference: "F-11", On: days(-2), Minor: -350, Options: say, Form: form("l3-")}},
		Nobodys: []page.BankLine{
			{ID: "4", Reference: "2026111400110077", Party: in(r, "王芳", "Wang Fang"), Words: in(r, "鸡蛋", "eggs"), On: days(-12), Minor: 700, Story: "/", Form: form("n4-")},
			{ID: "5", Reference: "2026111300110078", Words: long(r), On: days(-13), Minor: 130_000, Story: "/",
				Form: part.Form{Action: "/", Key: "k", ID: "n5-", Values: map[string]string{"number": "YL-0000"}, Faults: map[string]string{"number": r.T("fault.no_such_payment")}}}},
		Statements: []page.BankStatement{
			{ID: "1", Name: "2026-11-23", Until: days(-1), Lines: 118, Said: true, Bank: 41_280_600, Books: 41_279_600, Differ: 1000, Form: form("s1-")},
			{ID: "2", Name: "2026-11-22", Until: days(-2), Lines: 97, Said: true, Bank: 40_100_000, Books: 39_988_000, Open: 112_000, Form: form("s2-")},
			{ID: "3", Name: "2026-11-21", Until: days(-3), Lines: 80, Said: true, Bank: 40_000_000, Books: 40_000_000, Recon: 1000, Why: in(r, "开户时账上就有 10 元", "¥10 lay there when it was opened"), Form: form("s3-")},
			{ID: "4", Name: "stmt.csv", Until: days(-4), Lines: 3, Form: form("s4-")}},
		Recent: []page.BankDone{{On: days(-1), Reference: "2026112400110001", Deed: "payment", Minor: 13_000}, {On: days(-1), Reference: "2026112400110002", Deed: "payout", Minor: -161_100}}}
}

func gatewaySide(r tongue.Reader) page.GatewaySide {
	form := func(id string) part.Form { return part.Form{Action: "/", Key: "k", ID: id} }
	choose := part.Option{Label: r.T("gateway_side.choose")}
	say := func(deeds ...string) []part.Option {
		all := []part.Option{choose}
		for _, deed := range deeds {
			all = append(all, part.Option{Value: deed + ":", Label: r.T("gateway_deed." + deed)})
		}
		return all
	}
	refund := append([]part.Option{choose, {Value: "refund:every", Label: r.T("gateway_side.every")}, {Value: "refund:1", Label: in(r, "薄皮核桃 · 剩 ¥130.00 · XJYL-7K3M9QXZ", "Walnuts · ¥130.00 left · XJYL-7K3M9QXZ")}}, say("recon")[1:]...)
	return page.GatewaySide{Frame: operator(r, part.BooksWay), Now: form("now"), Way: "/",
		Lines: []page.GatewayLine{
			{ID: "1", Kind: "refund", Object: "re_3OJk2eLkdIwHu7ix0S7VnR3z", At: days(-1), Minor: -3_000, Currency: yuan, Why: "which_lines", Options: refund, Form: form("l1-")},
			{ID: "2", Kind: "payout", Object: "po_1OJk2eLkdIwHu7ix", At: days(-1), Minor: -700_000, Currency: yuan, Why: "banked", Options: say("payout", "booked"), Form: form("l2-")},
			{ID: "3", Kind: "unknown", Object: "", Words: long(r), At: days(-2), Minor: -50_000, Recon: -50_000, Currency: yuan, Differs: true, Options: say("fee", "bank", "capital", "booked"), Form: form("l3-")},
			{ID: "4", Kind: "charge", Object: "ch_3OJk2eLkdIwHu7ix0S7VnR3z", At: days(-3), Minor: 1_999, Currency: "USD", Why: "currency", Options: say("booked"), Form: form("l4-")}},
		Runs: []page.GatewayRun{{Gateway: "stripe", Began: days(0), Lines: 214, Runs: true}, {Gateway: "stripe", Began: days(-1), Lines: 1_180}},
		Recent: []page.GatewayDone{{At: days(-1), Kind: "charge", Object: "ch_3OJk2eLkdIwHu7ix", Deed: "known", Currency: yuan, Minor: 12_558}, {At: days(-1), Kind: "fee", Deed: "fee", Currency: yuan, Minor: -777},
			{At: days(-2), Kind: "payout", Object: "po_1OJk2eLkdIwHu7iy", Deed: "payout", Currency: yuan, Minor: -1_204_000}}}
}
