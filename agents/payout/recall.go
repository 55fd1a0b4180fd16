package payout

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// JobReverse takes a transfer back.
const JobReverse = "payout:reverse"

// JobLook looks how a transfer stands of which there is news.
const JobLook = "payout:look"

type looked struct {
	Payout id.ID `json:"payout"`
}

// AtGateway is why a transfer came back that somebody took back in the gateway's own
// pages.
const AtGateway = "at_gateway"

// Recall asks a transfer back from the payee's account: it was a mistake, or its
// grounds are gone. When the gateway has done it, the money is at the gateway again,
// the request is posted back whole and its payables are open. Twice is once. It
// refuses what no gateway has paid (fault.Conflict payout_not_transfer,
// payout_answered). Where the payee's account has too little, the payout stays paid,
// and says so.
func (d *Desk) Recall(ctx context.Context, market int32, payout, by id.ID, why string) error {
	why, err := trail.Why(why)
	if err != nil {
		return err
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		o, err := hold(tx, payout)
		switch {
		case err != nil || o.State == Returned || o.Recalled:
			return err
		case o.Gateway == "":
			return fault.Conflict("payout_not_transfer", fault.Args{"number": o.Number()})
		case o.State != Paid:
			return fault.Conflict("payout_answered", fault.Args{"number": o.Number(), "state": o.State})
		}
		tx.Queue(`UPDATE payouts SET recalled_by = $3, recalled_at = $4, recall_why = $5, bank_status = '' WHERE market_id = $1 AND id = $2`, market, payout, by, tx.Now, why)
		jobs.Add(tx, JobReverse, payout.String()+":"+tx.Now.Format(time.RFC3339Nano), looked{payout})
		trail.Write(tx, by, "payout.recall", "payout:"+payout.String(), why)
		return nil
	})
}

// recaller is who wants a transfer back, and why; where nobody of ours does, it was
// done in the gateway's own pages.
func recaller(tx *storage.Tx, payout id.ID) (id.ID, string, error) {
	var r struct {
		By  uuid.NullUUID `db:"recalled_by"`
		Why string        `db:"recall_why"`
	}
	err := tx.Get(&r, `SELECT recalled_by, recall_why FROM payouts WHERE market_id = $1 AND id = $2`, tx.Market, payout)
	if !r.By.Valid {
		return people.System.ID, AtGateway, err
	}
	return r.By.UUID, r.Why, err
}

// Reverser is the handler of JobReverse.
func (d *Desk) Reverser() jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(tx *storage.Tx) error, error) {
		body, err := readJob[looked](j)
		if err != nil {
			return nil, err
		}
		return func(*storage.Tx) error { return nil }, d.reverse(ctx, j.Market, body.Payout)
	}}
}

// reverse takes a transfer back that is recalled, or finds that it came back.
func (d *Desk) reverse(ctx context.Context, market int32, payout id.ID) error {
	o, t, err := d.outgoing(ctx, market, payout)
	if err != nil || o.State != Paid || !o.Recalled {
		return err
	}
	g, err := d.gateway(o.Gateway)
	if err != nil {
		return err
	}
	try, err := d.attempt(ctx, market, payout, "reversal")
	if err != nil {
		return err
	}
	t.Key = try.key
	s, found, err := g.Find(ctx, t) // somebody may have done it in the gateway's pages
	if err != nil {
		return fault.Unavailable("gateway_down").Because(err)
	}
	if !found {
		return fmt.Errorf("payout: the gateway does not have %s, the transfer of %s", t.Name, payout)
	}
	if s.Back == s.Amount {
		return d.sent(ctx, market, t, &try, s)
	}
	if s, err = g.Reverse(ctx, t); err == nil {
		return d.sent(ctx, market, t, &try, s)
	}
	no, err := d.refusal(ctx, market, try, err)
	if err != nil {
		return err
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`UPDATE payouts SET recalled_by = NULL, recalled_at = NULL, recall_why = '', bank_status = $3 WHERE market_id = $1 AND id = $2 AND state = 'paid'`, market, payout, no.Why)
		return nil
	})
}

// Looker is the handler of JobLook.
func (d *Desk) Looker() jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(tx *storage.Tx) error, error) {
		body, err := readJob[looked](j)
		if err != nil {
			return nil, err
		}
		return func(*storage.Tx) error { return nil }, d.Look(ctx, j.Market, body.Payout)
	}}
}

// Look asks the gateway how a payout by transfer stands, and follows it: what was
// made is paid, what was taken back whole came home. Twice is once.
func (d *Desk) Look(ctx context.Context, market int32, payout id.ID) error {
	o, t, err := d.outgoing(ctx, market, payout)
	if err != nil || o.Gateway == "" || o.State != InTransit && o.State != Paid {
		return err
	}
	g, err := d.gateway(o.Gateway)
	if err != nil {
		return err
	}
	s, found, err := g.Find(ctx, t)
	if err != nil {
		return fault.Unavailable("gateway_down").Because(err)
	}
	if !found {
		return nil // the job that carries it will
	}
	return d.sent(ctx, market, t, nil, s)
}

// Knows gives those of payouts that are of a market.
func (d *Desk) Knows(ctx context.Context, market int32, payouts []id.ID) ([]id.ID, error) {
	var known []id.ID
	err := d.db.View(ctx, market, func(tx *storage.Tx) error {
		all, err := FindPayouts(tx, payouts)
		known = nil
		for _, o := range all {
			if o.Gateway != "" {
				known = append(known, o.ID)
			}
		}
		return err
	})
	return known, err
}

// transferred: what a gateway has paid left its balance and has its name; nothing
// else left there.
func transferred(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, `SELECT count(*) FROM payouts WHERE market_id = $1 AND state IN ('paid', 'returned')`, `WITH moved AS (
  SELECT split_part(e.cause, ':', 2) AS payout, split_part(e.cause, ':', 3) AS deed, CASE WHEN e.cause LIKE '%:paid' THEN p.credit ELSE p.debit END AS account
  FROM ledger_entries e JOIN ledger_postings p ON p.market_id = e.market_id AND p.entry_id = e.id
  WHERE e.market_id = $1 AND (e.cause LIKE 'payout:%:paid' OR e.cause LIKE 'payout:%:returned')
)
SELECT jsonb_build_object('say', 'transfer_elsewhere', 'account', m.account, 'key', o.id) FROM payouts o
JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id JOIN moved m ON m.payout = o.id::text
WHERE o.market_id = $1 AND (m.account = 'gateway:available') <> (a.gateway <> '')
UNION ALL
SELECT jsonb_build_object('say', 'transfer_unnamed', 'key', o.id) FROM payouts o
JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id
WHERE o.market_id = $1 AND o.state IN ('paid', 'returned') AND (a.gateway <> '') <> (o.transfer <> '') ORDER BY 1 LIMIT 100`)
}

// stuck: transfers that are not made, a day after they were to be.
func stuck(tx *storage.Tx) ([]audit.Values, error) {
	return audit.Hear(tx, `SELECT CASE o.bank_status WHEN '' THEN 'silent' ELSE 'answered' END AS say, o.id AS payout, p.name, o.amount_minor, o.changed_at AS since_at, o.bank_status AS answer FROM payouts o
JOIN payees p ON p.market_id = o.market_id AND p.id = o.payee_id
JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id
WHERE o.market_id = $1 AND a.gateway <> '' AND (o.state = 'in_transit' AND o.changed_at < $2 OR o.state = 'paid' AND o.recalled_at < $2) ORDER BY o.id`, tx.Market, tx.Now.Add(-24*time.Hour))
}
