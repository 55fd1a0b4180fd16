package order

import (
	"commonfield/storage"
	"commonfield/storage/audit"
)

// The checks of this file hold what orders have given their owners against what
// lines and charges leave of them.

// netOf sums, order by order and account by account, what its entries have credited
// less what they have debited, over the accounts that a condition picks.
func netOf(accounts string) string {
	return `SELECT split_part(e.cause, ':', 2) AS id, x.account, sum(x.amount) AS sum
		FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
		CROSS JOIN LATERAL (VALUES (p.credit, p.amount_minor), (p.debit, -p.amount_minor)) AS x (account, amount)
		WHERE p.market_id = $1 AND e.cause LIKE 'order:%' AND x.account ` + accounts + `
		GROUP BY 1, 2`
}

// feeAndTax: the payees' shares are held against their payables and commissions;
// these two have no payee. A tip is a fee on another account.
func feeAndTax(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM orders WHERE market_id = $1 AND released_at IS NOT NULL",
		`WITH posted AS (`+netOf("IN ('income:fees', 'income:tips', 'tax:vat')")+`), left_over AS (
			SELECT o.id::text AS id, o.number, coalesce(o.fee_to, 'income:fees') AS fee_to,
				CASE WHEN o.covered_by IS NULL THEN l.fee + coalesce(c.fee, 0) ELSE coalesce(g.fee, 0) END AS fee,
				CASE WHEN o.covered_by IS NULL THEN l.tax + coalesce(c.tax, 0) ELSE coalesce(g.tax, 0) END AS tax
			FROM orders o
			JOIN (SELECT order_id, sum(fee_minor) AS fee, sum(tax_minor) AS tax FROM order_lines WHERE market_id = $1 GROUP BY order_id) l ON l.order_id = o.id
			LEFT JOIN (SELECT order_id, sum(fee_minor) AS fee, sum(tax_minor) AS tax FROM order_charges WHERE market_id = $1 GROUP BY order_id) c ON c.order_id = o.id
			LEFT JOIN (SELECT order_id, sum(fee_minor) AS fee, sum(tax_minor) AS tax FROM order_releases WHERE market_id = $1 GROUP BY order_id) g ON g.order_id = o.id
			WHERE o.market_id = $1 AND o.released_at IS NOT NULL
		), wanted AS (
			SELECT id, number, fee_to AS account, fee AS sum FROM left_over UNION ALL SELECT id, number, 'tax:vat', tax FROM left_over
		)
		SELECT jsonb_build_object('say', 'fee_differs', 'number', coalesce(w.number, p.id), 'posted_minor', coalesce(p.sum, 0), 'account', coalesce(w.account, p.account), 'left_minor', coalesce(w.sum, 0))
		FROM wanted w FULL JOIN posted p ON p.id = w.id AND p.account = w.account
		WHERE coalesce(w.sum, 0) <> coalesce(p.sum, 0) ORDER BY 1 LIMIT 100`)
}

// accountsAsLeft: of an order that is for something, its accounts have what is left of
// the seller's share; of one that is covered, they have given what its owners got. No
// order touches the account of another's contract, fund or campaign. Whatever a bank
// took back that had been spent, the market has made good.
func accountsAsLeft(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM orders WHERE market_id = $1 AND for_id IS NOT NULL",
		`WITH posted AS (`+netOf("~ '^(fund|contract|pledge|reserve:guarantee|cost:chargeback)'")+`), strange AS (
			SELECT p.id, p.account FROM posted p LEFT JOIN orders o ON o.market_id = $1 AND o.id::text = p.id
			WHERE p.account ~ '^(fund|contract|pledge):' AND strpos(p.account, coalesce(o.for_id::text, ':none')) = 0
		), wanted AS (
			SELECT o.id::text AS id, o.number, CASE WHEN o.covered_by IS NOT NULL THEN -coalesce(g.sum, 0)
				WHEN o.released_at IS NULL OR o.seller_payee IS NOT NULL THEN 0 ELSE l.sum + coalesce(c.sum, 0) END AS sum
			FROM orders o
			JOIN (SELECT order_id, sum(seller_minor) AS sum FROM order_lines WHERE market_id = $1 GROUP BY order_id) l ON l.order_id = o.id
			LEFT JOIN (SELECT order_id, sum(seller_minor) AS sum FROM order_charges WHERE market_id = $1 GROUP BY order_id) c ON c.order_id = o.id
			LEFT JOIN (SELECT order_id, sum(seller_minor + agent_minor + fee_minor + tax_minor) AS sum FROM order_releases WHERE market_id = $1 GROUP BY order_id) g ON g.order_id = o.id
			WHERE o.market_id = $1 AND o.for_id IS NOT NULL
		)
		SELECT jsonb_build_object('say', 'touches_other', 'number', coalesce(o.number, s.id), 'account', s.account, 'key', s.account) FROM strange s LEFT JOIN orders o ON o.market_id = $1 AND o.id::text = s.id
		UNION ALL
		SELECT jsonb_build_object('say', 'accounts_differ', 'number', w.number, 'posted_minor', coalesce(p.sum, 0), 'expected_minor', w.sum)
		FROM wanted w LEFT JOIN (SELECT id, sum(sum) AS sum FROM posted GROUP BY id) p ON p.id = w.id
		WHERE w.sum <> coalesce(p.sum, 0) ORDER BY 1 LIMIT 100`)
}

// coveredAsGiven: no owner of a covered order has more of it than is left, nobody has
// anything before its release, and no payer gets back what nobody paid.
func coveredAsGiven(tx *storage.Tx) (int64, []audit.Values, error) {
	return audit.Found(tx, "SELECT count(*) FROM orders WHERE market_id = $1 AND covered_by IS NOT NULL",
		`WITH left_over AS (
			SELECT order_id, sum(seller_minor) AS seller, sum(agent_minor) AS agent, sum(fee_minor) AS fee, sum(tax_minor) AS tax FROM (
				SELECT order_id, seller_minor, agent_minor, fee_minor, tax_minor FROM order_lines WHERE market_id = $1
				UNION ALL SELECT order_id, seller_minor, agent_minor, fee_minor, tax_minor FROM order_charges WHERE market_id = $1) both_sorts GROUP BY order_id
		), given AS (
			SELECT order_id, sum(seller_minor) AS seller, sum(agent_minor) AS agent, sum(fee_minor) AS fee, sum(tax_minor) AS tax FROM order_releases WHERE market_id = $1 GROUP BY order_id
		)
		SELECT jsonb_build_object('say', 'covered_over', 'number', o.number, 'key', (g.seller, g.agent, g.fee, g.tax)::text || ' / ' || (l.seller, l.agent, l.fee, l.tax)::text) -- given, left
			FROM orders o JOIN left_over l ON l.order_id = o.id JOIN given g ON g.order_id = o.id
			WHERE o.market_id = $1 AND (o.covered_by IS NULL OR g.seller NOT BETWEEN 0 AND l.seller OR g.agent NOT BETWEEN 0 AND l.agent OR g.fee NOT BETWEEN 0 AND l.fee
				OR g.tax NOT BETWEEN 0 AND l.tax OR o.released_at IS NULL AND g.seller + g.agent + g.fee + g.tax > 0)
		UNION ALL SELECT jsonb_build_object('say', 'covered_paid', 'number', o.number) FROM orders o JOIN baskets b ON b.market_id = o.market_id AND b.id = o.basket_id
			WHERE o.market_id = $1 AND (o.covered_by IS NULL) <> (b.payment_id IS NOT NULL)
		UNION ALL SELECT jsonb_build_object('say', 'covered_refunded', 'number', o.number) FROM orders o JOIN refunds r ON r.market_id = o.market_id AND r.sale_id = o.id
			WHERE o.market_id = $1 AND o.covered_by IS NOT NULL ORDER BY 1 LIMIT 100`)
}
