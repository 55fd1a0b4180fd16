package main

import (
	"slices"
	"strings"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// LedgerCmd reads the books.
type LedgerCmd struct {
	Trial   LedgerTrial   `cmd:"" help:"The trial balance: every account with both sides."`
	Account LedgerAccount `cmd:"" help:"One account: its balance and its newest postings."`
	Entry   LedgerEntry   `cmd:"" help:"One entry of the books, with its debits and credits."`
	Order   LedgerOrder   `cmd:"" help:"Everything that the books hold about one order."`
}

// book is what the commands that read the ledger share.
type book struct {
	Market string `placeholder:"CODE" help:"The market; not needed where there is only one."`
	JSON   bool   `help:"For a script; sums are in minor units."`
}

// read opens the book of the market and reads it at one moment.
func (b *book) read(p *program, fn func(tx *storage.Tx, of region.Market) error) error {
	m, err := p.reopen()
	if err != nil {
		return err
	}
	defer m.close()
	of, err := m.find(p, b.Market)
	if err != nil {
		return err
	}
	return m.DB.Snapshot(p.ctx, of.ID, func(tx *storage.Tx) error { return fn(tx, of) })
}

// LedgerTrial is the trial balance.
type LedgerTrial struct{ book }

// Help shows an example.
func (*LedgerTrial) Help() string {
	return "Accounts of single orders, payees, refunds and payouts are added up by their class.\n\nExample:\n  commonfield ledger trial --market YL"
}

// Run prints the trial balance.
func (c *LedgerTrial) Run(p *program) error {
	return c.read(p, func(tx *storage.Tx, of region.Market) error {
		rows, err := ledger.Trial(tx)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(map[string]any{"market": of.Code, "currency": of.Currency, "accounts": slices.Concat([]ledger.Row{}, rows)})
		}
		t := columns("account", ">debit", ">credit", ">debit − credit")
		var debit, credit int64
		for _, r := range rows {
			t.add(r.Account, plain(r.Debit, of), plain(r.Credit, of), plain(r.Balance, of))
			debit += r.Debit
			credit += r.Credit
		}
		t.add("together", plain(debit, of), plain(credit, of), plain(debit-credit, of))
		t.print(p.out)
		return nil
	})
}

// LedgerAccount is one account.
type LedgerAccount struct {
	book

	Name string `arg:"" placeholder:"ACCOUNT" help:"As owed:<payee>, gateway:clearing, held:order:<order>."`
	From string `placeholder:"DAY" help:"The first day, as 2026-11-01; from the beginning when it is left out."`
	To   string `placeholder:"DAY" help:"The last day, which is in it; until now when it is left out."`
	Last int    `default:"50" help:"How many postings (${default})."`
}

// Help shows an example.
func (*LedgerAccount) Help() string {
	return "Days are those of the market's clock. The newest postings stand first, each with the balance after it.\n\nExamples:\n  commonfield ledger account bank:operating --market YL --last 20\n  commonfield ledger account bank:operating --market YL --from 2026-11-01 --to 2026-11-30"
}

// Run prints an account.
func (c *LedgerAccount) Run(p *program) error {
	if _, known := ledger.Class(c.Name); !known {
		return usage("%q is no account; commonfield ledger trial lists them", c.Name)
	}
	if c.Last < 1 || c.Last > 10_000 {
		return usage("--last: from 1 to 10000")
	}
	return c.read(p, func(tx *storage.Tx, of region.Market) error {
		days, err := door.SpanOf(c.From, c.To, of.Location())
		if f, refused := fault.As(err); refused {
			return usage("--%s: %s", f.Field, tongue.Fault(tongue.For(tongue.English), f.Code, f.Args))
		}
		x, err := ledger.ExtractOf(tx, c.Name, days, ledger.Place{}, c.Last)
		if err != nil {
			return err
		}
		names, err := payeesOf(tx, c.Name, x.Steps)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(map[string]any{"market": of.Code, "currency": of.Currency, "account": c.Name, "payee": names[c.Name], "balance_minor": x.Closing,
				"opening_minor": x.Opening, "debit_minor": x.Debit, "credit_minor": x.Credit, "postings": slices.Concat([]ledger.Running{}, x.Steps), "payees": names})
		}
		p.extract(c.Name, days, x, names, of)
		return nil
	})
}

// payeesOf gives whose the accounts of an extract are.
func payeesOf(tx *storage.Tx, account string, lines []ledger.Running) (map[string]string, error) {
	accounts := []string{account}
	for _, l := range lines {
		accounts = append(accounts, l.Debit, l.Credit)
	}
	return door.Holders(tx, accounts...)
}

// extract prints an account over some days.
func (p *program) extract(account string, days ledger.Span, x ledger.Extract, names map[string]string, of region.Market) {
	title := account
	if names[account] != "" {
		title += " (" + names[account] + ")"
	}
	p.printf("%s: %s\n", title, worth(x.Closing, of))
	if days != (ledger.Span{}) {
		p.printf("stood there before: %s   debits: %s   credits: %s\n", worth(x.Opening, of), worth(x.Debit, of), worth(x.Credit, of))
	}
	t := columns("at", "other account", ">debit", ">credit", ">balance", "cause", "entry")
	for _, l := range x.Steps {
		debit, credit, other := plain(l.Amount, of), "", l.Credit
		if l.Credit == account {
			debit, credit, other = "", debit, l.Debit
		}
		if names[other] != "" {
			other += " (" + names[other] + ")"
		}
		t.add(l.At.In(of.Location()).Format(time.DateTime), other, debit, credit, plain(l.Balance, of), l.Cause, l.Entry.String())
	}
	t.print(p.out)
	p.printf("postings: %d\n", len(x.Steps))
}

// LedgerEntry is one entry.
type LedgerEntry struct {
	book

	ID string `arg:"" placeholder:"ID" help:"The entry's id."`
}

// Help shows an example.
func (*LedgerEntry) Help() string {
	return "Example:\n  commonfield ledger entry 019ab1c2-7d3e-7000-8000-0123456789ab --market YL"
}

// Run prints an entry.
func (c *LedgerEntry) Run(p *program) error {
	entry, ok := id.Parse(c.ID)
	if !ok {
		return usage("%q is no id of an entry", c.ID)
	}
	return c.read(p, func(tx *storage.Tx, of region.Market) error {
		ps, err := ledger.OfEntry(tx, entry)
		if err != nil {
			return err
		}
		if len(ps) == 0 {
			return refused("market %s has no entry %s", of.Code, entry)
		}
		if c.JSON {
			return p.json(ps)
		}
		return p.postings(tx, ps, of)
	})
}

// LedgerOrder is the money of one order.
type LedgerOrder struct {
	book

	Order string `arg:"" placeholder:"ORDER" help:"Its number (YL-20261123-…) or its id."`
}

// Help shows an example.
func (*LedgerOrder) Help() string {
	return "Every entry of the order, its payment, its refunds and chargebacks, oldest first.\n\nExample:\n  commonfield ledger order YL-20261123-7K3QX9AB"
}

// Run prints the story of an order's money.
func (c *LedgerOrder) Run(p *program) error {
	if code, _, found := strings.Cut(c.Order, "-"); found && c.Market == "" && len(c.Order) != 36 {
		c.Market = code
	}
	m, of, err := p.openAt(c.Market)
	if err != nil {
		return err
	}
	defer m.close()
	o, err := m.order(p, of, c.Order)
	if err != nil {
		return err
	}
	return m.DB.Snapshot(p.ctx, of.ID, func(tx *storage.Tx) error {
		ps, err := order.Money(tx, o)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(map[string]any{"market": of.Code, "currency": of.Currency, "order": o.Number, "id": o.ID, "state": o.State, "total_minor": o.Total, "postings": slices.Concat([]ledger.Posting{}, ps)})
		}
		p.printf("%s  %s  %s  %s\n", o.Number, o.ID, o.State, worth(o.Total, of))
		return p.postings(tx, ps, of)
	})
}

// order finds an order by its id or its number.
func (m *market) order(p *program, of region.Market, name string) (order.Order, error) {
	if i, ok := id.Parse(name); ok {
		return m.Orders.Find(p.ctx, order.Ref{Market: of.ID, ID: i})
	}
	found, err := m.Orders.List(p.ctx, order.Filter{Markets: []int32{of.ID}, Number: strings.ToUpper(name), N: 1})
	if err == nil && len(found) == 0 {
		return order.Order{}, refused("market %s has no order %s", of.Code, name)
	}
	if err != nil {
		return order.Order{}, err
	}
	return found[0], nil
}

// postings prints postings as a table, with whose the payees' accounts are.
func (p *program) postings(tx *storage.Tx, ps []ledger.Posting, of region.Market) error {
	names, err := door.Holders(tx, door.Sides(ps...)...)
	if err != nil {
		return err
	}
	said := func(account string) string {
		if names[account] != "" {
			return account + " (" + names[account] + ")"
		}
		return account
	}
	t := columns("at", "debit", "credit", ">amount", "cause", "entry")
	for i, l := range ps {
		at, cause, entry := l.At.In(of.Location()).Format(time.DateTime), l.Cause, l.Entry.String()
		if i > 0 && ps[i-1].Entry == l.Entry {
			at, cause, entry = "", "", ""
		}
		t.add(at, said(l.Debit), said(l.Credit), plain(l.Amount, of), cause, entry)
	}
	t.print(p.out)
	p.printf("postings: %d\n", len(ps))
	return nil
}

// worth writes a sum with its sign, plain without: columns have one currency.
func worth(minor int64, of region.Market) string {
	return tongue.For(tongue.English).Money(minor, of.Currency)
}

func plain(minor int64, of region.Market) string {
	return tongue.For(tongue.English).Bare(minor, of.Currency)
}
