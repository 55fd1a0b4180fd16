// Package seal encrypts single fields: account numbers, addresses, what the
// database should not know in the clear. A Box holds a managed key set
// (AES-256-GCM); each sealed value carries the number of its key, so that the
// keys can be changed while old values still open. Every value is bound to what
// it is about: sealed for one row, it does not open for another.
//
// The key set lies in a file only its owner may read, or comes whole from the
// environment. Whoever loses it loses the sealed fields; it belongs in the
// backup, apart from the database.
package seal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Env holds the key set itself (its JSON) and then wins over the file.
const Env = "COMMONFIELD_KEYS"

// ErrClosed says that a value does not open: another key set, another row, or
// bytes that were changed. It does not say which.
var ErrClosed = errors.New("seal: the value does not open with these keys")

// ErrFixed says that keys from the environment are changed where they come from.
var ErrFixed = errors.New("the keys come from " + Env + ": change them there")

// Box seals and opens. It is safe for use by many goroutines.
type Box struct {
	file string // empty: the keys come from the environment

	mu   sync.RWMutex
	text []byte // the key set as it was read, to notice that it changed
	keys *keyset.Handle
	with tink.AEAD
}

// Open reads the key set, and makes one when there is none: several programs
// may do so at once and all get the same. It refuses a file that others may read.
func Open(keyFile string) (*Box, error) {
	b := &Box{file: keyFile}
	if text := os.Getenv(Env); text != "" {
		b.file = ""
		if err := b.use([]byte(text)); err != nil {
			return nil, fmt.Errorf("%s holds no key set", Env) // its content must not reach a log
		}
		return b, nil
	}
	text, err := read(keyFile)
	if errors.Is(err, os.ErrNotExist) {
		text, err = found(keyFile)
	}
	if err != nil {
		return nil, err
	}
	if err := b.use(text); err != nil {
		return nil, fmt.Errorf("%s holds no key set", keyFile)
	}
	return b, nil
}

// Seal encrypts plain. about names the field and its row, and Open must be
// given the same. Sealing twice gives two different values.
func (b *Box) Seal(plain []byte, about string) ([]byte, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.with.Encrypt(plain, []byte(about))
}

// Open decrypts what Seal made for the same about; else ErrClosed. When
// another program has changed the keys in the meantime, they are read again.
func (b *Box) Open(sealed []byte, about string) ([]byte, error) {
	plain, err := b.open(sealed, about)
	if err == nil {
		return plain, nil
	}
	if fresh, err := b.reread(); err != nil || !fresh {
		return nil, errors.Join(ErrClosed, err)
	}
	if plain, err = b.open(sealed, about); err != nil {
		return nil, ErrClosed
	}
	return plain, nil
}

// Rotate adds a key that seals from now on; the old ones still open. Each call
// adds one. ErrFixed when the keys come from the environment.
func (b *Box) Rotate() error {
	if b.file == "" {
		return ErrFixed
	}
	free, err := hold(b.file)
	if err != nil {
		return err
	}
	defer free()
	if _, err := b.reread(); err != nil {
		return err
	}
	b.mu.RLock()
	m := keyset.NewManagerFromHandle(b.keys)
	b.mu.RUnlock()
	number, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	if err := m.SetPrimary(number); err != nil {
		return err
	}
	h, err := m.Handle()
	if err != nil {
		return err
	}
	text, err := write(h)
	if err != nil {
		return err
	}
	if err := replace(b.file, text); err != nil {
		return err
	}
	return b.use(text)
}

// Keys says how many keys the set holds.
func (b *Box) Keys() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.keys.Len()
}

func (b *Box) open(sealed []byte, about string) ([]byte, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.with.Decrypt(sealed, []byte(about))
}

// reread takes the file's keys when they are others than ours.
func (b *Box) reread() (bool, error) {
	if b.file == "" {
		return false, nil
	}
	text, err := read(b.file)
	if err != nil {
		return false, err
	}
	b.mu.RLock()
	same := bytes.Equal(text, b.text)
	b.mu.RUnlock()
	if same {
		return false, nil
	}
	return true, b.use(text)
}

func (b *Box) use(text []byte) error {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return err
	}
	with, err := aead.New(h)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text, b.keys, b.with = text, h, with
	return nil
}
