package payout

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/written"
)

// witness tidies the name of somebody who saw it: another than the two between
// whom the money went.
func witness(field, name string, not ...string) (string, error) {
	name = written.Plain(name)
	switch {
	case name == "":
		return "", fault.Invalid(field, "required")
	case utf8.RuneCountInString(name) > 60:
		return "", fault.Invalid(field, "too_long", fault.Args{"most": 60})
	}
	for _, other := range not {
		if strings.EqualFold(name, other) {
			return "", fault.Invalid(field, "witness_party")
		}
	}
	return name, nil
}

// digits is a code as it was shown, however it was typed: with spaces between, or
// in full-width figures.
func digits(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case unicode.IsSpace(r) || r == '-':
			return -1
		}
		return r
	}, code)
}

// Handed is a payout in cash, as the one who has the money and the operator see it.
type Handed struct {
	Payout
	Batch      string     `db:"batch"`
	Until      time.Time  `db:"collect_by"`
	Shown      bool       `db:"shown"` // there is a code
	Tries      int        `db:"code_tries"`
	Phone      bool       `db:"phone"`  // the receiver has one: only a code is proof
	Person     id.ID      `db:"person"` // the receiver's account; none: they have none
	Giver      id.ID      `db:"giver"`  // the account of whoever has the money
	How        string     `db:"how"`
	WitnessOne string     `db:"witness_one"`
	WitnessTwo string     `db:"witness_two"`
	Photo      string     `db:"photo"`
	DoneAt     *time.Time `db:"done_at"`
}

// Locked says whether the code was typed wrong too often.
func (h Handed) Locked() bool { return h.Tries >= mostTries }

const handedColumns = `SELECT o.id, o.batch_id, o.payee_id, p.name, o.account_id, o.amount_minor, o.state, o.reason, o.created_at, o.changed_at, h.id AS holder_id, h.name AS hand,
  b.number AS batch, v.collect_by, v.code_sealed IS NOT NULL AS shown, v.code_tries, COALESCE(w.phone, '') <> '' AS phone, p.person_id AS person, h.person_id AS giver,
  v.how, v.witness_one, v.witness_two, v.photo, v.done_at
FROM handovers v JOIN payouts o ON o.market_id = v.market_id AND o.id = v.payout_id JOIN payout_batches b ON b.market_id = o.market_id AND b.id = o.batch_id
JOIN payees p ON p.market_id = o.market_id AND p.id = o.payee_id JOIN payees h ON h.market_id = v.market_id AND h.id = v.holder_id
LEFT JOIN people w ON w.id = p.person_id WHERE v.market_id = $1 `

// ToHandOver gives what a hand is to hand over, the longest waiting first; without
// a hand, what all are.
func ToHandOver(tx *storage.Tx, hand id.ID) ([]Handed, error) {
	var rows []Handed
	err := tx.Select(&rows, handedColumns+`AND o.state = 'in_transit' AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR v.holder_id = $2::uuid) ORDER BY v.payout_id LIMIT 500`, tx.Market, hand)
	return rows, err
}

// HandedOver gives what a hand handed over or was called back, newest first, older
// than after (none: from the newest), at most n.
func HandedOver(tx *storage.Tx, hand, after id.ID, n int) ([]Handed, error) {
	var rows []Handed
	err := tx.Select(&rows, handedColumns+`AND o.state <> 'in_transit' AND v.holder_id = $2
AND ($3::uuid = '00000000-0000-0000-0000-000000000000' OR v.payout_id < $3::uuid) ORDER BY v.payout_id DESC LIMIT $4`, tx.Market, hand, after, n)
	return rows, err
}

// ToCollect gives what payees may collect somewhere, the oldest first.
func ToCollect(tx *storage.Tx, payees ...id.ID) ([]Handed, error) {
	var rows []Handed
	err := tx.Select(&rows, handedColumns+`AND o.state = 'in_transit' AND o.payee_id = ANY($2::uuid[]) ORDER BY v.payout_id`, tx.Market, pq.Array(payees))
	return rows, err
}

// HandedOf gives the payouts in cash of a batch.
func HandedOf(tx *storage.Tx, batch id.ID) ([]Handed, error) {
	var rows []Handed
	err := tx.Select(&rows, handedColumns+`AND o.batch_id = $2 ORDER BY v.payout_id`, tx.Market, batch)
	return rows, err
}

// FindHanded gives one payout in cash, or fault.NotFound payout_unknown.
func FindHanded(tx *storage.Tx, payout id.ID) (Handed, error) {
	var rows []Handed
	err := tx.Select(&rows, handedColumns+`AND v.payout_id = $2`, tx.Market, payout)
	if err == nil && len(rows) == 0 {
		return Handed{}, fault.NotFound("payout_unknown")
	}
	if err != nil {
		return Handed{}, err
	}
	return rows[0], nil
}

// handed: cash on its way lies with the hand of its account; what went over has a
// proof, by the person whose hand it was.
func handed(tx *storage.Tx) (checked int64, violations []audit.Values, err error) {
	var rows []struct {
		ID    id.ID  `db:"id"`
		State string `db:"state"`
		How   string `db:"how"`
		There bool   `db:"there"`
		Own   bool   `db:"own"`
		From  bool   `db:"from_hand"`
	}
	err = tx.Select(&rows, `SELECT o.id, o.state, COALESCE(v.how, '') AS how, v.holder_id IS NOT DISTINCT FROM a.holder_id AS there, v.done_by IS NOT DISTINCT FROM h.person_id AS own,
  o.state <> 'paid' OR EXISTS (SELECT 1 FROM ledger_causes c JOIN ledger_postings l ON l.market_id = c.market_id AND l.entry_id = c.entry_id
    WHERE c.market_id = $1 AND c.cause = 'payout:' || o.id || ':paid' AND l.credit = 'cash:agent:' || a.holder_id) AS from_hand
FROM payouts o JOIN payout_accounts a ON a.market_id = o.market_id AND a.id = o.account_id AND a.holder_id IS NOT NULL
JOIN payees h ON h.market_id = a.market_id AND h.id = a.holder_id
LEFT JOIN handovers v ON v.market_id = o.market_id AND v.payout_id = o.id
WHERE o.market_id = $1 AND o.state IN ('in_transit', 'paid', 'failed') ORDER BY o.id`, tx.Market)
	for _, r := range rows {
		switch {
		case !r.There:
			violations = append(violations, audit.Values{"say": "handed_elsewhere", "key": r.ID.String()})
		case (r.State == Paid) != (r.How != ""):
			violations = append(violations, audit.Values{"say": "handed_unproven", "payout_state": r.State, "key": r.ID.String()})
		case !r.From:
			violations = append(violations, audit.Values{"say": "handed_not_taken", "key": r.ID.String()})
		case r.State == Paid && !r.Own:
			violations = append(violations, audit.Values{"say": "handed_by_other", "key": r.ID.String()})
		}
	}
	return int64(len(rows)), violations, err
}

// lacking: hands that have less than what they are to hand over.
func lacking(tx *storage.Tx) ([]audit.Values, error) {
	return audit.Hear(tx, `SELECT p.name, COALESCE(b.balance_minor, 0) AS holds_minor, w.sum AS gives_minor FROM (
  SELECT v.holder_id, sum(o.amount_minor)::bigint AS sum FROM handovers v JOIN payouts o ON o.market_id = v.market_id AND o.id = v.payout_id
  WHERE v.market_id = $1 AND o.state = 'in_transit' GROUP BY v.holder_id) w
JOIN payees p ON p.market_id = $1 AND p.id = w.holder_id
LEFT JOIN ledger_balances b ON b.market_id = $1 AND b.account = 'cash:agent:' || w.holder_id
WHERE w.sum > COALESCE(b.balance_minor, 0) ORDER BY p.name, w.holder_id`, tx.Market)
}
