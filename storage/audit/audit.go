// Package audit is the check of the books. It knows no check itself: each room
// hands in its own, and each runs on one market at one moment.
package audit

import (
	"context"
	"errors"
	"fmt"

	"commonfield/storage"
)

// Check holds rows against a rule. It gives how many it looked at and the values of a
// sentence for each that breaks the rule.
type Check struct {
	Name string
	Run  func(tx *storage.Tx) (checked int64, violations []Values, err error)
}

// Found is a check by two statements of one parameter, the market: one counts what
// is looked at, one is Read and gives what breaks the rule.
func Found(tx *storage.Tx, count, violations string) (int64, []Values, error) {
	var n int64
	if err := tx.Get(&n, count, tx.Market); err != nil {
		return 0, nil, err
	}
	wrong, err := Read(tx, violations, tx.Market)
	return n, wrong, err
}

// Skip says why a check could not be made now; a check gives it back as its error.
type Skip string

// Error makes Skip an error.
func (s Skip) Error() string { return string(s) }

// Alarm looks for what somebody should know of, though no rule is broken.
type Alarm struct {
	Name string
	Run  func(tx *storage.Tx) ([]Values, error)
}

// Report is the outcome over all markets.
type Report struct {
	OK     bool     `json:"ok"`
	Checks []Result `json:"checks"`
	Alarms []Heard  `json:"alarms"`
}

// Heard is what an alarm has found, in one market.
type Heard struct {
	Market int32  `json:"market"`
	Name   string `json:"name"`
	Found  Values `json:"found"`
}

// String says it in one line, values by their names.
func (h Heard) String() string { return fmt.Sprintf("market %d: %s: %s", h.Market, h.Name, h.Found) }

// Result is the outcome of one check.
type Result struct {
	Name       string      `json:"name"`
	OK         bool        `json:"ok"`
	Checked    int64       `json:"checked"`
	Violations []Violation `json:"violations"`
	Skipped    string      `json:"skipped,omitempty"` // why it was not made, in some market
}

// Violation is what breaks the rule of a check, in one market.
type Violation struct {
	Market int32  `json:"market"`
	Found  Values `json:"found"`
}

// String says it in one line, values by their names.
func (v Violation) String() string { return fmt.Sprintf("market %d: %s", v.Market, v.Found) }

// Run runs all checks on all markets, each market at one moment of its own.
// Alarms are listed apart and do not fail the report.
func Run(ctx context.Context, db *storage.DB, markets []int32, checks []Check, alarms []Alarm) (Report, error) {
	r := Report{OK: true, Checks: []Result{}, Alarms: []Heard{}}
	for _, c := range checks {
		r.Checks = append(r.Checks, Result{Name: c.Name, OK: true, Violations: []Violation{}})
	}
	for _, m := range markets {
		err := db.Snapshot(ctx, m, func(tx *storage.Tx) error {
			for i, c := range checks {
				n, wrong, err := c.Run(tx)
				res := &r.Checks[i]
				if skip, is := errors.AsType[Skip](err); is {
					res.Skipped = fmt.Sprintf("market %d: %s", m, skip)
					continue
				}
				if err != nil {
					return fmt.Errorf("%s: %w", c.Name, err)
				}
				res.Checked += n
				for _, w := range wrong {
					res.OK, r.OK = false, false
					res.Violations = append(res.Violations, Violation{Market: m, Found: w})
				}
			}
			for _, a := range alarms {
				heard, err := a.Run(tx)
				if err != nil {
					return fmt.Errorf("%s: %w", a.Name, err)
				}
				for _, h := range heard {
					r.Alarms = append(r.Alarms, Heard{Market: m, Name: a.Name, Found: h})
				}
			}
			return nil
		})
		if err != nil {
			return r, fmt.Errorf("market %d: %w", m, err)
		}
	}
	return r, nil
}
