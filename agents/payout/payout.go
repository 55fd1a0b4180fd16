// Package payout sends what payees are owed: open payables are picked into a
// batch of payouts, a second person approves it, a bank file is written, and
// the bank's answers close it.
//
//	draft → approved → submitted → closed      (a batch; a draft may be cancelled)
//	draft → approved → in_transit → paid       (a payout)
//	                              → failed, returned: its payables are open again
//
// Who has an account at a gateway is paid by transfers from ours there: such a batch
// has no file either, each payout is one call, made under its own key, and asked
// about before it is made again.
//
// Who has no bank account is paid in cash from an agent's hand: such a batch has
// no file, and each of its payouts ends when its receiver's code is typed by the
// one who has the money, or when it is called back.
//
// It promises that a payable is in one live payout at most, that nobody
// approves what they drafted, that each payout is posted once, and that a file,
// an answer or an approval that comes twice has one effect. It posts
// owed → transit and receivable (approved), transit → bank, gateway or hand (paid) and the whole
// request back (failed, returned). The network and the blob store are touched
// after the commit, never inside it.
package payout

import (
	"context"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/blob"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
	"commonfield/storage/seal"
	"commonfield/storage/trail"
)

// The states of a batch and of a payout.
const (
	Draft     = "draft"
	Approved  = "approved"
	Submitted = "submitted" // batch: its file is written
	Closed    = "closed"    // batch: every payout is answered
	Cancelled = "cancelled"
	InTransit = "in_transit"
	Paid      = "paid"
	Failed    = "failed"
	Returned  = "returned" // the bank gave it back after it was paid
)

// Batch is a set of payouts that one person drafts and another approves.
type Batch struct {
	ID         id.ID      `db:"id" json:"id"`
	Number     string     `db:"number" json:"number"` // what people call it
	State      string     `db:"state" json:"state"`
	Currency   string     `db:"currency" json:"currency"`
	Total      int64      `db:"total_minor" json:"total_minor"`
	Payouts    int        `db:"payouts" json:"payouts"`
	Layout     string     `db:"layout" json:"layout"` // of its file
	FromHolder string     `db:"from_holder" json:"-"` // whose account pays
	FromBank   string     `db:"from_bank" json:"-"`
	FromNumber string     `db:"from_number" json:"-"`
	FileKey    string     `db:"file_key" json:"file_key"`
	FileSHA256 string     `db:"file_sha256" json:"file_sha256"`
	CreatedBy  id.ID      `db:"created_by" json:"created_by"`
	CreatedAt  time.Time  `db:"created_at" json:"created_at"`
	ApprovedBy id.ID      `db:"approved_by" json:"approved_by"`
	ApprovedAt *time.Time `db:"approved_at" json:"approved_at"`
	Skipped    []Skipped  `db:"-" json:"skipped,omitempty"` // left out by the verb that answers, and why
}

// Payout is one sum on its way to one payee.
type Payout struct {
	ID        id.ID     `db:"id" json:"id"`
	BatchID   id.ID     `db:"batch_id" json:"batch_id"`
	PayeeID   id.ID     `db:"payee_id" json:"payee_id"`
	Payee     string    `db:"name" json:"payee"`
	AccountID id.ID     `db:"account_id" json:"account_id"`
	Bank      string    `db:"bank" json:"bank"`
	Tail      string    `db:"number_tail" json:"tail"`  // last digits of the account
	HandID    id.ID     `db:"holder_id" json:"hand_id"` // who hands it over in cash; none: the bank pays
	Hand      string    `db:"hand" json:"hand"`
	Gateway   string    `db:"gateway" json:"gateway"`   // where the payee's account is; empty: the bank pays, or a hand
	Transfer  string    `db:"transfer" json:"transfer"` // the gateway's name of it
	Recalled  bool      `db:"recalled" json:"recalled"` // it is asked back from the payee's account
	Amount    int64     `db:"amount_minor" json:"amount_minor"`
	State     string    `db:"state" json:"state"`
	Reason    string    `db:"reason" json:"reason"`
	Status    string    `db:"bank_status" json:"bank_status"` // what the bank last said of one in transit
	First     bool      `db:"is_first" json:"first"`          // the payee was never paid before
	Changed   bool      `db:"is_changed" json:"changed"`      // the account is another than of the last one paid
	Large     bool      `db:"is_large" json:"large"`          // as large as the market's rules say
	CreatedAt time.Time `db:"created_at" json:"created_at"`
	ChangedAt time.Time `db:"changed_at" json:"changed_at"`
}

// Number is the payout's number in bank files: eight characters, unique in its batch.
func (p Payout) Number() string { return id.Short(p.ID) }

// Why a payee is left out. The sum waits for the next batch.
const (
	NothingOpen = "nothing"    // nothing open, or all of it frozen
	CarriedOn   = "carried"    // debts are as great as earnings: carried forward
	TooSmall    = "small"      // less than the market pays out: carried forward
	NoAccount   = "no_account" // no bank account
	Unchecked   = "unchecked"  // nobody has seen yet that the account is the payee's
	Restricted  = "restricted" // the account is under suspicion
	CoolingDown = "cooling"    // the account was changed less than 72 h ago
	OtherWay    = "other_way"  // is paid in another way than this batch: by the bank, in cash, by a gateway
	HandStopped = "hand"       // whoever should hand it over may hold no cash any more
	OverFloat   = "float"      // more than the limit of whoever should hand it over
	DebtSince   = "debt"       // since the draft, more was taken back than is open
	FrozenSince = "frozen"     // since the draft, a sum in it was frozen
	AccountGone = "account"    // since the draft, the account was changed
	SumsDiffer  = "sums"       // the payables do not add up to the payout
)

// Skipped is a payee who gets nothing in a batch, and why.
type Skipped struct {
	Payee  id.ID  `json:"payee"`
	Name   string `json:"name"`
	Amount int64  `json:"amount_minor"`
	Reason string `json:"reason"`

	way    string // how they would have been paid
	person id.ID
}

// Sender carries a bank file to the bank. It is handed in from above; without
// one an operator carries it. Sending a batch twice must be sending it once.
type Sender interface {
	Send(ctx context.Context, f File) error
}

// Desk is the room, opened once.
type Desk struct {
	db     *storage.DB
	box    *seal.Box
	blobs  *blob.Store
	sender Sender  // nil: by hand
	payer  Gateway // nil: nobody is paid so
}

// New opens the room. sender may be nil.
func New(db *storage.DB, box *seal.Box, blobs *blob.Store, sender Sender) *Desk {
	return &Desk{db: db, box: box, blobs: blobs, sender: sender}
}

// Draft picks all open payables of the payees named (none named: of everybody)
// into a new batch, negative ones too, one payout per payee. Payees who net to
// less than the market's minimum, or have no usable account, are left out and
// named with the reason. It refuses (fault.Conflict payout_nothing) when nobody
// is left, and a layout that names an account where the market has none
// (payout_from_missing). The same key answers the same batch; without a key a
// second draft finds what the first left. Nothing is posted yet.
func (d *Desk) Draft(ctx context.Context, k once.Key, market int32, by id.ID, payees []id.ID) (Batch, error) {
	return once.Do(ctx, d.db, market, k, func(tx *storage.Tx) (Batch, error) { return draft(tx, by, payees, "") })
}

// DraftCash is Draft for those who are paid in cash from an agent's hand. Nobody
// is to hand over more than the limit of what they may hold (OverFloat).
func (d *Desk) DraftCash(ctx context.Context, k once.Key, market int32, by id.ID, payees []id.ID) (Batch, error) {
	return once.Do(ctx, d.db, market, k, func(tx *storage.Tx) (Batch, error) { return draft(tx, by, payees, Cash) })
}

// DraftTransfers is Draft for those who have an account at the gateway.
func (d *Desk) DraftTransfers(ctx context.Context, k once.Key, market int32, by id.ID, payees []id.ID) (Batch, error) {
	return once.Do(ctx, d.db, market, k, func(tx *storage.Tx) (Batch, error) { return draft(tx, by, payees, Transfers) })
}

func draft(tx *storage.Tx, by id.ID, payees []id.ID, way string) (Batch, error) {
	rules, err := RulesOf(tx)
	if err != nil {
		return Batch{}, err
	}
	choices, skipped, err := pick(tx, rules, payees, true)
	if err != nil {
		return Batch{}, err
	}
	choices, skipped = inWay(choices, skipped, way, len(payees) > 0)
	if way != "" {
		rules.Layout = way
	}
	if len(choices) == 0 {
		return Batch{}, fault.Conflict("payout_nothing", fault.Args{"skipped": len(skipped)})
	}
	b, err := newBatch(tx, rules, by)
	if err != nil {
		return Batch{}, err
	}
	b.Skipped = skipped
	b.draft(tx, rules, choices)
	return b, nil
}

// inWay keeps those whom the batch pays: the bank's, those of hands, or those of the
// gateway. Who was named and is paid in another way is told so.
func inWay(choices []choice, skipped []Skipped, way string, named bool) (kept []choice, left []Skipped) {
	for _, c := range choices {
		switch {
		case c.way == way:
			kept = append(kept, c)
		case named:
			left = append(left, Skipped{Payee: c.payee, Name: c.name, Amount: c.amount, Reason: OtherWay})
		}
	}
	for _, s := range skipped {
		if s.way == way || named || s.Reason == NoAccount {
			left = append(left, s)
		}
	}
	return kept, left
}

// newBatch names a batch by its day in the market and a short random part, and
// keeps how its file is written.
func newBatch(tx *storage.Tx, rules Rules, by id.ID) (Batch, error) {
	m, err := region.FindMarket(tx, tx.Market)
	if err != nil {
		return Batch{}, err
	}
	if rules.Layout != CSV && rules.Layout != Cash && rules.Layout != Transfers && m.Number == "" {
		return Batch{}, fault.Conflict("payout_from_missing")
	}
	b := Batch{ID: id.New(), State: Draft, Currency: m.Currency, Layout: rules.Layout, FromHolder: m.Holder, FromBank: m.Bank, FromNumber: m.Number,
		CreatedBy: by, CreatedAt: tx.Now}
	b.Number = "P" + tx.Now.In(m.Location()).Format("20060102") + "-" + id.Short(b.ID)
	return b, nil
}

// draft queues the batch, its payouts and the mark on the payables.
func (b *Batch) draft(tx *storage.Tx, rules Rules, choices []choice) {
	var ids, payees, accounts, rows, homes []string
	var amounts []int64
	var first, changed, large []bool
	used := map[string]bool{}
	for _, c := range choices {
		payout := id.New()
		for used[id.Short(payout)] { // numbers are unique in the file
			payout = id.New()
		}
		used[id.Short(payout)] = true
		ids = append(ids, payout.String())
		payees = append(payees, c.payee.String())
		accounts = append(accounts, c.account.String())
		amounts = append(amounts, c.amount)
		first, changed, large = append(first, c.first), append(changed, c.changed), append(large, c.amount >= rules.Large)
		for _, r := range c.payables {
			rows = append(rows, r)
			homes = append(homes, payout.String())
		}
		b.Total += c.amount
	}
	b.Payouts = len(ids)
	tx.Queue(`INSERT INTO payout_batches (market_id, id, number, state, currency, total_minor, payouts, layout, from_holder, from_bank, from_number, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		tx.Market, b.ID, b.Number, b.State, b.Currency, b.Total, b.Payouts, b.Layout, b.FromHolder, b.FromBank, b.FromNumber, b.CreatedBy, tx.Now)
	tx.Queue(`INSERT INTO payouts (market_id, id, batch_id, payee_id, account_id, amount_minor, state, is_first, is_changed, is_large, created_at, changed_at)
SELECT $1::int, o.id, $2::uuid, o.payee, o.account, o.amount, 'draft', o.is_first, o.is_changed, o.is_large, $3::timestamptz, $3::timestamptz
FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::boolean[], $9::boolean[], $10::boolean[]) AS o (id, payee, account, amount, is_first, is_changed, is_large)`,
		tx.Market, b.ID, tx.Now, pq.Array(ids), pq.Array(payees), pq.Array(accounts), pq.Array(amounts), pq.Array(first), pq.Array(changed), pq.Array(large))
	tx.Expect(int64(len(rows)), fault.Conflict("payout_changed"),
		`UPDATE payables p SET payout_id = r.payout FROM unnest($2::uuid[], $3::uuid[]) AS r (id, payout) WHERE p.market_id = $1 AND p.id = r.id AND p.payout_id IS NULL`,
		tx.Market, pq.Array(rows), pq.Array(homes))
	trail.Write(tx, b.CreatedBy, "payout.draft", "payout_batch:"+b.ID.String(), "")
	jobs.Add(tx, JobDrafted, b.ID.String(), Drafted{Batch: b.ID, By: b.CreatedBy, At: tx.Now})
}

// Cancel gives a draft up: its payables are open again. Calling it twice is
// calling it once; an approved batch is not cancelled (fault.Conflict
// payout_state), its payouts are answered.
func (d *Desk) Cancel(ctx context.Context, market int32, batch, by id.ID, why string) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		b, err := lock(tx, batch)
		if err != nil || b.State == Cancelled {
			return err
		}
		if b.State != Draft {
			return wrongState(b)
		}
		tx.Queue(`UPDATE payables SET payout_id = NULL WHERE market_id = $1 AND payout_id IN (SELECT o.id FROM payouts o WHERE o.market_id = $1 AND o.batch_id = $2)`, market, batch)
		tx.Queue(`UPDATE payouts SET state = 'cancelled', reason = $3, changed_at = $4 WHERE market_id = $1 AND batch_id = $2`, market, batch, why, tx.Now)
		tx.Queue(`UPDATE payout_batches SET state = 'cancelled' WHERE market_id = $1 AND id = $2`, market, batch)
		trail.Write(tx, by, "payout.cancel", "payout_batch:"+batch.String(), why)
		return nil
	})
}
