package web

import (
	"context"
	"errors"
	"strings"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/storage/fault"
)

// What runs beside the pages, as the operator's desk tells it: each by what is known of
// it at this moment, and without a verdict where nothing is.

const (
	// sluggish is how long the desk's own reading may take before the database counts as slow.
	sluggish = time.Second
	// asked is how long the desk waits for the engine of search.
	asked = time.Second
	// recently is how long the last answer of a gateway is a verdict.
	recently = 24 * time.Hour
	// mostSilent is how many calls in a row may go without an answer before a gateway counts as down.
	mostSilent = 3
)

// databaseService tells how long it took to read what stands on the page.
func databaseService(r tongue.Reader, took time.Duration) page.Service {
	one := page.Service{Name: r.T("service_name.database"), State: "good", Note: r.T("service_name.database_took", "ms", r.Count(max(took.Milliseconds(), 1)))}
	if took > sluggish {
		one.State = "slow"
	}
	return one
}

// paymentService tells how the gateways answered recently.
func (d *desk) paymentService(r tongue.Reader, w nowRead) page.Service {
	var ways []string
	for _, way := range d.Desk.Ways() {
		if key := "pay_way." + way; tongue.Has(key) {
			way = r.T(key)
		}
		ways = append(ways, way)
	}
	one := page.Service{Name: r.T("service_name.payments"), Note: strings.Join(ways, " · ")}
	say := func(key string, pairs ...any) { one.Note += " · " + r.T("service_name."+key, pairs...) }
	last := w.calls.Answered
	switch {
	case w.calls.Silent >= mostSilent:
		one.State = "down"
	case w.calls.Silent > 0, w.sums["payment_jobs"].Count > 0:
		one.State = "slow"
	case d.DB.Now().Sub(last) < recently:
		one.State = "good"
	}
	if w.calls.Silent > 0 {
		say("payments_silent", "count", w.calls.Silent)
	}
	if n := w.sums["payment_jobs"].Count; n > 0 {
		say("payments_jobs", "count", n)
	}
	if last.IsZero() {
		say("payments_never")
	} else {
		say("payments_last", "moment", r.Moment(last))
	}
	return one
}

// found is how search stands.
type found struct {
	down bool
	late time.Duration // the oldest change that cannot be found yet
}

// finding asks the engine of search, and does not wait long for it.
func (d *desk) finding(ctx context.Context) (found, error) {
	timed, cancel := context.WithTimeout(ctx, asked)
	defer cancel()
	health, err := d.Search.Health(timed)
	if fault.Has(err, "search_down") || errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		_, late, err := d.Search.Lag(ctx)
		return found{down: true, late: late}, err
	}
	return found{late: health.Lag}, err
}

func searchService(r tongue.Reader, f found) page.Service {
	one := page.Service{Name: r.T("service_name.search"), State: searchState(f.down, f.late)}
	if f.down {
		one.Note = r.T("service_name.search_down")
	} else if f.late > tardy {
		one.Note = r.T("service_name.search_late", "span", r.Span(f.late))
	}
	return one
}

// searchState is how search stands in one word.
func searchState(down bool, late time.Duration) string {
	switch {
	case down:
		return "down"
	case late > tardy:
		return "slow"
	}
	return "good"
}

// jobService tells of the jobs that gave up, and how late those are that wait.
func jobService(r tongue.Reader, w nowRead, now time.Time) page.Service {
	one := page.Service{Name: r.T("service_name.jobs"), State: "good"}
	if n := w.sums["jobs"].Count; n > 0 {
		one.State, one.Note = "slow", r.T("service_name.jobs_failed", "count", n)
	}
	if since := w.sums["jobs_due"].Due; !since.IsZero() && now.Sub(since) > tardy {
		if one.Note != "" {
			one.Note += " · "
		}
		one.State = "slow"
		one.Note += r.T("service_name.jobs_late", "span", r.Span(now.Sub(since)))
	}
	return one
}

func textService(r tongue.Reader, t notice.Texts) page.Service {
	one := page.Service{Name: r.T("service_name.texts"), State: "good", Note: r.T("service_name.texts_today", "sent", r.Count(t.Sent), "most", r.Count(t.Most), "failed", r.Count(t.Failed+t.Over))}
	if t.Failed+t.Over > 0 {
		one.State = "slow"
	}
	return one
}
