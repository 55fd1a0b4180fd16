package order

import (
	"strconv"
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

// JobClaimed says that what a guest has ordered in a market is a person's now, for
// the rooms above: at once, and again when what was under way at that moment has
// been told to the guest as well.
const JobClaimed = "order:claimed"

// Claimed is the body of JobClaimed.
type Claimed struct {
	Guest   id.ID `json:"guest"`
	Person  id.ID `json:"person"`
	Payment id.ID `json:"payment"` // of one checkout only; none: all that was the guest's
}

func claimed(tx *storage.Tx, c claimJob) {
	key := c.Guest.String() + ":" + c.Payment.String() + ":" + strconv.FormatInt(tx.Now.UnixMilli(), 36)
	jobs.Add(tx, JobClaimed, key, Claimed(c))
	jobs.Add(tx, JobClaimed, key+":later", Claimed(c), tx.Now.Add(straggler))
}
