package paper

import (
	"strings"

	"commonfield/agents/producer"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// whole is a receipt or a statement of sale over the lines and the first charges.
func (w *writer) whole(kind Kind, upto int) Paper {
	p := Paper{Kind: kind, Charges: upto}
	for _, l := range w.o.Lines {
		line := Line{Title: l.Title, TitleEN: l.TitleEN, Unit: l.Unit, Quantity: l.Quantity, Price: l.Price, Amount: l.Total}
		p.Tax += l.Tax
		if kind == Sale {
			line.Quantity = l.Taken()
			if l.Packed != nil {
				line.Quantity = *l.Packed
			}
		}
		for _, c := range w.o.Charges {
			if c.No > upto || c.Line == nil || *c.Line != l.No {
				continue
			}
			line.Amount += c.Amount
			p.Tax += c.Tax
			if c.Label == order.Discount {
				line.Off -= c.Amount
			}
		}
		p.Amount += line.Amount
		if line.Quantity > 0 || line.Amount != 0 {
			p.Lines = append(p.Lines, line)
		}
	}
	for _, c := range w.o.Charges {
		if c.No > upto || !c.Stands() {
			continue
		}
		sum := c.Amount
		p.Tax += c.Tax
		for _, less := range w.o.Charges {
			if less.No <= upto && less.Of != nil && *less.Of == c.No {
				sum += less.Amount
				p.Tax += less.Tax
			}
		}
		p.Amount += sum
		if sum != 0 {
			p.Besides = append(p.Besides, Beside{c.Label, sum})
		}
	}
	return p
}

// credit is the note for one deed that gave back. It lessens the statement of sale
// where that took in all that went before, else the receipt; what neither had taken
// in has nothing to lessen.
func (w *writer) credit(source string) (Paper, bool) {
	p := Paper{Kind: Credit, Source: source}
	var of *Paper
	for _, c := range w.o.Charges {
		if c.Source != source {
			continue
		}
		if r := w.first[Receipt]; r != nil && of == nil && c.No > r.Charges {
			of = r
		}
		if s := w.first[Sale]; s != nil && c.No > s.Charges {
			of = s
		}
		p.Amount -= c.Amount
		p.Tax -= c.Tax
		p.Label = c.Label
		if c.Amount == 0 {
			continue
		}
		if c.Line != nil {
			for _, l := range w.o.Lines {
				if l.No == *c.Line {
					p.Lines = append(p.Lines, Line{Title: l.Title, TitleEN: l.TitleEN, Amount: -c.Amount})
				}
			}
		} else if c.Of != nil {
			for _, stands := range w.o.Charges {
				if stands.No == *c.Of {
					p.Besides = append(p.Besides, Beside{stands.Label, -c.Amount})
				}
			}
		}
	}
	if of == nil {
		return p, false
	}
	p.Of = &of.ID
	return p, true
}

// name writes on the missing papers who they are from, and which refund a credit
// note is about.
func (w *writer) name(tx *storage.Tx) error {
	says := Says{Market: w.m.Name, MarketEN: w.m.NameEN, Operator: w.m.Operator, Licence: w.m.Licence, Order: w.o.Number, Way: w.o.Way}
	if w.o.Seller != nil {
		seller, err := producer.Find(tx, *w.o.Seller)
		if err != nil && !fault.Has(err, "not_found") {
			return err
		}
		says.Seller, says.SellerEN, says.SellerNo, says.Exempt = seller.Name, seller.NameEN, seller.Licence, seller.Exemption
	}
	if w.o.Payment != id.None { // else a contract covers it
		pay, err := payment.Find(tx, w.o.Payment)
		if err != nil {
			return err
		}
		says.Reference = pay.Reference
	}
	refunds, err := w.refunds(tx)
	if err != nil {
		return err
	}
	for i := range w.missing {
		p := &w.missing[i]
		own := p.Says
		p.Says = says
		p.Label, p.Tax, p.Lines, p.Besides = own.Label, own.Tax, own.Lines, own.Besides
		if r, known := refunds[p.Source]; known {
			p.Refund = &r
		}
	}
	return nil
}

// refunds are the order's refunds by the deed that asked for them.
func (w *writer) refunds(tx *storage.Tx) (map[string]id.ID, error) {
	all, err := payment.RefundsOf(tx, w.o.ID)
	by := map[string]id.ID{}
	for _, r := range all {
		if source, ours := strings.CutPrefix(r.Cause, "order:"+w.o.ID.String()+":"); ours {
			by[source] = r.ID
		}
	}
	return by, err
}
