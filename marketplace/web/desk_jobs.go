package web

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
)

// failedJobs are those that gave up.
func (d *desk) failedJobs(c *fiber.Ctx, s seat) error {
	return d.showJobs(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showJobs(c *fiber.Ctx, s seat, status int, form part.Form) error {
	var v page.Jobs
	var late time.Duration
	var err error
	if v.Failed, v.Due, late, err = d.stuck(c, s.m.ID); err != nil {
		return err
	}
	v.Late, v.Form = int64(late.Seconds()), form
	v.Form.Action = s.way(part.JobsWay)
	if s.p.IsOperator(storage.Platform) {
		v.All = true
		if v.Platform, v.PlatformDue, late, err = d.stuck(c, storage.Platform); err != nil {
			return err
		}
		v.PlatformLate = int64(late.Seconds())
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v.Frame = f
		return v.View()
	})
}

// stuck are the jobs of a market that gave up, how many may run now, and how late the
// first of them is.
func (d *desk) stuck(c *fiber.Ctx, market int32) (rows []page.Job, due int64, late time.Duration, err error) {
	gaveUp, err := jobs.Failed(c.UserContext(), d.DB, market)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, j := range gaveUp {
		rows = append(rows, page.Job{ID: j.ID.String(), Name: j.Kind, Error: j.Error, Tries: int64(j.Attempts), At: j.FinishedAt, Key: newKey()})
	}
	due, oldest, err := jobs.Lag(c.UserContext(), d.DB, market)
	if !oldest.IsZero() {
		late = d.DB.Now().Sub(oldest)
	}
	return rows, due, late, err
}

// retry lets a job try again: one of the market, or one of the platform, for its own
// operators.
func (d *desk) retry(c *fiber.Ctx, s seat) error {
	job, err := row(c.FormValue("job"))
	if err != nil {
		return err
	}
	market := s.m.ID
	if c.FormValue("of") == page.OfPlatform {
		if !s.p.IsOperator(storage.Platform) {
			return fault.Forbidden("operator_only")
		}
		market = storage.Platform
	}
	if err := d.once(c.UserContext(), s, d.key(c, s), func() error { return jobs.Retry(c.UserContext(), d.DB, market, job) }); err != nil {
		if !refused(err) {
			return err
		}
		form, status := d.refuse(c, s, err)
		return d.showJobs(c, s, status, form)
	}
	d.Worker.Wake()
	return d.done(c, s.way(part.JobsWay), "retried")
}
