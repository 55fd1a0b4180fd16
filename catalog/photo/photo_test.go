package photo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"strings"
	"sync"
	"testing"

	"commonfield/catalog/photo"
	"commonfield/storage/blob"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func studio(t testing.TB) *photo.Studio {
	t.Helper()
	store, err := blob.Open(context.Background(), t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	return photo.New(store)
}

// corners are the colours of a picture's four corners: top left, top right,
// bottom left, bottom right.
type corners [4]string

var upright = corners{"red", "green", "blue", "white"}

var paint = map[string]color.NRGBA{
	"red": {200, 0, 0, 255}, "green": {0, 200, 0, 255}, "blue": {0, 0, 200, 255}, "white": {255, 255, 255, 255}, "black": {0, 0, 0, 255},
}

func quarters(w, h int, c corners) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, r := range []image.Rectangle{
		image.Rect(0, 0, w/2, h/2), image.Rect(w/2, 0, w, h/2), image.Rect(0, h/2, w/2, h), image.Rect(w/2, h/2, w, h),
	} {
		draw.Draw(img, r, image.NewUniform(paint[c[i]]), image.Point{}, draw.Src)
	}
	return img
}

func seen(img image.Image) (c corners) {
	b := img.Bounds()
	for i, p := range []image.Point{
		{b.Dx() / 4, b.Dy() / 4}, {b.Dx() * 3 / 4, b.Dy() / 4},
		{b.Dx() / 4, b.Dy() * 3 / 4}, {b.Dx() * 3 / 4, b.Dy() * 3 / 4},
	} {
		r, g, bl, _ := img.At(p.X, p.Y).RGBA()
		for name, want := range paint {
			near := func(got uint32, want uint8) bool { d := int(got>>8) - int(want); return -12 < d && d < 12 }
			if near(r, want.R) && near(g, want.G) && near(bl, want.B) {
				c[i] = name
			}
		}
	}
	return c
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, img))
	return b.Bytes()
}

// exif puts an EXIF segment into a JPEG: an orientation, and where it was taken.
func exif(data []byte, orientation int, order binary.ByteOrder) []byte {
	var tiff []byte
	if order == binary.LittleEndian {
		tiff = []byte("II*\x00")
	} else {
		tiff = []byte("MM\x00*")
	}
	o, _ := order.(binary.AppendByteOrder)
	tiff = o.AppendUint32(tiff, 8)
	tiff = o.AppendUint16(tiff, 2)
	entry := func(tag, kind uint16, value uint16) {
		tiff = o.AppendUint16(tiff, tag)
		tiff = o.AppendUint16(tiff, kind)
		tiff = o.AppendUint32(tiff, 1)
		tiff = o.AppendUint16(tiff, value)
		tiff = o.AppendUint16(tiff, 0)
	}
	entry(0x010f, 3, 77)
	entry(0x0112, 3, uint16(orientation))
	body := append([]byte("Exif\x00\x00"), tiff...)
	body = append(body, "GPS 41.34N 86.26E canary-7431"...)
	head := []byte{0xff, 0xd8, 0xff, 0xe1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}
	return append(append(head, body...), data[2:]...)
}

func get(t testing.TB, s *photo.Studio, key string, width int) (image.Image, []byte) {
	t.Helper()
	data, kind, err := s.Get(t.Context(), key, width)
	must(t, err)
	if kind != "image/jpeg" {
		t.Fatalf("type %q", kind)
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	must(t, err)
	return img, data
}

func TestAPictureIsKeptInThreeWidths(t *testing.T) {
	s := studio(t)
	for name, data := range map[string][]byte{
		"jpeg": asJPEG(t, quarters(3000, 2000, upright)), "png": asPNG(t, quarters(3000, 2000, upright)),
	} {
		key, err := s.Take(t.Context(), data)
		must(t, err)
		if !strings.HasPrefix(key, "photo/") || len(key) != 70 {
			t.Fatalf("key %q", key)
		}
		for _, width := range photo.Widths {
			img, _ := get(t, s, key, width)
			if size := img.Bounds().Size(); size.X != width || size.Y != width*2/3 {
				t.Errorf("%s: width %d is %v", name, width, size)
			}
			if got := seen(img); got != upright {
				t.Errorf("%s at %d: %v", name, width, got)
			}
		}
	}
}

func TestAPictureStandsUprightAndForgetsItsMetadata(t *testing.T) {
	s := studio(t)
	// What a camera held in each way stores of a scene that looks like upright.
	stored := map[int]corners{
		1: {"red", "green", "blue", "white"}, 2: {"green", "red", "white", "blue"},
		3: {"white", "blue", "green", "red"}, 4: {"blue", "white", "red", "green"},
		5: {"red", "blue", "green", "white"}, 6: {"green", "white", "red", "blue"},
		7: {"white", "green", "blue", "red"}, 8: {"blue", "red", "white", "green"},
	}
	for orientation, c := range stored {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			w, h := 800, 400
			if orientation >= 5 {
				w, h = h, w
			}
			key, err := s.Take(t.Context(), exif(asJPEG(t, quarters(w, h, c)), orientation, order))
			must(t, err)
			for _, width := range []int{320, 1200} {
				img, data := get(t, s, key, width)
				if got := seen(img); got != upright {
					t.Errorf("orientation %d, %v, at %d: %v", orientation, order, width, got)
				}
				if size := img.Bounds().Size(); size.X != min(width, 800) || size.Y != min(width, 800)/2 {
					t.Errorf("orientation %d at %d: %v", orientation, width, size)
				}
				if bytes.Contains(data, []byte("Exif")) || bytes.Contains(data, []byte("canary")) {
					t.Errorf("orientation %d: the metadata is still there", orientation)
				}
			}
		}
	}
}

func TestASmallPictureIsNotEnlargedAndATallOneIsBounded(t *testing.T) {
	s := studio(t)
	for _, c := range []struct{ w, h, width, wantW, wantH int }{
		{100, 50, 1200, 100, 50},
		{1, 1, 320, 1, 1},
		{400, 300, 320, 320, 240},
		{100, 4000, 320, 16, 640},
		{4000, 10, 320, 320, 1},
	} {
		key, err := s.Take(t.Context(), asPNG(t, quarters(c.w, c.h, upright)))
		must(t, err)
		img, _ := get(t, s, key, c.width)
		if size := img.Bounds().Size(); size.X > c.wantW || size.X < c.wantW-1 || size.Y > c.wantH || size.Y < c.wantH-1 {
			t.Errorf("%d × %d at %d is %v, want %d × %d", c.w, c.h, c.width, size, c.wantW, c.wantH)
		}
	}
}

func TestTransparencyBecomesWhite(t *testing.T) {
	s := studio(t)
	for _, w := range []int{100, 3000} {
		key, err := s.Take(t.Context(), asPNG(t, image.NewNRGBA(image.Rect(0, 0, w, w))))
		must(t, err)
		img, _ := get(t, s, key, 1200)
		if got := seen(img); got != (corners{"white", "white", "white", "white"}) {
			t.Errorf("%v", got)
		}
	}
}

func TestTheSamePictureIsKeptOnce(t *testing.T) {
	s := studio(t)
	data := asJPEG(t, quarters(900, 900, upright))
	keys := make([]string, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			key, err := s.Take(context.Background(), data)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	all.Wait()
	for _, k := range keys {
		if k == "" || k != keys[0] {
			t.Fatalf("keys %v", keys)
		}
	}
	other, err := s.Take(t.Context(), asJPEG(t, quarters(901, 900, upright)))
	must(t, err)
	if other == keys[0] {
		t.Fatal("two pictures have one key")
	}
}

// bomb is a PNG of a few bytes that says it is w × h.
func bomb(w, h uint32, depth, kind byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, w)
	head = append(binary.BigEndian.AppendUint32(head, h), depth, kind, 0, 0, 0)
	chunk := append([]byte("IHDR"), head...)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(head)))
	out = append(out, chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

func TestWhatIsNoPictureOrTooLargeIsRefused(t *testing.T) {
	s := studio(t)
	good := asJPEG(t, quarters(64, 64, upright))
	// A frame header says 12,000 × 4,500: in one go that is let through to the
	// decoder, kept coefficient by coefficient (progressive) it is not.
	huge := func(marker byte, w, h int) []byte {
		return append([]byte("\xff\xd8\xff"), marker, 0, 17, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda, 0, 2)
	}
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"nothing":                        {nil, "photo_unreadable"},
		"a text":                         {[]byte("photo.jpg"), "photo_unreadable"},
		"a page called a picture":        {[]byte("<svg onload=alert(1)>"), "photo_unreadable"},
		"a GIF":                          {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "photo_unreadable"},
		"the head of a JPEG":             {[]byte("\xff\xd8\xff\xe0"), "photo_unreadable"},
		"half a JPEG":                    {good[:len(good)/2], "photo_unreadable"},
		"a PNG without a picture":        {bomb(10, 10, 8, 2), "photo_unreadable"},
		"a PNG of 40,000 × 40,000":       {bomb(40_000, 40_000, 8, 2), "photo_too_large"},
		"a deep PNG of 30 megapixels":    {bomb(6_000, 5_000, 16, 6), "photo_too_large"},
		"a JPEG of 65,535 × 65,535":      {huge(0xc0, 65_535, 65_535), "photo_too_large"},
		"a progressive one of 40 MP":     {huge(0xc2, 8_000, 5_000), "photo_too_large"},
		"a plain one of 40 MP, no more":  {huge(0xc0, 8_000, 5_000), "photo_unreadable"},
		"a picture of a thousand passes": {append(bytes.Clone(good), bytes.Repeat([]byte("\xff\xda\x00\x02"), 1000)...), "photo_too_large"},
		"more than 15 MB":                {append(bytes.Clone(good), make([]byte, photo.MostBytes)...), "photo_too_large"},
	} {
		_, err := s.Take(t.Context(), c.data)
		if f, ok := fault.As(err); !ok || f.Code != c.code || f.Field != "photo" {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestOnlyKeysThatWereGivenOpenAPicture(t *testing.T) {
	s := studio(t)
	key, err := s.Take(t.Context(), asPNG(t, quarters(10, 10, upright)))
	must(t, err)
	for _, c := range []struct {
		key   string
		width int
	}{
		{key, 321}, {key, 0}, {key + "/320.jpg", 320}, {"", 320}, {"../" + key, 320}, {"bank/2026-11.csv", 320},
		{"photo/" + strings.Repeat("0", 64), 320}, {strings.ToUpper(key), 320},
	} {
		if _, _, err := s.Get(t.Context(), c.key, c.width); !errors.Is(err, fault.NotFound("photo_unknown")) {
			t.Errorf("%q at %d: %v", c.key, c.width, err)
		}
	}
}

func TestPicturesWaitForTheirTurnAndMayGiveUp(t *testing.T) {
	s := studio(t)
	free := s.Busy()
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan error)
	go func() {
		_, err := s.Take(ctx, asPNG(t, quarters(10, 10, upright)))
		told <- err
	}()
	select {
	case err := <-told:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	cancel()
	if err := <-told; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	free()
	_, err := s.Take(t.Context(), asPNG(t, quarters(10, 10, upright)))
	must(t, err)
}

func FuzzHead(f *testing.F) {
	small := asJPEG(f, quarters(8, 8, upright))
	f.Add(small)
	f.Add(exif(small, 6, binary.LittleEndian))
	f.Add(exif(small, 3, binary.BigEndian))
	f.Add(asPNG(f, quarters(8, 8, upright)))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		orientation, err := photo.Head(data)
		if _, ok := fault.As(err); err != nil && !ok {
			t.Fatal(err)
		}
		if orientation < 1 || orientation > 8 {
			t.Fatalf("orientation %d", orientation)
		}
	})
}

func BenchmarkTakeOfTwelveMegapixels(b *testing.B) {
	data := asJPEG(b, quarters(4032, 3024, upright))
	b.ResetTimer()
	for i := range b.N {
		s := studio(b)
		if _, err := s.Take(b.Context(), append(bytes.Clone(data), fmt.Sprint(i)...)); err != nil {
			b.Fatal(err)
		}
	}
}
