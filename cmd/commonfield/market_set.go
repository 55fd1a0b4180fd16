package main

import (
	"commonfield/agents/people"
)

// MarketSet changes what is told about a market. What is not named stays.
type MarketSet struct {
	Market   string  `arg:"" placeholder:"CODE" help:"The market's code, as YL."`
	Name     *string `placeholder:"NAME" help:"Its name in Chinese."`
	NameEN   *string `name:"name-en" placeholder:"NAME" help:"Its name in English."`
	Operator *string `placeholder:"NAME" help:"The legal body that runs it."`
	Licence  *string `placeholder:"NUMBER" help:"Its business licence."`
	TimeZone *string `placeholder:"ZONE" help:"Where its days begin; it stays once there is an order."`
	Holder   *string `placeholder:"NAME" help:"Whose account transfers go to."`
	Bank     *string `placeholder:"NAME" help:"The account's bank."`
	Number   *string `placeholder:"NUMBER" help:"The account's number. Payers see all three."`
}

// Help shows an example.
func (*MarketSet) Help() string {
	return "Example:\n  commonfield market set YL --holder 尉犁县供销合作社 --bank 农业银行尉犁支行 --number 6228480012345678"
}

// Run changes the market.
func (c *MarketSet) Run(p *program) error {
	m, of, err := p.openAt(c.Market)
	if err != nil {
		return err
	}
	defer m.close()
	told := of.Told()
	for to, from := range map[*string]*string{&told.Name: c.Name, &told.NameEN: c.NameEN, &told.Operator: c.Operator, &told.Licence: c.Licence,
		&told.TimeZone: c.TimeZone, &told.Holder: c.Holder, &told.Bank: c.Bank, &told.Number: c.Number} {
		if from != nil {
			*to = *from
		}
	}
	now, err := m.EditMarket(p.ctx, people.System, of.ID, told)
	if err != nil {
		return err
	}
	p.printf("market %s: %s, %s, transfers to %s %s %s\n", now.Code, now.Name, now.TimeZone, now.Holder, now.Bank, now.Number)
	return nil
}

// MarketPause pauses a market, or ends its pause.
type MarketPause struct {
	Market string `arg:"" placeholder:"CODE" help:"The market's code, as YL."`
	End    bool   `help:"Take orders again."`
}

// Help shows an example.
func (*MarketPause) Help() string {
	return "Orders that it has go on. A server that runs knows it after ten seconds.\n\nExamples:\n  commonfield market pause YL\n  commonfield market pause YL --end"
}

// Run pauses the market.
func (c *MarketPause) Run(p *program) error {
	m, of, err := p.openAt(c.Market)
	if err != nil {
		return err
	}
	defer m.close()
	now, err := m.PauseMarket(p.ctx, people.System, of.ID, !c.End)
	if err != nil {
		return err
	}
	if now.Paused() {
		p.printf("market %s takes no new orders\n", now.Code)
	} else {
		p.printf("market %s takes orders\n", now.Code)
	}
	return nil
}
