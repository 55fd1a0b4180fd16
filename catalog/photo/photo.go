// Package photo takes pictures from phones and keeps them in a few widths. What
// a picture is, is decided by its content; its metadata (place, time, device)
// is not kept; its orientation is applied. The key is made from the content, so
// the same picture is kept once. One picture is decoded at a time, and none
// whose decoding would take more memory than the program has to give.
package photo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/jpeg"
	"regexp"
	"slices"
	"strings"

	"commonfield/storage/blob"
	"commonfield/storage/fault"
)

// The limits of a picture.
const (
	MostBytes  = 15 << 20
	MostPixels = 50_000_000

	// mostMemory is what decoding may take, in bytes: 50 megapixels of four.
	mostMemory = 4 * MostPixels
	// mostScans is how often a JPEG may go over its pixels. Honest ones take
	// about ten; each costs a walk over the whole picture.
	mostScans = 200

	quality = 82
	kind    = "image/jpeg"
)

// Widths are the widths a picture is kept in. One that was smaller is not
// enlarged, so its variants may be narrower.
var Widths = []int{320, 640, 1200}

// Studio takes and gives pictures.
type Studio struct {
	blobs  *blob.Store
	turn   chan struct{} // one picture is worked on at a time
	folder string
}

// New opens the room.
func New(blobs *blob.Store) *Studio { return &Studio{blobs, make(chan struct{}, 1), "photo"} }

// Apart is the same room for pictures that are not for everybody: they have keys
// of their own kind, which the other gives to nobody.
func (s *Studio) Apart(folder string) *Studio { return &Studio{s.blobs, s.turn, folder} }

// Take keeps a picture and gives its key. Calling it twice is calling it once.
// It refuses what is no JPEG or PNG (photo_unreadable) and what is larger than
// 15 MB or would be too large once decoded (photo_too_large), on "photo".
func (s *Studio) Take(ctx context.Context, data []byte) (string, error) {
	if len(data) > MostBytes {
		return "", tooLarge()
	}
	f, err := look(data)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	key := s.folder + "/" + hex.EncodeToString(sum[:])
	select { // the same picture twice at once is decoded once: the second finds it
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-s.turn }()
	there, err := s.blobs.Has(ctx, name(key, Widths[len(Widths)-1])) // the widest is put last
	if err != nil {
		return "", err
	}
	if there {
		return key, nil
	}
	variants, err := variants(data, f)
	if err != nil {
		return "", err
	}
	for i, v := range variants {
		if err := s.blobs.Put(ctx, name(key, Widths[i]), kind, v); err != nil {
			return "", err
		}
	}
	return key, nil
}

// Get gives a picture in one of the Widths and its content type. It refuses
// what no Take gave with fault.NotFound("photo_unknown").
func (s *Studio) Get(ctx context.Context, key string, width int) ([]byte, string, error) {
	if !s.ours(key) || !slices.Contains(Widths, width) {
		return nil, "", fault.NotFound("photo_unknown")
	}
	data, contentType, err := s.blobs.Get(ctx, name(key, width))
	if fault.Has(err, "blob") {
		return nil, "", fault.NotFound("photo_unknown").Because(err)
	}
	return data, contentType, err
}

// Has says whether a picture was taken.
func (s *Studio) Has(ctx context.Context, key string) (bool, error) {
	if !s.ours(key) {
		return false, nil
	}
	return s.blobs.Has(ctx, name(key, Widths[len(Widths)-1]))
}

func (s *Studio) ours(key string) bool {
	hash, ours := strings.CutPrefix(key, s.folder+"/")
	return ours && hashForm.MatchString(hash)
}

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func name(key string, width int) string { return fmt.Sprintf("%s/%d.jpg", key, width) }

// variants decodes a picture and makes its widths.
func variants(data []byte, f form) ([][]byte, error) {
	img, err := f.decode(data)
	if err != nil {
		return nil, unreadable().Because(err)
	}
	out := make([][]byte, len(Widths))
	last := len(Widths) - 1
	img = turned(fit(img, Widths[last], f.orientation), f.orientation)
	for i := last; i >= 0; i-- { // each from the wider one, which is nearer than the original
		img = fit(img, Widths[i], 1)
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
		out[i] = b.Bytes()
	}
	return out, nil
}

func unreadable() *fault.Fault { return fault.Invalid("photo", "photo_unreadable") }

func tooLarge() *fault.Fault { return fault.TooLarge("photo_too_large").On("photo") }
