package part

type link struct {
	Name, Href, Icon, Word string
	Count                  int
}

func ogType(h Head) string {
	if h.Product != nil {
		return "product"
	}
	return "website"
}

// under is the second line of the brand: the desk, else the market.
func under(f Frame, h Head) string {
	if h.Desk != "" {
		return f.T("desk." + string(h.Desk))
	}
	return f.Market
}

func mainMenu(f Frame) []link {
	return append([]link{
		{Href: SearchWay, Icon: "market", Word: f.T("menu.goods")},
		{Href: OrdersWay, Icon: "box", Word: f.T("menu.orders")},
	}, desks(f)...)
}

// desks are those the person may sit at.
func desks(f Frame) []link {
	var out []link
	if f.Roles.Producer {
		out = append(out, link{Name: "desk", Href: ProducerWay, Icon: "sprout", Word: f.T("desk.producer")})
	}
	if f.Roles.Agent {
		out = append(out, link{Name: "desk", Href: AgentWay, Icon: "share", Word: f.T("desk.agent")})
	}
	if f.Roles.Clerk {
		out = append(out, link{Name: "desk", Href: StationWay, Icon: "people", Word: f.T("desk.station")})
	}
	if f.Roles.Operator {
		out = append(out, link{Name: "desk", Href: OperatorWay, Icon: "scale", Word: f.T("desk.operator")})
	}
	return out
}

func fullMenu(f Frame) []link {
	out := mainMenu(f)
	if !f.Roles.Agent {
		out = append(out, link{Href: ApplyWay, Icon: "share", Word: f.T("menu.become_agent")})
	}
	if f.Person == "" {
		return append(out, link{Href: SignInWay, Icon: "person", Word: f.T("menu.sign_in")})
	}
	return append(out, link{Href: AccountWay, Icon: "person", Word: f.Person})
}

// tabs are the bar at the foot of a phone: the public one, or the desk's own.
func tabs(f Frame, h Head) []link {
	if h.Desk != "" {
		all := deskMenu(f, h)
		return all[:min(len(all), 5)] // no more have room; the others are linked from these
	}
	out := []link{
		{Name: "home", Href: HomeWay, Icon: "home", Word: f.T("menu.home")},
		{Name: "goods", Href: SearchWay, Icon: "market", Word: f.T("menu.goods")},
		{Name: "orders", Href: OrdersWay, Icon: "box", Word: f.T("menu.orders_short")},
	}
	if own := desks(f); len(own) > 0 {
		out = append(out, link{Name: "desk", Href: own[0].Href, Icon: own[0].Icon, Word: f.T("menu.desk")})
	}
	mine := link{Name: "me", Href: AccountWay, Icon: "person", Word: f.T("menu.me")}
	if f.Person == "" {
		mine.Href, mine.Word = SignInWay, f.T("menu.sign_in")
	}
	return append(out, mine)
}

func deskMenu(f Frame, h Head) []link {
	switch f.seat(h.Desk) {
	case Producer:
		return []link{
			{Name: "now", Href: f.Theirs(ProducerWay), Icon: "flag", Word: f.T("tab.now"), Count: h.Waiting},
			{Name: "orders", Href: f.Theirs(ProducerOrdersWay), Icon: "box", Word: f.T("tab.orders")},
			{Name: "goods", Href: f.Theirs(ProducerGoodsWay), Icon: "sack", Word: f.T("tab.goods")},
			{Name: "income", Href: f.Theirs(ProducerIncomeWay), Icon: "yuan", Word: f.T("tab.income")},
			{Name: "statements", Href: f.Theirs(ProducerStatementsWay), Icon: "book", Word: f.T("tab.statements")},
		}
	case Agent:
		return []link{
			{Name: "now", Href: AgentWay, Icon: "home", Word: f.T("tab.today"), Count: h.Waiting},
			{Name: "share", Href: AgentShareWay, Icon: "share", Word: f.T("tab.share")},
			{Name: "shelf", Href: AgentShelfWay, Icon: "market", Word: f.T("tab.shelf")},
			{Name: "orders", Href: AgentOrdersWay, Icon: "box", Word: f.T("tab.orders")},
			{Name: "entries", Href: AgentEntriesWay, Icon: "yuan", Word: f.T("tab.entries")},
			{Name: "statements", Href: AgentStatementsWay, Icon: "book", Word: f.T("tab.statements")},
		}
	case Station:
		return []link{
			{Name: "now", Href: StationWay, Icon: "people", Word: f.T("tab.growers"), Count: h.Waiting},
			{Name: "home", Href: HomeWay, Icon: "market", Word: f.T("menu.goods")},
		}
	case Operator:
		return []link{
			{Name: "now", Href: OperatorWay, Icon: "home", Word: f.T("tab.today"), Count: h.Waiting},
			{Name: "payouts", Href: PayoutsWay, Icon: "yuan", Word: f.T("tab.payouts")},
			{Name: "refunds", Href: RefundsWay, Icon: "undo", Word: f.T("tab.refunds")},
			{Name: "people", Href: PeopleWay, Icon: "people", Word: f.T("tab.people")},
			{Name: "more", Href: PartsWay, Icon: "menu", Word: f.T("tab.more")},
		}
	}
	return nil
}

// seat is the desk whose pages stand around a page of a producer's: an operator or a
// clerk who packs somebody's order, and acts for nobody, sits at their own.
func (f Frame) seat(d Desk) Desk {
	switch {
	case d != Producer || f.Roles.Producer || f.Acting != "":
		return d
	case f.Roles.Operator:
		return Operator
	case f.Roles.Clerk:
		return Station
	}
	return d
}

// Theirs is an address of the producer's desk, for whom somebody acts where they do:
// the page itself says so, not what another page has left in the browser.
func (f Frame) Theirs(way string) string {
	if f.Acting == "" {
		return way
	}
	return way + "?" + f.Acting
}

// SellersDesk is the way from an order's page back to the desk of who works on it for
// its seller.
func (f Frame) SellersDesk() Crumb {
	switch f.seat(Producer) {
	case Operator:
		return Crumb{Word: f.T("desk.operator"), Href: OperatorWay}
	case Station:
		return Crumb{Word: f.T("desk.station"), Href: StationWay}
	}
	return Crumb{Word: f.T("desk.producer"), Href: f.Theirs(ProducerWay)}
}

func (f Frame) bellWord() string {
	switch {
	case f.Unread == 0:
		return f.T("notices.bell")
	case f.Unread > mostUnread:
		return f.T("notices.bell_many", "most", mostUnread)
	}
	return f.T("notices.bell_count", "count", f.Unread)
}

func (f Frame) unread() string {
	if f.Unread > mostUnread {
		return f.Reader.Count(mostUnread) + "+"
	}
	return f.Reader.Count(int64(f.Unread))
}

// mostUnread is the largest number that the bell shows.
const mostUnread = 99
