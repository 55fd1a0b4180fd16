// Package evidence keeps the pictures that the sides of an order show each other:
// in a complaint, with goods that go back, in what they write. A listing's picture
// is public by its hash; these have keys of their own kind, and who may see one is
// asked of the room that it was shown in.
package evidence

import (
	"context"
	"regexp"
	"slices"

	"commonfield/catalog/photo"
	"commonfield/storage/fault"
)

// Most is how many are shown at once.
const Most = 3

// Shelf keeps them.
type Shelf struct{ studio *photo.Studio }

// New gives the shelf beside the pictures of goods.
func New(photos *photo.Studio) *Shelf { return &Shelf{photos.Apart("evidence")} }

// Take takes a picture and gives its key. Taking it twice is taking it once; what
// is refused, catalog/photo says.
func (s *Shelf) Take(ctx context.Context, data []byte) (string, error) {
	return s.studio.Take(ctx, data)
}

var keyForm = regexp.MustCompile(`^evidence/[0-9a-f]{64}$`)

// Check gives keys as they are kept, each once. Refusals: too_many_photos,
// photo_unknown.
func (s *Shelf) Check(ctx context.Context, keys []string) ([]string, error) {
	keys = slices.Compact(keys)
	if len(keys) > Most {
		return keys, fault.Invalid("photos", "too_many_photos", fault.Args{"most": Most})
	}
	var wrong []error
	for _, key := range keys {
		there := keyForm.MatchString(key)
		if there {
			var err error
			if there, err = s.studio.Has(ctx, key); err != nil {
				return keys, err
			}
		}
		if !there {
			wrong = append(wrong, fault.Invalid("photos", "photo_unknown"))
		}
	}
	return keys, fault.All(wrong...)
}

// Get gives a picture in one of the studio's widths, to whoever was found to be
// one who may see it.
func (s *Shelf) Get(ctx context.Context, key string, width int) ([]byte, string, error) {
	return s.studio.Get(ctx, key, width)
}
