package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// GatewayMine is how somebody is paid by a gateway. A row's form sends payee and
// deed: connect or ask.
type GatewayMine struct {
	Frame  part.Frame
	Action string
	Bank   string // the gateway, as people call it; empty: there is none
	Link   string // where they tell it who they are, for some minutes
	Ways   []GatewayWay
}

// GatewayWay is one market. State is "", "pending", "active" or "restricted".
type GatewayWay struct {
	Market, Payee string
	State, Why    string    // why: a person has stopped it
	Other         bool      // paid in another way now
	From          time.Time // active, from then on
	Form          part.Form
}

func (v GatewayMine) state(w GatewayWay) string {
	switch {
	case w.State != "":
		return v.Frame.T("transfer.state_" + w.State)
	case w.Other:
		return v.Frame.T("transfer.now_other")
	}
	return v.Frame.T("transfer.now_none")
}

func (v GatewayMine) text(w GatewayWay) string {
	switch {
	case w.Why != "":
		return v.Frame.T("transfer.text_stopped", "why", w.Why)
	case !w.From.IsZero():
		return v.Frame.T("transfer.text_cooling", "day", v.Frame.Reader.Moment(w.From))
	}
	return v.Frame.T("transfer.text_"+w.State, "bank", v.Bank)
}

func (v GatewayMine) title() string {
	if v.Bank == "" {
		return v.Frame.T("transfer.payouts")
	}
	return v.Frame.T("transfer.mine_title", "bank", v.Bank)
}
