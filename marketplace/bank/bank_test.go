package bank_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/recon"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/blob"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const account = "6228480000000000999"

// office is a market whose bank sends statements.
type office struct {
	*testing.T
	*ordertest.World
	bank    *bank.Desk
	payouts *payout.Desk
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, World: ordertest.New(t)}
	blobs, err := blob.Open(t.Context(), filepath.Join(t.TempDir(), "blobs"))
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	o.payouts = payout.New(o.DB, o.Box, blobs, nil)
	o.bank = bank.New(o.DB, o.Orders, o.Recon, o.Desk, o.payouts)
	o.named(account)
	return o
}

func (o *office) named(number string) {
	o.Helper()
	must(o, region.Retell(context.Background(), o.DB, o.Market, region.Told{Name: "尉犁", TimeZone: "Asia/Shanghai", Account: region.Account{Holder: "合作社", Bank: "农行", Number: number}}))
}

// transfer places an order that is paid by transfer, and gives its payment.
func (o *office) transfer(grams int64) payment.Payment {
	o.Helper()
	ask := o.Ask(grams)
	ask.Way = "bank"
	b, err := o.Orders.Place(o.Context(), once.Key{}, ask)
	must(o, err)
	p, err := o.Orders.Pay(o.Context(), b.Market, b.Payment, "/")
	must(o, err)
	return p
}

func (o *office) pay(of id.ID) (p payment.Payment) {
	o.Helper()
	o.see(func(tx *storage.Tx) (err error) { p, err = payment.Find(tx, of); return })
	return p
}

func (o *office) see(read func(tx *storage.Tx) error) {
	o.Helper()
	must(o, o.DB.View(context.Background(), o.Market, read))
}

// read reads a file of one statement in.
func (o *office) read(data string) (bank.Statement, error) {
	all, err := o.bank.Import(context.Background(), o.Market, o.Operator.ID, []byte(data))
	return append(all, bank.Statement{})[0], err
}

func (o *office) lines() (all []bank.Line) {
	o.Helper()
	o.see(func(tx *storage.Tx) (err error) { all, err = bank.Lines(tx, id.None, 100); return })
	return all
}

func (o *office) line(reference string) bank.Line {
	o.Helper()
	for _, l := range o.lines() {
		if l.Reference == reference {
			return l
		}
	}
	o.Fatalf("no line %s", reference)
	return bank.Line{}
}

func (o *office) book(accounts string) int64 {
	o.Helper()
	var have map[string]int64
	o.see(func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, accounts); return })
	return have[accounts]
}

func (o *office) clean() {
	o.Helper()
	var all []audit.Check
	for _, of := range [][]audit.Check{ledger.Checks(), payment.Checks(), order.Checks(), payable.Checks(), payout.Checks(), bank.Checks()} {
		all = append(all, of...)
	}
	r, err := audit.Run(o.Context(), o.DB, []int32{o.Market}, all, nil)
	must(o, err)
	for _, c := range r.Checks {
		for _, v := range c.Violations {
			o.Errorf("audit: %s: %s", c.Name, v)
		}
	}
}

func table(rows ...string) string {
	return "\xef\xbb\xbf交易日期,交易流水号,收入,支出,余额,对方户名,摘要\r\n" + strings.Join(rows, "\r\n") + "\r\n"
}

// camt writes a statement of one version.
func camt(version, account, closing string, entries ...string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.%s"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>S-1</Id>
<Acct><Id><Othr><Id>%s</Id></Othr></Id></Acct><Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-23</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-24</Dt></Dt></Bal>%s</Stmt></BkToCstmrStmt></Document>`, version, account, closing, strings.Join(entries, "\n"))
}

func entry(version, side, sum, reference, end, words string) string {
	state, from := "BOOK", "<Nm>王芳</Nm>"
	if version == "08" {
		state, from = "<Cd>BOOK</Cd>", "<Pty><Nm>王芳</Nm></Pty>"
	}
	return fmt.Sprintf(`<Ntry><Amt Ccy="CNY">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>%s</Sts><BookgDt><Dt>2026-11-24</Dt></BookgDt><AcctSvcrRef>%s</AcctSvcrRef><BkTxCd/>
<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><RltdPties><Dbtr>%s</Dbtr></RltdPties><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`, sum, side, state, reference, end, from, words)
}

func TestATransferIsMatchedByItsReferenceAndItsWholeSum(t *testing.T) {
	for _, how := range []string{"csv", "02", "08"} {
		o := open(t)
		p := o.transfer(5000)
		spaced := p.Reference[:4] + " " + strings.ToLower(p.Reference[4:])
		data := table("2026-11-24,A1,130.00,,130.00,王芳,订单 "+spaced+" 谢谢", "2026-11-24,A2,7.00,,137.00,某人,不知道")
		if how != "csv" {
			data = camt(how, account, "137.00", entry(how, "CRDT", "130.00", "A1", "NOTPROVIDED", "订单 "+spaced), entry(how, "CRDT", "7.00", "A2", "", "不知道"))
		}
		for range 3 {
			s, err := o.read(data)
			must(t, err)
			if s.Lines != 2 || s.Fresh != 2 {
				t.Errorf("%s: %+v", how, s)
			}
		}
		if got := o.pay(p.ID); got.State != payment.Captured || got.Captured != 13000 {
			t.Errorf("%s: the payment is %s with %d", how, got.State, got.Captured)
		}
		if l := o.line("A1"); l.State != "done" || l.Deed != bank.Payment || l.Target != p.ID.String() || how != "csv" && l.Party != "王芳" {
			t.Errorf("%s: %+v", how, l)
		}
		if l := o.line("A2"); l.State != "open" || l.Amount != 700 {
			t.Errorf("%s: %+v", how, l)
		}
		// The next statement overlaps, and has one more.
		s, err := o.read(strings.Replace(data, "谢谢", "谢谢！", 1) + table("2026-11-25,A3,,3.00,134.00,银行,手续费")[len(table())-2:])
		if how == "csv" && (err != nil || s.Lines != 3 || s.Fresh != 1) {
			t.Errorf("the next one: %+v, %v", s, err)
		}
		if got := o.book(ledger.BankOperating); got != 13000 {
			t.Errorf("%s: the bank has %d", how, got)
		}
		o.clean()
	}
}

func TestWhatIsNotCertainWaitsForAPerson(t *testing.T) {
	o := open(t)
	a, b, c := o.transfer(5000), o.transfer(5000), o.transfer(5000)
	_, err := o.read(table(
		"2026-11-24,short,100.00,,,王芳,"+a.Reference,
		"2026-11-24,two,130.00,,,王芳,"+b.Reference+" "+c.Reference,
		"2026-11-24,none,130.00,,,王芳,谢谢",
		"2026-11-24,strange,130.00,,,王芳,CFZZZZZZZZ",
		"2026-11-24,out,,130.00,,王芳,"+a.Reference))
	must(t, err)
	for _, l := range o.lines() {
		if l.State != "open" {
			t.Errorf("%s is %s as %s", l.Reference, l.State, l.Deed)
		}
	}
	if got := o.book(ledger.BankOperating); got != 0 {
		t.Errorf("something was booked: %d", got)
	}
	say := func(reference, deed, target, why string) error {
		_, err := o.bank.Decide(t.Context(), o.Market, o.line(reference).ID, o.Operator.Person, bank.Say{Deed: deed, Target: target, Why: why})
		return err
	}
	for _, w := range []struct{ reference, deed, target, why, code string }{
		{"short", bank.Fee, "", "", "line_deed"}, {"out", bank.Payment, a.ID.String(), "", "line_deed"}, {"short", bank.Payment, "", "", "required"},
		{"short", bank.Payment, id.New().String(), "", "not_found"}, {"none", bank.Booked, "", " ", "required"}, {"out", bank.Payout, id.New().String(), "", "payout_unknown"},
		{"out", bank.Refund, id.New().String(), "", "not_found"}, {"none", "wish", "", "", "line_deed"},
	} {
		if err := say(w.reference, w.deed, w.target, w.why); !fault.Has(err, w.code) {
			t.Errorf("%s as %s: %v", w.reference, w.deed, err)
		}
		if l := o.line(w.reference); l.State != "open" {
			t.Errorf("after a refusal %s is %s", w.reference, l.State)
		}
	}
	must(t, say("short", bank.Payment, a.ID.String(), ""))
	must(t, say("two", bank.Payment, b.ID.String(), ""))
	must(t, say("none", bank.Unclaimed, "", ""))
	must(t, say("strange", bank.Capital, "", ""))
	must(t, say("out", bank.Fee, "", ""))
	for range 2 {
		must(t, say("none", bank.Unclaimed, "", ""))
	}
	if err := say("none", bank.Capital, "", ""); !fault.Has(err, "line_taken") {
		t.Errorf("said to be something else later: %v", err)
	}
	if got := o.pay(a.ID); got.Captured != 10000 || got.State != payment.Open {
		t.Errorf("%+v", got)
	}
	if bankHas, mine := o.book(ledger.BankOperating), o.book(ledger.OwnCapital); bankHas != 10000+13000+13000+13000-13000 || mine != 13000 {
		t.Errorf("the bank has %d, capital is %d", bankHas, mine)
	}
	o.clean()
}

func TestAWrongStatementChangesNothing(t *testing.T) {
	o := open(t)
	good := table("2026-11-24,A1,130.00,,,王芳,x")
	_, err := o.read(good)
	must(t, err)
	for name, c := range map[string]struct{ data, code string }{
		"nothing":             {"", "statement_empty"},
		"only a head":         {table(), "statement_empty"},
		"other columns":       {"a,b\n1,2\n", "statement_columns"},
		"no day":              {table("gestern,B1,1.00,,,,"), "statement_day"},
		"no sum":              {table("2026-11-24,B1,,,,,"), "statement_sum"},
		"both sides":          {table("2026-11-24,B1,1.00,2.00,,,"), "statement_sum"},
		"half a fen":          {table("2026-11-24,B1,1.005,,,,"), "statement_sum"},
		"no reference":        {table("2026-11-24,,1.00,,,,"), "statement_reference"},
		"one twice":           {table("2026-11-24,B1,1.00,,,,", "2026-11-24,B1,1.00,,,,"), "statement_twice"},
		"known otherwise":     {table("2026-11-24,B1,1.00,,,,", "2026-11-24,A1,131.00,,,,"), "line_differs"},
		"known on another":    {table("2026-11-25,A1,130.00,,,,"), "line_differs"},
		"another's account":   {camt("08", "6228480000000000111", "1.00", entry("08", "CRDT", "1.00", "B1", "", "")), "statement_other_account"},
		"another currency":    {strings.ReplaceAll(camt("02", account, "1.00", entry("02", "CRDT", "1.00", "B1", "", "")), "CNY", "USD"), "statement_currency"},
		"another message":     {strings.Replace(camt("02", account, "1.00"), "camt.053", "camt.054", 1), "statement_layout"},
		"a page of the bank":  {"<html><body/></html>", "statement_layout"},
		"cut off":             {camt("02", account, "1.00")[:300], "statement_unreadable"},
		"an entity":           {`<!DOCTYPE d [<!ENTITY e "x">]>` + strings.Replace(camt("02", account, "1.00")[38:], "S-1", "&e;", 1), "statement_unreadable"},
		"no side":             {strings.ReplaceAll(camt("02", account, "1.00", entry("02", "CRDT", "1.00", "B1", "", "")), "CRDT", "x"), "statement_sum"},
		"another alphabet":    {"\xb9\xc5", "statement_columns"},
		"an open quote":       {"date,reference,amount\n2026-11-24,\"B1,1.00\n", "statement_unreadable"},
		"more than it may be": {strings.Repeat("x", 9<<20), "statement_large"},
	} {
		if _, err := o.read(c.data); !fault.Has(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(o.lines()); n != 1 {
		t.Errorf("%d lines", n)
	}
	if _, err := o.read(strings.Replace(camt("08", account, "1.00", entry("08", "CRDT", "1.00", "B9", "", "")), "<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>", 1)); err != nil || len(o.lines()) != 1 {
		t.Errorf("what is only announced was read in: %v", err)
	}
}

// paidOut makes a payout of what the world's producer earned, on its way.
func (o *office) paidOut() (payout.Batch, payout.Payout) {
	o.Helper()
	o.UpTo(o.T, order.Completed)
	o.Drain(o.T)
	must(o, payable.SetAccount(o.Context(), o.DB, o.Market, o.Producer.PayeeID, payable.Account{Holder: "吐尔逊", Bank: "农行", Number: "6228480012345678"}, o.Box, o.Operator.ID))
	must(o, o.Desk.Capital(o.Context(), o.Market, o.Operator.ID, 1_000_000, "start"))
	b, err := o.payouts.Draft(o.Context(), once.Key{}, o.Market, o.Operator.ID, []id.ID{o.Producer.PayeeID})
	must(o, err)
	b, err = o.payouts.Approve(o.Context(), o.Market, b.ID, people.System.ID)
	must(o, err)
	var all []payout.Payout
	o.see(func(tx *storage.Tx) (err error) { all, err = payout.Payouts(tx, b.ID); return })
	return b, all[0]
}

func (o *office) payoutState(of id.ID) (state string) {
	o.Helper()
	o.see(func(tx *storage.Tx) error {
		p, err := payout.FindPayout(tx, of)
		state = p.State
		return err
	})
	return state
}

func TestAPayoutLeavesAndComesBack(t *testing.T) {
	o := open(t)
	b, p := o.paidOut()
	reference, sum := b.Number+"-"+p.Number(), fmt.Sprintf("%d.%02d", p.Amount/100, p.Amount%100)
	_, err := o.read(table("2026-11-24,OUT,,"+sum+",,吐尔逊,"+strings.ReplaceAll(reference, "-", " "), "2026-11-24,AGAIN,,"+sum+",,吐尔逊,"+reference))
	must(t, err)
	if o.payoutState(p.ID) != payout.Paid || o.line("OUT").Deed != bank.Payout || o.line("AGAIN").State != "open" {
		t.Errorf("it is %s, %+v, %+v", o.payoutState(p.ID), o.line("OUT"), o.line("AGAIN"))
	}
	_, err = o.bank.Decide(t.Context(), o.Market, o.line("AGAIN").ID, o.Operator.Person, bank.Say{Deed: bank.Payout, Target: p.ID.String()})
	if !fault.Has(err, "line_used") {
		t.Errorf("one payout left twice: %v", err)
	}
	_, err = o.read(table("2026-11-26,BACK,"+sum+",,,吐尔逊,退汇 "+reference, "2026-11-26,LESS,1.00,,,吐尔逊,退汇 "+reference))
	must(t, err)
	back := o.line("BACK")
	if back.State != "open" {
		t.Errorf("it came back and nobody was asked: %+v", back)
	}
	var all []bank.Guess
	o.see(func(tx *storage.Tx) error {
		by, err := bank.Guesses(tx, back)
		all = by[back.ID]
		return err
	})
	if len(all) != 1 || all[0].Deed != bank.Returned || all[0].Target != p.ID {
		t.Errorf("guessed %+v", all)
	}
	if _, err = o.bank.Decide(t.Context(), o.Market, o.line("LESS").ID, o.Operator.Person, bank.Say{Deed: bank.Returned, Target: p.ID.String()}); !fault.Has(err, "line_sum") {
		t.Errorf("another sum came back: %v", err)
	}
	for range 2 {
		_, err = o.bank.Decide(t.Context(), o.Market, back.ID, o.Operator.Person, bank.Say{Deed: bank.Returned, Target: p.ID.String(), Why: "账号错了"})
		must(t, err)
	}
	if o.payoutState(p.ID) != payout.Returned || o.book(ledger.BankOperating) != 1_000_000 {
		t.Errorf("it is %s, the bank has %d", o.payoutState(p.ID), o.book(ledger.BankOperating))
	}
	o.clean()
}

func TestARefundByTransferIsFoundOnTheStatement(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	_, err := o.read(table("2026-11-24,IN,130.00,,,王芳,"+p.Reference, "2026-11-24,MORE,5.00,,,王芳,"+p.Reference))
	must(t, err)
	_, err = o.bank.Decide(t.Context(), o.Market, o.line("MORE").ID, o.Operator.Person, bank.Say{Deed: bank.Payment, Target: p.ID.String()})
	must(t, err)
	r, err := o.Desk.GiveBack(t.Context(), o.Market, p.ID, o.Operator.ID, "excess")
	must(t, err)
	_, err = o.read(table("2026-11-25,OUT,,5.00,,王芳,退 "+p.Reference, "2026-11-25,OTHER,,4.00,,王芳,退 "+p.Reference))
	must(t, err)
	o.see(func(tx *storage.Tx) error {
		got, err := payment.FindRefund(tx, r.ID)
		if got.State != payment.RefundSucceeded || o.line("OUT").Deed != bank.Refund || o.line("OTHER").State != "open" {
			t.Errorf("the refund is %s; %+v; %+v", got.State, o.line("OUT"), o.line("OTHER"))
		}
		return err
	})
	if got := o.book(ledger.BankOperating); got != 13000 {
		t.Errorf("the bank has %d", got)
	}
	o.clean()
}

func TestTheBankAgreesWithTheBooksOrADifferenceIsBookedByAPerson(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	o.Clock.Advance(36 * time.Hour) // read in the day after
	s, err := o.read(camt("02", account, "150.00", entry("02", "CRDT", "130.00", "A1", "", p.Reference), entry("02", "CRDT", "10.00", "A2", "", "?")))
	must(t, err)
	hold := func() (h bank.Held) {
		o.see(func(tx *storage.Tx) error {
			now, err := bank.Find(tx, s.ID)
			if err != nil {
				return err
			}
			held, err := bank.Hold(tx, now)
			var any bool
			if h, any = held[now.ID]; !any && err == nil {
				t.Error("it says no sum")
			}
			return err
		})
		return h
	}
	if h := hold(); h != (bank.Held{Bank: 15000, Books: 13000, Open: 1000, Waits: 1, Differ: 1000}) {
		t.Errorf("%+v", h)
	}
	rec := func(why string) error { return o.bank.Reconcile(t.Context(), o.Market, s.ID, o.Operator.ID, why) }
	for why, code := range map[string]string{"": "required", "查过了": "statement_lines_open"} {
		if err := rec(why); !fault.Has(err, code) {
			t.Errorf("%q: %v", why, err)
		}
	}
	_, err = o.bank.Decide(t.Context(), o.Market, o.line("A2").ID, o.Operator.Person, bank.Say{Deed: bank.Unclaimed})
	must(t, err)
	if h := hold(); h != (bank.Held{Bank: 15000, Books: 14000, Differ: 1000}) {
		t.Errorf("then %+v", h)
	}
	for range 2 {
		must(t, rec("开户时账上就有 10 元"))
	}
	if h := hold(); h.Differ != 0 || o.book(ledger.Recon) != -1000 || o.book(ledger.BankOperating) != 15000 {
		t.Errorf("booked: %+v, recon %d", h, o.book(ledger.Recon))
	}
	o.clean()
}

func Test64WhoReadTheSameAndDecideAtOnceHaveOneEffect(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	data := table("2026-11-24,A1,130.00,,,王芳,"+p.Reference, "2026-11-24,A2,20.00,,,王芳,x")
	errs := make(chan error, 64)
	for range 64 {
		go func() { _, err := o.read(data); errs <- err }()
	}
	for range 64 {
		must(t, <-errs)
	}
	if len(o.lines()) != 2 || o.book(ledger.BankOperating) != 13000 {
		t.Errorf("%d lines, the bank has %d", len(o.lines()), o.book(ledger.BankOperating))
	}
	line := o.line("A2").ID
	deeds := []string{bank.Unclaimed, bank.Capital, bank.Banked}
	for i := range 64 {
		go func() {
			_, err := o.bank.Decide(context.Background(), o.Market, line, o.Operator.Person, bank.Say{Deed: deeds[i%3]})
			errs <- err
		}()
	}
	for range 64 {
		if err := <-errs; err != nil && !fault.Has(err, "line_taken") {
			t.Error(err)
		}
	}
	if got := o.book(ledger.BankOperating); got != 15000 {
		t.Errorf("two different deeds were booked: %d", got)
	}
	o.clean()
}

func TestWhatWasCutBetweenStepsIsFinishedByTheJob(t *testing.T) {
	o := open(t)
	p := o.transfer(5000)
	s, err := o.read(table("2026-11-24,A1,1.00,,,王芳,x", "2026-11-24,A2,130.00,,,王芳,x"))
	must(t, err)
	// One line was taken and the program ended before its money was booked; of the
	// other it ended after.
	_, err = o.Orders.Confirm(t.Context(), o.Operator, o.Market, p.ID, 13000, "A2")
	must(t, err)
	must(t, o.DB.Update(t.Context(), o.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		for reference, say := range map[string][2]string{"A1": {bank.Unclaimed, ""}, "A2": {bank.Payment, p.ID.String()}} {
			if _, err := tx.Exec(`UPDATE bank_lines SET state = 'doing', deed = $3, target = $4, done_by = $5 WHERE market_id = $1 AND reference = $2`, o.Market, reference, say[0], say[1], o.Operator.ID); err != nil {
				return err
			}
		}
		return nil
	}))
	for range 2 {
		_, err := o.bank.Matcher().Call(t.Context(), jobOf(o.Market, s.ID))
		must(t, err)
	}
	if o.line("A1").State != "done" || o.line("A2").State != "done" || o.book(ledger.BankOperating) != 13100 {
		t.Errorf("%+v, the bank has %d", o.lines(), o.book(ledger.BankOperating))
	}
	o.clean()
}

func jobOf(market int32, statement id.ID) jobs.Job {
	return jobs.Job{Market: market, Kind: bank.JobMatch, Key: statement.String()}
}

// The gateway's payout is in the books when the gateway has sent it; the bank's line
// meets it and posts nothing, and until then the statement agrees without it.
func TestALineOfTheGatewaysPayoutMeetsWhatItsSideHasBooked(t *testing.T) {
	o := open(t)
	paid := id.New()
	must(t, o.DB.Update(t.Context(), o.Market, func(tx *storage.Tx) error {
		tx.Queue(`INSERT INTO gateway_lines (market_id, id, gateway, reference, kind, object, amount_minor, fee_minor, currency, moved_at, usable_at, state, created_at)
			VALUES ($1, $2, 'stripe', 'txn_1', 'payout', 'po_1', -7000, 0, 'CNY', $3, $3, 'open', $3)`, tx.Market, paid, tx.Now)
		// And as many before it as a year has days.
		tx.Queue(`INSERT INTO gateway_lines (market_id, id, gateway, reference, kind, object, amount_minor, fee_minor, currency, moved_at, usable_at, state, deed, created_at)
			SELECT $1::int, gen_random_uuid(), 'stripe', 'old_' || n, 'payout', 'old_' || n, -7000, 0, 'CNY', $2::timestamptz, $2::timestamptz, 'done', 'payout', $2::timestamptz FROM generate_series(1, 365) AS n`, tx.Market, tx.Now.AddDate(0, -2, 0))
		recon.Again(tx, "now")
		return nil
	}))
	o.Drain(t)
	day := func(n int) string { return o.Clock.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	file := func(rows ...string) bank.Statement {
		s, err := o.bank.Import(t.Context(), o.Market, o.Operator.ID, []byte("date,reference,amount,party,balance\n"+strings.Join(rows, "\n")))
		must(t, err)
		return s[0]
	}
	off := func(s bank.Statement) int64 {
		var held map[id.ID]bank.Held
		must(t, o.DB.View(t.Context(), o.Market, func(tx *storage.Tx) (err error) { held, err = bank.Hold(tx, s); return }))
		return held[s.ID].Differ
	}
	before := off(file(day(0) + ",A0,-1.00,,-1.00"))
	if before != 0 {
		t.Fatalf("on its way, %d differ", before)
	}
	file(day(2)+",A1,70.00,STRIPE PAYMENTS,69.00", day(2)+",A2,70.00,王芳,139.00")
	var lines []bank.Line
	must(t, o.DB.View(t.Context(), o.Market, func(tx *storage.Tx) (err error) { lines, err = bank.Lines(tx, id.None, 10); return }))
	of := map[string]bank.Line{}
	for _, l := range lines {
		of[l.Reference] = l
	}
	if l := of["A1"]; l.State != "done" || l.Deed != bank.Banked || l.Target != paid.String() {
		t.Fatalf("%+v", l)
	}
	_, err := o.bank.Decide(t.Context(), o.Market, of["A2"].ID, o.Operator.Person, bank.Say{Deed: bank.Banked, Target: "the gateway"})
	if !fault.Has(err, "required") { // a payout that there is not
		t.Fatal(err)
	}
	_, err = o.bank.Decide(t.Context(), o.Market, of["A2"].ID, o.Operator.Person, bank.Say{Deed: bank.Banked, Target: paid.String()})
	if !fault.Has(err, "line_used") {
		t.Fatal(err)
	}
	var have map[string]int64
	must(t, o.DB.View(t.Context(), o.Market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, ledger.BankOperating); return }))
	if have[ledger.BankOperating] != 7000 {
		t.Fatalf("%v", have)
	}
}
