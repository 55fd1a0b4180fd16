package web

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/region"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/trail"
	"commonfield/storage/workbook"
)

// monthFile is how a month of a market is written, as what is read from a name.
type monthFile[M any] struct {
	of, deed string // of the file's name and of the trail
	read     func(name string) (M, error)
	table    monthWrite[M]
	book     monthWrite[M]
}

type monthWrite[M any] func(context.Context, io.Writer, tongue.Reader, region.Market, M) error

// send gives it out as a table or a workbook, as the address ends. That it was taken
// stands in the trail.
func (f monthFile[M]) send(d *desk, c *fiber.Ctx, s seat) error {
	kind, write := "text/csv; charset=utf-8", f.table
	name, csv := strings.CutSuffix(c.Params("file"), ".csv")
	if !csv {
		var book bool
		if name, book = strings.CutSuffix(name, ".xlsx"); !book {
			return fault.NotFound("not_found")
		}
		kind, write = workbook.Type, f.book
	}
	month, err := f.read(name)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := write(c.UserContext(), &b, d.reader(c, s), s.m, month); err != nil {
		return err
	}
	err = d.DB.Update(c.UserContext(), s.m.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		trail.Write(tx, s.p.ID, f.deed, "month:"+name, "")
		return nil
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+s.m.Code+"-"+f.of+"-"+c.Params("file")+`"`)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Send(b.Bytes())
}
