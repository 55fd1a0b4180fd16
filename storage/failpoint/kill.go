//go:build failpoints

package failpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// Folder names a folder: what is passed is written to its file "passed", a line each,
// and a pass that its file "kill" names ("after commit of payment.(*Desk).attempt:2",
// the second since that was written) is the program's last.
const Folder = "COMMONFIELD_FAILPOINTS"

// Before marks that something is about to last.
func Before(what, of string) { pass("before", what, of) }

// After marks that it lasts now.
func After(what, of string) { pass("after", what, of) }

var state struct {
	sync.Mutex
	order  string // the kill that was read last
	passed map[string]int
}

func pass(when, what, of string) {
	dir := os.Getenv(Folder)
	if dir == "" {
		return
	}
	if of == "" {
		if of = caller(); of == "" {
			return
		}
	}
	name := when + " " + what + " of " + of
	state.Lock()
	defer state.Unlock()
	order, _ := os.ReadFile(filepath.Join(dir, "kill"))
	if string(order) != state.order {
		state.order, state.passed = string(order), map[string]int{}
	}
	if state.passed == nil {
		state.passed = map[string]int{}
	}
	state.passed[name]++
	f, err := os.OpenFile(filepath.Join(dir, "passed"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	if _, err := fmt.Fprintln(f, name); err != nil {
		panic(err)
	}
	_ = f.Close()
	if state.order == fmt.Sprintf("%s:%d", name, state.passed[name]) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// caller is the function above the one with the mark, and above the floor of records,
// that asked for it, without its closures; none where the floor itself did.
func caller() string {
	var at [64]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(5, at[:])])
	for {
		f, more := frames.Next()
		if rest, ours := strings.CutPrefix(f.Function, "commonfield/"); ours && !strings.HasPrefix(rest, "storage") {
			rest, _, _ = strings.Cut(rest[strings.LastIndexByte(rest, '/')+1:], ".func")
			return rest
		}
		if !more {
			return ""
		}
	}
}
