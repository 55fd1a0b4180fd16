package door

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// worth is how large an answer must be, in bytes, that packing it saves a
// packet on the network.
const worth = 1024

// packed are the types that packing makes much smaller; pictures, papers and
// workbooks are packed already.
var packed = [][]byte{[]byte("text/"), []byte("application/json"), []byte("application/problem+json"), []byte("application/openapi+json"), []byte("application/xml"), []byte("application/manifest+json")}

// pack sends an answer as gzip to whoever takes it: a page is a quarter as
// long, which on a weak phone far from the mast is most of its time. It does
// the least that gzip can, for the processor is shared with everybody.
func pack(c *fiber.Ctx) {
	r := c.Response()
	if len(r.Header.ContentEncoding()) > 0 || r.IsBodyStream() || len(r.Body()) < worth || !packs(r.Header.ContentType()) {
		return
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	if c.Request().Header.HasAcceptEncoding("gzip") {
		body := fasthttp.AppendGzipBytesLevel(make([]byte, 0, len(r.Body())/3), r.Body(), fasthttp.CompressBestSpeed)
		r.SetBodyRaw(body)
		r.Header.SetContentEncoding("gzip")
	}
}

func packs(kind []byte) bool {
	for _, p := range packed {
		if bytes.HasPrefix(kind, p) {
			return true
		}
	}
	return false
}
