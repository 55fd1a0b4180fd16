package payout

import (
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// Cash is the layout of a batch that hands carry: it has no file, and its payouts
// are in transit until their receivers stand before the one who has the money.
const Cash = "cash"

// Uncollected is why a payout came to nothing that nobody came for.
const Uncollected = "uncollected"

const collectIn = 14 * 24 * time.Hour // then the money goes back

// from is the account that a payout leaves by.
func (p Payout) from() string {
	switch {
	case p.HandID != id.None:
		return ledger.CashAgent(p.HandID)
	case p.Gateway != "":
		return ledger.GatewayAvailable
	}
	return ledger.BankOperating
}

// floats is what the hands of a draft may still be asked to hand over.
type floats map[id.ID]int64

// floatsOf gives it by the hand: the limit less what is drafted or on its way. A
// hand that is stopped is missing.
func floatsOf(tx *storage.Tx, accounts map[id.ID]account, hold bool) (floats, error) {
	var hands []string
	for _, a := range accounts {
		if a.Hand != id.None {
			hands = append(hands, a.Hand.String())
		}
	}
	if len(hands) == 0 {
		return nil, nil
	}
	if hold { // of two drafts the second sees what the first has asked of a hand
		var held []string
		if err := tx.Select(&held, `SELECT payee_id::text FROM cash_holders WHERE market_id = $1 AND payee_id = ANY($2::uuid[]) ORDER BY payee_id FOR UPDATE`, tx.Market, pq.Array(hands)); err != nil {
			return nil, err
		}
	}
	var rows []struct {
		Hand id.ID `db:"payee_id"`
		Free int64 `db:"free"`
	}
	err := tx.Select(&rows, `SELECT h.payee_id, h.limit_minor - COALESCE((SELECT sum(o.amount_minor) FROM payouts o JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id
  WHERE o.market_id = $1 AND a.holder_id = h.payee_id AND o.state IN ('draft', 'approved', 'in_transit')), 0)::bigint AS free
FROM cash_holders h JOIN market_agents g ON g.market_id = h.market_id AND g.payee_id = h.payee_id AND g.state = 'active'
WHERE h.market_id = $1 AND h.payee_id = ANY($2::uuid[]) AND h.state = 'active'`, tx.Market, pq.Array(hands))
	free := floats{}
	for _, r := range rows {
		free[r.Hand] = r.Free
	}
	return free, err
}

// take asks a hand for a sum, or says why it cannot be asked.
func (f floats) take(hand id.ID, amount int64) string {
	left, there := f[hand]
	switch {
	case !there:
		return HandStopped
	case amount > left:
		return OverFloat
	}
	f[hand] = left - amount
	return ""
}

// otherHand refuses an approval by whoever would then have the money.
func otherHand(tx *storage.Tx, b Batch, by id.ID) error {
	if b.Layout != Cash {
		return nil
	}
	var own bool
	err := tx.Get(&own, `SELECT EXISTS (SELECT 1 FROM payouts o JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id
JOIN payees h ON h.market_id = a.market_id AND h.id = a.holder_id WHERE o.market_id = $1 AND o.batch_id = $2 AND h.person_id = $3)`, tx.Market, b.ID, by)
	if err == nil && own {
		err = fault.Forbidden("cash_own")
	}
	return err
}

// JobCollect is the kind of the job that takes back what nobody came for; its key
// is the payout.
const JobCollect = "payout:collect"

// lay says that the payouts of an approved batch lie with the hands: their
// receivers may come. Twice is once.
func (d *Desk) lay(ctx context.Context, market int32, batch id.ID) (Batch, error) {
	return d.underway(ctx, market, batch, func(tx *storage.Tx, all []Payout) {
		var ids, hands []string
		until := tx.Now.Add(collectIn)
		for _, o := range all {
			ids, hands = append(ids, o.ID.String()), append(hands, o.HandID.String())
			jobs.Add(tx, JobCollect, o.ID.String(), struct{}{}, until)
		}
		tx.Queue(`INSERT INTO handovers (market_id, payout_id, holder_id, collect_by) SELECT $1::int, u.payout, u.hand, $2::timestamptz FROM unnest($3::uuid[], $4::uuid[]) AS u (payout, hand)`,
			market, until, pq.Array(ids), pq.Array(hands))
		if len(ids) > 0 {
			jobs.Add(tx, JobLaid, batch.String(), Laid{Batch: batch, At: tx.Now})
		}
	})
}

// underway puts the payouts of an approved batch in transit where no file carries
// them, and gives them to go. Twice is once.
func (d *Desk) underway(ctx context.Context, market int32, batch id.ID, begin func(tx *storage.Tx, all []Payout)) (Batch, error) {
	var b Batch
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		var err error
		if b, err = lock(tx, batch); err != nil || b.State != Approved {
			return err
		}
		all, err := Payouts(tx, batch)
		if err != nil {
			return err
		}
		b.State = Submitted
		tx.Queue(`UPDATE payout_batches SET state = 'submitted' WHERE market_id = $1 AND id = $2`, market, batch)
		tx.Queue(`UPDATE payouts SET state = 'in_transit', changed_at = $3 WHERE market_id = $1 AND batch_id = $2 AND state = 'approved'`, market, batch, tx.Now)
		begin(tx, slices.DeleteFunc(all, func(o Payout) bool { return o.State != Approved }))
		return nil
	})
	return b, err
}
