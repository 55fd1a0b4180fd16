package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Trail is who saw and did what. The fields of its search are who, deed, and
// the hidden person and about.
type Trail struct {
	Frame  part.Frame
	Ask    TrailAsk
	Market string
	Deeds  []part.Option
	Rows   []TrailRow
	Next   string
}

// TrailAsk is what is looked for.
type TrailAsk struct{ Who, Deed, Person, Subject string }

// TrailRow is one deed.
type TrailRow struct {
	At              time.Time
	Who, Word, Deed string
	Subject, Href   string // what it was done to, in words
	Key             string // what it was done to, as it is kept
	Why, Request    string
}

func (a TrailAsk) form() part.Form {
	return part.Form{Values: map[string]string{"who": a.Who, "deed": a.Deed}}
}
