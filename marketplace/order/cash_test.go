package order_test

import (
	"testing"
	"time"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/terms"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// onDelivery places 5 kg, 130.00, to be paid when they arrive.
func onDelivery(t *testing.T, w *ordertest.World, grams int64) order.Ref {
	t.Helper()
	ask := w.Ask(grams)
	ask.Way = payment.Cash
	b, err := w.Orders.Place(t.Context(), once.Key{}, ask)
	must(t, err)
	return b.Orders()[0]
}

// sentUnpaid sends an order that is to be paid when it arrives.
func sentUnpaid(t *testing.T, w *ordertest.World, ref order.Ref) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, nil))
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "自己送"}))
}

// agentHand is the world's agent as somebody who collects.
func agentHand(t *testing.T, w *ordertest.World) (payee id.ID, by order.By) {
	t.Helper()
	var a agents.MarketAgent
	must(t, w.DB.View(t.Context(), w.Market, func(tx *storage.Tx) (err error) { a, err = agents.InMarket(tx, w.Agent.ID); return }))
	return a.PayeeID, order.By{Person: w.AgentBy, As: order.AsSystem}
}

func TestCashOnDeliverySecuresAtOnceAndItsMoneyDelivers(t *testing.T) {
	w := ordertest.New(t)
	w.TakesCash(t, id.None, 100_000)
	ctx := t.Context()
	ref := onDelivery(t, w, 5000)
	w.Must(t, ref, order.Secured)
	w.Clock.Advance(time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Secured) // no expiry waits for money
	held, mine := ledger.HeldOrder(ref.ID), ledger.CashProducer(w.Producer.PayeeID)
	must(t, w.Orders.AcceptPart(ctx, w.Seller, ref, map[int]int64{1: 4000}))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, map[int]int64{1: 3900}))
	s := story(t, w, ref)
	if s.PaymentState() != "none" || len(s.Refunds) != 0 || s.Due() != 10140 {
		t.Fatalf("%s, refunds %v, due %d", s.PaymentState(), s.Refunds, s.Due())
	}
	if have := books(t, w, held); have[held] != 0 {
		t.Fatalf("%d held before anybody has paid", have[held])
	}
	refuses(t, w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: 10140}), "order_move")
	must(t, w.Orders.Ship(ctx, w.Seller, ref, order.Parcel{Carrier: "自己送"}))
	w.Clock.Advance(60 * 24 * time.Hour)
	w.Drain(t)
	w.Must(t, ref, order.Shipped) // silence never delivers it
	for name, err := range map[string]error{
		"buyer": w.Orders.Deliver(ctx, w.Buyer, ref), "operator": w.Orders.Deliver(ctx, w.Operator, ref), "parcel": w.Orders.Arrive(ctx, w.Buyer, ref, story(t, w, ref).Shipments[0].ID),
	} {
		if !fault.Has(err, "cash_first") {
			t.Errorf("%s delivers without its money: %v", name, err)
		}
	}
	for _, sum := range []int64{0, 1, 10139, 10141, 13000, -1} {
		refuses(t, w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: sum}), "cash_exact")
	}
	refuses(t, w.Orders.TakeCash(ctx, w.Buyer, ref, order.Taking{Sum: 10140}), "cash_not_yours")
	for _, err := range at(64, func(int) error { return w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: 10140}) }) {
		must(t, err)
	}
	refuses(t, w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: 10139}), "cash_taken")
	w.Must(t, ref, order.Delivered)
	if s = story(t, w, ref); s.PaymentState() != "paid" || s.Due() != 0 || s.Shipments[0].State != order.ParcelArrived {
		t.Errorf("%s, due %d, %+v", s.PaymentState(), s.Due(), s.Shipments)
	}
	if have := books(t, w, held, mine); have[held] != 10140 || have[mine] != 10140 {
		t.Fatalf("%v", have)
	}
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	owed := ledger.Owed(w.Producer.PayeeID)
	if have := books(t, w, held, owed); have[held] != 0 || have[owed] == 0 {
		t.Fatalf("%v", have)
	}
}

func TestCashThatAnAgentTakesIsBankedAndPaidOut(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	hand, agent := agentHand(t, w)
	w.TakesCash(t, hand, 100_000)
	ref := onDelivery(t, w, 5000)
	sentUnpaid(t, w, ref)
	refuses(t, w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: 13000}), "cash_not_yours")
	for range 2 {
		must(t, w.Orders.TakeCash(ctx, agent, ref, order.Taking{Sum: 13000}))
	}
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	must(t, cash.Bank(ctx, w.DB, w.Market, hand, w.Operator.ID, 13000, "B-1"))
	mine := ledger.CashAgent(hand)
	have := books(t, w, mine, ledger.BankOperating, ledger.Owed(w.Producer.PayeeID))
	if have[mine] != 0 || have[ledger.BankOperating] != 13000 || have[ledger.Owed(w.Producer.PayeeID)] != 11960 {
		t.Fatalf("%v", have)
	}
}

func TestWhatEndsBeforeItsCashIsTakenRefundsNothing(t *testing.T) {
	w := ordertest.New(t)
	w.TakesCash(t, id.None, 100_000)
	ctx := t.Context()
	declined := onDelivery(t, w, 1000)
	must(t, w.Orders.Cancel(ctx, w.Seller, declined, "没有了"))
	lost := onDelivery(t, w, 1000)
	sentUnpaid(t, w, lost)
	_, err := w.Orders.Refund(ctx, once.Key{}, w.Operator, lost, nil, "why")
	refuses(t, err, "refund_not_paid")
	must(t, w.Orders.Lost(ctx, w.Operator, lost, story(t, w, lost).Shipments[0].ID, "丢了"))
	back := onDelivery(t, w, 1000)
	sentUnpaid(t, w, back)
	must(t, w.Orders.Returned(ctx, w.Seller, back, story(t, w, back).Shipments[0].ID, "不要了", order.FateBack))
	silent := onDelivery(t, w, 1000)
	w.Clock.Advance(73 * time.Hour)
	w.Drain(t)
	for _, ref := range []order.Ref{declined, lost, back, silent} {
		w.Must(t, ref, order.Cancelled)
		if s := story(t, w, ref); len(s.Refunds) != 0 || s.Due() != 0 || s.PaymentState() != "none" {
			t.Errorf("%+v, due %d, %s", s.Refunds, s.Due(), s.PaymentState())
		}
	}
	refuses(t, w.Orders.TakeCash(ctx, w.Seller, back, order.Taking{Sum: 2600}), "order_move")
	books(t, w)
	// One came back; after a second one the buyer pays beforehand, until three months are over.
	again := onDelivery(t, w, 1000)
	sentUnpaid(t, w, again)
	must(t, w.Orders.Returned(ctx, w.Seller, again, story(t, w, again).Shipments[0].ID, "不要了", order.FateBack))
	ask := w.Ask(1000)
	ask.Way = payment.Cash
	_, err = w.Orders.Place(ctx, once.Key{}, ask)
	refuses(t, err, "cash_refused")
	w.Clock.Advance(91 * 24 * time.Hour)
	onDelivery(t, w, 1000)
}

func TestCashIsAgreedOnlyWithinWhatAHandMayHold(t *testing.T) {
	w := ordertest.New(t)
	ctx := t.Context()
	ask := w.Ask(5000)
	ask.Way = payment.Cash
	place := func() error { _, err := w.Orders.Place(ctx, once.Key{}, ask); return err }
	refuses(t, place(), "cash_not_taken")
	w.Terms(t, w.Producer.ID, terms.Terms{Cash: &terms.Cash{}})
	refuses(t, place(), "cash_full") // nobody has trusted them with cash
	w.TakesCash(t, id.None, 30_000)
	none := ask
	none.DeliverTo, none.Buyer.Phone = nil, ""
	_, err := w.Orders.Place(ctx, once.Key{}, none)
	refuses(t, err, "cash_phone")
	agreed := 0
	for _, err := range at(8, func(int) error { return place() }) {
		if err == nil {
			agreed++
		} else if !fault.Has(err, "cash_full") {
			t.Error(err)
		}
	}
	if agreed != 2 {
		t.Errorf("%d orders of 130.00 within 300.00", agreed)
	}
	ask = w.Ask(40_000)
	ask.Way = payment.Cash
	f := refuses(t, place(), "cash_too_much")
	if f.Field != "way" || f.Args["most"] != int64(terms.MostCash) {
		t.Errorf("%+v", f)
	}
	books(t, w)
}

func TestCashAboveALimitIsBookedAndNoMoreIsAgreed(t *testing.T) {
	w := ordertest.New(t)
	w.TakesCash(t, id.None, 30_000)
	ctx := t.Context()
	ref := onDelivery(t, w, 5000)
	sentUnpaid(t, w, ref)
	must(t, cash.Trust(ctx, w.DB, w.Market, w.Producer.PayeeID, 5_000, w.Operator.ID))
	must(t, w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: 13000}))
	ask := w.Ask(500)
	ask.Way = payment.Cash
	_, err := w.Orders.Place(ctx, once.Key{}, ask)
	refuses(t, err, "cash_full")
	var found []audit.Values
	must(t, w.DB.View(ctx, w.Market, func(tx *storage.Tx) (err error) { found, err = cash.Alarms()[0].Run(tx); return }))
	if len(found) != 1 {
		t.Errorf("alarms: %v", found)
	}
}

func TestCashIsPaidAtAPointWithTheCodeAndInOneParcel(t *testing.T) {
	w := ordertest.New(t)
	w.TakesCash(t, id.None, 100_000)
	w.Terms(t, w.Producer.ID, terms.Terms{Cash: &terms.Cash{}, Pickup: point, Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 800}}}}})
	ctx := t.Context()
	ask := w.Ask(5000)
	ask.Way, ask.DeliverTo.Code = payment.Cash, "11"
	b, err := w.Orders.Place(ctx, once.Key{}, ask)
	must(t, err)
	ref := b.Orders()[0]
	must(t, w.Orders.PickUp(ctx, w.Buyer, ref))
	if s := story(t, w, ref); s.Due() != 13000 || len(s.Refunds) != 0 {
		t.Fatalf("due %d, refunds %v", s.Due(), s.Refunds)
	}
	must(t, w.Orders.Accept(ctx, w.Seller, ref))
	must(t, w.Orders.Pack(ctx, w.Seller, ref, nil))
	must(t, w.Orders.Ready(ctx, w.Seller, ref))
	code, err := w.Orders.PickupCode(ctx, story(t, w, ref).Order)
	must(t, err)
	refuses(t, w.Orders.Collect(ctx, w.Seller, ref, code), "cash_first")
	refuses(t, w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: 13000}), "pickup_code")
	must(t, w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: 13000, Code: code}))
	w.Must(t, ref, order.Delivered)
	two := onDelivery2(t, w)
	must(t, w.Orders.Accept(ctx, w.Seller, two))
	must(t, w.Orders.Pack(ctx, w.Seller, two, nil))
	refuses(t, w.Orders.Ship(ctx, w.Seller, two, order.Parcel{Carrier: "zto", Lines: map[int]int64{1: 1000}}), "cash_one_parcel")
	books(t, w)
}

func onDelivery2(t *testing.T, w *ordertest.World) order.Ref {
	t.Helper()
	ask := w.Ask(5000)
	ask.Way, ask.DeliverTo.Code = payment.Cash, "11"
	b, err := w.Orders.Place(t.Context(), once.Key{}, ask)
	must(t, err)
	return b.Orders()[0]
}

func TestWhatTheMarketTakesOffIsPaidWithTheCashAndARefundGoesByTheBank(t *testing.T) {
	w := ordertest.New(t)
	w.TakesCash(t, id.None, 100_000)
	w.Terms(t, terms.Market, terms.Terms{Discount: &terms.Discount{RateBP: 1000}})
	ctx := t.Context()
	ref := onDelivery(t, w, 5000)
	sentUnpaid(t, w, ref)
	must(t, w.Orders.TakeCash(ctx, w.Seller, ref, order.Taking{Sum: 11700}))
	have := books(t, w, ledger.HeldOrder(ref.ID), ledger.CostDiscount)
	if have[ledger.HeldOrder(ref.ID)] != 13000 || have[ledger.CostDiscount] != 1300 {
		t.Fatalf("%v", have)
	}
	refund, err := w.Orders.Refund(ctx, once.Key{}, w.Seller, ref, []order.Part{{Line: 1, Amount: 1170}}, "坏了")
	must(t, err)
	w.Drain(t)
	if s := story(t, w, ref); len(s.Refunds) != 1 || s.Refunds[0].State != payment.RefundAsked {
		t.Fatalf("%+v", s.Refunds)
	}
	for range 2 {
		must(t, w.Desk.Finish(ctx, w.Market, refund, true))
	}
	must(t, w.Orders.Complete(ctx, w.Buyer, ref))
	books(t, w)
}
