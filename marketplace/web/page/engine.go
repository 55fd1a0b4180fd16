package page

import (
	"time"

	"commonfield/marketplace/web/part"
	"commonfield/storage/audit"
)

// Engine is the operator's page of search: how the engine is, building its index
// anew, holding it against the rows, and the names that mean the same.
type Engine struct {
	Frame     part.Frame
	Name      string // "pg", "meili"
	Version   string
	Documents int64
	Waiting   int64         // changes that are not found yet
	Late      time.Duration // age of the oldest of them
	State     string        // "good", "slow", "down"
	Platform  bool          // may build and write
	Building  bool
	Failed    string // what kept the last building from being done
	Rebuild   part.Form
	CheckWay  string
	Compared  *Compared
	Synonyms  part.Form // the fields are synonyms and edition
	Text      string    // a group a line
	Edition   string
	Groups    [][]string
}

// Compared is the index of one market held against its rows.
type Compared struct {
	Documents int64
	Wrong     []audit.Values // at most as many as a page shows
	More      int64          // beyond them
	Later     bool           // changes wait: it cannot be said now
	Down      bool
}

func (v Engine) stats() []part.Stat {
	r := v.Frame.Reader
	documents := r.T("engine.unknown")
	if v.State != "down" {
		documents = r.Count(v.Documents)
	}
	return []part.Stat{{Label: r.T("engine.documents"), Value: documents}, {Label: r.T("engine.waiting"), Value: r.Count(v.Waiting)},
		{Label: r.T("jobs.late"), Value: r.Span(v.Late)}}
}
