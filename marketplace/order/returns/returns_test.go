package returns_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commonfield/catalog/photo"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/payment"
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

// yard is a world in which goods go back.
type yard struct {
	*ordertest.World
	t        *testing.T
	room     *returns.Room
	disputes *dispute.Room
	worker   *jobs.Worker
}

func open(t *testing.T) *yard {
	t.Helper()
	y := &yard{World: ordertest.New(t), t: t}
	blobs, err := blob.Open(t.Context(), t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	y.disputes = dispute.New(y.DB, y.Orders, photo.New(blobs))
	y.room = returns.New(y.DB, y.Orders, y.Box, photo.New(blobs))
	y.worker = jobs.NewWorker(y.DB, map[string]jobs.Handler{
		returns.JobTimer: {Do: y.room.Timer}, returns.JobOver: {Do: y.room.Over}, order.JobTimer: {Do: y.Orders.Timer}, dispute.JobOver: {Do: y.disputes.Over},
		payment.JobRefund: {Call: y.Desk.Carry}, payment.JobBack: {Call: y.Desk.Returned}, payment.JobNews: {Call: y.Orders.News},
	}, jobs.Options{})
	return y
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refuses(t testing.TB, err error, code string) {
	t.Helper()
	if !fault.Has(err, code) {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func (y *yard) drain() {
	y.t.Helper()
	_, err := y.worker.Drain(y.t.Context(), y.Market)
	must(y.t, err)
}

func (y *yard) ask(ref order.Ref, grams int64) (returns.Ref, error) {
	name, err := y.room.Ask(y.t.Context(), once.Key{}, y.Buyer, ref, returns.Wish{Lines: map[int]int64{1: grams}, Text: "买多了"})
	return returns.Ref{Order: ref, ID: name}, err
}

func (y *yard) asked(ref order.Ref, grams int64) returns.Ref {
	y.t.Helper()
	r, err := y.ask(ref, grams)
	must(y.t, err)
	return r
}

// sent brings a return to where the goods are on their way back.
func (y *yard) sent(ref order.Ref, grams int64) returns.Ref {
	y.t.Helper()
	r := y.asked(ref, grams)
	must(y.t, y.room.Approve(y.t.Context(), y.Seller, r, returns.Answer{To: "兴平村 3 号"}))
	must(y.t, y.room.Send(y.t.Context(), y.Buyer, r, "sf", "SF100"))
	return r
}

func (y *yard) is(r returns.Ref, state returns.State) returns.Return {
	y.t.Helper()
	b, err := y.room.Find(y.t.Context(), y.Market, r.ID)
	must(y.t, err)
	if b.State != state {
		y.t.Fatalf("the return is %s, not %s", b.State, state)
	}
	return b
}

func (y *yard) onHand() int64 {
	y.t.Helper()
	var n int64
	must(y.t, y.DB.View(y.t.Context(), y.Market, func(tx *storage.Tx) error {
		return tx.Get(&n, "SELECT sum(on_hand) FROM batches WHERE market_id = $1 AND listing_id = $2", tx.Market, y.Listing.ID)
	}))
	return n
}

func (y *yard) balance(account string) int64 {
	y.t.Helper()
	var have map[string]int64
	must(y.t, y.DB.View(y.t.Context(), y.Market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, account); return }))
	return have[account]
}

// clean holds all checks of the books against the market.
func (y *yard) clean() {
	y.t.Helper()
	y.drain()
	r, err := audit.Run(y.t.Context(), y.DB, []int32{y.Market}, marketplace.Checks(), nil)
	must(y.t, err)
	seen := false
	for _, one := range r.Checks {
		for _, v := range one.Violations {
			y.t.Errorf("audit: %s: %s", one.Name, v)
		}
		seen = seen || one.Name == "returns: what was taken in was refunded, and nothing else" && one.Checked > 0
	}
	if !seen {
		y.t.Error("the audit saw no return")
	}
}

func TestAPartGoesBackWithItsMoneyItsSharesAndItsStockAndTheRestIsReleased(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered) // 5 kg at 26.00: 130.00
	before := y.onHand()
	r := y.sent(ref, 2000)
	refuses(t, y.Orders.Complete(ctx, y.Buyer, ref), "order_frozen")
	if b := y.is(r, returns.Sent); b.Back != 0 || y.balance(ledger.HeldOrder(ref.ID)) != 13000 {
		t.Error("money moved before the goods were seen")
	}
	must(t, y.room.Receive(ctx, y.Seller, r, order.FateBack))
	must(t, y.room.Receive(ctx, y.Seller, r, order.FateBack)) // twice is once
	if b := y.is(r, returns.Refunded); b.Back != 5200 {
		t.Errorf("%d goes back, not 5200", b.Back)
	}
	if n := y.onHand() - before; n != 2000 {
		t.Errorf("%d g are in the store again", n)
	}
	if held := y.balance(ledger.HeldOrder(ref.ID)); held != 7800 {
		t.Errorf("%d is held", held)
	}
	must(t, y.Orders.Complete(ctx, y.Buyer, ref))
	_, err := y.ask(ref, 3001)
	refuses(t, err, "return_more")
	y.clean()
}

func TestWhatCannotBeSoldAgainIsRefundedAndNotInTheStore(t *testing.T) {
	y := open(t)
	ref := y.UpTo(t, order.Delivered)
	before := y.onHand()
	r := y.sent(ref, 5000)
	must(t, y.room.Receive(t.Context(), y.Operator, r, order.FateLost))
	if b := y.is(r, returns.Refunded); b.Back != 13000 || y.onHand() != before {
		t.Errorf("%d back, %d in the store", b.Back, y.onHand()-before)
	}
	_, err := y.ask(ref, 1)
	refuses(t, err, "return_nothing")
	y.clean()
}

func TestAfterReleaseASellerWhoIsOwedGivesBackAndOneWhoWasPaidCallsAnOperator(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Completed)
	r := y.sent(ref, 1000)
	must(t, y.room.Receive(ctx, y.Seller, r, order.FateBack)) // 26.00 of what is owed
	y.is(r, returns.Refunded)
	y.clean()
	paid := y.UpTo(t, order.Completed)
	r = y.sent(paid, 5000)
	// Paid out in other ways: what is owed is gone.
	owed := y.balance(ledger.Owed(y.Producer.PayeeID))
	must(t, y.DB.Update(ctx, y.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		return ledger.Post(tx, ledger.Entry{Cause: "payout:" + id.New().String() + ":sent", By: y.Operator.ID,
			Legs: []ledger.Leg{{Debit: ledger.Owed(y.Producer.PayeeID), Credit: "bank:operating", Amount: owed}}})
	}))
	must(t, y.room.Receive(ctx, y.Seller, r, order.FateBack))
	if b := y.is(r, returns.Called); b.Back != 0 {
		t.Error("a seller gave back the market's money")
	}
	must(t, y.room.Receive(ctx, y.Seller, r, order.FateBack)) // twice is once
	y.is(r, returns.Called)
	must(t, y.room.Receive(ctx, y.Operator, r, order.FateBack))
	if b := y.is(r, returns.Refunded); b.Back != 13000 || y.balance(ledger.Receivable(y.Producer.PayeeID)) == 0 {
		t.Errorf("%d back", b.Back)
	}
}

func TestOnlyWhatTheLawGivesIsAskedFor(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	_, err := y.ask(y.UpTo(t, order.Shipped), 1000)
	refuses(t, err, "return_not_now")
	ref := y.UpTo(t, order.Delivered)
	for code, lines := range map[string]map[int]int64{"return_which": nil, "no_such_line": {7: 1}, "return_more": {1: 5001}} {
		_, err := y.room.Ask(ctx, once.Key{}, y.Buyer, ref, returns.Wish{Lines: lines})
		refuses(t, err, code)
	}
	_, err = y.room.Ask(ctx, once.Key{}, y.Seller, ref, returns.Wish{Lines: map[int]int64{1: 1}})
	refuses(t, err, "return_not_yours")
	stranger := order.By{Person: y.Person(t, "Stranger"), As: order.AsBuyer}
	_, err = y.room.Ask(ctx, once.Key{}, stranger, ref, returns.Wish{Lines: map[int]int64{1: 1}})
	refuses(t, err, "return_not_yours")
	y.Clock.Advance(8*24*time.Hour - time.Minute)
	if may, err := y.room.Returnable(ctx, ref, nil); err != nil || !may[0].May(y.Clock.Now()) || may[0].Has != 5000 {
		t.Errorf("at the end of the seventh day %v may go back, %v", may, err)
	}
	y.Clock.Advance(time.Minute)
	_, err = y.ask(ref, 1000)
	refuses(t, err, "return_late")
	if may, err := y.room.Returnable(ctx, ref, nil); err != nil || may[0].May(y.Clock.Now()) {
		t.Errorf("after it %v may go back, %v", may, err)
	}
}

func TestFreshGoodsAreNotTakenBack(t *testing.T) {
	y := open(t)
	ref := y.UpTo(t, order.Delivered)
	must(t, y.DB.Update(t.Context(), y.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		_, err := tx.Exec("UPDATE order_lines SET return_days = 0 WHERE market_id = $1 AND order_id = $2", tx.Market, ref.ID)
		return err
	}))
	_, err := y.ask(ref, 1000)
	refuses(t, err, "return_fresh")
}

func TestSilenceStopsNobody(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	r := y.asked(ref, 1000)
	y.Clock.Advance(3*24*time.Hour + time.Minute)
	y.drain()
	if b := y.is(r, returns.Approved); b.Pays != returns.BuyerPays || !b.Open() {
		t.Error("the seller's silence did not approve")
	}
	y.Clock.Advance(6 * 24 * time.Hour)
	refuses(t, y.room.Refuse(ctx, y.Seller, r, "太晚了"), "return_turn")
	for range 2 { // where to is said late: seven days count from then
		must(t, y.room.Approve(ctx, y.Seller, r, returns.Answer{To: "兴平村 3 号"}))
	}
	y.Clock.Advance(2 * 24 * time.Hour)
	y.drain()
	y.is(r, returns.Approved)
	y.Clock.Advance(5*24*time.Hour + time.Minute)
	y.drain()
	y.is(r, returns.Lapsed) // not sent in time
	refuses(t, y.room.Send(ctx, y.Buyer, r, "sf", "1"), "return_ended")
	ref = y.UpTo(t, order.Delivered)
	r = y.sent(ref, 1000)
	y.Clock.Advance(10*24*time.Hour + time.Minute)
	y.drain()
	if b := y.is(r, returns.Called); b.Fate != "" || b.CameAt != nil {
		t.Error("silence has seen the goods")
	}
	must(t, y.room.Refuse(ctx, y.Operator, r, "寄来的是别的货"))
	if b := y.is(r, returns.Refused); b.Why == "" || b.Back != 0 {
		t.Errorf("refused with %q", b.Why)
	}
	y.clean()
}

func TestABuyerWhoWasNotToldWhereToIsNotTooLate(t *testing.T) {
	y := open(t)
	r := y.asked(y.UpTo(t, order.Delivered), 1000)
	y.Clock.Advance(10*24*time.Hour + 2*time.Minute)
	y.drain()
	y.Clock.Advance(7*24*time.Hour + time.Minute)
	y.drain()
	y.is(r, returns.Called)
	must(t, y.room.Approve(t.Context(), y.Operator, r, returns.Answer{To: "运营中心"}))
	y.is(r, returns.Approved)
}

func TestAComplaintAndAReturnAreNeverOpenAtOnceAndNeverBothPay(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	r := y.asked(ref, 2000)
	say := dispute.Complaint{Said: dispute.Said{Text: "坏了"}, Reason: "damaged"}
	_, err := y.disputes.Complain(ctx, once.Key{}, y.Buyer, ref, say)
	refuses(t, err, "dispute_returning")
	must(t, y.room.Withdraw(ctx, y.Buyer, r))
	name, err := y.disputes.Complain(ctx, once.Key{}, y.Buyer, ref, say)
	must(t, err)
	_, err = y.ask(ref, 1000)
	refuses(t, err, "return_disputed")
	must(t, y.disputes.Decide(ctx, once.Key{}, y.Operator, dispute.Ref{Order: ref, ID: name}, dispute.Decision{Parts: []order.Part{{Line: 1}}, Goods: dispute.Kept, Why: "坏了"}))
	_, err = y.ask(ref, 1000)
	refuses(t, err, "return_nothing")
	y.clean()
}

func TestAfterAPartCameBackADecisionBringsBackOnlyTheRest(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	before := y.onHand()
	must(t, y.room.Receive(ctx, y.Seller, y.sent(ref, 2000), order.FateBack))
	name, err := y.disputes.Complain(ctx, once.Key{}, y.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "不好"}, Reason: "quality"})
	must(t, err)
	must(t, y.disputes.Decide(ctx, once.Key{}, y.Operator, dispute.Ref{Order: ref, ID: name}, dispute.Decision{Parts: []order.Part{{Line: 1}}, Goods: dispute.Back, Why: "全部退回"}))
	if n := y.onHand() - before; n != 5000 {
		t.Errorf("%d g are in the store again", n)
	}
	y.clean()
}

func TestOfSixtyFourAtOnceOneReturnIsOpenedAndTakenInOnce(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	var opened atomic.Int32
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			_, err := y.ask(ref, 5000)
			if err == nil {
				opened.Add(1)
			} else if !fault.Has(err, "return_open") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if opened.Load() != 1 {
		t.Fatalf("%d were opened", opened.Load())
	}
	all, err := y.room.Of(ctx, ref)
	must(t, err)
	r := returns.Ref{Order: ref, ID: all[0].ID}
	must(t, y.room.Approve(ctx, y.Seller, r, returns.Answer{To: "村口", Pays: returns.SellerPays}))
	must(t, y.room.Send(ctx, y.Buyer, r, "sf", "1"))
	for range 64 {
		wg.Go(func() {
			if err := y.room.Receive(ctx, y.Seller, r, order.FateBack); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if b := y.is(r, returns.Refunded); b.Back != 13000 {
		t.Errorf("%d went back", b.Back)
	}
	if all, err = y.room.Of(ctx, ref); err != nil || all[0].To != "村口" {
		t.Errorf("the buyer reads %q, %v", all[0].To, err)
	}
	y.clean()
}

func TestASellerRefusesWithAReasonAndNobodyDoesWhatIsNotTheirs(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	r := y.asked(ref, 1000)
	refuses(t, y.room.Approve(ctx, y.Buyer, r, returns.Answer{To: "x"}), "return_turn")
	refuses(t, y.room.Approve(ctx, y.Seller, r, returns.Answer{}), "required")
	refuses(t, y.room.Refuse(ctx, y.Seller, r, " "), "required")
	refuses(t, y.room.Receive(ctx, y.Seller, r, "eaten"), "required")
	refuses(t, y.room.Call(ctx, y.Buyer, r), "return_turn")
	for range 2 {
		must(t, y.room.Refuse(ctx, y.Seller, r, "开封吃过"))
	}
	if b := y.is(r, returns.Objected); b.Objection != "开封吃过" || !b.Open() {
		t.Error("a seller's no was the last word")
	}
	refuses(t, y.Orders.Complete(ctx, y.Buyer, ref), "order_frozen")
	refuses(t, y.room.Send(ctx, y.Buyer, r, "sf", "1"), "return_turn")
	for range 2 {
		must(t, y.room.Call(ctx, y.Buyer, r))
	}
	refuses(t, y.room.Receive(ctx, y.Operator, r, order.FateBack), "return_turn") // nobody has seen them
	refuses(t, y.room.Approve(ctx, y.Seller, r, returns.Answer{To: "x"}), "return_turn")
	refuses(t, y.room.Refuse(ctx, order.By{Person: y.Buyer.Person, As: order.AsOperator}, r, "x"), "dispute_own")
	must(t, y.room.Approve(ctx, y.Operator, r, returns.Answer{To: "村口"}))
	must(t, y.room.Send(ctx, y.Buyer, r, "sf", "1"))
	for range 2 {
		must(t, y.room.Refuse(ctx, y.Seller, r, "来的是别的货")) // neither goods nor money: an operator's at once
	}
	y.is(r, returns.Called)
	refuses(t, y.room.Withdraw(ctx, y.Buyer, r), "return_turn")
	for range 2 {
		must(t, y.room.Refuse(ctx, y.Operator, r, "看过照片，是别的货"))
	}
	refuses(t, y.room.Refuse(ctx, y.Buyer, r, "x"), "return_ended") // never theirs, not even twice
	if b := y.is(r, returns.Refused); b.Why != "看过照片，是别的货" || b.Back != 0 {
		t.Errorf("refused with %q", b.Why)
	}
	refuses(t, y.room.Receive(ctx, y.Operator, r, order.FateBack), "return_ended")
	_, err := y.ask(ref, 1000)
	refuses(t, err, "return_decided")
	_, err = y.disputes.Complain(ctx, once.Key{}, y.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "没有退"}, Reason: "quality"})
	must(t, err) // what is left to them
	y.clean()
}

func TestASellersNoIsTheEndWhenNobodyIsCalled(t *testing.T) {
	y := open(t)
	r := y.asked(y.UpTo(t, order.Delivered), 1000)
	must(t, y.room.Refuse(t.Context(), y.Seller, r, "开封吃过"))
	y.Clock.Advance(3*24*time.Hour + time.Minute)
	y.drain()
	if b := y.is(r, returns.Refused); b.Why != "开封吃过" {
		t.Errorf("it was refused with %q", b.Why)
	}
	y.clean()
}

func TestAClerkSeesTheGoodsAndAnOperatorGivesTheMoneyBack(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	before := y.onHand()
	r := y.sent(ref, 2000)
	clerk := order.By{Person: y.Person(t, "Clerk"), As: order.AsSeller}
	for range 2 {
		must(t, y.room.Seen(ctx, clerk, r, order.FateBack))
	}
	if b := y.is(r, returns.Called); b.Fate != order.FateBack || b.Back != 0 || b.CameAt == nil || y.onHand() != before {
		t.Errorf("seen, and %d back, fate %q", b.Back, b.Fate)
	}
	must(t, y.room.Receive(ctx, y.Operator, r, order.FateBack))
	if b := y.is(r, returns.Refunded); b.Back != 5200 || y.onHand()-before != 2000 {
		t.Errorf("%d back, %d in the store", b.Back, y.onHand()-before)
	}
	y.clean()
}

func TestWhileThePayersBankTakesTheSumBackNothingIsAskedOrRefunded(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	r := y.sent(ref, 1000)
	freeze := func() (f id.ID) {
		must(t, y.DB.Update(ctx, y.Market, func(tx *storage.Tx) (err error) {
			tx.Keyed()
			f, err = order.Freeze(tx, ref.ID, "chargeback", y.Operator.ID)
			return err
		}))
		return f
	}
	f, before := freeze(), y.onHand()
	refuses(t, y.room.Receive(ctx, y.Seller, r, order.FateBack), "refund_frozen")
	refuses(t, y.room.Receive(ctx, y.Operator, r, order.FateLost), "refund_frozen")
	if y.is(r, returns.Sent); y.onHand() != before {
		t.Error("the goods moved and the money did not")
	}
	must(t, y.DB.Update(ctx, y.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		return order.Lift(tx, ref.ID, f, y.Operator.ID)
	}))
	must(t, y.room.Receive(ctx, y.Seller, r, order.FateBack))
	freeze()
	_, err := y.ask(ref, 1000)
	refuses(t, err, "return_chargeback")
}

func TestASecondRefundOfALineIsCutByTheFirst(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	_, err := y.Orders.Refund(ctx, once.Key{}, y.Seller, ref, []order.Part{{Line: 1, Amount: 10000}}, "压碎了一些")
	must(t, err)
	r := y.sent(ref, 5000) // 130.00 paid, 30.00 left of it
	must(t, y.room.Receive(ctx, y.Seller, r, order.FateBack))
	if b := y.is(r, returns.Refunded); b.Back != 3000 || y.balance(ledger.HeldOrder(ref.ID)) != 0 {
		t.Errorf("%d went back, %d is held", b.Back, y.balance(ledger.HeldOrder(ref.ID)))
	}
	y.clean()
}

func TestThePicturesOfAReturnAreItsOrdersAlone(t *testing.T) {
	y := open(t)
	ctx := t.Context()
	ref := y.UpTo(t, order.Delivered)
	ask := func(photos ...string) error {
		_, err := y.room.Ask(ctx, once.Key{}, y.Buyer, ref, returns.Wish{Lines: map[int]int64{1: 1000}, Photos: photos})
		return err
	}
	refuses(t, ask("evidence/"+strings.Repeat("0", 64)), "photo_unknown")
	refuses(t, ask("a", "b", "c", "d"), "too_many_photos")
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40))))
	key, err := y.room.Show(ctx, b.Bytes())
	must(t, err)
	must(t, ask(key))
	if _, _, err := y.room.Picture(ctx, ref, key, 320); err != nil {
		t.Error(err)
	}
	_, _, err = y.room.Picture(ctx, y.UpTo(t, order.Delivered), key, 320)
	refuses(t, err, "photo_unknown")
}
