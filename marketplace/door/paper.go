package door

import (
	"cmp"
	"context"
	"slices"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/paper"
	"commonfield/marketplace/sheet"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Papered is an order with its papers and what the asker may do with them.
type Papered struct {
	Order  order.Order
	Papers []paper.Paper
	Enter  bool // the number of a tax invoice
}

// Papers gives the papers of an order to its sides: buyer, seller (a clerk for
// them), operator. To the agent who earns on it, and to whoever found it by its
// number, they are forbidden (paper_not_yours): the buyer's name stands on them.
func (d *Door) Papers(ctx context.Context, p people.Person, ref order.Ref) (Papered, error) {
	o, as, err := d.Sides(ctx, p, ref)
	if err != nil {
		if fault.Has(err, "dispute_not_yours") {
			err = fault.Forbidden("paper_not_yours")
		}
		return Papered{}, err
	}
	v := Papered{Order: o, Enter: !p.ReadOnly && (slices.Contains(as, order.AsSeller) || slices.Contains(as, order.AsOperator))}
	err = d.DB.View(ctx, ref.Market, func(tx *storage.Tx) (err error) { v.Papers, err = paper.Of(tx, ref.ID); return })
	return v, err
}

// Paper is one of them.
func (v Papered) Paper(name id.ID) (paper.Paper, error) {
	for _, p := range v.Papers {
		if p.ID == name {
			return p, nil
		}
	}
	return paper.Paper{}, fault.NotFound("not_found")
}

// EnterInvoice writes the number of a tax invoice beside a statement of sale, by its
// seller or an operator.
func (d *Door) EnterInvoice(ctx context.Context, p people.Person, ref order.Ref, name id.ID, number string) error {
	v, err := d.Papers(ctx, p, ref)
	if err != nil {
		return err
	}
	if !v.Enter {
		return fault.Forbidden("forbidden")
	}
	return d.Marketplace.Papers.Enter(ctx, p.ID, ref.Market, ref.ID, name, number)
}

// PaperSheet is a paper as it is read: on its page and in its PDF. Who bought stands
// on it by the order's sealed address.
func (d *Door) PaperSheet(ctx context.Context, r tongue.Reader, m region.Market, o order.Order, p paper.Paper) (sheet.Sheet, error) {
	to, err := d.Orders.Addresses(ctx, m.ID, []id.ID{o.ID})
	if err != nil {
		return sheet.Sheet{}, err
	}
	return PaperSheet(r.At(m.Location(), d.DB.Now()), m, p, to[o.ID].Name), nil
}

// noteOf is the sentence below a paper.
func noteOf(p paper.Paper) string {
	if p.Covered() && p.Kind == paper.Credit {
		return "paper.credit.note_covered"
	}
	return "paper." + string(p.Kind) + ".note"
}

// PaperSheet writes a paper in a reader's language.
func PaperSheet(r tongue.Reader, m region.Market, p paper.Paper, buyer string) sheet.Sheet {
	kind, number := "paper."+string(p.Kind), p.Number(m)
	market := titled(r, p.Market, p.MarketEN)
	s := sheet.Sheet{Title: r.T(kind + ".title"), Number: number, Lead: r.T(kind + ".lead"), Notes: []string{r.T(noteOf(p))},
		Foot: r.T("paper.foot", "market", market, "number", number),
		Page: func(n, of int) string { return r.T("paper.page", "n", n, "of", of) }}
	fact := func(key, value string) {
		if value != "" {
			s.Facts = append(s.Facts, sheet.Fact{Label: r.T("paper." + key), Value: value})
		}
	}
	fact("issued", r.Date(p.At))
	seller := titled(r, p.Seller, p.SellerEN)
	if p.Kind == paper.Sale {
		fact("by", seller)
		fact("licence", p.SellerNo)
		if p.SellerNo == "" {
			fact("exempt", p.Exempt)
		}
	} else {
		fact("by", cmp.Or(p.Operator, market))
		fact("licence", p.Licence)
		fact("seller", seller)
	}
	fact("market", market)
	fact("buyer", cmp.Or(buyer, r.T("paper.nobody")))
	fact("order", p.Says.Order)
	if p.Kind == paper.Credit {
		fact("of", p.OfNumber(m))
		fact("why", r.T("paper.label."+p.Label))
		if p.Covered() {
			fact("back", r.T("paper.back_contract"))
		} else {
			fact("back", r.T("paper.back_way"))
		}
	} else {
		fact("paid", r.T("paper.way."+p.Way))
		fact("reference", p.Reference)
	}
	if p.Kind == paper.Sale {
		fact("invoice", cmp.Or(p.Invoice, r.T("paper.invoice_none")))
	}
	s.Cols, s.Rows = paperRows(r, p)
	if p.Tax != 0 {
		s.Sums = append(s.Sums, sheet.Sum{Label: r.T("paper.tax"), Value: r.Money(p.Tax, p.Currency)})
	}
	total := "paper.total"
	if p.Kind == paper.Credit {
		total = "paper.total_credit"
	}
	s.Sums = append(s.Sums, sheet.Sum{Label: r.T(total), Value: r.Money(p.Amount, p.Currency), Loud: true})
	return s
}

func paperRows(r tongue.Reader, p paper.Paper) ([]sheet.Col, []sheet.Row) {
	goods, sum := sheet.Col{Label: r.T("paper.goods"), Share: 5}, sheet.Col{Label: r.T("paper.sum"), Num: true, Share: 2}
	cols := []sheet.Col{goods, {Label: r.T("paper.quantity"), Num: true, Share: 3}, {Label: r.T("paper.price"), Num: true, Share: 2}, sum}
	if p.Kind == paper.Credit {
		cols = []sheet.Col{goods, sum}
	}
	var rows []sheet.Row
	for _, l := range p.Lines {
		row := sheet.Row{Cells: []string{titled(r, l.Title, l.TitleEN)}}
		if p.Kind != paper.Credit {
			row.Cells = append(row.Cells, r.Both(l.Quantity, l.Unit), r.Per(l.Price, p.Currency, l.Unit))
		}
		if l.Off > 0 {
			row.Under = r.T("paper.off", "was", r.Money(l.Amount+l.Off, p.Currency), "off", r.Money(l.Off, p.Currency))
		}
		row.Cells = append(row.Cells, r.Money(l.Amount, p.Currency))
		rows = append(rows, row)
	}
	for _, b := range p.Besides {
		row := sheet.Row{Cells: []string{r.T("charge." + b.Label)}}
		if p.Kind != paper.Credit {
			row.Cells = append(row.Cells, "", "")
		}
		rows = append(rows, sheet.Row{Cells: append(row.Cells, r.Money(b.Amount, p.Currency))})
	}
	return cols, rows
}

func titled(r tongue.Reader, zh, en string) string {
	if r.Lang() == tongue.English && en != "" {
		return en
	}
	return zh
}
