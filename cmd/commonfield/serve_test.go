package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// served is a running server.
type served struct {
	*exec.Cmd

	address string
	rest    io.Reader
}

// serve starts the server on a free port and returns when it says its address.
func serve(t *testing.T, data string, more ...string) *served {
	t.Helper()
	command := exec.Command(binary, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", data}, more...)...)
	command.Env, command.Dir = plainEnv(), root
	return started(t, command)
}

// started starts a server and returns when it says its address.
func started(t *testing.T, command *exec.Cmd) *served {
	t.Helper()
	logs, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if command.ProcessState == nil {
			_ = command.Process.Kill()
			_ = command.Wait()
		}
	})
	lines := bufio.NewReader(logs)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("it ended before it served: %v", command.Wait())
		}
		var said struct {
			Msg     string `json:"msg"`
			Address string `json:"address"`
		}
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving" {
			return &served{command, said.Address, lines}
		}
	}
}

func (s *served) get(t *testing.T, path string, headers ...string) (int, string) {
	t.Helper()
	client := http.Client{Timeout: 30 * time.Second}
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		ask.Header.Set(headers[i], headers[i+1])
	}
	answer, err := client.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func TestTheServerIsHealthyMeasuredAndStopsWhenTold(t *testing.T) {
	t.Parallel()
	s := serve(t, installation(t))
	for _, path := range []string{"/healthz", "/readyz"} {
		if code, body := s.get(t, path); code != http.StatusOK || body != "ok\n" {
			t.Errorf("%s: %d %q", path, code, body)
		}
	}
	_, body := s.get(t, "/metrics")
	for _, name := range []string{"commonfield_http_request_seconds_count{", "commonfield_database_connections_open ", `commonfield_jobs{state="ready"}`, "go_goroutines ",
		"commonfield_audit_ok ", "commonfield_audit_timestamp_seconds ", "commonfield_audit_violations ", "commonfield_audit_alarms ", `commonfield_money_unclaimed_minor{currency="CNY"} 0`,
		"commonfield_chargebacks_open 0", "commonfield_payouts_unpaid 0", "commonfield_search_lag_seconds "} {
		if !strings.Contains(body, name) {
			t.Errorf("%s is not measured", name)
		}
	}
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(s.rest)
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, rest)
	}
	if !strings.Contains(string(rest), `"stopped"`) {
		t.Errorf("it did not say that it stopped:\n%s", rest)
	}
}

// Who is let in is told by the connection, or by a proxy that was named; a proxy
// on this machine that nobody named would else open the metrics to everybody.
func TestMetricsAreForThisMachineOrForWhoWasNamed(t *testing.T) {
	t.Parallel()
	data := installation(t)
	const from = "X-Forwarded-For"
	for _, c := range []struct {
		name    string
		flags   []string
		headers []string
		want    int
	}{
		{"this machine", nil, nil, http.StatusOK},
		{"handed on by a proxy that nobody named", nil, []string{from, "203.0.113.9"}, http.StatusForbidden},
		{"handed on, and it says from this machine", nil, []string{from, "127.0.0.1"}, http.StatusForbidden},
		{"a proxy that names nobody", nil, []string{"Via", "1.1 proxy"}, http.StatusForbidden},
		{"this machine, when a network was named", []string{"--metrics-from", "10.0.0.0/8"}, nil, http.StatusForbidden},
		{"the network, through a proxy", []string{"--metrics-from", "10.0.0.0/8", "--proxies", "127.0.0.1/32"}, []string{from, "10.1.2.3"}, http.StatusOK},
		{"another, through a proxy", []string{"--metrics-from", "10.0.0.0/8", "--proxies", "127.0.0.1/32"}, []string{from, "10.1.2.3, 203.0.113.9"}, http.StatusForbidden},
	} {
		s := serve(t, data, c.flags...)
		code, body := s.get(t, "/metrics", c.headers...)
		if code != c.want || (code != http.StatusOK) == strings.Contains(body, "commonfield_") {
			t.Errorf("%s: %d %.60q", c.name, code, body)
		}
		_ = s.Process.Kill()
	}
	commonfield(t, "serve", "--metrics-from", "everybody", "--data", data).refuses(t, exitUsage, "metrics-from")
}

func TestAPortInUseIsOneLineAndExit3(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	data := filepath.Join(root, "never")
	commonfield(t, "serve", "--addr", taken.Addr().String(), "--data", data).refuses(t, exitEnvironment, taken.Addr().String(), "in use", "--addr")
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Error("a database was started for nothing")
	}
	commonfield(t, "serve", "--addr", "nonsense", "--data", data).refuses(t, exitEnvironment, "nonsense")
}

func TestADataFolderOfAnotherVersionIsOneLineAndExit3(t *testing.T) {
	t.Parallel()
	data := folder(t)
	commonfield(t, "migrate", "--data", data).well(t)
	mark := filepath.Join(data, "postgres", "pg", "PG_VERSION")
	rested(t, filepath.Join(data, "postgres", "pg", "postmaster.pid"))
	old, err := os.ReadFile(mark)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mark, []byte("12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"audit", "serve --addr 127.0.0.1:0"} {
		commonfield(t, append(strings.Fields(args), "--data", data)...).refuses(t, exitEnvironment, "PostgreSQL 12", "nothing was touched")
	}
	// Nothing is lost: with its own version the folder opens again.
	if err := os.WriteFile(mark, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if a := commonfield(t, "migrate", "--data", data).well(t); !strings.Contains(a.out, "nothing was missing") {
		t.Error(a.out)
	}
}

// rested waits until PostgreSQL has stopped, which is when its own file is gone.
func rested(t *testing.T, pid string) {
	t.Helper()
	look, late := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer look.Stop()
	for {
		if _, err := os.Stat(pid); os.IsNotExist(err) {
			return
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatal("PostgreSQL did not stop")
		}
	}
}

func TestALostDatabaseIsOneLineAndExit3(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close()
	a := with(t, []string{"DATABASE_URL=postgres://web:geheim@" + address + "/shop?sslmode=disable"}, "", "audit")
	a.refuses(t, exitEnvironment, "does not answer")
	if strings.Contains(a.err, "geheim") {
		t.Errorf("the password is shown: %s", a.err)
	}
}

func TestProductionRefusesWhatIsForTryingOut(t *testing.T) {
	t.Parallel()
	production := []string{"COMMONFIELD_ENV=production"}
	data := installation(t)
	with(t, production, "", "serve", "--demo", "--data", data).refuses(t, exitRefused, "production")
	with(t, production, "", "seed", "--demo", "--data", data).refuses(t, exitRefused, "production")
	with(t, production, "", "serve", "--addr", "127.0.0.1:0", "--data", data).refuses(t, exitEnvironment, "private database")
	with(t, production, "", "work", "--data", data).refuses(t, exitEnvironment, "private database")
}

// A folder with another name than was meant: an audit of nothing would be well, and
// leave a database behind.
func TestWhoLooksWhereNothingIsIsToldAndMakesNothing(t *testing.T) {
	t.Parallel()
	data := filepath.Join(root, "dtaa")
	for _, args := range []string{"audit", "ledger trial", "market list", "market pause YL", "person list", "person password 13900001111", "search walnuts", "reindex", "storage check"} {
		commonfield(t, append(strings.Fields(args), "--data", data)...).refuses(t, exitEnvironment, "there is no data in "+data)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
}

func TestAPlainFileIsNoDataFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	commonfield(t, "audit", "--data", file).refuses(t, exitEnvironment, file)
	if a := commonfield(t, "doctor", "--data", file); a.code != exitRefused || !strings.Contains(a.out, "ILL") {
		t.Errorf("exit %d\n%s%s", a.code, a.out, a.err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("the file was touched: %q, %v", text, err)
	}
}
