package web

import (
	"bytes"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/paper"
	"commonfield/marketplace/sheet"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/id"
)

// papers mounts receipts, statements of sale and credit notes.
func (w *Web) papers(app fiber.Router) {
	app.Get("/orders/:market/:id/papers/:paper", w.paper)
	app.Post("/orders/:market/:id/papers/:paper/invoice", w.invoice)
}

// lookedUp is a paper of the address, with its order and who looks.
type lookedUp struct {
	m     region.Market
	ref   order.Ref
	all   door.Papered
	paper paper.Paper
	pdf   bool
}

func (w *Web) paperAt(c *fiber.Ctx) (lookedUp, error) {
	var v lookedUp
	m, of, p, err := w.named(c)
	if err != nil {
		return v, err
	}
	text, pdf := strings.CutSuffix(c.Params("paper"), ".pdf")
	name, err := row(text)
	if err != nil {
		return v, err
	}
	v.m, v.pdf, v.ref = m, pdf, order.Ref{Market: m.ID, ID: of}
	if v.all, err = w.Papers(c.UserContext(), p, v.ref); err != nil {
		return v, err
	}
	v.paper, err = v.all.Paper(name)
	return v, err
}

func (w *Web) paper(c *fiber.Ctx) error {
	v, err := w.paperAt(c)
	if err != nil {
		return err
	}
	if v.pdf {
		return w.paperFile(c, v)
	}
	return w.showPaper(c, v, fiber.StatusOK, part.Form{})
}

// paperFile makes the PDF: from the rows, each time.
func (w *Web) paperFile(c *fiber.Ctx, v lookedUp) error {
	if err := w.Limit(c, "pdf", w.Address(c), 60, 10*time.Minute); err != nil {
		return err
	}
	s, err := w.PaperSheet(c.UserContext(), bare(c).Reader, v.m, v.all.Order, v.paper)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := sheet.PDF(&b, s); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, sheet.Type)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+v.paper.Number(v.m)+`.pdf"`)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Send(b.Bytes())
}

func (w *Web) showPaper(c *fiber.Ctx, v lookedUp, status int, form part.Form) error {
	f, err := w.frame(c, v.m)
	if err != nil {
		return err
	}
	s, err := w.PaperSheet(c.UserContext(), f.Reader, v.m, v.all.Order, v.paper)
	if err != nil {
		return err
	}
	of, name := v.ref.ID.String(), v.paper.ID.String()
	form.Action, form.Key = part.InvoiceWay(v.m.Code, of, name), newKey()
	shown := page.Paper{Frame: f, Sheet: s, As: page.AsBuyer, OrderHref: part.OrderWay(v.m.Code, of), Order: v.all.Order.Number,
		PDFHref: part.PaperWay(v.m.Code, of, name+".pdf"), Enter: v.all.Enter && v.paper.Kind == paper.Sale, Invoice: v.paper.Invoice, Form: form}
	if v.all.Enter {
		shown.As = page.AsSeller
	}
	return w.render(c, status, shown.View())
}

// invoice enters the number of the tax invoice beside a statement of sale.
func (w *Web) invoice(c *fiber.Ctx) error {
	v, err := w.paperAt(c)
	if err != nil {
		return err
	}
	form := typedForm(typed(c))
	form.trim()
	p, err := w.Who(c)
	if err != nil {
		return err
	}
	err = w.EnterInvoice(c.UserContext(), p, v.ref, v.paper.ID, form["invoice"])
	if err == nil {
		return w.told(c, "paper.invoice_done", part.PaperWay(v.m.Code, v.ref.ID.String(), v.paper.ID.String()))
	}
	if !refused(err) || door.Status(err) != fiber.StatusUnprocessableEntity {
		return err
	}
	f, e := w.frame(c, v.m)
	if e != nil {
		return e
	}
	return w.showPaper(c, v, door.Status(err), part.Form{}.Refused(f.Reader, err, form))
}

// paperRows are the papers of an order, for its page; none for whom they are not.
func (w *Web) paperRows(c *fiber.Ctx, l looking) ([]page.PaperRow, error) {
	if !l.is(order.AsBuyer) && !l.is(order.AsSeller) && !l.is(door.AsClerk) && !l.is(order.AsOperator) {
		return nil, nil
	}
	all, err := w.Papers(c.UserContext(), l.p, l.story.Ref())
	var rows []page.PaperRow
	for _, p := range all.Papers {
		rows = append(rows, page.PaperRow{Href: paperWay(l.m, p.Order, p.ID, ""), PDFHref: paperWay(l.m, p.Order, p.ID, ".pdf"),
			Number: p.Number(l.m), Kind: string(p.Kind), At: p.At, Minor: p.Amount})
	}
	return rows, err
}

func paperWay(m region.Market, of, name id.ID, as string) string {
	return part.PaperWay(m.Code, of.String(), name.String()+as)
}
