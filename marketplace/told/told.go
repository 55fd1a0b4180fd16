// Package told decides what is told to whom: it turns what happened to orders,
// money, roles and accounts into notices. Every deed has left a job in its own
// commit; the job's handler stands here, reads how things are, and tells each
// person what concerns them. docs/notices.md is the table of it.
//
// It promises that the deed never waits, that whoever did a deed is not told
// what they know, and that who has no account is told nothing: a producer
// without one hears it from their agent or operator.
package told

import (
	"context"
	"encoding/json"

	"commonfield/agents"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/marketplace/hook"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
)

// The jobs of this room.
const (
	JobMove     = "told:move"     // an order moved
	JobRemind   = "told:remind"   // a seller is silent
	JobTransfer = "told:transfer" // a transfer is not here yet
	JobRepair   = "told:repair"   // a promise that was refused is not paid by hand yet
	JobUnpaid   = "told:unpaid"   // nobody has said that cash was taken
	JobWatch    = "told:watch"    // did jobs give up?
	JobAudit    = "told:audit"    // do the books agree?
	jobPayable  = "told:payable"  // commissions became payable
)

// Found is what an audit has found: the checks that failed, and of each thing that a
// person should look at the name of its alarm.
type Found struct{ Broken, Alarms []string }

// Audit checks the books of one market.
type Audit func(ctx context.Context, market int32) (Found, error)

// Teller is the room, opened once.
type Teller struct {
	db       *storage.DB
	books    *region.Books
	people   *people.Directory
	orders   *order.Pipeline
	disputes *dispute.Room
	returns  *returns.Room
	talks    *talk.Room
	notices  *notice.Room
	audit    Audit
}

// New opens the room and has the pipeline tell it of every move.
func New(db *storage.DB, books *region.Books, directory *people.Directory, orders *order.Pipeline, disputes *dispute.Room, back *returns.Room, talks *talk.Room, notices *notice.Room, audit Audit) *Teller {
	t := &Teller{db: db, books: books, people: directory, orders: orders, disputes: disputes, returns: back, talks: talks, notices: notices, audit: audit}
	orders.Tell(Moved)
	return t
}

// Handlers says who does which job of this room and of the news from below.
func (t *Teller) Handlers() map[string]jobs.Handler {
	return map[string]jobs.Handler{
		JobMove:               t.outward(t.move, t.movedEvents),
		JobRemind:             {Call: t.remind},
		JobTransfer:           {Call: t.late},
		JobWatch:              {Call: t.watch},
		JobAudit:              {Call: t.check},
		jobPayable:            {Call: t.payable},
		order.JobPart:         {Call: t.part},
		order.JobRefused:      {Call: t.refusedCard},
		JobUnpaid:             {Call: t.unpaid},
		JobRepair:             {Call: t.repair},
		order.JobClaimed:      {Call: t.claimed},
		payment.JobRefundNews: t.outward(t.refund, t.refundEvents),
		payment.JobChargeback: t.outward(t.chargeback, t.chargebackEvents),
		order.JobStopped:      {Call: t.stopped},
		payout.JobAnswered:    t.outward(t.payout, t.payoutEvents),
		payout.JobLaid:        {Call: t.laid},
		payout.JobDrafted:     t.outward(t.drafted, t.draftedEvents),
		hook.JobNews:          {Call: t.unheard},
		dispute.JobTold:       t.outward(t.dispute, t.disputeEvents),
		returns.JobTold:       t.outward(t.giveBack, t.returnEvents),
		JobArrived:            {Call: t.arrived},
		JobRelease:            {Call: t.release},
		JobSend:               {Call: t.send},
		order.JobAsked:        {Call: t.asked},
		talk.JobTold:          {Call: t.talk},
		payable.JobAccount:    {Call: t.account},
		payable.JobStanding:   {Call: t.accountStands},
		people.JobRole:        {Call: t.role},
		people.JobPassword:    {Call: t.password},
		people.JobDevice:      {Call: t.device},
		people.JobClosed:      {Call: t.closed},
		agents.JobStanding:    {Call: t.agent},
		producer.JobStanding:  {Call: t.producer},
		notice.JobLetter:      {Call: t.notices.Letter},
		notice.JobConfirm:     {Call: t.notices.Confirming},
		notice.JobText:        {Call: t.notices.Texting},
	}
}

// OrderOf is the order that a move's job tells of, for whoever does more after it.
func OrderOf(_ *storage.Tx, j jobs.Job) (id.ID, error) {
	body, err := read[moveJob](j)
	return body.Order, err
}

// Mature is the handler that makes commissions payable, and tells of it.
func Mature(frozen commission.Frozen) jobs.Handler {
	return jobs.Handler{Do: func(tx *storage.Tx, j jobs.Job) error {
		if err := commission.Mature(tx, j, frozen); err != nil {
			return err
		}
		jobs.Add(tx, jobPayable, j.Key, payableJob{At: tx.Now})
		return nil
	}}
}

// finish is what a handler does in the transaction that ends its job.
type finish = func(tx *storage.Tx) error

func nothing() (finish, error) { return nil, nil }

func read[T any](j jobs.Job) (T, error) {
	var body T
	err := json.Unmarshal(j.Body, &body)
	return body, err
}

// view reads rows of one market.
func (t *Teller) view(ctx context.Context, market int32, fn func(tx *storage.Tx) error) error {
	return t.db.View(ctx, market, fn)
}

// operators gives those who run a market; where there are none, the platform's.
func (t *Teller) operators(ctx context.Context, market int32) ([]people.Person, error) {
	var all []people.Person
	ask := func(in int32) error {
		return t.view(ctx, in, func(tx *storage.Tx) (err error) { all, err = people.Operators(tx); return })
	}
	err := ask(market)
	if err == nil && len(all) == 0 && market != storage.Platform {
		err = ask(storage.Platform)
	}
	return all, err
}

// desk tells every operator of a market the same.
func (t *Teller) desk(ctx context.Context, n notice.Notice) (finish, error) {
	all, err := t.operators(ctx, n.Market)
	if err != nil {
		return nil, err
	}
	tell := make([]notice.Notice, len(all))
	for i, p := range all {
		tell[i] = n
		tell[i].Person = p.ID
	}
	return t.notices.Tell(ctx, tell...)
}

// without leaves out what whoever did the deed knows, unless it must be told.
func without(by id.ID, all []notice.Notice) []notice.Notice {
	var left []notice.Notice
	for _, n := range all {
		if n.Person != by || n.Kind.Needed() {
			left = append(left, n)
		}
	}
	return left
}

// payeeOf gives the person who is a payee, or none.
func (t *Teller) payeeOf(ctx context.Context, market int32, payee id.ID) (id.ID, error) {
	var p payable.Payee
	err := t.view(ctx, market, func(tx *storage.Tx) (err error) { p, err = payable.FindPayee(tx, payee); return })
	return p.PersonID, err
}

// sellerOf gives the person who sells an order, or none.
func (t *Teller) sellerOf(ctx context.Context, o order.Order) (id.ID, error) {
	if o.Seller == nil {
		return id.None, nil
	}
	var p producer.Producer
	err := t.view(ctx, o.Market, func(tx *storage.Tx) (err error) { p, err = producer.Find(tx, *o.Seller); return })
	return p.PersonID, err
}

// agentOf gives the person who earns on an order, or none.
func (t *Teller) agentOf(ctx context.Context, o order.Order) (id.ID, error) {
	if o.Agent == nil {
		return id.None, nil
	}
	return t.agentPerson(ctx, *o.Agent)
}

func (t *Teller) agentPerson(ctx context.Context, agent id.ID) (id.ID, error) {
	var a agents.Agent
	err := t.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { a, err = agents.Find(tx, agent); return })
	return a.PersonID, err
}

// wayOf is an order's page.
func (t *Teller) wayOf(ctx context.Context, market int32, o id.ID) (string, error) {
	m, err := t.books.Market(ctx, market)
	return "/orders/" + m.Code + "/" + o.String(), err
}

// sidesOf gives an order, who sells it, and the way to its page.
func (t *Teller) sidesOf(ctx context.Context, market int32, name id.ID) (o order.Order, seller id.ID, way string, err error) {
	if o, err = t.orders.Find(ctx, order.Ref{Market: market, ID: name}); err != nil {
		return o, seller, way, err
	}
	if seller, err = t.sellerOf(ctx, o); err != nil {
		return o, seller, way, err
	}
	way, err = t.wayOf(ctx, market, name)
	return o, seller, way, err
}

// telling is one piece of news and whom it is for, each as what it is to them.
type telling struct {
	notice.Notice

	all []notice.Notice
}

func (n *telling) to(kind notice.Kind, who ...id.ID) {
	for _, one := range who {
		n.Kind, n.Person = kind, one
		n.all = append(n.all, n.Notice)
	}
}

func missing(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind == fault.KindNotFound
}
