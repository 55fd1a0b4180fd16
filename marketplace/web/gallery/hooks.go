package gallery

import (
	"strings"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

var hookEvents = []string{"order.moved", "payment.captured", "refund.sent", "refund.failed", "payout.drafted", "payout.paid", "payout.failed", "dispute.moved", "chargeback.moved", "listing.changed", "producer.changed"}

const hookURL = "https://erp.yuli.example/commonfield/in"

// hooked are the pages of outgoing webhooks.
func hooked() []Shown {
	return []Shown{
		{"hooks", "full", func(r tongue.Reader) templ.Component { return hooks(r).View() }},
		{"hooks", "empty", func(r tongue.Reader) templ.Component {
			v := hooks(r)
			v.Rows = nil
			return v.View()
		}},
		{"hooks", "refused", func(r tongue.Reader) templ.Component {
			v := hooks(r)
			v.Form = v.Form.Refused(r, fault.All(fault.Invalid("url", "hook_private"), fault.Invalid("events", "hook_events")), map[string]string{"url": "https://192.168.1.9/in"})
			return v.View()
		}},
		{"hook", "new, with its secret", func(r tongue.Reader) templ.Component {
			v := hook(r)
			v.Secret, v.Rows, v.Next, v.Since, v.State, v.OldUntil = "whsec_3p9Yq0mC8b6Jt1xNfRrXo5vWc2LkHd7aUeGzIyTsBnM=", nil, "", nil, "active", nil
			return v.View()
		}},
		{"hook", "does not answer", func(r tongue.Reader) templ.Component { return hook(r).View() }},
		{"hook", "paused, refused", func(r tongue.Reader) templ.Component {
			v := hook(r)
			v.State, v.Since, v.OldUntil = "paused_failing", nil, nil
			v.Deed.Whole = tongue.Fault(r, "hook_paused", nil)
			return v.View()
		}},
		{"hook", "long", func(r tongue.Reader) templ.Component {
			v := hook(r)
			v.URL = "https://" + strings.Repeat("very-long-name.", 9) + "example/" + strings.Repeat("a", 200)
			v.Rows[0].Answer = strings.Repeat("0123456789", 50)
			return v.View()
		}},
	}
}

func hookForm() part.Form {
	return part.Form{Action: "/", Key: "k", Values: map[string]string{"url": hookURL, "order.moved": "yes", "payment.captured": "yes", "refund.sent": "yes"}}
}

func hooks(r tongue.Reader) page.Hooks {
	row := func(url, state string, n int64) page.HookRow {
		return page.HookRow{Href: "/", URL: url, State: state, Events: n, Since: days(-20)}
	}
	return page.Hooks{Frame: operator(r, part.OperatorWay), Form: part.Form{Action: "/", Key: "k"}, Events: hookEvents,
		Rows: []page.HookRow{row(hookURL, "active", 9), row("https://books.example/hooks/7f1c", "ill", 3), row("https://old.example/"+strings.Repeat("in/", 30), "paused_gone", 1)}}
}

func hook(r tongue.Reader) page.Hook {
	since, until, next := days(-1), days(1), days(0)
	row := func(id, kind, state, wrong string, status, tries int64) page.HookDelivery {
		return page.HookDelivery{ID: id, Event: "evt_0f8b6c5e-9b1d-8c2a-a7d4-5f0d3e2b1a09", Type: kind, State: state, Error: wrong, Status: status, Tries: tries, At: days(-1), Key: id,
			Body: `{"id":"evt_0f8b6c5e-9b1d-8c2a-a7d4-5f0d3e2b1a09","type":"` + kind + `","market":"YL","at":"2026-11-23T07:27:00Z","data":{"order":"0193c1d2-4b7e-7c11-9d2e-1f2a3b4c5d6e","number":"YL-261123-7K2M","from":"accepted","state":"shipped","currency":"CNY","total_minor":13000}}`}
	}
	waits := row("1", "order.moved", "waiting", "status", 503, 4)
	waits.Next, waits.Answer = &next, "<html><head><title>503 Service Temporarily Unavailable</title></head>"
	return page.Hook{Frame: operator(r, part.OperatorWay), Back: "/", URL: hookURL, State: "ill", Since: &since, OldUntil: &until, Events: hookEvents, Form: hookForm(), Next: "?after=a",
		Rows: []page.HookDelivery{waits, row("2", "refund.sent", "failed", "timeout", 0, 9), row("3", "hook.test", "done", "", 200, 1), row("4", "payout.paid", "held", "", 0, 0)}}
}
