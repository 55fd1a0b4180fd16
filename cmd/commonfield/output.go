package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// terminal says whether a person looks at it.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// logger writes to the error output: text for a person, JSON for a machine.
func (p *program) logger() *slog.Logger {
	if terminal(p.err) {
		return slog.New(slog.NewTextHandler(p.err, nil))
	}
	return slog.New(slog.NewJSONHandler(p.err, nil))
}

// say tells progress on the error output, so that what a command is asked for
// stays alone on the other.
func (p *program) say(line string) { fmt.Fprintln(p.err, line) }

// printf writes to the output.
func (p *program) printf(format string, args ...any) { fmt.Fprintf(p.out, format, args...) }

// json writes one value for a script.
func (p *program) json(v any) error {
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// table is rows of text in columns; figures stand at the right of theirs.
type table struct {
	head  []string
	right map[int]bool
	rows  [][]string
}

// columns begins a table; a name that starts with ">" is a column of figures.
func columns(names ...string) *table {
	t := &table{right: map[int]bool{}}
	for i, n := range names {
		name, figures := strings.CutPrefix(n, ">")
		t.right[i] = figures
		t.head = append(t.head, name)
	}
	return t
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the table; Chinese characters are two columns wide.
func (t *table) print(w io.Writer) {
	wide := make([]int, len(t.head))
	all := append([][]string{t.head}, t.rows...)
	for _, row := range all {
		for i, c := range row {
			wide[i] = max(wide[i], runewidth.StringWidth(c))
		}
	}
	for _, row := range all {
		var line strings.Builder
		for i, c := range row {
			gap := strings.Repeat(" ", wide[i]-runewidth.StringWidth(c))
			if t.right[i] {
				line.WriteString(gap + c)
			} else {
				line.WriteString(c + gap)
			}
			line.WriteString("  ")
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}
