package payout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"commonfield/agents/payable"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// SubmitJob is the kind of job that writes the file of an approved batch, should
// the one who approved it not have come to it. Its key is the batch's id.
const SubmitJob = "payout:submit"

// File is a bank file. docs/bank-file.md describes its layouts.
type File struct {
	Market int32
	Batch  id.ID
	Name   string // "<number>.csv"
	Type   string // media type
	SHA256 string
	Data   []byte
}

// Handler is the handler of SubmitJob.
func (d *Desk) Handler() jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(tx *storage.Tx) error, error) {
		batch, ok := id.Parse(j.Key)
		if !ok {
			return nil, fmt.Errorf("payout: the job's key is no batch: %q", j.Key)
		}
		_, err := d.submit(ctx, j.Market, batch)
		return func(*storage.Tx) error { return nil }, err
	}}
}

// submit writes an approved batch's file from its rows, lets the sender carry
// it, and then marks the batch submitted and its payouts in transit. The bytes
// come from the rows alone, so whoever runs it twice writes the same file.
func (d *Desk) submit(ctx context.Context, market int32, batch id.ID) (Batch, error) {
	b, err := d.find(ctx, market, batch)
	if err != nil || b.State != Approved {
		return b, err
	}
	if b.Layout == Cash {
		return d.lay(ctx, market, batch)
	}
	if b.Layout == Transfers {
		return d.dispatch(ctx, market, batch)
	}
	f, err := d.build(ctx, market, b)
	if err != nil {
		return b, err
	}
	if err := d.blobs.Put(ctx, key(market, b), f.Type, f.Data); err != nil {
		return b, err
	}
	if d.sender != nil {
		if err := d.sender.Send(ctx, f); err != nil {
			return b, err
		}
	}
	err = d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		var err error
		if b, err = lock(tx, batch); err != nil || b.State != Approved {
			return err
		}
		b.State, b.FileKey, b.FileSHA256 = Submitted, key(market, b), f.SHA256
		tx.Queue(`UPDATE payout_batches SET state = 'submitted', file_key = $3, file_sha256 = $4 WHERE market_id = $1 AND id = $2`, market, batch, b.FileKey, b.FileSHA256)
		tx.Queue(`UPDATE payouts SET state = 'in_transit', changed_at = $3 WHERE market_id = $1 AND batch_id = $2 AND state = 'approved'`, market, batch, tx.Now)
		return nil
	})
	return b, err
}

// File gives the bank file of an approved batch, as it was written; when the
// store lost it or changed it, the rows make it again. A draft has none
// (fault.Conflict payout_state). The file holds account numbers: the door
// decides who sees it, and writes the trail.
func (d *Desk) File(ctx context.Context, market int32, batch id.ID) (File, error) {
	b, err := d.submit(ctx, market, batch)
	if err != nil {
		return File{}, err
	}
	if b.FileKey == "" { // a draft, or cash
		return File{}, wrongState(b)
	}
	data, _, err := d.blobs.Get(ctx, b.FileKey)
	if err == nil && hash(data) == b.FileSHA256 {
		return File{Market: market, Batch: b.ID, Name: b.fileName(), Type: layouts[b.Layout].kind, SHA256: b.FileSHA256, Data: data}, nil
	}
	if err != nil && !errors.Is(err, fault.NotFound("blob")) {
		return File{}, err
	}
	f, err := d.build(ctx, market, b)
	if err != nil {
		return File{}, err
	}
	if f.SHA256 != b.FileSHA256 {
		return File{}, fmt.Errorf("payout: the file of %s was written with hash %s, its rows now make %s", b.Number, b.FileSHA256, f.SHA256)
	}
	return f, d.blobs.Put(ctx, b.FileKey, f.Type, f.Data)
}

func (d *Desk) find(ctx context.Context, market int32, batch id.ID) (b Batch, err error) {
	err = d.db.View(ctx, market, func(tx *storage.Tx) error {
		b, err = Find(tx, batch)
		return err
	})
	return b, err
}

// sealed is a row of the file before its account number is opened.
type sealed struct {
	ID      id.ID  `db:"id"`
	Payee   string `db:"name"`
	Amount  int64  `db:"amount_minor"`
	Account id.ID  `db:"account_id"`
	Holder  string `db:"holder"`
	Bank    string `db:"bank"`
	Sealed  []byte `db:"number_sealed"`
}

// build makes the file's bytes from the rows that were approved.
func (d *Desk) build(ctx context.Context, market int32, b Batch) (File, error) {
	var rows []sealed
	var m region.Market
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		rows = nil
		if m, err = region.FindMarket(tx, market); err != nil {
			return err
		}
		return tx.Select(&rows, `SELECT o.id, p.name, o.amount_minor, o.account_id, a.holder, a.bank, a.number_sealed
FROM payouts o
JOIN payees p ON p.market_id = o.market_id AND p.id = o.payee_id
JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id
WHERE o.market_id = $1 AND o.batch_id = $2 AND o.state <> 'cancelled' ORDER BY o.id`, market, b.ID)
	})
	if err != nil {
		return File{}, err
	}
	of := sheet{batch: b, at: b.ApprovedAt.In(m.Location())}
	for _, r := range rows {
		number, err := payable.BankAccount{ID: r.Account, Sealed: r.Sealed}.Number(d.box, market)
		if err != nil {
			return File{}, err
		}
		of.lines = append(of.lines, line{id: r.ID, payee: r.Payee, holder: r.Holder, bank: r.Bank, number: number, amount: r.Amount})
	}
	how := layouts[b.Layout]
	data, err := how.write(of)
	return File{Market: market, Batch: b.ID, Name: b.fileName(), Type: how.kind, SHA256: hash(data), Data: data}, err
}

func (b Batch) fileName() string { return b.Number + "." + layouts[b.Layout].ending }

func key(market int32, b Batch) string {
	return "payouts/" + strconv.Itoa(int(market)) + "/" + b.ID.String() + "." + layouts[b.Layout].ending
}

func hash(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
