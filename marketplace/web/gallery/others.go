package gallery

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func accounts() []Shown {
	return []Shown{
		{"sign-in", "empty", func(r tongue.Reader) templ.Component {
			return page.SignIn{Frame: visit(r, part.SignInWay), Form: part.Form{Action: part.SignInWay}, Next: "/orders"}.View()
		}},
		{"sign-in", "refused", func(r tongue.Reader) templ.Component {
			form := part.Form{Action: part.SignInWay}.Refused(r, fault.SignIn("wrong_password"), map[string]string{"who": "138 0000 2046", "password": "secret"})
			return page.SignIn{Frame: visit(r, part.SignInWay), Form: form}.View()
		}},
		{"register", "empty", func(r tongue.Reader) templ.Component {
			return page.Register{Frame: visit(r, part.RegisterWay), Form: part.Form{Action: part.RegisterWay, Key: "k"}}.View()
		}},
		{"register", "refused", func(r tongue.Reader) templ.Component {
			form := part.Form{Action: part.RegisterWay, Key: "k"}.Refused(r, fault.All(fault.Invalid("who", "taken.phone"), fault.Invalid("password", "weak_password", fault.Args{"least": 8})), map[string]string{"name": "陈", "who": "138 0000 2046"})
			return page.Register{Frame: visit(r, part.RegisterWay), Form: form}.View()
		}},
		{"account", "buyer", func(r tongue.Reader) templ.Component {
			v := account(r)
			v.Frame, v.Payee, v.Roles, v.Tokens = buyer(r, part.AccountWay), false, nil, nil
			return v.View()
		}},
		{"account", "grower", func(r tongue.Reader) templ.Component { return account(r).View() }},
		{"account", "without bank account", func(r tongue.Reader) templ.Component {
			v := account(r)
			v.Bank, v.Fresh = nil, "cf_0190_4f2a77c1d0e95b"
			v.BankForm = part.Form{Key: "k"}.Refused(r, fault.Invalid("account", "invalid"), map[string]string{"holder": v.Name, "account": "12"})
			return v.View()
		}},
	}
}

func account(r tongue.Reader) page.Account {
	return page.Account{
		Frame: grower(r, part.AccountWay), Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Phone: "139 ×××× 7731", Payee: true,
		Roles: []page.RoleIn{{Role: "producer", Market: in(r, "尉犁县集市", "Yuli county market")}},
		Sessions: []page.Session{
			{ID: "1", Device: "Android · Chrome", Seen: now, Here: true},
			{ID: "2", Device: "Windows · Edge", Seen: now.Add(-30 * time.Hour)},
		},
		Tokens: []page.Token{{ID: "1", Name: in(r, "记账程序", "Bookkeeping"), Scope: "read", Made: days(-30), Used: now.Add(-2 * time.Hour)}, {ID: "2", Name: in(r, "称重机", "Scale"), Scope: "all", Made: days(-3)}},
		Bank:   &page.Bank{Holder: in(r, "吐尔逊·买买提", "Tursun Memet"), Bank: in(r, "尉犁县农村信用合作联社", "Yuli Rural Credit Union"), Tail: "7731"},
		Scopes: []part.Option{{Value: "read", Label: r.T("scope.read")}, {Value: "buy", Label: r.T("scope.buy")}, {Value: "sell", Label: r.T("scope.sell")}, {Value: "all", Label: r.T("scope.all")}},
	}
}

func others() []Shown {
	var out []Shown
	for _, status := range []int{401, 403, 404, 408, 409, 413, 422, 429, 431, 500, 503} {
		out = append(out, Shown{"failure", strconv.Itoa(status), func(r tongue.Reader) templ.Component {
			return page.Failure{Frame: visit(r, "/lost"), Status: status}.View()
		}})
	}
	return append(out,
		Shown{"failure", "with a sentence of its own", func(r tongue.Reader) templ.Component {
			return page.Failure{Frame: buyer(r, "/lost"), Status: 409, Sentence: tongue.Fault(r, "payment_closed", nil)}.View()
		}},
		Shown{"failure", "a form that came too late", func(r tongue.Reader) templ.Component {
			return page.Failure{Frame: visit(r, "/desk/producer/listings/new"), Status: 403, Unsent: &page.Unsent{Action: "/desk/producer/listings/new", Fields: []part.Fact{{Name: "title_zh", Value: walnuts(r)}}, Files: true}}.View()
		}},
		Shown{"no-network", "nothing seen", func(r tongue.Reader) templ.Component { return page.NoNetwork{Frame: visit(r, "/lost")}.View() }},
		Shown{"no-network", "pages seen", func(r tongue.Reader) templ.Component {
			return page.NoNetwork{Frame: visit(r, "/lost"), Seen: []part.Fact{{Value: walnuts(r), Href: "/"}, {Value: long(r), Href: "/"}, {Value: r.T("home.title"), Href: "/"}}}.View()
		}},
		Shown{"docs", "full", func(r tongue.Reader) templ.Component { return docs(r).View() }},
		Shown{"notice", "done", func(r tongue.Reader) templ.Component {
			v := page.Orders{Frame: buyer(r, part.OrdersWay), Rows: rows(r, false)[:2]}
			v.Frame.Flash = &part.Notice{Kind: "good", Text: r.T("history.completed")}
			v.Frame.Theme = "light"
			return v.View()
		}},
	)
}

func docs(r tongue.Reader) page.Docs {
	return page.Docs{
		Frame: visit(r, part.DocsWay), Title: "Commonfield", Version: "1.0.0", Operations: 3,
		Intro: []string{"Sums are integers in minor units beside their currency. Lists give items and next."},
		Groups: []page.DocGroup{{Name: "listings", About: "What is offered.", Operations: []page.Operation{
			{Method: "GET", Path: "/api/v1/listings", Summary: "List what is live", Params: []page.Param{{Name: "q", In: "query", Type: "string", About: "words to look for"}, {Name: "cursor", In: "query", Type: "string", About: "where the last piece ended"}}, Answers: []page.Answer{{Status: "200", About: "items and next"}}},
			{Method: "POST", Path: "/api/v1/orders/{market}/{id}/accept", Summary: "Take an order", Text: "Calling it twice is calling it once.", Scope: "sell", Params: []page.Param{{Name: "market", In: "path", Type: "string", About: "division code", Required: true}}, Body: []page.Param{{Name: "note", In: "body", Type: "string", About: "a word to the buyer"}}, Example: "{\n  \"note\": \"packed on Friday\"\n}", Answers: []page.Answer{{Status: "200", About: "the order"}, {Status: "409", About: "the moves that are allowed"}}},
			{Method: "DELETE", Path: "/api/v1/sessions/{id}", Summary: "End a session"},
		}}},
	}
}
