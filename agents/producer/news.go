package producer

import (
	"fmt"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobStanding says that a producer applied, was let in or was suspended, for the
// rooms above to tell.
const JobStanding = "producer:standing"

// StandingNews is the body of JobStanding.
type StandingNews struct {
	Producer id.ID     `json:"producer"`
	State    string    `json:"state"`
	Why      string    `json:"why,omitempty"`
	At       time.Time `json:"at"`
}

func announce(tx *storage.Tx, producer id.ID, state, why string) {
	jobs.Add(tx, JobStanding, fmt.Sprintf("%s:%s:%d", producer, state, tx.Now.UnixMicro()), StandingNews{producer, state, why, tx.Now})
}
