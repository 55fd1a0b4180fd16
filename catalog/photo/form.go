package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// form is what is known of a picture before it is decoded.
type form struct {
	decode      func(data []byte) (image.Image, error)
	orientation int // 1–8 as EXIF counts; 1: as it is
}

// look reads a picture's head: what it is, how large, which way up. It refuses
// what must not be decoded.
func look(data []byte) (form, error) {
	f := form{orientation: 1}
	var cfg image.Config
	var err error
	bits := 32 // that one decoded pixel takes
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		if bytes.Count(data, []byte("\xff\xda")) > mostScans {
			return f, tooLarge()
		}
		f.decode = func(data []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(data)) }
		cfg, err = jpeg.DecodeConfig(bytes.NewReader(data))
		f.orientation, bits = segments(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		f.decode = func(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) }
		cfg, err = png.DecodeConfig(bytes.NewReader(data))
		if cfg.ColorModel == color.NRGBA64Model || cfg.ColorModel == color.RGBA64Model {
			bits = 64
		}
	default:
		return f, unreadable()
	}
	if err != nil || cfg.Width <= 0 || cfg.Height <= 0 {
		return f, unreadable().Because(err)
	}
	pixels := int64(cfg.Width) * int64(cfg.Height)
	if pixels > MostPixels || pixels*int64(bits)/8 > mostMemory {
		return f, tooLarge()
	}
	return f, nil
}

// segments walks a JPEG's head for its orientation and for the bits that a
// pixel takes while it is decoded. What it does not understand it leaves.
func segments(data []byte) (orientation, bits int) {
	orientation, bits = 1, 32
	for rest := data[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker := rest[1]
		if marker == 0xff { // a fill byte
			rest = rest[1:]
			continue
		}
		size := int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda || size < 2 || len(rest) < 2+size { // the picture begins
			break
		}
		body := rest[4 : 2+size]
		switch marker {
		case 0xe1:
			if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && orientation == 1 {
				orientation = oriented(tiff)
			}
		case 0xc0, 0xc1:
			bits = sampled(body, 8)
		case 0xc2: // progressive: each coefficient is kept beside its sample to the end
			bits = sampled(body, 8+32)
		}
		rest = rest[2+size:]
	}
	return orientation, bits
}

// sampled adds up the bits of a pixel's components in a frame header: a colour
// may have one sample for two or four pixels.
func sampled(frame []byte, each int) int {
	if len(frame) < 6 || len(frame) < 6+3*int(frame[5]) {
		return each * 4
	}
	sum, h, v := 0, 1, 1
	for i := range int(frame[5]) {
		f := frame[6+3*i+1]
		sum += int(f>>4) * int(f&15)
		h, v = max(h, int(f>>4)), max(v, int(f&15))
	}
	return max(each, each*sum/(h*v))
}

// oriented finds the orientation in EXIF's first directory: entry 0x0112, a
// short. The libraries that read all of EXIF are large or no longer kept, and
// we want nothing else of it.
func oriented(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 && order.Uint16(entries[2:]) == 3 {
				return o
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}
