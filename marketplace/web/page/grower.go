package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Grower is the public page of a producer: who it is, where, and what is for
// sale.
type Grower struct {
	Frame     part.Frame
	Name      string
	Place     string // with the village
	Story     string
	Since     time.Time
	Market    part.Fact // whose market, with the way to its goods
	Licence   string    // the number, or
	Exemption string    // why none is needed
	Offline   bool      // somebody keeps the account for them
	Suspended bool
	Goods     []part.Goods
	Next      string
	EditHref  string // for the producer themselves
	Href      string // where everybody finds the page; empty for later ones
}

func (v Grower) way() string {
	if v.Suspended {
		return ""
	}
	return v.Href
}

func (v Grower) facts() []part.Fact {
	t := v.Frame.T
	facts := []part.Fact{{Name: t("grower.place"), Value: v.Place}, {Name: t("grower.market"), Value: v.Market.Value, Href: v.Market.Href}}
	if !v.Since.IsZero() {
		facts = append(facts, part.Fact{Name: t("grower.since"), Value: v.Frame.Reader.Date(v.Since)})
	}
	switch {
	case v.Licence != "":
		facts = append(facts, part.Fact{Name: t("grower.licence"), Value: v.Licence})
	case v.Exemption != "":
		facts = append(facts, part.Fact{Name: t("grower.licence"), Value: t("grower.exempt")})
	}
	return facts
}
