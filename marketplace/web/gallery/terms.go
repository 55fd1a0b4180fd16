package gallery

import (
	"strings"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func termsPages() []Shown {
	return []Shown{
		{"terms", "full", func(r tongue.Reader) templ.Component { return someTerms(r).View() }},
		{"terms", "none yet", func(r tongue.Reader) templ.Component {
			v := someTerms(r)
			v.Zones, v.Form.Values = v.Zones[2:], map[string]string{}
			return v.View()
		}},
		{"terms", "the market's", func(r tongue.Reader) templ.Component {
			v := someTerms(r)
			v.Frame, v.Desk, v.Name, v.Cash, v.Most = operator(r, part.TermsWay), part.Operator, "", nil, 1000_00
			v.Form.Action = part.TermsWay
			return v.View()
		}},
		{"terms", "refused", func(r tongue.Reader) templ.Component {
			v := someTerms(r)
			values := v.Form.Values
			values["zone.0.first"], values["off"] = "a lot", "120"
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("zone.0.first", "not_a_number"), fault.Invalid("zone.1.place", "region_twice"),
				fault.Invalid("off", "out_of_range", fault.Args{"min": 1, "max": 9000, "unit": "bp"})), values)
			return v.View()
		}},
	}
}

func someTerms(r tongue.Reader) page.Terms {
	names := strings.Fields(in(r, "北京市 天津市 河北省 浙江省 甘肃省 宁夏回族自治区 新疆维吾尔自治区", "Beijing Tianjin Hebei Zhejiang Gansu Ningxia Xinjiang"))
	zone := func(n string, on ...int) page.TermsZone {
		z := page.TermsZone{N: n}
		for i, name := range names {
			p := page.TermsPlace{Code: string(rune('a' + i)), Name: name}
			for _, o := range on {
				p.On = p.On || o == i
			}
			z.Places = append(z.Places, p)
		}
		return z
	}
	return page.Terms{Frame: grower(r, part.ProducerTermsWay), Desk: part.Producer, Name: in(r, "吐尔逊·买买提", "Tursun Memet"), Currency: yuan, Version: "3",
		Form: part.Form{Action: part.ProducerTermsWay, Key: "k", Values: map[string]string{"delivery": "tariff", "rest": "yes",
			"zone.0.first": "5", "zone.0.further": "1", "zone.0.free": "99", "zone.1.first": "8", "zone.1.further": "2.50", "rest.first": "12", "rest.further": "4",
			"piece": "2.5", "off": "10", "off_from": "100", "off_until": "2026-12-31"}},
		Cash: []part.Option{{Value: "no", Label: r.T("terms.cash_no"), Note: r.T("terms.cash_no_note")},
			{Value: "self", Label: r.T("terms.cash_self"), Note: r.T("terms.cash_self_note", "limit", r.Money(2000_00, yuan))},
			{Value: "1", Label: r.T("terms.cash_by", "hand", long(r)), Note: r.T("terms.cash_by_note")}},
		Zones: []page.TermsZone{zone("0", 6), zone("1", 0, 1, 2, 3, 4), zone("2")}}
}
