package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
)

// book are the pages of single accounts, entries and an order's money.
func book() []Shown {
	return []Shown{
		{"ledger-account", "full", func(r tongue.Reader) templ.Component {
			v := bookAccount(r)
			v.Next, v.Balance, v.Legs = "?after=a", 41280600, accountLegs(r)
			return v.View()
		}},
		{"ledger-account", "some days of a payee", func(r tongue.Reader) templ.Component {
			v := bookAccount(r)
			v.Name = in(r, "应付农户和代理 · 阿依古丽·买买提", "Owed to payees · Aygul Memet") + " · owed:019a7f30-7f30-7000-8000-0190a1b27f31"
			v.Spanned, v.Opening, v.Debit, v.Credit, v.Balance, v.Legs = true, 41292040, 11830, 390, 41280600, accountLegs(r)
			v.Ask.Values = map[string]string{"from": "2026-11-01", "to": "2026-11-30"}
			return v.View()
		}},
		{"ledger-account", "days of nothing", func(r tongue.Reader) templ.Component {
			v := bookAccount(r)
			v.Spanned, v.Opening, v.Balance = true, -50, -50
			return v.View()
		}},
		{"ledger-account", "a day that is none", func(r tongue.Reader) templ.Component {
			v := bookAccount(r)
			v.CSV, v.Legs, v.Ask = "", accountLegs(r), part.Form{Values: map[string]string{"from": "31.11."}, Faults: map[string]string{"from": r.T("fault.not_a_day")}}
			return v.View()
		}},
		{"ledger-account", "empty", func(r tongue.Reader) templ.Component { return bookAccount(r).View() }},
		{"ledger-account", "divided", func(r tongue.Reader) templ.Component {
			v := bookAccount(r)
			v.Divided, v.Next = true, "?after=a"
			v.Held = []page.HeldRow{{Name: "owed:019a7f30-7f30-7000-8000-0190a1b27f30", Whose: in(r, "阿依古丽·买买提", "Aygul Memet"), Href: "/", Minor: 161100}, {Name: "owed:019a7f30-7f30-7000-8000-0190a1b27f31", Href: "/", Minor: 41260}}
			return v.View()
		}},
		{"ledger-account", "divided, empty", func(r tongue.Reader) templ.Component {
			v := bookAccount(r)
			v.Divided = true
			return v.View()
		}},
		{"ledger-entry", "of an order, reversing", func(r tongue.Reader) templ.Component {
			v := bookEntry(r)
			v.Orders = []page.LedgerOrder{{Number: "YL-20261123-7K3QX9AB", Href: part.OrderWay("1", "1"), MoneyHref: "/"}}
			v.Reverses, v.Note = "/", long(r)
			return v.View()
		}},
		{"ledger-entry", "of no order", func(r tongue.Reader) templ.Component { return bookEntry(r).View() }},
		{"ledger-story", "told", func(r tongue.Reader) templ.Component {
			v := bookStory(r)
			e := bookEntry(r)
			e.Self = "/"
			v.Number, v.Href, v.State, v.Total, v.Entries = "YL-20261123-7K3QX9AB", part.OrderWay("1", "1"), "completed", 13000, []page.LedgerEntry{e, e}
			return v.View()
		}},
		{"ledger-story", "not found", func(r tongue.Reader) templ.Component {
			v := bookStory(r)
			v.Number, v.Missing = "YL-0000", true
			return v.View()
		}},
		{"ledger-story", "asked", func(r tongue.Reader) templ.Component { return bookStory(r).View() }},
	}
}

func bookAccount(r tongue.Reader) page.LedgerAccount {
	return page.LedgerAccount{Frame: operator(r, part.BooksWay), Books: part.BooksWay, Name: in(r, "银行存款", "Bank") + " · bank:operating", Currency: yuan,
		Market: "1", Account: "bank:operating", CSV: "/", All: "/"}
}

// accountLegs are postings as their account sees them.
func accountLegs(r tongue.Reader) (out []page.Leg) {
	for i, l := range legs(r) {
		l.Side, l.Other, l.OtherHref, l.After = "debit", l.Credit, l.CreditHref, 41280600
		if i == 1 {
			l.Side, l.After = "credit", 41268770
			l.Order, l.OrderHref = "YL-20261123-7K3QX9AB", "/"
		}
		out = append(out, l)
	}
	return out
}

func bookEntry(r tongue.Reader) page.LedgerEntry {
	return page.LedgerEntry{Frame: operator(r, part.BooksWay), Books: part.BooksWay, ID: "019a7f30-7f30-7000-8000-0190a1b27f30", At: days(-1), Currency: yuan,
		Cause: "order:019a7f30-7f30-7000-8000-0190a1b27f30:release", By: in(r, "李会计", "Li Wen"), Legs: legs(r)}
}

func bookStory(r tongue.Reader) page.LedgerStory {
	return page.LedgerStory{Frame: operator(r, part.BooksWay), Books: part.BooksWay, Market: "1", Currency: yuan}
}

func legs(r tongue.Reader) []page.Leg {
	held := in(r, "代收货款", "Held for buyers") + " · held:order:019a7f30-7f30-7000-8000-0190a1b27f30"
	return []page.Leg{
		{At: days(-1), Cause: "order:019a7f30-7f30-7000-8000-0190a1b27f30:release", Href: "/", Debit: held, DebitHref: "/", Credit: in(r, "应付农户和代理", "Owed") + " · owed:019a7f30-7f30-7000-8000-0190a1b27f31", CreditHref: "/", Minor: 11830},
		{At: days(-2), Cause: "order:019a7f30-7f30-7000-8000-0190a1b27f30:fee", Href: "/", Debit: held, DebitHref: "/", Credit: in(r, "平台费收入", "Fees") + " · income:fees", CreditHref: "/", Minor: 390},
	}
}
