package payout_test

import (
	"context"
	"testing"
	"time"

	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// drafts are the batches that the schedule made, by their layout.
func (o *office) drafts() map[string]int {
	o.t.Helper()
	made := map[string]int{}
	o.view(func(tx *storage.Tx) error {
		clear(made)
		all, err := payout.Batches(tx, id.None, 50)
		for _, b := range all {
			if b.CreatedBy == people.System.ID {
				made[b.Layout]++
			}
		}
		return err
	})
	return made
}

// Between the bank's batch and the one in cash the program may die. Had the first stayed
// without the second, the job that runs again would take it for the last time's, and
// whoever is paid in cash would wait for another week.
func TestADaysBatchesOfAllWaysComeTogetherOrNotAtAll(t *testing.T) {
	o := open(t)
	_, hand := o.hand(100_000, 50_000)
	o.payee("by bank", 100)
	o.grower("in cash", hand, false, 200)
	o.rules(payout.Rules{ByItself: true})
	o.update(func(tx *storage.Tx) error { payout.Schedule(tx, time.UTC); return nil })
	o.pass(24 * time.Hour)
	o.work()
	if made := o.drafts(); made[payout.CSV] != 1 || made[payout.Cash] != 1 {
		t.Fatalf("drafted: %v", made)
	}
	var commits int
	o.view(func(tx *storage.Tx) error {
		return tx.Get(&commits, `SELECT count(DISTINCT xmin::text) FROM payout_batches WHERE market_id = $1`, tx.Market)
	})
	if commits != 1 {
		t.Errorf("they came in %d commits", commits)
	}
	o.clean()
}

// After a rest the jobs of several days run together, on several instances, while sums
// become payable.
func TestOfManyDaysJobsAtOnceOneDrafts(t *testing.T) {
	o := open(t)
	o.rules(payout.Rules{ByItself: true})
	p := o.payee("A", 100)
	for day := range 16 {
		o.update(func(tx *storage.Tx) error {
			jobs.Add(tx, payout.DraftJob, time.Date(2026, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), struct{}{})
			return nil
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	owing := make(chan struct{})
	go func() {
		defer close(owing)
		for ctx.Err() == nil {
			o.owe(p, 1, id.New())
		}
	}()
	for _, err := range atOnce(8, func(int) error {
		_, err := jobs.NewWorker(o.db, map[string]jobs.Handler{payout.DraftJob: o.desk.Drafter()}, jobs.Options{}).Drain(t.Context(), o.market)
		return err
	}) {
		must(t, err)
	}
	stop()
	<-owing
	if made := o.drafts(); len(made) != 1 || made[payout.CSV] != 1 {
		t.Errorf("drafted: %v", made)
	}
	o.clean()
}
