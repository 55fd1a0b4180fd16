package page

import (
	"strings"
	"time"

	"commonfield/marketplace/web/part"
)

// Hooks are the addresses that are told what happens in a market. Its form sends
// url and "yes" under the name of each event.
type Hooks struct {
	Frame  part.Frame
	Rows   []HookRow
	Events []string
	Form   part.Form
}

// HookRow is one of them. State is "active", "ill", or "paused_" and why.
type HookRow struct {
	Href, URL, State string
	Events           int64
	Since            time.Time
}

// Hook is one address with what was told to it. Its forms send fate: "choose"
// with url and events, "renew", "pause", "resume", "remove", "test", and
// "replay" with delivery.
type Hook struct {
	Frame    part.Frame
	Back     string
	URL      string
	State    string
	Since    *time.Time // failing since
	Rest     *time.Time
	Secret   string // shown once
	OldUntil *time.Time
	Events   []string
	Form     part.Form
	Deed     part.Form // what was refused of a button
	Rows     []HookDelivery
	Next     string
}

// HookDelivery is one event on its way. State is "waiting", "held", "done", "failed".
type HookDelivery struct {
	ID, Event, Type, State, Error string
	Status, Tries                 int64
	Answer, Body                  string
	At                            time.Time
	Next                          *time.Time
	Key                           string
}

// EventKey is an event's name in the catalogues.
func eventKey(event string) string { return strings.ReplaceAll(event, ".", "_") }

func hookBadge(state string) (kind, icon string) {
	switch state {
	case "active", "done":
		return "good", "check"
	case "ill", "waiting", "held":
		return "wait", "clock"
	case "paused_operator":
		return "", "pause"
	}
	return "bad", "alert"
}

func (v Hook) paused() bool { return strings.HasPrefix(v.State, "paused_") }

// sure is the form of a deed that asks once more.
func (v Hook) sure(name string) part.Form {
	return part.Form{Action: v.Form.Action, Key: v.Form.Key + name, ID: name + "-"}
}

func (v Hook) wrong(d HookDelivery) string {
	if d.Error == "" {
		return v.Frame.T("hook.answered", "status", d.Status)
	}
	if d.Status > 0 {
		return v.Frame.T("hook_error."+d.Error) + " (" + v.Frame.Reader.Count(d.Status) + ")"
	}
	return v.Frame.T("hook_error." + d.Error)
}
