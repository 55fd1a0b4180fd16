package order_test

import (
	"sync"
	"testing"

	"commonfield/agents/commission"
	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
	"commonfield/storage/once"
)

// given places a sum and pays it.
func given(t *testing.T, w *ordertest.World, kind string, of id.ID, sum int64) order.Ref {
	t.Helper()
	ref, c, err := w.Give(t.Context(), kind, of, sum)
	must(t, err)
	w.Pay(t, c)
	w.Drain(t)
	return ref
}

// has fails unless accounts hold what is said, and the books agree.
func has(t *testing.T, w *ordertest.World, want map[string]int64) {
	t.Helper()
	var accounts []string
	for a := range want {
		accounts = append(accounts, a)
	}
	for a, n := range books(t, w, accounts...) {
		if n != want[a] {
			t.Errorf("%s is %d, not %d", a, n, want[a])
		}
	}
}

// back refunds an order, 0 for all of it.
func back(t *testing.T, w *ordertest.World, ref order.Ref, sum int64) error {
	t.Helper()
	var parts []order.Part
	if sum > 0 {
		parts = []order.Part{{Line: 1, Amount: sum}}
	}
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Operator, ref, parts, "asked for")
	w.Drain(t)
	return err
}

// 100.00 with a tip of 5 %: 95.00 for the fund, 5.00 for us. 40.00 goes back: 38.00
// from the fund, 2.00 from the tip.
func TestAGiftGoesToItsFundAndItsTipToUs(t *testing.T) {
	var funds ordertest.Funds
	w := ordertest.New(t, ordertest.Gift(&funds, 500))
	fund := id.New()
	ref := given(t, w, ordertest.GiftKind, fund, 10000)
	w.Must(t, ref, order.Completed)
	s := story(t, w, ref)
	if len(s.History) != 3 || s.History[1].To != order.Secured || s.ReleasedAt == nil || s.DueAt != nil || s.Seller != nil {
		t.Errorf("%+v", s)
	}
	has(t, w, map[string]int64{ledger.HeldOrder(ref.ID): 0, ledger.FundHeld(fund): 9500, ledger.IncomeTips: 500, ledger.IncomeFees: 0})
	must(t, back(t, w, ref, 4000))
	has(t, w, map[string]int64{ledger.FundHeld(fund): 5700, ledger.IncomeTips: 300})
	refuses(t, back(t, w, ref, 6001), "refund_too_large")
	must(t, back(t, w, ref, 0))
	has(t, w, map[string]int64{ledger.FundHeld(fund): 0, ledger.IncomeTips: 0})
	refuses(t, back(t, w, ref, 0), "refund_too_large")
	if is := story(t, w, ref).PaymentState(); is != "refunded" {
		t.Error(is)
	}
}

// Fees and tips are earned alike: profit is kept of each by what it has.
func TestProfitIsKeptOfTipsAsOfFees(t *testing.T) {
	var funds ordertest.Funds
	w := ordertest.New(t, ordertest.Gift(&funds, 500))
	given(t, w, ordertest.GiftKind, id.New(), 10000)
	keep := func(sum int64, decision string) error {
		return w.Desk.Keep(t.Context(), w.Market, w.Operator.ID, sum, decision)
	}
	cost := books(t, w, ledger.CostGateway)[ledger.CostGateway]
	refuses(t, keep(500-cost+1, "M1"), "ledger_short")
	must(t, keep(40, "M1")) // there are no fees
	has(t, w, map[string]int64{ledger.IncomeTips: 460, ledger.OwnCapital: 40})
	w.UpTo(t, order.Completed)
	was := books(t, w, ledger.IncomeFees, ledger.CostGateway, ledger.OwnCapital)
	fees, profit := was[ledger.IncomeFees], was[ledger.IncomeFees]+460-was[ledger.CostGateway]
	refuses(t, keep(profit+1, "M2"), "ledger_short")
	for range 2 {
		must(t, keep(profit, "M2"))
	}
	refuses(t, keep(profit-1, "M2"), "reference_used")
	parts := money.Split(profit, []int64{fees, 460})
	has(t, w, map[string]int64{ledger.IncomeFees: fees - parts[0], ledger.IncomeTips: 460 - parts[1], ledger.OwnCapital: 40 + profit})
	refuses(t, keep(1, "M3"), "ledger_short")
}

func TestAGiftGoesBackFromWhereItIsByNowAndNotMoreThanIsThere(t *testing.T) {
	var funds ordertest.Funds
	w := ordertest.New(t, ordertest.Gift(&funds, 0))
	fund := id.New()
	first, second := given(t, w, ordertest.GiftKind, fund, 10000), given(t, w, ordertest.GiftKind, fund, 5000)
	// 12,000 has waited long enough and may be spent; 8,000 of that is on its way.
	must(t, ordertest.Free(t.Context(), w.DB, w.Market, fund, 12000, "waited"))
	must(t, back(t, w, second, 4000))
	has(t, w, map[string]int64{ledger.FundHeld(fund): 0, ledger.FundFree(fund): 11000})
	must(t, ordertest.Spend(t.Context(), w.DB, w.Market, fund, 8000, "sent"))
	refuses(t, back(t, w, first, 3001), "refund_spent")
	must(t, back(t, w, first, 1000))
	// 7,500 of the first gift was sent on: its own lot has 1,500 left, whatever the fund has.
	funds.Send(first.ID, 7500)
	refuses(t, back(t, w, first, 1501), "refund_spent")
	must(t, back(t, w, first, 1500))
	has(t, w, map[string]int64{ledger.FundFree(fund): 500})
	if s := story(t, w, first); s.Back() != 7500 || len(s.Refunds) != 2 {
		t.Errorf("%d can go back of %+v", s.Back(), s.Refunds)
	}
}

func TestOfManyWhoTakeTheLastOfAGiftBackAtOnceOneDoes(t *testing.T) {
	var funds ordertest.Funds
	w := ordertest.New(t, ordertest.Gift(&funds, 300))
	fund := id.New()
	ref := given(t, w, ordertest.GiftKind, fund, 3333)
	key := once.Of(w.Operator.ID, "the one press", []byte("all"))
	errs := make([]error, 64)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			k := once.Key{}
			if i%2 == 0 {
				k = key
			}
			_, errs[i] = w.Orders.Refund(t.Context(), k, w.Operator, ref, nil, "pressed again and again")
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && code(err) != "refund_too_large" {
			t.Error(err)
		}
	}
	w.Drain(t)
	has(t, w, map[string]int64{ledger.FundHeld(fund): 0, ledger.IncomeTips: 0})
	if n := len(story(t, w, ref).Refunds); n != 1 {
		t.Errorf("%d refunds", n)
	}
}

// 100.00 by an agent's link, with a tip of 5.00: nothing is the agent's until a rule says
// so, then 6.00. Who gave turns out to be the agent: the fund has those 6.00.
func TestAnAgentWhoGivesThroughTheirOwnLinkLeavesItToTheFund(t *testing.T) {
	var funds ordertest.Funds
	w := ordertest.New(t, ordertest.Gift(&funds, 500))
	fund := id.New()
	gives := func(by people.Person) {
		a := w.Ask(10000)
		a.Kind, a.Items[0].Listing, a.DeliverTo, a.Buyer, a.PlacedBy = ordertest.GiftKind, fund, nil, by, by
		c, err := w.Orders.Place(t.Context(), once.Key{}, a)
		must(t, err)
		w.Pay(t, c)
		w.Drain(t)
	}
	gives(w.Buyer.Person)
	has(t, w, map[string]int64{ledger.FundHeld(fund): 9500, ledger.IncomeTips: 500})
	_, err := commission.AddRule(t.Context(), w.DB, w.Market, commission.Rule{Kind: ordertest.GiftKind, RateBP: 600}, w.Operator.ID, commission.Known{Kinds: []string{ordertest.GiftKind}})
	must(t, err)
	guest := people.Person{ID: id.New(), Guest: true}
	gives(guest)
	has(t, w, map[string]int64{ledger.FundHeld(fund): 9500 + 8900, ledger.IncomeTips: 1000})
	for range 2 {
		must(t, w.Orders.Claim(t.Context(), guest, w.AgentBy))
		w.Drain(t)
	}
	has(t, w, map[string]int64{ledger.FundHeld(fund): 2 * 9500, ledger.IncomeTips: 1000})
}

// Two gifts in one basket are two orders, each for its own fund.
func TestWhatIsForTwoThingsIsTwoOrders(t *testing.T) {
	var funds ordertest.Funds
	w := ordertest.New(t, ordertest.Gift(&funds, 1000))
	one, two := id.New(), id.New()
	a := w.Ask(0)
	a.Kind, a.Agent.Link, a.Items = ordertest.GiftKind, "", []order.Item{{Market: w.Market, Listing: one, Quantity: 1000}, {Market: w.Market, Listing: two, Quantity: 250}, {Market: w.Market, Listing: one, Quantity: 500}}
	c, err := w.Orders.Place(t.Context(), once.Key{}, a)
	must(t, err)
	if len(c.Orders()) != 2 || c.Total != 1750 {
		t.Fatalf("%+v", c)
	}
	w.Pay(t, c)
	has(t, w, map[string]int64{ledger.FundHeld(one): 1350, ledger.FundHeld(two): 225, ledger.IncomeTips: 175})
}

// 30.00 and 20.00 are pledged; one is taken back before it is settled. The campaign
// succeeds with a fee of 4 %: 28.80 its own. What is refunded after that comes from there.
func TestAPledgeGoesToItsCampaignAndComesBackWhenItFails(t *testing.T) {
	w := ordertest.New(t, ordertest.Backing())
	campaign, failed := id.New(), id.New()
	first, second := given(t, w, ordertest.BackingKind, campaign, 3000), given(t, w, ordertest.BackingKind, campaign, 2000)
	lost := []order.Ref{given(t, w, ordertest.BackingKind, failed, 700), given(t, w, ordertest.BackingKind, failed, 900)}
	has(t, w, map[string]int64{ledger.PledgeCampaign(campaign): 5000, ledger.PledgeCampaign(failed): 1600})
	must(t, back(t, w, second, 0))
	must(t, ordertest.Succeed(t.Context(), w.DB, w.Market, campaign, 400))
	for _, ref := range lost {
		must(t, back(t, w, ref, 0))
	}
	has(t, w, map[string]int64{ledger.PledgeCampaign(campaign): 0, ledger.FundCampaign(campaign): 2880, ledger.IncomeFees: 120, ledger.PledgeCampaign(failed): 0})
	must(t, back(t, w, first, 880))
	refuses(t, back(t, w, first, 2001), "refund_spent")
	has(t, w, map[string]int64{ledger.FundCampaign(campaign): 2000})
}

// A pledge with a reward has its money with the campaign while the reward is on its
// way: whoever declines it gives the campaign's money back, not somebody else's.
func TestAPledgeWithARewardIsReleasedBeforeItIsSent(t *testing.T) {
	w := ordertest.New(t)
	w.Join(w.DB, ordertest.Reward(&w.Producer))
	campaign := id.New()
	kept, declined := given(t, w, ordertest.RewardKind, campaign, 5000), given(t, w, ordertest.RewardKind, campaign, 1200)
	w.Must(t, kept, order.Secured)
	has(t, w, map[string]int64{ledger.PledgeCampaign(campaign): 6200, ledger.HeldOrder(kept.ID): 0})
	_, err := w.Orders.Refund(t.Context(), once.Key{}, w.Seller, kept, nil, "not theirs to give back")
	refuses(t, err, "forbidden")
	must(t, w.Orders.Cancel(t.Context(), w.Seller, declined, "no more seats"))
	must(t, w.Orders.Cancel(t.Context(), w.Seller, declined, "no more seats"))
	w.Drain(t)
	has(t, w, map[string]int64{ledger.PledgeCampaign(campaign): 5000, ledger.HeldOrder(declined.ID): 0})
	ctx := t.Context()
	must(t, w.Orders.Accept(ctx, w.Seller, kept))
	must(t, w.Orders.Pack(ctx, w.Seller, kept, nil))
	must(t, w.Orders.Ship(ctx, w.Seller, kept, order.Parcel{Carrier: "中通"}))
	must(t, w.Orders.Deliver(ctx, w.Buyer, kept))
	must(t, w.Orders.Complete(ctx, w.Buyer, kept))
	has(t, w, map[string]int64{ledger.PledgeCampaign(campaign): 5000, ledger.Owed(w.Producer.PayeeID): 0})
}
