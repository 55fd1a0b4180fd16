package order_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/statement"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// statements holds every month of every payee against the ledger as it was at
// that month's end, before months are closed and after, and the lines against
// the sums above them.
func statements(t *testing.T, w *ordertest.World) {
	t.Helper()
	place, err := time.LoadLocation("Asia/Shanghai")
	must(t, err)
	now := w.Clock.Now()
	var payees []id.ID
	var first time.Time
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) error {
		err := tx.Get(&first, "SELECT at FROM statement_lines WHERE market_id = $1 ORDER BY at LIMIT 1", w.Market)
		if errors.Is(err, storage.ErrNone) {
			first, err = now, nil
		}
		if err != nil {
			return err
		}
		return tx.Select(&payees, "SELECT id FROM payees WHERE market_id = $1", w.Market)
	}))
	last := statement.MonthOf(now, place)
	compare := func() {
		for m := statement.MonthOf(first, place); !last.Earlier(m); m = m.Next() {
			for _, payee := range payees {
				closes(t, w, payee, m, place)
			}
			sells(t, w, m, place)
		}
	}
	compare()
	_, err = statement.Close(t.Context(), w.DB, w.Market, last)
	if !fault.Has(err, "month_runs") {
		t.Errorf("a month that runs was closed: %v", err)
	}
	if _, end := last.Before().In(place); now.Sub(end) < statement.Settled {
		last = last.Before()
	}
	made, err := statement.Close(t.Context(), w.DB, w.Market, last.Before())
	must(t, err)
	again, err := statement.Close(t.Context(), w.DB, w.Market, last.Before())
	must(t, err)
	if again != 0 {
		t.Errorf("closing made %d statements, closing again %d more", made, again)
	}
	compare()
	books(t, w)
}

// sells holds what the market sold in a month, by category, by producer and by agent,
// against the postings of that month.
func sells(t *testing.T, w *ordertest.World, m statement.Month, place *time.Location) {
	t.Helper()
	from, to := m.In(place)
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) error {
		tx.Forget("sold:" + m.String()) // the short memory
		all, _, err := statement.SoldIn(tx, m, place)
		if err != nil {
			return err
		}
		by := all.Sold
		var of [2]statement.Sold
		for i, kind := range []string{statement.Producers, statement.Agents} {
			var after *statement.Least
			for {
				rows, err := statement.SoldThrough(tx, kind, m, place, after, 1)
				if err != nil {
					return err
				}
				if len(rows) == 0 {
					break
				}
				of[i] = of[i].Plus(rows[0].Sold)
				after = &statement.Least{Sold: rows[0].Sold.Sold, Payee: rows[0].Payee}
			}
		}
		// What left held orders and came back, account by account; payouts and what is
		// matured move within and out of what payees have, and are no sale.
		var books struct {
			Producers int64 `db:"producers"`
			Agents    int64 `db:"agents"`
			Rest      int64 `db:"rest"`
		}
		if err := tx.Get(&books, `SELECT COALESCE(sum(s.sum) FILTER (WHERE k.kind = 'producer'), 0)::bigint AS producers, COALESCE(sum(s.sum) FILTER (WHERE k.kind = 'agent'), 0)::bigint AS agents,
  COALESCE(sum(s.sum) FILTER (WHERE s.account IN ('income:fees', 'tax:vat')), 0)::bigint AS rest
FROM (SELECT a.account, sum(a.amount) AS sum FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
  CROSS JOIN LATERAL (VALUES (p.credit, p.amount_minor), (p.debit, -p.amount_minor)) AS a (account, amount)
  WHERE p.market_id = $1 AND e.posted_at >= $2 AND e.posted_at < $3 AND e.cause LIKE 'order:%' GROUP BY a.account) s
LEFT JOIN payees k ON k.market_id = $1 AND s.account IN ('owed:' || k.id, 'commission:' || k.id, 'receivable:' || k.id)`, w.Market, from, to); err != nil {
			return err
		}
		if by.Producers != books.Producers || by.Agents != books.Agents || by.Rest() != books.Rest {
			t.Errorf("%s: by category it is %+v with a rest of %d, the ledger has %+v", m, by, by.Rest(), books)
		}
		if of[0].Sold != by.Sold || of[0].Producers != by.Producers || of[1].Agents != by.Agents {
			t.Errorf("%s: by category it is %+v, by producer and agent %+v", m, by, of)
		}
		return nil
	}))
}

// closes holds one statement against the postings up to its end.
func closes(t *testing.T, w *ordertest.World, payee id.ID, m statement.Month, place *time.Location) {
	t.Helper()
	_, end := m.In(place)
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) error {
		s, err := statement.Of(tx, payee, m, place)
		if err != nil {
			return err
		}
		var booked int64
		if err := tx.Get(&booked, `SELECT COALESCE(sum(CASE WHEN p.credit = a.account THEN p.amount_minor WHEN p.debit = a.account THEN -p.amount_minor END), 0)::bigint
FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id
JOIN (SELECT unnest(ARRAY['owed:' || $2::text, 'commission:' || $2::text, 'receivable:' || $2::text]) AS account
  UNION ALL SELECT 'transit:payout:' || id FROM payouts WHERE market_id = $1 AND payee_id = $2::uuid) a ON a.account IN (p.credit, p.debit)
WHERE p.market_id = $1 AND e.posted_at < $3`, w.Market, payee.String(), end); err != nil {
			return err
		}
		if s.Closing != booked {
			t.Errorf("%s of %s closes with %d, the ledger with %d: %+v", m, payee, s.Closing, booked, s)
		}
		return adds(t, tx, s, payee, place)
	}))
}

// adds holds the lines and payments of a statement against its sums.
func adds(t *testing.T, tx *storage.Tx, s statement.Statement, payee id.ID, place *time.Location) error {
	t.Helper()
	var sold, earned, reversed, paid, returned int64
	var after *statement.After
	for {
		lines, err := statement.Lines(tx, payee, s.Month, place, after, 3)
		if err != nil {
			return err
		}
		for _, l := range lines {
			sold += l.Base
			if l.Back {
				reversed += l.Amount
			} else {
				earned += l.Amount
			}
		}
		if len(lines) < 3 {
			break
		}
		end := lines[2].End()
		after = &end
	}
	payments, err := statement.Payments(tx, payee, s.Month, place)
	for _, p := range payments {
		if p.Back {
			returned += p.Amount
		} else {
			paid -= p.Amount
		}
	}
	if sold != s.Sold || earned != s.Earned || reversed != s.Reversed || paid != s.Paid || returned != s.Returned {
		t.Errorf("%s: its lines are %d, %d, %d, %d, %d, its sums %+v", s.Month, sold, earned, reversed, paid, returned, s.Sums)
	}
	return err
}

func TestAStatementTellsAReversalWithTheOrderThatCausedIt(t *testing.T) {
	w := ordertest.New(t)
	ref := w.UpTo(t, order.Completed)
	w.Clock.Advance(30 * 24 * time.Hour) // the next month
	w.Drain(t)
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, []order.Part{{Line: 1, Amount: 2600}}, "碎了一公斤")
	must(t, err)
	statements(t, w)
	o, err := w.Orders.Find(t.Context(), ref)
	must(t, err)
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) error {
		place := time.FixedZone("market", 8*3600)
		for payee, want := range map[id.ID][2]int64{w.Producer.PayeeID: {11960, -2392}, agentPayee(t, tx, w): {780, -156}} {
			months := []statement.Month{{Year: 2026, Month: 11}, {Year: 2026, Month: 12}}
			for i, m := range months {
				s, err := statement.Of(tx, payee, m, place)
				if err != nil {
					return err
				}
				if got := []int64{s.Earned, s.Reversed}; !slices.Equal(got, [][]int64{{want[0], 0}, {0, want[1]}}[i]) {
					t.Errorf("%s: earned and reversed are %v", m, got)
				}
			}
			lines, err := statement.Lines(tx, payee, months[1], place, nil, 10)
			if err != nil || len(lines) != 1 {
				t.Fatalf("%v: %+v", err, lines)
			}
			if l := lines[0]; !l.Back || l.Number != o.Number || l.Why != "碎了一公斤" || l.Base != -2600 || l.Others+l.Amount != l.Base || l.Title != "薄皮核桃" {
				t.Errorf("the reversal is told as %+v", l)
			}
		}
		return nil
	}))
}

func agentPayee(t *testing.T, tx *storage.Tx, w *ordertest.World) (payee id.ID) {
	t.Helper()
	must(t, tx.Get(&payee, "SELECT payee_id FROM market_agents WHERE market_id = $1 AND agent_id = $2", w.Market, w.Agent.ID))
	if _, err := payable.FindPayee(tx, payee); err != nil {
		t.Fatal(err)
	}
	return payee
}
