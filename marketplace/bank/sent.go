package bank

import (
	"github.com/lib/pq"

	"commonfield/agents/payout"
	"commonfield/storage"
	"commonfield/storage/id"
)

// sent is what lines name of payouts: batches by their number, payouts by their
// reference, and what another line is already.
type sent struct {
	batches map[string]payout.Batch
	payouts map[string]payout.Payout
	used    map[string]bool
}

func sentFor(tx *storage.Tx, lines []Line) (sent, error) {
	s := sent{map[string]payout.Batch{}, map[string]payout.Payout{}, map[string]bool{}}
	var numbers []string
	for _, l := range lines {
		if batch := ofBatch.FindStringSubmatch(bare(l.Words)); batch != nil {
			numbers = append(numbers, "P"+batch[1]+"-"+batch[2])
		}
	}
	if len(numbers) == 0 {
		return s, nil
	}
	var batches []payout.Batch
	if err := tx.Select(&batches, `SELECT id, number, total_minor FROM payout_batches WHERE market_id = $1 AND number = ANY($2::text[]) AND `+payout.ByBank, tx.Market, pq.Array(numbers)); err != nil {
		return s, err
	}
	name := map[id.ID]string{}
	var targets []string
	for _, b := range batches {
		s.batches[b.Number], name[b.ID] = b, b.Number
		targets = append(targets, b.ID.String())
	}
	var payouts []payout.Payout
	if err := tx.Select(&payouts, `SELECT id, batch_id, amount_minor, state FROM payouts WHERE market_id = $1 AND batch_id = ANY($2::uuid[])`, tx.Market, pq.Array(targets)); err != nil {
		return s, err
	}
	for _, o := range payouts {
		s.payouts[name[o.BatchID]+"-"+o.Number()] = o
		targets = append(targets, o.ID.String())
	}
	var used []string
	err := tx.Select(&used, `SELECT deed || ':' || target FROM bank_lines WHERE market_id = $1 AND deed IN ('payout', 'batch') AND target = ANY($2::text[])`, tx.Market, pq.Array(targets))
	for _, u := range used {
		s.used[u] = true
	}
	return s, err
}

// guesses reads the references of payouts in a line: a single one, or a whole batch.
func (s sent) guesses(l Line) []Guess {
	words := bare(l.Words)
	batch := ofBatch.FindStringSubmatch(words)
	if batch == nil {
		return nil
	}
	b, there := s.batches["P"+batch[1]+"-"+batch[2]]
	if !there {
		return nil
	}
	if one := ofPayout.FindStringSubmatch(words); one != nil {
		name := b.Number + "-" + one[2]
		o, there := s.payouts[name]
		switch {
		case there && l.Amount > 0:
			return []Guess{{Returned, o.ID, name, o.Amount, false}} // a person reads why it came back
		case there:
			sure := !s.used[Payout+":"+o.ID.String()] && o.Amount == -l.Amount && (o.State == payout.InTransit || o.State == payout.Paid)
			return []Guess{{Payout, o.ID, name, -o.Amount, sure}}
		}
	}
	if l.Amount < 0 {
		return []Guess{{Batch, b.ID, b.Number, -b.Total, !s.used[Batch+":"+b.ID.String()] && b.Total == -l.Amount}}
	}
	return nil
}
