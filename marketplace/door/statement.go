package door

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/region"
	"commonfield/agents/statement"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/workbook"
)

// Told is a statement with what a reader of it asks: a piece of its lines, all
// that was paid, and, while the month runs, where the money is now.
type Told struct {
	Market   region.Market
	Payee    payable.Payee
	Lines    []statement.Line
	Taken    []statement.Line // back, the first of them
	Payments []statement.Payment
	Waiting  int64 // not the payee's yet: the goods may still come back
	OnItsWay int64 // with the bank
	statement.Statement
}

// mostBacks is how many reversals stand above the lines; all stand among them.
const mostBacks = 20

// Statement gives a payee's month with n lines after one. Who may read it is
// asked before.
func (d *Door) Statement(ctx context.Context, m region.Market, payee id.ID, month statement.Month, after *statement.After, n int) (Told, error) {
	t := Told{Market: m}
	err := d.DB.Snapshot(ctx, m.ID, func(tx *storage.Tx) (err error) {
		if t.Payee, err = payable.FindPayee(tx, payee); err != nil {
			return err
		}
		if t.Statement, err = statement.Of(tx, payee, month, m.Location()); err != nil {
			return err
		}
		if t.Lines, err = statement.Lines(tx, payee, month, m.Location(), after, n); err != nil {
			return err
		}
		if t.Taken, err = statement.Backs(tx, payee, month, m.Location(), mostBacks); err != nil {
			return err
		}
		if t.Payments, err = statement.Payments(tx, payee, month, m.Location()); err != nil {
			return err
		}
		if month != statement.MonthOf(tx.Now, m.Location()) {
			return nil
		}
		pending, owed, debt := ledger.Commission(payee), ledger.Owed(payee), ledger.Receivable(payee)
		have, err := ledger.Balance(tx, pending, owed, debt)
		t.Waiting = have[pending]
		t.OnItsWay = t.Closing - have[pending] - have[owed] + have[debt]
		return err
	})
	return t, err
}

// StatementBook writes a payee's month as a workbook: its sums on one sheet,
// every line and payment on two more. Lines are read as they are written.
func (d *Door) StatementBook(ctx context.Context, w io.Writer, r tongue.Reader, m region.Market, payee id.ID, month statement.Month) error {
	t, err := d.Statement(ctx, m, payee, month, nil, 1)
	if err != nil {
		return err
	}
	r = r.At(m.Location(), d.DB.Now())
	first, _ := month.In(m.Location())
	agent := t.Payee.Kind == payable.Agent
	sums := workbook.Sheet{Name: r.T("statement.title", "month", month.String()), Widths: []int{34, 18}, Fill: func(put func(...workbook.Cell) error) error {
		return t.putSums(put, r, first)
	}}
	lines := workbook.Sheet{Name: r.T("statement.lines"), Widths: []int{12, 22, 34, 14, 14, 14, 10, 14, 30}, Head: 1, Fill: func(put func(...workbook.Cell) error) error {
		return d.putLines(ctx, put, r, t, month, agent)
	}}
	payments := workbook.Sheet{Name: r.T("statement.payments"), Widths: []int{12, 30, 22, 16}, Head: 1, Fill: func(put func(...workbook.Cell) error) error {
		return t.putPayments(put, r)
	}}
	return workbook.Write(w, sums, lines, payments)
}

func (t Told) putSums(put func(...workbook.Cell) error, r tongue.Reader, first time.Time) error {
	text := func(key string) workbook.Cell { return workbook.Text(r.T(key)) }
	number := t.Number
	if number == "" {
		number = r.T("statement.runs")
	}
	for _, row := range [][]workbook.Cell{
		{workbook.Text(t.Payee.Name).Loud()}, {workbook.Text(t.Market.Title(r.Lang()))},
		{text("statement.month"), workbook.Text(r.MonthYear(first))}, {text("statement.number"), workbook.Text(number)}, {text("statement.currency"), workbook.Text(t.Market.Currency)}, {},
		{text("statement.sales"), workbook.Count(t.Sales)}, {text("statement.sold"), workbook.Sum(t.Sold)}, {},
		{text("statement.opening"), workbook.Sum(t.Opening)}, {text("statement.earned"), workbook.Sum(t.Earned)}, {text("statement.reversed"), workbook.Sum(t.Reversed)},
		{text("statement.withheld"), workbook.Sum(t.Withheld)}, {text("statement.paid"), workbook.Sum(t.Paid)}, {text("statement.returned"), workbook.Sum(t.Returned)},
		{text("statement.closing").Loud(), workbook.Sum(t.Closing).Loud()},
	} {
		if err := put(row...); err != nil {
			return err
		}
	}
	return nil
}

func (d *Door) putLines(ctx context.Context, put func(...workbook.Cell) error, r tongue.Reader, t Told, month statement.Month, agent bool) error {
	heads := []string{r.T("statement.day"), r.T("statement.order"), r.T("statement.goods"), r.T("statement.buyer_paid")}
	if agent {
		heads = append(heads, r.T("statement.rate"), r.T("statement.commission"))
	} else {
		heads = append(heads, r.T("statement.others"), r.T("statement.yours"))
	}
	if err := put(workbook.Heads(append(heads, r.T("statement.why"))...)...); err != nil {
		return err
	}
	const piece = 1000
	var after *statement.After
	var base, others, amount int64
	for {
		var lines []statement.Line
		err := d.DB.View(ctx, t.Market.ID, func(tx *storage.Tx) (err error) {
			lines, err = statement.Lines(tx, t.Payee.ID, month, t.Market.Location(), after, piece)
			return err
		})
		if err != nil {
			return err
		}
		for _, l := range lines {
			base, others, amount = base+l.Base, others+l.Others, amount+l.Amount
			middle := workbook.Sum(l.Others)
			if agent {
				middle = workbook.Percent(int64(l.RateBP))
			}
			if err := put(workbook.Day(l.At.In(t.Market.Location())), workbook.Text(l.Number), workbook.Text(Titled(r, l)), workbook.Sum(l.Base), middle, workbook.Sum(l.Amount), workbook.Text(l.Why)); err != nil {
				return err
			}
		}
		if len(lines) < piece {
			break
		}
		end := lines[piece-1].End()
		after = &end
	}
	middle := workbook.Sum(others).Loud()
	if agent {
		middle = workbook.Text("")
	}
	return put(workbook.Text(r.T("statement.total")).Loud(), workbook.Text(""), workbook.Text(""), workbook.Sum(base).Loud(), middle, workbook.Sum(amount).Loud())
}

func (t Told) putPayments(put func(...workbook.Cell) error, r tongue.Reader) error {
	if err := put(workbook.Heads(r.T("statement.day"), r.T("statement.to"), r.T("statement.batch"), r.T("statement.sum"))...); err != nil {
		return err
	}
	var sum int64
	for _, p := range t.Payments {
		amount := p.Amount
		if p.Back {
			amount = -amount
		}
		sum += amount
		if err := put(workbook.Day(p.At.In(t.Market.Location())), workbook.Text(paidTo(r, p)), workbook.Text(p.Batch), workbook.Sum(amount)); err != nil {
			return err
		}
	}
	return put(workbook.Text(r.T("statement.total")).Loud(), workbook.Text(""), workbook.Text(""), workbook.Sum(sum).Loud())
}

// Titled is what was sold, in the reader's language where it has one.
func Titled(r tongue.Reader, l statement.Line) string {
	if l.No > order.StatementCharge {
		return r.T("charge." + l.Title)
	}
	if r.Lang() == tongue.English && l.TitleEN != "" {
		return l.TitleEN
	}
	return l.Title
}

// Ending writes where a piece of lines ended, for the address of the next.
func Ending(a statement.After) string {
	return strconv.FormatInt(a.At.UnixMicro(), 36) + "." + a.Sale.String() + "." + strconv.Itoa(a.No) + "." + a.Cause
}

// GoOn reads it; nothing is the beginning.
func GoOn(text string) (*statement.After, error) {
	if text == "" {
		return nil, nil
	}
	bad := fault.Invalid("after", "cursor_bad")
	piece := strings.SplitN(text, ".", 4)
	if len(piece) != 4 || len(piece[3]) > 200 {
		return nil, bad
	}
	at, err := strconv.ParseInt(piece[0], 36, 64)
	sale, ok := id.Parse(piece[1])
	no, wrong := strconv.ParseInt(piece[2], 10, 31)
	if err != nil || wrong != nil || !ok || at < 0 || at > 1<<53 {
		return nil, bad
	}
	return &statement.After{At: time.UnixMicro(at), Sale: sale, No: int(no), Cause: piece[3]}, nil
}

// paidTo is where a payout went: to an account, at a bank or a gateway, or into a hand.
func paidTo(r tongue.Reader, p statement.Payment) string {
	if p.Hand != "" {
		return r.T("cash.from", "hand", p.Hand)
	}
	if p.Tail == "" {
		return r.T("transfer.to", "bank", p.Bank)
	}
	return r.T("statement.account", "bank", p.Bank, "tail", p.Tail)
}
