package main

import (
	"commonfield/agents/people"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
)

// MarketSquare books what one market has paid another.
type MarketSquare struct {
	Market    string `arg:"" placeholder:"CODE" help:"The market that pays."`
	To        string `placeholder:"CODE" help:"The market that is paid; without it, who owes whom is listed."`
	Amount    string `placeholder:"SUM" help:"As 127.23; not more than is owed."`
	Reference string `placeholder:"TEXT" help:"The line of the payer's bank statement. The same reference is booked once."`
	JSON      bool   `help:"For a script; sums are in minor units."`
}

// Help shows examples.
func (*MarketSquare) Help() string {
	return `What a market owes another from payments over both, and a bank transfer that settles it.

Examples:
  commonfield market square YL
  commonfield market square YL --to CJ --amount 127.23 --reference 2026-11-24/7`
}

// Run lists what is owed, or books a transfer in both books.
func (c *MarketSquare) Run(p *program) error {
	m, of, err := p.openAt(c.Market)
	if err != nil {
		return err
	}
	defer m.close()
	if c.To == "" && (c.Amount != "" || c.Reference != "") {
		return usage("--to: which market was paid?")
	}
	if c.To != "" {
		to, err := m.find(p, c.To)
		if err != nil {
			return err
		}
		sum, err := readSum(c.Amount, of.Currency)
		if err != nil || sum <= 0 {
			return usage("--amount: %q is no sum of money, as 10000.00", c.Amount)
		}
		if err := m.Desk.Square(p.ctx, of.ID, to.ID, people.System.ID, sum, c.Reference); err != nil {
			return err
		}
		if !c.JSON {
			p.printf("booked: market %s has paid market %s %s, reference %s\n", of.Code, to.Code, tongue.For(tongue.English).Money(sum, of.Currency), c.Reference)
		}
	}
	var rows []payment.Between
	if err := m.DB.View(p.ctx, of.ID, func(tx *storage.Tx) (err error) { rows, err = payment.Standing(tx); return }); err != nil {
		return err
	}
	type row struct {
		Market string `json:"market"`
		Owes   int64  `json:"owes_minor"`
		Paid   int64  `json:"paid_minor"`
	}
	out := []row{}
	t := columns("market", ">owed to it", ">paid to it")
	for _, b := range rows {
		other, err := m.Books.Market(p.ctx, b.Market)
		if err != nil {
			return err
		}
		out = append(out, row{other.Code, b.Owes, b.Paid})
		t.add(other.Code+" "+other.Name, plain(b.Owes, of), plain(b.Paid, of))
	}
	if c.JSON {
		return p.json(map[string]any{"market": of.Code, "currency": of.Currency, "others": out})
	}
	t.print(p.out)
	return nil
}
