package blob_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"commonfield/storage/blob"
	"commonfield/storage/fault"
)

func open(t *testing.T) (*blob.Store, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "blobs")
	s, err := blob.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, folder
}

func TestABlobComesBackWithItsType(t *testing.T) {
	s, folder := open(t)
	data := []byte("编号,收款人\n")
	if err := s.Put(t.Context(), "payout/2026/a-1.csv", "text/csv; charset=utf-8", data); err != nil {
		t.Fatal(err)
	}
	got, kind, err := s.Get(t.Context(), "payout/2026/a-1.csv")
	if err != nil || !bytes.Equal(got, data) || kind != "text/csv; charset=utf-8" {
		t.Fatalf("%q %q %v", got, kind, err)
	}
	if there, err := s.Has(t.Context(), "payout/2026/a-1.csv"); err != nil || !there {
		t.Fatalf("not there: %v", err)
	}
	info, err := os.Stat(folder)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("the folder is open to others: %v %v", info.Mode(), err)
	}
}

func TestABlobSurvivesItsProgram(t *testing.T) {
	s, folder := open(t)
	if err := s.Put(t.Context(), "a", "text/plain", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{folder, "file://" + folder} {
		again, err := blob.Open(t.Context(), where)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := again.Get(t.Context(), "a"); err != nil || string(got) != "kept" {
			t.Fatalf("%s: %q %v", where, got, err)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnEmptyBlobIsABlob(t *testing.T) {
	s, _ := open(t)
	if err := s.Put(t.Context(), "empty", "text/plain", nil); err != nil {
		t.Fatal(err)
	}
	if got, _, err := s.Get(t.Context(), "empty"); err != nil || len(got) != 0 {
		t.Fatalf("%q %v", got, err)
	}
}

func TestAMissingBlobIsNotFound(t *testing.T) {
	s, _ := open(t)
	for _, key := range []string{"nothing", "../etc/passwd", ""} {
		if _, _, err := s.Get(t.Context(), key); !errors.Is(err, fault.NotFound("blob")) {
			t.Fatalf("%q: %v", key, err)
		}
		if there, err := s.Has(t.Context(), key); there || err != nil {
			t.Fatalf("%q: %v %v", key, there, err)
		}
	}
}

func TestAKeyThatLeavesTheFolderIsRefused(t *testing.T) {
	s, folder := open(t)
	bad := []string{"", "/a", "a/", "a//b", "..", "../a", "a/../../b", "a/..", ".", "./a", ".hidden", "a/.b", "A", "a b", "a\\b", "a\x00", "é",
		"x.type", "x.attrs", strings.Repeat("a", 513)}
	for _, key := range bad {
		if err := s.Put(t.Context(), key, "text/plain", []byte("x")); !errors.Is(err, blob.ErrKey) {
			t.Errorf("%q was taken: %v", key, err)
		}
	}
	if n := count(t, folder); n != 0 {
		t.Fatalf("%d files were written", n)
	}
}

func TestAReaderMeetsAWholeBlobWhileItIsWrittenAgain(t *testing.T) {
	s, folder := open(t)
	versions := [][]byte{bytes.Repeat([]byte("a"), 300_000), bytes.Repeat([]byte("b"), 300_000)}
	if err := s.Put(t.Context(), "k/one", "text/plain", versions[0]); err != nil {
		t.Fatal(err)
	}
	var writers, readers sync.WaitGroup
	ready := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			for i := range 10 {
				if err := s.Put(t.Context(), "k/one", "text/plain", versions[(w+i)%2]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				got, kind, err := s.Get(t.Context(), "k/one")
				if err != nil || kind != "text/plain" || (!bytes.Equal(got, versions[0]) && !bytes.Equal(got, versions[1])) {
					t.Errorf("a part: %d bytes, %q, %v", len(got), kind, err)
					return
				}
				select {
				case <-ready:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(ready)
	readers.Wait()
	if n := count(t, folder); n != 2 {
		t.Fatalf("%d files, want the blob and its type", n)
	}
}

func TestAFolderThatCannotBeWrittenIsOneClearLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]string{file + "/blobs": "cannot be made", "": "needs a folder", "nosuch://bucket": "does not open"} {
		_, err := blob.Open(t.Context(), where)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", where, err)
		}
	}
}

func TestALostFolderIsUnavailable(t *testing.T) {
	s, folder := open(t)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "a", "text/plain", nil); !errors.Is(err, fault.Unavailable("blob_down")) {
		t.Fatalf("%v", err)
	}
}

func count(t *testing.T, folder string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
