package bank

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/lib/pq"

	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// Guess is what a line may be. Sure says that a reference of ours and the whole
// sum agree, and that nothing else is it already.
type Guess struct {
	Deed   string
	Target id.ID
	Name   string // what people call it
	Amount int64  // what the books have for it
	Sure   bool
}

// The references that we write on transfers, without what people put between.
var (
	ofPayout  = regexp.MustCompile(`P[0-9]{8}([0-9A-Z]{8})([0-9A-Z]{8})`)
	ofBatch   = regexp.MustCompile(`P([0-9]{8})([0-9A-Z]{8})`)
	ofPayment = regexp.MustCompile(`CF[0-9A-Z]{8}`)
)

func bare(words string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u3000", "", "_", "").Replace(strings.ToUpper(words))
}

// Guesses gives what a line may be, the likeliest first.
func Guesses(tx *storage.Tx, l Line) ([]Guess, error) {
	words := bare(l.Words)
	all, err := ofPayouts(tx, l, words)
	if err != nil || len(all) > 0 {
		return all, err
	}
	refs := ofPayment.FindAllString(words, 20)
	if len(refs) == 0 {
		return nil, nil
	}
	if l.Amount < 0 {
		return refunds(tx, l, refs)
	}
	var due []payment.Payment
	err = tx.Select(&due, `SELECT id, reference, due_minor, captured_minor, state FROM payments
WHERE market_id = $1 AND home_market = $1 AND gateway = 'bank' AND reference = ANY($2::text[]) ORDER BY id`, tx.Market, pq.Array(refs))
	for _, p := range due {
		missing := p.Due - p.Captured
		all = append(all, Guess{Payment, p.ID, p.Reference, missing, len(due) == 1 && p.State == payment.Open && missing == l.Amount})
	}
	return all, err
}

func refunds(tx *storage.Tx, l Line, refs []string) ([]Guess, error) {
	var rows []struct {
		ID        id.ID  `db:"id"`
		Reference string `db:"reference"`
		Amount    int64  `db:"amount_minor"`
	}
	err := tx.Select(&rows, `SELECT r.id, p.reference, r.amount_minor FROM refunds r JOIN payments p ON p.market_id = r.market_id AND p.id = r.payment_id
WHERE r.market_id = $1 AND p.home_market = $1 AND p.gateway = 'bank' AND r.state <> 'failed' AND p.reference = ANY($2::text[])
  AND NOT EXISTS (SELECT 1 FROM bank_lines b WHERE b.market_id = $1 AND b.deed = 'refund' AND b.target = r.id::text) ORDER BY (r.amount_minor = $3) DESC, r.id`, tx.Market, pq.Array(refs), -l.Amount)
	var all []Guess
	fit := 0
	for _, r := range rows {
		if r.Amount == -l.Amount {
			fit++
		}
	}
	for _, r := range rows {
		all = append(all, Guess{Refund, r.ID, r.Reference, -r.Amount, fit == 1 && r.Amount == -l.Amount})
	}
	return all, err
}

// ofPayouts reads the references of payouts: single ones, and a whole batch.
func ofPayouts(tx *storage.Tx, l Line, words string) ([]Guess, error) {
	batch := ofBatch.FindStringSubmatch(words)
	if batch == nil {
		return nil, nil
	}
	var found []payout.Batch
	if err := tx.Select(&found, `SELECT id, number, state, total_minor FROM payout_batches WHERE market_id = $1 AND number = $2`, tx.Market, "P"+batch[1]+"-"+batch[2]); err != nil || len(found) == 0 {
		return nil, err
	}
	b := found[0]
	if one := ofPayout.FindStringSubmatch(words); one != nil {
		all, err := payout.Payouts(tx, b.ID)
		if err != nil {
			return nil, err
		}
		for _, o := range all {
			if o.Number() != one[2] {
				continue
			}
			if l.Amount > 0 {
				return []Guess{{Returned, o.ID, b.Number + "-" + o.Number(), o.Amount, false}}, nil // a person reads why it came back
			}
			used, err := taken(tx, Payout, o.ID)
			return []Guess{{Payout, o.ID, b.Number + "-" + o.Number(), -o.Amount, err == nil && !used && o.Amount == -l.Amount && (o.State == payout.InTransit || o.State == payout.Paid)}}, err
		}
	}
	if l.Amount < 0 {
		used, err := taken(tx, Batch, b.ID)
		return []Guess{{Batch, b.ID, b.Number, -b.Total, err == nil && !used && b.Total == -l.Amount}}, err
	}
	return nil, nil
}

// taken says whether another line is this already.
func taken(tx *storage.Tx, deed string, target id.ID) (used bool, err error) {
	err = tx.Get(&used, `SELECT EXISTS (SELECT 1 FROM bank_lines WHERE market_id = $1 AND deed = $2 AND target = $3)`, tx.Market, deed, target.String())
	return used, err
}

// Matcher is the handler of JobMatch.
func (d *Desk) Matcher() jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(tx *storage.Tx) error, error) {
		statement, ok := id.Parse(j.Key)
		if !ok {
			return nil, fmt.Errorf("bank: the job's key is no statement: %q", j.Key)
		}
		return func(*storage.Tx) error { return nil }, d.matchAll(ctx, j.Market, statement)
	}}
}

// matchAll matches what is certain of a statement's lines, and finishes what
// somebody began. What is refused stays open for a person.
func (d *Desk) matchAll(ctx context.Context, market int32, statement id.ID) error {
	var open []Line
	err := d.db.View(ctx, market, func(tx *storage.Tx) error {
		return tx.Select(&open, `SELECT `+lineColumns+` FROM bank_lines WHERE market_id = $1 AND statement_id = $2 AND state <> 'done' ORDER BY id`, market, statement)
	})
	if err != nil {
		return err
	}
	for _, l := range open {
		say := Say{Deed: l.Deed, Target: l.Target, Why: l.Why}
		by := people.System
		if l.Deed == "" {
			var all []Guess
			if err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { all, err = Guesses(tx, l); return }); err != nil {
				return err
			}
			if len(all) != 1 && (len(all) == 0 || all[0].Deed != Refund) || !all[0].Sure {
				continue
			}
			say = Say{Deed: all[0].Deed, Target: all[0].Target.String()}
		} else if l.DoneBy != nil {
			by.ID = *l.DoneBy
		}
		if _, err := d.Decide(ctx, market, l.ID, by, say); err != nil {
			if _, refused := fault.As(err); !refused {
				return err
			}
		}
	}
	return nil
}
