package api

import (
	"bytes"
	"net/http"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/paper"
	"commonfield/marketplace/sheet"
)

type paperShown struct {
	Market    string        `json:"market"`
	Order     string        `json:"order"`
	ID        string        `json:"id"`
	Kind      paper.Kind    `json:"kind" enum:"receipt,sale,credit" doc:"the market has the money; what the seller has sent; what went back"`
	Number    string        `json:"number" doc:"without a gap in its market and kind"`
	Of        string        `json:"of,omitempty" doc:"of a credit note: the number of the paper that it lessens"`
	Refund    string        `json:"refund,omitempty"`
	Why       string        `json:"why,omitempty" doc:"of a credit note: the label of its charges"`
	Amount    int64         `json:"amount_minor"`
	Tax       int64         `json:"tax_minor" doc:"included"`
	Currency  string        `json:"currency"`
	Operator  string        `json:"operator,omitempty"`
	Seller    string        `json:"seller,omitempty"`
	Reference string        `json:"reference,omitempty" doc:"of the payment"`
	Invoice   string        `json:"tax_invoice,omitempty" doc:"the number of the tax system's own invoice (fapiao), where the seller entered it; none of these papers is one"`
	Lines     []paperLine   `json:"lines"`
	Besides   []paperBeside `json:"besides" doc:"delivery, fees"`
	IssuedAt  time.Time     `json:"issued_at"`
}

type paperLine struct {
	Title    string `json:"title"`
	TitleEN  string `json:"title_en,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Quantity int64  `json:"quantity,omitempty" doc:"base units"`
	Price    int64  `json:"price_minor,omitempty"`
	Off      int64  `json:"discount_minor,omitempty"`
	Amount   int64  `json:"amount_minor"`
}

type paperBeside struct {
	Label  string `json:"label"`
	Amount int64  `json:"amount_minor"`
}

// ThisPaper is a path that names one paper of an order.
type ThisPaper struct {
	This
	Paper string `path:"paper" doc:"id"`
}

type newInvoice struct {
	Number string `json:"number" doc:"empty takes it back"`
}

// papers mounts receipts, statements of sale and credit notes.
func (s *server) papers() {
	const one = "/orders/{market}/{id}/papers/{paper}"
	handle(s, route{method: http.MethodGet, path: "/orders/{market}/{id}/papers", says: "List an order's receipts, statements of sale and credit notes", open: somebody,
		more: "For buyer, seller and operators, the oldest first. They are issued a moment after their deed and never change."}, s.orderPapers)
	send(s, route{method: http.MethodGet, path: one + "/pdf", says: "Give a paper as a PDF in the asker's language", open: somebody}, sheet.Type, s.givePaper)
	handle(s, route{method: http.MethodPost, path: one + "/invoice", says: "Enter the number of the tax invoice beside a statement of sale", open: known,
		more: "By its seller or an operator. The same number twice is once; the newest counts."}, s.enterInvoice)
}

func showPaper(m region.Market, p paper.Paper) paperShown {
	out := paperShown{Market: m.Code, Order: p.Order.String(), ID: p.ID.String(), Kind: p.Kind, Number: p.Number(m), Of: p.OfNumber(m), Why: p.Label, Amount: p.Amount, Tax: p.Tax,
		Currency: p.Currency, Operator: p.Operator, Seller: p.Seller, Reference: p.Reference, Invoice: p.Invoice, Lines: []paperLine{}, Besides: []paperBeside{}, IssuedAt: p.At}
	if p.Refund != nil {
		out.Refund = p.Refund.String()
	}
	for _, l := range p.Lines {
		out.Lines = append(out.Lines, paperLine(l))
	}
	for _, b := range p.Besides {
		out.Besides = append(out.Besides, paperBeside(b))
	}
	return out
}

func (s *server) orderPapers(v *visit, in *This) (list[paperShown], error) {
	ref, err := v.ref(*in)
	if err != nil {
		return list[paperShown]{}, err
	}
	all, err := s.Papers(v.ctx, v.who, ref)
	if err != nil {
		return list[paperShown]{}, err
	}
	m, err := s.Books.Market(v.ctx, ref.Market)
	return listed(all.Papers, func(p paper.Paper) paperShown { return showPaper(m, p) }), err
}

// paperOf finds the paper of a path for whoever may see it.
func (s *server) paperOf(v *visit, in ThisPaper) (order.Ref, order.Order, paper.Paper, error) {
	ref, err := v.ref(in.This)
	if err != nil {
		return ref, order.Order{}, paper.Paper{}, err
	}
	name, err := row(in.Paper)
	if err != nil {
		return ref, order.Order{}, paper.Paper{}, err
	}
	all, err := s.Papers(v.ctx, v.who, ref)
	if err != nil {
		return ref, order.Order{}, paper.Paper{}, err
	}
	p, err := all.Paper(name)
	return ref, all.Order, p, err
}

func (s *server) givePaper(v *visit, in *ThisPaper) (*download, error) {
	ref, o, p, err := s.paperOf(v, *in)
	if err != nil {
		return nil, err
	}
	m, err := s.Books.Market(v.ctx, ref.Market)
	if err != nil {
		return nil, err
	}
	paper, err := s.PaperSheet(v.ctx, v.reader, m, o, p)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := sheet.PDF(&b, paper); err != nil {
		return nil, err
	}
	return &download{sheet.Type, `attachment; filename="` + p.Number(m) + `.pdf"`, "private, no-store", b.Bytes()}, nil
}

func (s *server) enterInvoice(v *visit, in *struct {
	ThisPaper
	Body newInvoice
}) (paperShown, error) {
	ref, _, p, err := s.paperOf(v, in.ThisPaper)
	if err != nil {
		return paperShown{}, err
	}
	if err := s.EnterInvoice(v.ctx, v.who, ref, p.ID, in.Body.Number); err != nil {
		return paperShown{}, err
	}
	if _, _, p, err = s.paperOf(v, in.ThisPaper); err != nil {
		return paperShown{}, err
	}
	m, err := s.Books.Market(v.ctx, ref.Market)
	return showPaper(m, p), err
}
