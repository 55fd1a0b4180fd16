package bench

import (
	_ "embed" // what was learned
	"fmt"
	"strings"
)

//go:embed learned.md
var learned string

// Page is the report as docs/performance.md.
func (r Report) Page() string {
	var b strings.Builder
	a := r.About
	fmt.Fprintf(&b, `# How fast it is, against what would be possible

Made by `+"`commonfield bench --write docs/performance.md`"+` on %s: %d listings, %d rounds of %s a side.
%s, %d cores, %s; %s, PostgreSQL %s; commit %s. It took %s.

**Read the ratios, not the rates.** A limit is the least that a deed could cost, measured in
the same minute on the same machine; a ratio of 1 is as fast as that, and a bar is what the
program must reach. A rate says more about the machine and what else it was doing.

`, a.Began.Format("2006-01-02 15:04 UTC"), a.Listings, a.Rounds, a.Each, a.Processor, a.Cores, a.System, a.Go, a.PostgreSQL, a.Version, a.Took)
	head, rows := r.Rows()
	for i, h := range head {
		head[i] = strings.TrimPrefix(h, ">")
	}
	b.WriteString("| " + strings.Join(head, " | ") + " |\n|" + strings.Repeat("---|", len(head)) + "\n")
	for _, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	b.WriteString("\n## The cases\n\n" + caseTable())
	b.WriteString("\n" + learned)
	return b.String()
}

// caseTable says what each case is and what it is held against.
func caseTable() string {
	var b strings.Builder
	b.WriteString("| case | what | limits and bars |\n|---|---|---|\n")
	for _, c := range Cases() {
		var limits []string
		for _, l := range c.Limits {
			text := l.Name
			if l.Bar > 0 {
				text = fmt.Sprintf("≥ %.2f of %s", l.Bar, l.Name)
			}
			limits = append(limits, text)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Name, c.Says, strings.Join(limits, "; "))
	}
	return b.String()
}
