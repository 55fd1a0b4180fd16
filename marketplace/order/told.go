package order

import (
	"commonfield/agents/statement"
	"commonfield/storage"
)

// What seller and agent read on their statements is written with the postings
// it tells of: a line for each of them when its money is released, and one for
// what a refund takes back after that.

// tellReleased says what each line has brought. What charges took before is not
// told: it never was anybody's.
func tellReleased(tx *storage.Tx, o *Order) {
	s := statement.Sale{ID: o.ID, Number: o.Number, Cause: "release"}
	for _, l := range o.Lines {
		s.Lines = append(s.Lines, o.told(l, l.Left)...)
	}
	for _, c := range o.Charges {
		s.Lines = append(s.Lines, o.toldCharge(c, c.Left)...)
	}
	statement.Record(tx, s)
}

// tellTaken says what a refund took from whom, and why.
func tellTaken(tx *storage.Tx, o *Order, taken []cut, d deed) {
	s := statement.Sale{ID: o.ID, Number: o.Number, Cause: d.cause, Back: true, Why: d.reason}
	for _, t := range taken {
		for _, l := range o.Lines {
			if l.No == t.line {
				s.Lines = append(s.Lines, o.told(l, t.Shares)...)
			}
		}
		for _, c := range o.Charges {
			if c.No == t.charge {
				s.Lines = append(s.Lines, o.toldCharge(c, t.Shares)...)
			}
		}
	}
	statement.Record(tx, s)
}

// StatementCharge is after every line of an order: a charge stands on a statement
// under this and its own number.
const StatementCharge = 1000

// toldCharge is the seller's part of a charge that adds. It has no title: pages
// say its label, which stands where a title would.
func (o *Order) toldCharge(c Charge, of Shares) []statement.Share {
	if o.SellerPayee == nil || of.Sum() == 0 {
		return nil
	}
	return []statement.Share{{Payee: *o.SellerPayee, No: StatementCharge + c.No, Title: c.Label, Base: of.Sum(), Amount: of.Seller}}
}

// told are the parts of a line's seller and of its agent.
func (o *Order) told(l Line, of Shares) []statement.Share {
	share := statement.Share{No: l.No, Title: l.Title, TitleEN: l.TitleEN, Category: l.Category, Base: of.Sum()}
	var parts []statement.Share
	if o.SellerPayee != nil {
		share.Payee, share.Amount = *o.SellerPayee, of.Seller
		parts = append(parts, share)
	}
	if l.AgentPayee != nil && of.Agent > 0 {
		share.Payee, share.Amount = *l.AgentPayee, of.Agent
		parts = append(parts, share)
	}
	return parts
}
