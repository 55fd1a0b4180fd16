package search

import (
	"context"
	"time"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// RebuildJob builds the index anew. It stands among the platform's own jobs.
const RebuildJob = "search:rebuild"

// rebuildTime is how long building may take; a worker that is lost in the middle
// of it holds the next try up that long.
const rebuildTime = 30 * time.Minute

// Making says how it stands with building anew.
type Making struct {
	Waits bool   // asked for, or being done
	Error string // of the last try that gave up
}

// AskRebuild has the index built anew by a job, by an operator of the platform
// (operator_only). What was asked for and is not done is not asked for twice.
func (d *Desk) AskRebuild(ctx context.Context, by people.Person) error {
	if !by.IsOperator(storage.Platform) {
		return fault.Forbidden("operator_only")
	}
	gaveUp, err := d.gaveUp(ctx)
	if err != nil {
		return err
	}
	if gaveUp != nil {
		if err := jobs.Retry(ctx, d.db, storage.Platform, gaveUp.ID); err != nil {
			return err
		}
	}
	return d.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		n, err := jobs.WaitingIn(tx, RebuildJob)
		tx.Keyed() // building once too often does no harm
		if err != nil {
			return err
		}
		if n == 0 {
			jobs.Add(tx, RebuildJob, id.New().String(), struct{}{})
		}
		trail.Write(tx, by.ID, "search.rebuild", "search:index", "")
		return nil
	})
}

// Making says whether the index is to be built anew, and what kept the last try
// from it.
func (d *Desk) Making(ctx context.Context) (Making, error) {
	gaveUp, err := d.gaveUp(ctx)
	if err != nil || gaveUp != nil {
		m := Making{}
		if gaveUp != nil {
			m.Error = gaveUp.Error
		}
		return m, err
	}
	var n int64
	err = d.db.View(ctx, storage.Platform, func(tx *storage.Tx) (err error) { n, err = jobs.WaitingIn(tx, RebuildJob); return err })
	return Making{Waits: n > 0}, err
}

func (d *Desk) gaveUp(ctx context.Context) (*jobs.Given, error) {
	all, err := jobs.Failed(ctx, d.db, storage.Platform)
	for _, j := range all {
		if j.Kind == RebuildJob {
			return &j, err
		}
	}
	return nil, err
}

// Rebuilder does the jobs of RebuildJob. Who builds already, in the terminal or
// elsewhere, is overtaken; what fails leaves the live index as it was.
func (d *Desk) Rebuilder() jobs.Handler {
	return jobs.Handler{Time: rebuildTime, Call: func(ctx context.Context, _ jobs.Job) (func(*storage.Tx) error, error) {
		_, err := d.Reindex(ctx, nil)
		if fault.Has(err, "reindex_overtaken") {
			return nil, nil // somebody else's is under way
		}
		return nil, err
	}}
}
