package order

import (
	"context"

	"commonfield/agents/attribution"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/money"
)

// Quote is what placing something at this moment would freeze.
type Quote struct {
	Currency string
	Total    int64
	Baskets  []Quoted // by market, the first by number first
}

// Quoted is one market's part of a quote.
type Quoted struct {
	Market int32
	Total  int64
	Orders []Order // one per seller, with their lines and splits; they have no rows
	Given  attribution.Given
}

// Parts is who would receive what.
func (q Quote) Parts() Shares {
	var sum Shares
	for _, b := range q.Baskets {
		for _, o := range b.Orders {
			o.leave()
			sum = sum.plus(o.left())
		}
	}
	return sum
}

// Quote prices what somebody wants by the same steps as Place, so that a page
// and the order it leads to never differ by a rounding. It writes and promises
// nothing; stock is not asked. Refusals are those of Place but for sold_out
// and price_changed; over several markets all of them are told at once.
func (p *Pipeline) Quote(ctx context.Context, a Ask) (Quote, error) {
	kind, markets, err := p.ready(ctx, a)
	if err != nil {
		return Quote{}, err
	}
	return p.quote(ctx, kind, a, markets)
}

func (p *Pipeline) quote(ctx context.Context, kind Kind, a Ask, markets []placing) (Quote, error) {
	q := Quote{Currency: markets[0].market.Currency}
	var wrong []error
	for _, m := range markets {
		b, err := p.quoteOne(ctx, a, m, func(tx *storage.Tx) ([]Priced, error) { return kind.Price(tx, m.items) })
		if err != nil {
			if len(markets) > 1 {
				err = m.named(err)
			}
			wrong = append(wrong, each(err)...)
			continue
		}
		q.Baskets = append(q.Baskets, b)
		if q.Total, err = money.Sum(q.Total, b.Total); err != nil {
			wrong = append(wrong, fault.Invalid("items", "quantity_too_large"))
		}
	}
	return q, fault.All(wrong...)
}

// QuoteOf is Quote for the lines of one market that were priced already, from
// rows that the caller has read: it reads what an agent needs, and nothing
// without one.
func (p *Pipeline) QuoteOf(ctx context.Context, a Ask, priced []Priced) (Quote, error) {
	_, markets, err := p.ready(ctx, a)
	if err != nil {
		return Quote{}, err
	}
	m := markets[0]
	b, err := p.quoteOne(ctx, a, m, func(*storage.Tx) ([]Priced, error) { return priced, nil })
	return Quote{Currency: m.market.Currency, Total: b.Total, Baskets: []Quoted{b}}, err
}

func (p *Pipeline) quoteOne(ctx context.Context, a Ask, m placing, price func(*storage.Tx) ([]Priced, error)) (Quoted, error) {
	q := Quoted{Market: m.market.ID}
	err := p.db.View(ctx, q.Market, func(tx *storage.Tx) error {
		priced, err := price(tx)
		if err != nil {
			return err
		}
		given, rules, err := p.attribute(tx, a)
		if err != nil {
			return err
		}
		discount(priced, tx.Now)
		dues := earning(a.Kind, rules, priced, tx.Now)
		q.Total, q.Given = 0, given
		q.Orders, err = p.cut(a, begin(a, m), m, priced, given, dues, tx.Now)
		for _, o := range q.Orders {
			q.Total += o.Total
		}
		return err
	})
	return q, err
}
