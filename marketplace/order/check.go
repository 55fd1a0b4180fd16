package order

import (
	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are this room's part of the audit (money.md, checks 1, 2, 8 and 12).
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "order: what is held is what the lines and charges leave", Run: heldAsLeft},
		{Name: "order: the total is what lines and charges came to", Run: totalAsPlaced},
		{Name: "order: every state has its history", Run: stateHasHistory},
		{Name: "order: every capture is in the books", Run: captureInBooks},
		{Name: "order: cash that was taken delivered its order and is in the books", Run: cashInBooks},
		{Name: "order: every refund is in the books", Run: refundInBooks},
		{Name: "order: fee and tax are what released lines and charges leave", Run: feeAndTax},
		{Name: "order: what went to accounts is what released orders leave them", Run: accountsAsLeft},
		{Name: "order: what is covered was given no more than it leaves", Run: coveredAsGiven},
		{Name: "order: nobody earns from what they buy themselves", Run: noSelfDealing},
		{Name: "order: what a chargeback has stopped is in the reserve", Run: reserved},
		{Name: "order: what is promised waits for its money", Run: promisesWait},
		{Name: "order: rows that point up have their order", Run: noOrphans},
	}
}

func heldAsLeft(tx *storage.Tx) (int64, []audit.Values, error) {
	var n int64
	var wrong []audit.Values
	err := tx.Each(`SELECT o.number, o.state, o.released_at IS NOT NULL OR o.covered_by IS NOT NULL OR k.order_id IS NOT NULL, l.total + coalesce(c.total, 0), coalesce(h.balance_minor, 0) + coalesce(b.held, 0)
		FROM orders o
		JOIN (SELECT market_id, order_id, sum(total_minor) AS total FROM order_lines WHERE market_id = $1 GROUP BY market_id, order_id) l ON l.market_id = o.market_id AND l.order_id = o.id
		LEFT JOIN (SELECT market_id, order_id, sum(amount_minor - market_minor) AS total FROM order_charges WHERE market_id = $1 GROUP BY market_id, order_id) c ON c.market_id = o.market_id AND c.order_id = o.id
		LEFT JOIN ledger_balances h ON h.market_id = o.market_id AND h.account = 'held:order:' || o.id::text
		LEFT JOIN (SELECT order_id, sum(held_minor) AS held FROM chargeback_orders WHERE market_id = $1 AND ended_at IS NULL GROUP BY order_id) b ON b.order_id = o.id
		LEFT JOIN collections k ON k.market_id = o.market_id AND k.order_id = o.id AND k.taken_at IS NULL
		WHERE o.market_id = $1`, []any{tx.Market}, func(scan func(...any) error) error {
		var number string
		var state State
		var elsewhere bool // with its owners, with what covers it, or with its buyer still
		var left, held int64
		if err := scan(&number, &state, &elsewhere, &left, &held); err != nil {
			return err
		}
		n++
		want := left
		if elsewhere || state.Waits() || state.dead() { // a dead one was never paid, or all went back
			want = 0
		}
		if held != want {
			wrong = append(wrong, audit.Values{"say": "held_differs", "number": number, "state": string(state), "held_minor": held, "expected_minor": want})
		}
		return nil
	})
	return n, wrong, err
}

func totalAsPlaced(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM orders WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'total_differs', 'number', o.number, 'total_minor', o.total_minor, 'lines_minor', l.total + coalesce(c.total, 0))
		FROM orders o
		JOIN (SELECT market_id, order_id, sum(total_minor) AS total FROM order_lines WHERE market_id = $1 GROUP BY market_id, order_id) l ON l.market_id = o.market_id AND l.order_id = o.id
		LEFT JOIN (SELECT market_id, order_id, sum(amount_minor) AS total FROM order_charges WHERE market_id = $1 AND source LIKE 'place:%' GROUP BY market_id, order_id) c ON c.market_id = o.market_id AND c.order_id = o.id
		WHERE o.market_id = $1 AND o.total_minor <> l.total + coalesce(c.total, 0) ORDER BY 1 LIMIT 100`)
}

// reserved: of each chargeback what was held and is stopped lies in its reserve.
func reserved(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM chargeback_orders WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'stopped_differs', 'held_minor', c.held, 'reserve_minor', coalesce(b.balance_minor, 0), 'key', c.chargeback_id)
		FROM (SELECT chargeback_id, coalesce(sum(held_minor) FILTER (WHERE ended_at IS NULL), 0) AS held FROM chargeback_orders WHERE market_id = $1 GROUP BY chargeback_id) c
		LEFT JOIN ledger_balances b ON b.market_id = $1 AND b.account = 'reserve:chargeback:' || c.chargeback_id::text
		WHERE c.held <> coalesce(b.balance_minor, 0) ORDER BY 1 LIMIT 100`)
}

func stateHasHistory(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM orders WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'history_differs', 'number', o.number, 'state', o.state, 'key', coalesce(h.to_state, '')) -- what its history ends with
		FROM orders o LEFT JOIN LATERAL (SELECT to_state FROM order_history h WHERE h.market_id = o.market_id AND h.order_id = o.id ORDER BY h.id DESC LIMIT 1) h ON true
		WHERE o.market_id = $1 AND h.to_state IS DISTINCT FROM o.state ORDER BY 1 LIMIT 100`)
}

func captureInBooks(tx *storage.Tx) (int64, []audit.Values, error) {
	// Everything a payment captured was credited to its orders or to its unclaimed
	// account, from where the shares of other markets go on. Each table is read once:
	// payment by payment it would take hours for a year of them.
	return audit.Found(tx, "SELECT count(*) FROM payments WHERE market_id = $1 AND captured_minor > 0",
		`WITH came AS (
			SELECT credit, amount_minor FROM ledger_postings
			WHERE market_id = $1 AND (debit LIKE 'gateway:%' OR debit LIKE 'bank:%' OR debit LIKE 'cash:%' OR debit LIKE 'intermarket:%')
		), booked AS (
			SELECT payment_id, sum(amount_minor) AS total FROM (
				SELECT p.id AS payment_id, c.amount_minor FROM came c
				JOIN orders o ON o.market_id = $1 AND 'held:order:' || o.id::text = c.credit
				JOIN payments p ON p.market_id = $1 AND p.sale_id = o.basket_id
				UNION ALL
				SELECT p.id, c.amount_minor FROM came c JOIN payments p ON p.market_id = $1 AND 'unclaimed:' || p.id::text = c.credit
			) parts GROUP BY payment_id
		)
		SELECT jsonb_build_object('say', 'capture_differs', 'reference', p.reference, 'captured_minor', p.captured_minor, 'books_minor', coalesce(b.total, 0))
		FROM payments p LEFT JOIN booked b ON b.payment_id = p.id
		WHERE p.market_id = $1 AND p.captured_minor > 0 AND p.captured_minor IS DISTINCT FROM coalesce(b.total, 0) ORDER BY 1 LIMIT 100`)
}

// cashInBooks: what is paid on delivery is delivered by its money alone, and what was
// taken lies with the hand that was to take it; a payment is open as long as one of
// its orders waits for its cash.
func cashInBooks(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM collections WHERE market_id = $1",
		`WITH came AS (
			SELECT l.debit, l.credit, l.amount_minor FROM ledger_postings l WHERE l.market_id = $1 AND l.debit LIKE 'cash:%' AND l.credit LIKE 'held:order:%'
		)
		SELECT jsonb_build_object('say', 'cash_differs', 'number', o.number, 'state', o.state, 'taken_minor', coalesce(c.taken_minor, 0), 'books_minor', coalesce(b.amount_minor, 0))
		FROM collections c JOIN orders o ON o.market_id = c.market_id AND o.id = c.order_id
		JOIN payees p ON p.market_id = c.market_id AND p.id = c.hand_id
		LEFT JOIN came b ON b.credit = 'held:order:' || o.id AND b.debit = 'cash:' || p.kind || ':' || p.id
		WHERE c.market_id = $1 AND (coalesce(c.taken_minor, 0) <> coalesce(b.amount_minor, 0) OR (c.taken_at IS NOT NULL) <> (o.state IN ('delivered', 'completed')))
		UNION ALL
		SELECT jsonb_build_object('say', 'cash_astray', 'amount_minor', b.amount_minor, 'key', b.credit) FROM came b
		WHERE NOT EXISTS (SELECT 1 FROM collections c WHERE c.market_id = $1 AND 'held:order:' || c.order_id = b.credit)
		UNION ALL
		SELECT jsonb_build_object('say', 'cash_uncollected', 'number', o.number) FROM orders o JOIN baskets b ON b.market_id = o.market_id AND b.id = o.basket_id
		WHERE o.market_id = $1 AND b.way = 'cash' AND NOT EXISTS (SELECT 1 FROM collections c WHERE c.market_id = o.market_id AND c.order_id = o.id)
		UNION ALL
		SELECT jsonb_build_object('say', 'cash_open', 'reference', y.reference, 'captured_minor', y.captured_minor, 'count', coalesce(w.n, 0), 'key', y.state)
		FROM payments y LEFT JOIN (SELECT o.basket_id, count(*) AS n FROM collections c JOIN orders o ON o.market_id = c.market_id AND o.id = c.order_id
			WHERE c.market_id = $1 AND c.taken_at IS NULL AND o.state IN ('secured', 'accepted', 'packed', 'shipped') GROUP BY o.basket_id) w ON w.basket_id = y.sale_id
		WHERE y.market_id = $1 AND y.gateway = 'cash' AND y.state <> CASE WHEN w.n > 0 THEN 'open' WHEN y.captured_minor > 0 THEN 'captured' ELSE 'closed' END LIMIT 100`)
}

func refundInBooks(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM refunds WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'refund_differs', 'asked_minor', r.amount_minor, 'taken_minor', coalesce(i.total, 0), 'given_minor', coalesce(g.total, 0), 'key', r.id || ' ' || r.state)
		FROM refunds r
		LEFT JOIN LATERAL (SELECT sum(amount_minor) AS total FROM ledger_postings l WHERE l.market_id = r.market_id AND l.credit = 'transit:refund:' || r.id::text) i ON true
		LEFT JOIN LATERAL (SELECT sum(amount_minor) AS total FROM ledger_postings l WHERE l.market_id = r.market_id AND l.debit = 'transit:refund:' || r.id::text) g ON true
		WHERE r.market_id = $1 AND r.for_market IS NULL AND (coalesce(i.total, 0) <> r.amount_minor OR coalesce(g.total, 0) <> CASE WHEN r.state = 'asked' THEN 0 ELSE r.amount_minor END)
		UNION ALL
		SELECT jsonb_build_object('say', 'refund_lost', 'asked_minor', r.amount_minor, 'waits_minor', coalesce(u.total, 0), 'key', r.id)
		FROM refunds r
		LEFT JOIN LATERAL (SELECT sum(amount_minor) AS total FROM ledger_postings l WHERE l.market_id = r.market_id AND l.credit = 'unclaimed:' || r.id::text) u ON true
		WHERE r.market_id = $1 AND r.for_market IS NULL AND r.state = 'failed' AND coalesce(u.total, 0) <> r.amount_minor ORDER BY 1 LIMIT 100`)
}

func noOrphans(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM commissions WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'orphan_commission', 'key', c.sale_id) FROM commissions c
			WHERE c.market_id = $1 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.market_id = c.market_id AND o.id = c.sale_id)
		UNION ALL SELECT jsonb_build_object('say', 'orphan_payable', 'key', c.sale_id) FROM payables c
			WHERE c.market_id = $1 AND c.sale_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.market_id = c.market_id AND o.id = c.sale_id)
		UNION ALL SELECT jsonb_build_object('say', 'orphan_attribution', 'key', c.sale_id) FROM attributions c
			WHERE c.market_id = $1 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.market_id = c.market_id AND o.id = c.sale_id) LIMIT 100`)
}

// noSelfDealing: whose agent is its buyer has given up what they earned.
func noSelfDealing(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM orders WHERE market_id = $1 AND agent_id IS NOT NULL",
		`SELECT jsonb_build_object('say', 'bought_by_agent', 'number', o.number) FROM orders o JOIN agents a ON a.id = o.agent_id
		WHERE o.market_id = $1 AND a.person_id = o.buyer_id ORDER BY 1 LIMIT 100`)
}

// promisesWait: an order is promised exactly as long as what was saved for it may
// still bring its money; what is odd is ended by its own job.
func promisesWait(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM orders WHERE market_id = $1 AND state = 'promised'",
		`SELECT jsonb_build_object('say', 'promise_apart', 'number', o.number, 'state', o.state, 'key', p.state || ' ' || p.promise) FROM payments p
		JOIN orders o ON o.market_id = p.market_id AND o.basket_id = p.sale_id
		WHERE p.market_id = $1 AND (o.state = 'promised') <> (p.state = 'open' AND p.promise IN ('saved', 'called', 'refused'))
			AND NOT EXISTS (SELECT 1 FROM payment_oddities x WHERE x.market_id = p.market_id AND x.payment_id = p.id) ORDER BY 1 LIMIT 100`)
}
