package embedded

import (
	"archive/tar"
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// bareMachine is a machine without any PostgreSQL.
func bareMachine(t *testing.T) {
	t.Helper()
	kept := systemBins
	systemBins = nil
	t.Cleanup(func() { systemBins = kept })
	t.Setenv("PATH", filepath.Dir(folder(t)))
}

func closedMirror(t *testing.T) string {
	t.Helper()
	mirror := httptest.NewServer(http.NotFoundHandler())
	mirror.Close()
	return mirror.URL
}

func TestAMachineWithoutPostgresGetsOneClearLine(t *testing.T) {
	bareMachine(t)
	data := folder(t)
	o := Options{Data: data, CacheDir: filepath.Join(filepath.Dir(data), "cache"), Mirror: closedMirror(t)}
	refused(t, ErrNoPostgres, o, "apt-get install postgresql", "--pg-bin", "DATABASE_URL", "does not answer")
	missing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(missing.Close)
	o.Mirror = missing.URL
	refused(t, ErrNoPostgres, o, "404")
	o.PGBin = t.TempDir()
	refused(t, ErrNoPostgres, o, "there is no postgres in it")
}

func TestTheSystemsPostgresServesWhereNothingCanBeFetched(t *testing.T) {
	if len(ofSystem(byID(os.Getuid()))) == 0 {
		t.Skip("SKIPPED: this system has no PostgreSQL of its own")
	}
	data := folder(t)
	var said []string
	s := open(t, data, func(o *Options) {
		o.CacheDir, o.Mirror = filepath.Join(filepath.Dir(data), "cache"), closedMirror(t)
		o.Say = func(line string) { said = append(said, line) }
	})
	if !strings.Contains(strings.Join(said, "\n"), "the system's "+s.Version()) {
		t.Errorf("it was not said: %q", said)
	}
	_ = s.Close()
	stopped(t, data)
	// An existing cluster is opened by its own version, not by the pinned one.
	if again := open(t, data); again.Version() != s.Version() {
		t.Errorf("%s was opened by %s", s.Version(), again.Version())
	}
}

func TestANamedFolderOfAnotherVersionIsRefused(t *testing.T) {
	data := folder(t)
	where := cluster(t, data)
	fake := filepath.Join(filepath.Dir(data), "bin")
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		lay(t, filepath.Join(fake, name), "#!/bin/sh\necho 'postgres (PostgreSQL) 16.9 (Somebody)'\n")
		if err := os.Chmod(filepath.Join(fake, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := print(t, where.cluster())
	refused(t, ErrOtherVersion, Options{Data: data, PGBin: fake, Unsafe: true}, "16.9")
	if print(t, where.cluster()) != before {
		t.Error("it was touched")
	}
}

// archive skips a test that needs the real download where there is none.
func archive(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: the download is not tried with -short")
	}
	if _, known := sums[pinned+" "+platform()]; !known {
		t.Skip("SKIPPED: there is no archive for " + platform())
	}
	answer, err := http.Head(mavenHome)
	if err != nil {
		t.Skipf("SKIPPED: the download cannot be tried offline: %v", err)
	}
	_ = answer.Body.Close()
}

func TestThePinnedVersionIsFetchedOnceByTwoAtOnce(t *testing.T) {
	t.Parallel()
	archive(t)
	data := folder(t)
	cache := filepath.Join(filepath.Dir(data), "cache")
	lay(t, filepath.Join(cache, "postgresql-"+pinned+"-"+platform()+".part", "half"), "cut short")
	var mu sync.Mutex
	var said []string
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			s, err := Open(deadline(t), Options{Data: data, CacheDir: cache, Mirror: mavenHome, Unsafe: true, Say: func(line string) {
				mu.Lock()
				defer mu.Unlock()
				said = append(said, line)
			}})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if !strings.HasPrefix(pinned, s.Version()) {
				t.Errorf("it runs %s and not %s", s.Version(), pinned)
			}
		})
	}
	all.Wait()
	s := open(t, data)
	do(t, s.URL(), `create extension pg_trgm`) // search needs it, and the archive has it
	fetches := strings.Count(strings.Join(said, "\n"), "once) from")
	if fetches != 1 {
		t.Errorf("it was fetched %d times: %q", fetches, said)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "*.part")); len(left) != 0 {
		t.Errorf("%v was left", left)
	}
}

func TestAWrongArchiveIsNotUsed(t *testing.T) {
	if _, known := sums[pinned+" "+platform()]; !known {
		t.Skip("SKIPPED: there is no archive for " + platform())
	}
	bareMachine(t)
	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("something else"))
	}))
	t.Cleanup(mirror.Close)
	data := folder(t)
	cache := filepath.Join(filepath.Dir(data), "cache")
	refused(t, ErrNoPostgres, Options{Data: data, CacheDir: cache, Mirror: mirror.URL}, "not what it should be")
	if entries, _ := os.ReadDir(cache); len(entries) != 0 {
		t.Errorf("%v was left", entries)
	}
}

func TestAnArchiveCannotWriteOutside(t *testing.T) {
	dir := t.TempDir()
	link := &tar.Header{Name: "lib/evil", Typeflag: tar.TypeSymlink, Linkname: "/etc"}
	if err := unpackOne(tar.NewReader(&bytes.Buffer{}), link, filepath.Join(dir, link.Name)); err == nil {
		t.Error("a link to the outside was made")
	}
}
