package web

import (
	"errors"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
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
	g.Post("/operator/refunds/transfer", on(d.refundByBank))
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
