package returns

import (
	"encoding/json"
	"strconv"
	"time"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// The jobs of this room.
const (
	JobTimer = "returns:timer" // a side was silent
	JobOver  = "returns:over"  // an order was cancelled
	JobTold  = "returns:told"  // something happened, for the room above to tell
)

type timerJob struct {
	Return id.ID `json:"return"`
	Order  id.ID `json:"order"`
	State  State `json:"state"`
	Due    int64 `json:"due"`             // of the state, in milliseconds: it may be entered again
	Ahead  int   `json:"ahead,omitempty"` // the first or the second reminder
}

// News is the body of JobTold: a return stands so now, or, with Waits, still does
// and silence will count soon.
type News struct {
	Return id.ID     `json:"return"`
	Order  id.ID     `json:"order"`
	State  State     `json:"state"`
	Waits  int       `json:"waits,omitempty"`
	By     id.ID     `json:"by"`
	At     time.Time `json:"at"`
}

// tell leaves the job that tells of what happened. An operator may be called twice,
// for whether the goods go back and for what came, and silence approves before
// somebody says where to; all else happens once.
func tell(tx *storage.Tx, b Return, by id.ID) {
	key := b.ID.String() + ":" + string(b.State)
	if b.State == Called && b.SentAt != nil || b.State == Approved && b.Sealed != nil {
		key += ":sent"
	}
	jobs.Add(tx, JobTold, key, News{Return: b.ID, Order: b.Order, State: b.State, By: by, At: tx.Now})
}

// timed adds the timer of the state that a return is in, and its reminders.
func timed(tx *storage.Tx, b Return) {
	due := b.DueAt.UnixMilli()
	key := b.ID.String() + ":" + string(b.State) + ":" + strconv.FormatInt(due, 36)
	for i, before := range ahead[b.State] {
		jobs.Add(tx, JobTimer, key+":ahead:"+strconv.Itoa(i+1), timerJob{b.ID, b.Order, b.State, due, i + 1}, b.DueAt.Add(-before))
	}
	jobs.Add(tx, JobTimer, key, timerJob{b.ID, b.Order, b.State, due, 0}, *b.DueAt)
}

// Timer is the timer of one state. What has moved on is left alone; silence of the
// seller approves, silence of the buyer ends it, and goods that were sent and not
// answered are an operator's.
func (r *Room) Timer(tx *storage.Tx, j jobs.Job) error {
	var t timerJob
	if err := json.Unmarshal(j.Body, &t); err != nil {
		return err
	}
	_, b, err := r.hold(tx, Ref{order.Ref{Market: j.Market, ID: t.Order}, t.Return})
	if err != nil || b.State != t.State || b.DueAt == nil || b.DueAt.UnixMilli() != t.Due {
		return err
	}
	if t.Ahead > 0 {
		jobs.Add(tx, JobTold, j.Key, News{Return: b.ID, Order: b.Order, State: b.State, Waits: t.Ahead, By: system, At: tx.Now})
		return nil
	}
	switch b.State {
	case Asked:
		b.approve(tx, system, BuyerPays, nil)
	case Objected:
		return b.end(tx, system, Refused, b.Objection, "", 0)
	case Approved:
		if b.Sealed == nil {
			b.call(tx, system, "") // nobody has said where to: the buyer could not send them
			return nil
		}
		return b.end(tx, system, Lapsed, "", "", 0)
	case Sent:
		b.call(tx, system, "")
	}
	return nil
}

func later(tx *storage.Tx, o id.ID) { jobs.Add(tx, JobOver, o.String(), struct{}{}) }

// Over ends the open return of an order that was cancelled, if it has one.
func (r *Room) Over(tx *storage.Tx, j jobs.Job) error {
	name, ok := id.Parse(j.Key)
	if !ok {
		return fault.NotFound("not_found")
	}
	all, err := of(tx, name)
	if err != nil || len(all) == 0 {
		return err
	}
	o, b, err := r.hold(tx, Ref{order.Ref{Market: j.Market, ID: name}, all[0].ID})
	if err != nil || !b.Open() || o.State != order.Cancelled {
		return err
	}
	return b.end(tx, system, Cancelled, "", "", 0)
}
