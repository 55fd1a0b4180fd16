package web

import (
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payout"
	"commonfield/marketplace"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/tally"
)

// nowRead is what the operator's desk reads of what waits.
type nowRead struct {
	sums    map[string]tally.Sum
	payable page.Due // could be paid out
	without page.Due // cannot, as nobody has said how, and somebody must choose for them
	differs int64    // the newest statement of the bank, from the books
	calls   payment.Calls
	trial   []ledger.Row
	texts   *notice.Texts
}

func (w *nowRead) read(tx *storage.Tx) (err error) {
	if w.sums, err = tally.Count(tx, marketplace.Tallies()...); err != nil {
		return err
	}
	due, err := payout.Due(tx)
	if err != nil {
		return err
	}
	w.payable, w.without = page.Due{}, page.Due{}
	for _, one := range due {
		of := &w.payable
		if one.Reason == payout.NoAccount && one.Person == id.None {
			of = &w.without
		} else if one.Reason != "" {
			continue
		}
		of.Count++
		of.Minor += one.Amount
	}
	_, held, err := bank.Differs(tx)
	if err != nil {
		return err
	}
	w.differs = held.Differ
	if w.calls, err = payment.CallsOf(tx); err != nil {
		return err
	}
	w.trial, err = ledger.Trial(tx)
	return err
}

// of is what waits of some sorts together.
func (w *nowRead) of(names ...string) (d page.Due) {
	for _, name := range names {
		s := w.sums[name]
		d.Count += s.Count
		d.Minor += s.Minor
		if !s.Due.IsZero() && (d.Until.IsZero() || s.Due.Before(d.Until)) {
			d.Until = s.Due
		}
	}
	return d
}

// owed is what the market owes others from payments that were shared.
func (w *nowRead) owed() (d page.Due) {
	for _, row := range w.trial {
		if _, is := otherMarket(row.Account); is && row.Balance < 0 {
			d.Count++
			d.Minor -= row.Balance
		}
	}
	return d
}

// whose splits what lies here into what is others' and what is the platform's own.
func (w *nowRead) whose() (owed, own int64) {
	for _, row := range w.trial {
		kind, known := ledger.Class(row.Account)
		if !known {
			kind, _ = ledger.Class(row.Account + ":x") // added up: its ids were taken off
		}
		switch {
		case row.Account == ledger.Guarantee:
			own -= row.Balance
		case kind == ledger.Guarded || strings.HasPrefix(row.Account, "tax:") || strings.HasPrefix(row.Account, "intermarket:"):
			owed -= row.Balance
		case kind == ledger.Own && row.Account != ledger.Recon:
			own -= row.Balance
		}
	}
	return owed, own
}

// waits are the deeds that wait for somebody, what cannot wait first; each names the
// page where it is done.
func (w *nowRead) waits(s seat, called, platform int) []page.Wait {
	var differs int64
	if w.differs != 0 {
		differs = 1
	}
	return []page.Wait{
		{Key: "jobs", Kind: "bad", Due: w.of("jobs"), Href: s.way(part.JobsWay)},
		{Key: "platform_jobs", Kind: "bad", Due: page.Due{Count: int64(platform)}, Href: s.way(part.JobsWay + "#platform")},
		{Key: "chargebacks", Kind: "bad", Due: w.of("chargebacks"), Href: s.way(part.RefundsWay + "#chargebacks")},
		{Key: "offline", Kind: "wait", Due: w.of("transfers"), Href: s.way(part.OfflineWay)},
		{Key: "send", Kind: "wait", Due: w.of("refunds_to_send"), Href: s.way(part.RefundsWay + "#to-send")},
		{Key: "disputes", Kind: "bad", Due: w.of("disputes"), Href: s.way(part.DisputesWay)},
		{Key: "returns", Kind: "bad", Due: w.of("returns"), Href: s.way(part.ReturnsWay)},
		{Key: "talks", Kind: "bad", Due: page.Due{Count: int64(called)}, Href: s.way(part.TalksWay)},
		{Key: "odd", Kind: "bad", Due: page.Due{Count: w.of("odd").Count}, Href: s.way(part.RefundsWay + "#chargebacks")},
		{Key: "unclaimed", Kind: "wait", Due: w.of("refunds_failed", "excess", "nobodys"), Href: s.way(part.RefundsWay + "#unclaimed")},
		{Key: "bank", Kind: "wait", Due: w.of("bank_lines"), Href: s.way(bankSideWay)},
		{Key: "differs", Kind: "bad", Due: page.Due{Count: differs}, Href: s.way(bankSideWay + "#statements")},
		{Key: "gateway", Kind: "wait", Due: w.of("gateway_lines"), Href: s.way(gatewaySideWay)},
		{Key: "accounts", Kind: "wait", Due: w.of("accounts"), Href: s.way(payeeAccountsWay)},
		{Key: "without", Kind: "wait", Due: w.without, Href: s.way(part.PayoutsWay + "#left")},
		{Key: "cash", Kind: "wait", Due: w.of("cash_held"), Href: s.way(cashWay)},
		{Key: "collect", Kind: "wait", Due: w.of("cash_asking"), Href: s.way(cashWay)},
		{Key: "payable", Kind: "info", Due: w.payable, Href: s.way(part.PayoutsWay)},
		{Key: "drafts", Kind: "wait", Due: w.of("drafts"), Href: s.way(part.PayoutsWay)},
		{Key: "sent", Kind: "wait", Due: w.of("at_bank"), Href: s.way(part.PayoutsWay)},
		{Key: "between", Kind: "info", Due: w.owed(), Href: s.way(betweenWay)},
		{Key: "producers", Due: w.of("producers"), Href: s.way(membersWay)},
		{Key: "agents", Due: w.of("agents"), Href: s.way(part.ApplicationsWay)},
		{Key: "hooks", Kind: "bad", Due: w.of("hooks"), Href: s.way(hooksWay)},
	}
}
func (d *desk) operatorDesk(c *fiber.Ctx, s seat) error {
	ctx := c.UserContext()
	var w nowRead
	began := time.Now()
	err := d.view(c, s, func(tx *storage.Tx) error {
		if err := w.read(tx); err != nil {
			return err
		}
		today, on, err := d.Notices.Texted(tx)
		if on {
			w.texts = &today
		}
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(began)
	var gaveUp []jobs.Given
	if s.p.IsOperator(storage.Platform) {
		if gaveUp, err = jobs.Failed(ctx, d.DB, storage.Platform); err != nil {
			return err
		}
	}
	called, err := d.unread(c, s, talk.Filter{})
	if err != nil {
		return err
	}
	newest, err := d.Orders.List(ctx, order.Filter{Markets: []int32{s.m.ID}, N: 8})
	if err != nil {
		return err
	}
	to, err := d.Orders.Addresses(ctx, s.m.ID, ids(newest))
	if err != nil {
		return err
	}
	found, err := d.finding(ctx)
	if err != nil {
		return err
	}
	audited, err := d.audited(c, s, false)
	if err != nil {
		return err
	}
	steps, err := d.nexts(c, s)
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.OperatorDesk{Frame: f, Waits: w.waits(s, called, len(gaveUp)), Audit: audited, Currency: s.m.Currency, Books: s.way(part.BooksWay), Next: steps}
		v.Services = []page.Service{databaseService(f.Reader, took), d.paymentService(f.Reader, w), searchService(f.Reader, found), jobService(f.Reader, w, d.DB.Now())}
		if w.texts != nil {
			v.Services = append(v.Services, textService(f.Reader, *w.texts))
		}
		v.Owed, v.Own = w.whose()
		v.Orders = orderRows(f.Reader, newest, func(o order.Order) string { return buyerName(f.Reader, to[o.ID]) })
		return v.View()
	})
}
