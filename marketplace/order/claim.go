package order

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// A guest's orders belong to a user id without a person. They become a person's
// when the guest signs in or registers in the same browser, or when somebody who
// is signed in names an order by its number, the phone that it goes to and the
// claim code that the guest was shown. What
// has happened stays as it was: the history names the guest.

// JobClaim gives a guest's orders in one market to a person.
const JobClaim = "order:claim"

type claimJob struct {
	Guest   id.ID `json:"guest"`
	Person  id.ID `json:"person"`
	Payment id.ID `json:"payment"` // of one checkout only; none: all that is the guest's
}

// straggler is how long after a claim an order of the guest's, placed at that
// very moment in another window, is looked for.
const straggler = 10 * time.Minute

// Claim gives all that a guest has ordered to the person who they turned out to
// be, in every market. A guest is one person's, the first who claims: claiming
// twice is claiming once, and another's claim changes nothing.
func (p *Pipeline) Claim(ctx context.Context, guest people.Person, person people.Person) error {
	if !guest.Guest || person.Guest || person.ID == id.None {
		return nil
	}
	var owner id.ID
	var in []int32
	err := p.db.UpdateUser(ctx, guest.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		_, err := tx.Exec("INSERT INTO guest_claims (user_id, person_id, claimed_at) VALUES ($1, $2, $3) ON CONFLICT (user_id) DO NOTHING", guest.ID, person.ID, tx.Now)
		if err != nil {
			return err
		}
		owner, err = ownerOf(tx, guest.ID)
		return err
	})
	if err != nil || owner != person.ID {
		return err
	}
	// After the commit: a market that is written down later finds the claim (Seen).
	if err := p.db.ViewUser(ctx, guest.ID, func(tx *storage.Tx) error {
		in = nil
		return tx.Select(&in, "SELECT market_id FROM user_markets WHERE user_id = $1 ORDER BY market_id", guest.ID)
	}); err != nil {
		return err
	}
	job := claimJob{Guest: guest.ID, Person: person.ID}
	for _, market := range in {
		err := p.db.Update(ctx, market, func(tx *storage.Tx) error {
			tx.Keyed()
			jobs.Add(tx, JobClaim, guest.ID.String()+":later", job, tx.Now.Add(straggler))
			return p.claim(tx, job)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ownerOf is the person whom a guest turned out to be, or id.None.
func ownerOf(tx *storage.Tx, guest id.ID) (id.ID, error) {
	var owner id.ID
	err := tx.Get(&owner, "SELECT person_id FROM guest_claims WHERE user_id = $1", guest)
	if err == storage.ErrNone {
		return id.None, nil
	}
	return owner, err
}

// Claimed is the job of JobClaim.
func (p *Pipeline) Claimed(tx *storage.Tx, j jobs.Job) error {
	var c claimJob
	if err := json.Unmarshal(j.Body, &c); err != nil {
		return err
	}
	return p.claim(tx, c)
}

// claim changes whose a guest's orders of one market are. Twice is once.
func (p *Pipeline) claim(tx *storage.Tx, c claimJob) error {
	var some bool
	err := tx.Get(&some, "SELECT EXISTS (SELECT 1 FROM baskets WHERE market_id = $1 AND buyer_id = $2 AND ($3 = '00000000-0000-0000-0000-000000000000'::uuid OR payment_id = $3))",
		tx.Market, c.Guest, c.Payment)
	if err != nil || !some {
		return err
	}
	own, err := selfDealt(tx, c)
	if err != nil {
		return err
	}
	if err := p.unearn(tx, own); err != nil {
		return err
	}
	tx.Queue(`UPDATE orders o SET buyer_id = $3, version = o.version + 1, agent_id = CASE WHEN o.id = ANY($5::uuid[]) THEN NULL ELSE o.agent_id END FROM baskets b
		WHERE o.market_id = $1 AND b.market_id = o.market_id AND b.id = o.basket_id AND o.buyer_id = $2
		AND ($4 = '00000000-0000-0000-0000-000000000000'::uuid OR b.payment_id = $4)`, tx.Market, c.Guest, c.Person, c.Payment, taken(own))
	tx.Queue(`UPDATE baskets SET buyer_id = $3 WHERE market_id = $1 AND buyer_id = $2
		AND ($4 = '00000000-0000-0000-0000-000000000000'::uuid OR payment_id = $4)`, tx.Market, c.Guest, c.Person, c.Payment)
	jobs.Add(tx, JobSeen, c.Person.String(), seenJob{Person: c.Person})
	claimed(tx, c)
	trail.Write(tx, c.Person, "order.claim", "guest:"+c.Guest.String(), "")
	return nil
}

// ClaimOne gives one checkout of a guest's, in all its markets, to a person who
// names one of its orders by number, by the phone that it goes to and by the
// checkout's claim code. Every mismatch, also that it is somebody's already, is
// refused alike (no_such_order), and so is whoever earns from the checkout or is
// a clerk there: they must not confirm in the buyer's place. How often somebody may try, the door
// limits. Claiming twice is claiming once.
func (p *Pipeline) ClaimOne(ctx context.Context, person people.Person, number, phone, code string) (Ref, error) {
	if person.Guest || person.ID == id.None {
		return Ref{}, fault.SignIn("sign_in_first")
	}
	o, err := p.byPhone(ctx, number, phone, person.ID)
	if err != nil {
		return Ref{}, err
	}
	if o.Payment == id.None {
		return Ref{}, fault.NotFound("no_such_order") // what a contract covers is no guest's
	}
	due, shares, err := p.home(ctx, o.Market, o.Payment)
	if err != nil {
		return Ref{}, err
	}
	in := of(due, shares)
	job := claimJob{Person: person.ID, Payment: o.Payment}
	if job.Guest, err = p.guestOf(ctx, in, o.Payment); err != nil || job.Guest == id.None {
		return o.Ref(), err // all of it is theirs
	}
	none := fault.NotFound("no_such_order")
	if want, err := p.claimCode(ctx, due.Home, o.Payment); err != nil || !says(code, want) {
		return Ref{}, or(err, none)
	}
	if is, err := p.concerned(ctx, person, in, o.Payment); err != nil || is {
		return Ref{}, or(err, none)
	}
	// The home market is first: of two who ask at once it decides for one.
	for _, market := range in {
		err := p.db.Update(ctx, market, func(tx *storage.Tx) error {
			tx.Keyed()
			if err := p.claim(tx, job); err != nil {
				return err
			}
			var owner id.ID
			err := tx.Get(&owner, "SELECT buyer_id FROM baskets WHERE market_id = $1 AND payment_id = $2", market, o.Payment)
			if err == nil && owner != person.ID {
				return none
			}
			return err
		})
		if err != nil {
			return Ref{}, err
		}
	}
	return o.Ref(), nil
}

// guestOf is the guest who still has a part of a checkout, or id.None: a claim that
// was cut has left it there.
func (p *Pipeline) guestOf(ctx context.Context, in []int32, pay id.ID) (id.ID, error) {
	var guests []id.ID
	err := p.db.ViewShared(ctx, func(tx *storage.Tx) error {
		guests = nil
		return tx.Select(&guests, `SELECT b.buyer_id FROM baskets b WHERE b.market_id = ANY($1) AND b.payment_id = $2
			AND NOT EXISTS (SELECT 1 FROM people WHERE id = b.buyer_id) LIMIT 1`, markets(in), pay)
	})
	if err != nil || len(guests) == 0 {
		return id.None, err
	}
	return guests[0], nil
}

// concerned says whether somebody has another part in a checkout than its buyer's:
// its seller, its agent, or a clerk of one of its markets.
func (p *Pipeline) concerned(ctx context.Context, person people.Person, in []int32, pay id.ID) (is bool, err error) {
	if slices.ContainsFunc(in, func(m int32) bool { return len(person.Stations(m)) > 0 }) {
		return true, nil
	}
	payees, err := payable.PayeesOf(ctx, p.db, person.ID)
	if err != nil || len(payees) == 0 {
		return false, err
	}
	ids := make([]id.ID, len(payees))
	for i, payee := range payees {
		ids[i] = payee.ID
	}
	err = p.db.ViewShared(ctx, func(tx *storage.Tx) error {
		return tx.Get(&is, `SELECT EXISTS (SELECT 1 FROM baskets b JOIN orders o ON o.market_id = b.market_id AND o.basket_id = b.id
			JOIN order_lines l ON l.market_id = o.market_id AND l.order_id = o.id
			WHERE b.market_id = ANY($1) AND b.payment_id = $2 AND (o.seller_payee = ANY($3::uuid[]) OR l.agent_payee = ANY($3::uuid[])))`,
			markets(in), pay, names(ids))
	})
	return is, err
}

// Look lets somebody without an account see one order of a guest's, named by number and
// phone. They only look on: moves and the address are its buyer's. Looking
// twice is looking once.
func (p *Pipeline) Look(ctx context.Context, who id.ID, number, phone string) (Ref, error) {
	o, err := p.byPhone(ctx, number, phone, who)
	if err != nil || o.Buyer == who {
		return o.Ref(), err
	}
	return o.Ref(), p.db.Update(ctx, o.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		tx.Queue("INSERT INTO order_finds (market_id, user_id, order_id, found_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", o.Market, who, o.ID, tx.Now)
		return nil
	})
}

// Looks says whether somebody has found an order by its number and phone, while
// it is still a guest's.
func (p *Pipeline) Looks(ctx context.Context, who id.ID, o Order) (bool, error) {
	var found bool
	err := p.db.View(ctx, o.Market, func(tx *storage.Tx) error {
		return tx.Get(&found, `SELECT EXISTS (SELECT 1 FROM order_finds WHERE market_id = $1 AND user_id = $2 AND order_id = $3)
			AND NOT EXISTS (SELECT 1 FROM people WHERE id = $4)`, o.Market, who, o.ID, o.Buyer)
	})
	return found, err
}

// byPhone finds an order that is a guest's, or somebody's own already, by its number
// and the phone that it goes to.
func (p *Pipeline) byPhone(ctx context.Context, number, phone string, own id.ID) (Order, error) {
	none := fault.NotFound("no_such_order")
	number = strings.ToUpper(strings.TrimSpace(number))
	code, _, cut := strings.Cut(number, "-")
	digits, err := people.ReadPhone(phone)
	if err != nil || !cut {
		return Order{}, none
	}
	var market region.Market
	err = p.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { market, err = region.FindMarketByCode(tx, code); return })
	if fault.Has(err, "market_unknown") {
		return Order{}, none
	}
	if err != nil {
		return Order{}, err
	}
	found, err := p.List(ctx, Filter{Markets: []int32{market.ID}, Number: number, N: 1})
	if err != nil || len(found) == 0 {
		return Order{}, or(err, none)
	}
	o := found[0]
	var known bool
	err = p.db.View(ctx, o.Market, func(tx *storage.Tx) error {
		return tx.Get(&known, "SELECT EXISTS (SELECT 1 FROM people WHERE id = $1)", o.Buyer)
	})
	if err != nil || known && o.Buyer != own {
		return Order{}, or(err, none) // another's: they sign in
	}
	to, err := p.Addresses(ctx, o.Market, []id.ID{o.ID})
	if err != nil {
		return Order{}, err
	}
	goes, err := people.ReadPhone(to[o.ID].Phone)
	if err != nil || goes != digits {
		return Order{}, none
	}
	return o, nil
}

func or(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
