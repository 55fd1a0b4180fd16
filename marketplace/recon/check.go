package recon

import (
	"slices"
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/ledger"
)

// Postings are how this room posts by itself (docs/money.md), for the audit; what a
// line is of an order, a payment or a chargeback is posted by their rooms.
func Postings() []ledger.Rule {
	return slices.Concat(
		ledger.Move("recon:*:fee", "cost:gateway / gateway:available", "gateway:available / cost:gateway"),
		// The keeper's side, then another market's.
		ledger.Move("recon:*:payout", "bank:operating / gateway:available", "bank:operating / intermarket", "intermarket / gateway:available"),
		ledger.Move("recon:*:payout_back", "gateway:available / bank:operating"),
		ledger.Move("recon:*:recon", "gateway:available / recon", "recon / gateway:available"),
		ledger.Move("recon:*:explained", "recon / cost:gateway", "cost:gateway / recon", "recon / bank:operating", "bank:operating / recon", "recon / own:capital", "own:capital / recon"),
	)
}

// Checks are what must hold of the lines.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "recon: what a line moves is in the books", Run: posted},
		{Name: "recon: every line that was booked has its entry", Run: booked},
		{Name: "recon: what lines say is on the account that they say", Run: placed},
	}
}

// posted: each posting of this room moves the gateway's balance, or recon, by what
// its line says; nothing else is posted in its name.
func posted(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM gateway_shares WHERE market_id = $1",
		`WITH moved AS (
			SELECT e.cause, sum(CASE WHEN p.debit = 'gateway:available' THEN p.amount_minor WHEN p.credit = 'gateway:available' THEN -p.amount_minor ELSE 0 END) AS balance,
				sum(CASE WHEN p.debit = 'recon' THEN p.amount_minor WHEN p.credit = 'recon' THEN -p.amount_minor ELSE 0 END) AS recon
			FROM ledger_entries e JOIN ledger_postings p ON p.market_id = e.market_id AND p.entry_id = e.id
			WHERE e.market_id = $1 AND e.cause LIKE 'recon:%' GROUP BY e.cause
		), shares AS (
			SELECT 'recon:' || line_id || ':' || deed AS cause, amount_minor, deed FROM gateway_shares WHERE market_id = $1
		)
		SELECT jsonb_build_object('say', 'movement_differs', 'line_minor', coalesce(s.amount_minor, 0), 'books_minor', coalesce(CASE WHEN s.deed = 'explained' THEN m.recon ELSE m.balance END, 0), 'key', coalesce(s.cause, m.cause))
		FROM shares s FULL JOIN moved m ON m.cause = s.cause
		WHERE s.cause IS NULL OR s.amount_minor <> coalesce(CASE WHEN s.deed = 'explained' THEN m.recon ELSE m.balance END, 0) ORDER BY 1 LIMIT 100`)
}

// booked: what a line was found to be is posted, and the shares of a payout and of a
// difference come to the line.
func booked(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM gateway_lines WHERE market_id = $1 AND state IN ('done', 'differs')",
		`SELECT jsonb_build_object('say', 'movement_unbooked', 'reference', l.reference, 'gateway_deed', l.deed) FROM gateway_lines l
		WHERE l.market_id = $1 AND (l.state = 'differs' OR l.state = 'done' AND (l.deed IN ('payout', 'payout_back') OR l.recon_minor <> 0))
			AND NOT EXISTS (SELECT 1 FROM ledger_causes c WHERE c.market_id = $1 AND c.cause = 'recon:' || l.id || ':' || CASE WHEN l.recon_minor <> 0 THEN 'recon' ELSE l.deed END)
		UNION ALL
		SELECT jsonb_build_object('say', 'movement_recon', 'reference', l.reference, 'recon_minor', l.recon_minor, 'noted_minor', s.amount_minor) FROM gateway_lines l
		JOIN gateway_shares s ON s.market_id = $1 AND s.line_id = l.id AND s.deed = 'recon' WHERE l.market_id = $1 AND l.recon_minor <> s.amount_minor LIMIT 100`)
}

// placed: a payout reached the bank where its line is, and nowhere else; what was
// explained lies where the person has said.
func placed(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM gateway_shares WHERE market_id = $1 AND deed IN ('payout', 'explained')",
		`WITH legs AS (
			SELECT split_part(e.cause, ':', 2) AS line, split_part(e.cause, ':', 3) AS deed, p.debit, p.credit, p.amount_minor FROM ledger_postings p
			JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id WHERE p.market_id = $1 AND e.cause LIKE 'recon:%'
		), bank AS (
			SELECT line, sum(CASE WHEN debit = 'bank:operating' THEN amount_minor WHEN credit = 'bank:operating' THEN -amount_minor ELSE 0 END) AS total FROM legs WHERE deed = 'payout' GROUP BY line
		)
		SELECT jsonb_build_object('say', 'movement_bank', 'paid_minor', coalesce(l.fee_minor - l.amount_minor, 0), 'books_minor', b.total, 'key', b.line)
		FROM bank b LEFT JOIN gateway_lines l ON l.market_id = $1 AND l.id::text = b.line WHERE b.total <> coalesce(l.fee_minor - l.amount_minor, 0)
		UNION ALL
		SELECT jsonb_build_object('say', 'movement_placed', 'reference', l.reference, 'gateway_deed', l.deed, 'account', CASE x.debit WHEN 'recon' THEN x.credit ELSE x.debit END)
		FROM legs x JOIN gateway_lines l ON l.market_id = $1 AND l.id::text = x.line
		WHERE x.deed = 'explained' AND CASE x.debit WHEN 'recon' THEN x.credit ELSE x.debit END <> CASE l.deed WHEN 'fee' THEN 'cost:gateway' WHEN 'bank' THEN 'bank:operating' ELSE 'own:capital' END LIMIT 100`)
}

// silent is how long a balance may not be read before somebody should know.
const silent = 50 * time.Hour

// Alarms are what a person should look at.
func Alarms() []audit.Alarm {
	alarm := func(name, query string, args func(*storage.Tx) []any) audit.Alarm {
		return audit.Alarm{Name: name, Run: func(tx *storage.Tx) ([]audit.Values, error) {
			return audit.Hear(tx, query, append([]any{tx.Market}, args(tx)...)...)
		}}
	}
	none := func(*storage.Tx) []any { return nil }
	return []audit.Alarm{
		alarm("recon: a movement at the gateway waits for somebody",
			`SELECT kind AS movement, object, amount_minor - fee_minor AS sum_minor, currency AS sum_in FROM gateway_lines WHERE market_id = $1 AND state = 'waits' ORDER BY id LIMIT 100`, none),
		alarm("recon: a difference that nobody has explained",
			`SELECT kind AS movement, reference, recon_minor FROM gateway_lines WHERE market_id = $1 AND state = 'differs' ORDER BY id LIMIT 100`, none),
		alarm("recon: the gateway's balance was not read for two days",
			`SELECT gateway, max(began_at) AS read_at FROM gateway_runs WHERE market_id = $1 AND ended_at IS NOT NULL GROUP BY gateway HAVING max(began_at) < $2`,
			func(tx *storage.Tx) []any { return []any{tx.Now.Add(-silent)} }),
		alarm("recon: in the books, and not at the gateway",
			`SELECT p.reference, p.captured_minor, p.captured_at FROM payments p
			WHERE p.market_id = $1 AND p.home_market = $1 AND p.captured_minor > 0 AND p.captured_at < $2
				AND p.captured_at > (SELECT min(g.moved_at) FROM gateway_lines g WHERE g.market_id = $1 AND g.gateway = p.gateway)
				AND NOT EXISTS (SELECT 1 FROM gateway_lines g WHERE g.market_id = $1 AND g.kind = 'charge' AND g.payment_id = p.id) ORDER BY p.id LIMIT 100`,
			func(tx *storage.Tx) []any { return []any{tx.Now.Add(-grace)} }),
	}
}
