package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// GatewaySide is the gateway's side: what moved its balance, read day by day; what
// is not certain waits for a person. A line's form sends line, say ("deed:target")
// and why; the button of Now only its key.
type GatewaySide struct {
	Frame  part.Frame
	Now    part.Form // read at once; without an action the account is another market's
	Keeper string    // the market that has it, else
	Lines  []GatewayLine
	Runs   []GatewayRun
	Recent []GatewayDone
	Way    string // of decisions
}

// GatewayLine is a line that waits, or lies in recon.
type GatewayLine struct {
	ID, Kind, Object, Words, Currency string
	At                                time.Time
	Minor, Fee                        int64
	Differs                           bool
	Recon                             int64
	Why                               string // what is not certain
	Options                           []part.Option
	Form                              part.Form
}

// GatewayRun is one reading.
type GatewayRun struct {
	Gateway string
	Began   time.Time
	Lines   int64
	Runs    bool // not at its end yet
}

// GatewayDone is a line that was found to be something.
type GatewayDone struct {
	At                           time.Time
	Kind, Object, Deed, Currency string
	Minor                        int64
}

// said is a movement's sort and day in one line.
func (v GatewaySide) said(d GatewayDone) string {
	return v.Frame.Reader.Day(d.At) + " · " + v.Frame.T("gateway_kind."+d.Kind) + " · " + v.Frame.T("gateway_deed."+d.Deed)
}
