package seal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// read gives the key file's text and refuses one that others may read.
func read(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the key file %s may be read by others: chmod 600 %s", file, file)
	}
	return os.ReadFile(file)
}

// found makes the first key set and gives the one that lies in the file then:
// ours, or that of another program that was quicker.
func found(file string) ([]byte, error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	text, err := write(h)
	if err != nil {
		return nil, err
	}
	temp, err := beside(file, text)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(temp) }()
	// A link never replaces a file, a rename would: nobody's keys are lost.
	if err := os.Link(temp, file); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if err := settle(file); err != nil {
		return nil, err
	}
	return read(file)
}

// replace puts text in the file's place, whole or not at all.
func replace(file string, text []byte) error {
	temp, err := beside(file, text)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, file); err != nil {
		_ = os.Remove(temp)
		return err
	}
	return settle(file)
}

// beside writes text to a new file in the same folder, through to the disk.
func beside(file string, text []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".keys-*") // made 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// settle writes the folder's entry through to the disk.
func settle(file string) error {
	d, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// hold keeps other programs from changing the keys until free is called. The
// lock is the folder's: the file itself is replaced.
func hold(file string) (free func(), err error) {
	d, err := os.Open(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX); err != nil {
		_ = d.Close()
		return nil, err
	}
	return func() { _ = d.Close() }, nil
}

func write(h *keyset.Handle) ([]byte, error) {
	var text bytes.Buffer
	err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&text))
	return text.Bytes(), err
}
