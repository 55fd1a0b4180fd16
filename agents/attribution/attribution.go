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

	"commonfield/agents"
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

// Decide names the agent of a sale, and none when no code was given. It refuses a
// code that was typed and that nobody has (fault.Invalid agent_unknown); an
// unknown code in a link is no agent, because the buyer did not type it. It writes
// nothing, and reads nothing for an agent who has sold in the last seconds.
func Decide(tx *storage.Tx, a Ask) (Given, error) {
	placed, typed, link := tidy(a.PlacedBy), tidy(a.Code), tidy(a.Link)
	var given Given
	for _, way := range []struct{ name, code string }{{Placed, placed}, {Code, typed}, {Link, link}} {
		if way.code == "" || way.name == Link && given.AgentID != id.None {
			continue
		}
		c, err := agents.OfCode(tx, way.code)
		switch {
		case fault.Has(err, "agent_unknown") && way.name == Link:
		case fault.Has(err, "agent_unknown"):
			return Given{}, fault.Invalid("agent_code", "agent_unknown")
		case err != nil:
			return Given{}, err
		case given.AgentID == id.None:
			given = a.judge(c, way.name, tx.Now)
		}
	}
	return given, nil
}

// judge is the decision about one agent.
func (a Ask) judge(c agents.Named, way string, now time.Time) Given {
	g := Given{AgentID: c.ID, PayeeID: c.Payee, Way: way}
	switch {
	case c.Person == a.Buyer && a.Buyer != id.None, samePhone(c.Phone, a.Phone):
		g.Refused = SelfDealing
	case c.State != agents.Active:
		g.Refused = Inactive
	case way == Link && now.Sub(a.LinkAt) > Window:
		g.Refused = Expired
	}
	return g
}

// Line is one line of a sale.
type Line struct {
	Sale id.ID
	No   int
}

// Record queues the decision for each line of the sales of a basket, refused ones
// too; nothing for the zero decision. A line's role is decided once: a second
// record of the same sale fails on the primary key.
func Record(tx *storage.Tx, g Given, lines ...Line) {
	if g.AgentID == id.None || len(lines) == 0 {
		return
	}
	sales, numbers := make([]id.ID, len(lines)), make([]int64, len(lines))
	for i, l := range lines {
		sales[i], numbers[i] = l.Sale, int64(l.No)
	}
	tx.Queue(`INSERT INTO attributions (market_id, sale_id, line_no, role, agent_id, way, refused, created_at)
SELECT $1::int, l.sale, l.no, 'selling', $4::uuid, $5::text, $6::text, $7::timestamptz FROM unnest($2::uuid[], $3::int[]) AS l (sale, no)`,
		tx.Market, pq.Array(sales), pq.Array(numbers), g.AgentID, g.Way, g.Refused, tx.Now)
}

// Refuse takes a sale from its agent afterwards, with its reason: what is known
// now was not known when it was decided. Calling it twice is calling it once.
func Refuse(tx *storage.Tx, sale id.ID, why string) {
	tx.Queue(`UPDATE attributions SET refused = $3 WHERE market_id = $1 AND sale_id = $2 AND role = 'selling' AND refused = ''`, tx.Market, sale, why)
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
