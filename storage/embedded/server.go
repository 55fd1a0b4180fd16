package embedded

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const noSpace = "No space left on device"

// errRemains is a start that an earlier server was in the way of.
var errRemains = errors.New("an earlier server is in the way")

// server is a running postmaster, started or found by a keeper.
type server struct {
	pid    int
	died   chan struct{} // closed when it ended
	killed bool          // by a signal; to be read after died
}

// launch starts PostgreSQL on a cluster and returns when it accepts connections.
func launch(e errand, log *os.File, say func(string)) (*server, error) {
	if err := e.clearRemains(); err != nil {
		return nil, err
	}
	start, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, failed(err, "the log of PostgreSQL cannot be read")
	}
	settings, err := e.settings()
	if err != nil {
		return nil, err
	}
	// postgres itself and not pg_ctl: the keeper then is the parent and learns of
	// its end at once, and nothing is written to a shell.
	run := exec.Command(filepath.Join(e.Bin, "postgres"), settings...)
	run.Dir = "/"
	run.Env = plainEnv()
	run.Stdout, run.Stderr = log, log
	run.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := run.Start(); err != nil {
		return nil, failed(err, "PostgreSQL cannot be started from %s", e.Bin)
	}
	s := &server{pid: run.Process.Pid, died: make(chan struct{})}
	go func() {
		_ = run.Wait()
		status, ok := run.ProcessState.Sys().(syscall.WaitStatus)
		s.killed = ok && status.Signaled()
		close(s.died)
	}()
	return s, s.awaitReady(e, start, say)
}

// awaitReady waits without a limit: a recovery takes as long as it takes, and
// whoever waits for the keeper has its own.
func (s *server) awaitReady(e errand, logged int64, say func(string)) error {
	begun, told := time.Now(), time.Now()
	for {
		if m, err := readPostmaster(e.cluster()); err == nil && m.pid == s.pid && m.ready {
			return nil
		}
		select {
		case <-s.died:
			why := lastWords(e.file(logFile), logged)
			kind := kindOfText(why)
			if s.killed || strings.Contains(why, "lock file") || strings.Contains(why, "pre-existing shared memory") {
				kind = errRemains
			}
			return refuse(kind, "PostgreSQL does not start: %s (its log is %s)", advice(why), e.file(logFile))
		case <-time.After(3 * time.Millisecond):
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			say(fmt.Sprintf("PostgreSQL is starting (%d s): after a crash it first repeats what was written last", int(time.Since(begun).Seconds())))
		}
	}
}

// adopt takes over a server whose keeper was killed; nil when there is none.
func adopt(e errand, log *os.File) (*server, error) {
	m, err := readPostmaster(e.cluster())
	if err != nil || !serves(m.pid, e.cluster()) {
		return nil, nil //nolint:nilerr // no server that can be read is no server
	}
	s := &server{pid: m.pid, died: make(chan struct{})}
	go func() {
		for serves(m.pid, e.cluster()) {
			time.Sleep(50 * time.Millisecond)
		}
		close(s.died)
	}()
	end, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, failed(err, "the log of PostgreSQL cannot be read")
	}
	if err := s.awaitReady(e, end, func(string) {}); err != nil {
		return nil, nil //nolint:nilerr // it was stopping, and ended: start afresh
	}
	return s, nil
}

// stop ends the server in order, so that the next start need not recover.
func (s *server) stop() error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, time.Minute}, {syscall.SIGQUIT, 10 * time.Second}, {syscall.SIGKILL, 10 * time.Second}} {
		select {
		case <-s.died:
			return nil
		default:
		}
		if err := syscall.Kill(s.pid, step.signal); err != nil && err != syscall.ESRCH {
			return err
		}
		select {
		case <-s.died:
			return nil
		case <-time.After(step.wait):
		}
	}
	return refuse(nil, "the process %d does not end", s.pid)
}

// clearRemains makes sure that nothing of a server that was killed is left.
// PostgreSQL itself takes a zombie, or a stranger with the same number, for a
// living server; and a backend that outlived its server may still write.
func (e errand) clearRemains() error {
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		left := remains(e.cluster())
		if len(left) == 0 {
			break
		}
		waited := time.Since(begun)
		if waited > 10*time.Second {
			return refuse(nil, "the process %d of an earlier PostgreSQL does not end: end it with kill %d and start again", left[0], left[0])
		}
		for _, pid := range left {
			switch {
			case waited > 5*time.Second:
				_ = syscall.Kill(pid, syscall.SIGKILL)
			case waited > time.Second:
				_ = syscall.Kill(pid, syscall.SIGQUIT)
			}
		}
	}
	// A server this process cannot see (in another container that shares the
	// folder) still answers on its socket, and two servers would ruin the data.
	socket := e.file(".s.PGSQL." + strconv.Itoa(sockPort))
	if c, err := net.Dial("unix", socket); err == nil {
		_ = c.Close()
		return refuse(nil, "another PostgreSQL answers for %s and cannot be seen from here: end it first", e.cluster())
	}
	for _, mark := range []string{filepath.Join(e.cluster(), "postmaster.pid"), socket + ".lock"} {
		if pid, err := firstPID(mark); err == nil && syscall.Kill(pid, 0) != syscall.ESRCH {
			if err := os.Remove(mark); err != nil {
				return failed(err, "the mark of an earlier PostgreSQL cannot be removed")
			}
		}
	}
	return nil
}

// lastWords finds in the log why the server ended, read from where this start began.
func lastWords(file string, from int64) string {
	f, err := os.Open(file)
	if err != nil {
		return "it left no log"
	}
	defer f.Close()
	text, _ := io.ReadAll(io.NewSectionReader(f, from, 1<<20))
	last := ""
	for line := range strings.SplitSeq(string(text), "\n") {
		for _, word := range []string{"PANIC:", "FATAL:"} {
			if _, after, found := strings.Cut(line, word); found {
				return oneLine(after)
			}
		}
		if strings.TrimSpace(line) != "" {
			last = line
		}
	}
	if last == "" {
		return "it left no word"
	}
	return oneLine(last)
}

// advice adds to PostgreSQL's words what a person can do about them.
func advice(why string) string {
	if strings.Contains(why, noSpace) {
		return why + "; make room on the disk and start again"
	}
	return why
}
