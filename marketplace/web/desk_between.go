package web

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/payment"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
)

const betweenWay = "/desk/operator/between"

// between shows how the market stands with others.
func (d *desk) between(c *fiber.Ctx, s seat) error {
	return d.showBetween(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showBetween(c *fiber.Ctx, s seat, status int, form part.Form) error {
	var rows []payment.Between
	if err := d.view(c, s, func(tx *storage.Tx) (err error) { rows, err = payment.Standing(tx); return }); err != nil {
		return err
	}
	form.Action, form.Key = s.way(betweenWay), newKey()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Between{Frame: f, Currency: s.m.Currency, Form: form}
		for _, r := range rows {
			v.Rows = append(v.Rows, page.BetweenRow{Market: strconv.Itoa(int(r.Market)), Name: d.marketName(c.UserContext(), f.Reader, r.Market),
				Href: s.way(accountWay, "name", ledger.Intermarket(r.Market)), Owes: r.Owes, Paid: r.Paid})
		}
		return v.View()
	})
}

// square books what the market has paid another one by bank transfer.
func (d *desk) square(c *fiber.Ctx, s seat) error {
	said := typed(c)
	sum, wrong := minor("sum", said["sum"])
	to, err := strconv.ParseInt(said["to"], 10, 32)
	if err != nil {
		wrong = fault.All(wrong, fault.Invalid("to", "required"))
	}
	err = d.once(c.UserContext(), s, d.key(c, s), func() error {
		if wrong != nil {
			return wrong
		}
		return d.Desk.Square(c.UserContext(), s.m.ID, int32(to), s.p.ID, sum, said["reference"])
	})
	if err == nil {
		return d.done(c, s.way(betweenWay), "booked")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"amount": "sum", "bank_reference": "reference"}))
	return d.showBetween(c, s, status, form)
}

// marketName is how a market is called, or its number where there is none.
func (d *desk) marketName(ctx context.Context, r tongue.Reader, market int32) string {
	m, err := d.Books.Market(ctx, market)
	if err != nil {
		return strconv.Itoa(int(market))
	}
	return either(r, m.Name, m.NameEN) + " (" + m.Code + ")"
}

// otherMarket gives the market that an account between markets names.
func otherMarket(account string) (int32, bool) {
	rest, is := strings.CutPrefix(account, "intermarket:")
	n, err := strconv.ParseInt(rest, 10, 32)
	return int32(n), is && err == nil
}
