package meili_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"commonfield/catalog/search"
	"commonfield/catalog/search/meili"
	"commonfield/catalog/search/searchtest"
	"commonfield/storage/id"
)

// server is where a real Meilisearch answers: the one that MEILI_URL names, or
// a meilisearch program on the PATH, started for these tests on a port of the
// loopback that the system gives, its data in a folder of its own.
var server = sync.OnceValues(func() (string, error) {
	if url := os.Getenv("MEILI_URL"); url != "" {
		return url, nil
	}
	program, err := exec.LookPath("meilisearch")
	if err != nil {
		return "", nil
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "commonfield-meili-")
	if err != nil {
		return "", err
	}
	run := exec.Command(program, "--no-analytics", "--http-addr", address, "--db-path", dir+"/data", "--dump-dir", dir+"/dumps", "--snapshot-dir", dir+"/snapshots", "--env", "development", "--max-indexing-threads", "1")
	run.Dir = dir
	run.Env = append(os.Environ(), "MEILI_MASTER_KEY="+os.Getenv("MEILI_KEY"))
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := run.Start(); err != nil {
		return "", err
	}
	ended := make(chan struct{})
	go func() { _ = run.Wait(); close(ended) }()
	stop = func() {
		_ = run.Process.Signal(syscall.SIGTERM)
		<-ended
		_ = os.RemoveAll(dir)
	}
	return "http://" + address, answers(ended, "http://"+address)
})

var stop = func() {}

// answers waits until the server is there, or has ended.
func answers(ended <-chan struct{}, url string) error {
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		r, err := http.Get(url + "/health")
		if err == nil {
			_ = r.Body.Close()
			return nil
		}
		select {
		case <-ended:
			return err
		case <-tick.C:
		}
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(code)
}

// real gives an empty engine on a real server, or skips, loudly.
func real(t testing.TB) meili.Options {
	t.Helper()
	url, err := server()
	if err != nil {
		t.Fatalf("Meilisearch does not start: %v", err)
	}
	if url == "" {
		t.Skip("SKIPPED, AND SO NOTHING IS PROVEN ABOUT MEILISEARCH: set MEILI_URL (and MEILI_KEY), or put a meilisearch program on the PATH")
	}
	return meili.Options{URL: url, Key: os.Getenv("MEILI_KEY"), Prefix: "test_" + strings.ToLower(id.Secret(8)), Patience: 20 * time.Second}
}

func takeAway(t testing.TB, e search.Engine) {
	if err := e.(*meili.Engine).Clear(context.Background()); err != nil {
		t.Errorf("the indexes of the test stay on the server: %v", err)
	}
}

func open(t testing.TB) (search.Engine, []int32) {
	t.Helper()
	e, err := meili.Open(t.Context(), real(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { takeAway(t, e) })
	markets := make([]int32, searchtest.Markets)
	for i := range markets {
		markets[i] = int32(i + 1)
	}
	return e, markets
}

func TestMeilisearchKeepsEveryPromise(t *testing.T) {
	e, err := meili.Open(t.Context(), real(t))
	if err != nil {
		t.Fatal(err)
	}
	h, err := e.Health(t.Context())
	t.Logf("Meilisearch %s, %d cases, %v", h.Version, len(searchtest.Cases()), err)
	takeAway(t, e)
	searchtest.Run(t, open)
}
