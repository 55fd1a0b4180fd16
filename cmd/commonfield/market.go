package main

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/currency"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
)

// MarketCmd holds what concerns markets.
type MarketCmd struct {
	Create  MarketCreate  `cmd:"" help:"Open a market."`
	List    MarketList    `cmd:"" help:"List the markets."`
	Set     MarketSet     `cmd:"" help:"Change a market's names, legal body, licence or account for transfers."`
	Pause   MarketPause   `cmd:"" help:"Let a market take no new orders, or take them again."`
	Capital MarketCapital `cmd:"" help:"Book the operator's own money into a market, or out of it."`
	Square  MarketSquare  `cmd:"" help:"Who owes whom between markets, and a transfer that settles it."`
}

// MarketCreate opens a market.
type MarketCreate struct {
	Code     string `required:"" placeholder:"CODE" help:"Two to six letters; they stand in every order number."`
	Name     string `required:"" placeholder:"NAME" help:"Its name in Chinese."`
	NameEN   string `name:"name-en" placeholder:"NAME" help:"Its name in English."`
	Region   string `required:"" placeholder:"CODE" help:"Division code of its county or city, as 652823 for Yuli."`
	Currency string `default:"CNY" placeholder:"CUR" help:"The one currency of its books (${default})."`
	TimeZone string `default:"Asia/Shanghai" placeholder:"ZONE" help:"Where its days begin (${default})."`
	Operator string `placeholder:"NAME" help:"The legal body that runs it."`
	Licence  string `placeholder:"NUMBER" help:"Its business licence, shown on the home page."`
	Capital  string `default:"0" placeholder:"SUM" help:"Working capital that lies on the operator's bank account, as 10000.00."`
}

// Help shows an example.
func (*MarketCreate) Help() string {
	return `The payment provider's fee on the very first order is owed before the market has earned anything, so a market needs working capital of its own; until it has some, the audit raises an alarm.

Example:
  commonfield market create --code YL --name 尉犁集市 --name-en "Yuli market" --region 652823 --operator 尉犁县供销合作社 --licence 91652823MA000000X --capital 10000.00`
}

// Run opens the market and books its capital.
func (c *MarketCreate) Run(p *program) error {
	capital, err := readSum(c.Capital, c.Currency)
	if err != nil || capital < 0 {
		return usage("--capital: %q is no sum of money in %s, as 10000.00", c.Capital, c.Currency)
	}
	m, err := p.prepared()
	if err != nil {
		return err
	}
	defer m.close()
	made, err := m.Books.Open(p.ctx, region.NewMarket{Code: c.Code, Name: c.Name, NameEN: c.NameEN, RegionCode: c.Region,
		Currency: c.Currency, TimeZone: c.TimeZone, Operator: c.Operator, Licence: c.Licence})
	if err != nil {
		return err
	}
	p.printf("market %s is open: number %d, %s, %s, %s\n", made.Code, made.ID, made.Name, made.Currency, made.TimeZone)
	if capital == 0 {
		p.printf("it has no working capital yet: commonfield market capital %s --amount SUM --reference TEXT\n", made.Code)
		return nil
	}
	if err := m.Desk.Capital(p.ctx, made.ID, people.System.ID, capital, "opening"); err != nil {
		return err
	}
	p.printf("working capital: %s\n", tongue.For(tongue.English).Money(capital, made.Currency))
	return nil
}

// MarketCapital books capital.
type MarketCapital struct {
	Market    string `arg:"" placeholder:"CODE" help:"The market's code, as YL."`
	Amount    string `required:"" placeholder:"SUM" help:"As 10000.00; negative takes it out."`
	Reference string `required:"" placeholder:"TEXT" help:"The line of the bank's statement. The same reference is booked once."`
}

// Help shows an example.
func (*MarketCapital) Help() string {
	return `Example:
  commonfield market capital YL --amount 10000.00 --reference 2026-11-23/17`
}

// Run books the capital.
func (c *MarketCapital) Run(p *program) error {
	m, of, err := p.openAt(c.Market)
	if err != nil {
		return err
	}
	defer m.close()
	sum, err := readSum(c.Amount, of.Currency)
	if err != nil || sum == 0 {
		return usage("--amount: %q is no sum of money, as 10000.00", c.Amount)
	}
	if err := m.Desk.Capital(p.ctx, of.ID, people.System.ID, sum, c.Reference); err != nil {
		return err
	}
	p.printf("booked: %s in market %s, reference %s\n", tongue.For(tongue.English).Money(sum, of.Currency), of.Code, c.Reference)
	return nil
}

// MarketList lists markets.
type MarketList struct {
	JSON bool `help:"For a script."`
}

// Help shows an example.
func (*MarketList) Help() string { return "Example:\n  commonfield market list --json" }

// Run lists the markets.
func (c *MarketList) Run(p *program) error {
	m, err := p.reopen()
	if err != nil {
		return err
	}
	defer m.close()
	all, err := m.Books.All(p.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		type row struct {
			ID       int32  `json:"id"`
			Code     string `json:"code"`
			Name     string `json:"name"`
			NameEN   string `json:"name_en"`
			Region   string `json:"region"`
			Currency string `json:"currency"`
			TimeZone string `json:"time_zone"`
			Operator string `json:"operator"`
			Licence  string `json:"licence"`
		}
		rows := []row{}
		for _, b := range all {
			rows = append(rows, row{b.ID, b.Code, b.Name, b.NameEN, b.RegionCode, b.Currency, b.TimeZone, b.Operator, b.Licence})
		}
		return p.json(rows)
	}
	t := columns(">number", "code", "name", "english", "region", "currency", "time zone", "operator")
	for _, b := range all {
		t.add(strconv.Itoa(int(b.ID)), b.Code, b.Name, b.NameEN, b.RegionCode, b.Currency, b.TimeZone, b.Operator)
	}
	t.print(p.out)
	return nil
}

// openAt is open, with the market that a command names.
func (p *program) openAt(code string) (*market, region.Market, error) {
	m, err := p.reopen()
	if err != nil {
		return nil, region.Market{}, err
	}
	of, err := m.find(p, code)
	if err != nil {
		m.close()
	}
	return m, of, err
}

// find gives a market by its code; an empty code means the only one there is.
func (m *market) find(p *program, code string) (region.Market, error) {
	if code == "" {
		all, err := m.Books.All(p.ctx)
		switch {
		case err != nil:
			return region.Market{}, err
		case len(all) == 1:
			return all[0], nil
		case len(all) == 0:
			return region.Market{}, refused("there is no market yet: commonfield market create opens one")
		}
		return region.Market{}, usage("there are %d markets: name one with --market CODE", len(all))
	}
	var found region.Market
	err := m.DB.ViewShared(p.ctx, func(tx *storage.Tx) (err error) { found, err = region.FindMarketByCode(tx, code); return })
	return found, err
}

// readSum reads a sum of money in the currency's own units, exactly.
func readSum(text, code string) (int64, error) {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 0, err
	}
	places, _ := currency.Standard.Rounding(unit)
	digits, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	whole, part, _ := strings.Cut(digits, ".")
	if len(part) > places || whole == "" || strings.ContainsAny(digits, "+-") {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", places-len(part)), 10, 64)
	if err != nil || n > math.MaxInt64/1000 {
		return 0, strconv.ErrSyntax
	}
	if negative {
		n = -n
	}
	return n, nil
}
