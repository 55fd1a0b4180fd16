package stripe_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/marketplace/payment/stripe/stripetest"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// Markets and Hear let a street hear of payees, as the whole program does.
type hearing struct {
	*payout.Desk
	market int32
}

func (h hearing) Markets(context.Context) ([]int32, error) { return []int32{h.market}, nil }

// village is a street whose seller is paid by Stripe.
type village struct {
	*street
	payee id.ID
}

func settled(t *testing.T, seed uint64) *village {
	t.Helper()
	v := &village{street: enter(t, seed)}
	v.g.Tell(hearing{v.Payouts, v.Market})
	v.payee = v.Producer.PayeeID
	return v
}

// connected has an account there that may be paid to, and something to be paid:
// 124.85 or so of an order of 130.00, in the balance by now.
func (v *village) connected() {
	v.t.Helper()
	v.finished()
	v.Clock.Advance(stripetest.Wait + time.Hour)
	v.Drain(v.t)
	_, url, err := v.Payouts.Connect(v.ctx, v.Market, v.payee, v.Seller.ID, "/account/gateway")
	must(v.t, err)
	if !strings.Contains(url, "/onboard/acct_") {
		v.t.Fatalf("the link is %s", url)
	}
	v.s.Stand(v.s.Connected()[0], "active")
	v.hear(v.s.News()...)
	v.Drain(v.t)
	if a := v.account(); a.State != payable.Active || a.Told != payable.Active {
		v.t.Fatalf("%+v", a)
	}
}

func (v *village) account() (a payable.BankAccount) {
	v.t.Helper()
	must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { a, err = payable.AccountOf(tx, v.payee); return }))
	return a
}

// approved is a batch that was let go, its jobs not yet run.
func (v *village) approved() payout.Batch {
	v.t.Helper()
	b, err := v.Payouts.DraftTransfers(v.ctx, noKey, v.Market, v.Operator.ID, nil)
	must(v.t, err)
	b, err = v.Payouts.Approve(v.ctx, v.Market, b.ID, v.Buyer.ID)
	must(v.t, err)
	return b
}

func (v *village) row(b payout.Batch) payout.Payout {
	v.t.Helper()
	var rows []payout.Payout
	must(v.t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }))
	if len(rows) != 1 {
		v.t.Fatalf("%d payouts", len(rows))
	}
	return rows[0]
}

// round lets hours pass, with jobs and the sweeper, and no news.
func (v *village) round(hours int) {
	v.t.Helper()
	for range hours {
		v.Clock.Advance(time.Hour)
		v.Drain(v.t)
		_ = v.Payouts.Sweep(v.ctx, v.Market)
		v.Drain(v.t)
	}
}

func (v *village) owed() int64 {
	return v.books(ledger.Owed(v.payee))[ledger.Owed(v.payee)]
}

func TestAPayeeIsPaidByOneTransferHoweverOftenItIsPressed(t *testing.T) {
	v := settled(t, 201)
	v.connected()
	owed := v.owed()
	b := v.approved()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if _, err := v.Payouts.Approve(v.ctx, v.Market, b.ID, v.Buyer.ID); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	v.Drain(t)
	o, sent := v.row(b), v.s.Transfers()
	if len(sent) != 1 || sent[0].Amount != owed || sent[0].Group != o.ID.String() || o.State != payout.Paid || o.Transfer != sent[0].ID || v.owed() != 0 {
		t.Fatalf("%+v %+v", sent, o)
	}
	v.day()
	v.audit()
	if l := v.line("transfer"); l.State != "done" || l.Deed != "known" || l.Amount != -owed {
		t.Errorf("its line: %+v", l)
	}
}

func TestATransferWhoseAnswerIsLostIsFoundAndNotMadeTwice(t *testing.T) {
	for name, f := range map[string]stripetest.Fault{"lost": stripetest.Lost, "cut": stripetest.Cut, "broken before": stripetest.Broken, "broken after": stripetest.BrokenAfter, "busy": stripetest.Busy} {
		t.Run(name, func(t *testing.T) {
			v := settled(t, 202)
			v.connected()
			b := v.approved()
			v.s.Fault(f)
			v.round(30) // also past the day after which Stripe forgets a key
			if o, sent := v.row(b), v.s.Transfers(); len(sent) != 1 || o.State != payout.Paid || o.Transfer != sent[0].ID {
				t.Fatalf("%+v %+v", sent, o)
			}
			v.audit()
		})
	}
}

func TestNobodyIsPaidTwiceWhenTheGatewayIsSilentForDays(t *testing.T) {
	v := settled(t, 203)
	v.connected()
	b := v.approved()
	v.s.Fault(stripetest.Lost)
	v.Drain(t)
	v.s.Silent(v.Clock.Now().Add(48 * time.Hour))
	v.round(60)
	if o, sent := v.row(b), v.s.Transfers(); len(sent) != 1 || o.State != payout.Paid {
		t.Fatalf("%+v %+v", sent, o)
	}
	v.audit()
}

func TestAnAccountThatIsRestrictedAfterTheApprovalIsNotPaidAndItsMoneyIsOwedAgain(t *testing.T) {
	for name, stop := range map[string]func(v *village){
		"by Stripe, and nobody has heard": func(v *village) { v.s.Stand(v.s.Connected()[0], "restricted"); v.s.News() },
		"by Stripe, and it was heard": func(v *village) {
			v.s.Stand(v.s.Connected()[0], "restricted")
			v.hear(v.s.News()...)
		},
		"by a person": func(v *village) {
			must(v.t, payable.RestrictAccount(v.ctx, v.DB, v.Market, v.account().ID, v.Operator.ID, "报警了"))
		},
		"its holder has left": func(v *village) { v.s.Stand(v.s.Connected()[0], "gone"); v.hear(v.s.News()...) },
		"and is another by now": func(v *village) {
			must(v.t, payable.SetAccount(v.ctx, v.DB, v.Market, v.payee, payable.Account{Holder: v.Seller.Name, Bank: "农业银行", Number: "6228480100000001"}, v.Box, v.Seller.ID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := settled(t, 204)
			v.connected()
			owed := v.owed()
			b := v.approved()
			stop(v)
			v.round(3)
			if o := v.row(b); o.State != payout.Failed || o.Reason == "" || len(v.s.Transfers()) != 0 || v.owed() != owed {
				t.Fatalf("%+v, owed %d of %d", o, v.owed(), owed)
			}
			if strings.HasPrefix(name, "by") && v.account().State != payable.Restricted {
				t.Errorf("the account is %s", v.account().State)
			}
			if _, err := v.Payouts.DraftTransfers(v.ctx, noKey, v.Market, v.Operator.ID, nil); !fault.Has(err, "payout_nothing") {
				t.Errorf("a new draft: %v", err)
			}
			v.audit()
		})
	}
}

func TestWhatWasStoppedAfterACallWithoutAnAnswerComesToNothingThoughTheSweeperComesEveryFewMinutes(t *testing.T) {
	v := settled(t, 214)
	v.connected()
	owed := v.owed()
	b := v.approved()
	v.s.Silent(v.Clock.Now().Add(2 * time.Minute))
	v.Drain(t)
	must(t, payable.RestrictAccount(v.ctx, v.DB, v.Market, v.account().ID, v.Operator.ID, "报警了"))
	for range 12 {
		v.Clock.Advance(5 * time.Minute)
		_ = v.Payouts.Sweep(v.ctx, v.Market)
		v.Drain(t)
	}
	if o := v.row(b); o.State != payout.Failed || len(v.s.Transfers()) != 0 || v.owed() != owed {
		t.Fatalf("%+v, owed %d of %d", o, v.owed(), owed)
	}
	v.audit()
}

func TestATransferLargerThanTheBalanceWaitsAndIsMadeOrComesToNothingAfterThreeDays(t *testing.T) {
	v := settled(t, 205)
	v.connected()
	v.s.Take("stripe_fee", 10_000, "")
	b := v.approved()
	v.round(5)
	if o := v.row(b); o.State != payout.InTransit || o.Status != payout.NotEnough {
		t.Fatalf("%+v", o)
	}
	v.s.Take("stripe_fee", -10_000, "")
	v.round(2)
	if o := v.row(b); o.State != payout.Paid || len(v.s.Transfers()) != 1 {
		t.Fatalf("%+v", o)
	}
	v = settled(t, 206)
	v.connected()
	owed := v.owed()
	v.s.Take("stripe_fee", 10_000, "")
	b = v.approved()
	v.round(80)
	if o := v.row(b); o.State != payout.Failed || o.Reason != payout.NotEnough || len(v.s.Transfers()) != 0 || v.owed() != owed {
		t.Fatalf("%+v", o)
	}
}

func TestATransferIsTakenBackOnceAndIsOwedAgain(t *testing.T) {
	for name, f := range map[string]stripetest.Fault{"at once": stripetest.None, "its answer lost": stripetest.Lost, "broken after": stripetest.BrokenAfter, "cut": stripetest.Cut} {
		t.Run(name, func(t *testing.T) {
			v := settled(t, 207)
			v.connected()
			owed := v.owed()
			b := v.approved()
			v.Drain(t)
			o := v.row(b)
			refuses(t, v.Payouts.Returned(v.ctx, v.Market, o.ID, "", v.Operator.ID), "payout_by_gateway")
			_, err := v.Payouts.Answer(v.ctx, noKey, v.Market, b.ID, payout.Answers{Rows: []payout.Answer{{Payout: o.ID, State: payout.Paid}}})
			refuses(t, err, "payout_by_gateway")
			refuses(t, v.Payouts.Recall(v.ctx, v.Market, o.ID, v.Operator.ID, " "), "required")
			v.s.Fault(f)
			for range 64 {
				must(t, v.Payouts.Recall(v.ctx, v.Market, o.ID, v.Operator.ID, "算错了"))
			}
			v.round(30)
			o = v.row(b)
			if sent := v.s.Transfers(); len(sent) != 1 || sent[0].Back != owed || o.State != payout.Returned || o.Reason != "算错了" || v.owed() != owed || v.s.Count("transfer_reversal") != 1 {
				t.Fatalf("%+v %+v", sent, o)
			}
			v.day()
			if l := v.line("transfer_back"); l.State != "done" || l.Deed != "known" {
				t.Errorf("its line: %+v", l)
			}
			v.audit()
		})
	}
}

func TestWhatThePayeeHasSpentDoesNotComeBackAndStaysPaid(t *testing.T) {
	v := settled(t, 208)
	v.connected()
	b := v.approved()
	v.Drain(t)
	o := v.row(b)
	v.s.Spent(o.Transfer)
	must(t, v.Payouts.Recall(v.ctx, v.Market, o.ID, v.Operator.ID, "算错了"))
	v.round(2)
	if o = v.row(b); o.State != payout.Paid || o.Recalled || o.Status != "balance_insufficient" {
		t.Fatalf("%+v", o)
	}
	v.audit()
}

func TestAReversalInStripesOwnPagesIsFoundWithAndWithoutNews(t *testing.T) {
	for _, told := range []bool{true, false} {
		v := settled(t, 209)
		v.connected()
		owed := v.owed()
		b := v.approved()
		v.Drain(t)
		v.s.ReverseInDashboard(v.row(b).Transfer, owed)
		if told {
			v.hear(v.s.Shuffled()...)
			v.Drain(t)
		} else {
			v.day()
		}
		if o := v.row(b); o.State != payout.Returned || o.Reason != payout.AtGateway || v.owed() != owed {
			t.Fatalf("told %v: %+v", told, o)
		}
		v.audit()
	}
}

func TestAPartOfATransferTakenBackInStripesPagesIsADifferenceForAPerson(t *testing.T) {
	v := settled(t, 210)
	v.connected()
	b := v.approved()
	v.Drain(t)
	v.s.ReverseInDashboard(v.row(b).Transfer, 100)
	for range 5 {
		v.day()
	}
	if o, l := v.row(b), v.line("transfer_back"); o.State != payout.Paid || l.State != "differs" || l.Recon != 100 {
		t.Fatalf("%+v %+v", o, l)
	}
	v.audit()
}

func TestAnAccountFollowsWhatStripeSaysOfItAlsoWithoutNews(t *testing.T) {
	v := settled(t, 211)
	for range 3 { // pressed again before it is done
		_, _, err := v.Payouts.Connect(v.ctx, v.Market, v.payee, v.Seller.ID, "/account/gateway")
		must(t, err)
	}
	if n := len(v.s.Connected()); n != 1 {
		t.Fatalf("%d accounts", n)
	}
	object := v.s.Connected()[0]
	for _, step := range []struct{ stripe, state string }{
		{"pending", payable.Pending}, {"active", payable.Active}, {"restricted", payable.Restricted}, {"active", payable.Active}, {"pending", payable.Restricted}, {"active", payable.Active},
	} {
		v.s.Stand(object, step.stripe)
		v.round(25)
		if a := v.account(); a.State != step.state {
			t.Fatalf("Stripe says %s, ours is %s", step.stripe, a.State)
		}
	}
	a := v.account()
	must(t, payable.RestrictAccount(v.ctx, v.DB, v.Market, a.ID, v.Operator.ID, "报警了"))
	v.round(25)
	if a = v.account(); a.State != payable.Restricted {
		t.Fatalf("what a person has stopped is %s", a.State)
	}
	refuses(t, payable.CheckAccount(v.ctx, v.DB, v.Market, a.ID, v.Seller.ID), "account_own")
	must(t, payable.FreeAccount(v.ctx, v.DB, v.Market, a.ID, v.Operator.ID))
	if a = v.account(); a.State != payable.Active {
		t.Fatalf("freed, it is %s", a.State)
	}
	v.s.Stand(object, "restricted")
	v.round(25)
	refuses(t, payable.FreeAccount(v.ctx, v.DB, v.Market, a.ID, v.Operator.ID), "account_at_gateway")
	v.s.Stand(object, "gone")
	v.round(25)
	must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error {
		_, err := payable.AccountOf(tx, v.payee)
		refuses(t, err, "bank_account_missing")
		return nil
	}))
}

func TestAnAccountIsMadeOnceWhenItsAnswerIsLost(t *testing.T) {
	v := settled(t, 212)
	v.s.Fault(stripetest.Lost)
	_, _, err := v.Payouts.Connect(v.ctx, v.Market, v.payee, v.Seller.ID, "/account/gateway")
	refuses(t, err, "gateway_down")
	_, _, err = v.Payouts.Connect(v.ctx, v.Market, v.payee, v.Seller.ID, "/account/gateway")
	must(t, err)
	if n := len(v.s.Connected()); n != 1 {
		t.Fatalf("%d accounts", n)
	}
}

func TestTamperedNewsOfAnAccountLeavesNothing(t *testing.T) {
	v := settled(t, 213)
	v.connected()
	object := v.s.Connected()[0]
	v.s.Stand(object, "restricted")
	e := v.s.News()[0]
	jobs := func() (n int) {
		must(t, v.DB.View(v.ctx, v.Market, func(tx *storage.Tx) error {
			return tx.Get(&n, "SELECT count(*) FROM jobs WHERE market_id = $1 AND kind = $2 AND key LIKE 'evt_%'", v.Market, payout.JobAsk)
		}))
		return n
	}
	before := jobs()
	changed := strings.Replace(string(e.Body), `"restricted"`, `"active"`, 1) + " "
	refuses(t, v.g.Take(v.ctx, v.Desk, []byte(changed), e.Signature()), "webhook_unsigned")
	var body map[string]any
	must(t, json.Unmarshal(e.Body, &body))
	send := func(event, account, kind string) error {
		body["id"], body["account"], body["type"] = event, account, kind
		text, err := json.Marshal(body)
		must(t, err)
		return v.g.Take(v.ctx, v.Desk, text, stripetest.Signed(text, time.Now(), stripetest.Secret))
	}
	refuses(t, send("evt_1", "acct_of_somebody", "account.updated"), "webhook_foreign")               // it is of another
	refuses(t, send("evt_2", object, "charge.succeeded"), "webhook_foreign")                          // a payee's own business
	must(t, send("evt_3", "acct_of_somebody", "account.application.deauthorized"))                    // nobody's here
	must(t, v.Payouts.Hear(v.ctx, v.Market, "stripe", payout.News{Event: "evt_4", Payout: id.New()})) // no payout
	if jobs() != before {
		t.Errorf("%d jobs, before %d", jobs(), before)
	}
	must(t, v.g.Take(v.ctx, v.Desk, e.Body, e.Signature()))
	must(t, v.g.Take(v.ctx, v.Desk, e.Body, e.Signature()))
	if jobs() != before+1 {
		t.Errorf("%d jobs, before %d", jobs(), before)
	}
}
