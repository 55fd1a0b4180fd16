package door

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/region"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// SpanOf reads a span as people write it: two days on the market's clock, both of
// them in it, each of which may be left out.
func SpanOf(from, to string, zone *time.Location) (ledger.Span, error) {
	first, wrong := spanDay("from", from, zone)
	last, wrongToo := spanDay("to", to, zone)
	if err := fault.All(wrong, wrongToo); err != nil {
		return ledger.Span{}, err
	}
	in := ledger.Span{From: first}
	if !last.IsZero() {
		in.Until = last.AddDate(0, 0, 1)
	}
	if !in.Until.IsZero() && !in.From.Before(in.Until) {
		return ledger.Span{}, fault.Invalid("to", "days_backwards")
	}
	return in, nil
}

func spanDay(field, text string, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil || day.Year() < 1900 {
		return time.Time{}, fault.Invalid(field, "not_a_day")
	}
	return day, nil
}

// Holders gives the names of the payees whose accounts are among these. They are
// for who may read the books.
func Holders(tx *storage.Tx, accounts ...string) (map[string]string, error) {
	of := map[string]id.ID{}
	var payees []id.ID
	for _, a := range accounts {
		class, whose := ledger.Split(a)
		payee, ok := id.Parse(whose)
		if _, seen := of[a]; seen || !ok || !held[class] {
			continue
		}
		of[a] = payee
		payees = append(payees, payee)
	}
	names := map[string]string{}
	if len(payees) == 0 {
		return names, nil
	}
	found, err := payable.FindPayees(tx, payees)
	for a, payee := range of {
		if p, there := found[payee]; there {
			names[a] = p.Name
		}
	}
	return names, err
}

// held are the accounts that are named after a payee.
var held = map[string]bool{"owed": true, "receivable": true, "commission": true, "cash:agent": true, "cash:producer": true}

// Sides are the accounts of postings, for Holders.
func Sides(legs ...ledger.Posting) []string {
	all := make([]string, 0, 2*len(legs))
	for _, l := range legs {
		all = append(all, l.Debit, l.Credit)
	}
	return all
}

// ExtractCSV writes an account over a span: what stood there before, each posting
// with what stood there after it, the oldest first, and a last line with both
// sides and what stands there then.
func (d *Door) ExtractCSV(ctx context.Context, w io.Writer, r tongue.Reader, m region.Market, account string, in ledger.Span) error {
	r = r.At(m.Location(), d.DB.Now())
	class, _ := ledger.Split(account)
	name := r.Account(class)
	var rows [][]string
	err := d.DB.Snapshot(ctx, m.ID, func(tx *storage.Tx) error {
		var sums ledger.Extract
		rows = [][]string{{"date", "time", "account", "name", "other", "other_name", "payee", "debit", "credit", "balance", "currency", "cause", "note", "entry", "line"}}
		sum := func(day, said, debit, credit string, balance int64) {
			rows = append(rows, []string{day, "", account, name, "", said, "", debit, credit, plainSum(balance), m.Currency, "", "", "", ""})
		}
		begin := func(x ledger.Extract) error {
			sums = x
			sum(dated(in.From, m.Location()), "opening", "", "", x.Opening)
			return nil
		}
		err := ledger.EachStep(tx, account, in, begin, func(l ledger.Running) error {
			debit, credit, other := plainSum(l.Amount), "", l.Credit
			if l.Credit == account {
				debit, credit, other = "", debit, l.Debit
			}
			of, _ := ledger.Split(other)
			at := l.At.In(m.Location())
			rows = append(rows, []string{at.Format(time.DateOnly), at.Format(time.TimeOnly), account, name, other, r.Account(of), "",
				debit, credit, plainSum(l.Balance), m.Currency, guarded(l.Cause), guarded(l.Note), l.Entry.String(), strconv.Itoa(l.No)})
			return nil
		})
		if err != nil {
			return err
		}
		sum("", "closing", plainSum(sums.Debit), plainSum(sums.Credit), sums.Closing)
		return payeesIn(tx, rows[1:])
	})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\xef\xbb\xbf"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return out.WriteAll(rows)
}

// payeesIn fills in whose the other accounts are.
func payeesIn(tx *storage.Tx, rows [][]string) error {
	var others []string
	for _, row := range rows {
		others = append(others, row[4])
	}
	names, err := Holders(tx, others...)
	for _, row := range rows {
		row[6] = guarded(names[row[4]])
	}
	return err
}

func dated(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}
