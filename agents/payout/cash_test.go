package payout_test

import (
	"sync"
	"testing"
	"time"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// somebody registers; with a phone, as everybody does who signs in.
func (o *office) somebody(name string) people.Person {
	o.t.Helper()
	d := people.New(o.db)
	d.Cost = people.LightCost
	p, err := d.Register(o.t.Context(), once.Key{}, people.Newcomer{Name: name, Phone: dbtest.Phone(), Password: "walnuts in Yuli"})
	must(o.t, err)
	return p
}

func (o *office) operator() people.Person {
	return people.Person{ID: anna, Operator: []int32{o.market}}
}

// hand is an agent who may hold up to a limit and was given a float.
func (o *office) hand(limit, float int64) (people.Person, id.ID) {
	o.t.Helper()
	who := o.somebody("热依拉")
	room := agents.New(o.db)
	a, err := room.Apply(o.t.Context(), o.market, who)
	must(o.t, err)
	must(o.t, room.Approve(o.t.Context(), o.market, a.ID, o.operator()))
	var payee id.ID
	o.view(func(tx *storage.Tx) error {
		m, err := agents.InMarket(tx, a.ID)
		payee = m.PayeeID
		return err
	})
	must(o.t, cash.Trust(o.t.Context(), o.db, o.market, payee, limit, anna))
	if float > 0 {
		must(o.t, cash.Give(o.t.Context(), o.db, o.market, payee, anna, float, "float-"+payee.String()))
	}
	return who, payee
}

// grower is a payee who is paid in cash by a hand; with an account to sign in or
// without.
func (o *office) grower(name string, hand id.ID, signsIn bool, owed ...int64) (people.Person, id.ID) {
	o.t.Helper()
	var who people.Person
	if signsIn {
		who = o.somebody(name)
	}
	var p id.ID
	o.update(func(tx *storage.Tx) error {
		p = payable.NewPayee(tx, payable.Producer, name, who.ID)
		return nil
	})
	for _, sum := range owed {
		o.owe(p, sum, id.New())
	}
	must(o.t, cash.Choose(o.t.Context(), o.db, o.market, p, hand, anna))
	return who, p
}

func (o *office) draftCash(payees ...id.ID) payout.Batch {
	o.t.Helper()
	b, err := o.desk.DraftCash(o.t.Context(), once.Key{}, o.market, anna, payees)
	must(o.t, err)
	return b
}

func (o *office) holds(hand id.ID) int64 {
	o.t.Helper()
	var h cash.Holder
	o.view(func(tx *storage.Tx) (err error) { h, err = cash.Find(tx, hand); return })
	return h.Holds
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if !fault.Has(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestACashPayoutGoesOverByTheReceiversCode(t *testing.T) {
	o := open(t)
	agent, hand := o.hand(100_000, 50_000)
	who, p := o.grower("古丽", hand, true, 16_848)
	o.payee("bank", 500)
	b := o.draftCash()
	if b.Payouts != 1 || b.Layout != payout.Cash || b.Total != 16_848 || len(b.Skipped) != 0 {
		t.Fatalf("drafted %+v", b)
	}
	b = o.approve(b)
	if b.State != payout.Submitted || b.FileKey != "" {
		t.Fatalf("approved %+v", b)
	}
	one := o.payouts(b)[0]
	give := func(code string) error {
		_, err := o.desk.HandOver(t.Context(), o.market, one.ID, agent, payout.Proof{Code: code})
		return err
	}
	refused(t, give("123456"), "handover_no_code")
	if _, err := o.desk.Code(t.Context(), o.market, one.ID, agent); !fault.Has(err, "payout_unknown") {
		t.Errorf("the hand may see the receiver's code: %v", err)
	}
	first, err := o.desk.Code(t.Context(), o.market, one.ID, who)
	must(t, err)
	code, err := o.desk.Code(t.Context(), o.market, one.ID, who)
	must(t, err)
	if first != code {
		refused(t, give(first), "handover_code") // another one ended it
	}
	if _, err := o.desk.HandOver(t.Context(), o.market, one.ID, o.somebody("a stranger"), payout.Proof{Code: code}); !fault.Has(err, "payout_unknown") {
		t.Errorf("a stranger hands over: %v", err)
	}
	var hands sync.WaitGroup
	for range 64 { // pressed by everybody at once is once
		hands.Go(func() {
			if err := give(code[:3] + " " + code[3:]); err != nil {
				t.Error(err)
			}
		})
	}
	hands.Wait()
	if got := o.holds(hand); got != 50_000-16_848 {
		t.Errorf("the hand holds %d", got)
	}
	o.view(func(tx *storage.Tx) error {
		legs, err := ledger.OfCause(tx, "payout:"+one.ID.String()+":paid")
		if err != nil {
			return err
		}
		if len(legs) != 1 || legs[0].Credit != ledger.CashAgent(hand) || legs[0].By != agent.ID {
			t.Errorf("posted %+v", legs)
		}
		b, err := payout.Find(tx, b.ID)
		if b.State != payout.Closed {
			t.Errorf("the batch is %s", b.State)
		}
		return err
	})
	refused(t, o.desk.CallBack(t.Context(), o.market, one.ID, anna, "late"), "payout_answered")
	refused(t, o.desk.Returned(t.Context(), o.market, one.ID, "back", anna), "payout_in_cash")
	if _, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Payout: one.ID, State: payout.Failed})); !fault.Has(err, "payout_in_cash") {
		t.Errorf("a bank answers about cash: %v", err)
	}
	if _, err := o.desk.File(t.Context(), o.market, b.ID); !fault.Has(err, "payout_state") {
		t.Errorf("cash has a file: %v", err)
	}
	var open map[id.ID]int64
	o.view(func(tx *storage.Tx) (err error) { open, err = payable.Open(tx, p); return })
	if open[p] != 0 {
		t.Errorf("still open: %d", open[p])
	}
	o.clean()
}

func TestAWrongCodeIsCountedAndThenAnotherIsNeeded(t *testing.T) {
	o := open(t)
	agent, hand := o.hand(100_000, 50_000)
	who, _ := o.grower("古丽", hand, true, 900)
	one := o.payouts(o.approve(o.draftCash()))[0]
	code, err := o.desk.Code(t.Context(), o.market, one.ID, who)
	must(t, err)
	bad := "000000"
	if code == bad {
		bad = "000001"
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := o.desk.HandOver(t.Context(), o.market, one.ID, agent, payout.Proof{Code: bad})
			if !fault.Has(err, "handover_code") && !fault.Has(err, "handover_locked") {
				t.Errorf("a wrong code: %v", err)
			}
		})
	}
	group.Wait()
	_, err = o.desk.HandOver(t.Context(), o.market, one.ID, agent, payout.Proof{Code: code})
	refused(t, err, "handover_locked") // the right one too, after five
	code, err = o.desk.Code(t.Context(), o.market, one.ID, o.operator())
	must(t, err)
	_, err = o.desk.HandOver(t.Context(), o.market, one.ID, agent, payout.Proof{Code: code})
	must(t, err)
	for range 19 {
		_, _ = o.desk.Code(t.Context(), o.market, one.ID, who)
	}
	o.clean()
}

func TestWhoHasNoPhoneIsSeenByTwoWitnessesAndAPicture(t *testing.T) {
	o := open(t)
	agent, hand := o.hand(100_000, 50_000)
	o.grower("老人", hand, false, 700)
	o.grower("古丽", hand, true, 300)
	all := o.payouts(o.approve(o.draftCash()))
	if all[0].Payee != "老人" {
		all[0], all[1] = all[1], all[0]
	}
	for name, c := range map[string]struct {
		proof payout.Proof
		code  string
	}{
		"one witness":            {payout.Proof{WitnessOne: "甲", Photo: "evidence/1"}, "required"},
		"no picture":             {payout.Proof{WitnessOne: "甲", WitnessTwo: "乙"}, "required"},
		"the same twice":         {payout.Proof{WitnessOne: "甲", WitnessTwo: " 甲 ", Photo: "evidence/1"}, "witness_same"},
		"the hand itself":        {payout.Proof{WitnessOne: "热依拉", WitnessTwo: "乙", Photo: "evidence/1"}, "witness_party"},
		"the receiver":           {payout.Proof{WitnessOne: "甲", WitnessTwo: "老人", Photo: "evidence/1"}, "witness_party"},
		"neither code nor proof": {payout.Proof{}, "required"},
	} {
		if _, err := o.desk.HandOver(t.Context(), o.market, all[0].ID, agent, c.proof); !fault.Has(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	seen := payout.Proof{WitnessOne: "甲", WitnessTwo: "乙", Photo: "evidence/1"}
	_, err := o.desk.HandOver(t.Context(), o.market, all[1].ID, agent, seen)
	refused(t, err, "handover_code_needed")
	_, err = o.desk.HandOver(t.Context(), o.market, all[0].ID, agent, seen)
	must(t, err)
	o.view(func(tx *storage.Tx) error {
		h, err := payout.FindHanded(tx, all[0].ID)
		if h.How != "witnesses" || h.WitnessOne != "甲" || h.WitnessTwo != "乙" || h.DoneAt == nil {
			t.Errorf("kept %+v", h)
		}
		return err
	})
	o.clean()
}

func TestWhatNobodyCollectsIsOpenAgain(t *testing.T) {
	o := open(t)
	agent, hand := o.hand(100_000, 50_000)
	who, p := o.grower("古丽", hand, true, 900)
	one := o.payouts(o.approve(o.draftCash()))[0]
	code, err := o.desk.Code(t.Context(), o.market, one.ID, who)
	must(t, err)
	o.pass(14 * 24 * time.Hour)
	_, err = o.desk.HandOver(t.Context(), o.market, one.ID, agent, payout.Proof{Code: code})
	refused(t, err, "handover_late")
	for range 2 {
		o.update(func(tx *storage.Tx) error {
			return o.desk.Collector(tx, jobs.Job{Market: o.market, Key: one.ID.String()})
		})
	}
	if got := o.holds(hand); got != 50_000 {
		t.Errorf("the hand holds %d", got)
	}
	o.view(func(tx *storage.Tx) error {
		open, err := payable.Open(tx, p)
		o, e := payout.FindPayout(tx, one.ID)
		if open[p] != 900 || o.State != payout.Failed || o.Reason != payout.Uncollected {
			t.Errorf("open %v, payout %+v %v", open, o, e)
		}
		return err
	})
	again := o.payouts(o.approve(o.draftCash()))[0]
	must(t, o.desk.CallBack(t.Context(), o.market, again.ID, anna, "the road is closed"))
	o.clean()
}

func TestNobodyIsToHandOverMoreThanTheirLimit(t *testing.T) {
	o := open(t)
	agent, hand := o.hand(1_000, 0)
	o.grower("a", hand, true, 600)
	o.grower("b", hand, true, 500)
	_, own := o.grower("c", hand, true, 300)
	b := o.draftCash()
	if b.Payouts != 2 || len(b.Skipped) != 1 || b.Skipped[0].Reason != payout.OverFloat {
		t.Fatalf("drafted %+v", b)
	}
	// What is drafted already counts for the next draft.
	if _, err := o.desk.DraftCash(t.Context(), once.Key{}, o.market, anna, nil); !fault.Has(err, "payout_nothing") {
		t.Errorf("a second draft: %v", err)
	}
	if _, err := o.desk.Approve(t.Context(), o.market, b.ID, agent.ID); !fault.Has(err, "cash_own") {
		t.Errorf("the hand approves: %v", err)
	}
	refused(t, cash.Choose(t.Context(), o.db, o.market, hand, hand, anna), "cash_own")
	must(t, cash.Stop(t.Context(), o.db, o.market, hand, anna, "lost it"))
	refused(t, cash.Give(t.Context(), o.db, o.market, hand, anna, 10, "x"), "cash_stopped")
	refused(t, cash.Choose(t.Context(), o.db, o.market, own, hand, anna), "cash_stopped")
	if b = o.approve(b); b.State != payout.Cancelled || len(b.Skipped) != 2 || b.Skipped[0].Reason != payout.HandStopped {
		t.Errorf("approved with a hand that is stopped: %+v", b)
	}
	o.clean()
}

func TestAHandGivesOnlyWhatItHolds(t *testing.T) {
	o := open(t)
	agent, hand := o.hand(1_000, 100)
	who, _ := o.grower("a", hand, true, 600)
	one := o.payouts(o.approve(o.draftCash()))[0]
	code, err := o.desk.Code(t.Context(), o.market, one.ID, who)
	must(t, err)
	_, err = o.desk.HandOver(t.Context(), o.market, one.ID, agent, payout.Proof{Code: code})
	refused(t, err, "cash_short")
	heard := false
	for _, a := range payout.Alarms() {
		o.view(func(tx *storage.Tx) error {
			found, err := a.Run(tx)
			heard = heard || len(found) == 1 && found[0].String() == "gives_minor=600 holds_minor=100 name=热依拉"
			return err
		})
	}
	if !heard {
		t.Error("nobody is told that a hand has too little")
	}
	must(t, cash.Give(t.Context(), o.db, o.market, hand, anna, 500, "second"))
	_, err = o.desk.HandOver(t.Context(), o.market, one.ID, agent, payout.Proof{Code: code})
	must(t, err)
	o.clean()
}
