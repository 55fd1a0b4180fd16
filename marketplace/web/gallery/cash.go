package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

// inCash are the pages of the market's money in people's hands.
func inCash() []Shown {
	return []Shown{
		{"cash", "full", func(r tongue.Reader) templ.Component { return cashDesk(r).View() }},
		{"cash", "a code is shown", func(r tongue.Reader) templ.Component {
			v := cashDesk(r)
			v.Code = &page.CashCode{Name: in(r, "阿依古丽", "Ayigul"), Hand: in(r, "马春兰", "Ma Chunlan"), Code: "402 917", Minor: 168_48, Until: days(12)}
			return v.View()
		}},
		{"cash", "too much", func(r tongue.Reader) templ.Component {
			v := cashDesk(r)
			h := &v.Holders[0]
			h.Move = part.Form{ID: "m1-"}.Refused(r, fault.Conflict("cash_limit", fault.Args{"limit": int64(5000_00), "holds": int64(3186_40), "currency": yuan}).On("amount"),
				map[string]string{"deed": "give", "amount": "3000", "bank_reference": "2026-11-26/3"})
			return v.View()
		}},
		{"cash", "empty", func(r tongue.Reader) templ.Component {
			return page.CashDesk{Frame: operator(r, "/desk/operator/cash"), Currency: yuan, Action: "/", Agents: []part.Option{{Value: "1", Label: in(r, "马春兰 · K7Q2MX", "Ma Chunlan · K7Q2MX")}}}.View()
		}},
		{"cash-hand", "full", func(r tongue.Reader) templ.Component { return cashHand(r).View() }},
		{"cash-hand", "a wrong code", func(r tongue.Reader) templ.Component {
			v := cashHand(r)
			v.Out[1].Form = part.Form{ID: "o2-"}.Refused(r, fault.Invalid("code", "handover_code", fault.Args{"left": 2}), map[string]string{"code": "123456"})
			return v.View()
		}},
		{"cash-hand", "too little in hand", func(r tongue.Reader) templ.Component {
			v := cashHand(r)
			v.Holds, v.Out[0].Locked = 100_00, true
			return v.View()
		}},
		{"cash-hand", "to bank", func(r tongue.Reader) templ.Component {
			v := cashHand(r)
			v.Out, v.Stopped = nil, true
			return v.View()
		}},
		{"cash-hand", "empty", func(r tongue.Reader) templ.Component {
			return page.CashHand{Frame: seller(r, "/desk/agent/cash"), Currency: yuan, None: true}.View()
		}},
		{"cash-mine", "full", func(r tongue.Reader) templ.Component { return cashMine(r).View() }},
		{"cash-mine", "the code", func(r tongue.Reader) templ.Component {
			v := cashMine(r)
			v.Code, v.Money = &page.CashCode{Hand: in(r, "马春兰", "Ma Chunlan"), Code: "402 917", Minor: 168_48, Until: days(12)}, yuan
			v.Out[0].Shown = true
			return v.View()
		}},
		{"cash-mine", "refused", func(r tongue.Reader) templ.Component {
			v := cashMine(r)
			v.Ways[1].Form = part.Form{ID: "w2-"}.Refused(r, fault.Conflict("cash_stopped").On("hand"), nil)
			return v.View()
		}},
		{"cash-mine", "empty", func(r tongue.Reader) templ.Component {
			v := cashMine(r)
			v.Out, v.Ways = nil, v.Ways[:1]
			v.Ways[0].Hands, v.Ways[0].Now = nil, r.T("cash.way_none")
			return v.View()
		}},
	}
}

func cashDesk(r tongue.Reader) page.CashDesk {
	v := cashDeskOf(r)
	for i := range v.Holders {
		h := &v.Holders[i]
		h.Move.ID, h.Stop.ID = "m"+h.ID+"-", "s"+h.ID+"-"
	}
	for i := range v.Out {
		v.Out[i].Form.ID = "o" + v.Out[i].ID + "-"
	}
	v.Trust.ID, v.Choose.ID = "trust-", "choose-"
	return v
}

func cashDeskOf(r tongue.Reader) page.CashDesk {
	hands := []part.Option{{Value: "1", Label: in(r, "马春兰", "Ma Chunlan")}, {Value: "2", Label: long(r)}}
	return page.CashDesk{
		Frame: operator(r, "/desk/operator/cash"), Currency: yuan, Action: "/", Trust: part.Form{Key: "k"}, Choose: part.Form{Key: "k"}, Hands: hands, Agents: hands,
		Holders: []page.CashHolder{
			{ID: "1", Name: in(r, "马春兰", "Ma Chunlan"), Reference: "CH7K3M9QXZ", Holds: 3186_40, Limit: 5000_00, ToOut: 226_48, Books: "/"},
			{ID: "2", Name: long(r), Reference: "CH2B8D0FGH", Holds: 120_00, Limit: 2000_00, ToOut: 410_00, Books: "/"},
			{ID: "3", Name: in(r, "热依拉", "Reyila"), Reference: "CH9Z1N4KTR", Holds: 64_00, Limit: 1000_00, Stopped: true, Books: "/"},
		},
		Out: []page.CashOut{
			{ID: "1", Name: in(r, "阿依古丽", "Ayigul"), Hand: in(r, "马春兰", "Ma Chunlan"), Minor: 168_48, Until: days(12), Phone: true},
			{ID: "2", Name: in(r, "买买提老人", "Old Memet"), Hand: in(r, "马春兰", "Ma Chunlan"), Minor: 58_00, Until: days(3), Shown: true},
			{ID: "3", Name: long(r), Hand: long(r), Minor: 410_00, Until: days(9), Shown: true, Locked: true},
		},
		Without: []part.Option{{Value: "4", Label: in(r, "吐逊爷爷 · ¥86.20", "Grandfather Tursun · ¥86.20")}},
	}
}

func cashHand(r tongue.Reader) page.CashHand {
	all := cashDesk(r)
	return page.CashHand{
		Frame: seller(r, "/desk/agent/cash"), Currency: yuan, Action: "/", Reference: "CH7K3M9QXZ", Holds: 3186_40, Limit: 5000_00, Out: all.Out[:2], Next: "?after=a",
		Collect: []page.CashCollect{{Href: part.OrderWay("652824", "1"), Number: "YL-20261124-7F3K-1", State: "shipped", Minor: 129_60}, {Href: part.OrderWay("652824", "2"), Number: "YL-20261124-7F3K-2", State: "accepted", Minor: 86_20}},
		Past: []page.CashPast{
			{Name: in(r, "古丽", "Guli"), How: "code", State: "paid", Minor: 212_00, At: days(-2)},
			{Name: in(r, "吐逊爷爷", "Grandfather Tursun"), How: "witnesses", State: "paid", Minor: 86_20, At: days(-3)},
			{Name: long(r), State: "failed", Minor: 40_00, At: days(-9)},
		},
	}
}

func cashMine(r tongue.Reader) page.CashMine {
	v := cashMineOf(r)
	for i := range v.Ways {
		v.Ways[i].Form.ID = "w" + v.Ways[i].Payee + "-"
	}
	return v
}

func cashMineOf(r tongue.Reader) page.CashMine {
	hands := []part.Option{{Value: "1", Label: in(r, "马春兰", "Ma Chunlan")}}
	return page.CashMine{
		Frame: grower(r, "/me/cash"), Action: "/",
		Out: []page.CashMineOut{{CashOut: page.CashOut{ID: "1.1", Hand: in(r, "马春兰", "Ma Chunlan"), Number: "7K3M9QXZ", Minor: 168_48, Until: days(12)}, Currency: yuan}},
		Ways: []page.CashWay{
			{Market: in(r, "和田县集市", "Hotan county market"), Now: r.T("cash.way_cash", "hand", in(r, "马春兰", "Ma Chunlan")), Hands: hands, Payee: "1.1", InCash: true},
			{Market: in(r, "从江县集市", "Congjiang county market"), Now: r.T("cash.way_bank", "tail", "7731"), Hands: hands, Payee: "2.1"},
		},
	}
}
