package bench

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a process of this same program: serve, or the limits of pages.
type child struct {
	*exec.Cmd

	addr string
	says bytes.Buffer // its error output, for when it does not start
}

// start runs the program with arguments and waits until it answers at ready.
func start(ctx context.Context, program []string, env []string, ready string, args ...string) (*child, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	all := append(append(append([]string{}, program[1:]...), args...), "--addr", addr)
	c := &child{Cmd: exec.Command(program[0], all...), addr: addr}
	c.Env = append(os.Environ(), env...)
	c.Stderr = &c.says
	if err := c.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	if err := answers(ctx, "http://"+addr+ready, ended); err != nil {
		_ = c.Process.Kill()
		return nil, fmt.Errorf("%s: %w: %s", args[0], err, strings.TrimSpace(c.says.String()))
	}
	return c, nil
}

// answers waits until an address answers well, or a process has ended.
func answers(ctx context.Context, url string, ended <-chan struct{}) error {
	limited, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	for {
		asked, err := http.NewRequestWithContext(limited, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(asked); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ended:
			return broken("it ended before it answered")
		case <-limited.Done():
			return broken("it did not answer in time")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// freeAddress is one that nobody listens at. Another program could take it
// before the child does; then the child says so.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

// stop ends the child and waits for it.
func (c *child) stop() {
	if c == nil || c.Process == nil {
		return
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	for range 300 {
		if c.Process.Signal(syscall.Signal(0)) != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = c.Process.Kill()
}

// cpu is the processor time that the child has used, where the system tells.
func (c *child) cpu() time.Duration { return spent(c.Process.Pid) }

// spent is the processor time of a process.
func spent(pid int) time.Duration {
	f := statOf(strconv.Itoa(pid))
	if f == nil {
		return 0
	}
	return ticks(f[11]) + ticks(f[12])
}

// statOf gives what the system says of a process, from its state on.
func statOf(pid string) []string {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return nil
	}
	// The name before may hold anything; it ends with the last bracket.
	if f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])); len(f) > 14 {
		return f
	}
	return nil
}

func ticks(text string) time.Duration {
	n, _ := strconv.ParseInt(text, 10, 64)
	return time.Duration(n) * time.Second / 100
}

// databaseCPU is the processor time of the private PostgreSQL: of its first
// process, those that it has now and those that have ended.
func (s *stage) databaseCPU() time.Duration {
	if s.Private == "" {
		return 0
	}
	if s.postmaster == "" {
		text, err := os.ReadFile(filepath.Join(s.Private, "postgres", "pg", "postmaster.pid"))
		if err != nil {
			return 0
		}
		s.postmaster, _, _ = strings.Cut(string(text), "\n")
	}
	f := statOf(s.postmaster)
	if f == nil {
		return 0
	}
	sum := ticks(f[11]) + ticks(f[12]) + ticks(f[13]) + ticks(f[14])
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range all {
		if f := statOf(filepath.Base(p)); f != nil && f[1] == s.postmaster {
			sum += ticks(f[11]) + ticks(f[12])
		}
	}
	return sum
}

// memory is what the child holds now and what it has held at most, in MB.
func (c *child) memory() (now, most float64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "VmRSS":
			now = kb / 1024
		case "VmHWM":
			most = kb / 1024
		}
	}
	return now, most
}

// own is the processor time of this process.
func own() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// served is the running market, started when a case first needs it.
func (s *stage) served(ctx context.Context) (*child, error) {
	if s.serve != nil {
		return s.serve, nil
	}
	var err error
	s.serve, err = start(ctx, s.Program, []string{"DATABASE_URL=" + s.url, "COMMONFIELD_ENV=development"}, "/readyz",
		"serve", "--data", s.Data, "--proxies", "127.0.0.0/8")
	return s.serve, err
}

// limited are the limits of pages, in a process of their own like serve.
func (s *stage) limited(ctx context.Context) (*child, error) {
	if s.limits != nil {
		return s.limits, nil
	}
	var err error
	s.limits, err = start(ctx, s.Program, []string{"DATABASE_URL=" + s.url}, "/bare?size=2", "bench", "--as-limits")
	return s.limits, err
}
