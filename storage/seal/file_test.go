package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestWhoComesSecondTakesTheKeysThatAreThere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.json")
	first, err := found(file)
	if err != nil {
		t.Fatal(err)
	}
	second, err := found(file)
	if err != nil || !bytes.Equal(first, second) {
		t.Fatalf("the first keys were replaced: %v", err)
	}
	if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(first, kept) {
		t.Fatalf("the file holds others: %v", err)
	}
}
