package part

import "time"

// Turns of a panel.
const (
	You     = "you"
	Them    = "them"
	Done    = "done"
	Stopped = "stopped"
)

// Standing is where a thing stands, in finished sentences.
type Standing struct {
	Turn   string
	Whose  string // "your turn", "the seller's turn"
	Say    string // what happened and what now
	Next   string // what follows
	Until  string // by when, and what happens without a word
	Urgent bool
	Second bool   // the page has another h1
	ID     string // where a page has several panels
}

func (s Standing) id() string {
	if s.ID == "" {
		return "say"
	}
	return s.ID
}

func (s Standing) icon() string {
	switch s.Turn {
	case You:
		return "flag"
	case Done:
		return "done"
	case Stopped:
		return "pause"
	}
	return "wait"
}

// Event is something that happened, or will.
type Event struct {
	At        time.Time
	Text, Sub string
	Later     bool
	Ends      bool // nothing follows it
}

func (e Event) mark(i int) string {
	switch {
	case e.Later:
		return "later"
	case i == 0 && !e.Ends:
		return "now"
	}
	return "done"
}

// Todo is one thing that waits.
type Todo struct {
	Title, Text, Until string
	Urgent             bool
	Href, Word         string
	Badge, Kind        string
	First              bool // the one primary button of the list
}

// Stat is a figure with its name.
type Stat struct{ Label, Value, Note string }

// Crumb is a step of the way back; the last has no address.
type Crumb struct{ Word, Href string }

// Chip is a link that may be on.
type Chip struct {
	Word, Href string
	On         bool
}
