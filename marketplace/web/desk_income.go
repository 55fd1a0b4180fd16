package web

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/statement"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// producerIncome says where a producer's money is.
func (d *desk) producerIncome(c *fiber.Ctx, s seat) (page.Income, error) {
	var in page.Income
	var err error
	if in.Held, err = d.Orders.HeldFor(c.UserContext(), s.m.ID, s.grower.ID); err != nil {
		return in, err
	}
	err = d.view(c, s, func(tx *storage.Tx) error {
		owed, debt := ledger.Owed(s.grower.PayeeID), ledger.Receivable(s.grower.PayeeID)
		have, err := ledger.Balance(tx, owed, debt)
		if err != nil {
			return err
		}
		in.Payable = have[owed] - have[debt]
		payouts, err := payout.OfPayee(tx, s.grower.PayeeID)
		if err != nil {
			return err
		}
		for _, p := range payouts {
			switch p.State {
			case payout.Approved, payout.InTransit:
				in.Sent += p.Amount
			case payout.Paid:
				in.Paid += p.Amount
			}
		}
		if in.Sent > 0 {
			lies, err := payout.ToCollect(tx, s.grower.PayeeID)
			if err != nil {
				return err
			}
			for _, p := range lies {
				in.Collect = append(in.Collect, page.Collect{Hand: p.Hand, Until: p.Until, Minor: p.Amount})
			}
		}
		months, err := payable.Monthly(tx, s.grower.PayeeID, s.m.Location())
		if err != nil {
			return err
		}
		in.Months = sixMonths(months, tx.Now.In(s.m.Location()))
		in.Tail, in.NoBank, err = accountTail(tx, s.grower.PayeeID)
		return err
	})
	return in, err
}

// sixMonths are the last six up to now, those without sales too; none when
// nothing was ever sold.
func sixMonths(have []payable.Month, now time.Time) []part.Month {
	if len(have) == 0 {
		return nil
	}
	sums := map[string]int64{}
	for _, m := range have {
		sums[m.Month] = m.Amount
	}
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	var months []part.Month
	for back := 5; back >= 0; back-- {
		at := first.AddDate(0, -back, 0)
		months = append(months, part.Month{At: at, Minor: sums[at.Format("2006-01")]})
	}
	return months
}

// accountTail gives the last digits of a payee's account, or says that there is none.
func accountTail(tx *storage.Tx, payee id.ID) (string, bool, error) {
	a, err := payable.AccountOf(tx, payee)
	if fault.Has(err, "bank_account_missing") {
		return "", true, nil
	}
	return a.Tail, false, err
}

// producerIncomePage shows where the money is, what is still held, and each
// sale with its split.
func (d *desk) producerIncomePage(c *fiber.Ctx, s seat) error {
	from, err := door.GoOn(c.Query("after"))
	if err != nil {
		return err
	}
	in, err := d.producerIncome(c, s)
	if err != nil {
		return err
	}
	held, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, Seller: s.grower.ID, N: 20,
		States: []order.State{order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered}})
	if err != nil {
		return err
	}
	var sold []statement.Line
	if err := d.view(c, s, func(tx *storage.Tx) (err error) {
		sold, err = statement.Recent(tx, s.grower.PayeeID, from, piece)
		return err
	}); err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		v := page.ProducerIncome{Frame: f, Income: in, Currency: s.m.Currency, StatementHref: s.way(part.StatementWay(part.ProducerStatementsWay, statement.MonthOf(d.DB.Now(), s.m.Location()).String()))}
		for _, o := range held {
			v.Held = append(v.Held, deskOrder(f.Reader, o, order.Address{}))
		}
		for _, l := range sold {
			v.Sales = append(v.Sales, page.StatementLine{Number: l.Number, Href: part.OrderWay(marketText(s.m.ID), l.Sale.String()), Title: door.Titled(f.Reader, l),
				At: l.At, Base: l.Base, Others: l.Others, Minor: l.Amount, Back: l.Back, Why: why(f.Reader, l.Why)})
		}
		if len(sold) == piece {
			v.Next = s.way(part.ProducerIncomeWay, "after", door.Ending(sold[piece-1].End())) + "#sales"
		}
		return v.View()
	})
}
