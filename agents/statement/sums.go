package statement

import (
	"maps"
	"slices"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
)

// monthly are the sums of everybody of whom there is something in a month, by payee
// and by category of what was sold, in the order in which statements are numbered.
const monthly = `SELECT p.payee_id, k.kind, category, opening, sales, backs, lines, sold, earned, reversed, paid, returned
FROM (
  SELECT payee_id, '' AS category, closing_minor AS opening, 0 AS sales, 0 AS backs, 0 AS lines, 0 AS sold, 0 AS earned, 0 AS reversed, 0 AS paid, 0 AS returned
  FROM statements WHERE market_id = $1 AND month = $2::date
  UNION ALL
  SELECT payee_id, category, 0, count(*) FILTER (WHERE NOT back AND cause NOT LIKE $5), count(*) FILTER (WHERE back), count(*) FILTER (WHERE NOT back AND base_minor <> 0), sum(base_minor)::bigint,
    sum(amount_minor)::bigint, COALESCE(sum(amount_minor) FILTER (WHERE back), 0)::bigint, 0, 0
  FROM statement_lines WHERE market_id = $1 AND at >= $3 AND at < $4 GROUP BY payee_id, category
  UNION ALL
  SELECT payee_id, '', 0, 0, 0, 0, 0, 0, 0, -sum(amount_minor)::bigint, 0 FROM payouts WHERE market_id = $1 AND paid_at >= $3 AND paid_at < $4 GROUP BY payee_id
  UNION ALL
  SELECT payee_id, '', 0, 0, 0, 0, 0, 0, 0, 0, sum(amount_minor)::bigint FROM payouts WHERE market_id = $1 AND returned_at >= $3 AND returned_at < $4 GROUP BY payee_id
) p JOIN payees k ON k.market_id = $1 AND k.id = p.payee_id
ORDER BY p.payee_id`

// columns are sums by payee, as arrays, and what was sold by category.
type columns struct {
	payee                                                         []id.ID
	opening, sales, backs, sold, earned, reversed, paid, returned pq.Int64Array
	now                                                           id.ID    // whose rows are read
	sums                                                          [8]int64 // of them
	categories                                                    map[string]Sold
}

func (s *columns) scan(scan func(...any) error) error {
	var payee id.ID
	var kind, category string
	var lines int64
	var n [8]int64
	if err := scan(&payee, &kind, &category, &n[0], &n[1], &n[2], &lines, &n[3], &n[4], &n[5], &n[6], &n[7]); err != nil {
		return err
	}
	if payee != s.now {
		s.next(payee)
	}
	for i := range n {
		s.sums[i] += n[i]
	}
	if lines > 0 || n[2] > 0 || n[4] != 0 {
		s.sells(kind, category, lines, n[3], n[4])
	}
	return nil
}

// next ends the rows of one payee; who has nothing to read gets no statement.
func (s *columns) next(payee id.ID) {
	n := s.sums
	if n[0] != 0 || n[1] > 0 || n[2] > 0 || n[4] != 0 || n[6] != 0 || n[7] != 0 {
		s.payee = append(s.payee, s.now)
		n[4] -= n[5] // earned, and apart from it what went back
		for i, to := range []*pq.Int64Array{&s.opening, &s.sales, &s.backs, &s.sold, &s.earned, &s.reversed, &s.paid, &s.returned} {
			*to = append(*to, n[i])
		}
	}
	s.now, s.sums = payee, [8]int64{}
}

// sells adds a payee's part of what was sold of a category: what buyers paid is in
// the lines of producers.
func (s *columns) sells(kind, category string, lines, base, amount int64) {
	if s.categories == nil {
		s.categories = map[string]Sold{}
	}
	switch kind {
	case Producers:
		s.categories[category] = s.categories[category].Plus(Sold{lines, base, amount, 0})
	case Agents:
		s.categories[category] = s.categories[category].Plus(Sold{Agents: amount})
	}
}

// sell writes the month by category, with its statements.
func (s *columns) sell(tx *storage.Tx, month Month) {
	var names []string
	var lines, sold, producers, agents []int64
	for _, name := range slices.Sorted(maps.Keys(s.categories)) {
		of := s.categories[name]
		names, lines, sold = append(names, name), append(lines, of.Count), append(sold, of.Sold)
		producers, agents = append(producers, of.Producers), append(agents, of.Agents)
	}
	if len(names) == 0 {
		return
	}
	tx.Queue(`INSERT INTO month_sales (market_id, month, category, lines, sold_minor, producers_minor, agents_minor)
SELECT $1::int, $2::date, s.category, s.lines, s.sold, s.producers, s.agents
FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) AS s (category, lines, sold, producers, agents) ON CONFLICT DO NOTHING`,
		tx.Market, month.day(), pq.Array(names), pq.Array(lines), pq.Array(sold), pq.Array(producers), pq.Array(agents))
}
