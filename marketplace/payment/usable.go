package payment

import (
	"encoding/json"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// JobUsable books that what a payment has brought is ours to use.
const JobUsable = "payment:usable"

type usableJob struct {
	Payment id.ID `json:"payment"`
	Amount  int64 `json:"amount_minor"`
}

// Later adds, in the transaction that books a capture, the job that moves its
// money on the day the gateway names: clearing, then available.
func Later(tx *storage.Tx, p Payment, o Object) {
	if o.Usable.IsZero() || o.Captured <= o.Fee {
		return
	}
	jobs.Add(tx, JobUsable, p.ID.String(), usableJob{p.ID, o.Captured - o.Fee}, o.Usable)
}

// Usable is the job of JobUsable.
func Usable(tx *storage.Tx, j jobs.Job) error {
	var u usableJob
	if err := json.Unmarshal(j.Body, &u); err != nil {
		return err
	}
	return ledger.Post(tx, ledger.Entry{Cause: "payment:" + u.Payment.String() + ":usable",
		Legs: []ledger.Leg{{Debit: ledger.GatewayAvailable, Credit: ledger.GatewayClearing, Amount: u.Amount}}})
}
