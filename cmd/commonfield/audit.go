package main

import (
	"context"
	"fmt"
	"io"

	"commonfield/marketplace/tongue"
	"commonfield/storage/audit"
)

// Audit checks the books.
type Audit struct {
	JSON   bool   `help:"For a script: {\"ok\", \"checks\", \"alarms\"}."`
	Market string `placeholder:"CODE" help:"Only one market."`
}

// Help shows an example.
func (*Audit) Help() string {
	return `Each market is read at one moment of its own, so it may run while the program serves. Alarms are listed apart and do not fail.

Examples:
  commonfield audit
  commonfield audit --json | jq .ok`
}

// Run checks the books and exits 1 on a violation.
func (a *Audit) Run(p *program) error {
	m, err := p.reopen()
	if err != nil {
		return err
	}
	defer m.close()
	var markets []int32
	if a.Market != "" {
		of, err := m.find(p, a.Market)
		if err != nil {
			return err
		}
		markets = append(markets, of.ID)
	}
	report, err := m.Audit(p.ctx, markets...)
	if err != nil {
		return err
	}
	if a.JSON {
		if err := p.json(report); err != nil {
			return err
		}
	} else {
		showReport(p.out, m, report)
	}
	if !report.OK {
		return silent(exitRefused)
	}
	return nil
}

// showReport writes a report for a person.
func showReport(w io.Writer, m *market, r audit.Report) {
	wrong, looked := 0, int64(0)
	for _, c := range r.Checks {
		mark := "ok   "
		if !c.OK {
			mark = "WRONG"
		}
		fmt.Fprintf(w, "%s  %s (%d)\n", mark, c.Name, c.Checked)
		if c.Skipped != "" {
			fmt.Fprintf(w, "         not everywhere: %s\n", c.Skipped)
		}
		for _, v := range c.Violations {
			reader, currency := saying(m, v.Market)
			fmt.Fprintf(w, "         market %d: %s", v.Market, reader.Broken(v.Found, currency))
			if key, keyed := v.Found["key"]; keyed {
				fmt.Fprintf(w, " (%v)", key)
			}
			fmt.Fprintln(w)
		}
		wrong += len(c.Violations)
		looked += c.Checked
	}
	for _, a := range r.Alarms {
		reader, currency := saying(m, a.Market)
		fmt.Fprintf(w, "alarm  market %d: %s: %s\n", a.Market, a.Name, reader.Heard(a.Name, a.Found, currency))
	}
	fmt.Fprintf(w, "%d checks, %d rows, %d violations, %d alarms\n", len(r.Checks), looked, wrong, len(r.Alarms))
}

// saying is how a market's findings are said here; of one that is unknown sums are in yuan,
// moments in UTC.
func saying(m *market, number int32) (tongue.Reader, string) {
	of, _ := m.Books.Market(context.Background(), number)
	return tongue.For(tongue.English).At(of.Location(), m.DB.Now()), of.Currency
}
