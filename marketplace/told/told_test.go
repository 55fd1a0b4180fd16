package told_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"commonfield/agents/commission"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/agents/terms"
	"commonfield/catalog/photo"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/noticetest"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/told"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/blob"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// town is an ordertest world in which people are told.
type town struct {
	*ordertest.World
	post     *noticetest.Post
	notices  *notice.Room
	disputes *dispute.Room
	returns  *returns.Room
	talks    *talk.Room
	teller   *told.Teller
	found    told.Found
}

func open(t *testing.T, change ...func(*storage.Options)) *town {
	t.Helper()
	return in(t, ordertest.NewWith(t, func(o *storage.Options) {
		for _, c := range change {
			c(o)
		}
	}))
}

// openWith is open with kinds beside goods.
func openWith(t *testing.T, kinds ...order.Kind) *town {
	t.Helper()
	return in(t, ordertest.New(t, kinds...))
}

func in(t *testing.T, w *ordertest.World) *town {
	t.Helper()
	v := &town{post: &noticetest.Post{}, World: w}
	books := region.New(v.DB)
	v.notices = notice.New(v.DB, books, v.Box, notice.Options{Sender: v.post, Home: "https://market.example"})
	blobs, err := blob.Open(t.Context(), t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	v.disputes = dispute.New(v.DB, v.Orders, photo.New(blobs))
	v.returns = returns.New(v.DB, v.Orders, v.Box, photo.New(blobs))
	v.talks = talk.New(v.DB, v.Box, photo.New(blobs))
	v.teller = told.New(v.DB, books, v.People, v.Orders, v.disputes, v.returns, v.talks, v.notices, func(context.Context, int32) (told.Found, error) { return v.found, nil })
	v.Worker = jobs.NewWorker(v.DB, v.handlers(), jobs.Options{})
	must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		return people.Grant(tx, v.Operator.ID, people.Operator, "", people.System.ID)
	}))
	v.Drain(t)
	return v
}

func (v *town) handlers() map[string]jobs.Handler {
	handlers := v.teller.Handlers()
	maps.Copy(handlers, map[string]jobs.Handler{
		order.JobExpire: {Call: v.Orders.Expire}, order.JobTimer: {Do: v.Orders.Timer}, order.JobSeen: {Call: v.Orders.Seen},
		order.JobCharge: {Call: v.Orders.Called}, order.JobDrop: {Call: v.Orders.Dropped}, payment.JobForget: {Call: v.Desk.Forget},
		payment.JobNews: {Call: v.Orders.News}, payment.JobRefund: {Call: v.Desk.Carry}, sandbox.JobNews: {Call: v.Sandbox.Tell},
		dispute.JobTimer: {Do: v.disputes.Timer}, dispute.JobOver: {Do: v.disputes.Over},
		returns.JobTimer: {Do: v.returns.Timer}, returns.JobOver: {Do: v.returns.Over},
		commission.MatureJob: told.Mature(order.Frozen),
	})
	return handlers
}

func onceKey() once.Key { return once.Key{} }

func onceKeyed(who id.ID) once.Key { return once.Of(who, id.New().String(), nil) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// of gives the kinds that a person was told, oldest first.
func (v *town) of(t *testing.T, who id.ID) []notice.Kind {
	t.Helper()
	rows, err := v.notices.List(t.Context(), who, id.None, 100)
	must(t, err)
	kinds := make([]notice.Kind, len(rows))
	for i, r := range rows {
		kinds[len(rows)-1-i] = r.Kind
		if r.Way == "" {
			t.Errorf("%s leads nowhere", r.Kind)
		}
	}
	return kinds
}

func (v *town) told(t *testing.T, who id.ID, want ...notice.Kind) {
	t.Helper()
	v.Drain(t)
	got := v.of(t, who)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("told %v, not %v", got, want)
	}
}

func (v *town) last(t *testing.T, who id.ID) notice.Notice {
	t.Helper()
	rows, err := v.notices.List(t.Context(), who, id.None, 1)
	must(t, err)
	if len(rows) == 0 {
		t.Fatal("nothing was told")
	}
	return rows[0]
}

func TestEachPartyIsToldOfAnOrdersLifeAndNobodyWhatTheyDidThemselves(t *testing.T) {
	v := open(t)
	v.UpTo(t, order.Completed)
	v.told(t, v.Buyer.ID, notice.OrderSecured, notice.OrderAccepted, notice.OrderShipped)
	v.told(t, v.Seller.ID, notice.SaleNew, notice.SaleCompleted)
	v.told(t, v.AgentBy.ID, notice.RoleGranted, notice.CommissionEarned)
	v.told(t, v.Operator.ID, notice.DeskApplication, notice.RoleGranted)
	if n := v.last(t, v.Seller.ID); n.Facts.Sum != 13000-780-260 {
		t.Errorf("the seller is told of %d", n.Facts.Sum)
	}
	v.Clock.Advance((ordertest.HoldDays + 1) * 24 * time.Hour)
	v.told(t, v.AgentBy.ID, notice.RoleGranted, notice.CommissionEarned, notice.CommissionPayable)
	if n := v.last(t, v.AgentBy.ID); n.Facts.Sum != 780 {
		t.Errorf("the agent is told of %d", n.Facts.Sum)
	}
}

func TestWhatTimersDoIsToldToBoth(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Shipped)
	v.Clock.Advance(16 * 24 * time.Hour)
	v.Drain(t)
	o, err := v.Orders.Find(t.Context(), ref)
	must(t, err)
	due := o.DueAt
	v.Clock.Advance(13*24*time.Hour + time.Hour)
	v.Drain(t)
	if n := v.last(t, v.Buyer.ID); n.Kind != notice.OrderRelease || n.Facts.Until == nil || !n.Facts.Until.Equal(*due) {
		t.Errorf("a day before the release: %+v", n)
	}
	v.Clock.Advance(2 * 24 * time.Hour)
	v.told(t, v.Buyer.ID, notice.OrderSecured, notice.OrderAccepted, notice.OrderShipped, notice.OrderArrived, notice.OrderArrived, notice.OrderDelivered, notice.OrderRelease, notice.OrderCompleted)
	v.told(t, v.Seller.ID, notice.SaleNew, notice.SaleCompleted)
}

func TestWhoHasConfirmedOrComplainedIsNotRemindedOfTheRelease(t *testing.T) {
	v := open(t)
	confirmed, stopped := v.UpTo(t, order.Delivered), v.UpTo(t, order.Delivered)
	must(t, v.Orders.Complete(t.Context(), v.Buyer, confirmed))
	must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error {
		_, err := order.Freeze(tx, stopped.ID, "dispute", v.Buyer.ID)
		return err
	}))
	v.Clock.Advance(15 * 24 * time.Hour)
	v.Drain(t)
	if slices.Contains(v.of(t, v.Buyer.ID), notice.OrderRelease) {
		t.Error("the buyer was reminded")
	}
}

func TestTheConfirmationOfABasketIsOneWithAllItsLines(t *testing.T) {
	v := open(t)
	v.UpTo(t, order.Secured)
	v.told(t, v.Buyer.ID, notice.OrderSecured)
	n := v.last(t, v.Buyer.ID)
	if len(n.Facts.Lines) != 1 || n.Facts.Sum != 13000 || n.Facts.Lines[0].Seller == "" || n.Facts.Lines[0].Quantity != 5000 {
		t.Errorf("the contract is %+v", n.Facts)
	}
}

func TestASilentSellerIsRemindedTwiceAndOneWhoAnsweredNever(t *testing.T) {
	v := open(t)
	v.UpTo(t, order.Secured)
	v.told(t, v.Seller.ID, notice.SaleNew)
	v.Clock.Advance(24*time.Hour + time.Minute)
	v.told(t, v.Seller.ID, notice.SaleNew, notice.SaleWaits)
	v.Clock.Advance(24 * time.Hour)
	v.told(t, v.Seller.ID, notice.SaleNew, notice.SaleWaits, notice.SaleEnds)
	v.Clock.Advance(25 * time.Hour)
	v.told(t, v.Seller.ID, notice.SaleNew, notice.SaleWaits, notice.SaleEnds, notice.SaleCancelled)
	v.told(t, v.Buyer.ID, notice.OrderSecured, notice.OrderStopped, notice.Refunded)
	v.told(t, v.AgentBy.ID, notice.RoleGranted, notice.CommissionEarned, notice.CommissionReversed)

	quick := open(t)
	quick.UpTo(t, order.Accepted)
	for range 4 {
		quick.Clock.Advance(25 * time.Hour)
		quick.told(t, quick.Seller.ID, notice.SaleNew)
	}
}

func TestWhoCancelsIsNotToldAndWhoWasNeverToldOfItNeither(t *testing.T) {
	v := open(t)
	v.UpTo(t, order.Cancelled) // by the buyer, before the money came
	v.told(t, v.Buyer.ID)
	v.told(t, v.Seller.ID)
	v.UpTo(t, order.Expired)
	v.told(t, v.Buyer.ID, notice.OrderExpired)
	v.told(t, v.Seller.ID)
	ref := v.UpTo(t, order.Accepted)
	must(t, v.Orders.Cancel(t.Context(), v.Seller, ref, "今年受灾，没有货"))
	v.Drain(t)
	v.told(t, v.Seller.ID, notice.SaleNew)
	if n := v.last(t, v.Buyer.ID); n.Kind != notice.Refunded || n.Facts.Sum != 13000 {
		t.Errorf("the last that the buyer is told is %+v", n)
	}
}

func TestATransferIsAskedForMissedAndCompleted(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	ask := v.Ask(5000)
	ask.Way = "bank"
	place := func() order.Checkout {
		b, err := v.Orders.Place(ctx, onceKey(), ask)
		must(t, err)
		return b
	}
	b := place()
	v.told(t, v.Buyer.ID, notice.OrderPlaced)
	n := v.last(t, v.Buyer.ID)
	if n.Facts.Sum != 13000 || n.Facts.Number == "" || n.Facts.Until == nil {
		t.Errorf("how to pay is told as %+v", n.Facts)
	}
	_, err := v.Orders.Confirm(ctx, v.Operator, v.Market, b.Payment, 10000, "B-1")
	must(t, err)
	v.told(t, v.Buyer.ID, notice.OrderPlaced, notice.TransferShort)
	if n := v.last(t, v.Buyer.ID); n.Facts.Rest != 3000 || n.Facts.Sum != 10000 {
		t.Errorf("what is missing is told as %+v", n.Facts)
	}
	v.Clock.Advance(49 * time.Hour)
	v.told(t, v.Buyer.ID, notice.OrderPlaced, notice.TransferShort, notice.TransferLate)
	v.Clock.Advance(24 * time.Hour)
	v.Drain(t)
	v.told(t, v.Buyer.ID, notice.OrderPlaced, notice.TransferShort, notice.TransferLate, notice.OrderExpired)
	v.told(t, v.Operator.ID, notice.DeskApplication, notice.RoleGranted, notice.DeskRefund)

	paid := place()
	_, err = v.Orders.Confirm(ctx, v.Operator, v.Market, paid.Payment, 13000, "B-2")
	must(t, err)
	v.Clock.Advance(49 * time.Hour)
	v.Drain(t)
	if kinds := v.of(t, v.Buyer.ID); slices.Contains(kinds[5:], notice.TransferLate) || slices.Contains(kinds[5:], notice.TransferShort) {
		t.Errorf("a transfer that came is asked for: %v", kinds)
	}
}

func TestARefundAfterTheReleaseIsToldToBuyerAndAgent(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Completed)
	v.Drain(t)
	_, err := v.Orders.Refund(t.Context(), onceKey(), v.Operator, ref, []order.Part{{Line: 1, Amount: 1300}}, "烂了几个")
	must(t, err)
	v.Drain(t)
	if n := v.last(t, v.Buyer.ID); n.Kind != notice.Refunded || n.Facts.Sum != 1300 {
		t.Errorf("the buyer is told %+v", n)
	}
	if n := v.last(t, v.AgentBy.ID); n.Kind != notice.CommissionReversed || n.Facts.Sum != 78 {
		t.Errorf("the agent is told %+v", n)
	}
}

func TestTellingTakesNoTripMoreFromPlacingAndSecuring(t *testing.T) {
	v := open(t, func(o *storage.Options) { o.Pool = 1 })
	ctx := t.Context()
	count := func(call func()) int64 {
		before := v.DB.Trips()
		call()
		return v.DB.Trips() - before
	}
	for _, way := range []string{"sandbox", "bank"} {
		var place, secure int64
		for range 3 { // the first ones prepare the statements
			ask := v.Ask(1000)
			ask.Way = way
			key := onceKeyed(v.Buyer.ID)
			var b order.Checkout
			place = count(func() {
				var err error
				b, err = v.Orders.Place(ctx, key, ask)
				must(t, err)
			})
			if way == "bank" {
				continue
			}
			v.Open(t, b)
			seen, err := v.Sandbox.Look(ctx, v.Market, "sb_"+b.Payment.String())
			must(t, err)
			secure = count(func() {
				_, err := v.Orders.Captured(ctx, v.Market, b.Payment, seen)
				must(t, err)
			})
		}
		t.Logf("%s: place %d trips, secure %d", way, place, secure)
		if place > 2 || secure > 2 {
			t.Errorf("%s: placing takes %d trips, securing %d", way, place, secure)
		}
	}
}

func TestAMailServerThatIsDownStopsNoOrder(t *testing.T) {
	v := open(t)
	v.post.Answer = context.DeadlineExceeded
	v.UpTo(t, order.Completed)
	v.told(t, v.Buyer.ID, notice.OrderSecured, notice.OrderAccepted, notice.OrderShipped)
}

func TestJobsThatGaveUpAreToldOnceAndLettersTogetherAndNeverByLetter(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	must(t, v.DB.Update(ctx, v.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		for _, kind := range []string{"order:timer", notice.JobLetter, notice.JobLetter} {
			tx.Queue("INSERT INTO jobs (market_id, id, kind, key, body, state, run_at, attempts, error, created_at, finished_at) VALUES ($1, $2, $3, $4, '{}', 'failed', $5, 10, 'x', $5, $5)",
				v.Market, id.New(), kind, id.New().String(), tx.Now)
		}
		return nil
	}))
	for i := range 3 {
		must(t, v.DB.Update(ctx, v.Market, func(tx *storage.Tx) error {
			tx.Keyed()
			jobs.Add(tx, told.JobWatch, string(rune('a'+i)), struct{}{})
			return nil
		}))
		v.told(t, v.Operator.ID, notice.DeskApplication, notice.RoleGranted, notice.DeskJob, notice.DeskLetters)
	}
	var letters int
	must(t, v.DB.View(ctx, v.Market, func(tx *storage.Tx) error {
		return tx.Get(&letters, "SELECT count(*) FROM jobs WHERE market_id = $1 AND kind = 'notice:letter' AND state <> 'failed'", v.Market)
	}))
	if letters != 4 { // an application, a role granted, an agent's standing, the job that gave up
		t.Errorf("%d letters", letters)
	}
}

func TestTheDaysCheckOfTheBooksIsToldWhenItFindsSomething(t *testing.T) {
	v := open(t)
	for i, found := range []told.Found{{}, {Broken: []string{"ledger balances", "another"}}} {
		v.found = found
		must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error {
			tx.Keyed()
			jobs.Add(tx, told.JobAudit, string(rune('a'+i)), struct{}{})
			return nil
		}))
		v.Drain(t)
	}
	if n := v.last(t, v.Operator.ID); n.Kind != notice.DeskAudit || n.Facts.Count != 2 || n.Facts.Word != "ledger balances" {
		t.Errorf("told %+v", n)
	}
	v.told(t, v.Operator.ID, notice.DeskApplication, notice.RoleGranted, notice.DeskAudit)
}

func TestWhatSomebodyShouldLookAtIsToldOnceADayApartFromWhatIsBroken(t *testing.T) {
	v := open(t)
	v.found = told.Found{Broken: []string{"ledger balances"}, Alarms: []string{"cash: money lies in one hand for too long", "job gave up", "job gave up"}}
	for _, day := range []string{"2026-11-27", "2026-11-27", "2026-11-28"} {
		must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error {
			tx.Keyed()
			jobs.Add(tx, told.JobAudit, day, struct{}{})
			return nil
		}))
		v.Drain(t)
		v.found.Broken = nil
	}
	v.told(t, v.Operator.ID, notice.DeskApplication, notice.RoleGranted, notice.DeskAudit, notice.DeskAlarm, notice.DeskAlarm)
	n := v.last(t, v.Operator.ID)
	if n.Facts.Count != 3 || n.Facts.Word != v.found.Alarms[0] {
		t.Errorf("told %+v", n)
	}
	for lang, want := range map[string]string{"en": "Cash: money lies in one hand for too long", "zh": "现金：有钱在一个人手里放得太久"} {
		if said := n.Text(tongue.For(lang)); !strings.Contains(said, want) {
			t.Errorf("%s: %s", lang, said)
		}
	}
}

func TestAPartThatIsTakenOnIsToldToTheBuyerAndTheConfirmationHasItsCharges(t *testing.T) {
	v := open(t)
	v.Terms(t, v.Producer.ID, terms.Terms{Delivery: &terms.Delivery{Zones: []terms.Zone{{Tariff: terms.Tariff{First: 800, Further: 200}}}}})
	a := v.Ask(5000)
	a.DeliverTo.Code = "11"
	b, err := v.Orders.Place(t.Context(), onceKey(), a)
	must(t, err)
	v.Pay(t, b)
	v.Drain(t)
	n := v.last(t, v.Buyer.ID)
	if n.Kind != notice.OrderSecured || n.Facts.Sum != 14600 || len(n.Facts.Lines) != 2 || n.Facts.Lines[1].Charge != "delivery" || n.Facts.Lines[1].Total != 1600 {
		t.Errorf("the confirmation is %+v", n)
	}
	must(t, v.Orders.AcceptPart(t.Context(), v.Seller, b.Orders()[0], map[int]int64{1: 3000}))
	v.Drain(t)
	if kinds := v.of(t, v.Buyer.ID); !slices.Contains(kinds, notice.OrderPart) || !slices.Contains(kinds, notice.Refunded) || slices.Contains(kinds, notice.OrderAccepted) {
		t.Errorf("the buyer is told %v", kinds)
	}
}

// What is taken on and not sent: the seller is told a day before its day, the buyer on
// it; what was sent in time tells nobody anything.
func TestWhatIsNotSentByItsDayIsTold(t *testing.T) {
	v := open(t)
	slow, quick := v.UpTo(t, order.Accepted), v.UpTo(t, order.Packed)
	must(t, v.Orders.Ship(t.Context(), v.Seller, quick, order.Parcel{Carrier: "zto"}))
	count := func(who id.ID, kind notice.Kind) (n int) {
		v.Drain(t)
		for _, k := range v.of(t, who) {
			if k == kind {
				n++
			}
		}
		return n
	}
	v.Clock.Advance(6*24*time.Hour - time.Minute)
	if count(v.Seller.ID, notice.SaleSend) != 0 {
		t.Error("the seller was told too early")
	}
	v.Clock.Advance(2 * time.Minute)
	if n := count(v.Seller.ID, notice.SaleSend); n != 1 || count(v.Buyer.ID, notice.OrderLate) != 0 {
		t.Errorf("a day before, the seller was told %d times", n)
	}
	v.Clock.Advance(24 * time.Hour)
	if n := count(v.Buyer.ID, notice.OrderLate); n != 1 || count(v.Seller.ID, notice.SaleSend) != 1 {
		t.Errorf("on its day, the buyer was told %d times", n)
	}
	must(t, v.Orders.Cancel(t.Context(), v.Buyer, slow, ""))
	if count(v.Seller.ID, notice.SaleCancelled) != 1 {
		t.Error("the seller does not hear that the buyer ended it")
	}
}

func TestASellerHearsThatTheBuyerAsksToCancel(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Accepted)
	must(t, v.Orders.AskCancel(t.Context(), v.Buyer, ref))
	must(t, v.Orders.AskCancel(t.Context(), v.Buyer, ref))
	v.Drain(t)
	asked := 0
	for _, k := range v.of(t, v.Seller.ID) {
		if k == notice.SaleAsked {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("told %d times", asked)
	}
}
