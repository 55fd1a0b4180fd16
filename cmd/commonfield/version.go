package main

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// Version shows what runs.
type Version struct {
	JSON bool `help:"For a script."`
}

// Help shows an example.
func (*Version) Help() string { return "Example:\n  commonfield version --json" }

// Run shows the version of the program, its commit, and Go's.
func (v *Version) Run(p *program) error {
	module, commit := built()
	if v.JSON {
		return p.json(map[string]any{"version": module, "commit": commit, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	p.printf("commonfield %s\ncommit %s\n%s %s/%s\n", module, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// stamp is the commit as make has written it into the binary; empty when the Go
// command was used by itself.
var stamp string

// built reads what the Go command wrote into the binary, and make: the Go command
// does not find the commit in a linked worktree.
func built() (module, commit string) {
	module, commit = "unknown", cmp.Or(stamp, "unknown")
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return module, commit
	}
	if info.Main.Version != "" {
		module = info.Main.Version
	}
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = cmp.Or(stamp, s.Value)
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed && stamp == "" {
		commit += " with changes"
	}
	return module, commit
}
