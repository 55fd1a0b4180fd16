package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Members are the producers and agents of a market. A member's form sends
// member, kind and deed ("approve", "suspend", "readmit") with why. The fields
// of Register are name, name_en, region, village, story, licence and exemption.
type Members struct {
	Frame     part.Frame
	Producers []Member
	Agents    []Member
	Next      string // more producers
	Form      part.Form
	Register  part.Form
	Regions   []part.Option // to choose from; empty: the code is typed
}

// Member is a producer or an agent. State is "applied", "active" or "suspended".
type Member struct {
	ID, Name, Place string
	State           string
	At              time.Time
	Offline         bool
	Href            string // the desk that an operator may sit at for them
	Form            part.Form
}

func (v Members) badge(m Member) (kind, icon string) {
	switch m.State {
	case "active":
		return "good", "check"
	case "applied":
		return "wait", "wait"
	}
	return "bad", "pause"
}
