// Package payable holds who can be owed, what is owed to them and the bank
// account it goes to.
//
// A payable is one signed row per payee and cause: releases, matured
// commissions and corrections add, refunds take away. It promises that a cause
// counts once, and that an account number is sealed before it is stored. It
// posts nothing: who adds a payable posts its side of the ledger in the same
// transaction. How payables become payouts is the room above.
package payable

import (
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// The kinds of payee.
const (
	Producer = "producer"
	Agent    = "agent"
)

// Payee is somebody who can be owed in one market, with or without an account
// to sign in (then PersonID is none).
type Payee struct {
	Market    int32     `db:"market_id"`
	ID        id.ID     `db:"id"`
	Kind      string    `db:"kind"`
	Name      string    `db:"name"`
	PersonID  id.ID     `db:"person_id"`
	CreatedAt time.Time `db:"created_at"`
}

// Row is one sum owed (or, negative, owed back), and why.
type Row struct {
	Payee  id.ID
	Cause  string // business key: one payable per payee and cause
	Amount int64  // never stored when zero
	Sale   id.ID  // the sale it comes from, or none
	Frozen bool   // the sale is frozen: no payout picks it yet
}

// Entry is a payable as it stands.
type Entry struct {
	ID        id.ID     `db:"id"`
	Payee     id.ID     `db:"payee_id"`
	Cause     string    `db:"cause"`
	Amount    int64     `db:"amount_minor"`
	Sale      id.ID     `db:"sale_id"`
	Frozen    bool      `db:"frozen"`
	Payout    id.ID     `db:"payout_id"` // none: open
	CreatedAt time.Time `db:"created_at"`
}

// NewPayee queues a payee and gives its id. Each call makes another one.
func NewPayee(tx *storage.Tx, kind, name string, person id.ID) id.ID {
	payee := id.New()
	tx.Queue(`INSERT INTO payees (market_id, id, kind, name, person_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		tx.Market, payee, kind, name, uuid.NullUUID{UUID: person, Valid: person != id.None}, tx.Now)
	return payee
}

// FindPayee gives one payee of the market, or not-found.
func FindPayee(tx *storage.Tx, payee id.ID) (Payee, error) {
	var p Payee
	err := tx.Get(&p, `SELECT market_id, id, kind, name, person_id, created_at FROM payees WHERE market_id = $1 AND id = $2`, tx.Market, payee)
	if errors.Is(err, storage.ErrNone) {
		return p, fault.NotFound("payee_unknown")
	}
	return p, err
}

// FindPayees gives those payees of the market that have these ids.
func FindPayees(tx *storage.Tx, ids []id.ID) (map[id.ID]Payee, error) {
	var rows []Payee
	err := tx.Select(&rows, `SELECT market_id, id, kind, name, person_id, created_at FROM payees WHERE market_id = $1 AND id = ANY($2::uuid[])`, tx.Market, pq.Array(ids))
	found := make(map[id.ID]Payee, len(rows))
	for _, p := range rows {
		found[p.ID] = p
	}
	return found, err
}

// Add queues payables in one insert; sums of zero are left out. A payee's
// cause that is there already fails the transaction on payables_once, so that
// nothing is owed twice. The caller posts the same sums to owed or receivable.
func Add(tx *storage.Tx, rows ...Row) {
	var ids, payees, causes, sales []string
	var amounts []int64
	var frozen []bool
	for _, r := range rows {
		if r.Amount == 0 {
			continue
		}
		ids = append(ids, id.New().String())
		payees = append(payees, r.Payee.String())
		causes = append(causes, r.Cause)
		amounts = append(amounts, r.Amount)
		sales = append(sales, r.Sale.String())
		frozen = append(frozen, r.Frozen)
	}
	if len(ids) == 0 {
		return
	}
	tx.Queue(`INSERT INTO payables (market_id, id, payee_id, cause, amount_minor, sale_id, frozen, created_at)
SELECT $1::int, r.id, r.payee, r.cause, r.amount, NULLIF(r.sale, '00000000-0000-0000-0000-000000000000'::uuid), r.frozen, $7::timestamptz
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::uuid[], $8::bool[]) AS r (id, payee, cause, amount, sale, frozen)`,
		tx.Market, pq.Array(ids), pq.Array(payees), pq.Array(causes), pq.Array(amounts), pq.Array(sales), tx.Now, pq.Array(frozen))
}

// Freeze marks the payables of a sale, so that no payout picks them, or frees
// them again. What is in a payout already is marked too: an approval leaves it out.
func Freeze(tx *storage.Tx, sale id.ID, frozen bool) {
	tx.Queue(`UPDATE payables SET frozen = $3 WHERE market_id = $1 AND sale_id = $2 AND frozen <> $3`, tx.Market, sale, frozen)
}
