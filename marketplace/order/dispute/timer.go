package dispute

import (
	"encoding/json"
	"time"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// The jobs of this room.
const (
	JobTimer = "dispute:timer" // a side was silent
	JobOver  = "dispute:over"  // an order was cancelled
	JobTold  = "dispute:told"  // something happened, for the room above to tell
)

// The steps of the timer. A seller is reminded a day before the answer is due.
const (
	stepWaits    = "waits"
	stepSilent   = "silent"
	stepEscalate = "escalate"
)

type timerJob struct {
	Dispute id.ID  `json:"dispute"`
	Order   id.ID  `json:"order"`
	Step    string `json:"step"`
}

// News is the body of JobTold: what happened, by whom and when. What is "opened",
// "waits", "silent", "answered", "offered", "said", "escalated", or the state that
// ended it.
type News struct {
	Dispute id.ID     `json:"dispute"`
	Order   id.ID     `json:"order"`
	What    string    `json:"what"`
	By      id.ID     `json:"by"`
	At      time.Time `json:"at"`
}

// tell leaves the job that tells of what happened. What is said may be said
// often, all else happens once; so words are named by their moment.
func tell(tx *storage.Tx, d Dispute, what string, by id.ID) {
	key := d.ID.String() + ":" + what
	if what == "said" || what == "offered" {
		key += ":" + id.New().String()
	}
	jobs.Add(tx, JobTold, key, News{Dispute: d.ID, Order: d.Order, What: what, By: by, At: tx.Now})
}

// Timer is the timer of one step. What has moved on is left alone.
func (r *Room) Timer(tx *storage.Tx, j jobs.Job) error {
	var t timerJob
	if err := json.Unmarshal(j.Body, &t); err != nil {
		return err
	}
	_, d, err := r.hold(tx, Ref{order.Ref{Market: j.Market, ID: t.Order}, t.Dispute})
	if err != nil || !d.Open() || d.State == Escalated {
		return err
	}
	switch t.Step {
	case stepWaits, stepSilent:
		if d.State == Opened {
			tell(tx, d, t.Step, people.System.ID)
		}
	case stepEscalate:
		d.escalate(tx, order.System)
	}
	return nil
}

func later(tx *storage.Tx, o id.ID) { jobs.Add(tx, JobOver, o.String(), struct{}{}) }

// Over ends the open dispute of an order that was cancelled, if it has one.
func (r *Room) Over(tx *storage.Tx, j jobs.Job) error {
	name, ok := id.Parse(j.Key)
	if !ok {
		return fault.NotFound("not_found")
	}
	all, err := of(tx, name)
	if err != nil {
		return err
	}
	for _, d := range all {
		o, d, err := r.hold(tx, Ref{order.Ref{Market: j.Market, ID: name}, d.ID})
		if err != nil {
			return err
		}
		if d.Open() && o.State == order.Cancelled {
			return d.end(tx, people.System.ID, ending{state: Cancelled, goods: Lost})
		}
	}
	return nil
}
