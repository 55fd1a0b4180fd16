package page

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/web/part"
)

// AsAgent is the side of the agent who earns on an order, in what is written.
const AsAgent = "agent"

// Talk is what the sides of an order write to each other.
type Talk struct {
	Frame      part.Frame
	Market, ID string // of the order
	Number     string
	As         string // AsBuyer, AsSeller, AsAgent or AsOperator
	Messages   []Message
	Open       bool   // more may be written
	Called     string // why an operator reads along; empty: none was called
	Reads      bool   // the visitor may only read
	Say        part.Form
	Call       part.Form
	Leave      part.Form
}

// Message is one of them.
type Message struct {
	As, Who string
	Mine    bool
	Text    string
	Photos  []part.Picture
	At      time.Time
	Seen    bool // by another side
}

// TalkSign stands on an order's page: how much was written, and how much of it the
// visitor has not read.
type TalkSign struct {
	Shown           bool
	Messages, Fresh int
}

// Talks is a list of them.
type Talks struct {
	Frame part.Frame
	Head  part.Head
	Lead  string
	Rows  []TalkRow
}

// TalkRow is one order's.
type TalkRow struct {
	Href, Number string
	Other        string // the other side
	Goods        string
	Messages     int
	Fresh        int
	Why          string // an operator was called
	At           time.Time
}

func (v Talk) head() part.Head {
	return part.Head{Title: v.Frame.T("talk.title") + " " + v.Number}
}

func (v Talk) who(m Message) string {
	switch {
	case m.Mine:
		return v.Frame.T("talk.you")
	case m.Who != "" && m.As != AsOperator:
		return m.Who
	}
	return v.Frame.T("talk." + m.As)
}

func (v Talk) with() string {
	return v.Frame.T("talk.lead_" + v.As)
}

func (v Talk) reasons() []part.Option {
	var out []part.Option
	for _, why := range []string{"help", "outside", "rude"} {
		out = append(out, part.Option{Value: why, Label: v.Frame.T("talk.why_" + why)})
	}
	return out
}

// deed is what its link says.
func (s TalkSign) deed(f part.Frame) string {
	switch {
	case s.Fresh > 0:
		return f.T("talk.open")
	case s.Messages > 0:
		return f.T("talk.read", "count", s.Messages)
	}
	return f.T("talk.write")
}

func (v Talks) table() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: v.Head.Title, Cols: []part.Col{{Label: r.T("talks.order")}, {Label: r.T("talks.with")}, {Label: r.T("talks.state")}, {Label: r.T("talks.last")}}}
	for _, row := range v.Rows {
		state := part.Text(r.T("talk.read", "count", row.Messages))
		switch {
		case row.Why != "":
			state = part.Badge("bad", "flag", r.T("talk.why_"+row.Why))
		case row.Fresh > 0:
			state = part.Badge("wait", "chat", r.T("talk.fresh", "count", row.Fresh))
		}
		t.Rows = append(t.Rows, []templ.Component{part.Link(row.Href, row.Number, row.Goods), part.Text(row.Other), state, part.Text(r.Moment(row.At))})
	}
	return t
}
