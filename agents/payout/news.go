package payout

import (
	"encoding/json"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobAnswered says what the bank answered about payouts, for the rooms above to
// tell their payees.
const JobAnswered = "payout:answered"

// JobDrafted says that a batch waits for somebody to approve it, for the rooms
// above to tell the operators.
const JobDrafted = "payout:drafted"

// JobLaid says that the payouts of a batch lie with the hands that give them, for
// the rooms above to tell both sides.
const JobLaid = "payout:laid"

// Laid is the body of JobLaid.
type Laid struct {
	Batch id.ID     `json:"batch"`
	At    time.Time `json:"at"`
}

// Drafted is the body of JobDrafted.
type Drafted struct {
	Batch id.ID     `json:"batch"`
	By    id.ID     `json:"by"`
	At    time.Time `json:"at"`
}

// Answered is the body of JobAnswered.
type Answered struct {
	Payouts []id.ID   `json:"payouts"`
	State   string    `json:"state"` // paid, failed or returned
	At      time.Time `json:"at"`
}

// announce adds one job for all payouts that came to a state together; a payout
// comes to it once, so the first names the job.
func announce(tx *storage.Tx, state string, payouts []Payout) {
	if len(payouts) == 0 {
		return
	}
	a := Answered{State: state, At: tx.Now}
	for _, o := range payouts {
		a.Payouts = append(a.Payouts, o.ID)
	}
	jobs.Add(tx, JobAnswered, payouts[0].ID.String()+":"+state, a)
}

func readJob[T any](j jobs.Job) (T, error) {
	var body T
	err := json.Unmarshal(j.Body, &body)
	return body, err
}
