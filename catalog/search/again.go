package search

import (
	"context"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
)

// JobLook is the kind of the platform's job that looks every few minutes whether
// changes could not be brought to the engine and may be now.
const JobLook = "search:look"

// Look does the jobs of JobLook. An engine that was away for longer than a
// change's tries last is caught up with by itself when it is well again; while
// it is not, nothing is tried and the alarm stays.
func (d *Desk) Look(ctx context.Context, _ jobs.Job) (func(*storage.Tx) error, error) {
	markets, err := jobs.Stuck(ctx, d.db, jobs.IndexKind)
	if err != nil || len(markets) == 0 {
		return nil, err
	}
	if _, err := d.Health(ctx); fault.Has(err, "search_down") {
		return nil, nil // the next look asks again
	} else if err != nil {
		return nil, err
	}
	return nil, d.catchUp(ctx, markets)
}

// catchUp has changes of some markets that could not be brought tried again now.
func (d *Desk) catchUp(ctx context.Context, markets []int32) error {
	total := int64(0)
	for _, m := range markets {
		var n int64
		err := d.db.Update(ctx, m, func(tx *storage.Tx) (err error) { n, err = jobs.Unstick(tx, jobs.IndexKind); return err })
		if err != nil {
			return err
		}
		total += n
	}
	if total > 0 {
		d.log.Info("search: changes that could not be brought are tried again", "engine", d.engine.Name(), "changes", total)
	}
	return nil
}
