package order

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/statement"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/money"
)

// An order that is covered has no payment: what it is for, a contract, vouches for
// it when it is placed, and pays its owners when it is released. Nothing of it is
// held, so what is not delivered needs no refund: the account keeps its money. It
// may have less than the order is worth, because instalments come later; then the
// owners are given a part, and the rest when more comes.

// cover places orders that are covered: they are secured in the same transaction.
func (p *Pipeline) cover(tx *storage.Tx, kind Kind, a Ask, c Checkout, b Basket, orders []Order, given attribution.Given, dues map[whose][]commission.Due, sealed []byte) (Checkout, error) {
	c.Payment, c.Way, c.ExpiresAt = id.None, orders[0].Way, tx.Now
	for i := range orders {
		orders[i].Payment = id.None
	}
	if err := kind.Covers(tx, orders); err != nil {
		return c, err
	}
	if err := p.write(tx, a, c, b, orders, given, dues, sealed); err != nil {
		return c, err
	}
	if err := tx.Flush(); err != nil { // the next step changes these rows
		return c, err
	}
	return c, p.secure(tx, orders, System)
}

// givenOf is what the owners of a covered order have been given, by part, and in how
// many releases.
func givenOf(tx *storage.Tx, order id.ID) (map[int]Shares, int, error) {
	var rows []struct {
		Source string `db:"source"`
		No     int    `db:"part_no"`
		Seller int64  `db:"seller_minor"`
		Agent  int64  `db:"agent_minor"`
		Fee    int64  `db:"fee_minor"`
		Tax    int64  `db:"tax_minor"`
	}
	err := tx.Select(&rows, "SELECT source, part_no, seller_minor, agent_minor, fee_minor, tax_minor FROM order_releases WHERE market_id = $1 AND order_id = $2", tx.Market, order)
	given, releases := map[int]Shares{}, map[string]bool{}
	for _, r := range rows {
		given[r.No] = given[r.No].plus(Shares{r.Seller, r.Agent, r.Fee, r.Tax})
		if isRelease(r.Source) {
			releases[r.Source] = true
		}
	}
	return given, len(releases), err
}

// give writes what the owners of a part are given by a deed, or, below zero, give back.
func give(tx *storage.Tx, order id.ID, source string, no int, s Shares) {
	tx.Queue("INSERT INTO order_releases (market_id, order_id, source, part_no, seller_minor, agent_minor, fee_minor, tax_minor, released_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		tx.Market, order, source, no, s.Seller, s.Agent, s.Fee, s.Tax, tx.Now)
}

const released = "release"

func isRelease(source string) bool {
	return source == released || strings.HasPrefix(source, released+":")
}

// share is what one part of an order, a line or a charge that adds, has of something.
type share struct {
	no int
	Shares
}

// due is what the owners of an order have not been given of it, by part.
func (o *Order) due(given map[int]Shares) []share {
	var parts []share
	for _, l := range o.Lines {
		parts = append(parts, share{l.No, l.Left.minus(given[l.No])})
	}
	for _, c := range o.Charges {
		if c.Stands() {
			no := StatementCharge + c.No
			parts = append(parts, share{no, c.Left.minus(given[no])})
		}
	}
	return parts
}

// portion cuts a sum out of what is due, over the parts and their shares by largest
// remainder. The agent's comes last and whole: a commission matures as one.
func portion(due []share, sum int64) []share {
	var weights []int64
	var own, agents int64
	for _, d := range due {
		weights = append(weights, d.Seller, d.Fee, d.Tax)
		own, agents = own+d.Seller+d.Fee+d.Tax, agents+d.Agent
	}
	all := sum >= own+agents
	cut := money.Split(min(sum, own), weights)
	parts := make([]share, 0, len(due))
	for i, d := range due {
		s := Shares{Seller: cut[3*i], Fee: cut[3*i+1], Tax: cut[3*i+2]}
		if all {
			s.Agent = d.Agent
		}
		if s.Sum() > 0 {
			parts = append(parts, share{d.no, s})
		}
	}
	return parts
}

// pay gives the owners of a covered order what they may have of it now. Paying what
// has been paid changes nothing.
func (p *Pipeline) pay(tx *storage.Tx, o *Order, by By) error {
	given, times, err := givenOf(tx, o.ID)
	if err != nil {
		return err
	}
	due := o.due(given)
	var worth int64
	for _, d := range due {
		worth += d.Sum()
	}
	if worth == 0 {
		return nil
	}
	have, err := ledger.Lock(tx, o.payees()...)
	if err != nil {
		return err
	}
	sum := min(worth, have[*o.CoveredBy])
	if kind := p.kinds[o.Kind]; kind.Free != nil {
		free, err := kind.Free(tx, *o, worth)
		if err != nil {
			return err
		}
		sum = min(sum, max(free, 0))
	}
	parts := portion(due, sum)
	if len(parts) == 0 {
		return nil
	}
	source := released
	if times > 0 {
		source = fmt.Sprintf("%s:%d", released, times+1)
	}
	return o.paid(tx, parts, source, times > 0, by)
}

// payees are the stored accounts that a release of a covered order touches: all are
// locked before the first is read.
func (o *Order) payees() []string {
	accounts := []string{*o.CoveredBy}
	if o.SellerPayee != nil {
		accounts = append(accounts, ledger.Owed(*o.SellerPayee))
	}
	for _, l := range o.Lines {
		if l.AgentPayee != nil {
			accounts = append(accounts, ledger.Commission(*l.AgentPayee))
		}
	}
	return accounts
}

// paid books what a covered order gives its owners: the postings, the payables, the
// lines of their statements.
func (o *Order) paid(tx *storage.Tx, parts []share, source string, again bool, by By) error {
	var total Shares
	agents := map[id.ID]int64{}
	for _, s := range parts {
		total = total.plus(s.Shares)
		if l, err := o.line(s.no); err == nil && l.AgentPayee != nil {
			agents[*l.AgentPayee] += s.Agent
		}
		give(tx, o.ID, source, s.no, s.Shares)
	}
	cause, from := "order:"+o.ID.String()+":"+source, *o.CoveredBy
	legs := []ledger.Leg{{Debit: from, Credit: ledger.IncomeFees, Amount: total.Fee}, {Debit: from, Credit: ledger.TaxDue, Amount: total.Tax}}
	if o.SellerPayee != nil {
		legs = append(legs, ledger.Leg{Debit: from, Credit: ledger.Owed(*o.SellerPayee), Amount: total.Seller})
		if total.Seller > 0 {
			payable.Add(tx, payable.Row{Payee: *o.SellerPayee, Cause: cause, Amount: total.Seller, Sale: o.ID})
		}
	}
	for payee, sum := range agents {
		legs = append(legs, ledger.Leg{Debit: from, Credit: ledger.Commission(payee), Amount: sum})
	}
	if err := ledger.Post(tx, ledger.Entry{Cause: cause, By: by.ID, Legs: legs}); err != nil {
		return err
	}
	o.tellPaid(tx, parts, source, again)
	if total.Agent > 0 {
		return commission.Pend(tx, o.ID, tx.Now)
	}
	return nil
}

// tellPaid says what this release has brought to the seller, and to the agent, whose
// share comes once, all that the line brought.
func (o *Order) tellPaid(tx *storage.Tx, parts []share, source string, again bool) {
	sold := statement.Sale{ID: o.ID, Number: o.Number, Cause: source, Same: again}
	earned := statement.Sale{ID: o.ID, Number: o.Number, Cause: source}
	for _, s := range parts {
		for _, c := range o.Charges {
			if s.no == StatementCharge+c.No {
				sold.Lines = append(sold.Lines, o.toldCharge(c, s.Shares)...)
			}
		}
		l, err := o.line(s.no)
		if err != nil {
			continue
		}
		for _, t := range o.told(*l, s.Shares) {
			if o.SellerPayee != nil && t.Payee == *o.SellerPayee {
				sold.Lines = append(sold.Lines, t)
				continue
			}
			t.Base = l.Left.Sum()
			earned.Lines = append(earned.Lines, t)
		}
	}
	statement.Record(tx, sold)
	statement.Record(tx, earned)
}

// given takes, of what a refund takes of a covered order, what its owners have been
// given: only they give it back. The rest lies where it lay.
func (o *Order) given(tx *storage.Tx, taken []cut, source string) ([]cut, error) {
	given, _, err := givenOf(tx, o.ID)
	if err != nil {
		return nil, err
	}
	left := map[int]Shares{}
	for _, d := range o.due(nil) {
		left[d.no] = d.Shares
	}
	var back []cut
	for _, t := range taken {
		no := t.line
		if t.charge > 0 {
			no = StatementCharge + t.charge
		}
		over := given[no].minus(left[no]) // of each share, what is given and no longer due
		t.Shares = Shares{max(over.Seller, 0), max(over.Agent, 0), max(over.Fee, 0), max(over.Tax, 0)}
		if t.Sum() > 0 {
			give(tx, o.ID, source, no, Shares{}.minus(t.Shares))
			back = append(back, t)
		}
	}
	return back, nil
}

// JobRest pays what covered orders wait for.
const JobRest = "order:rest"

type restJob struct {
	For     id.ID  `json:"for"`
	Account string `json:"account"`
}

func rest(tx *storage.Tx, r restJob, cause string) {
	jobs.Add(tx, JobRest, r.Account+":"+cause, r)
}

// Rest is the job of JobRest: every released order that an account covers is given
// what it may have by now, the oldest first. One that is frozen is looked at again a
// day later.
func (p *Pipeline) Rest(tx *storage.Tx, j jobs.Job) error {
	var r restJob
	if err := json.Unmarshal(j.Body, &r); err != nil {
		return err
	}
	var waiting []Order
	err := tx.Select(&waiting, "SELECT "+columns+from+`WHERE o.market_id = $1 AND o.for_id = $2 AND o.covered_by = $3 AND o.released_at IS NOT NULL AND
		(SELECT sum(l.total_minor) FROM order_lines l WHERE l.market_id = o.market_id AND l.order_id = o.id)
		+ coalesce((SELECT sum(c.amount_minor) FROM order_charges c WHERE c.market_id = o.market_id AND c.order_id = o.id), 0)
		> coalesce((SELECT sum(g.seller_minor + g.agent_minor + g.fee_minor + g.tax_minor) FROM order_releases g WHERE g.market_id = o.market_id AND g.order_id = o.id), 0)
		ORDER BY o.id FOR UPDATE OF o`, tx.Market, r.For, r.Account)
	if err != nil {
		return err
	}
	frozen, err := frozenOf(tx, ids(waiting))
	if err != nil {
		return err
	}
	for i := range waiting {
		o := &waiting[i]
		if frozen[o.ID] {
			jobs.Add(tx, JobRest, r.Account+":"+tx.Now.Format(time.DateOnly), r, tx.Now.AddDate(0, 0, 1))
			continue
		}
		if err := withLines(tx, o); err != nil {
			return err
		}
		if err := p.pay(tx, o, System); err != nil {
			return err
		}
		if err := tx.Flush(); err != nil { // the next one reads what this one took
			return err
		}
	}
	return nil
}

func ids(orders []Order) []id.ID {
	all := make([]id.ID, len(orders))
	for i, o := range orders {
		all[i] = o.ID
	}
	return all
}
