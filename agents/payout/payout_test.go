package payout_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/storage"
	"commonfield/storage/blob"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
	"commonfield/storage/seal"
	"commonfield/storage/trail"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var (
	noon         = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	anna, bernat = id.New(), id.New() // two operators
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// office is a market with a payout desk and a clock that the test moves.
type office struct {
	t      *testing.T
	db     *storage.DB
	market int32
	now    *atomic.Int64
	box    *seal.Box
	blobs  *blob.Store
	desk   *payout.Desk
	sent   *post
}

// post is a sender that counts.
type post struct {
	mu    sync.Mutex
	files map[string]int // by content
}

func (p *post) Send(_ context.Context, f payout.File) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files[f.SHA256]++
	return nil
}

func open(t *testing.T) *office {
	o := &office{t: t, now: new(atomic.Int64)}
	o.now.Store(noon.UnixNano())
	o.db, o.market = dbtest.Open(t, func(s *storage.Options) {
		s.Clock = func() time.Time { return time.Unix(0, o.now.Load()) }
	})
	o.furnish()
	return o
}

func (o *office) furnish() {
	var err error
	o.box, err = seal.Open(filepath.Join(o.t.TempDir(), "keys.json"))
	must(o.t, err)
	o.blobs, err = blob.Open(o.t.Context(), filepath.Join(o.t.TempDir(), "blobs"))
	must(o.t, err)
	o.t.Cleanup(func() { _ = o.blobs.Close() })
	o.sent = &post{files: map[string]int{}}
	o.desk = payout.New(o.db, o.box, o.blobs, o.sent)
}

func (o *office) pass(d time.Duration) { o.now.Add(int64(d)) }

func (o *office) update(fn func(tx *storage.Tx) error) {
	o.t.Helper()
	must(o.t, o.db.Update(context.Background(), o.market, fn))
}

func (o *office) view(fn func(tx *storage.Tx) error) {
	o.t.Helper()
	must(o.t, o.db.View(context.Background(), o.market, fn))
}

// payee makes a payee with a bank account and what is owed to them.
func (o *office) payee(name string, owed ...int64) id.ID {
	o.t.Helper()
	p := o.bare(name, owed...)
	o.account(p, fmt.Sprintf("6228%012d", o.now.Load()%1e12))
	return p
}

// bare is a payee without an account.
func (o *office) bare(name string, owed ...int64) id.ID {
	o.t.Helper()
	var p id.ID
	o.update(func(tx *storage.Tx) error { p = payable.NewPayee(tx, payable.Producer, name, id.None); return nil })
	for _, sum := range owed {
		o.owe(p, sum, id.New())
	}
	return p
}

func (o *office) account(p id.ID, number string) {
	o.t.Helper()
	must(o.t, payable.SetAccount(context.Background(), o.db, o.market, p, payable.Account{Holder: "持卡人", Bank: "农行", Number: number}, o.box, anna))
}

// owe releases a sum to a payee.
func (o *office) owe(p id.ID, sum int64, sale id.ID) {
	o.t.Helper()
	o.update(func(tx *storage.Tx) error {
		payable.Add(tx, payable.Row{Payee: p, Cause: "release:" + sale.String(), Amount: sum, Sale: sale})
		return ledger.Post(tx, ledger.Entry{Cause: "release:" + sale.String(), Legs: []ledger.Leg{{Debit: ledger.BankOperating, Credit: ledger.Owed(p), Amount: sum}}})
	})
}

// takeBack refunds a sum: from what is owed, the rest is receivable.
func (o *office) takeBack(p id.ID, sum int64) error {
	refund := id.New()
	return o.db.Update(context.Background(), o.market, func(tx *storage.Tx) error {
		have, err := ledger.Lock(tx, ledger.Owed(p), ledger.Receivable(p))
		if err != nil {
			return err
		}
		has := min(have[ledger.Owed(p)], sum)
		payable.Add(tx, payable.Row{Payee: p, Cause: "refund:" + refund.String(), Amount: -sum})
		return ledger.Post(tx, ledger.Entry{Cause: "refund:" + refund.String(), Legs: []ledger.Leg{
			{Debit: ledger.Owed(p), Credit: ledger.TransitRefund(refund), Amount: has},
			{Debit: ledger.Receivable(p), Credit: ledger.TransitRefund(refund), Amount: sum - has}}})
	})
}

func (o *office) draft(payees ...id.ID) payout.Batch {
	o.t.Helper()
	b, err := o.desk.Draft(context.Background(), once.Key{}, o.market, anna, payees)
	must(o.t, err)
	return b
}

func (o *office) approve(b payout.Batch) payout.Batch {
	o.t.Helper()
	b, err := o.desk.Approve(context.Background(), o.market, b.ID, bernat)
	must(o.t, err)
	return b
}

func says(rows ...payout.Answer) payout.Answers { return payout.Answers{Rows: rows} }

func fateOf(paid bool) string {
	if paid {
		return payout.Paid
	}
	return payout.Failed
}

func (o *office) payouts(b payout.Batch) (rows []payout.Payout) {
	o.t.Helper()
	o.view(func(tx *storage.Tx) (err error) {
		rows, err = payout.Payouts(tx, b.ID)
		return err
	})
	return rows
}

func (o *office) find(b payout.Batch) (found payout.Batch) {
	o.t.Helper()
	o.view(func(tx *storage.Tx) (err error) {
		found, err = payout.Find(tx, b.ID)
		return err
	})
	return found
}

// books gives balances in the order of the accounts.
func (o *office) books(accounts ...string) (sums []int64) {
	o.t.Helper()
	o.view(func(tx *storage.Tx) error {
		b, err := ledger.Balance(tx, accounts...)
		for _, a := range accounts {
			sums = append(sums, b[a])
		}
		return err
	})
	return sums
}

func (o *office) bank() int64 { return o.books(ledger.BankOperating)[0] }

func same(a, b []int64) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

// clean holds the checks of payouts, payables and the ledger against the market.
func (o *office) clean() {
	o.t.Helper()
	must(o.t, o.db.Snapshot(context.Background(), o.market, func(tx *storage.Tx) error {
		for _, c := range append(append(payout.Checks(), payable.Checks()...), ledger.Checks()...) {
			if _, wrong, err := c.Run(tx); err != nil || len(wrong) > 0 {
				o.t.Errorf("%s: %v %v", c.Name, wrong, err)
			}
		}
		return nil
	}))
}

func (o *office) table(b payout.Batch) [][]string {
	o.t.Helper()
	f, err := o.desk.File(context.Background(), o.market, b.ID)
	must(o.t, err)
	data := f.Data
	if !bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		o.t.Error("the file has no byte-order mark")
	}
	rows, err := csv.NewReader(bytes.NewReader(data[3:])).ReadAll()
	must(o.t, err)
	return rows
}

func TestABatchWalksFromDraftToClosed(t *testing.T) {
	o := open(t)
	a, b := o.payee("古丽", 100_00, 23_50), o.payee("阿依", 7)
	start := o.bank()
	batch := o.draft()
	if batch.State != payout.Draft || batch.Total != 123_57 || batch.Payouts != 2 || batch.Currency != "CNY" || !strings.HasPrefix(batch.Number, "P20261124-") {
		t.Fatalf("the draft: %+v", batch)
	}
	o.clean()
	batch = o.approve(batch)
	if batch.State != payout.Submitted || batch.FileKey != fmt.Sprintf("payouts/%d/%s.csv", o.market, batch.ID) || len(batch.FileSHA256) != 64 {
		t.Fatalf("approved: %+v", batch)
	}
	o.clean()
	rows := o.payouts(batch)
	if got := o.books(ledger.Owed(a), ledger.Owed(b), ledger.TransitPayout(rows[0].ID), ledger.TransitPayout(rows[1].ID)); !same(got[:2], []int64{0, 0}) || got[2]+got[3] != 123_57 {
		t.Errorf("books in transit: %v", got)
	}
	table := o.table(batch)
	var answers strings.Builder
	answers.WriteString("number,state,reason\n")
	for _, r := range table[1:] {
		answers.WriteString(r[0] + ",paid,\n")
	}
	closed, err := o.desk.AnswerFile(t.Context(), once.Key{}, o.market, batch.ID, []byte(answers.String()))
	must(t, err)
	if closed.State != payout.Closed || o.find(batch).State != payout.Closed {
		t.Errorf("answered: %+v", closed)
	}
	for _, r := range o.payouts(batch) {
		if r.State != payout.Paid {
			t.Errorf("payout %+v", r)
		}
	}
	if paid := start - o.bank(); paid != 123_57 {
		t.Errorf("the bank paid %d", paid)
	}
	o.clean()
	if _, err := o.desk.Draft(t.Context(), once.Key{}, o.market, anna, nil); !fault.Has(err, "payout_nothing") {
		t.Errorf("a second draft: %v", err)
	}
}

func TestWhoDraftsDoesNotApprove(t *testing.T) {
	o := open(t)
	p := o.payee("A", 100)
	b := o.draft()
	_, err := o.desk.Approve(t.Context(), o.market, b.ID, anna)
	if f, ok := fault.As(err); !ok || f.Kind != fault.KindForbidden || f.Code != "payout_self_approve" {
		t.Fatalf("%v", err)
	}
	if got := o.books(ledger.Owed(p)); got[0] != 100 || o.find(b).State != payout.Draft {
		t.Errorf("something moved: %v", got)
	}
}

func TestADraftLeavesOutWhoCannotBePaidAndSaysWhy(t *testing.T) {
	o := open(t)
	good := o.payee("good", 100)
	none := o.bare("no account", 100)
	cooling := o.payee("cooling", 100)
	o.account(cooling, "11112222")
	debtor := o.payee("debtor", 100)
	must(t, o.takeBack(debtor, 300))
	even := o.payee("even", 100)
	must(t, o.takeBack(even, 100))
	iced := o.payee("frozen")
	sale := id.New()
	o.owe(iced, 100, sale)
	o.update(func(tx *storage.Tx) error { payable.Freeze(tx, sale, true); return nil })
	empty := o.payee("empty")
	want := map[id.ID]string{none: payout.NoAccount, cooling: payout.CoolingDown, debtor: payout.CarriedOn, even: payout.CarriedOn, iced: payout.NothingOpen, empty: payout.NothingOpen}
	o.view(func(tx *storage.Tx) error {
		due, err := payout.Due(tx)
		if len(due) != 6 {
			t.Errorf("due: %+v", due)
		}
		return err
	})
	b := o.draft(good, none, cooling, debtor, even, iced, empty)
	if b.Payouts != 1 || b.Total != 100 || len(b.Skipped) != len(want) {
		t.Fatalf("the draft: %+v", b)
	}
	for _, s := range b.Skipped {
		if want[s.Payee] != s.Reason {
			t.Errorf("%s is left out for %q, not %q", s.Name, s.Reason, want[s.Payee])
		}
	}
	o.pass(payable.Cooling)
	if b := o.draft(); b.Payouts != 1 || o.payouts(b)[0].PayeeID != cooling {
		t.Errorf("after 72 hours: %+v", b)
	}
	o.clean()
}

func TestAFrozenEarningStaysAndTheRestIsPaid(t *testing.T) {
	o := open(t)
	p := o.payee("A", 100)
	sale := id.New()
	o.owe(p, 40, sale)
	o.update(func(tx *storage.Tx) error { payable.Freeze(tx, sale, true); return nil })
	if b := o.approve(o.draft()); b.Total != 100 {
		t.Errorf("paid %d", b.Total)
	}
	if got := o.books(ledger.Owed(p)); got[0] != 40 {
		t.Errorf("owed %v", got)
	}
	o.clean()
}

// indebted is a payee with 100 owed and 30 receivable: a payout of 70.
func indebted(o *office) id.ID {
	p := o.payee("A")
	must(o.t, o.takeBack(p, 30))
	o.owe(p, 100, id.New())
	return p
}

func TestDebtsAreSettledInsideThePayout(t *testing.T) {
	o := open(t)
	p := indebted(o)
	b := o.approve(o.draft())
	out := o.payouts(b)[0]
	if got := o.books(ledger.Owed(p), ledger.Receivable(p), ledger.TransitPayout(out.ID)); !same(got, []int64{0, 0, 70}) {
		t.Errorf("owed, receivable, transit: %v", got)
	}
	o.clean()
}

func TestAFailedPayoutIsPostedBackWholeAndItsPayablesWaitAgain(t *testing.T) {
	o := open(t)
	p := indebted(o)
	start := o.bank()
	b := o.approve(o.draft())
	out := o.payouts(b)[0]
	_, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Payout: out.ID, State: payout.Failed, Reason: "户名不符"}))
	must(t, err)
	if got := o.books(ledger.Owed(p), ledger.Receivable(p), ledger.TransitPayout(out.ID)); !same(got, []int64{100, 30, 0}) || o.bank() != start {
		t.Errorf("owed, receivable, transit: %v, bank moved %d", got, o.bank()-start)
	}
	if r := o.payouts(b)[0]; r.State != payout.Failed || r.Reason != "户名不符" || o.find(b).State != payout.Closed {
		t.Errorf("the payout: %+v", r)
	}
	o.clean()
	if next := o.draft(); next.Total != 70 {
		t.Errorf("the next draft: %+v", next)
	}
	o.clean()
}

func TestMoneyThatComesBackLateIsReturned(t *testing.T) {
	o := open(t)
	p := indebted(o)
	start := o.bank()
	b := o.approve(o.draft())
	out := o.payouts(b)[0]
	if err := o.desk.Returned(t.Context(), o.market, out.ID, "closed", anna); !fault.Has(err, "payout_answered") {
		t.Errorf("returned before it was paid: %v", err)
	}
	paid := says(payout.Answer{Reference: out.Number(), State: payout.Paid})
	_, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, paid)
	must(t, err)
	for range 2 {
		must(t, o.desk.Returned(t.Context(), o.market, out.ID, "closed", anna))
	}
	if got := o.books(ledger.Owed(p), ledger.Receivable(p), ledger.TransitPayout(out.ID)); !same(got, []int64{100, 30, 0}) || o.bank() != start {
		t.Errorf("owed, receivable, transit: %v, bank moved %d", got, o.bank()-start)
	}
	if _, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, paid); err != nil {
		t.Errorf("the first answer again: %v", err)
	}
	if r := o.payouts(b)[0]; r.State != payout.Returned || r.Reason != "closed" {
		t.Errorf("the payout: %+v", r)
	}
	if err := o.desk.Returned(t.Context(), o.market, id.New(), "", anna); !fault.Has(err, "payout_unknown") {
		t.Errorf("an unknown one: %v", err)
	}
	o.clean()
	if next := o.draft(); next.Total != 70 {
		t.Errorf("the next draft: %+v", next)
	}
}

func TestACancelledDraftOpensItsPayablesAgain(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	b := o.draft()
	for range 2 {
		must(t, o.desk.Cancel(t.Context(), o.market, b.ID, anna, "wrong day"))
	}
	if r := o.payouts(b)[0]; r.State != payout.Cancelled || o.find(b).State != payout.Cancelled {
		t.Errorf("%+v", r)
	}
	if _, err := o.desk.Approve(t.Context(), o.market, b.ID, bernat); !fault.Has(err, "payout_state") {
		t.Errorf("approving it: %v", err)
	}
	next := o.approve(o.draft())
	if err := o.desk.Cancel(t.Context(), o.market, next.ID, anna, ""); !fault.Has(err, "payout_state") {
		t.Errorf("cancelling what is sent: %v", err)
	}
	if err := o.desk.Cancel(t.Context(), o.market, id.New(), anna, ""); !fault.Has(err, "payout_batch_unknown") {
		t.Errorf("cancelling nothing: %v", err)
	}
	o.clean()
}

func TestAnApprovalLeavesOutWhoseGroundsChanged(t *testing.T) {
	o := open(t)
	good, debt, moved := o.payee("good", 100), o.payee("debt", 100), o.payee("moved", 100)
	ice, rich := o.payee("ice"), o.payee("rich", 100)
	sale := id.New()
	o.owe(ice, 100, sale)
	b := o.draft()
	must(t, o.takeBack(debt, 1))
	o.account(moved, "99998888")
	o.update(func(tx *storage.Tx) error { payable.Freeze(tx, sale, true); return nil })
	must(t, o.takeBack(rich, 50)) // and earned more since: the debt is covered
	o.owe(rich, 80, id.New())
	o.clean()
	b = o.approve(b)
	want := map[id.ID]string{debt: payout.DebtSince, moved: payout.AccountGone, ice: payout.FrozenSince}
	if b.State != payout.Submitted || b.Payouts != 2 || b.Total != 200 || len(b.Skipped) != 3 {
		t.Fatalf("approved: %+v", b)
	}
	for _, s := range b.Skipped {
		if want[s.Payee] != s.Reason || s.Amount != 100 {
			t.Errorf("left out: %+v", s)
		}
	}
	if rows := o.table(b); len(rows) != 3 {
		t.Errorf("the file: %v", rows)
	}
	if got := o.books(ledger.Owed(good), ledger.Owed(debt), ledger.Owed(rich)); !same(got, []int64{0, 99, 30}) {
		t.Errorf("owed %v", got)
	}
	o.clean()
	if next := o.draft(debt); next.Total != 99 {
		t.Errorf("the next draft: %+v", next)
	}
}

func TestAnApprovalThatLeavesNobodyCancelsTheBatch(t *testing.T) {
	o := open(t)
	p := o.payee("A", 100)
	b := o.draft()
	must(t, o.takeBack(p, 100))
	got := o.approve(b)
	if got.State != payout.Cancelled || len(got.Skipped) != 1 || len(o.sent.files) != 0 {
		t.Errorf("%+v", got)
	}
	if _, err := o.desk.File(t.Context(), o.market, b.ID); !fault.Has(err, "payout_state") {
		t.Errorf("its file: %v", err)
	}
	o.clean()
}

func TestTheSameKeyAnswersTheSameBatch(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	o.bare("B", 5)
	k := once.Of(anna, "draft-1", []byte("all"))
	first, err := o.desk.Draft(t.Context(), k, o.market, anna, nil)
	must(t, err)
	again, err := o.desk.Draft(t.Context(), k, o.market, anna, nil)
	must(t, err)
	if again.ID != first.ID || len(again.Skipped) != 1 || again.Total != 100 {
		t.Errorf("%+v and %+v", first, again)
	}
}

func TestBatchesAndPayoutsAreListedNewestFirst(t *testing.T) {
	o := open(t)
	p := o.payee("A", 100)
	first := o.approve(o.draft())
	o.pass(time.Second)
	o.owe(p, 50, id.New())
	second := o.draft()
	o.view(func(tx *storage.Tx) error {
		page, err := payout.Batches(tx, id.None, 1)
		must(t, err)
		older, err := payout.Batches(tx, page[0].ID, 5)
		must(t, err)
		if page[0].ID != second.ID || len(older) != 1 || older[0].ID != first.ID || older[0].ApprovedBy != bernat || older[0].CreatedBy != anna {
			t.Errorf("pages %+v %+v", page, older)
		}
		mine, err := payout.OfPayee(tx, p)
		if len(mine) != 2 || mine[0].BatchID != second.ID || mine[1].State != payout.InTransit || mine[1].Tail == "" || mine[1].Payee != "A" {
			t.Errorf("of the payee: %+v", mine)
		}
		return err
	})
}

func TestAFrozenEarningDoesNotCoverADebt(t *testing.T) {
	o := open(t)
	p := o.payee("A", 100)
	b := o.draft()
	sale := id.New()
	o.owe(p, 80, sale)
	o.update(func(tx *storage.Tx) error { payable.Freeze(tx, sale, true); return nil })
	must(t, o.takeBack(p, 50))
	if got := o.approve(b); got.State != payout.Cancelled || got.Skipped[0].Reason != payout.DebtSince {
		t.Errorf("paid in full while 50 are owed back: %+v", got)
	}
	if next := o.draft(); next.Total != 50 {
		t.Errorf("the next draft: %+v", next)
	}
	o.clean()
}

func TestOnePayeesBrokenBooksDoNotStopTheOthers(t *testing.T) {
	o := open(t)
	broken := o.payee("broken", 100)
	o.payee("good", 100)
	b := o.draft()
	o.update(func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE ledger_balances SET balance_minor = 99 WHERE market_id = $1 AND account = $2`, o.market, ledger.Owed(broken))
		return err
	})
	if got := o.approve(b); got.Total != 100 || len(got.Skipped) != 1 || got.Skipped[0].Payee != broken {
		t.Errorf("approved: %+v", got)
	}
}

func TestTheTrailSaysWhoDidWhatToABatch(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	b := o.approve(o.draft())
	out := o.payouts(b)[0]
	_, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Payout: out.ID, State: payout.Paid}))
	must(t, err)
	must(t, o.desk.Returned(t.Context(), o.market, out.ID, "closed", anna))
	o.view(func(tx *storage.Tx) error {
		lines, err := trail.About(tx, "payout_batch:"+b.ID.String(), id.None, 10)
		must(t, err)
		if len(lines) != 3 || lines[2].Deed != "payout.draft" || lines[2].By != anna || lines[1].Deed != "payout.approve" || lines[1].By != bernat || lines[0].Deed != "payout.answer" {
			t.Errorf("of the batch: %+v", lines)
		}
		lines, err = trail.About(tx, "payout:"+out.ID.String(), id.None, 10)
		if len(lines) != 1 || lines[0].Deed != "payout.return" || lines[0].Why != "closed" || lines[0].By != anna {
			t.Errorf("of the payout: %+v", lines)
		}
		return err
	})
}
