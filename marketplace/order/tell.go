package order

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// Move is one move of an order, as it is told: the order stands in its new state.
type Move struct {
	Order Order
	From  State // empty when it was placed
	By    By
	Why   string
}

// Tell hands in who hears of every move, before the pipeline is used. It
// runs in the move's own transaction, so it adds a job and nothing else: the way
// of an order does not wait for letters.
func (p *Pipeline) Tell(f func(tx *storage.Tx, m Move)) { p.tell = append(p.tell, f) }

func (p *Pipeline) told(tx *storage.Tx, o Order, from State, by By, why string) {
	for _, tell := range p.tell {
		tell(tx, Move{o, from, by, why})
	}
}

// JobPart says that a part of a basket's sum has come by transfer, for the rooms
// above to tell.
const JobPart = "order:part"

// PartCame is the body of JobPart.
type PartCame struct {
	Payment id.ID     `json:"payment"`
	At      time.Time `json:"at"`
}

func partCame(tx *storage.Tx, pay id.ID, cause string) {
	jobs.Add(tx, JobPart, pay.String()+":"+cause, PartCame{pay, tx.Now})
}
