package payout

import (
	"errors"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/tally"
)

const batchColumns = `id, number, state, currency, total_minor, payouts, layout, from_holder, from_bank, from_number, file_key, file_sha256, created_by, created_at, approved_by, approved_at`

const payoutColumns = `o.id, o.batch_id, o.payee_id, p.name, o.account_id, a.bank, a.number_tail, a.holder_id, COALESCE(h.name, '') AS hand, a.gateway, o.transfer, o.recalled_at IS NOT NULL AS recalled, o.amount_minor, o.state, o.reason, o.bank_status, o.is_first, o.is_changed, o.is_large, o.created_at, o.changed_at
FROM payouts o
JOIN payees p ON p.market_id = o.market_id AND p.id = o.payee_id
JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id
LEFT JOIN payees h ON h.market_id = o.market_id AND h.id = a.holder_id`

// Find gives one batch, or fault.NotFound payout_batch_unknown.
func Find(tx *storage.Tx, batch id.ID) (Batch, error) { return find(tx, batch, "") }

// lock finds a batch and holds it: approval, file and answers go one at a time.
func lock(tx *storage.Tx, batch id.ID) (Batch, error) { return find(tx, batch, " FOR UPDATE") }

func find(tx *storage.Tx, batch id.ID, how string) (Batch, error) {
	var b Batch
	err := tx.Get(&b, `SELECT `+batchColumns+` FROM payout_batches WHERE market_id = $1 AND id = $2`+how, tx.Market, batch)
	if errors.Is(err, storage.ErrNone) {
		return b, fault.NotFound("payout_batch_unknown")
	}
	return b, err
}

// Batches gives batches, newest first, older than after (none: from the
// newest), at most n.
func Batches(tx *storage.Tx, after id.ID, n int) ([]Batch, error) {
	var rows []Batch
	err := tx.Select(&rows, `SELECT `+batchColumns+` FROM payout_batches
WHERE market_id = $1 AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR id < $2::uuid) ORDER BY id DESC LIMIT $3`, tx.Market, after, n)
	return rows, err
}

// Payouts gives a batch's payouts in the order of its file.
func Payouts(tx *storage.Tx, batch id.ID) ([]Payout, error) {
	var rows []Payout
	err := tx.Select(&rows, `SELECT `+payoutColumns+` WHERE o.market_id = $1 AND o.batch_id = $2 ORDER BY o.id`, tx.Market, batch)
	return rows, err
}

// OfPayee gives a payee's payouts, newest first.
func OfPayee(tx *storage.Tx, payee id.ID) ([]Payout, error) {
	var rows []Payout
	err := tx.Select(&rows, `SELECT `+payoutColumns+` WHERE o.market_id = $1 AND o.payee_id = $2 ORDER BY o.id DESC`, tx.Market, payee)
	return rows, err
}

func wrongState(b Batch) error {
	return fault.Conflict("payout_state", fault.Args{"number": b.Number, "state": b.State})
}

// FindPayouts gives the payouts of the market that have these ids, in their order.
func FindPayouts(tx *storage.Tx, ids []id.ID) ([]Payout, error) {
	var rows []Payout
	err := tx.Select(&rows, `SELECT `+payoutColumns+` WHERE o.market_id = $1 AND o.id = ANY($2::uuid[]) ORDER BY o.id`, tx.Market, pq.Array(ids))
	return rows, err
}

// FindPayout gives one payout of the market, or not-found.
func FindPayout(tx *storage.Tx, payout id.ID) (Payout, error) {
	var o Payout
	err := tx.Get(&o, `SELECT `+payoutColumns+` WHERE o.market_id = $1 AND o.id = $2`, tx.Market, payout)
	if errors.Is(err, storage.ErrNone) {
		err = fault.NotFound("payout_unknown")
	}
	return o, err
}

// Tallies are what waits for a person: drafts that another one approves, and batches
// that the bank has and that nobody has answered for. What lies with a hand waits for
// its receivers, and a gateway answers by itself.
func Tallies() []tally.Of {
	return []tally.Of{
		{Name: "drafts", Query: `SELECT count(*), COALESCE(sum(total_minor), 0)::bigint, NULL::timestamptz FROM payout_batches WHERE market_id = $1 AND state = 'draft'`},
		{Name: "at_bank", Query: `SELECT count(*), COALESCE(sum(total_minor), 0)::bigint, NULL::timestamptz FROM payout_batches WHERE market_id = $1 AND state IN ('approved', 'submitted') AND ` + ByBank},
	}
}
