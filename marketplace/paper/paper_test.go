package paper_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"commonfield/agents/region"
	"commonfield/agents/terms"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/paper"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/told"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type office struct {
	*ordertest.World
	room *paper.Room
}

func open(t *testing.T) *office {
	t.Helper()
	v := &office{World: ordertest.New(t)}
	v.room = paper.New(v.DB, region.New(v.DB))
	v.Orders.Tell(told.Moved)
	nothing := jobs.Handler{Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) { return nil, nil }}
	v.Worker = jobs.NewWorker(v.DB, map[string]jobs.Handler{
		told.JobMove: v.room.After(nothing, told.OrderOf), payment.JobRefundNews: v.room.After(nothing, paper.OfRefund),
		order.JobExpire: {Call: v.Orders.Expire}, order.JobTimer: {Do: v.Orders.Timer}, order.JobSeen: {Call: v.Orders.Seen},
		payment.JobNews: {Call: v.Orders.News}, payment.JobRefund: {Call: v.Desk.Carry}, sandbox.JobNews: {Call: v.Sandbox.Tell},
	}, jobs.Options{})
	return v
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (v *office) of(t testing.TB, ref order.Ref) []paper.Paper {
	t.Helper()
	var all []paper.Paper
	must(t, v.DB.View(t.Context(), v.Market, func(tx *storage.Tx) (err error) { all, err = paper.Of(tx, ref.ID); return }))
	return all
}

func (v *office) clean(t testing.TB) {
	t.Helper()
	r, err := audit.Run(t.Context(), v.DB, []int32{v.Market}, paper.Checks(), paper.Alarms())
	must(t, err)
	if !r.OK || len(r.Alarms) > 0 {
		t.Errorf("%+v", r)
	}
}

func TestAnOrdersPapersAddUpToWhatTheBuyerHasPaid(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	v.Terms(t, v.Producer.ID, terms.Terms{Discount: &terms.Discount{RateBP: 1000}})
	ref := v.UpTo(t, order.Accepted)
	v.Drain(t)
	must(t, v.Orders.Pack(ctx, v.Seller, ref, map[int]int64{1: 4900}))
	v.Drain(t)
	must(t, v.Orders.Ship(ctx, v.Seller, ref, order.Parcel{Carrier: "zto", Number: "A"}))
	v.Drain(t)
	must(t, v.Orders.Deliver(ctx, v.Buyer, ref))
	must(t, v.Orders.Complete(ctx, v.Buyer, ref))
	_, err := v.Orders.Refund(ctx, once.Of(v.Operator.ID, "r", nil), v.Operator, ref, []order.Part{{Line: 1, Amount: 1000}}, "spoilt")
	must(t, err)
	v.Drain(t)
	all := v.of(t, ref)
	if len(all) != 4 {
		t.Fatalf("%d papers: %+v", len(all), all)
	}
	receipt, less, sale, back := all[0], all[1], all[2], all[3]
	if receipt.Kind != paper.Receipt || receipt.Amount != 11700 || receipt.Lines[0].Off != 1300 || receipt.Lines[0].Quantity != 5000 {
		t.Errorf("receipt %+v", receipt)
	}
	if less.Kind != paper.Credit || less.Amount != 234 || *less.OfKind != paper.Receipt || less.Refund == nil || less.Label != "weight" {
		t.Errorf("weight %+v", less)
	}
	if sale.Kind != paper.Sale || sale.Amount != 11466 || sale.Lines[0].Quantity != 4900 || sale.Seller == "" {
		t.Errorf("sale %+v", sale)
	}
	if back.Kind != paper.Credit || back.Amount != 1000 || *back.OfKind != paper.Sale || back.No != 2 {
		t.Errorf("refund %+v", back)
	}
	s, err := v.Orders.Story(ctx, ref)
	must(t, err)
	if net := receipt.Amount - less.Amount - back.Amount; net != s.Net() {
		t.Errorf("papers come to %d, the order to %d", net, s.Net())
	}
	v.clean(t)
}

func TestACancelledOrderHasAReceiptAndACreditNoteAndOneThatWasNeverPaidNothing(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	must(t, v.Orders.Cancel(t.Context(), v.Seller, ref, "none left"))
	never := v.UpTo(t, order.Expired)
	v.Drain(t)
	all := v.of(t, ref)
	if len(all) != 2 || all[0].Kind != paper.Receipt || all[1].Kind != paper.Credit || all[0].Amount != all[1].Amount {
		t.Errorf("%+v", all)
	}
	if none := v.of(t, never); len(none) != 0 {
		t.Errorf("never paid: %+v", none)
	}
	v.clean(t)
}

// Sixteen orders are told of by eight workers at once: each has its receipt, and the
// numbers run from 1 to 16.
func TestNumbersHaveNoGapHoweverManyIssueAtOnce(t *testing.T) {
	v := open(t)
	var refs []order.Ref
	for range 16 {
		refs = append(refs, v.UpTo(t, order.Secured))
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { _, _ = v.Worker.Drain(context.Background(), v.Market) })
	}
	all.Wait()
	v.Drain(t)
	seen := map[int64]bool{}
	for _, ref := range refs {
		of := v.of(t, ref)
		if len(of) != 1 || seen[of[0].No] || of[0].No < 1 || of[0].No > 16 {
			t.Fatalf("%+v", of)
		}
		seen[of[0].No] = true
	}
	v.clean(t)
}

func TestAnIssueThatFailsTakesNoNumber(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	broken := v.room.After(jobs.Handler{Call: func(context.Context, jobs.Job) (func(*storage.Tx) error, error) { return nil, nil }}, told.OrderOf)
	body := []byte(`{"order":"` + ref.ID.String() + `"}`)
	end, err := broken.Call(t.Context(), jobs.Job{Market: v.Market, Body: body})
	must(t, err)
	err = v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error {
		if err := end(tx); err != nil {
			return err
		}
		return fault.Conflict("conflict") // after the number was given
	})
	if !fault.Has(err, "conflict") {
		t.Fatal(err)
	}
	v.Drain(t)
	if all := v.of(t, ref); len(all) != 1 || all[0].No != 1 {
		t.Errorf("%+v", all)
	}
	v.clean(t)
}

func TestAPaperIsNeverChangedAndTheAuditSeesWhatWas(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Shipped)
	v.Drain(t)
	p := v.of(t, ref)[0]
	for _, change := range []string{"UPDATE papers SET amount_minor = 1 WHERE market_id = $1 AND id = $2", "DELETE FROM papers WHERE market_id = $1 AND id = $2"} {
		err := v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error { _, err := tx.Exec(change, v.Market, p.ID); return err })
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", change, err)
		}
	}
	must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue("INSERT INTO papers (market_id, id, kind, no, order_id, source, charges, currency, amount_minor, says, issued_at) VALUES ($1, $2, 'receipt', 7, $3, 'x', 0, 'CNY', 5, '{}', $4)", v.Market, id.New(), ref.ID, tx.Now)
		return nil
	}))
	r, err := audit.Run(t.Context(), v.DB, []int32{v.Market}, paper.Checks(), nil)
	must(t, err)
	if r.Checks[0].OK || r.Checks[1].OK {
		t.Errorf("a paper of another sum with a number beyond the last is not seen: %+v", r)
	}
}

func TestTheFapiaosNumberStandsBesideTheStatementOfSaleAlone(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	ref := v.UpTo(t, order.Shipped)
	v.Drain(t)
	receipt, sale := v.of(t, ref)[0], v.of(t, ref)[1]
	if err := v.room.Enter(ctx, v.Seller.ID, v.Market, ref.ID, receipt.ID, "123"); !fault.Has(err, "invoice_of_sale") {
		t.Errorf("on a receipt: %v", err)
	}
	for _, bad := range []string{"12 3", "发票", strings.Repeat("1", 41), "<b>"} {
		if err := v.room.Enter(ctx, v.Seller.ID, v.Market, ref.ID, sale.ID, bad); !fault.Has(err, "invoice_number") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := v.room.Enter(ctx, v.Seller.ID, v.Market, id.New(), sale.ID, "123"); !fault.Has(err, "not_found") {
		t.Errorf("under another order: %v", err)
	}
	for _, number := range []string{"25652000000012345678", "25652000000012345678", "25652000000012345679"} {
		must(t, v.room.Enter(ctx, v.Seller.ID, v.Market, ref.ID, sale.ID, number))
	}
	if now := v.of(t, ref)[1]; now.Invoice != "25652000000012345679" || now.Amount != sale.Amount {
		t.Errorf("%+v", now)
	}
}
