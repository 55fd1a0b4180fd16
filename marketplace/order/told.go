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
	statement.Record(tx, s)
}

// tellTaken says what a refund took from whom, and why.
func tellTaken(tx *storage.Tx, o *Order, taken map[int]Shares, d deed) {
	s := statement.Sale{ID: o.ID, Number: o.Number, Cause: d.cause, Back: true, Why: d.reason}
	for _, l := range o.Lines {
		if cut, some := taken[l.No]; some {
			s.Lines = append(s.Lines, o.told(l, cut)...)
		}
	}
	statement.Record(tx, s)
}

// told are the parts of a line's seller and of its agent.
func (o *Order) told(l Line, of Shares) []statement.Share {
	share := statement.Share{No: l.No, Title: l.Title, TitleEN: l.TitleEN, Base: of.Sum()}
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
