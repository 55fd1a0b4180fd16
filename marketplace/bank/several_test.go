package bank_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"commonfield/agents/region"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// together puts the statements of several files into one, each with a name, a day and
// references of its own.
func together(files ...string) string {
	var all []string
	for i, f := range files {
		begin, end := strings.Index(f, "<Stmt>"), strings.Index(f, "</BkToCstmrStmt>")
		day := fmt.Sprintf("2026-11-%d", 24+i)
		all = append(all, strings.NewReplacer("S-1", fmt.Sprintf("S-%d", i+1), "2026-11-24", day).Replace(f[begin:end]))
	}
	begin, end := strings.Index(files[0], "<Stmt>"), strings.Index(files[0], "</BkToCstmrStmt>")
	return files[0][:begin] + strings.Join(all, "\n") + files[0][end:]
}

func (o *office) readAll(data string) ([]bank.Statement, error) {
	return o.bank.Import(context.Background(), o.Market, o.Operator.ID, []byte(data))
}

func TestAFileOfSeveralStatementsIsSeveral(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	first := camt("08", account, "130.00", entry("08", "CRDT", "130.00", "A1", "", p.Reference))
	nothing := camt("08", account, "130.00")
	last := camt("08", account, "137.00", entry("08", "CRDT", "7.00", "A2", "", "?"))
	for range 2 { // the same file again changes nothing
		all, err := o.readAll(together(first, nothing, last))
		must(t, err)
		if len(all) != 3 || all[0].Name != "S-1" || all[2].Name != "S-3" || all[0].Fresh != 1 || all[1].Lines != 0 || all[2].Fresh != 1 || all[1].Until.Day() != 25 || *all[2].Closing != 13700 {
			t.Fatalf("%+v", all)
		}
		o.see(func(tx *storage.Tx) error {
			held, err := bank.Hold(tx, all...)
			for i, s := range all {
				if h := held[s.ID]; h.Differ != 0 || h.Open != []int64{0, 0, 700}[i] {
					t.Errorf("%s: %+v", s.Name, h)
				}
			}
			return err
		})
	}
	if got := o.pay(p.ID); got.State != payment.Captured || len(o.lines()) != 2 {
		t.Errorf("the payment is %s, there are %d lines", got.State, len(o.lines()))
	}
	// One of them comes again with the next day's: it is known, in whatever file it is.
	next := camt("08", account, "140.00", entry("08", "CRDT", "3.00", "A3", "", "?"))
	again, err := o.readAll(strings.Replace(together(next, nothing, last), "S-1", "S-4", 1))
	must(t, err)
	var there []bank.Statement
	o.see(func(tx *storage.Tx) (err error) { there, err = bank.Statements(tx, 100); return })
	if len(there) != 4 || again[0].Fresh != 1 || again[2].Name != "S-3" || len(o.lines()) != 3 {
		t.Errorf("%d statements, %d lines: %+v", len(there), len(o.lines()), again)
	}
	o.clean()
}

func TestOfSeveralStatementsAllAreReadInOrNone(t *testing.T) {
	o := open(t)
	good := camt("02", account, "1.00", entry("02", "CRDT", "1.00", "A1", "", "?"))
	for name, c := range map[string]struct{ bad, code string }{
		"another's account":    {camt("02", "6228480000000000111", "1.00", entry("02", "CRDT", "1.00", "B1", "", "?")), "statement_other_account"},
		"another currency":     {strings.ReplaceAll(camt("02", account, "1.00", entry("02", "CRDT", "1.00", "B1", "", "?")), "CNY", "EUR"), "statement_currency"},
		"a reference of none":  {camt("02", account, "1.00", entry("02", "CRDT", "1.00", "", "", "?")), "statement_reference"},
		"a line of the first":  {camt("02", account, "1.00", entry("02", "CRDT", "1.00", "A1", "", "?")), "statement_twice"},
		"one line two times":   {camt("02", account, "2.00", entry("02", "CRDT", "1.00", "B1", "", "?"), entry("02", "CRDT", "1.00", "B1", "", "?")), "statement_twice"},
		"no sum where one was": {camt("02", account, "x", entry("02", "CRDT", "1.00", "B1", "", "?")), "statement_sum"},
	} {
		if _, err := o.readAll(together(good, c.bad)); !fault.Has(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var there []bank.Statement
	o.see(func(tx *storage.Tx) (err error) { there, err = bank.Statements(tx, 100); return })
	if len(there) != 0 || len(o.lines()) != 0 {
		t.Errorf("%d statements, %d lines", len(there), len(o.lines()))
	}
	entries := make([]string, 10_001)
	for i := range entries {
		entries[i] = `<Ntry><Amt Ccy="CNY">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-24</Dt></BookgDt><AcctSvcrRef>` + id.Short(id.New()) + "</AcctSvcrRef></Ntry>"
	}
	many := camt("02", account, "1.00", entries...)
	if _, err := o.readAll(together(many, many)); !fault.Has(err, "statement_large") {
		t.Errorf("two of 10,001 lines: %v", err)
	}
	if _, err := o.readAll(strings.ReplaceAll(strings.ReplaceAll(together(good, good), "CLBD", "ITBD"), "BOOK", "PDNG")); !fault.Has(err, "statement_empty") {
		t.Errorf("two of nothing: %v", err)
	}
}

// A table has no account's number in it; the market's may be filled in later.
func TestALineThatCameBeforeTheAccountHadANumberIsTheSameLine(t *testing.T) {
	o := open(t)
	must(t, region.Retell(t.Context(), o.DB, o.Market, region.Told{Name: "尉犁", TimeZone: "Asia/Shanghai"}))
	rows := []string{"2026-11-24,A1,7.00,,7.00,某人,?"}
	_, err := o.read(table(rows...))
	must(t, err)
	_, err = o.bank.Decide(t.Context(), o.Market, o.line("A1").ID, o.Operator.Person, bank.Say{Deed: bank.Unclaimed})
	must(t, err)
	o.named(account)
	for _, more := range []string{"", "2026-11-25,A2,1.00,,8.00,某人,?"} {
		if more != "" {
			rows = append(rows, more)
		}
		s, err := o.read(table(rows...))
		must(t, err)
		if s.Fresh != 1 || len(o.lines()) != len(rows) { // the first is given as it was read first
			t.Errorf("%d rows: %d are new, there are %d lines", len(rows), s.Fresh, len(o.lines()))
		}
	}
	o.clean()
}
