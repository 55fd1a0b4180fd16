package payout_test

import (
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

func (o *office) rules(r payout.Rules) {
	o.t.Helper()
	if r.Layout == "" {
		r.Layout = payout.CSV
	}
	if r.Large == 0 {
		r.Large = 1_000_000
	}
	if r.EveryDays == 0 {
		r.EveryDays = 7
	}
	must(o.t, o.desk.SetRules(o.t.Context(), o.market, anna, r))
}

func reasons(b payout.Batch) map[id.ID]string {
	all := map[id.ID]string{}
	for _, s := range b.Skipped {
		all[s.Payee] = s.Reason
	}
	return all
}

func TestLessThanTheMinimumIsCarriedForwardUntilItIsEnough(t *testing.T) {
	o := open(t)
	o.rules(payout.Rules{Minimum: 100})
	small, enough := o.payee("A", 99), o.payee("B", 100)
	b := o.draft()
	if got := reasons(b); len(got) != 1 || got[small] != payout.TooSmall || b.Total != 100 {
		t.Errorf("left out %v, total %d; %s is paid", got, b.Total, enough)
	}
	o.owe(small, 1, id.New())
	if next := o.draft(); next.Total != 100 {
		t.Errorf("then %d", next.Total)
	}
	o.clean()
}

func TestNothingGoesToAnAccountThatNobodyHasSeenOrThatIsStopped(t *testing.T) {
	o := open(t)
	stopped, later := o.payee("A", 100), o.payee("B", 100)
	account := func(p id.ID) (a payable.BankAccount) {
		o.view(func(tx *storage.Tx) (err error) { a, err = payable.AccountOf(tx, p); return })
		return a
	}
	must(t, payable.RestrictAccount(t.Context(), o.db, o.market, account(stopped).ID, anna, "卡丢了"))
	var self id.ID
	p, err := people.New(o.db).Register(t.Context(), once.Key{}, people.Newcomer{Name: "阿依", Phone: dbtest.Phone(), Password: "a long secret"})
	must(t, err)
	o.update(func(tx *storage.Tx) error {
		self = payable.NewPayee(tx, payable.Producer, "阿依的杏", p.ID)
		return nil
	})
	o.owe(self, 100, id.New())
	must(t, payable.SetAccount(t.Context(), o.db, o.market, self, payable.Account{Holder: "别人", Bank: "农行", Number: "6228480012345678"}, o.box, p.ID))
	b := o.draft()
	if got := reasons(b); got[stopped] != payout.Restricted || got[self] != payout.Unchecked || b.Total != 100 {
		t.Errorf("left out %v, total %d", got, b.Total)
	}
	// Stopped between draft and approval, it is left out there.
	must(t, payable.RestrictAccount(t.Context(), o.db, o.market, account(later).ID, anna, "卡丢了"))
	if b = o.approve(b); b.State != payout.Cancelled || reasons(b)[later] != payout.AccountGone {
		t.Errorf("%s, left out %v", b.State, reasons(b))
	}
	must(t, payable.FreeAccount(t.Context(), o.db, o.market, account(later).ID, bernat))
	must(t, payable.CheckAccount(t.Context(), o.db, o.market, account(self).ID, bernat))
	if b = o.draft(); b.Total != 200 {
		t.Errorf("freed and checked: %d", b.Total)
	}
	o.clean()
}

func TestAPayoutIsMarkedWhenItIsFirstChangedOrLarge(t *testing.T) {
	o := open(t)
	o.rules(payout.Rules{Large: 500})
	p := o.payee("A", 499)
	marks := func() string {
		b := o.draft()
		out := o.payouts(b)[0]
		b = o.approve(b)
		_, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Payout: out.ID, State: payout.Paid}))
		must(t, err)
		word := ""
		for name, on := range map[string]bool{"F": out.First, "C": out.Changed, "L": out.Large} {
			if on {
				word += name
			}
		}
		return word
	}
	if got := marks(); got != "F" {
		t.Errorf("the first is marked %q", got)
	}
	o.owe(p, 500, id.New())
	if got := marks(); got != "L" {
		t.Errorf("a large one %q", got)
	}
	o.account(p, "6228480099999999")
	o.pass(payable.Cooling)
	o.owe(p, 1, id.New())
	if got := marks(); got != "C" {
		t.Errorf("after a change %q", got)
	}
	o.owe(p, 1, id.New())
	if got := marks(); got != "" {
		t.Errorf("an everyday one %q", got)
	}
	o.clean()
}

func TestWrongRulesAreRefusedEachByItsField(t *testing.T) {
	o := open(t)
	for field, r := range map[string]payout.Rules{
		"layout":     {Layout: "mt101", Large: 1, EveryDays: 1},
		"minimum":    {Layout: payout.CSV, Minimum: -1, Large: 1, EveryDays: 1},
		"large":      {Layout: payout.CSV, EveryDays: 1},
		"every_days": {Layout: payout.CSV, Large: 1, EveryDays: 32},
	} {
		f, ok := fault.As(o.desk.SetRules(t.Context(), o.market, anna, r))
		if !ok || f.Field != field {
			t.Errorf("%s: %v", field, f)
		}
	}
}

func (o *office) work() {
	o.t.Helper()
	w := jobs.NewWorker(o.db, map[string]jobs.Handler{payout.DraftJob: o.desk.Drafter()}, jobs.Options{})
	_, err := w.Drain(o.t.Context(), o.market)
	must(o.t, err)
}

func TestTheScheduleDraftsAndAPersonApproves(t *testing.T) {
	o := open(t)
	loc := time.FixedZone("market", 8*3600)
	day := func() {
		for range 3 { // every minute is once
			o.update(func(tx *storage.Tx) error { payout.Schedule(tx, loc); return nil })
		}
		o.work()
		o.pass(24 * time.Hour)
	}
	made := func() (all []payout.Batch) {
		o.view(func(tx *storage.Tx) (err error) { all, err = payout.Batches(tx, id.None, 50); return })
		return all
	}
	p := o.payee("A", 100)
	day()
	if len(made()) != 0 {
		t.Fatal("it drafts without being told to")
	}
	o.rules(payout.Rules{EveryDays: 3, ByItself: true})
	day()
	if all := made(); len(all) != 1 || all[0].CreatedBy != people.System.ID || all[0].State != payout.Draft {
		t.Fatalf("%+v", all)
	}
	o.owe(p, 50, id.New())
	day()
	day()
	if len(made()) != 1 {
		t.Error("it drafts before its days are over")
	}
	day()
	if len(made()) != 2 {
		t.Errorf("after three days there are %d", len(made()))
	}
	for range 4 { // nothing is due: no batch, and no failure
		day()
	}
	if len(made()) != 2 {
		t.Error("it drafts nothing")
	}
	if b, err := o.desk.Approve(t.Context(), o.market, made()[1].ID, bernat); err != nil || b.Total != 100 {
		t.Errorf("approved: %v", err)
	}
	o.clean()
}

func TestWhoWaitsLongerThanTheScheduleAndTwoDaysIsAnAlarm(t *testing.T) {
	o := open(t)
	o.rules(payout.Rules{EveryDays: 3, Minimum: 50})
	o.bare("late", 100)
	o.bare("small", 49)
	alarms := func() (found []audit.Values) {
		o.view(func(tx *storage.Tx) (err error) {
			found, err = payout.Alarms()[0].Run(tx)
			return err
		})
		return found
	}
	o.pass(5 * 24 * time.Hour)
	if got := alarms(); len(got) != 0 {
		t.Errorf("on the last day: %v", got)
	}
	o.pass(time.Second)
	if got := alarms(); len(got) != 1 {
		t.Errorf("after it: %v", got)
	}
}
