package paper

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/audit"
)

// Checks are this room's part of the audit.
func Checks() []audit.Check {
	return []audit.Check{
		{Name: "paper: numbers run without a gap", Run: gapless},
		{Name: "paper: each is worth what its order or refund says", Run: worth},
		{Name: "paper: credit notes are the refunds", Run: credits},
	}
}

// Alarms tell of papers that should be there.
func Alarms() []audit.Alarm {
	return []audit.Alarm{{Name: "papers not issued for an hour", Run: late}}
}

func gapless(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM papers WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'series_gap', 'paper_kind', coalesce(s.kind, p.kind), 'count', coalesce(p.n, 0), 'low', coalesce(p.low, 0), 'high', coalesce(p.high, 0), 'last', coalesce(s.last, 0))
		FROM (SELECT kind, last FROM paper_series WHERE market_id = $1) s
		FULL JOIN (SELECT kind, count(*) AS n, min(no) AS low, max(no) AS high FROM papers WHERE market_id = $1 GROUP BY kind) p ON p.kind = s.kind
		WHERE coalesce(p.n, 0) <> coalesce(s.last, 0) OR coalesce(p.high, 0) <> coalesce(s.last, 0) OR coalesce(p.low, 1) <> 1 ORDER BY 1`)
}

// worth: receipts and statements of sale are the order's lines and the charges that
// they take in; a credit note is what the charges of its deed took.
func worth(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM papers WHERE market_id = $1",
		`SELECT jsonb_build_object('say', 'paper_differs', 'paper_kind', p.kind, 'no', p.no, 'amount_minor', p.amount_minor, 'order_minor', coalesce(w.sum, 0))
		FROM papers p CROSS JOIN LATERAL (SELECT CASE p.kind WHEN 'credit'
			THEN -coalesce((SELECT sum(amount_minor) FROM order_charges c WHERE c.market_id = p.market_id AND c.order_id = p.order_id AND c.source = p.source), 0)
			ELSE (SELECT sum(total_minor) FROM order_lines l WHERE l.market_id = p.market_id AND l.order_id = p.order_id)
				+ coalesce((SELECT sum(amount_minor) FROM order_charges c WHERE c.market_id = p.market_id AND c.order_id = p.order_id AND c.charge_no <= p.charges), 0) END AS sum) w
		WHERE p.market_id = $1 AND p.amount_minor IS DISTINCT FROM w.sum ORDER BY 1 LIMIT 100`)
}

// credits: a refund that an order asked for and the note of the same deed are of the
// same sum. Where cash went back at the door, there is a note without a refund.
func credits(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM papers WHERE market_id = $1 AND kind = 'credit'",
		`SELECT jsonb_build_object('say', 'credit_differs', 'no', p.no, 'amount_minor', p.amount_minor, 'refund_minor', r.amount_minor)
		FROM papers p JOIN refunds r ON r.market_id = p.market_id AND r.cause = 'order:' || p.order_id::text || ':' || p.source
		WHERE p.market_id = $1 AND p.kind = 'credit' AND (r.amount_minor <> p.amount_minor OR p.refund_id IS DISTINCT FROM r.id) ORDER BY 1 LIMIT 100`)
}

// patience is how long a job may take to issue a paper before somebody should know.
const patience = time.Hour

func late(tx *storage.Tx) ([]audit.Values, error) {
	return audit.Hear(tx, `SELECT 'receipt' AS say, o.number FROM orders o JOIN baskets b ON b.market_id = o.market_id AND b.id = o.basket_id
			JOIN payments y ON y.market_id = b.market_id AND y.id = b.payment_id
			WHERE o.market_id = $1 AND o.secured_at < $2 AND o.total_minor > 0 AND (y.gateway <> 'cash' AND y.state = 'captured' AND y.captured_at < $2
				OR EXISTS (SELECT 1 FROM collections k WHERE k.market_id = o.market_id AND k.order_id = o.id AND k.taken_minor > 0 AND k.taken_at < $2))
			AND NOT EXISTS (SELECT 1 FROM papers p WHERE p.market_id = o.market_id AND p.order_id = o.id AND p.kind = 'receipt')
		UNION ALL
		SELECT 'credit', o.number FROM refunds r JOIN orders o ON o.market_id = r.market_id AND o.id = r.sale_id
			WHERE r.market_id = $1 AND r.created_at < $2 AND r.changed_at < $2 AND r.for_market IS NULL AND r.cause LIKE 'order:%' AND r.state <> 'asked'
			AND NOT EXISTS (SELECT 1 FROM papers p WHERE p.market_id = r.market_id AND p.refund_id = r.id)
		ORDER BY 1, 2 LIMIT 100`, tx.Market, tx.Now.Add(-patience))
}
