package photo

import (
	"image"
	"image/color"
	"image/draw"

	scaling "golang.org/x/image/draw"
)

// tall is how many times its width a picture may be high.
const tall = 2

// fit makes a picture as wide as width once it is turned, and at most twice as
// high; a smaller one stays. White is put behind what is transparent.
//
// It goes in two steps: whole blocks of pixels are averaged while the picture is
// more than twice too large, then it is scaled. A single good filter over the
// original would need a buffer larger than the picture itself.
func fit(src image.Image, width, orientation int) *image.RGBA {
	size := src.Bounds().Size()
	w, h := width, width*tall
	if orientation >= 5 { // it lies on its side
		w, h = h, w
	}
	out := inside(size, w, h)
	small := averaged(src, max(1, min(size.X/out.X, size.Y/out.Y)))
	if small.Rect.Size() == out {
		return small
	}
	dst := image.NewRGBA(image.Rectangle{Max: out})
	scaling.ApproxBiLinear.Scale(dst, dst.Rect, small, small.Rect, draw.Src, nil)
	return dst
}

// inside is the size that fits into w × h with the same sides, never larger.
func inside(size image.Point, w, h int) image.Point {
	if size.X <= w && size.Y <= h {
		return size
	}
	if size.X*h >= size.Y*w {
		return image.Pt(w, max(1, size.Y*w/size.X))
	}
	return image.Pt(max(1, size.X*h/size.Y), h)
}

// averaged makes one pixel of every n × n. It reads the picture in bands of n
// rows, so it needs little memory beside the picture.
func averaged(src image.Image, n int) *image.RGBA {
	b := src.Bounds()
	if rgba, ok := src.(*image.RGBA); ok && n == 1 && rgba.Opaque() {
		return rgba
	}
	dst := image.NewRGBA(image.Rect(0, 0, b.Dx()/n, b.Dy()/n))
	band := image.NewRGBA(image.Rect(0, 0, b.Dx(), n))
	white := image.NewUniform(color.White)
	for y := range dst.Rect.Dy() {
		draw.Draw(band, band.Rect, white, image.Point{}, draw.Src)
		draw.Draw(band, band.Rect, src, image.Pt(b.Min.X, b.Min.Y+y*n), draw.Over)
		row := dst.Pix[y*dst.Stride:]
		for x := range dst.Rect.Dx() {
			mean(row[x*4:], band, x*n, n)
		}
	}
	return dst
}

// mean writes the average of an opaque band's n × n pixels from x on.
func mean(dst []byte, band *image.RGBA, x, n int) {
	var r, g, b uint32
	for j := range n {
		line := band.Pix[j*band.Stride+x*4:][:n*4]
		for i := 0; i < len(line); i += 4 {
			r, g, b = r+uint32(line[i]), g+uint32(line[i+1]), b+uint32(line[i+2])
		}
	}
	k := uint32(n * n)
	dst[0], dst[1], dst[2], dst[3] = byte((r+k/2)/k), byte((g+k/2)/k), byte((b+k/2)/k), 0xff
}

// turned brings a picture upright from one of EXIF's eight orientations.
func turned(src *image.RGBA, orientation int) *image.RGBA {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	if orientation <= 1 {
		return src
	}
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	dst := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			to := turn(orientation, x, y, w, h)
			copy(dst.Pix[dst.PixOffset(to.X, to.Y):][:4], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return dst
}

// turn says where a stored pixel of a w × h picture belongs.
func turn(orientation, x, y, w, h int) image.Point {
	switch orientation {
	case 2:
		return image.Pt(w-1-x, y)
	case 3:
		return image.Pt(w-1-x, h-1-y)
	case 4:
		return image.Pt(x, h-1-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(h-1-y, x)
	case 7:
		return image.Pt(h-1-y, w-1-x)
	case 8:
		return image.Pt(y, w-1-x)
	}
	return image.Pt(x, y)
}
