package told

import (
	"context"
	"fmt"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/storage"
	"commonfield/storage/jobs"
)

// recent is how long ago a job may have given up that operators are told of.
const recent = 7 * 24 * time.Hour

// mostJobs is of how many jobs one watch tells one by one: a hundred that gave up
// for one reason are one reason.
const mostJobs = 5

// watch tells operators which jobs gave up. Letters that could not be delivered
// are told of together, once a day and never by letter: else a mail server that
// is away would be told of to itself.
func (t *Teller) watch(ctx context.Context, j jobs.Job) (finish, error) {
	failed, err := jobs.Failed(ctx, t.db, j.Market)
	if err != nil {
		return nil, err
	}
	now := t.db.Now()
	var letters int64
	var all []notice.Notice
	for _, f := range failed {
		switch {
		case now.Sub(f.FinishedAt) > recent:
		case f.Kind == notice.JobLetter || f.Kind == notice.JobConfirm:
			if now.Sub(f.FinishedAt) < 24*time.Hour {
				letters++
			}
		case len(all) < mostJobs:
			all = append(all, notice.Notice{Key: fmt.Sprintf("job:%s:%d", f.ID, f.FinishedAt.Unix()), Kind: notice.DeskJob, Market: j.Market, Way: jobsWay,
				Facts: notice.Facts{Word: f.Kind}, At: f.FinishedAt})
		}
	}
	if letters > 0 {
		all = append(all, notice.Notice{Key: fmt.Sprintf("letters:%d:%s", j.Market, now.Format(time.DateOnly)), Kind: notice.DeskLetters, Market: j.Market, Way: jobsWay,
			Facts: notice.Facts{Count: letters}, At: now})
	}
	return t.desks(ctx, all)
}

// desks tells the operators of a market several things.
func (t *Teller) desks(ctx context.Context, all []notice.Notice) (finish, error) {
	var ends []finish
	for _, n := range all {
		end, err := t.desk(ctx, n)
		if err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	return func(tx *storage.Tx) error {
		for _, end := range ends {
			if err := end(tx); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// check tells operators when the books do not agree, and, apart from that, what a
// person should look at: the one cannot be switched off, the other can.
func (t *Teller) check(ctx context.Context, j jobs.Job) (finish, error) {
	found, err := t.audit(ctx, j.Market)
	if err != nil {
		return nil, err
	}
	var all []notice.Notice
	tell := func(key string, kind notice.Kind, names []string) {
		if len(names) > 0 {
			all = append(all, notice.Notice{Key: fmt.Sprintf("%s:%d:%s", key, j.Market, j.Key), Kind: kind, Market: j.Market, Way: booksWay,
				Facts: notice.Facts{Count: int64(len(names)), Word: names[0]}, At: t.db.Now()})
		}
	}
	tell("audit", notice.DeskAudit, found.Broken)
	tell("alarm", notice.DeskAlarm, found.Alarms)
	return t.desks(ctx, all)
}
