package door

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
	"commonfield/storage/workbook"
)

// JournalCSV writes a month of the book for an accountant's program: one line
// for each side of each posting, and a last one with how many there are and both
// sums, which are the same.
func (d *Door) JournalCSV(ctx context.Context, w io.Writer, r tongue.Reader, m region.Market, month ledger.Month) error {
	r = r.At(m.Location(), d.DB.Now())
	if _, err := io.WriteString(w, "\xef\xbb\xbf"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"voucher", "date", "time", "line", "account", "name", "of", "debit", "credit", "currency", "cause", "note", "entry", "reverses"}); err != nil {
		return err
	}
	t, err := d.sides(ctx, m, month, func(s side) error {
		debit, credit := "", plainSum(s.amount)
		if s.debit {
			debit, credit = credit, debit
		}
		reverses := ""
		if s.Reverses != nil {
			reverses = s.Reverses.String()
		}
		at := s.At.In(m.Location())
		return out.Write([]string{s.voucher, at.Format(time.DateOnly), at.Format(time.TimeOnly), strconv.Itoa(s.No), s.name, r.Account(s.name), s.of,
			debit, credit, m.Currency, guarded(s.Cause), guarded(s.Note), s.Entry.String(), reverses})
	})
	if err != nil {
		return err
	}
	if err := out.Write([]string{"total", "", "", strconv.FormatInt(t.lines, 10), "", "", "", plainSum(t.debit), plainSum(t.credit), m.Currency, "", "", "", ""}); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// JournalBook writes the same as a workbook, and on a second sheet every account
// with what stood there before, both sides and what stands there then.
func (d *Door) JournalBook(ctx context.Context, w io.Writer, r tongue.Reader, m region.Market, month ledger.Month) error {
	r = r.At(m.Location(), d.DB.Now())
	heads := func(keys ...string) []workbook.Cell {
		names := make([]string, len(keys))
		for i, k := range keys {
			names[i] = r.T("journal." + k)
		}
		return workbook.Heads(names...)
	}
	journal := workbook.Sheet{Name: r.T("journal.title", "month", month.Name), Widths: []int{16, 12, 20, 24, 38, 14, 14, 44, 24}, Head: 1, Fill: func(put func(...workbook.Cell) error) error {
		if err := put(heads("voucher", "date", "account", "name", "of", "debit", "credit", "cause", "note")...); err != nil {
			return err
		}
		t, err := d.sides(ctx, m, month, func(s side) error {
			debit, credit := workbook.Text(""), workbook.Sum(s.amount)
			if s.debit {
				debit, credit = credit, debit
			}
			return put(workbook.Text(s.voucher), workbook.Day(s.At.In(m.Location())), workbook.Text(s.name), workbook.Text(r.Account(s.name)), workbook.Text(s.of), debit, credit, workbook.Text(s.Cause), workbook.Text(s.Note))
		})
		if err != nil {
			return err
		}
		return put(workbook.Text(r.T("journal.total")).Loud(), workbook.Count(t.lines).Loud(), workbook.Text(""), workbook.Text(""), workbook.Text(""), workbook.Sum(t.debit).Loud(), workbook.Sum(t.credit).Loud())
	}}
	accounts := workbook.Sheet{Name: r.T("journal.accounts"), Widths: []int{24, 28, 16, 16, 16, 16}, Head: 1, Fill: func(put func(...workbook.Cell) error) error {
		if err := put(heads("account", "name", "opening", "debit", "credit", "closing")...); err != nil {
			return err
		}
		var rows []ledger.Turn
		if err := d.DB.Snapshot(ctx, m.ID, func(tx *storage.Tx) (err error) { rows, err = ledger.Turnover(tx, month.From, month.Until); return }); err != nil {
			return err
		}
		var all ledger.Turn
		for _, t := range rows {
			all.Opening, all.Debit, all.Credit = all.Opening+t.Opening, all.Debit+t.Debit, all.Credit+t.Credit
			if err := put(workbook.Text(t.Account), workbook.Text(r.Account(t.Account)), workbook.Sum(t.Opening), workbook.Sum(t.Debit), workbook.Sum(t.Credit), workbook.Sum(t.Closing())); err != nil {
				return err
			}
		}
		return put(workbook.Text(r.T("journal.total")).Loud(), workbook.Text(""), workbook.Sum(all.Opening).Loud(), workbook.Sum(all.Debit).Loud(), workbook.Sum(all.Credit).Loud(), workbook.Sum(all.Closing()).Loud())
	}}
	return workbook.Write(w, journal, accounts)
}

// side is one side of a posting, as a line of the journal.
type side struct {
	ledger.Posting
	voucher  string // YL-2026-11-00001: the entry's place in its month
	name, of string // the account of the trial balance, and whose it is
	debit    bool
	amount   int64
}

type journalTotal struct{ lines, debit, credit int64 }

// sides gives every side of a month's postings, each once, and what they come to. A
// connection that is lost on the way is not tried again, for what was given is
// written already (fault.Unavailable journal_cut).
func (d *Door) sides(ctx context.Context, m region.Market, month ledger.Month, each func(side) error) (t journalTotal, err error) {
	err = d.DB.Snapshot(ctx, m.ID, func(tx *storage.Tx) error {
		if t.lines > 0 {
			return fault.Unavailable("journal_cut")
		}
		last, n := "", 0
		return ledger.Journal(tx, month.From, month.Until, func(p ledger.Posting) error {
			if entry := p.Entry.String(); entry != last {
				last = entry
				n++
			}
			number := strconv.Itoa(n)
			number = strings.Repeat("0", max(5-len(number), 0)) + number
			for _, debit := range []bool{true, false} {
				s := side{Posting: p, voucher: m.Code + "-" + month.Name + "-" + number, debit: debit, amount: p.Amount}
				account := p.Credit
				t.lines++
				if debit {
					account = p.Debit
					t.debit += p.Amount
				} else {
					t.credit += p.Amount
				}
				s.name, s.of = ledger.Split(account)
				if err := each(s); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return t, err
}

// plainSum writes minor units with two decimals and a point.
func plainSum(minor int64) string {
	if minor < 0 {
		return "-" + plainSum(-minor)
	}
	fen := strconv.FormatInt(minor%100, 10)
	return strconv.FormatInt(minor/100, 10) + "." + strings.Repeat("0", 2-len(fen)) + fen
}

// guarded keeps a spreadsheet from reading what people wrote as a formula.
func guarded(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
