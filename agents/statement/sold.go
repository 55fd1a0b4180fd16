package statement

import (
	"time"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Sold is what a market sold, of one category, of one payee or in one month, less
// what went back.
type Sold struct {
	Count     int64 `db:"count"`           // lines of a category or a month, sales of a payee
	Sold      int64 `db:"sold_minor"`      // what buyers paid
	Producers int64 `db:"producers_minor"` // of that
	Agents    int64 `db:"agents_minor"`
}

// Rest is what fees and taxes got of it.
func (s Sold) Rest() int64 { return s.Sold - s.Producers - s.Agents }

// SoldMonth is a market's month.
type SoldMonth struct {
	Month  Month
	Closed bool
	Sold
}

// SoldOf is what was sold of a category (by its code; empty: delivery and other
// charges), or by or through a payee.
type SoldOf struct {
	Category string `db:"category"`
	Payee    id.ID  `db:"payee_id"`
	Name     string `db:"name"` // a payee's
	Sold
}

// SoldMonths gives the months of a market in which something was sold or went
// back, the newest first, before one (zero: from the one that runs), at most n.
// Closed months are read as they were closed; of those that are not the lines are
// added up.
func SoldMonths(tx *storage.Tx, before Month, n int, place *time.Location) ([]SoldMonth, error) {
	day := "9999-12-01"
	if before != (Month{}) {
		day = before.day()
	}
	var rows []struct {
		Month time.Time `db:"month"`
		Sold
	}
	err := tx.Select(&rows, `SELECT month, sum(lines)::bigint AS count, sum(sold_minor)::bigint AS sold_minor, sum(producers_minor)::bigint AS producers_minor, sum(agents_minor)::bigint AS agents_minor
FROM month_sales WHERE market_id = $1 AND month < $2::date GROUP BY month ORDER BY month DESC LIMIT $3`, tx.Market, day, n)
	if err != nil {
		return nil, err
	}
	var all []SoldMonth
	now := MonthOf(tx.Now, place)
	for _, m := range []Month{now, now.Before()} { // the one that runs, and a moment after its end the one before
		if before != (Month{}) && !m.Earlier(before) {
			continue
		}
		one, _, err := SoldIn(tx, m, place)
		if err != nil {
			return nil, err
		}
		if one.Closed {
			break
		}
		if one.Sold != (Sold{}) {
			all = append(all, one)
		}
	}
	for _, r := range rows {
		all = append(all, SoldMonth{Month{r.Month.Year(), r.Month.Month()}, true, r.Sold})
	}
	return all[:min(n, len(all))], nil
}

// SoldIn gives what a market sold in one month, and of which categories, the
// largest first.
func SoldIn(tx *storage.Tx, month Month, place *time.Location) (SoldMonth, []SoldOf, error) {
	one := SoldMonth{Month: month}
	var err error
	if one.Closed, err = isClosed(tx, month); err != nil {
		return one, nil, err
	}
	categories, err := soldBy(tx, one, place)
	for _, c := range categories {
		one.Sold = one.Plus(c.Sold)
	}
	return one, categories, err
}

// Plus adds what was sold besides.
func (s Sold) Plus(t Sold) Sold {
	return Sold{s.Count + t.Count, s.Sold + t.Sold, s.Producers + t.Producers, s.Agents + t.Agents}
}

// isClosed says whether a month has its statements: months are closed in order.
func isClosed(tx *storage.Tx, month Month) (closed bool, err error) {
	err = tx.Get(&closed, `SELECT EXISTS (SELECT 1 FROM statements WHERE market_id = $1 AND month >= $2::date)`, tx.Market, month.day())
	return closed, err
}

// byCategory adds the lines of a month up by category.
const byCategory = `SELECT l.category, count(*) FILTER (WHERE k.kind = 'producer' AND NOT l.back AND l.base_minor <> 0) AS lines, COALESCE(sum(l.base_minor) FILTER (WHERE k.kind = 'producer'), 0)::bigint AS sold_minor,
  COALESCE(sum(l.amount_minor) FILTER (WHERE k.kind = 'producer'), 0)::bigint AS producers_minor, COALESCE(sum(l.amount_minor) FILTER (WHERE k.kind = 'agent'), 0)::bigint AS agents_minor
FROM statement_lines l JOIN payees k ON k.market_id = l.market_id AND k.id = l.payee_id
WHERE l.market_id = $1 AND l.at >= $2 AND l.at < $3 GROUP BY l.category`

func soldBy(tx *storage.Tx, m SoldMonth, place *time.Location) ([]SoldOf, error) {
	if m.Closed {
		var all []SoldOf
		err := tx.Select(&all, `SELECT category, lines AS count, sold_minor, producers_minor, agents_minor FROM month_sales
WHERE market_id = $1 AND month = $2::date ORDER BY sold_minor DESC, category`, tx.Market, m.Month.day())
		return all, err
	}
	return storage.Remember(tx, "sold:"+m.Month.String(), func() ([]SoldOf, error) {
		from, to := m.Month.In(place)
		var all []SoldOf
		err := tx.Select(&all, `SELECT category, lines AS count, sold_minor, producers_minor, agents_minor FROM (`+byCategory+`) s ORDER BY sold_minor DESC, category`, tx.Market, from, to)
		return all, err
	})
}

// Kinds of payees by whom SoldThrough tells.
const (
	Producers = "producer"
	Agents    = "agent"
)

// Least is where a page of SoldThrough goes on: after whom.
type Least struct {
	Sold  int64
	Payee id.ID
}

// SoldThrough gives what producers sold in a month, or what was sold through
// agents, whoever sold most first, after one (nil: from the first), at most n (0: all).
func SoldThrough(tx *storage.Tx, kind string, month Month, place *time.Location, after *Least, n int) ([]SoldOf, error) {
	if kind != Producers && kind != Agents {
		return nil, fault.NotFound("not_found")
	}
	closed, err := isClosed(tx, month)
	if err != nil {
		return nil, err
	}
	from, to := month.In(place)
	args := []any{tx.Market, kind, after != nil, int64(0), id.None, n, month.day()}
	if after != nil {
		args[3], args[4] = after.Sold, after.Payee
	}
	sums := `SELECT payee_id, sales, backs, sold_minor, earned_minor + reversed_minor AS got FROM statements WHERE market_id = $1 AND month = $7::date`
	if !closed {
		args = append(args[:6], from, to, "%"+more)
		sums = `SELECT payee_id, count(*) FILTER (WHERE NOT back AND cause NOT LIKE $9) AS sales, count(*) FILTER (WHERE back) AS backs, sum(base_minor)::bigint AS sold_minor, sum(amount_minor)::bigint AS got
  FROM statement_lines WHERE market_id = $1 AND at >= $7 AND at < $8 GROUP BY payee_id`
	}
	var all []SoldOf
	err = tx.Select(&all, `SELECT s.payee_id, k.name, s.sales AS count, s.sold_minor,
  CASE k.kind WHEN 'producer' THEN s.got ELSE 0 END AS producers_minor, CASE k.kind WHEN 'agent' THEN s.got ELSE 0 END AS agents_minor
FROM (`+sums+`) s JOIN payees k ON k.market_id = $1 AND k.id = s.payee_id
WHERE k.kind = $2 AND (s.sales > 0 OR s.backs > 0 OR s.got <> 0) AND (NOT $3::bool OR (s.sold_minor, s.payee_id) < ($4::bigint, $5::uuid))
ORDER BY s.sold_minor DESC, s.payee_id DESC LIMIT NULLIF($6, 0)`, args...)
	return all, err
}
