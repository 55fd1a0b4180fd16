package paper

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// Room issues papers. It is opened once.
type Room struct {
	db    *storage.DB
	books *region.Books
}

// New opens the room.
func New(db *storage.DB, books *region.Books) *Room { return &Room{db, books} }

// After is a job's handler that ends with the papers of the order which its deed
// was about; sale says which, and none where it was about no order. The order's way
// costs no row and no trip for it.
func (r *Room) After(h jobs.Handler, sale func(tx *storage.Tx, j jobs.Job) (id.ID, error)) jobs.Handler {
	first := h.Call
	h.Call = func(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
		end, err := first(ctx, j)
		if err != nil {
			return nil, err
		}
		m, err := r.books.Market(ctx, j.Market)
		if err != nil {
			return nil, err
		}
		return func(tx *storage.Tx) error {
			if end != nil {
				if err := end(tx); err != nil {
					return err
				}
			}
			of, err := sale(tx, j)
			if err != nil || of == id.None {
				return err
			}
			return bring(tx, m, of)
		}, nil
	}
	return h
}

// OfRefund is the order of a refund's news.
func OfRefund(tx *storage.Tx, j jobs.Job) (id.ID, error) {
	var news payment.RefundNews
	if err := json.Unmarshal(j.Body, &news); err != nil {
		return id.None, err
	}
	r, err := payment.FindRefund(tx, news.Refund)
	if err != nil || r.ForMarket != nil {
		return id.None, err // another market's, which has the order
	}
	return r.Sale, nil
}

// bring issues what an order should have and has not; twice is once. Most news finds
// nothing to do in one look; only where something is missing are the series locked,
// and what it is worked out under that lock.
func bring(tx *storage.Tx, m region.Market, of id.ID) error {
	if lacks, err := lacks(tx, of); err != nil || !lacks {
		return err
	}
	last, err := lock(tx)
	if err != nil {
		return err
	}
	missing, err := lacking(tx, m, of)
	if err != nil || len(missing) == 0 {
		return err
	}
	for i := range missing {
		p := &missing[i]
		last[p.Kind]++
		p.No = last[p.Kind]
		if err := p.put(tx); err != nil {
			return err
		}
	}
	for kind, no := range last {
		tx.Queue("UPDATE paper_series SET last = $3 WHERE market_id = $1 AND kind = $2 AND last <> $3", tx.Market, string(kind), no)
	}
	return nil
}

// lacks looks whether an order may lack a paper.
func lacks(tx *storage.Tx, of id.ID) (bool, error) {
	var some bool
	err := tx.Get(&some, `SELECT o.secured_at IS NOT NULL AND (coalesce(y.state, '') = 'captured' AND y.gateway <> 'cash' OR EXISTS (SELECT 1 FROM collections k WHERE k.market_id = o.market_id AND k.order_id = o.id AND k.taken_minor > 0))
			AND NOT EXISTS (SELECT 1 FROM papers p WHERE p.market_id = o.market_id AND p.order_id = o.id AND p.kind = 'receipt')
		OR EXISTS (SELECT 1 FROM shipments s WHERE s.market_id = o.market_id AND s.order_id = o.id)
			AND NOT EXISTS (SELECT 1 FROM papers p WHERE p.market_id = o.market_id AND p.order_id = o.id AND p.kind = 'sale')
		OR EXISTS (SELECT 1 FROM order_charges c WHERE c.market_id = o.market_id AND c.order_id = o.id AND c.amount_minor < 0
			AND c.source NOT LIKE 'place%' AND c.source NOT LIKE 'chargeback:%'
			AND NOT EXISTS (SELECT 1 FROM papers p WHERE p.market_id = c.market_id AND p.order_id = c.order_id AND p.kind = 'credit' AND p.source = c.source))
		FROM orders o JOIN baskets b ON b.market_id = o.market_id AND b.id = o.basket_id LEFT JOIN payments y ON y.market_id = b.market_id AND y.id = b.payment_id
		WHERE o.market_id = $1 AND o.id = $2`, tx.Market, of)
	if err == storage.ErrNone {
		return false, nil // money of a basket that never became an order's
	}
	return some, err
}

// lock keeps the market's series for this transaction and gives their last numbers.
func lock(tx *storage.Tx) (map[Kind]int64, error) {
	var rows []struct {
		Kind Kind  `db:"kind"`
		Last int64 `db:"last"`
	}
	const held = "SELECT kind, last FROM paper_series WHERE market_id = $1 ORDER BY kind FOR UPDATE"
	err := tx.Select(&rows, held, tx.Market)
	if err == nil && len(rows) < len(letters) {
		if _, err = tx.Exec("INSERT INTO paper_series (market_id, kind, last) VALUES ($1, 'credit', 0), ($1, 'receipt', 0), ($1, 'sale', 0) ON CONFLICT DO NOTHING", tx.Market); err == nil {
			rows = nil
			err = tx.Select(&rows, held, tx.Market)
		}
	}
	last := map[Kind]int64{}
	for _, r := range rows {
		last[r.Kind] = r.Last
	}
	return last, err
}

func (p *Paper) put(tx *storage.Tx) error {
	says, err := json.Marshal(p.Says)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO papers (market_id, id, kind, no, order_id, source, of_paper, refund_id, charges, currency, amount_minor, says, issued_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13)`,
		tx.Market, p.ID, string(p.Kind), p.No, p.Order, p.Source, p.Of, p.Refund, p.Charges, p.Currency, p.Amount, string(says), tx.Now)
	return err
}

// lacking works out which papers of an order are missing, in the order in which
// they are issued.
func lacking(tx *storage.Tx, m region.Market, of id.ID) ([]Paper, error) {
	o, err := order.Read(tx, order.Ref{Market: tx.Market, ID: of})
	if err != nil {
		if fault.Has(err, "not_found") {
			return nil, nil // money of a basket that never became an order's
		}
		return nil, err
	}
	have, err := Of(tx, of)
	if err != nil {
		return nil, err
	}
	var now struct {
		Paid bool `db:"paid"`
		Sent bool `db:"sent"`
	}
	err = tx.Get(&now, `SELECT EXISTS (SELECT 1 FROM payments WHERE market_id = $1 AND id = $3 AND state = 'captured' AND gateway <> 'cash')
			OR EXISTS (SELECT 1 FROM collections WHERE market_id = $1 AND order_id = $2 AND taken_at IS NOT NULL) AS paid,
		EXISTS (SELECT 1 FROM shipments WHERE market_id = $1 AND order_id = $2) AS sent`, tx.Market, of, o.Payment)
	if err != nil {
		return nil, err
	}
	w := writer{o: o, m: m, first: map[Kind]*Paper{}, credited: map[string]bool{}}
	for i := range have {
		w.knows(&have[i])
	}
	w.papers(now.Paid && o.SecuredAt != nil, now.Sent)
	if len(w.missing) == 0 {
		return nil, nil
	}
	return w.missing, w.name(tx)
}

// writer gathers what is missing.
type writer struct {
	o        order.Order
	m        region.Market
	first    map[Kind]*Paper // receipt and sale, there or just written
	credited map[string]bool
	missing  []Paper
}

func (w *writer) knows(p *Paper) {
	if p.Kind == Credit {
		w.credited[p.Source] = true
		return
	}
	w.first[p.Kind] = p
}

func (w *writer) add(p Paper) {
	if p.Amount <= 0 {
		return
	}
	p.ID, p.Order, p.Currency = id.New(), w.o.ID, w.o.Currency
	w.missing = append(w.missing, p)
	w.knows(&p)
}

// papers: the receipt says what was paid, so it takes in what stood on the order
// from the start; only where goods went before the money came (cash at the door)
// also what was taken off until then. The statement of sale takes in all that
// happened before the goods went. What was taken off later, or before it on the
// receipt, has a credit note.
func (w *writer) papers(paid, sent bool) {
	atDoor := w.first[Sale] != nil || w.o.Way == payment.Cash
	if paid && w.first[Receipt] == nil {
		upto := 0
		for _, c := range w.o.Charges {
			if c.FromStart() || atDoor {
				upto = max(upto, c.No)
			}
		}
		w.add(w.whole(Receipt, upto))
	}
	if sent && w.first[Sale] == nil {
		w.add(w.whole(Sale, len(w.o.Charges)))
	}
	var sources []string
	for _, c := range w.o.Charges {
		if !c.FromStart() && !strings.HasPrefix(c.Source, "chargeback:") && !w.credited[c.Source] && !slices.Contains(sources, c.Source) {
			sources = append(sources, c.Source)
		}
	}
	for _, source := range sources {
		if p, ok := w.credit(source); ok {
			w.add(p)
		}
	}
}
