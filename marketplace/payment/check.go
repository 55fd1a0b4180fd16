package payment

import (
	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are this room's part of the audit: what was given back is never more
// than what came (money.md, check 3) and left by the way it came, and what the
// gateways keep is in the books.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "payment: what was paid to other markets is in the books", Run: squaredAsPosted},
		{Name: "payment: refunds within what was captured", Run: within},
		{Name: "payment: refunds leave by the way their money came", Run: byTheirWay},
		{Name: "payment: what the gateways keep is in the books", Run: kept},
		{Name: "payment: what other markets bear of a gateway's keep is in the books", Run: borne},
		{Name: "payment: what a bank has taken is in the books", Run: disputed},
		{Name: "payment: a promise is taken once, and not before it is called in", Run: promisesOnce},
	}
}

// within: refunds that did not fail and lost chargebacks are no more than what
// came and what was written down as lost beyond it.
func within(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM payments WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'refunded_over', 'reference', p.reference, 'refunded_minor', coalesce(r.total, 0), 'back_minor', coalesce(c.total, 0), 'captured_minor', p.captured_minor, 'excess_minor', coalesce(c.excess, 0))
		FROM payments p
		LEFT JOIN (SELECT payment_id, sum(amount_minor) AS total FROM refunds WHERE market_id = $1 AND state <> 'failed' GROUP BY payment_id) r ON r.payment_id = p.id
		LEFT JOIN (SELECT payment_id, sum(amount_minor) AS total, sum(excess_minor) AS excess FROM chargebacks WHERE market_id = $1 AND state = 'lost' GROUP BY payment_id) c ON c.payment_id = p.id
		WHERE p.market_id = $1 AND coalesce(r.total, 0) + coalesce(c.total, 0) > p.captured_minor + coalesce(c.excess, 0) ORDER BY 1 LIMIT 100`)
}

// disputed: what lies at the gateway as disputed is the sum of the open chargebacks,
// and what the gateway has taken for each is its cost.
func disputed(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM chargebacks WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'disputed_differs', 'books_minor', l.total, 'open_minor', c.total) FROM
			(SELECT coalesce(sum(CASE WHEN debit = 'gateway:disputed' THEN amount_minor ELSE -amount_minor END), 0) AS total FROM ledger_postings
				WHERE market_id = $1 AND (debit = 'gateway:disputed' OR credit = 'gateway:disputed')) l,
			(SELECT coalesce(sum(amount_minor), 0) AS total FROM chargebacks WHERE market_id = $1 AND state = 'open') c WHERE l.total <> c.total
		UNION ALL
		SELECT jsonb_build_object('say', 'chargeback_fee', 'fee_minor', c.fee_minor, 'books_minor', coalesce(l.total, 0), 'key', c.object) FROM chargebacks c
		LEFT JOIN (SELECT e.cause, sum(p.amount_minor) AS total FROM ledger_entries e JOIN ledger_postings p ON p.market_id = $1 AND p.entry_id = e.id AND p.debit = 'cost:chargeback'
			WHERE e.market_id = $1 AND e.cause LIKE 'chargeback:%:opened' GROUP BY e.cause) l ON l.cause = 'chargeback:' || c.id || ':opened'
		WHERE c.market_id = $1 AND coalesce(l.total, 0) <> c.fee_minor`)
}

// byTheirWay: a refund leaves by the way its payment came, also another market's, and
// what comes back of it afterwards comes by the same; except one that failed, and that
// an operator sends by transfer.
func byTheirWay(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM refunds WHERE market_id = $1 AND state <> 'asked'",
		`WITH moved AS (
			SELECT split_part(e.cause, ':', 2) AS refund, w.account FROM ledger_entries e JOIN ledger_postings l ON l.market_id = $1 AND l.entry_id = e.id
			CROSS JOIN LATERAL (VALUES (l.debit), (l.credit)) AS w (account)
			WHERE e.market_id = $1 AND e.cause LIKE 'refund:%' AND w.account IN ('bank:operating', 'gateway:available')
		)
		SELECT jsonb_build_object('say', 'refund_elsewhere', 'reference', p.reference, 'account', m.account, 'key', r.id || ' ' || p.gateway)
		FROM refunds r JOIN payments p ON p.market_id = r.market_id AND p.id = r.payment_id
		JOIN moved m ON m.refund = coalesce(r.for_refund, r.id)::text
		WHERE r.market_id = $1 AND (m.account = 'bank:operating') <> (r.by_transfer OR p.gateway IN ('bank', 'cash'))
		UNION ALL
		SELECT jsonb_build_object('say', 'refund_by_transfer', 'amount_minor', r.amount_minor, 'key', r.id) FROM refunds r
		WHERE r.market_id = $1 AND r.by_transfer AND NOT EXISTS (SELECT 1 FROM refunds f WHERE f.market_id = $1 AND f.state = 'failed' AND r.cause = 'again:' || f.id AND f.amount_minor = r.amount_minor) ORDER BY 1 LIMIT 100`)
}

// kept holds what the gateway of each payment at home keeps, less what other
// markets bear of it, against the home market's cost, and what it has made available
// against what it does not keep.
func kept(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM payments WHERE market_id = $1 AND home_market = $1",
		`WITH cost AS (
			SELECT split_part(e.cause, ':', 2) AS payment, sum(CASE p.debit WHEN 'cost:gateway' THEN p.amount_minor ELSE -p.amount_minor END) AS total
			FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
			WHERE p.market_id = $1 AND (p.debit = 'cost:gateway' OR p.credit = 'cost:gateway') AND e.cause LIKE 'payment:%' GROUP BY 1
		)
		SELECT jsonb_build_object('say', 'kept_differs', 'reference', p.reference, 'fee_minor', p.fee_minor, 'others_minor', coalesce(s.total, 0), 'books_minor', coalesce(c.total, 0))
		FROM payments p LEFT JOIN cost c ON c.payment = p.id::text
		LEFT JOIN (SELECT payment_id, sum(fee_minor) AS total FROM payment_shares WHERE market_id = $1 GROUP BY payment_id) s ON s.payment_id = p.id
		WHERE p.market_id = $1 AND p.home_market = $1 AND coalesce(c.total, 0) <> p.fee_minor - coalesce(s.total, 0)
		UNION ALL
		SELECT jsonb_build_object('say', 'usable_differs', 'reference', p.reference, 'left_minor', p.captured_minor - p.fee_minor, 'usable_minor', l.amount_minor)
		FROM payments p JOIN ledger_entries e ON e.market_id = $1 AND e.cause = 'payment:' || p.id || ':usable' JOIN ledger_postings l ON l.market_id = $1 AND l.entry_id = e.id
		LEFT JOIN (SELECT split_part(e.cause, ':', 2) AS payment, sum(CASE p.credit WHEN 'gateway:available' THEN p.amount_minor ELSE -p.amount_minor END) AS total FROM ledger_postings p
			JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id WHERE p.market_id = $1 AND e.cause LIKE 'payment:%:kept:%' GROUP BY 1) k ON k.payment = p.id::text
		WHERE p.market_id = $1 AND l.amount_minor - coalesce(k.total, 0) <> p.captured_minor - p.fee_minor AND p.home_market = $1 ORDER BY 1 LIMIT 100`)
}

// borne holds what each market bears of what a gateway keeps against both books: at
// home what it owes for it, in the other market its cost.
func borne(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM payments WHERE market_id = $1 AND (home_market <> $1 OR shares > 0)",
		`WITH legs AS (
			SELECT split_part(e.cause, ':', 2) AS payment, p.debit, p.credit, p.amount_minor FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
			WHERE p.market_id = $1 AND e.cause LIKE 'payment:%'
		), owed AS (
			SELECT payment, CASE WHEN debit LIKE 'intermarket:%' THEN debit ELSE credit END AS other, sum(CASE WHEN debit LIKE 'intermarket:%' THEN amount_minor ELSE -amount_minor END) AS total FROM legs
			WHERE debit LIKE 'intermarket:%' AND (credit LIKE 'gateway:%' OR credit = 'cost:gateway') OR credit LIKE 'intermarket:%' AND (debit LIKE 'gateway:%' OR debit = 'cost:gateway') GROUP BY 1, 2
		), cost AS (
			SELECT payment, sum(CASE debit WHEN 'cost:gateway' THEN amount_minor ELSE -amount_minor END) AS total FROM legs WHERE debit = 'cost:gateway' OR credit = 'cost:gateway' GROUP BY 1
		)
		SELECT jsonb_build_object('say', 'share_differs', 'other', s.of_market, 'fee_minor', s.fee_minor, 'books_minor', coalesce(o.total, 0), 'key', s.payment_id)
		FROM payment_shares s LEFT JOIN owed o ON o.payment = s.payment_id::text AND o.other = 'intermarket:' || s.of_market
		WHERE s.market_id = $1 AND s.fee_minor <> coalesce(o.total, 0)
		UNION ALL
		SELECT jsonb_build_object('say', 'borne_differs', 'reference', p.reference, 'fee_minor', p.fee_minor, 'books_minor', coalesce(c.total, 0))
		FROM payments p LEFT JOIN cost c ON c.payment = p.id::text
		WHERE p.market_id = $1 AND p.home_market <> $1 AND p.fee_minor <> coalesce(c.total, 0)
		UNION ALL
		SELECT jsonb_build_object('say', 'gateway_elsewhere', 'reference', p.reference) FROM legs l JOIN payments p ON p.market_id = $1 AND p.id::text = l.payment
		WHERE p.home_market <> $1 AND (l.debit LIKE 'gateway:%' OR l.credit LIKE 'gateway:%') LIMIT 100`)
}

// promisesOnce: nothing is taken of a promise before it is called in, nor more than
// was promised; and what is promised has something saved that it can be taken by.
func promisesOnce(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM payments WHERE market_id = $1 AND promise <> ''",
		`SELECT jsonb_build_object('say', 'promise_over', 'reference', p.reference, 'captured_minor', p.captured_minor, 'due_minor', p.due_minor, 'key', p.promise)
		FROM payments p WHERE p.market_id = $1 AND p.promise <> '' AND p.captured_minor > CASE WHEN p.promise IN ('asked', 'saved') THEN 0 ELSE p.due_minor END
		UNION ALL
		SELECT jsonb_build_object('say', 'promise_unsaved', 'reference', p.reference, 'key', p.promise) FROM payments p
		LEFT JOIN payment_promises s ON s.market_id = p.market_id AND s.payment_id = p.id
		WHERE p.market_id = $1 AND p.promise IN ('saved', 'called', 'refused') AND (s.payment_id IS NULL OR p.state = 'open' AND s.saved = '') ORDER BY 1 LIMIT 100`)
}
