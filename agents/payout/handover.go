package payout

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
)

const (
	mostTries = 5  // of one code
	mostCodes = 20 // shown for one payout
)

// Code draws the code by which the receiver of a payout in cash is known, and
// gives it this once: its seal lies in the row, no list shows it, and another one
// ends it. It is for the payee, or for an operator who tells them. It refuses
// others (fault.NotFound payout_unknown), whoever has the money (fault.Forbidden
// cash_own), what does not wait to be collected (fault.Conflict payout_answered)
// and too many (handover_codes).
func (d *Desk) Code(ctx context.Context, market int32, payout id.ID, by people.Person) (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	code := fmt.Sprintf("%06d", n)
	sealed, err := d.box.Seal(coded(payout, code), aboutCode(market, payout))
	if err != nil {
		return "", err
	}
	err = d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // drawn again it is another one, and the only one
		o, h, err := handing(tx, payout)
		switch {
		case err != nil:
			return err
		case h.Payee != by.ID && !by.IsOperator(market):
			return fault.NotFound("payout_unknown")
		case h.Hand == by.ID:
			return fault.Forbidden("cash_own")
		case o.State != InTransit || !tx.Now.Before(h.Until):
			return fault.Conflict("payout_answered", fault.Args{"number": o.Number(), "state": o.State})
		case h.Codes >= mostCodes:
			return fault.Conflict("handover_codes")
		}
		tx.Queue(`UPDATE handovers SET code_sealed = $3, code_tries = 0, codes = codes + 1 WHERE market_id = $1 AND payout_id = $2`, market, payout, sealed)
		trail.Write(tx, by.ID, "payout.code", "payout:"+payout.String(), "")
		return nil
	})
	return code, err
}

// Proof is what shows that the money went to its receiver: their code, or, of one
// who has no phone, two witnesses and a picture that the door has kept.
type Proof struct {
	Code                   string
	WitnessOne, WitnessTwo string
	Photo                  string
}

// HandOver says that a payout in cash is in its receiver's hand: transit:payout /
// cash:agent. Only the one who has the money says so; twice is once. A wrong code
// is counted and refused (fault.Invalid handover_code), after five the receiver needs
// another one (fault.Conflict handover_locked). It refuses witnesses where the
// receiver has a phone (handover_code_needed), money that the hand does not hold
// (cash_short) and what is late or over (handover_late, payout_answered).
func (d *Desk) HandOver(ctx context.Context, market int32, payout id.ID, by people.Person, p Proof) (Payout, error) {
	var o Payout
	var wrong error
	err := d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // typed once more after a lost answer is counted once more, or done already
		wrong = nil
		var h handover
		var err error
		o, h, err = handing(tx, payout)
		switch {
		case err != nil:
			return err
		case h.Hand != by.ID:
			return fault.NotFound("payout_unknown")
		case o.State == Paid:
			return nil
		case o.State != InTransit:
			return fault.Conflict("payout_answered", fault.Args{"number": o.Number(), "state": o.State})
		case !tx.Now.Before(h.Until):
			return fault.Conflict("handover_late")
		}
		how := "code"
		if p.Code == "" && p.WitnessOne+p.WitnessTwo+p.Photo != "" {
			how = "witnesses"
			if err := h.seen(&p, o.Payee, by.Name); err != nil {
				return err
			}
		} else if wrong, err = d.known(tx, o, h, p.Code); err != nil || wrong != nil {
			return err
		}
		b, all, err := batchOf(tx, o)
		if err != nil {
			return err
		}
		have, err := ledger.Lock(tx, o.from())
		if err != nil {
			return err
		}
		if short := o.Amount - have[o.from()]; short > 0 {
			return fault.Conflict("cash_short", fault.Args{"missing": short, "currency": b.Currency})
		}
		tx.Queue(`UPDATE handovers SET how = $3, witness_one = $4, witness_two = $5, photo = $6, done_by = $7, done_at = $8, code_sealed = NULL WHERE market_id = $1 AND payout_id = $2`,
			market, payout, how, p.WitnessOne, p.WitnessTwo, p.Photo, by.ID, tx.Now)
		trail.Write(tx, by.ID, "payout.hand_over", "payout:"+payout.String(), how)
		o.State = Paid
		return b.settle(tx, by.ID, all, heard{paid: []Payout{o}})
	})
	if err == nil {
		err = wrong
	}
	return o, err
}

// CallBack takes back a payout in cash that nobody has yet: its request is posted
// back and its payables are open again. Twice is once. It refuses what is handed
// over (fault.Conflict payout_answered) and what no hand has (payout_not_cash).
func (d *Desk) CallBack(ctx context.Context, market int32, payout, by id.ID, why string) error {
	return d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // the state is looked up first
		o, _, err := handing(tx, payout)
		if err != nil || o.State == Failed {
			return err
		}
		if o.State != InTransit {
			return fault.Conflict("payout_answered", fault.Args{"number": o.Number(), "state": o.State})
		}
		trail.Write(tx, by, "payout.call_back", "payout:"+payout.String(), why)
		return takeBack(tx, o, by, why)
	})
}

// Collector is the handler of JobCollect.
func (d *Desk) Collector(tx *storage.Tx, j jobs.Job) error {
	payout, ok := id.Parse(j.Key)
	if !ok {
		return fmt.Errorf("payout: the job's key is no payout: %q", j.Key)
	}
	o, _, err := handing(tx, payout)
	if err != nil || o.State != InTransit {
		return err
	}
	return takeBack(tx, o, people.System.ID, Uncollected)
}

func takeBack(tx *storage.Tx, o Payout, by id.ID, why string) error {
	b, all, err := batchOf(tx, o)
	if err != nil {
		return err
	}
	o.Reason = why
	return b.settle(tx, by, all, heard{failed: []Payout{o}})
}

func batchOf(tx *storage.Tx, o Payout) (Batch, []Payout, error) {
	b, err := Find(tx, o.BatchID)
	if err != nil {
		return b, nil, err
	}
	all, err := Payouts(tx, o.BatchID)
	return b, all, err
}

// handover is how a payout in cash stands.
type handover struct {
	Until  time.Time `db:"collect_by"`
	Sealed []byte    `db:"code_sealed"`
	Tries  int       `db:"code_tries"`
	Codes  int       `db:"codes"`
	Hand   id.ID     `db:"hand"`  // the person who has the money
	Payee  id.ID     `db:"payee"` // the person whose it is; none: without an account
	Phone  bool      `db:"phone"` // and they have one
}

// handing holds a payout's batch, as every verb does, and reads how it stands.
func handing(tx *storage.Tx, payout id.ID) (Payout, handover, error) {
	var h handover
	o, err := hold(tx, payout)
	if err != nil {
		return o, h, err
	}
	err = tx.Get(&h, `SELECT v.collect_by, v.code_sealed, v.code_tries, v.codes, h.person_id AS hand, p.person_id AS payee, COALESCE(w.phone, '') <> '' AS phone
FROM handovers v JOIN payees h ON h.market_id = v.market_id AND h.id = v.holder_id
JOIN payouts o ON o.market_id = v.market_id AND o.id = v.payout_id
JOIN payees p ON p.market_id = o.market_id AND p.id = o.payee_id LEFT JOIN people w ON w.id = p.person_id
WHERE v.market_id = $1 AND v.payout_id = $2`, tx.Market, payout)
	if errors.Is(err, storage.ErrNone) {
		err = fault.Conflict("payout_not_cash", fault.Args{"number": o.Number()})
	}
	return o, h, err
}

// seen tidies what witnesses say, or refuses it.
func (h handover) seen(p *Proof, payee, hand string) error {
	if h.Phone {
		return fault.Conflict("handover_code_needed")
	}
	one, err := witness("witness_one", p.WitnessOne, payee, hand)
	two, bad := witness("witness_two", p.WitnessTwo, payee, hand)
	if bad == nil && one != "" && one == two {
		bad = fault.Invalid("witness_two", "witness_same")
	}
	var photo error
	if p.Photo == "" {
		photo = fault.Invalid("photo", "required")
	}
	p.WitnessOne, p.WitnessTwo = one, two
	return fault.All(err, bad, photo)
}

// known holds a code against the one that was shown. A wrong one is counted,
// which is kept though it is refused.
func (d *Desk) known(tx *storage.Tx, o Payout, h handover, code string) (refused, err error) {
	switch {
	case code == "":
		return nil, fault.Invalid("code", "required")
	case h.Sealed == nil:
		return nil, fault.Invalid("code", "handover_no_code")
	case h.Tries >= mostTries:
		return nil, fault.Conflict("handover_locked").On("code")
	}
	shown, err := d.box.Open(h.Sealed, aboutCode(tx.Market, o.ID))
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(shown, coded(o.ID, digits(code))) == 1 {
		return nil, nil
	}
	tx.Queue(`UPDATE handovers SET code_tries = code_tries + 1 WHERE market_id = $1 AND payout_id = $2`, tx.Market, o.ID)
	return fault.Invalid("code", "handover_code", fault.Args{"left": mostTries - h.Tries - 1}), nil
}

func coded(payout id.ID, code string) []byte {
	sum := sha256.Sum256([]byte(payout.String() + "\x00" + code))
	return sum[:]
}

func aboutCode(market int32, payout id.ID) string {
	return "handovers:" + strconv.Itoa(int(market)) + ":" + payout.String()
}
