package payment

import (
	"context"
	"encoding/json"
	"time"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// JobKept tells another market of a payment that its gateway keeps another sum.
const JobKept = "payment:kept"

type keptJob struct {
	Home    int32 `json:"home"`
	Market  int32 `json:"market"`
	Payment id.ID `json:"payment"`
	Line    id.ID `json:"line"`
	Amount  int64 `json:"amount_minor"` // above nought: it keeps more
}

// keptCause is the key of both sides of a deal over what a gateway keeps.
func keptCause(payment, line id.ID) string {
	return "payment:" + payment.String() + ":kept:" + line.String()
}

// cost is a leg by which a gateway keeps more, or less.
func cost(from string, sum int64) ledger.Leg {
	if sum < 0 {
		return ledger.Leg{Debit: from, Credit: ledger.CostGateway, Amount: -sum}
	}
	return ledger.Leg{Debit: ledger.CostGateway, Credit: from, Amount: sum}
}

// Keeps books that a gateway keeps another sum of a payment than it had said, by
// the line that says so: the difference, of which each market of the payment bears
// its part by largest remainder. The caller holds the payment's lock.
func (d *Desk) Keeps(tx *storage.Tx, p Payment, fee int64, line id.ID) error {
	g, err := d.Gateway(p.Gateway)
	if err != nil || fee == p.Fee {
		return err
	}
	others, err := p.Elsewhere(tx)
	if err != nil {
		return err
	}
	was := map[int32]int64{}
	own := p.Fee
	for _, s := range others {
		was[s.Market] = s.Fee
		own -= s.Fee
	}
	e := ledger.Entry{Cause: keptCause(p.ID, line), Note: p.Reference, Legs: []ledger.Leg{cost(g.Leaves(), ShareFee(tx, p, others, fee)-own)}}
	for _, s := range others {
		more := s.Fee - was[s.Market]
		if more == 0 {
			continue
		}
		leg := ledger.Leg{Debit: ledger.Intermarket(s.Market), Credit: g.Leaves(), Amount: more}
		if more < 0 {
			leg = ledger.Leg{Debit: g.Leaves(), Credit: ledger.Intermarket(s.Market), Amount: -more}
		}
		e.Legs = append(e.Legs, leg)
		jobs.Add(tx, JobKept, line.String()+":"+ledger.Intermarket(s.Market), keptJob{p.Home, s.Market, p.ID, line, more})
	}
	tx.Queue("UPDATE payments SET fee_minor = $3 WHERE market_id = $1 AND id = $2", tx.Market, p.ID, fee)
	return ledger.Post(tx, e)
}

// Kept is the job of JobKept.
func (d *Desk) Kept(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var k keptJob
	if err := json.Unmarshal(j.Body, &k); err != nil {
		return nil, err
	}
	return func(*storage.Tx) error { return nil }, d.db.Update(ctx, k.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		cause := keptCause(k.Payment, k.Line)
		if there, err := ledger.Posted(tx, cause); err != nil || there {
			return err
		}
		p, err := Lock(tx, k.Payment)
		if err != nil {
			return err
		}
		if p.State != Captured {
			return &jobs.Again{At: tx.Now.Add(time.Minute)} // first its share
		}
		tx.Queue("UPDATE payments SET fee_minor = fee_minor + $3 WHERE market_id = $1 AND id = $2", tx.Market, k.Payment, k.Amount)
		return ledger.Post(tx, ledger.Entry{Cause: cause, Legs: []ledger.Leg{cost(ledger.Intermarket(k.Home), k.Amount)}})
	})
}

// Came lets a captured sum become ours to use on its day, where nobody has said
// that day before.
func Came(tx *storage.Tx, p Payment, usable time.Time) {
	Later(tx, p, Object{Captured: p.Captured, Fee: p.Fee, Usable: usable})
}

// Paid gives how much a gateway has brought a market's payments in a time, for
// whoever shares out what belongs to all markets.
func Paid(tx *storage.Tx, gateway string, since, until time.Time) (int64, error) {
	var sum int64
	err := tx.Get(&sum, `SELECT coalesce(sum(captured_minor), 0) FROM payments WHERE market_id = $1 AND home_market = $1 AND gateway = $2 AND captured_at >= $3 AND captured_at <= $4`,
		tx.Market, gateway, since, until)
	return sum, err
}
