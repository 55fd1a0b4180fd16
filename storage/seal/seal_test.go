package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"commonfield/storage/seal"
)

func box(t *testing.T) (*seal.Box, string) {
	t.Helper()
	t.Setenv(seal.Env, "")
	file := filepath.Join(t.TempDir(), "keys.json")
	b, err := seal.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return b, file
}

func sealed(t *testing.T, b *seal.Box, plain, about string) []byte {
	t.Helper()
	s, err := b.Seal([]byte(plain), about)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func opens(t *testing.T, b *seal.Box, s []byte, about, want string) {
	t.Helper()
	plain, err := b.Open(s, about)
	if err != nil || string(plain) != want {
		t.Fatalf("opened %q, %v; want %q", plain, err, want)
	}
}

func TestWhatWasSealedOpensAndDoesNotShow(t *testing.T) {
	b, _ := box(t)
	s := sealed(t, b, "6222021234567890", "account:1")
	if bytes.Contains(s, []byte("6222")) {
		t.Fatal("the number shows")
	}
	opens(t, b, s, "account:1", "6222021234567890")
	if bytes.Equal(s, sealed(t, b, "6222021234567890", "account:1")) {
		t.Fatal("equal values look equal when sealed")
	}
}

func TestAValueDoesNotOpenForAnotherRow(t *testing.T) {
	b, _ := box(t)
	s := sealed(t, b, "6222", "account:1")
	if _, err := b.Open(s, "account:2"); !errors.Is(err, seal.ErrClosed) {
		t.Fatalf("opened for another row: %v", err)
	}
}

func TestAChangedByteDoesNotOpen(t *testing.T) {
	b, _ := box(t)
	s := sealed(t, b, "6222", "account:1")
	for i := range s {
		bad := bytes.Clone(s)
		bad[i] ^= 1
		if _, err := b.Open(bad, "account:1"); !errors.Is(err, seal.ErrClosed) {
			t.Fatalf("byte %d changed and it opened: %v", i, err)
		}
	}
	for _, short := range [][]byte{nil, {}, s[:4], s[:len(s)-1]} {
		if _, err := b.Open(short, "account:1"); !errors.Is(err, seal.ErrClosed) {
			t.Fatalf("%d bytes opened: %v", len(short), err)
		}
	}
}

func TestTheKeyFileIsItsOwnersAlone(t *testing.T) {
	_, file := box(t)
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v", info.Mode())
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(file); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Fatalf("a file that others may read was taken: %v", err)
	}
}

func TestASecondProgramHasTheSameKeys(t *testing.T) {
	b, file := box(t)
	s := sealed(t, b, "6222", "account:1")
	other, err := seal.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	opens(t, other, s, "account:1", "6222")
}

func TestManyProgramsThatStartAtOnceGetOneKeySet(t *testing.T) {
	t.Setenv(seal.Env, "")
	folder := t.TempDir()
	file := filepath.Join(folder, "keys.json")
	boxes := make([]*seal.Box, 16)
	var wg sync.WaitGroup
	for i := range boxes {
		wg.Go(func() {
			b, err := seal.Open(file)
			if err != nil {
				t.Error(err)
				return
			}
			boxes[i] = b
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	s := sealed(t, boxes[0], "6222", "account:1")
	for _, b := range boxes {
		opens(t, b, s, "account:1", "6222")
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 1 {
		t.Fatalf("files left in the folder: %v, %v", left, err)
	}
}

func TestAfterAChangeOfKeysOldValuesStillOpen(t *testing.T) {
	b, file := box(t)
	old := sealed(t, b, "old", "account:1")
	if err := b.Rotate(); err != nil {
		t.Fatal(err)
	}
	fresh := sealed(t, b, "new", "account:1")
	if bytes.Equal(old[:5], fresh[:5]) {
		t.Fatal("the new value carries the old key's number")
	}
	opens(t, b, old, "account:1", "old")
	again, err := seal.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	opens(t, again, old, "account:1", "old")
	opens(t, again, fresh, "account:1", "new")
	if again.Keys() != 2 {
		t.Fatalf("%d keys", again.Keys())
	}
}

func TestARunningProgramLearnsKeysThatAnotherMade(t *testing.T) {
	b, file := box(t)
	other, err := seal.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Rotate(); err != nil {
		t.Fatal(err)
	}
	opens(t, b, sealed(t, other, "new", "account:1"), "account:1", "new")
}

func TestChangesOfKeysAtTheSameTimeLoseNone(t *testing.T) {
	b, file := box(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			other, err := seal.Open(file)
			if err != nil {
				t.Error(err)
				return
			}
			if err := other.Rotate(); err != nil {
				t.Error(err)
				return
			}
			s, err := other.Seal([]byte("x"), "y")
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := b.Open(s, "y"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	last, err := seal.Open(file)
	if err != nil || last.Keys() != 9 {
		t.Fatalf("%d keys, want 9 (%v)", last.Keys(), err)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	b, file := box(t)
	s := sealed(t, b, "6222", "account:1")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(seal.Env, string(text))
	nowhere := filepath.Join(t.TempDir(), "none.json")
	fromEnv, err := seal.Open(nowhere)
	if err != nil {
		t.Fatal(err)
	}
	opens(t, fromEnv, s, "account:1", "6222")
	if _, err := os.Stat(nowhere); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("a file was made although the keys were given")
	}
	if err := fromEnv.Rotate(); !errors.Is(err, seal.ErrFixed) {
		t.Fatalf("given keys were changed: %v", err)
	}
}

func TestARefusalOfTheKeySetDoesNotPrintIt(t *testing.T) {
	t.Setenv(seal.Env, `{"key":"very-secret"}`)
	_, err := seal.Open("unused")
	if err == nil || strings.Contains(err.Error(), "very-secret") {
		t.Fatalf("refusal: %v", err)
	}
}

func TestABrokenKeyFileIsRefusedAndKept(t *testing.T) {
	t.Setenv(seal.Env, "")
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, []byte(`{"primary`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(file); err == nil {
		t.Fatal("half a key set was taken")
	}
	if text, _ := os.ReadFile(file); string(text) != `{"primary` {
		t.Fatal("the file was written over")
	}
}
