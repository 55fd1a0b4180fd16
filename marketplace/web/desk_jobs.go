package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/jobs"
)

// failedJobs are those that gave up.
func (d *desk) failedJobs(c *fiber.Ctx, s seat) error {
	return d.showJobs(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showJobs(c *fiber.Ctx, s seat, status int, form part.Form) error {
	gaveUp, err := jobs.Failed(c.UserContext(), d.DB, s.m.ID)
	if err != nil {
		return err
	}
	due, oldest, err := jobs.Lag(c.UserContext(), d.DB, s.m.ID)
	if err != nil {
		return err
	}
	form.Action = s.way(part.JobsWay)
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Jobs{Frame: f, Form: form, Due: due}
		if !oldest.IsZero() {
			v.Late = int64(d.DB.Now().Sub(oldest).Seconds())
		}
		for _, j := range gaveUp {
			v.Failed = append(v.Failed, page.Job{ID: j.ID.String(), Market: marketText(j.Market), Name: j.Kind, Error: j.Error,
				Tries: int64(j.Attempts), At: j.FinishedAt, Key: newKey()})
		}
		return v.View()
	})
}

func (d *desk) retry(c *fiber.Ctx, s seat) error {
	job, err := row(c.FormValue("job"))
	if err != nil {
		return err
	}
	if err := d.once(c.UserContext(), s, d.key(c, s), func() error { return jobs.Retry(c.UserContext(), d.DB, s.m.ID, job) }); err != nil {
		if !refused(err) {
			return err
		}
		form, status := d.refuse(c, s, err)
		return d.showJobs(c, s, status, form)
	}
	d.Worker.Wake()
	return d.done(c, s.way(part.JobsWay), "retried")
}
