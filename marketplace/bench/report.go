package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Report is a whole run.
type Report struct {
	About   About    `json:"about"`
	Results []Result `json:"results"`
}

// About says what was measured, where and when.
type About struct {
	Began      time.Time `json:"began"`
	Took       string    `json:"took"`
	Version    string    `json:"version"`
	Go         string    `json:"go"`
	PostgreSQL string    `json:"postgresql"`
	System     string    `json:"system"`
	Processor  string    `json:"processor"`
	Cores      int       `json:"cores"`
	Listings   int       `json:"listings"`
	Rounds     int       `json:"rounds"`
	Each       string    `json:"each"`
	Client     string    `json:"client"`
}

func about(ctx context.Context, s *stage) About {
	a := About{Began: time.Now().UTC().Truncate(time.Second), Version: s.Version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Cores: runtime.NumCPU(), Listings: s.Size, Rounds: s.Rounds, Each: s.Each.String(), Processor: processor()}
	_ = s.owner.QueryRowContext(ctx, "SHOW server_version").Scan(&a.PostgreSQL)
	return a
}

// processor is its name, where the system tells.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// Rows are the report as a table: a line for each result and limit.
func (r Report) Rows() (head []string, rows [][]string) {
	head = []string{"case", ">clients", ">per second", ">p50 ms", ">p95", ">p99", ">cpu ms", ">pg cpu", ">MB", ">trips", ">pages", ">allocs", "limit", ">pg cpu", ">per second", ">ratio", ">bar", ""}
	for _, res := range r.Results {
		first := []string{res.Case, count(res.Clients), number(res.Rate), number(res.P50), number(res.P95), number(res.P99), number(res.CPU), number(res.CPUDB),
			number(res.Memory), number(res.Trips), number(res.Pages), number(res.Allocs)}
		if len(res.Against) == 0 {
			rows = append(rows, append(first, "", "", "", "", "", ""))
		}
		for i, a := range res.Against {
			if i > 0 {
				first = make([]string, len(first))
			}
			bar, verdict := "", ""
			if a.Bar > 0 {
				bar, verdict = number(a.Bar), "ok"
				if !a.OK {
					verdict = "short"
				}
			}
			rows = append(rows, append(append([]string{}, first...), a.Limit, number(a.CPUDB), number(a.Rate), fmt.Sprintf("%.2f", a.Ratio), bar, verdict))
		}
	}
	return head, rows
}

// number writes a figure with as many digits as it can be believed.
func number(f float64) string {
	switch {
	case f == 0:
		return ""
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
