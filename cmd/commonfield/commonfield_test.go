package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/storage/embedded"
)

// binary is the program, built once from this folder.
var binary string

func TestMain(m *testing.M) { os.Exit(all(m)) }

func all(m *testing.M) int {
	if handled, code := embedded.Helper(os.Args); handled {
		return code // a private PostgreSQL for the tests of the doors
	}
	dir, err := os.MkdirTemp("", "commonfield-cli-*")
	if err == nil {
		err = os.Chmod(dir, 0o755) // root's PostgreSQL runs as another user, who must enter
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	root, binary = dir, filepath.Join(dir, "commonfield")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

var root string

// answer is what a command left behind.
type answer struct {
	out, err string
	code     int
}

// plainEnv is this process's environment without what would steer the program.
func plainEnv(more ...string) []string {
	var kept []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		steers := strings.HasPrefix(name, "COMMONFIELD_") && name != "COMMONFIELD_PG_BIN" && name != "COMMONFIELD_PG_MIRROR"
		if !steers && name != "DATABASE_URL" && !strings.HasPrefix(name, "PG") {
			kept = append(kept, pair)
		}
	}
	return append(kept, more...)
}

// with runs the program in an environment; at most three minutes, for a first
// download of PostgreSQL.
func with(t *testing.T, env []string, input string, args ...string) answer {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	command := exec.CommandContext(ctx, binary, args...)
	command.Env, command.Dir, command.Stdin = plainEnv(env...), root, strings.NewReader(input)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatalf("commonfield %s: %v", strings.Join(args, " "), err)
	}
	return answer{out.String(), errs.String(), command.ProcessState.ExitCode()}
}

func commonfield(t *testing.T, args ...string) answer {
	t.Helper()
	return with(t, nil, "", args...)
}

// well fails the test unless the command ended with 0.
func (a answer) well(t *testing.T) answer {
	t.Helper()
	if a.code != exitOK {
		t.Fatalf("exit %d\n%s%s", a.code, a.out, a.err)
	}
	return a
}

// refuses fails the test unless the command ended with the code and one line
// that holds the words.
func (a answer) refuses(t *testing.T, code int, words ...string) {
	t.Helper()
	if a.code != code {
		t.Errorf("exit %d, not %d\n%s%s", a.code, code, a.out, a.err)
	}
	if lines := strings.Count(a.err, "\n"); lines != 1 {
		t.Errorf("%d lines instead of one:\n%s", lines, a.err)
	}
	for _, w := range words {
		if !strings.Contains(a.err, w) {
			t.Errorf("%q is missing in: %s", w, a.err)
		}
	}
}

var (
	making sync.Once
	shared string
)

// installation is a data folder with the market YL, shared by the tests.
func installation(t *testing.T) string {
	t.Helper()
	making.Do(func() {
		data := filepath.Join(root, "data")
		commonfield(t, "migrate", "--data", data).well(t)
		commonfield(t, "market", "create", "--data", data, "--code", "YL", "--name", "尉犁集市", "--region", "652826", "--capital", "10000.00").well(t)
		shared = data
	})
	if shared == "" {
		t.Fatal("the installation could not be made")
	}
	return shared
}

// folder is an empty data folder of this test alone.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(root, "data-*")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
