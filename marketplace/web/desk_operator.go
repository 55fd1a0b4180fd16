package web

import (
	"errors"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
)

// The operator's further pages.
const (
	membersWay  = "/desk/operator/members"
	ratesWay    = "/desk/operator/rates"
	rulesWay    = "/desk/operator/rules"
	treasuryWay = "/desk/operator/treasury"
	sentWay     = "/desk/operator/refunds/sent"
)

// operating mounts the operator's desk: for operators of the market, and for
// those of the platform.
func (d *desk) operating(g fiber.Router) {
	on := func(do func(*fiber.Ctx, seat) error) fiber.Handler { return d.seated(d.operatorSeat, do) }
	g.Get("/operator", on(d.operatorDesk))
	g.Get("/operator/parts", on(d.parts))
	g.Get("/operator/books", on(d.books))
	g.Get("/operator/books/account", on(d.ledgerAccount))
	g.Get("/operator/books/account/file", on(d.extract))
	g.Get("/operator/books/entries/:entry", on(d.ledgerEntry))
	g.Get("/operator/books/order", on(d.money))
	g.Get("/operator/books/months", on(d.months))
	g.Get("/operator/books/sales", on(d.sales))
	g.Get("/operator/books/sales/:file", on(d.salesFile))
	g.Post("/operator/books/months", on(d.closeMonth))
	g.Get("/operator/books/journal/:file", on(d.journal))
	g.Get("/operator/jobs", on(d.failedJobs))
	g.Post("/operator/jobs", on(d.retry))
	g.Get("/operator/cash", on(d.cash))
	g.Post("/operator/cash", on(d.moveCash))
	g.Get("/operator/cash/:market/:id/photo", on(d.handPhoto))
	g.Get("/operator/payouts", on(d.payouts))
	g.Post("/operator/payouts", on(d.draft))
	g.Get("/operator/payouts/rules", on(d.payoutRules))
	g.Post("/operator/payouts/rules", on(d.setPayoutRules))
	g.Get("/operator/payouts/accounts", on(d.payeeAccounts))
	g.Post("/operator/payouts/accounts", on(d.standAccount))
	g.Get("/operator/payouts/:market/:id", on(d.payout))
	g.Post("/operator/payouts/:market/:id", on(d.payoutFate))
	g.Post("/operator/payouts/:market/:id/answers", on(d.answers))
	g.Get("/operator/payouts/:market/:id/file", on(d.bankFile))
	g.Get("/operator/disputes", on(d.disputes))
	g.Get("/operator/returns", on(d.operatorReturns))
	g.Get("/operator/messages", on(d.operatorTalks))
	g.Get("/operator/refunds", on(d.refunds))
	g.Post("/operator/refunds", on(d.refund))
	g.Post("/operator/refunds/sent", on(d.refundSent))
	g.Post("/operator/refunds/again", on(d.refundAgain))
	g.Post("/operator/refunds/excess", on(d.giveExcess))
	g.Post("/operator/refunds/settled", on(d.settleOdd))
	g.Post("/operator/refunds/evidence", on(d.contest))
	g.Get("/operator/trail", on(d.trail))
	g.Get("/operator/offline", on(d.offline))
	g.Post("/operator/offline", on(d.confirm))
	g.Get("/operator/people", on(d.people))
	g.Get("/operator/people/:id", on(d.person))
	g.Post("/operator/people/:id", on(d.role))
	g.Get("/operator/applications", on(d.applications))
	g.Post("/operator/applications", on(d.answerApplication))
	g.Get("/operator/members", on(d.members))
	g.Post("/operator/members", on(d.decide))
	g.Post("/operator/producers", on(d.registerProducer))
	g.Get("/operator/rates", on(d.rates))
	g.Post("/operator/rates", on(d.setRate))
	g.Get("/operator/terms", on(d.termsOf))
	g.Post("/operator/terms", on(d.setTerms))
	g.Get("/operator/rates/try", on(d.tryRules))
	g.Post("/operator/rules", on(d.addRule))
	g.Post("/operator/rules/close", on(d.closeRule))
	g.Post("/operator/rules/place", on(d.placeRule))
	g.Get("/operator/treasury", on(d.treasury))
	g.Get("/operator/bank", on(d.bankSide))
	g.Post("/operator/bank", on(d.readStatement))
	g.Post("/operator/bank/lines", on(d.decideLine))
	g.Post("/operator/bank/matches", on(d.matchLine))
	g.Post("/operator/bank/differences", on(d.bookDifference))
	g.Post("/operator/refunds/try", on(d.tryBank))
	g.Get("/operator/gateway", on(d.gatewaySide))
	g.Post("/operator/gateway", on(d.readGateway))
	g.Post("/operator/gateway/lines", on(d.decideMovement))
	g.Post("/operator/treasury", on(d.book))
	g.Get("/operator/between", on(d.between))
	g.Post("/operator/between", on(d.square))
	g.Get("/operator/search", on(d.engine))
	g.Post("/operator/search", on(d.setSynonyms))
	g.Post("/operator/search/rebuild", on(d.rebuild))
}

// errNoMarket sends an operator of the platform to open the first market.
var errNoMarket = errors.New("there is no market to sit in")

func (d *desk) operatorSeat(c *fiber.Ctx, p people.Person) (seat, error) {
	market, named, err := d.asked(c)
	if err != nil {
		return seat{p: p}, err
	}
	if named {
		if err := d.Operator(p, market); err != nil {
			return seat{p: p}, err
		}
	}
	have := p.Operator
	if p.IsOperator(storage.Platform) {
		all, err := d.Books.All(c.UserContext())
		if err != nil {
			return seat{p: p}, err
		}
		have = nil
		for _, m := range all {
			have = append(have, m.ID)
		}
		if named {
			have = append(have, market)
		}
	}
	if len(have) == 0 {
		if p.IsOperator(storage.Platform) {
			return seat{p: p}, errNoMarket
		}
		return seat{p: p}, fault.Forbidden("operator_only")
	}
	return d.choose(c, p, have)
}

// parts is the desk's menu: all its pages, in groups, each with what it is for.
func (d *desk) parts(c *fiber.Ctx, s seat) error {
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Parts{Frame: f}
		for _, g := range deskParts {
			group := page.PartGroup{Key: g.key}
			for _, p := range g.pages {
				group.Rows = append(group.Rows, page.PartRow{Key: p.key, Href: s.way(p.way), Icon: p.icon})
			}
			v.Groups = append(v.Groups, group)
		}
		return v.View()
	})
}

type deskPart struct{ key, way, icon string }

// deskParts are the operator's pages as the menu groups them.
var deskParts = []struct {
	key   string
	pages []deskPart
}{
	{"money", []deskPart{{"payouts", part.PayoutsWay, "yuan"}, {"cash", cashWay, "people"}, {"disputes", part.DisputesWay, "flag"}, {"returns", part.ReturnsWay, "sack"}, {"talks", part.TalksWay, "chat"}, {"refunds", part.RefundsWay, "undo"}, {"offline", part.OfflineWay, "deal"}, {"bank", bankSideWay, "yuan"}, {"gateway", gatewaySideWay, "yuan"}, {"treasury", treasuryWay, "lock"}, {"between", betweenWay, "share"}, {"books", part.BooksWay, "book"}}},
	{"people", []deskPart{{"people", part.PeopleWay, "people"}, {"members", membersWay, "sprout"}, {"applications", part.ApplicationsWay, "share"}}},
	{"market", []deskPart{{"market", editMarketWay, "market"}, {"markets", part.MarketsWay, "globe"}, {"rates", ratesWay, "sort"}, {"terms", part.TermsWay, "truck"}}},
	{"machine", []deskPart{{"jobs", part.JobsWay, "refresh"}, {"search", engineWay, "search"}, {"hooks", hooksWay, "share"}, {"trail", trailWay, "eye"}}},
}

// tally is what the operator's desk counts.
type tally struct {
	payable, drafts, sent, offline page.Due
	unclaimed                      page.Due
	agents                         int
	trial                          []ledger.Row
}

func (n *tally) read(tx *storage.Tx) error {
	due, err := payout.Due(tx)
	if err != nil {
		return err
	}
	for _, one := range due {
		if one.Reason == "" {
			n.payable.Count++
			n.payable.Minor += one.Amount
		}
	}
	batches, err := payout.Batches(tx, id.None, 50)
	if err != nil {
		return err
	}
	for _, b := range batches {
		switch b.State {
		case payout.Draft:
			n.drafts.Count++
			n.drafts.Minor += b.Total
		case payout.Approved, payout.Submitted:
			if b.Layout == payout.Cash && b.State == payout.Submitted {
				continue // it waits for its receivers, not for an operator
			}
			n.sent.Count++
			n.sent.Minor += b.Total
		}
	}
	open, err := payment.OpenTransfers(tx)
	if err != nil {
		return err
	}
	for _, p := range open {
		n.offline.Count++
		n.offline.Minor += p.Due - p.Captured
	}
	waits, err := readUnclaimed(tx)
	if err != nil {
		return err
	}
	n.unclaimed = page.Due{Count: int64(len(waits.failed) + len(waits.excess) + len(waits.lines)), Minor: waits.sum()}
	applied, err := agents.List(tx, agents.Applied)
	n.agents = len(applied)
	if err != nil {
		return err
	}
	n.trial, err = ledger.Trial(tx)
	return err
}

// whose splits what lies here into what is others' and what is the platform's own.
func (n tally) whose() (owed, own int64) {
	for _, row := range n.trial {
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

func (d *desk) operatorDesk(c *fiber.Ctx, s seat) error {
	var n tally
	if err := d.view(c, s, n.read); err != nil {
		return err
	}
	gaveUp, err := jobs.Failed(c.UserContext(), d.DB, s.m.ID)
	if err != nil {
		return err
	}
	waiting, err := d.waiting(c, s)
	if err != nil {
		return err
	}
	back, err := d.givenBackTo(c, s, id.None)
	if err != nil {
		return err
	}
	called, err := d.unread(c, s, talk.Filter{})
	if err != nil {
		return err
	}
	newest, err := d.Orders.List(c.UserContext(), order.Filter{Markets: []int32{s.m.ID}, N: 8})
	if err != nil {
		return err
	}
	to, err := d.Orders.Addresses(c.UserContext(), s.m.ID, ids(newest))
	if err != nil {
		return err
	}
	var texts *notice.Texts
	err = d.view(c, s, func(tx *storage.Tx) error {
		today, on, err := d.Notices.Texted(tx)
		if on {
			texts = &today
		}
		return err
	})
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
		v := page.OperatorDesk{Frame: f, Payable: n.payable, Drafts: n.drafts, Sent: n.sent, Offline: n.offline, Unclaimed: n.unclaimed, Jobs: int64(len(gaveUp)),
			Agents: int64(n.agents), Disputes: waiting, Returns: int64(back), Talks: int64(called), Audit: audited, Currency: s.m.Currency, Services: d.services(f.Reader, len(gaveUp), texts)}
		v.Owed, v.Own = n.whose()
		v.Next = steps
		v.Orders = orderRows(f.Reader, newest, func(o order.Order) string { return buyerName(f.Reader, to[o.ID]) })
		return v.View()
	})
}

func (d *desk) services(r tongue.Reader, gaveUp int, texts *notice.Texts) []page.Service {
	work := "good"
	if gaveUp > 0 {
		work = "slow"
	}
	var ways []string
	for _, way := range d.Desk.Ways() {
		if key := "pay_way." + way; tongue.Has(key) {
			way = r.T(key)
		}
		ways = append(ways, way)
	}
	all := []page.Service{
		{Name: r.T("service_name.database"), State: "good"},
		{Name: r.T("service_name.payments"), State: "good", Note: strings.Join(ways, " · ")},
		{Name: r.T("service_name.jobs"), State: work},
	}
	if texts != nil {
		one := page.Service{Name: r.T("service_name.texts"), State: "good", Note: r.T("service_name.texts_today", "sent", r.Count(texts.Sent), "most", r.Count(texts.Most), "failed", r.Count(texts.Failed+texts.Over))}
		if texts.Failed+texts.Over > 0 {
			one.State = "slow"
		}
		all = append(all, one)
	}
	return all
}

// failedJobs are those that gave up.
func (d *desk) failedJobs(c *fiber.Ctx, s seat) error {
	return d.showJobs(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showJobs(c *fiber.Ctx, s seat, status int, form part.Form) error {
	gaveUp, err := jobs.Failed(c.UserContext(), d.DB, s.m.ID)
	if err != nil {
		return err
	}
	due, oldest, err := jobs.Lag(c.UserContext(), d.DB, s.m.ID)
	if err != nil {
		return err
	}
	form.Action = s.way(part.JobsWay)
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Jobs{Frame: f, Form: form, Due: due}
		if !oldest.IsZero() {
			v.Late = int64(d.DB.Now().Sub(oldest).Seconds())
		}
		for _, j := range gaveUp {
			v.Failed = append(v.Failed, page.Job{ID: j.ID.String(), Market: marketText(j.Market), Name: j.Kind, Error: j.Error,
				Tries: int64(j.Attempts), At: j.FinishedAt, Key: newKey()})
		}
		return v.View()
	})
}

func (d *desk) retry(c *fiber.Ctx, s seat) error {
	job, err := row(c.FormValue("job"))
	if err != nil {
		return err
	}
	if err := d.once(c.UserContext(), s, d.key(c, s), func() error { return jobs.Retry(c.UserContext(), d.DB, s.m.ID, job) }); err != nil {
		if !refused(err) {
			return err
		}
		form, status := d.refuse(c, s, err)
		return d.showJobs(c, s, status, form)
	}
	d.Worker.Wake()
	return d.done(c, s.way(part.JobsWay), "retried")
}
