package jobs

import (
	"commonfield/storage"
	"commonfield/storage/id"
)

// IndexKind is the kind of the job that brings a changed row to search, which
// stands above the rooms whose rows are found: they only say what has changed.
const IndexKind = "search:index"

// Changed is the body of such a job.
type Changed struct {
	Kind string `json:"kind"` // listing, producer
	ID   id.ID  `json:"id"`
}

// Index says, in the transaction that changes a row, that it has another
// version now. The version is part of the key, so that no change is swallowed
// by a job that runs.
func Index(tx *storage.Tx, kind string, row id.ID, version string) {
	Add(tx, IndexKind, kind+":"+row.String()+":"+version, Changed{kind, row})
}

// WaitingIn counts the jobs of one kind in tx's market that are still to be done.
// One that gave up waits for nothing.
func WaitingIn(tx *storage.Tx, kind string) (int64, error) {
	var n int64
	err := tx.Get(&n, "SELECT count(*) FROM jobs WHERE market_id = $1 AND kind = $2 AND state IN ('ready', 'leased')", tx.Market, kind)
	return n, err
}
