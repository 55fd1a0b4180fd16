package web

import (
	"bytes"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/statement"
	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/workbook"
)

// statements mounts the statements of one desk: a list, each month as a page
// and as a workbook. payee is who sits there.
func (d *desk) statements(g fiber.Router, path string, of part.Desk, find func(*fiber.Ctx, seat) (id.ID, error), sit func(*fiber.Ctx, people.Person) (seat, error)) {
	g.Get(path, d.seated(sit, func(c *fiber.Ctx, s seat) error { return d.showStatements(c, s, of, find) }))
	g.Get(path+"/:month", d.seated(sit, func(c *fiber.Ctx, s seat) error {
		payee, err := find(c, s)
		if err != nil {
			return err
		}
		text, book := strings.CutSuffix(c.Params("month"), ".xlsx")
		month, err := statement.ParseMonth(text)
		if err != nil {
			return err
		}
		if statement.MonthOf(d.DB.Now(), s.m.Location()).Earlier(month) {
			return fault.NotFound("not_found") // what has not begun has no statement
		}
		if book {
			return d.statementBook(c, s, payee, month)
		}
		return d.showStatement(c, s, of, payee, month)
	}))
}

// statementsWay is the list of a desk.
func statementsWay(of part.Desk) string {
	if of == part.Agent {
		return part.AgentStatementsWay
	}
	return part.ProducerStatementsWay
}

func deskWay(of part.Desk) string {
	if of == part.Agent {
		return part.AgentWay
	}
	return part.ProducerWay
}

// aYear is how many months a list shows.
const aYear = 12

func (d *desk) showStatements(c *fiber.Ctx, s seat, of part.Desk, find func(*fiber.Ctx, seat) (id.ID, error)) error {
	payee, err := find(c, s)
	if err != nil {
		return err
	}
	var before statement.Month
	if text := c.Query("before"); text != "" {
		if before, err = statement.ParseMonth(text); err != nil {
			return err
		}
	}
	var all []statement.Statement
	err = d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if all, err = statement.List(tx, payee, before, aYear); err != nil || before != (statement.Month{}) {
			return err
		}
		open, err := statement.Open(tx, payee, s.m.Location(), all)
		all = append(open, all...)
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		base := statementsWay(of)
		v := page.Statements{Frame: f, Desk: of, Currency: s.m.Currency, DeskHref: s.way(deskWay(of))}
		for _, one := range all {
			first, _ := one.Month.In(s.m.Location())
			v.Months = append(v.Months, page.StatementRow{Href: s.way(part.StatementWay(base, one.Month.String())), BookHref: s.way(part.StatementBookWay(base, one.Month.String())),
				Month: first, Number: one.Number, Sold: one.Sold, Earned: one.Earned + one.Reversed, Closing: one.Closing})
		}
		if n := len(all); n >= aYear && all[n-1].Closed() {
			v.Next = s.way(base, "before", all[n-1].Month.String())
		}
		return v.View()
	})
}

// piece is how many lines a page of a statement shows.
const piece = 50

func (d *desk) showStatement(c *fiber.Ctx, s seat, of part.Desk, payee id.ID, month statement.Month) error {
	from, err := door.GoOn(c.Query("after"))
	if err != nil {
		return err
	}
	t, err := d.Statement(c.UserContext(), s.m, payee, month, from, piece)
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, s.around(), func(f part.Frame) templ.Component {
		return statementPage(f, s, of, t).View()
	})
}

func statementPage(f part.Frame, s seat, of part.Desk, t door.Told) page.Statement {
	base := statementsWay(of)
	first, _ := t.Month.In(s.m.Location())
	now := statement.MonthOf(f.Reader.Now(), s.m.Location())
	v := page.Statement{
		Frame: f, Desk: of, Name: t.Payee.Name, Place: s.m.Title(f.Reader.Lang()), Month: first, Number: t.Number, MadeAt: t.MadeAt, Sales: t.Sales, Sold: t.Sold,
		Opening: t.Opening, Earned: t.Earned, Reversed: t.Reversed, Withheld: t.Withheld, Paid: t.Paid, Returned: t.Returned, Closing: t.Closing,
		Waiting: t.Waiting, OnItsWay: t.OnItsWay, Running: t.Month == now, BookHref: s.way(part.StatementBookWay(base, t.Month.String())),
		Currency: s.m.Currency, ListHref: s.way(base), DeskHref: s.way(deskWay(of)), Earlier: s.way(part.StatementWay(base, t.Month.Before().String())),
	}
	if t.Month.Earlier(now) {
		v.Later = s.way(part.StatementWay(base, t.Month.Next().String()))
	}
	for _, l := range t.Lines {
		v.Lines = append(v.Lines, statementLine(f.Reader, s, l))
	}
	for _, l := range t.Taken {
		v.Backs = append(v.Backs, statementLine(f.Reader, s, l))
	}
	v.BacksMore = max(t.Backs-int64(len(t.Taken)), 0)
	for _, p := range t.Payments {
		v.Payments = append(v.Payments, page.StatementPayment{At: p.At, Bank: p.Bank, Tail: p.Tail, Hand: p.Hand, Batch: p.Batch, Minor: p.Amount, Back: p.Back, Why: p.Reason})
	}
	if len(t.Lines) == piece {
		v.Next = s.way(part.StatementWay(base, t.Month.String()), "after", door.Ending(t.Lines[piece-1].End())) + "#lines"
	}
	return v
}

func statementLine(r tongue.Reader, s seat, l statement.Line) page.StatementLine {
	line := page.StatementLine{Number: l.Number, Href: part.OrderWay(marketText(s.m.ID), l.Sale.String()), Title: door.Titled(r, l), At: l.At,
		Base: l.Base, Rate: int64(l.RateBP), Others: l.Others, Minor: l.Amount, Back: l.Back, Why: why(r, l.Why)}
	if l.Entry != nil {
		line.RuleHref = part.AgentEntriesWay + "/" + marketText(s.m.ID) + "/" + l.Entry.String()
	}
	return line
}

// statementBook sends a month as a workbook.
func (d *desk) statementBook(c *fiber.Ctx, s seat, payee id.ID, month statement.Month) error {
	var b bytes.Buffer
	if err := d.StatementBook(c.UserContext(), &b, d.reader(c, s), s.m, payee, month); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, workbook.Type)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+s.m.Code+"-"+month.String()+`.xlsx"`)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Send(b.Bytes())
}
