package gallery

import (
	"slices"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
)

func operators() []Shown {
	return append([]Shown{
		{"operator-desk", "full", func(r tongue.Reader) templ.Component { return desk(r).View() }},
		{"operator-desk", "books do not balance", func(r tongue.Reader) templ.Component {
			v := desk(r)
			v.Audit.OK = false
			v.Services[1].State, v.Services[3].State = "down", "slow"
			return v.View()
		}},
		{"operator-desk", "everything waits", func(r tongue.Reader) templ.Component { return everything(r).View() }},
		{"operator-desk", "empty", func(r tongue.Reader) templ.Component {
			return page.OperatorDesk{Frame: operator(r, part.OperatorWay), Audit: page.Audit{OK: true}, Currency: yuan}.View()
		}},
		{"offline", "full", func(r tongue.Reader) templ.Component { return offline(r).View() }},
		{"offline", "empty", func(r tongue.Reader) templ.Component {
			return page.Offline{Frame: operator(r, part.OfflineWay), Currency: yuan}.View()
		}},
		{"jobs", "full", func(r tongue.Reader) templ.Component {
			return page.Jobs{Frame: operator(r, part.JobsWay), Due: 14, Late: 340, Form: part.Form{Action: part.JobsWay}, Failed: []page.Job{
				{ID: "1", Name: "payment:refund", Error: "gateway: connection refused (attempt 8 of 8)", Tries: 8, At: days(-1), Key: "a"},
				{ID: "2", Name: "order:expire", Error: "order_move allowed=cancelled from=secured to=expired", Tries: 1, At: days(-2), Key: "b"},
			}}.View()
		}},
		{"jobs", "the platform's too", func(r tongue.Reader) templ.Component {
			return page.Jobs{Frame: operator(r, part.JobsWay), Form: part.Form{Action: part.JobsWay}, All: true, PlatformDue: 3, PlatformLate: 7200, Platform: []page.Job{
				{ID: "3", Name: "search:rebuild", Error: "search_down: dial tcp 127.0.0.1:7700: connection refused", Tries: 20, At: days(-1), Key: "c"},
			}}.View()
		}},
		{"jobs", "empty", func(r tongue.Reader) templ.Component {
			return page.Jobs{Frame: operator(r, part.JobsWay)}.View()
		}},
		{"people", "full", func(r tongue.Reader) templ.Component { return people(r).View() }},
		{"person", "full", func(r tongue.Reader) templ.Component { return person(r).View() }},
		{"person", "refused", func(r tongue.Reader) templ.Component {
			v := person(r)
			v.Roles, v.Members = nil, nil
			v.Give = v.Give.Refused(r, fault.Invalid("region", "role_region"), map[string]string{"role": "clerk"})
			return v.View()
		}},
		{"trail", "full", func(r tongue.Reader) templ.Component { return trails(r).View() }},
		{"trail", "empty", func(r tongue.Reader) templ.Component {
			v := trails(r)
			v.Rows, v.Next = nil, ""
			return v.View()
		}},
		{"refunds", "money waits", func(r tongue.Reader) templ.Component { return unclaimed(r, part.Form{}).View() }},
		{"refunds", "money waits, evidence refused", func(r tongue.Reader) templ.Component {
			return unclaimed(r, part.Form{}.Refused(r, fault.Invalid("evidence", "required"), nil)).View()
		}},
		{"try-rules", "tried", func(r tongue.Reader) templ.Component { return tried(r).View() }},
		{"try-rules", "no rule fits", func(r tongue.Reader) templ.Component {
			v := tried(r)
			v.Rows, v.Agent, v.Producer = v.Rows[:1], 0, 19400
			return v.View()
		}},
		{"people", "nobody", func(r tongue.Reader) templ.Component {
			v := people(r)
			v.Query, v.Rows = in(r, "没有这个人", "no one"), nil
			return v.View()
		}},
		{"applications", "full", func(r tongue.Reader) templ.Component {
			return page.Applications{Frame: operator(r, part.ApplicationsWay), Form: part.Form{Action: part.ApplicationsWay}, Rows: []page.Application{
				{ID: "1", Name: in(r, "帕提曼·艾山", "Patiman Hasan"), Place: in(r, "塔里木乡", "Tarim township"), About: in(r, "我在乡里开小店，认识二十多户种枣的，常帮他们在群里卖。", "I run a small shop, know twenty date growers and often sell for them in chat groups."), At: days(-1), Key: "a"},
				{ID: "2", Name: long(r), Place: long(r), About: long(r) + "\n" + long(r), At: days(-2), Key: "b"},
			}}.View()
		}},
		{"applications", "empty", func(r tongue.Reader) templ.Component {
			return page.Applications{Frame: operator(r, part.ApplicationsWay)}.View()
		}},
		{"books", "balanced", func(r tongue.Reader) templ.Component { return books(r, true).View() }},
		{"books", "not balanced", func(r tongue.Reader) templ.Component { return books(r, false).View() }},
	}, append(paying(), markets()...)...)
}

func desk(r tongue.Reader) page.OperatorDesk {
	wait := func(key, kind string, n, minor int64) page.Wait {
		return page.Wait{Key: key, Kind: kind, Href: part.OperatorWay, Due: page.Due{Count: n, Minor: minor}}
	}
	return page.OperatorDesk{
		Frame: operator(r, part.OperatorWay), Waits: []page.Wait{wait("jobs", "bad", 2, 0), wait("offline", "wait", 3, 91800), wait("payable", "info", 142, 18642060), wait("sent", "wait", 1, 0), wait("agents", "", 1, 0)},
		Audit: page.Audit{At: days(0), OK: true, Alarms: []page.AuditAlarm{{Name: "own money below zero"}}}, Owed: 39621000, Own: 1659600, Currency: yuan, Orders: rows(r, true)[:5],
		Services: []page.Service{
			{Name: r.T("service_name.database"), State: "good", Note: r.T("service_name.database_took", "ms", "12")},
			{Name: r.T("service_name.payments"), Note: in(r, "沙盒", "sandbox") + " · " + r.T("service_name.payments_never")},
			{Name: r.T("service_name.search"), State: "good"}, {Name: r.T("service_name.jobs"), State: "good"},
		},
	}
}

// everything is the desk of an operator for whom all waits that can wait.
func everything(r tongue.Reader) page.OperatorDesk {
	v := desk(r)
	v.Waits = nil
	for i, key := range []string{"jobs", "platform_jobs", "chargebacks", "offline", "send", "disputes", "returns", "talks", "odd", "unclaimed", "bank", "differs", "gateway",
		"accounts", "without", "cash", "collect", "payable", "drafts", "sent", "between", "producers", "agents", "hooks"} {
		w := page.Wait{Key: key, Kind: []string{"bad", "wait", "info", ""}[i%4], Href: part.OperatorWay, Due: page.Due{Count: int64(1 + i%3)}}
		if slices.Contains([]string{"chargebacks", "offline", "send", "unclaimed", "without", "cash", "payable", "drafts", "sent", "between"}, key) { // as the desk reads them
			w.Minor = 123_456_700
		}
		if key == "chargebacks" {
			w.Until = days(2)
		}
		v.Waits = append(v.Waits, w)
	}
	v.Services[1].State, v.Services[1].Note = "down", in(r, "Stripe", "Stripe")+" · "+r.T("service_name.payments_silent", "count", 4)+" · "+r.T("service_name.payments_last", "moment", r.Moment(days(-1)))
	v.Services[2].State, v.Services[2].Note = "down", r.T("service_name.search_down")
	v.Services[3].State, v.Services[3].Note = "slow", r.T("service_name.jobs_failed", "count", 2)+" · "+r.T("service_name.jobs_late", "span", r.Span(340e9))
	return v
}

func offline(r tongue.Reader) page.Offline {
	form := part.Form{Action: part.OfflineWay, Key: "k", ID: "a-"}
	bad := part.Form{Action: part.OfflineWay, Key: "l", ID: "b-"}
	return page.Offline{Frame: operator(r, part.OfflineWay), Currency: yuan, Rows: []page.OfflineRow{
		{Market: "652824", ID: "1", Number: "YL-7F3K", Buyer: in(r, "西安李记干果店", "Li’s dried fruit, Xi’an"), Sum: 66000, At: days(-1), Until: days(2), Form: form},
		{Market: "652824", ID: "2", Number: "YL-8A10", Buyer: in(r, "老周", "Mr Zhou"), Sum: 25800, Got: 20000, At: days(-2), Until: now.Add(5 * 3600e9),
			Form: bad.Refused(r, fault.Invalid("reference", "required"), map[string]string{"sum": "58.00"})},
	}}
}

func people(r tongue.Reader) page.People {
	return page.People{
		Frame: operator(r, part.PeopleWay), Form: part.Form{Action: part.PeopleWay}, Platform: true, AllWay: part.PeopleWay + "?all=yes",
		Rows: []page.PersonRow{
			{ID: "2", Name: in(r, "李会计", "Li Wen"), Href: part.PeopleWay + "/2", Roles: []page.PersonRole{{Role: "operator"}}, Me: true},
			{ID: "1", Name: in(r, "古丽", "Guli"), Href: part.PeopleWay + "/1", Roles: []page.PersonRole{{Role: "clerk", Place: in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli county, Xinjiang")}, {Role: "clerk", Place: in(r, "新疆尉犁县塔里木乡", "Tarim township, Yuli county, Xinjiang")}}},
			{ID: "3", Name: long(r), Who: "138 ×××× 2046", Href: part.PeopleWay + "/3"},
		},
	}
}

func person(r tongue.Reader) page.PersonPage {
	way := part.PeopleWay + "/1"
	return page.PersonPage{Frame: operator(r, way), Name: in(r, "古丽", "Guli"), Who: "+86139\u00a0××××\u00a07731", Since: days(-300), Devices: 2,
		Roles: []page.HeldRole{
			{Role: "clerk", Market: in(r, "尉犁县集市", "Yuli county market"), Place: in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli county, Xinjiang"), Region: "652823120", Since: days(-20), Mine: true, Key: "a"},
			{Role: "operator", Market: in(r, "从江集市", "Congjiang market"), Since: days(-3)},
		},
		Members: []page.Membership{{Kind: "producer", Market: in(r, "尉犁县集市", "Yuli county market"), State: "active", Href: part.ProducerWay}, {Kind: "agent", Market: long(r), State: "suspended"}},
		Give:    part.Form{Action: way, Key: "k", ID: "give-"}, Takes: part.Form{Action: way}, Trail: "/desk/operator/trail",
		Places: []part.Option{{Value: "652823100", Label: in(r, "尉犁镇", "Yuli town")}, {Value: "652823120", Label: in(r, "兴平镇", "Xingping town")}}}
}

func trails(r tongue.Reader) page.Trail {
	return page.Trail{Frame: operator(r, "/desk/operator/trail"), Market: "1", Next: "?after=a", Deeds: []part.Option{{Value: "", Label: r.T("trail.any")}, {Value: "role", Label: r.T("trail.group.role")}},
		Rows: []page.TrailRow{
			{At: days(0), Who: in(r, "李会计", "Li Wen"), Word: r.T("trail.deed.role_grant"), Subject: r.T("trail.subject.person") + " · " + in(r, "买买提", "Memet"), Key: "person:019a7f3b-7f3b-7000-8000-0190a1b27f3b", Href: part.PeopleWay + "/1", Why: r.T("role.clerk") + " " + in(r, "新疆尉犁县兴平镇", "Xingping town, Yuli county, Xinjiang")},
			{At: days(-1), Who: r.T("trail.system"), Word: r.T("trail.deed.payout_answer"), Subject: r.T("trail.subject.payout"), Key: "payout:019a7f3b-7f3b-7000-8000-0190a1b27f31"},
			{At: days(-2), Who: long(r), Word: "some.deed", Subject: r.T("trail.subject.listing"), Key: "listing:019a7f3b-7f3b-7000-8000-0190a1b27f32", Why: long(r)},
		}}
}

func unclaimed(r tongue.Reader, evidence part.Form) page.Refunds {
	v := refunds(r)
	evidence.Action, evidence.Key, evidence.ID = part.RefundsWay, "d", "d-"
	v.Frame.After = page.Unclaimed{Frame: v.Frame, Currency: yuan, Play: &page.PlayBank{Order: "1", Number: "YL-7K3M9QXZ", Paid: 13000, Form: part.Form{Action: part.RefundsWay + "/try", Key: "t", ID: "play-"}},
		Failed: []page.UnclaimedRow{{ID: "1", Name: "7F3K2291", Minor: 1260, At: days(-2), Why: in(r, "少装 0.2 斤", "0.2 jin less"), Form: part.Form{Action: part.RefundsWay, Key: "a", ID: "a-"}}},
		Excess: []page.UnclaimedRow{{ID: "2", Name: "CF7F3K", Minor: 50000, At: days(-1), Form: part.Form{Action: part.RefundsWay, Key: "b", ID: "b-"}}},
		Lines:  []page.UnclaimedRow{{ID: "8", Name: "2026111400110077", Minor: 700, At: days(-12), Why: in(r, "王芳 鸡蛋", "Wang Fang eggs"), Href: part.RefundsWay}},
		Odd:    []page.UnclaimedRow{{ID: "3", Name: "CF9K2M", Minor: 12999, At: days(-1), Why: r.T("contest.odd_why", "asked", r.Money(13000, yuan), "seen", r.Money(12999, yuan)), Form: part.Form{Action: part.RefundsWay, Key: "c", ID: "c-"}}},
		Banks: []page.Contest{
			{State: "open", Play: part.Form{Action: part.RefundsWay + "/try", Key: "p"}, Due: days(6), UnclaimedRow: page.UnclaimedRow{ID: "4", Name: "CF4T8Q", Minor: 13000, At: days(-1), Form: evidence}},
			{State: "open", Sent: true, Evidence: long(r), UnclaimedRow: page.UnclaimedRow{ID: "5", Name: "CF1A1A", Minor: 8200, At: days(-9)}},
			{State: "won", UnclaimedRow: page.UnclaimedRow{ID: "6", Name: "CF2B2B", Minor: 4100, At: days(-40)}},
			{State: "lost", UnclaimedRow: page.UnclaimedRow{ID: "7", Name: "CF3C3C", Minor: 2600, At: days(-60)}},
		},
	}.View()
	return v
}

func tried(r tongue.Reader) page.Try {
	return page.Try{Frame: operator(r, "/desk/operator/rates/try"), Currency: yuan, Done: true, Minor: 20000, Fee: 600, Agent: 1600, Producer: 17800, Place: "尉犁",
		Form: part.Form{Action: "/desk/operator/rates/try"}, Categories: []part.Option{{Value: "nuts", Label: in(r, "坚果", "Nuts")}},
		Rows: []page.Verdict{
			{Position: 10, Points: 1200, Category: in(r, "棉花", "Cotton"), Why: "category"}, {Position: 20, Points: 800, Category: in(r, "坚果", "Nuts"), Why: "wins"},
			{Position: 30, Points: 500, Category: long(r), Why: "later", Every: true},
		}}
}

func books(r tongue.Reader, ok bool) page.Books {
	v := page.Books{
		Frame: operator(r, part.BooksWay), Currency: yuan, Market: "1", MoneyWay: part.BooksWay + "/order",
		Audit: page.Audit{At: days(0), OK: ok, Checks: []page.AuditCheck{
			{Name: in(r, "每笔分录借贷相等", "every entry balances"), OK: true, Checked: 184000},
			{Name: in(r, "库存不为负", "stock is never negative"), OK: ok, Checked: 1284},
		}},
		Accounts: []page.Balance{
			{Name: in(r, "银行存款", "Bank"), Debit: 41280600}, {Name: in(r, "代收货款", "Held for buyers"), Credit: 20410000},
			{Name: in(r, "应付农户", "Owed to growers"), Credit: 18100600}, {Name: in(r, "应付代理", "Owed to agents"), Credit: 1110400}, {Name: in(r, "平台费", "Fees"), Credit: 1659600},
		},
	}
	if !ok {
		v.Audit.Checks[1].Violations = []audit.Values{
			{"say": "batch_on_hand", "listing": "核桃", "listing_en": "Walnuts", "unit": "jin", "is_quantity": int64(12000), "ought_quantity": int64(12500), "key": "019a7f3b-7f3b-7000-8000-0190a1b27f3b"},
			{"say": "held_differs", "number": "YC2609-0412", "state": "shipped", "held_minor": int64(28600), "expected_minor": int64(27600)}}
		v.Audit.Alarms = []page.AuditAlarm{
			{Name: "cash: money lies in one hand for too long", Href: part.BooksWay, Found: []audit.Values{{"name": in(r, "阿依古丽", "Ayigul"), "holds_minor": int64(35174), "since_at": days(-14)}, {"name": in(r, "陈秀英", "Chen Xiuying"), "holds_minor": int64(1200), "since_at": days(-14)}}},
			{Name: "own money below zero", Found: []audit.Values{{"own_minor": int64(-120)}}},
		}
	}
	return v
}

func paying() []Shown {
	return []Shown{
		{"payouts", "full", func(r tongue.Reader) templ.Component { return payouts(r).View() }},
		{"payouts", "refused", func(r tongue.Reader) templ.Component {
			v := payouts(r)
			v.Form = v.Form.Refused(r, fault.Conflict("payout_nothing"), nil)
			return v.View()
		}},
		{"payouts", "empty", func(r tongue.Reader) templ.Component {
			return page.Payouts{Frame: operator(r, part.PayoutsWay), Currency: yuan}.View()
		}},
		{"payout", "with the bank", func(r tongue.Reader) templ.Component { return payout(r).View() }},
		{"payout", "awaits approval", func(r tongue.Reader) templ.Component {
			v := payout(r)
			v.Approve, v.State, v.File = true, "waiting", ""
			return v.View()
		}},
		{"payout", "own, awaits approval", func(r tongue.Reader) templ.Component {
			v := payout(r)
			v.Approve, v.Mine, v.State, v.File = true, true, "waiting", ""
			return v.View()
		}},
		{"payout", "cash, not all collected", func(r tongue.Reader) templ.Component {
			v := payout(r)
			v.File, v.Cash, v.State = "", "/desk/operator/cash", "laid"
			for i := range v.Rows {
				v.Rows[i].Hand, v.Rows[i].Marks, v.Rows[i].Status = in(r, "马春兰", "Ma Chunlan"), nil, ""
			}
			v.Rows[1].State, v.Rows[2].Why = "laid", r.T("cash.uncollected")
			return v.View()
		}},
		{"payout", "transfers, one waits", func(r tongue.Reader) templ.Component {
			v := payout(r)
			v.File, v.Sent, v.State = "", true, "transferring"
			for i := range v.Rows {
				v.Rows[i].Bank, v.Rows[i].Tail, v.Rows[i].Marks, v.Rows[i].Status = "Stripe", "", nil, ""
			}
			v.Rows[1].State, v.Rows[1].Status, v.Rows[2].Why = "transferring", r.T("transfer_why.balance_insufficient"), r.T("transfer_why.account_stopped")
			v.Frame.After = page.PayoutFurther{Frame: v.Frame, Currency: yuan, Recall: part.Form{Action: part.PayoutWay("652824", "3"), Key: "r", ID: "recall-"}, Paid: []part.Option{{Value: "1", Label: v.Rows[0].Name}}}.View()
			return v.View()
		}},
		{"refunds", "search", func(r tongue.Reader) templ.Component { return refunds(r).View() }},
		{"refunds", "found", func(r tongue.Reader) templ.Component { return found(r).View() }},
		{"refunds", "missing", func(r tongue.Reader) templ.Component {
			v := refunds(r)
			v.Number, v.Missing = "YL-0000", true
			return v.View()
		}},
		{"refunds", "refused", func(r tongue.Reader) templ.Component {
			v := found(r)
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("line.1", "refund_too_large", fault.Args{"left": int64(12936), "currency": yuan}), fault.Invalid("why", "required")), map[string]string{"line.1": "200"})
			return v.View()
		}},
		{"refunds", "frozen", func(r tongue.Reader) templ.Component {
			v := found(r)
			v.Found.Frozen = true
			return v.View()
		}},
		{"refunds", "nothing left", func(r tongue.Reader) templ.Component {
			v := found(r)
			v.Found.Refunded, v.Found.Lines = v.Found.Paid, nil
			return v.View()
		}},
	}
}

func payouts(r tongue.Reader) page.Payouts {
	return page.Payouts{
		Frame: operator(r, part.PayoutsWay), Currency: yuan, Form: part.Form{Action: part.PayoutsWay, Key: "k"}, Next: "?after=a", Rules: part.PayoutsWay + "/rules", Accounts: part.PayoutsWay + "/accounts", ToCheck: 2,
		Payees: []page.Payee{
			{ID: "1", Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Kind: "producer", Tail: "7731", Entries: 12, Minor: 161100},
			{ID: "2", Name: in(r, "马春兰", "Ma Chunlan"), Kind: "agent", Tail: "2088", Entries: 38, Minor: 41260},
			{ID: "3", Name: long(r), Kind: "producer", Entries: 1, Minor: 5800, Off: true},
		},
		Cash: "/desk/operator/cash", InCash: []page.Payee{{ID: "5", Name: in(r, "阿依古丽", "Ayigul"), Kind: "producer", Hand: in(r, "马春兰", "Ma Chunlan"), Entries: 3, Minor: 16848}},
		Sent: []page.Payee{{ID: "6", Name: in(r, "木合塔尔", "Muhtar"), Kind: "producer", Gateway: "Stripe", Entries: 2, Minor: 9920}},
		Earlier: []page.PayoutRow{
			{Href: part.PayoutWay("652824", "3"), Number: "P-1121", At: days(-3), Count: 138, Minor: 17100830, State: "sent"},
			{Href: part.PayoutWay("652824", "2"), Number: "P-1114", At: days(-10), Count: 131, Minor: 16077390, State: "paid"},
			{Href: part.PayoutWay("652824", "1"), Number: "P-1107", At: days(-17), Count: 2, Minor: 50000, State: "failed"},
		},
	}
}

func payout(r tongue.Reader) page.Payout {
	return page.Payout{
		Frame: operator(r, part.PayoutWay("652824", "3")), Number: "P-1121", At: days(-3), By: in(r, "李会计", "Li Wen"), State: "sent", File: "/desk/operator/payouts/652824/3/file",
		Currency: yuan, Minor: 208160, Form: part.Form{Action: part.PayoutWay("652824", "3"), Key: "k"},
		Rows: []page.PayoutItem{
			{ID: "1", Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Bank: in(r, "农村信用社", "Rural Credit Union"), Tail: "7731", Minor: 161100, State: "paid"},
			{ID: "2", Name: in(r, "马春兰", "Ma Chunlan"), Bank: in(r, "农业银行", "Agricultural Bank"), Tail: "2088", Minor: 41260, State: "reserved", Status: r.T("bank_status.ACSP") + " (ACSP)", Marks: []string{"first", "changed", "large"}, Key: "a"},
			{ID: "3", Name: long(r), Bank: in(r, "农业银行", "Agricultural Bank"), Tail: "1111", Minor: 5800, State: "failed", Why: in(r, "户名不符", "name does not match")},
		},
	}
}

func refunds(r tongue.Reader) page.Refunds {
	return page.Refunds{
		Frame: operator(r, part.RefundsWay), Currency: yuan, Form: part.Form{Action: part.RefundsWay, Key: "k"},
		Recent: []page.Refund{{At: days(-1), Minor: 264, Why: in(r, "少装 0.2 斤", "0.2 jin less"), Done: true}},
	}
}

func found(r tongue.Reader) page.Refunds {
	v := refunds(r)
	v.Number = "YL-7F3K-1"
	v.Found = &page.RefundOrder{
		Market: "652824", ID: "1", Number: "YL-7F3K-1", Href: part.OrderWay("652824", "1"), Buyer: in(r, "陈女士", "Ms Chen"), Seller: in(r, "吐尔逊·买买提", "Tursun Memet"),
		State: "delivered", Paid: 20600, Refunded: 264,
		Lines: []page.RefundLine{{ID: "1", Title: walnuts(r), Left: 12936}, {ID: "2", Title: dates(r), Left: 4800}, {ID: "c1", Title: r.T("checkout.delivery"), Left: 2600}},
	}
	return v
}
