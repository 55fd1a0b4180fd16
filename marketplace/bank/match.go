package bank

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/people"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/recon"
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
	ofHand    = regexp.MustCompile(`CH[0-9A-Z]{8}`)
)

func bare(words string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u3000", "", "_", "").Replace(strings.ToUpper(words))
}

// Guesses gives what lines may be, by the line, the likeliest first: as many
// questions for all of them as for one.
func Guesses(tx *storage.Tx, lines ...Line) (map[id.ID][]Guess, error) {
	all := map[id.ID][]Guess{}
	sent, err := sentFor(tx, lines)
	if err != nil {
		return nil, err
	}
	hands, err := handsOf(tx, lines)
	if err != nil {
		return nil, err
	}
	var in, back []string // references of payments on lines of money in, and out
	for _, l := range lines {
		if all[l.ID] = append(sent.guesses(l), hands.guesses(l)...); len(all[l.ID]) > 0 {
			continue
		}
		if l.Amount > 0 {
			in = append(in, references(l)...)
		} else {
			back = append(back, references(l)...)
		}
	}
	due, err := transfers(tx, in)
	if err != nil {
		return nil, err
	}
	paid, err := gatewayPaid(tx, lines)
	if err != nil {
		return nil, err
	}
	given, err := refunds(tx, back)
	for _, l := range lines {
		switch {
		case len(all[l.ID]) > 0:
		case l.Amount > 0:
			all[l.ID] = append(dueOf(l, due), paidOf(l, paid)...)
		default:
			all[l.ID] = givenOf(l, given)
		}
	}
	return all, err
}

// references are those of payments in a line's words, each once.
func references(l Line) []string {
	refs := ofPayment.FindAllString(bare(l.Words), 20)
	slices.Sort(refs)
	return slices.Compact(refs)
}

// transfers gives the payments by transfer that have these references.
func transfers(tx *storage.Tx, refs []string) (map[string]payment.Payment, error) {
	due := map[string]payment.Payment{}
	if len(refs) == 0 {
		return due, nil
	}
	var rows []payment.Payment
	err := tx.Select(&rows, `SELECT id, reference, due_minor, captured_minor, state FROM payments
WHERE market_id = $1 AND home_market = $1 AND gateway = 'bank' AND reference = ANY($2::text[])`, tx.Market, pq.Array(refs))
	for _, p := range rows {
		due[p.Reference] = p
	}
	return due, err
}

func dueOf(l Line, due map[string]payment.Payment) (all []Guess) {
	for _, ref := range references(l) {
		if p, there := due[ref]; there {
			missing := p.Due - p.Captured
			all = append(all, Guess{Payment, p.ID, p.Reference, missing, p.State == payment.Open && missing == l.Amount})
		}
	}
	for i := range all {
		all[i].Sure = all[i].Sure && len(all) == 1
	}
	return all
}

// late is how long a gateway's payout may take to our bank.
const late = 14 * 24 * time.Hour

// gatewayPaid gives the gateway's payouts that are in the books and that no line is
// yet; none where no line brings money.
func gatewayPaid(tx *storage.Tx, lines []Line) ([]recon.Paying, error) {
	var first time.Time
	for _, l := range lines {
		if l.Amount > 0 && (first.IsZero() || l.On.Before(first)) {
			first = l.On
		}
	}
	if first.IsZero() {
		return nil, nil
	}
	all, err := recon.Paid(tx, first.Add(-late), 0)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	targets := make([]string, len(all))
	for i, p := range all {
		targets[i] = p.ID.String()
	}
	var met []string
	err = tx.Select(&met, `SELECT target FROM bank_lines WHERE market_id = $1 AND deed = 'banked' AND target = ANY($2::text[])`, tx.Market, pq.Array(targets))
	return slices.DeleteFunc(all, func(p recon.Paying) bool { return slices.Contains(met, p.ID.String()) }), err
}

// paidOf gives the payouts of the line's sum and time. It is sure of the only one
// where the bank names the gateway.
func paidOf(l Line, paid []recon.Paying) (all []Guess) {
	for _, p := range paid {
		after := l.On.Sub(p.At)
		if p.Amount == l.Amount && after > -24*time.Hour && after < late {
			named := strings.Contains(bare(l.Party+l.Words), strings.ToUpper(p.Gateway))
			all = append(all, Guess{Banked, p.ID, p.Reference, p.Amount, named})
		}
	}
	for i := range all {
		all[i].Sure = all[i].Sure && len(all) == 1
	}
	return all
}

// refunds gives those by transfer of payments with these references that no line
// is yet, the older first.
func refunds(tx *storage.Tx, refs []string) (map[string][]Guess, error) {
	given := map[string][]Guess{}
	if len(refs) == 0 {
		return given, nil
	}
	var rows []struct {
		ID        id.ID  `db:"id"`
		Reference string `db:"reference"`
		Amount    int64  `db:"amount_minor"`
	}
	err := tx.Select(&rows, `SELECT r.id, p.reference, r.amount_minor FROM refunds r JOIN payments p ON p.market_id = r.market_id AND p.id = r.payment_id
WHERE r.market_id = $1 AND (r.by_transfer OR p.home_market = $1 AND p.gateway IN ('bank', 'cash')) AND r.state <> 'failed' AND p.reference = ANY($2::text[])
  AND NOT EXISTS (SELECT 1 FROM bank_lines b WHERE b.market_id = $1 AND b.deed = 'refund' AND b.target = r.id::text) ORDER BY r.id`, tx.Market, pq.Array(refs))
	for _, r := range rows {
		given[r.Reference] = append(given[r.Reference], Guess{Deed: Refund, Target: r.ID, Name: r.Reference, Amount: -r.Amount})
	}
	return given, err
}

// givenOf puts refunds of the line's sum first; of several nobody knows which.
func givenOf(l Line, given map[string][]Guess) []Guess {
	var fit, other []Guess
	for _, ref := range references(l) {
		for _, g := range given[ref] {
			if g.Amount == l.Amount {
				fit = append(fit, g)
			} else {
				other = append(other, g)
			}
		}
	}
	if len(fit) == 1 {
		fit[0].Sure = true
	}
	return append(fit, other...)
}

// Matcher is the handler of JobMatch.
func (d *Desk) Matcher() jobs.Handler {
	return jobs.Handler{Call: func(ctx context.Context, j jobs.Job) (func(tx *storage.Tx) error, error) {
		name, _, _ := strings.Cut(j.Key, ":")
		of, ok := id.Parse(name)
		if !ok {
			return nil, fmt.Errorf("bank: the job's key is no statement and no line: %q", j.Key)
		}
		return func(*storage.Tx) error { return nil }, d.matchAll(ctx, j.Market, of)
	}}
}

// later has what somebody began with a line finished, should the program end before
// they have done it: the job of its statement is long over.
func later(tx *storage.Tx, line id.ID) {
	jobs.Add(tx, JobMatch, fmt.Sprintf("%s:%d", line, tx.Now.UnixMicro()), struct{}{}, tx.Now.Add(time.Minute))
}

// matchAll matches what is certain of a statement's lines, or of one line, and
// finishes what somebody began. What is refused stays open for a person.
func (d *Desk) matchAll(ctx context.Context, market int32, of id.ID) error {
	var open []Line
	var guesses map[id.ID][]Guess
	err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) {
		open = nil
		if err = tx.Select(&open, `SELECT `+lineColumns+` FROM bank_lines WHERE market_id = $1 AND (statement_id = $2 OR id = $2)
			AND (state <> 'done' OR deed = 'unclaimed' AND target <> '') ORDER BY id`, market, of); err != nil {
			return err
		}
		guesses, err = Guesses(tx, open...)
		return err
	})
	if err != nil {
		return err
	}
	met := map[id.ID]bool{}
	for _, l := range open {
		say := Say{Deed: l.Deed, Target: l.Target, Why: l.Why}
		by := people.System
		if l.Deed == "" {
			all := guesses[l.ID]
			if len(all) == 0 || !all[0].Sure || met[all[0].Target] {
				continue // of two lines that are the same thing, a person looks at the second
			}
			met[all[0].Target] = all[0].Deed != CashIn && all[0].Deed != CashOut // a hand comes often
			say = Say{Deed: all[0].Deed, Target: all[0].Target.String()}
		} else if l.DoneBy != nil {
			by.ID = *l.DoneBy
		}
		if l.State == "done" { // nobody's, and kept for a payment
			payment, _ := id.Parse(l.Target)
			err = d.Match(ctx, market, l.ID, by, payment)
		} else {
			_, err = d.Decide(ctx, market, l.ID, by, say)
		}
		if _, refused := fault.As(err); err != nil && !refused {
			return err
		}
	}
	return nil
}
