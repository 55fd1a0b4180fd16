// Package attribution decides which agent a sale is owed to, and why, or why
// not. It sees a neutral sale and knows nothing of orders.
//
// The first way that is there decides: the agent placed the sale for the
// client, a code was typed, a link was followed. A refusal is an answer too: it
// is kept with its reason, because the agent may read it.
package attribution

import (
	"strings"
	"time"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Window is how long a followed link counts.
const Window = 30 * 24 * time.Hour

// The ways by which a sale comes to an agent, in the order they are tried.
const (
	Placed = "placed"
	Code   = "code"
	Link   = "link"
)

// Why an agent gets nothing.
const (
	SelfDealing = "self_dealing" // the buyer is the agent: same person or same phone
	Inactive    = "inactive"     // not admitted to this market, or suspended
	Expired     = "expired"      // the link is older than the window
)

// Ask is what is known when a sale is placed. The first three are agents'
// codes; empty ones were not given.
type Ask struct {
	PlacedBy, Code, Link string
	LinkAt               time.Time
	Buyer                id.ID
	Phone                string // the buyer's, with or without its country code
}

// Given is the decision. Without an agent it is zero; a refused one has its
// reason and earns nothing.
type Given struct {
	AgentID, PayeeID id.ID
	Way, Refused     string
}

// Earns says whether somebody earns from the sale.
func (g Given) Earns() bool { return g.AgentID != id.None && g.Refused == "" }

// candidate is an agent whose code was named.
type candidate struct {
	ID     id.ID  `db:"id"`
	Code   string `db:"code"`
	Person id.ID  `db:"person_id"`
	Phone  string `db:"phone"`
	Payee  id.ID  `db:"payee_id"`
	State  string `db:"state"`
}

// Decide names the agent of a sale, with one query, and with none when no code
// was given. It refuses a code that was typed and that nobody has
// (fault.Invalid agent_unknown); an unknown code in a link is no agent, because
// the buyer did not type it. It writes nothing.
func Decide(tx *storage.Tx, a Ask) (Given, error) {
	placed, typed, link := tidy(a.PlacedBy), tidy(a.Code), tidy(a.Link)
	if placed == "" && typed == "" && link == "" {
		return Given{}, nil
	}
	var found []candidate
	err := tx.Select(&found, `SELECT a.id, a.code, a.person_id, COALESCE(p.phone, '') AS phone, m.payee_id, COALESCE(m.state, '') AS state
FROM agents a
JOIN people p ON p.id = a.person_id
LEFT JOIN market_agents m ON m.market_id = $1 AND m.agent_id = a.id
WHERE a.code IN (NULLIF($2::text, ''), NULLIF($3::text, ''), NULLIF($4::text, ''))`, tx.Market, placed, typed, link)
	if err != nil {
		return Given{}, err
	}
	byCode := make(map[string]candidate, len(found))
	for _, c := range found {
		byCode[c.Code] = c
	}
	for _, code := range []string{placed, typed} {
		if _, known := byCode[code]; code != "" && !known {
			return Given{}, fault.Invalid("agent_code", "agent_unknown")
		}
	}
	switch {
	case placed != "":
		return a.judge(byCode[placed], Placed, tx.Now), nil
	case typed != "":
		return a.judge(byCode[typed], Code, tx.Now), nil
	}
	if c, known := byCode[link]; known {
		return a.judge(c, Link, tx.Now), nil
	}
	return Given{}, nil
}

// judge is the decision about one agent.
func (a Ask) judge(c candidate, way string, now time.Time) Given {
	g := Given{AgentID: c.ID, PayeeID: c.Payee, Way: way}
	switch {
	case c.Person == a.Buyer && a.Buyer != id.None, samePhone(c.Phone, a.Phone):
		g.Refused = SelfDealing
	case c.State != "active":
		g.Refused = Inactive
	case way == Link && now.Sub(a.LinkAt) > Window:
		g.Refused = Expired
	}
	return g
}

// Record queues the decision for each line of a sale, refused ones too; nothing
// for the zero decision. A line's role is decided once: a second record of the
// same sale fails on the primary key.
func Record(tx *storage.Tx, sale id.ID, lines []int, g Given) {
	if g.AgentID == id.None || len(lines) == 0 {
		return
	}
	numbers := make([]int64, len(lines))
	for i, n := range lines {
		numbers[i] = int64(n)
	}
	tx.Queue(`INSERT INTO attributions (market_id, sale_id, line_no, role, agent_id, way, refused, created_at)
SELECT $1::int, $2::uuid, n, 'selling', $4::uuid, $5::text, $6::text, $7::timestamptz FROM unnest($3::int[]) AS n`,
		tx.Market, sale, pq.Array(numbers), g.AgentID, g.Way, g.Refused, tx.Now)
}

// Refuse takes a sale from its agent afterwards, with its reason: what is known
// now was not known when it was decided. Calling it twice is calling it once.
func Refuse(tx *storage.Tx, sale id.ID, why string) error {
	if err := tx.Apart("attribution:" + sale.String()); err != nil {
		return err
	}
	tx.Queue(`UPDATE attributions SET refused = $3 WHERE market_id = $1 AND sale_id = $2 AND role = 'selling' AND refused = ''`, tx.Market, sale, why)
	return nil
}

// tidy writes a code as it is stored.
func tidy(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }

// samePhone compares digits from the right, so that a number matches itself
// with or without its country code.
func samePhone(a, b string) bool {
	a, b = digits(a), digits(b)
	if len(a) < 8 || len(b) < 8 {
		return false
	}
	return strings.HasSuffix(a, b) || strings.HasSuffix(b, a)
}

func digits(s string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s), "0")
}
