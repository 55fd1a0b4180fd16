package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatAProgramComplainedOfIsTheReason(t *testing.T) {
	dir := t.TempDir()
	e := errand{Room: dir, Bin: dir}
	for name, c := range map[string]struct{ script, want string }{
		"marked":   {"echo 'initdb: error: no such locale' >&2; echo 'initdb: removing data directory' >&2; exit 1", "(initdb): no such locale"},
		"unmarked": {"echo 'initdb: could not look up effective user ID 4321: user does not exist' >&2; exit 1", "could not look up effective user ID 4321: user does not exist"},
		"killed":   {"echo busy; echo 'terminated by signal 9' >&2; echo 'initdb: removing data directory \"pg\"' >&2; exit 1", "terminated by signal 9"},
		"silent":   {"exit 1", "could not be run: exit status 1"},
	} {
		if err := os.WriteFile(filepath.Join(dir, "initdb"), []byte("#!/bin/sh\n"+c.script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		err := e.run("initdb", "")
		if err == nil || !strings.HasSuffix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
