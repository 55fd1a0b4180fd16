package main

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"commonfield/storage/migrations"
)

// StorageCmd holds what concerns the database's layout.
type StorageCmd struct {
	Check StorageCheck `cmd:"" help:"Hold layout, version and settings against the rules; exit 1 when one is broken."`
}

// StorageCheck checks the layout.
type StorageCheck struct {
	JSON bool `help:"For a script."`
}

// Help shows an example.
func (*StorageCheck) Help() string {
	return `The lint holds every table against the rules that keep money exact and let the tables be distributed over machines later.

Example:
  commonfield storage check`
}

// finding is one thing that was looked at.
type finding struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
	Mend string `json:"mend,omitempty"`
}

// Run checks lint, versions and settings.
func (c *StorageCheck) Run(p *program) error {
	if err := p.begun(); err != nil {
		return err
	}
	b, err := p.database()
	if err != nil {
		return err
	}
	defer b.close()
	found, err := versions(p.ctx, b)
	if err != nil {
		return err
	}
	problems, err := migrations.Lint(p.ctx, b.url)
	if err != nil {
		return err
	}
	lint := finding{Name: "layout", OK: len(problems) == 0, Says: "every table keeps the rules"}
	if !lint.OK {
		lint.Says = fmt.Sprintf("%d problems", len(problems))
	}
	found = append(found, lint)
	for _, q := range problems {
		found = append(found, finding{Name: q.Table, Says: q.Text})
	}
	settings, err := settingsOf(p.ctx, b)
	if err != nil {
		return err
	}
	return p.findings(append(found, settings...), c.JSON)
}

// findings prints what was looked at and ends with 1 when something is ill.
func (p *program) findings(all []finding, asJSON bool) error {
	ill := 0
	for _, f := range all {
		if !f.OK {
			ill++
		}
	}
	if asJSON {
		if err := p.json(map[string]any{"ok": ill == 0, "checks": all}); err != nil {
			return err
		}
	} else {
		t := columns("", "what", "says")
		for _, f := range all {
			mark, says := "ok", f.Says
			if !f.OK {
				mark = "ILL"
			}
			if !f.OK && f.Mend != "" {
				says += " → " + f.Mend
			}
			t.add(mark, f.Name, says)
		}
		t.print(p.out)
	}
	if ill > 0 {
		return silent(exitRefused)
	}
	return nil
}

// versions looks at the server's and the schema's.
func versions(ctx context.Context, b *base) ([]finding, error) {
	db, err := sql.Open("postgres", b.url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	var version string
	var number int
	if err := db.QueryRowContext(ctx, "SELECT current_setting('server_version'), current_setting('server_version_num')::int").Scan(&version, &number); err != nil {
		return nil, err
	}
	have, want, err := migrations.Pending(ctx, b.url)
	if err != nil {
		return nil, err
	}
	return []finding{
		{Name: "PostgreSQL", OK: number >= 150000, Says: version, Mend: "version 15 or newer is needed"},
		{Name: "schema", OK: have == want, Says: "step " + strconv.FormatInt(have, 10) + " of " + strconv.FormatInt(want, 10), Mend: "commonfield migrate"},
	}, nil
}

// wanted are settings of the server, with what they guard.
var wanted = []struct{ name, value, why string }{
	{"server_encoding", "UTF8", "make the database with ENCODING 'UTF8': names are Chinese"},
	{"lc_ctype", "C.UTF-8", "make the database with LC_CTYPE 'C.UTF-8': in C a search does not know Chinese letters"},
	{"fsync", "on", "without it a crash of the machine can lose or tear data"},
	{"full_page_writes", "on", "without it a crash of the machine can tear pages"},
	{"synchronous_commit", "on", "without it a crash can lose what was acknowledged"},
	{"default_transaction_isolation", "read committed", "locks and retries are written for it"},
}

// settingsOf looks at the server's settings.
func settingsOf(ctx context.Context, b *base) ([]finding, error) {
	db, err := sql.Open("postgres", b.url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	var found []finding
	for _, w := range wanted {
		read := "SELECT current_setting($1, true)"
		if w.name == "lc_ctype" { // no setting any more since PostgreSQL 16
			read = "SELECT datctype FROM pg_database WHERE datname = current_database() AND $1 <> ''"
		}
		var have sql.NullString
		if err := db.QueryRowContext(ctx, read, w.name).Scan(&have); err != nil {
			return nil, err
		}
		ok := have.String == w.value || w.name == "lc_ctype" && have.String == "C.utf8" ||
			w.name == "synchronous_commit" && (have.String == "remote_apply" || have.String == "remote_write" || have.String == "local")
		found = append(found, finding{Name: w.name, OK: ok, Says: have.String, Mend: w.why})
	}
	return found, nil
}
