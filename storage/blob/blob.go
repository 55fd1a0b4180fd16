// Package blob keeps bytes that do not belong in the database: pictures and
// bank files. By default they lie in a folder; another store is an address
// (s3://…) whose package the program imports. A blob is written whole or not at
// all and does not change: what has other bytes has another key.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

	"commonfield/storage/failpoint"
	"commonfield/storage/fault"
)

// ErrKey says that a key is not made of small letters, digits, -, _ and dots
// in parts divided by single slashes.
var ErrKey = errors.New("blob: not a key")

// typed ends the name of the file that keeps a blob's content type.
const typed = ".type"

// Store is an open store. It is safe for use by many goroutines.
type Store struct {
	bucket *blob.Bucket
	folder string // empty: not a folder
}

// Open opens a folder, which it makes when missing, or the address of a store.
func Open(ctx context.Context, where string) (*Store, error) {
	folder := strings.TrimPrefix(where, "file://")
	if strings.Contains(folder, "://") {
		bucket, err := blob.OpenBucket(ctx, where)
		if err != nil {
			return nil, fmt.Errorf("the blob store does not open: %w", err)
		}
		return &Store{bucket: bucket}, nil
	}
	if folder == "" {
		return nil, errors.New("the blob store needs a folder or an address")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the blob folder cannot be made: %w", err)
	}
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{
		// A half-written file stands beside its place: the rename is then never
		// one between two disks.
		NoTempDir:   true,
		DirFileMode: 0o700,
		// Its file of attributes is not written atomically: we keep the type.
		Metadata: fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("the blob folder does not open: %w", err)
	}
	return &Store{bucket: bucket, folder: folder}, nil
}

// Close lets the store go.
func (s *Store) Close() error { return s.bucket.Close() }

// Put writes data under key; when it returns nil, the bytes are on the disk.
// Calling it twice is calling it once. A reader meets the old bytes or the new
// ones, never a part.
func (s *Store) Put(ctx context.Context, key, contentType string, data []byte) error {
	if err := check(key); err != nil {
		return err
	}
	failpoint.Before("file", "")
	defer failpoint.After("file", "")
	if s.folder != "" {
		// The type goes first: where the bytes are, it is.
		if err := s.bucket.WriteAll(ctx, key+typed, []byte(contentType), nil); err != nil {
			return down(err)
		}
	}
	if err := s.bucket.WriteAll(ctx, key, data, &blob.WriterOptions{ContentType: contentType}); err != nil {
		return down(err)
	}
	return down(s.settle(key))
}

// Get reads a blob and its content type; fault.NotFound("blob") when there is none.
func (s *Store) Get(ctx context.Context, key string) (data []byte, contentType string, err error) {
	if err := check(key); err != nil {
		return nil, "", fault.NotFound("blob").Because(err)
	}
	r, err := s.bucket.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, "", fault.NotFound("blob")
	}
	if err != nil {
		return nil, "", down(err)
	}
	data, err = io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, "", down(err)
	}
	if s.folder == "" {
		return data, r.ContentType(), nil
	}
	kept, err := s.bucket.ReadAll(ctx, key+typed)
	if err != nil {
		return nil, "", down(err)
	}
	return data, string(kept), nil
}

// Has says whether there is a blob under key.
func (s *Store) Has(ctx context.Context, key string) (bool, error) {
	if check(key) != nil {
		return false, nil //nolint:nilerr // what can be no key is the key of nothing
	}
	there, err := s.bucket.Exists(ctx, key)
	if err != nil {
		return false, down(err)
	}
	return there, nil
}

// settle writes a blob's files, and the folders that name them, through to the disk.
func (s *Store) settle(key string) error {
	if s.folder == "" {
		return nil
	}
	paths := []string{key, key + typed}
	for dir := path.Dir(key); dir != "."; dir = path.Dir(dir) {
		paths = append(paths, dir)
	}
	for _, p := range append(paths, ".") {
		f, err := os.Open(filepath.Join(s.folder, filepath.FromSlash(p)))
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func down(err error) error {
	if err == nil {
		return nil
	}
	return fault.Unavailable("blob_down").Because(err)
}

// check keeps a key inside the folder and the same on every store.
func check(key string) error {
	if key == "" || len(key) > 512 || strings.HasSuffix(key, ".attrs") || strings.HasSuffix(key, typed) {
		return fmt.Errorf("%w: %q", ErrKey, key)
	}
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part[0] == '.' || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			return fmt.Errorf("%w: %q", ErrKey, key)
		}
	}
	return nil
}
