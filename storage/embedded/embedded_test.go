package embedded

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const holdWord = "hold-open"

func TestMain(m *testing.M) {
	if handled, code := Helper(os.Args); handled {
		os.Exit(code)
	}
	if len(os.Args) == 3 && os.Args[1] == holdWord {
		hold(os.Args[2])
	}
	os.Exit(m.Run())
}

// hold is a command that uses a folder until it is killed.
func hold(data string) {
	s, err := Open(context.Background(), Options{Data: data, Unsafe: true})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("open", s.URL())
	select {}
}

// holder starts such a command and returns when it has the server.
func holder(t *testing.T, data string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(self(), holdWord, data)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "open ") {
		t.Fatalf("the other command said %q, %v", line, err)
	}
	return cmd
}

// folder is a folder every user may enter, removed when its server is gone.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cf")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	t.Cleanup(func() {
		stopped(t, data)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return data
}

// open opens a folder for a test and closes it with the test.
func open(t *testing.T, data string, change ...func(*Options)) *Server {
	t.Helper()
	o := Options{Data: data, Unsafe: true, Say: func(line string) { t.Log("says:", line) }}
	for _, f := range change {
		f(&o)
	}
	s, err := Open(deadline(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// refused opens a folder that must be refused, with one clear line.
func refused(t *testing.T, kind error, o Options, words ...string) {
	t.Helper()
	s, err := Open(deadline(t), o)
	if err == nil {
		_ = s.Close()
		t.Fatal("it was opened")
	}
	if kind != nil && !errors.Is(err, kind) {
		t.Errorf("%q is not %v", err, kind)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is more than one line", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	t.Log("refused:", err)
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// until waits for a condition, not for a time.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never happened: %s", what)
		}
	}
}

func stopped(t *testing.T, data string) {
	t.Helper()
	where, err := settled(data)
	if err != nil || where.base == "" {
		return
	}
	until(t, "the server of "+data+" stopped", func() bool {
		_, err := os.Stat(filepath.Join(where.cluster(), "postmaster.pid"))
		return os.IsNotExist(err) && where.keeper() == 0
	})
}

func query(t *testing.T, url, statement string) string {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var answer string
	if err := db.QueryRow(statement).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return answer
}

func do(t *testing.T, url, statement string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err == nil {
		_, err = tx.Exec(statement)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func serverPID(t *testing.T, s *Server) int {
	t.Helper()
	m, err := readPostmaster(s.place.cluster())
	if err != nil {
		t.Fatal(err)
	}
	return m.pid
}

func TestAServerStartsIsJoinedAndStopsWithItsLastUser(t *testing.T) {
	data := folder(t)
	began := time.Now()
	first := open(t, data, func(o *Options) { o.Unsafe = false })
	t.Logf("cold start of PostgreSQL %s: %v", first.Version(), time.Since(began))
	if got := query(t, first.URL(), `select datcollate || ' ' || pg_encoding_to_char(encoding) from pg_database where datname = current_database()`); got != "C.UTF-8 UTF8" {
		t.Errorf("locale and encoding are %s", got)
	}
	for name, want := range map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "", "data_checksums": "on", "server_version": first.Version()} {
		if got, _, _ := strings.Cut(query(t, first.URL(), "show "+name), " "); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	do(t, first.URL(), `create table kept (n int)`)
	began = time.Now()
	second := open(t, data)
	t.Logf("join: %v", time.Since(began))
	if second.URL() != first.URL() || first.Folder() != data {
		t.Errorf("the second joined %s in %s", second.URL(), second.Folder())
	}
	pid := serverPID(t, first)
	if err := errors.Join(first.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	if query(t, second.URL(), `select count(*) from kept`) != "0" || !alive(pid) {
		t.Error("the server went although it was used")
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	stopped(t, data)
	if text, _ := os.ReadFile(second.place.file(logFile)); !strings.Contains(string(text), "database system is shut down") {
		t.Error("it did not stop in order")
	}
	began = time.Now()
	third := open(t, data)
	t.Logf("warm start: %v", time.Since(began))
	query(t, third.URL(), `select count(*) from kept`)
}

func TestManyAtOnceShareOneServer(t *testing.T) {
	t.Parallel()
	data := folder(t)
	var all sync.WaitGroup
	pids := make([]int, 6)
	for i := range pids {
		all.Go(func() {
			s, err := Open(deadline(t), Options{Data: data, Unsafe: true})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = s.Close() })
			m, err := readPostmaster(s.place.cluster())
			if err != nil {
				t.Error(err)
			}
			pids[i] = m.pid
		})
	}
	other := holder(t, data) // and another process
	all.Wait()
	for _, pid := range pids {
		if pid != pids[0] || pid == 0 {
			t.Fatalf("more than one server: %v", pids)
		}
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
}

func TestComingAndGoingAtOnceNeverFails(t *testing.T) {
	t.Parallel()
	data := folder(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 4 {
				s, err := Open(deadline(t), Options{Data: data, Unsafe: true})
				if err != nil {
					t.Error(err)
					return
				}
				db, err := sql.Open("postgres", s.URL())
				if err == nil {
					err = errors.Join(db.Ping(), db.Close())
				}
				if err = errors.Join(err, s.Close()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestAServerLingersForTheNextUser(t *testing.T) {
	t.Parallel()
	data := folder(t)
	linger := func(o *Options) { o.Linger = 1500 * time.Millisecond }
	first := open(t, data, linger)
	pid := serverPID(t, first)
	_ = first.Close()
	second := open(t, data, linger)
	if serverPID(t, second) != pid || !alive(pid) {
		t.Error("it did not stay for the next user")
	}
	left := time.Now()
	_ = second.Close()
	until(t, "the server stopped", func() bool { return !alive(pid) })
	if stayed := time.Since(left); stayed < 1400*time.Millisecond {
		t.Errorf("it stayed only %v", stayed)
	}
}

func TestASafeUserDoesNotJoinAnUnsafeServer(t *testing.T) {
	t.Parallel()
	data := folder(t)
	open(t, data)
	refused(t, nil, Options{Data: data}, "for tests")
}

func TestAPathTooLongForASocketIsServedOverLoopback(t *testing.T) {
	t.Parallel()
	data := filepath.Join(folder(t), strings.Repeat("long", 25))
	t.Cleanup(func() { stopped(t, data) })
	var said []string
	s := open(t, data, func(o *Options) { o.Say = func(line string) { said = append(said, line) } })
	if got := query(t, s.URL(), `select host(inet_server_addr())`); got != "127.0.0.1" {
		t.Errorf("it answers on %s", got)
	}
	if !strings.Contains(strings.Join(said, "\n"), "too long") {
		t.Errorf("it was not said: %q", said)
	}
	if err := syscall.Kill(serverPID(t, s), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second := open(t, data)
	if second.URL() != s.URL() {
		t.Error("the address changed under its users")
	}
}
