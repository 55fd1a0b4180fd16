package web

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/cash"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// The bank's side.
const (
	bankSideWay   = "/desk/operator/bank"
	bankLineWay   = bankSideWay + "/lines"
	bankDifferWay = bankSideWay + "/differences"
	bankMatchWay  = bankSideWay + "/matches"
)

// bankForms are what was refused: of the file, a line or a statement.
type bankForms struct {
	upload, one part.Form
	of          string
}

func (d *desk) bankSide(c *fiber.Ctx, s seat) error {
	return d.showBank(c, s, fiber.StatusOK, bankForms{})
}

// shownOfBank is how many of each sort the page shows.
const shownOfBank = 50

// bankRead is what the page reads.
type bankRead struct {
	lines      []bank.Line
	guesses    map[id.ID][]bank.Guess
	statements []bank.Statement
	held       map[id.ID]bank.Held
	recent     []bank.Line
	in, out    []bank.Guess // what any line in, or out, may be
	nobodys    []bank.Line  // whose money waits here
}

func (b *bankRead) read(tx *storage.Tx) (err error) {
	b.in = nil
	if b.lines, err = bank.Undecided(tx, shownOfBank); err != nil {
		return err
	}
	if b.guesses, err = bank.Guesses(tx, b.lines...); err != nil {
		return err
	}
	if b.statements, err = bank.Statements(tx, 12); err != nil {
		return err
	}
	if b.held, err = bank.Hold(tx, b.statements...); err != nil {
		return err
	}
	if b.recent, err = bank.Lines(tx, id.None, shownOfBank); err != nil {
		return err
	}
	if b.nobodys, err = bank.Waits(tx, shownOfBank); err != nil {
		return err
	}
	open, err := payment.OpenTransfers(tx)
	if err != nil {
		return err
	}
	for _, p := range open {
		b.in = append(b.in, bank.Guess{Deed: bank.Payment, Target: p.ID, Name: p.Reference, Amount: p.Due - p.Captured})
	}
	if b.out, err = bank.OnTheirWay(tx, 200); err != nil {
		return err
	}
	holders, err := cash.Holders(tx)
	if err != nil {
		return err
	}
	for _, h := range holders {
		if h.Holds > 0 {
			b.in = append(b.in, bank.Guess{Deed: bank.CashIn, Target: h.Payee, Name: h.Name, Amount: h.Holds})
		}
		if h.State == cash.Active && h.Holds < h.Limit {
			b.out = append(b.out, bank.Guess{Deed: bank.CashOut, Target: h.Payee, Name: h.Name, Amount: h.Holds - h.Limit})
		}
	}
	for _, l := range b.nobodys {
		b.out = append(b.out, bank.Guess{Deed: bank.SentBack, Target: l.ID, Name: strings.TrimSpace(l.Party + " " + l.Reference), Amount: -l.Amount})
	}
	sends, err := payment.ToSend(tx)
	for _, r := range sends {
		b.out = append(b.out, bank.Guess{Deed: bank.Refund, Target: r.ID, Name: r.Reference, Amount: -r.Amount})
	}
	return err
}

func (d *desk) showBank(c *fiber.Ctx, s seat, status int, was bankForms) error {
	var b bankRead
	if err := d.view(c, s, b.read); err != nil {
		return err
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.BankSide{Frame: f, Form: was.upload, Currency: s.m.Currency, LineWay: s.way(bankLineWay), DifferWay: s.way(bankDifferWay)}
		v.Form.Action, v.Form.Key = s.way(bankSideWay), newKey()
		for _, l := range b.lines {
			row := page.BankLine{ID: l.ID.String(), Reference: l.Reference, Party: l.Party, Words: l.Words, On: l.On, Minor: l.Amount, Back: l.Return, Options: b.options(f, s, l)}
			if row.ID == was.of {
				row.Form = was.one
			}
			row.Form.Action, row.Form.Key, row.Form.ID = v.LineWay, newKey(), "l"+row.ID+"-"
			v.Lines = append(v.Lines, row)
		}
		for _, l := range b.nobodys {
			row := page.BankLine{ID: l.ID.String(), Reference: l.Reference, Party: l.Party, Words: l.Words, On: l.On, Minor: l.Amount, Story: s.way(accountWay, "name", ledger.Unclaimed(l.ID.String()))}
			if row.ID == was.of {
				row.Form = was.one
			}
			row.Form.Action, row.Form.Key, row.Form.ID = s.way(bankMatchWay), newKey(), "n"+row.ID+"-"
			v.Nobodys = append(v.Nobodys, row)
		}
		for _, one := range b.statements {
			h, said := b.held[one.ID]
			row := page.BankStatement{ID: one.ID.String(), Name: one.Name, Until: one.Until, Lines: int64(one.Lines), Said: said, Bank: h.Bank, Books: h.Books, Open: h.Open, Waits: h.Waits, Differ: h.Differ, Recon: one.Recon, Why: one.ReconWhy}
			if row.ID == was.of {
				row.Form = was.one
			}
			row.Form.Action, row.Form.Key, row.Form.ID = v.DifferWay, newKey(), "s"+row.ID+"-"
			v.Statements = append(v.Statements, row)
		}
		for _, l := range b.recent {
			if l.State == "done" {
				v.Recent = append(v.Recent, page.BankDone{On: l.On, Reference: l.Reference, Deed: l.Deed, Minor: l.Amount})
			}
		}
		return v.View()
	})
}

// options are what a line may be said to be: what it looks like first, then what
// waits for money of its side, then what needs no partner.
func (b *bankRead) options(f part.Frame, s seat, l bank.Line) []part.Option {
	all := []part.Option{{Label: f.T("bank_side.choose")}}
	seen := map[string]bool{}
	add := func(g bank.Guess) {
		value := g.Deed + ":" + g.Target.String()
		if !seen[value] {
			seen[value] = true
			all = append(all, part.Option{Value: value, Label: f.T("bank_deed."+g.Deed) + " · " + g.Name + " · " + f.Reader.Money(g.Amount, s.m.Currency)})
		}
	}
	others := b.out
	if l.Amount > 0 {
		others = b.in
	}
	for _, g := range append(append([]bank.Guess{}, b.guesses[l.ID]...), others...) {
		add(g)
	}
	for _, deed := range l.May() {
		switch deed {
		case bank.Capital, bank.Banked, bank.Unclaimed, bank.Fee, bank.Tax, bank.Booked:
			all = append(all, part.Option{Value: deed + ":", Label: f.T("bank_deed." + deed)})
		}
	}
	return all
}

// readStatement reads the statements of a file of the bank's in.
func (d *desk) readStatement(c *fiber.Ctx, s seat) error {
	data, err := upload(c, "file")
	if err != nil {
		return err
	}
	var got []bank.Statement
	if data == nil {
		err = fault.Invalid("file", "required")
	} else {
		got, err = d.Bank.Import(c.UserContext(), s.m.ID, s.p.ID, data)
	}
	if err == nil {
		d.Worker.Wake()
		lines, fresh := 0, 0
		for _, one := range got {
			lines, fresh = lines+one.Lines, fresh+one.Fresh
		}
		return d.done(c, s.way(bankSideWay), "bank_read", "lines", lines, "fresh", fresh)
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"": "file"}))
	return d.showBank(c, s, status, bankForms{upload: form})
}

// decideLine says what a line is.
func (d *desk) decideLine(c *fiber.Ctx, s seat) error {
	return d.decides(c, s, bankSideWay, "bank_decided", func(line id.ID, deed, target, why string) error {
		_, err := d.Bank.Decide(c.UserContext(), s.m.ID, line, s.p, bank.Say{Deed: deed, Target: target, Why: why})
		return err
	}, func(form part.Form, status int, line string) error {
		return d.showBank(c, s, status, bankForms{one: form, of: line})
	})
}

// decides says what a line is, of the bank's side or the gateway's: what is
// chosen is one word, the deed and what it is about.
func (d *desk) decides(c *fiber.Ctx, s seat, way, done string, decide func(line id.ID, deed, target, why string) error, show func(form part.Form, status int, line string) error) error {
	said := typed(c)
	line, err := row(said["line"])
	if err != nil {
		return err
	}
	deed, target, _ := strings.Cut(said["say"], ":")
	if deed == "" {
		err = fault.Invalid("say", "required")
	} else {
		err = decide(line, deed, target, said["why"])
	}
	if err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(way), done)
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"deed": "say", "target": "say", "amount": "say", "bank_reference": "say"}))
	return show(form, status, line.String())
}

// matchLine says which order's payment, or which reference, money of nobody was for.
func (d *desk) matchLine(c *fiber.Ctx, s seat) error {
	said := typed(c)
	line, err := row(said["line"])
	if err != nil {
		return err
	}
	pay, err := d.meant(c, s, strings.ToUpper(strings.TrimSpace(short(said["number"], 60))))
	if err == nil {
		err = d.Bank.Match(c.UserContext(), s.m.ID, line, s.p, pay)
	}
	if err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(bankSideWay), "bank_matched")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"amount": "number", "bank_reference": "number", "": "number"}))
	return d.showBank(c, s, status, bankForms{one: form, of: line.String()})
}

// meant finds the payment of an order's number, or of what a buyer was to write on
// the transfer.
func (d *desk) meant(c *fiber.Ctx, s seat, number string) (id.ID, error) {
	if number == "" {
		return id.None, fault.Invalid("number", "required")
	}
	o, err := d.byNumber(c, s, number)
	if err != nil {
		return id.None, err
	}
	if o != nil {
		return o.Payment, nil
	}
	var pay id.ID
	var there bool
	err = d.view(c, s, func(tx *storage.Tx) (err error) { pay, there, err = bank.ByReference(tx, number); return })
	if err == nil && !there {
		err = fault.Invalid("number", "no_such_payment")
	}
	return pay, err
}

// bookDifference books what a statement differs by.
func (d *desk) bookDifference(c *fiber.Ctx, s seat) error {
	said := typed(c)
	statement, err := row(said["statement"])
	if err != nil {
		return err
	}
	if err = d.Bank.Reconcile(c.UserContext(), s.m.ID, statement, s.p.ID, said["why"]); err == nil {
		return d.done(c, s.way(bankSideWay), "bank_differ")
	}
	if !refused(err) || fault.Has(err, "not_found") {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showBank(c, s, status, bankForms{one: form, of: statement.String()})
}
