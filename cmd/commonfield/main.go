// Command commonfield is the whole program in one binary: the market with its
// pages, API, jobs and timers (serve), and the tools of those who run it.
//
// Each subcommand has a file of its own. What they share: settings.go (flags
// and environment), database.go (joining or starting the database), failure.go
// (one clear line and an exit code for whatever goes wrong).
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"commonfield/storage/embedded"
)

// Exit codes.
const (
	exitOK          = 0
	exitRefused     = 1 // a rule of the market, a violation in the books, something ill
	exitUsage       = 2 // a command, flag or value that is not understood
	exitEnvironment = 3 // database, disk, port, network
)

// commands is everything the program can do.
type commands struct {
	Settings

	Serve   Serve      `cmd:"" help:"Run the market: pages, API, jobs and timers in one process."`
	Work    Work       `cmd:"" help:"Run only the jobs and timers."`
	Migrate Migrate    `cmd:"" help:"Bring the database to this version of the program."`
	Setup   SetupCode  `cmd:"" name:"setup-code" help:"Make the code with which the first operator comes in."`
	Market  MarketCmd  `cmd:"" help:"Open a market, list them, book working capital."`
	Person  PersonCmd  `cmd:"" help:"Make accounts, make somebody an operator, set passwords."`
	Seed    Seed       `cmd:"" help:"Fill an installation with the demonstration."`
	Audit   Audit      `cmd:"" help:"Check the books; exit 1 when one rule is broken."`
	Ledger  LedgerCmd  `cmd:"" help:"Read the books: trial balance, accounts, entries, one order."`
	Search  SearchCmd  `cmd:"" help:"Look for goods and growers from the terminal."`
	Reindex Reindex    `cmd:"" help:"Build the index of search anew, beside the one that serves."`
	Storage StorageCmd `cmd:"" help:"Check how the database is laid out and set up."`
	Config  Config     `cmd:"" help:"Show every setting and where its value comes from."`
	Doctor  Doctor     `cmd:"" help:"Look whether everything the program needs is well, and say how to mend it."`
	Gallery Gallery    `cmd:"" help:"Show every page in every state, with made-up values."`
	Bench   Bench      `cmd:"" help:"Measure the program against its limits, in a database of its own."`
	Version Version    `cmd:"" help:"Show the program's version."`
}

// program is what a subcommand works with.
type program struct {
	Settings

	ctx   context.Context
	in    *os.File
	out   io.Writer
	err   io.Writer
	args  *kong.Context
	home  string // the market's own address, when serve knows it
	calls *calls // what is asked of gateways is counted here, when serve runs
}

func main() {
	// The program may have been started by itself, to keep PostgreSQL.
	if handled, code := embedded.Helper(os.Args); handled {
		os.Exit(code)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, in *os.File, out, errs io.Writer) int {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	forgetEmpty()
	var c commands
	parser, err := kong.New(&c,
		kong.Name("commonfield"),
		kong.Description("Commonfield (共田): a market for county-level agriculture.\n\nStart with: commonfield serve --demo"),
		kong.Writers(out, errs),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{{Key: "where", Title: "Where the data is (for every command):"}}),
	)
	if err != nil {
		return report(errs, err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return report(errs, usage("%v; commonfield %s--help shows how", err, known(parser, args)))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends at once
	return report(errs, parsed.Run(&program{Settings: c.Settings, ctx: ctx, in: in, out: out, err: errs, args: parsed}))
}

// known are the first arguments that name a command, for the hint at its help.
func known(parser *kong.Kong, args []string) string {
	var names strings.Builder
	at := parser.Model.Node
	for _, a := range args {
		i := slices.IndexFunc(at.Children, func(n *kong.Node) bool { return n.Name == a })
		if i < 0 {
			break
		}
		at = at.Children[i]
		names.WriteString(at.Name + " ")
	}
	return names.String()
}
