// Package commission keeps what an agent gets for each line of a sale: which
// rule applies, the signed entries it makes, and their life
//
//	estimated → earned → pending → payable, or void before it is pending
//
// An entry's sum is never edited: what is taken back is a negative entry of its
// own, linked to its root and always in its root's state. What is kept of a
// root is never below zero and never above what was earned.
//
// Who posts what: entries are a forecast until they are pending, so nothing is
// posted for estimated and earned ones. With Pend the caller (who releases the
// money) posts held → commission:<payee> for earnings less reversals. Mature
// posts commission:<payee> → owed:<payee> itself and adds the payable. After
// Reverse the caller posts what the root's state asks for; see there.
//
// It sees a neutral sale and knows nothing of orders. The caller holds the
// sale's own lock while it changes a sale's entries.
package commission

import (
	"cmp"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/attribution"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/money"
)

// The states of an entry.
const (
	Estimated = "estimated" // a forecast: the sale is placed
	Earned    = "earned"    // its money is secured
	Pending   = "pending"   // released: in the ledger, waiting for its date
	Payable   = "payable"   // owed to the payee
	Voided    = "void"      // ended before the money was released
)

// MatureJob is the kind of job that makes a sale's commission payable. Its key
// is the sale's id.
const MatureJob = "commission:mature"

// Line is what a rule looks at.
type Line struct {
	No       int
	Category string
	Base     int64 // the line after discounts, without tax and delivery
}

// Due is what a rule gives for one line, frozen when the sale is placed.
type Due struct {
	Sale     id.ID // none yet when it is chosen
	No       int
	Rule     id.ID
	RateBP   int32
	HoldDays int
	Base     int64
	Amount   int64
}

// Choose gives for each line what the first rule by position gives that knows
// its category and kind and is valid at that moment; lines without a rule are
// left out, and a negative base counts as nothing. It rounds half up, once on
// the line, and touches nothing.
func Choose(rules []Rule, kind string, at time.Time, lines []Line) []Due {
	ordered := slices.Clone(rules)
	slices.SortStableFunc(ordered, func(a, b Rule) int { return cmp.Compare(a.Position, b.Position) })
	var dues []Due
	for _, l := range lines {
		for _, r := range ordered {
			if !r.fits(kind, l.Category, at) {
				continue
			}
			base := max(l.Base, 0)
			dues = append(dues, Due{No: l.No, Rule: r.ID, RateBP: r.RateBP, HoldDays: r.HoldDays, Base: base, Amount: money.Part(base, r.RateBP)})
			break
		}
	}
	return dues
}

// Estimate queues the forecast of a basket's sales: one estimated earning per
// line, cause "placed". Nothing is written without an agent, for a refused one or
// without dues. A second estimate of the same sale fails on commissions_once.
func Estimate(tx *storage.Tx, g attribution.Given, dues []Due) error {
	if !g.Earns() || len(dues) == 0 {
		return nil
	}
	var ids, sales, rules []id.ID
	var numbers, rates, holds, bases, amounts []int64
	for i, d := range dues {
		if i == 0 || d.Sale != dues[i-1].Sale {
			if err := apart(tx, d.Sale); err != nil {
				return err
			}
		}
		ids = append(ids, id.New())
		sales = append(sales, d.Sale)
		rules = append(rules, d.Rule)
		numbers = append(numbers, int64(d.No))
		rates = append(rates, int64(d.RateBP))
		holds = append(holds, int64(d.HoldDays))
		bases = append(bases, d.Base)
		amounts = append(amounts, d.Amount)
	}
	tx.Queue(`INSERT INTO commissions (market_id, id, sale_id, line_no, role, agent_id, payee_id, kind, cause, rule_id, rate_bp, base_minor, amount_minor, hold_days, state, created_at, changed_at)
SELECT $1::int, ($6::uuid[])[n], ($2::uuid[])[n], ($7::int[])[n], 'selling', $3::uuid, $4::uuid, 'earn', 'placed',
  ($8::uuid[])[n], ($9::int[])[n], ($10::bigint[])[n], ($11::bigint[])[n], ($12::int[])[n], 'estimated', $5::timestamptz, $5::timestamptz
FROM generate_series(1, $13::int) AS n`,
		tx.Market, pq.Array(sales), g.AgentID, g.PayeeID, tx.Now,
		pq.Array(ids), pq.Array(numbers), pq.Array(rules), pq.Array(rates), pq.Array(bases), pq.Array(amounts), pq.Array(holds), len(ids))
	return nil
}

// Earn queues estimated → earned: the sales' money is secured. Calling it twice
// is calling it once. Nothing is to be posted.
func Earn(tx *storage.Tx, sales ...id.ID) error {
	if len(sales) == 0 {
		return nil
	}
	for _, sale := range sales {
		if err := apart(tx, sale); err != nil {
			return err
		}
	}
	tx.Queue(`UPDATE commissions SET state = 'earned', changed_at = $3 WHERE market_id = $1 AND sale_id = ANY($2::uuid[]) AND state = 'estimated'`,
		tx.Market, pq.Array(sales), tx.Now)
	return nil
}

// Pend moves earned → pending, payable when the longest hold among the sale's
// lines is over (a sale matures as one), and adds the job that makes it so. It
// reads once, queues the rest, and does nothing for a sale without earned
// entries; calling it twice is calling it once. In the same transaction the
// caller posts held → commission:<payee> for earnings less reversals
// (Remaining: Earned − Reversed).
func Pend(tx *storage.Tx, sale id.ID, releasedAt time.Time) error {
	var days *int
	if err := tx.Get(&days, `SELECT max(hold_days) FROM commissions WHERE market_id = $1 AND sale_id = $2 AND state = 'earned'`, tx.Market, sale); err != nil {
		return err
	}
	if days == nil {
		return nil
	}
	at := releasedAt.Add(time.Duration(*days) * 24 * time.Hour)
	if err := apart(tx, sale); err != nil {
		return err
	}
	tx.Queue(`UPDATE commissions SET state = 'pending', payable_at = $3, changed_at = $4 WHERE market_id = $1 AND sale_id = $2 AND state = 'earned'`,
		tx.Market, sale, at, tx.Now)
	jobs.Add(tx, MatureJob, sale.String(), struct{}{}, at)
	return nil
}

// Void queues estimated, earned → void with its reason: the sale ended before
// its money was released. Calling it twice is calling it once. Nothing is to be
// posted. What is pending already is taken back with Reverse.
func Void(tx *storage.Tx, sale id.ID, why string) error {
	if err := apart(tx, sale); err != nil {
		return err
	}
	tx.Queue(`UPDATE commissions SET state = 'void', reason = $3, changed_at = $4 WHERE market_id = $1 AND sale_id = $2 AND state IN ('estimated', 'earned')`,
		tx.Market, sale, why, tx.Now)
	return nil
}

// Reverse queues that amount (> 0) of a line's earning is taken back: a
// negative entry under its own cause, in its root's state and with its date.
// Zero does nothing. It refuses (fault.Conflict commission_short) when the line
// has no earning, a void one, or less than amount left; the same cause twice
// fails on commissions_once. The caller read Remaining in this transaction.
//
// The caller posts, by the root's state:
//   - estimated, earned: nothing; the money still lies in held.
//   - pending: commission:<payee> → transit:refund.
//   - payable: owed:<payee>, and receivable:<payee> for what owed no longer has,
//     → transit:refund, and payable.Add of the negative sum. The entry itself is
//     payable at once.
func Reverse(tx *storage.Tx, sale id.ID, line int, cause string, amount int64, why string) error {
	if amount == 0 {
		return nil
	}
	if amount < 0 {
		return fault.Invalid("amount", "commission_negative")
	}
	if err := apart(tx, sale); err != nil {
		return err
	}
	tx.Expect(1, fault.Conflict("commission_short", fault.Args{"line": line}),
		`INSERT INTO commissions (market_id, id, sale_id, line_no, role, agent_id, payee_id, kind, root_id, cause, rule_id, rate_bp, base_minor, amount_minor, hold_days, state, payable_at, reason, created_at, changed_at)
SELECT r.market_id, $2::uuid, r.sale_id, r.line_no, r.role, r.agent_id, r.payee_id, 'reversal', r.id, $5::text, r.rule_id, r.rate_bp, r.base_minor, -($6::bigint), r.hold_days, r.state, r.payable_at, $7::text, $8::timestamptz, $8::timestamptz
FROM commissions r
WHERE r.market_id = $1 AND r.sale_id = $3 AND r.line_no = $4 AND r.kind = 'earn' AND r.state <> 'void'
  AND $6::bigint <= r.amount_minor + (SELECT COALESCE(sum(c.amount_minor), 0) FROM commissions c WHERE c.market_id = $1 AND c.root_id = r.id)`,
		tx.Market, id.New(), sale, line, cause, amount, why, tx.Now)
	return nil
}

// apart sends what is gathered about this sale before more is gathered about
// it: a reversal reads what its line has left.
func apart(tx *storage.Tx, sale id.ID) error { return tx.Apart("commission:" + sale.String()) }
