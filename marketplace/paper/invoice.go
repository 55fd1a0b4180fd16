package paper

import (
	"context"
	"strings"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

// MostInvoice is the longest number of the tax system's invoices: 20 digits today.
const MostInvoice = 40

// Enter writes the number of the tax system's invoice (fapiao) beside a statement
// of sale; the newest counts, an empty one takes it back. The door says who may.
// The same number twice is once. Refusals: invoice_number, invoice_of_sale.
func (r *Room) Enter(ctx context.Context, by id.ID, market int32, of, paper id.ID, number string) error {
	number = strings.TrimSpace(number)
	if len(number) > MostInvoice || strings.ContainsFunc(number, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-'
	}) {
		return fault.Invalid("invoice", "invoice_number")
	}
	return r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		p, err := Find(tx, of, paper)
		if err != nil {
			return err
		}
		if p.Kind != Sale {
			return fault.Conflict("invoice_of_sale")
		}
		if p.Invoice == number {
			return nil
		}
		tx.Queue("INSERT INTO tax_invoices (market_id, id, paper_id, number, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5, $6)",
			market, id.New(), paper, number, by, tx.Now)
		trail.Write(tx, by, "paper.invoice", "paper", paper.String())
		return nil
	})
}
