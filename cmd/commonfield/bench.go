package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace"
	"commonfield/marketplace/bench"
	"commonfield/marketplace/door"
)

// Bench measures the program against its limits.
type Bench struct {
	Cases     []string `arg:"" optional:"" name:"case" help:"Cases, or beginnings of their names; none: all."`
	Size      int      `default:"100000" placeholder:"N" help:"Listings in the data set (${default})."`
	Documents int      `default:"100000" placeholder:"N" help:"Made documents that searches look through (${default})."`
	Seconds   float64  `default:"2" placeholder:"N" help:"How long each side of a round runs (${default})."`
	Rounds    int      `default:"5" placeholder:"N" help:"Rounds whose median counts (${default})."`
	Clients   []int    `default:"8,32" placeholder:"N,…" help:"Clients at once (8,32); pages are asked by the first number."`
	Growth    bool     `help:"Also how cost grows: pages and orders at a tenth, once and ten times the size."`
	Smoke     bool     `help:"Only whether everything works: small, short, and without judging a time."`
	JSON      string   `placeholder:"FILE" help:"Write the figures as JSON too; - is the output."`
	Write     string   `placeholder:"FILE" help:"Write them as a page for people to read, as docs/performance.md."`
	Keep      bool     `help:"Keep the database and its folder, so that the next run need not make it."`
	AsLimits  bool     `hidden:"" help:"Serve the limits of pages: the bench starts itself so."`
	Addr      string   `hidden:"" default:"127.0.0.1:0"`
}

// Help shows an example.
func (*Bench) Help() string {
	return `Makes a data set in a private PostgreSQL of its own, in a folder beside --data (DATA-bench), or in databases of its own on the server that DATABASE_URL names. Then it runs each case and its limits in turns and says what part of the limit it reached. Both are removed at the end unless --keep. With --meili-url the cases of search measure that server, with an index of their own, against the same limits. It exits 1 when something is broken (an answer that is wrong, more sold than there was, a limit that does less than the deed), never for a time.

Cases: ` + strings.Join(bench.Names(), ", ") + `

Examples:
  commonfield bench
  commonfield bench list detail --seconds 1 --keep
  commonfield bench search --size 1000 --documents 544892
  commonfield bench search --size 1000 --meili-url http://127.0.0.1:7700
  commonfield bench --smoke
  commonfield bench --json figures.json --write docs/performance.md`
}

// Run measures.
func (b *Bench) Run(p *program) error {
	roomy() // as serve: deeds on orders are measured in this process, and their limits
	if b.AsLimits {
		return b.asLimits(p)
	}
	if p.production() {
		return refused("bench is refused when COMMONFIELD_ENV=production: it uses all of the machine")
	}
	if b.Size < 1000 || b.Documents < 1000 || b.Seconds <= 0 || b.Rounds < 1 || len(b.Clients) == 0 || slices.Min(b.Clients) < 1 || slices.Max(b.Clients) > 64 {
		return usage("bench wants at least 1000 listings and documents, some seconds, a round, and 1 to 64 clients")
	}
	if err := bench.Known(b.Cases); err != nil {
		return refused("%v", err)
	}
	o := bench.Options{Cases: b.Cases, Size: b.Size, Documents: b.Documents, Rounds: b.Rounds, Each: time.Duration(b.Seconds * float64(time.Second)), Clients: b.Clients,
		MeiliURL: p.MeiliURL, MeiliKey: p.MeiliKey, Keep: b.Keep, Smoke: b.Smoke, Growth: b.Growth, Say: p.say, Version: commit(), App: doors}
	if b.Smoke { // of 2,400 documents some lists are of many hits, more than 2,000
		o.Size, o.Documents, o.Rounds, o.Each = min(b.Size, 2000), 2400, 1, 500*time.Millisecond
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	folder, err := benchFolder(p.Data)
	if err != nil {
		return err
	}
	own := *p // with a folder of its own
	own.Data = filepath.Join(folder, "database")
	base, err := own.database()
	if err != nil {
		return err
	}
	defer base.close()
	o.URL, o.Data, o.Program, o.Release = base.url, filepath.Join(folder, "files"), []string{program}, base.close
	if base.server != nil {
		o.Private = base.server.Folder() // which may lie elsewhere than was asked
	}
	report, err := bench.Run(p.ctx, o)
	if !b.Keep {
		err = errors.Join(err, b.forget(p, base, folder))
	}
	if err != nil {
		return err
	}
	return b.show(p, report)
}

// show prints the table and writes what was asked for.
func (b *Bench) show(p *program, report bench.Report) error {
	if b.JSON == "-" {
		return p.json(report)
	}
	head, rows := report.Rows()
	t := columns(head...)
	for _, r := range rows {
		t.add(r...)
	}
	t.print(p.out)
	if b.JSON != "" {
		text, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(b.JSON, append(text, '\n'), 0o644); err != nil {
			return environment(err, "%s cannot be written: %v", b.JSON, err)
		}
	}
	if b.Write != "" {
		if err := os.WriteFile(b.Write, []byte(report.Page()), 0o644); err != nil {
			return environment(err, "%s cannot be written: %v", b.Write, err)
		}
	}
	return nil
}

// benchMark lies in a folder that the bench has made, and may remove.
const benchMark = "bench.txt"

// benchFolder gives the bench's own folder beside the data, and refuses one
// that it has not made.
func benchFolder(data string) (string, error) {
	folder, err := filepath.Abs(strings.TrimRight(data, "/") + "-bench")
	if err != nil {
		return "", err
	}
	mark := filepath.Join(folder, benchMark)
	if err := os.Mkdir(folder, 0o755); errors.Is(err, fs.ErrExist) {
		if _, err := os.Stat(mark); err != nil {
			return "", refused("%s was not made by the bench, which would remove it: name another place with --data", folder)
		}
		return folder, nil
	} else if err != nil {
		return "", environment(err, "the folder %s cannot be made: %v", folder, err)
	}
	if err := os.WriteFile(mark, []byte("commonfield bench has made this folder and removes it.\n"), 0o644); err != nil {
		return "", environment(err, "the folder %s cannot be written: %v", folder, err)
	}
	return folder, os.Mkdir(filepath.Join(folder, "files"), 0o755)
}

// forget removes what the run has made.
func (b *Bench) forget(p *program, base *base, folder string) error {
	if base.server == nil {
		if err := bench.Forget(context.WithoutCancel(p.ctx), base.url); err != nil {
			return err
		}
		return os.RemoveAll(folder)
	}
	lies := base.server.Folder()
	base.close()
	if err := bench.Stopped(lies); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(lies), os.RemoveAll(folder))
}

func (b *Bench) asLimits(p *program) error {
	listener, err := listen(b.Addr)
	if err != nil {
		return err
	}
	return bench.ServeLimits(p.ctx, p.DatabaseURL, listener)
}

// doors are the program's own, as serve mounts them.
func doors(m *marketplace.Marketplace) *fiber.App {
	app := fiber.New(door.Config(failed))
	watch(app, &market{Marketplace: m}, newCalls(), func(*fiber.Ctx) bool { return false })
	mount(app, door.New(m, door.Options{}))
	return app
}

// commit is which state of the program this is.
func commit() string { _, c := built(); return c }
