package order

import (
	"context"

	"commonfield/agents/attribution"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Quote is what placing something at this moment would freeze.
type Quote struct {
	Orders []Order // one per seller, with their lines and splits; they have no rows
	Total  int64
	Given  attribution.Given
}

// Parts is who would receive what.
func (q Quote) Parts() Shares {
	var sum Shares
	for _, o := range q.Orders {
		for _, l := range o.Lines {
			sum = sum.plus(Shares{l.SellerShare, l.AgentShare, l.Fee, l.Tax})
		}
	}
	return sum
}

// Quote prices what somebody wants by the same steps as Place, so that a page
// and the order it leads to never differ by a rounding. It writes and promises
// nothing; stock is not asked. Refusals are those of Place but for sold_out
// and price_changed.
func (p *Pipeline) Quote(ctx context.Context, a Ask) (Quote, error) {
	kind, ok := p.kinds[a.Kind]
	if !ok {
		return Quote{}, fault.Invalid("kind", "unknown_kind")
	}
	market, err := p.books.Market(ctx, a.Market)
	if err != nil {
		return Quote{}, err
	}
	var q Quote
	err = p.db.View(ctx, a.Market, func(tx *storage.Tx) error {
		q = Quote{}
		priced, err := kind.Price(tx, a.Items)
		if err != nil {
			return err
		}
		given, dues, err := p.attribute(tx, a, priced)
		if err != nil {
			return err
		}
		b := Basket{Market: a.Market, ID: id.New(), Currency: market.Currency}
		q.Orders, err = p.cut(a, b, market.Code, priced, given, dues, tx.Now)
		q.Given = given
		for _, o := range q.Orders {
			q.Total += o.Total
		}
		return err
	})
	return q, err
}
