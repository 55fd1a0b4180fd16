package recon

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// JobRead reads the movements of a gateway's balance, in the keeper's market.
const JobRead = "recon:read"

type readJob struct {
	Gateway string `json:"gateway"`
	Key     string `json:"key"`
}

const (
	overlap     = 72 * time.Hour       // each reading looks so far behind the beginning of the last one
	first       = 120 * 24 * time.Hour // how far the first one looks
	pagesAtOnce = 20                   // before other work has its turn
)

// Due adds the reading of a day, or of whoever presses a button. The same key
// again is the same reading.
func (d *Desk) Due(tx *storage.Tx, key string) {
	for _, g := range d.payments.Balanced() {
		jobs.Add(tx, JobRead, g.Name()+":"+key, readJob{g.Name(), key})
	}
}

// Read is the job of JobRead. It keeps page by page and goes on where it was
// broken off.
func (d *Desk) Read(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var body readJob
	if err := json.Unmarshal(j.Body, &body); err != nil {
		return nil, err
	}
	g, can := d.balanced(body.Gateway)
	if !can {
		return func(*storage.Tx) error { return nil }, nil // it was switched off
	}
	run, err := d.begin(ctx, j.Market, body)
	if err != nil {
		return nil, err
	}
	for n := 0; run.EndedAt == nil; n++ {
		if n == pagesAtOnce {
			return nil, &jobs.Again{At: d.db.Now()}
		}
		page, more, err := g.Movements(ctx, run.Since, run.After)
		if err != nil {
			return nil, fault.Unavailable("gateway_down").Because(err)
		}
		if err := d.keep(ctx, j.Market, g.Name(), page); err != nil {
			return nil, err
		}
		if run, err = d.turned(ctx, j.Market, run, page, more && len(page) > 0); err != nil {
			return nil, err
		}
	}
	return func(*storage.Tx) error { return nil }, nil
}

// begin writes the reading down, or finds how far it has come.
func (d *Desk) begin(ctx context.Context, market int32, b readJob) (Run, error) {
	var run Run
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		var last *time.Time
		if err := tx.Get(&last, `SELECT max(began_at) FROM gateway_runs WHERE market_id = $1 AND gateway = $2 AND ended_at IS NOT NULL`, market, b.Gateway); err != nil {
			return err
		}
		since := tx.Now.Add(-first)
		if last != nil {
			since = last.Add(-overlap)
		}
		tx.Queue(`INSERT INTO gateway_runs (market_id, gateway, key, since_at, began_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, market, b.Gateway, b.Key, since, tx.Now)
		if err := tx.Flush(); err != nil {
			return err
		}
		return tx.Get(&run, `SELECT `+runColumns+` FROM gateway_runs WHERE market_id = $1 AND gateway = $2 AND key = $3`, market, b.Gateway, b.Key)
	})
	return run, err
}

// turned writes down that a page was kept.
func (d *Desk) turned(ctx context.Context, market int32, run Run, page []payment.Movement, more bool) (Run, error) {
	next := run
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // two that read the same page come to the same
		next = run
		next.Pages, next.Lines = run.Pages+1, run.Lines+int64(len(page))
		if len(page) > 0 {
			next.After = page[len(page)-1].ID
		}
		if !more {
			next.EndedAt = &tx.Now
		}
		tx.Queue(`UPDATE gateway_runs SET after_line = $4, pages = $5, lines = $6, ended_at = $7 WHERE market_id = $1 AND gateway = $2 AND key = $3 AND ended_at IS NULL`,
			market, run.Gateway, run.Key, next.After, next.Pages, next.Lines, next.EndedAt)
		return nil
	})
	return next, err
}

// keep writes the lines of a page down, each in its market, once.
func (d *Desk) keep(ctx context.Context, keeper int32, gateway string, page []payment.Movement) error {
	named, paid := map[int32][]id.ID{}, map[int32][]id.ID{}
	for _, m := range page {
		if m.Market > 0 && m.Payout != id.None {
			paid[m.Market] = append(paid[m.Market], m.Payout)
		} else if m.Market > 0 {
			named[m.Market] = append(named[m.Market], m.Payment)
		}
	}
	ours := map[id.ID]bool{}
	for market, payments := range named {
		known, err := d.payments.KnowsOf(ctx, market, payments)
		if err != nil {
			return err
		}
		for _, p := range known {
			ours[p] = true
		}
	}
	for market, payouts := range paid {
		known, err := d.knowsPayouts(ctx, market, payouts)
		if err != nil {
			return err
		}
		for _, o := range known {
			ours[o] = true
		}
	}
	at := map[int32][]payment.Movement{keeper: nil}
	for _, m := range page {
		if !ours[m.Payment] && !ours[m.Payout] { // none of ours: the account may be shared
			m.Market, m.Payment, m.Refund, m.Payout = keeper, id.None, id.None, id.None
		}
		at[m.Market] = append(at[m.Market], m)
	}
	for market, lines := range at {
		if err := d.write(ctx, market, gateway, lines); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) write(ctx context.Context, market int32, gateway string, lines []payment.Movement) error {
	if len(lines) == 0 {
		return nil
	}
	var ids, refs, kinds, objects, currencies, words, payments, refunds, payouts, moved, usable pq.StringArray
	var amounts, fees pq.Int64Array
	for _, m := range slices.Backward(lines) { // the oldest first, as it came about
		ids, refs, kinds, objects = append(ids, id.New().String()), append(refs, m.ID), append(kinds, string(m.Kind)), append(objects, m.Object)
		currencies, words = append(currencies, m.Currency), append(words, cut(m.Words, 200))
		payments, refunds = append(payments, m.Payment.String()), append(refunds, m.Refund.String())
		payouts = append(payouts, m.Payout.String())
		moved, usable = append(moved, m.At.Format(time.RFC3339)), append(usable, m.Usable.Format(time.RFC3339))
		amounts, fees = append(amounts, m.Amount), append(fees, m.Fee)
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue(`INSERT INTO gateway_lines (market_id, id, gateway, reference, kind, object, amount_minor, fee_minor, currency, words, payment_id, refund_id, payout_id, moved_at, usable_at, state, created_at)
			SELECT $1::int, u.id, $2::text, u.ref, u.kind, u.object, u.amount, u.fee, u.currency, u.words, nullif(u.payment, '00000000-0000-0000-0000-000000000000'), nullif(u.refund, '00000000-0000-0000-0000-000000000000'), nullif(u.payout, '00000000-0000-0000-0000-000000000000'), u.moved, u.usable, 'open', $3::timestamptz
			FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::uuid[], $13::uuid[], $14::uuid[], $15::timestamptz[], $16::timestamptz[])
				AS u (id, ref, kind, object, amount, fee, currency, words, payment, refund, payout, moved, usable)
			ON CONFLICT (market_id, gateway, reference) DO NOTHING`,
			market, gateway, tx.Now, ids, refs, kinds, objects, amounts, fees, currencies, words, payments, refunds, payouts, moved, usable)
		jobs.Add(tx, JobMatch, fmt.Sprintf("%s:%s", gateway, lines[0].ID), struct{}{})
		return nil
	})
}

// cut keeps a text short.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
