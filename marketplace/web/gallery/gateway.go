package gallery

import (
	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/storage/fault"
)

// atGateway are the pages of those who are paid by a gateway.
func atGateway() []Shown {
	return []Shown{
		{"gateway-mine", "full", func(r tongue.Reader) templ.Component { return gatewayMine(r).View() }},
		{"gateway-mine", "the link", func(r tongue.Reader) templ.Component {
			v := gatewayMine(r)
			v.Link = "https://connect.example/setup/e/acct/7K3M9QXZ"
			return v.View()
		}},
		{"gateway-mine", "refused", func(r tongue.Reader) templ.Component {
			v := gatewayMine(r)
			v.Ways[1].Form = v.Ways[1].Form.Refused(r, fault.Unavailable("gateway_down"), nil)
			v.Ways[1].Form.ID = "g2-"
			return v.View()
		}},
		{"gateway-mine", "empty", func(r tongue.Reader) templ.Component {
			v := gatewayMine(r)
			v.Ways = nil
			return v.View()
		}},
		{"gateway-mine", "off", func(r tongue.Reader) templ.Component {
			return page.GatewayMine{Frame: grower(r, "/me/gateway")}.View()
		}},
	}
}

func gatewayMine(r tongue.Reader) page.GatewayMine {
	v := page.GatewayMine{Frame: grower(r, "/me/gateway"), Action: "/", Bank: "Stripe", Ways: []page.GatewayWay{
		{Market: in(r, "尉犁县集市", "Yuli county market"), State: "active", Payee: "1"},
		{Market: in(r, "从江县集市", "Congjiang county market"), Other: true, Payee: "2"},
		{Market: in(r, "元阳县集市", "Yuanyang county market"), State: "pending", Payee: "3"},
		{Market: in(r, "和田县集市", "Hotan county market"), State: "restricted", Payee: "4"},
		{Market: in(r, "墨玉县集市", "Karakax county market"), State: "restricted", Why: long(r), Payee: "5"},
		{Market: in(r, "榕江县集市", "Rongjiang county market"), State: "active", From: days(2), Payee: "6"},
	}}
	for i := range v.Ways {
		v.Ways[i].Form.ID, v.Ways[i].Form.Key, v.Ways[i].Form.Action = "g"+v.Ways[i].Payee+"-", "k", "/"
	}
	return v
}
