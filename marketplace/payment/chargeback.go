package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
	"commonfield/storage/trail"
)

// ChargebackState is where a chargeback stands.
type ChargebackState string

// The states of a chargeback.
const (
	ChargebackOpen ChargebackState = "open" // the bank has the money and has not decided
	ChargebackWon  ChargebackState = "won"  // it gave the money back
	ChargebackLost ChargebackState = "lost"
)

// Charged is a chargeback as its gateway sees it.
type Charged struct {
	ID       string // the gateway's own name of it
	Market   int32  // of the payment, from its own metadata; 0 when it is none of ours
	Payment  id.ID
	Amount   int64
	Fee      int64 // what the gateway takes for it
	Currency string
	Reason   string
	State    ChargebackState
	Due      time.Time
}

// Contested is a gateway whose payers may have their banks take money back.
type Contested interface {
	// LookChargeback says how a chargeback stands.
	LookChargeback(ctx context.Context, market int32, object string) (Charged, error)
	// Contest sends what speaks against it. Sending the same twice is sending once.
	Contest(ctx context.Context, market int32, object, text, key string) error
}

// Chargeback is a payment that the payer's bank takes back. It is at home where
// its payment is.
type Chargeback struct {
	ID         id.ID           `db:"id"`
	Payment    id.ID           `db:"payment_id"`
	Reference  string          `db:"reference"` // of the payment
	Currency   string          `db:"currency"`
	Gateway    string          `db:"gateway"`
	Object     string          `db:"object"`
	Amount     int64           `db:"amount_minor"`
	Fee        int64           `db:"fee_minor"`
	Excess     int64           `db:"excess_minor"`
	Reason     string          `db:"reason"`
	State      ChargebackState `db:"state"`
	DueAt      *time.Time      `db:"due_at"`
	Evidence   string          `db:"evidence"`
	EvidenceBy *id.ID          `db:"evidence_by"`
	EvidenceAt *time.Time      `db:"evidence_at"`
	SentAt     *time.Time      `db:"sent_at"`
	OpenedAt   time.Time       `db:"opened_at"`
	ClosedAt   *time.Time      `db:"closed_at"`
}

const chargebacks = `SELECT c.id, c.payment_id, p.reference, p.currency, c.gateway, c.object, c.amount_minor, c.fee_minor, c.excess_minor, c.reason, c.state, c.due_at,
	c.evidence, c.evidence_by, c.evidence_at, c.sent_at, c.opened_at, c.closed_at
	FROM chargebacks c JOIN payments p ON p.market_id = c.market_id AND p.id = c.payment_id WHERE c.market_id = $1`

// Chargebacks lists a market's, newest first.
func Chargebacks(tx *storage.Tx, n int) ([]Chargeback, error) {
	var all []Chargeback
	err := tx.Select(&all, chargebacks+" ORDER BY c.state <> 'open', c.id DESC LIMIT $2", tx.Market, n)
	return all, err
}

// FindChargeback gives one.
func FindChargeback(tx *storage.Tx, chargeback id.ID) (Chargeback, error) {
	var c Chargeback
	err := tx.Get(&c, chargebacks+" AND c.id = $2", tx.Market, chargeback)
	if err == storage.ErrNone {
		return c, fault.NotFound("not_found")
	}
	return c, err
}

// ChargebackOf gives the one that a gateway names; not_found when none is booked.
// The caller holds the payment's lock, and so the chargeback's.
func ChargebackOf(tx *storage.Tx, gateway, object string) (Chargeback, error) {
	var c Chargeback
	err := tx.Get(&c, chargebacks+" AND c.gateway = $2 AND c.object = $3", tx.Market, gateway, object)
	if err == storage.ErrNone {
		return c, fault.NotFound("not_found")
	}
	return c, err
}

// Disputed says whether the payer's bank is taking a payment back.
func Disputed(tx *storage.Tx, payment id.ID) (bool, error) {
	var open bool
	err := tx.Get(&open, "SELECT EXISTS (SELECT 1 FROM chargebacks WHERE market_id = $1 AND payment_id = $2 AND state = 'open')", tx.Market, payment)
	return open, err
}

// LookChargeback asks a gateway about a chargeback.
func (d *Desk) LookChargeback(ctx context.Context, market int32, gateway, object string) (Charged, error) {
	g, err := d.contested(gateway)
	if err != nil {
		return Charged{}, err
	}
	c, err := g.LookChargeback(ctx, market, object)
	if err != nil {
		return c, fault.Unavailable("gateway_down").Because(err)
	}
	return c, nil
}

func (d *Desk) contested(gateway string) (Contested, error) {
	g, err := d.Gateway(gateway)
	if err != nil {
		return nil, err
	}
	c, can := g.(Contested)
	if !can {
		return nil, fmt.Errorf("payment: %s knows no chargebacks", gateway)
	}
	return c, nil
}

// OpenChargeback books that the bank has taken the sum, and what the gateway takes for it.
// What it stops is for the rooms above.
func (d *Desk) OpenChargeback(tx *storage.Tx, p Payment, seen Charged) (Chargeback, error) {
	g, err := d.Gateway(p.Gateway)
	if err != nil {
		return Chargeback{}, err
	}
	c := Chargeback{ID: id.New(), Payment: p.ID, Reference: p.Reference, Currency: p.Currency, Gateway: p.Gateway, Object: seen.ID, Amount: seen.Amount, Fee: seen.Fee, State: ChargebackOpen, OpenedAt: tx.Now}
	var due *time.Time
	if !seen.Due.IsZero() {
		due = &seen.Due
	}
	tx.Queue("INSERT INTO chargebacks (market_id, id, payment_id, gateway, object, amount_minor, fee_minor, reason, state, due_at, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10)",
		tx.Market, c.ID, p.ID, p.Gateway, seen.ID, seen.Amount, seen.Fee, seen.Reason, due, tx.Now)
	tellBank(tx, c.ID, ChargebackOpen)
	if due != nil && due.After(tx.Now) {
		at := due.Add(-soon)
		jobs.Add(tx, JobChargeback, c.ID.String()+":due", ChargebackNews{Chargeback: c.ID, State: ChargebackOpen, Due: true, At: at}, at)
	}
	return c, ledger.Post(tx, ledger.Entry{Cause: c.cause("opened"), Note: p.Reference, Legs: []ledger.Leg{
		{Debit: ledger.GatewayDisputed, Credit: g.Leaves(), Amount: seen.Amount},
		{Debit: ledger.CostChargeback, Credit: g.Leaves(), Amount: seen.Fee}}})
}

// JobChargeback says how a chargeback stands, for the rooms above to tell: it was
// opened, its evidence is due soon, the bank has decided.
const JobChargeback = "payment:chargeback"

// ChargebackNews is the body of JobChargeback.
type ChargebackNews struct {
	Chargeback id.ID           `json:"chargeback"`
	State      ChargebackState `json:"state"`
	Due        bool            `json:"due,omitempty"` // evidence is due soon
	At         time.Time       `json:"at"`
}

// soon is how long before a bank takes no evidence any more somebody is told.
const soon = 48 * time.Hour

func tellBank(tx *storage.Tx, chargeback id.ID, state ChargebackState) {
	jobs.Add(tx, JobChargeback, chargeback.String()+":"+string(state), ChargebackNews{Chargeback: chargeback, State: state, At: tx.Now})
}

func (c Chargeback) cause(what string) string { return "chargeback:" + c.ID.String() + ":" + what }

// CloseChargeback books the bank's word. Of one that was lost the rooms above say
// from where the sum comes: legs that credit gateway:disputed; what they do not
// cover is our own cost; and how much is that of other markets of the payment. The
// caller holds the payment's lock.
func (d *Desk) CloseChargeback(tx *storage.Tx, c Chargeback, state ChargebackState, elsewhere int64, legs ...ledger.Leg) error {
	g, err := d.Gateway(c.Gateway)
	if err != nil {
		return err
	}
	rest := c.Amount
	if state == ChargebackWon {
		legs, rest = []ledger.Leg{{Debit: g.Leaves(), Credit: ledger.GatewayDisputed, Amount: c.Amount}}, 0
	}
	for _, l := range legs {
		if state == ChargebackLost {
			rest -= l.Amount
		}
	}
	legs = append(legs, ledger.Leg{Debit: ledger.CostChargeback, Credit: ledger.GatewayDisputed, Amount: rest})
	tx.Expect(1, fault.Conflict("conflict"), "UPDATE chargebacks SET state = $3, excess_minor = $4, closed_at = $5 WHERE market_id = $1 AND id = $2 AND state = 'open'", tx.Market, c.ID, string(state), rest+elsewhere, tx.Now)
	tellBank(tx, c.ID, state)
	return ledger.Post(tx, ledger.Entry{Cause: c.cause(string(state)), Note: c.Reference, Legs: legs})
}

// Short is how much of its part of a lost chargeback each other market of a payment does
// not have any more, by what was given back of its share, and lost of it before: weights
// are the shares, the home market's first. It is asked at home.
func Short(tx *storage.Tx, due Payment, shares []Share, weights []int64, c Chargeback) ([]int64, error) {
	var before []int64
	if err := tx.Select(&before, "SELECT amount_minor FROM chargebacks WHERE market_id = $1 AND payment_id = $2 AND state = 'lost' ORDER BY id", tx.Market, due.ID); err != nil {
		return nil, err
	}
	var given []struct {
		Market int32 `db:"for_market"`
		Sum    int64 `db:"sum"`
	}
	if err := tx.Select(&given, "SELECT for_market, sum(amount_minor)::bigint AS sum FROM refunds WHERE market_id = $1 AND payment_id = $2 AND for_market IS NOT NULL AND state <> 'failed' GROUP BY for_market", tx.Market, due.ID); err != nil {
		return nil, err
	}
	parts := money.Split(min(c.Amount, due.Captured), weights)
	short := make([]int64, len(shares))
	for i, s := range shares {
		left := s.Amount
		for _, g := range given {
			if g.Market == s.Market {
				left -= g.Sum
			}
		}
		for _, sum := range before {
			left -= money.Split(min(sum, due.Captured), weights)[i+1]
		}
		short[i] = max(0, parts[i+1]-max(0, left))
	}
	return short, nil
}

// JobEvidence carries evidence to the gateway.
const JobEvidence = "payment:evidence"

type evidenceJob struct {
	Chargeback id.ID `json:"chargeback"`
}

// mostEvidence is how many letters a bank reads.
const mostEvidence = 20_000

// Contest writes down what speaks against a chargeback, and lets it be sent: once,
// for a bank reads it once. It refuses one that is decided (chargeback_closed), what
// was sent already (evidence_sent), and nothing at all (required).
func (d *Desk) Contest(ctx context.Context, market int32, chargeback, by id.ID, text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return fault.Invalid("evidence", "required")
	}
	if len([]rune(text)) > mostEvidence {
		return fault.Invalid("evidence", "too_long", fault.Args{"most": mostEvidence})
	}
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		c, err := FindChargeback(tx, chargeback)
		if err != nil {
			return err
		}
		if _, err := Lock(tx, c.Payment); err != nil {
			return err
		}
		if c, err = FindChargeback(tx, chargeback); err != nil { // as it is under the lock
			return err
		}
		switch {
		case c.Evidence == text:
			return nil
		case c.State != ChargebackOpen:
			return fault.Conflict("chargeback_closed")
		case c.Evidence != "":
			return fault.Conflict("evidence_sent")
		}
		tx.Queue("UPDATE chargebacks SET evidence = $3, evidence_by = $4, evidence_at = $5 WHERE market_id = $1 AND id = $2", market, chargeback, text, by, tx.Now)
		jobs.Add(tx, JobEvidence, chargeback.String(), evidenceJob{chargeback})
		trail.Write(tx, by, "payment.contest", "chargeback:"+chargeback.String(), "")
		return nil
	})
}

// SendEvidence is the job of JobEvidence.
func (d *Desk) SendEvidence(ctx context.Context, j jobs.Job) (func(*storage.Tx) error, error) {
	var body evidenceJob
	if err := json.Unmarshal(j.Body, &body); err != nil {
		return nil, err
	}
	var c Chargeback
	err := d.db.View(ctx, j.Market, func(tx *storage.Tx) (err error) { c, err = FindChargeback(tx, body.Chargeback); return })
	if err != nil || c.State != ChargebackOpen || c.SentAt != nil {
		return func(*storage.Tx) error { return nil }, err
	}
	g, err := d.contested(c.Gateway)
	if err != nil {
		return nil, err
	}
	try, err := d.attempt(ctx, j.Market, c.Payment, "evidence:"+c.ID.String())
	if err != nil {
		return nil, err
	}
	if err := g.Contest(ctx, j.Market, c.Object, c.Evidence, try.key); err != nil {
		return nil, d.unanswered(ctx, j.Market, try, err)
	}
	return func(tx *storage.Tx) error {
		answered(tx, try, "done", "sent")
		tx.Queue("UPDATE chargebacks SET sent_at = $3 WHERE market_id = $1 AND id = $2", tx.Market, c.ID, tx.Now)
		return nil
	}, nil
}

// named is a gateway that can list its chargebacks.
type named interface {
	// Chargebacks lists those opened since a moment, each with a word that changes
	// when it does.
	Chargebacks(ctx context.Context, since time.Time) ([]string, error)
}

// SweepChargebacks asks the gateways for their chargebacks of so long, and lets the
// platform hear of each as if news of it had come: once per state.
func (d *Desk) SweepChargebacks(ctx context.Context, of time.Duration) error {
	for _, g := range d.gateways {
		n, can := g.(named)
		if !can {
			continue
		}
		all, err := n.Chargebacks(ctx, d.db.Now().Add(-of))
		if err != nil {
			return fault.Unavailable("gateway_down").Because(err)
		}
		for _, one := range all {
			object, _, _ := strings.Cut(one, " ")
			if err := d.Receive(ctx, storage.Platform, News{Provider: g.Name(), Event: "sweep:" + one, Object: object, Charged: true}, []byte{}); err != nil {
				return err
			}
		}
	}
	return nil
}
