package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"commonfield/marketplace/bench"
)

var caseRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|")

func TestThePageOfPerformanceNamesTheCasesOfTheProgram(t *testing.T) {
	t.Parallel()
	var named []string
	for _, m := range caseRow.FindAllStringSubmatch(page(t, "performance.md"), -1) {
		named = append(named, m[1])
	}
	if want := bench.Names(); !slices.Equal(named, want) {
		t.Errorf("docs/performance.md names %v, the program has %v: commonfield bench --write docs/performance.md", named, want)
	}
}

func TestTheBenchRefusesWhatItCannotMeasureAndFoldersItHasNotMade(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"bench --size 10", "bench --documents 10", "bench --rounds 0", "bench --clients 0", "bench --clients 1,500", "bench --seconds=-1"} {
		commonfield(t, strings.Fields(args)...).refuses(t, exitUsage, "bench wants")
	}
	data := folder(t)
	commonfield(t, "bench", "flying", "--data", data).refuses(t, exitRefused, "no case flying")
	if err := os.Mkdir(data+"-bench", 0o755); err != nil {
		t.Fatal(err)
	}
	commonfield(t, "bench", "list", "--data", data).refuses(t, exitRefused, "was not made by the bench")
	with(t, []string{"COMMONFIELD_ENV=production"}, "", "bench", "--data", data).refuses(t, exitRefused, "refused")
}
