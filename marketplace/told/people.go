package told

import (
	"context"
	"time"

	"commonfield/agents"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/marketplace/notice"
	"commonfield/storage"
	"commonfield/storage/jobs"
)

// role tells a person that they may run a market, or no longer.
func (t *Teller) role(ctx context.Context, j jobs.Job) (finish, error) {
	n, err := read[people.News](j)
	if err != nil {
		return nil, err
	}
	kind, way := notice.RoleGranted, deskWay
	if !n.Granted {
		kind, way = notice.RoleWithdrawn, accountWay
	}
	return t.notices.Tell(ctx, notice.Notice{Person: n.Person, Key: "role:" + j.Key, Kind: kind, Market: j.Market, Way: way,
		Facts: notice.Facts{Role: n.Role}, At: n.At})
}

// patience is how long a deed may follow its news; what has not come then never will.
const patience = 2 * time.Minute

// password tells a person that their password is another one now.
func (t *Teller) password(ctx context.Context, j jobs.Job) (finish, error) {
	n, err := read[people.News](j)
	if err != nil {
		return nil, err
	}
	done, err := t.people.Changed(ctx, n.Person, n.At)
	if err != nil || !done {
		return t.later(n, err)
	}
	return t.notices.Tell(ctx, notice.Notice{Person: n.Person, Key: "password:" + j.Key, Kind: notice.PasswordChanged, Way: accountWay, At: n.At})
}

// device tells a person of a sign-in where they never were before.
func (t *Teller) device(ctx context.Context, j jobs.Job) (finish, error) {
	n, err := read[people.News](j)
	if err != nil {
		return nil, err
	}
	done, err := t.people.Signed(ctx, n.Person, n.Session)
	if err != nil || !done {
		return t.later(n, err)
	}
	return t.notices.Tell(ctx, notice.Notice{Person: n.Person, Key: "device:" + j.Key, Kind: notice.NewDevice, Way: accountWay,
		Facts: notice.Facts{Until: new(n.At)}, At: n.At})
}

// closed forgets what was told to somebody whose account is closed.
func (t *Teller) closed(ctx context.Context, j jobs.Job) (finish, error) {
	n, err := read[people.News](j)
	if err != nil {
		return nil, err
	}
	var p people.Person
	err = t.db.ViewShared(ctx, func(tx *storage.Tx) (err error) { p, err = people.Find(tx, n.Person); return })
	if err != nil {
		return nil, err
	}
	if p.Name != "" {
		return t.later(n, nil)
	}
	return nil, t.notices.Forget(ctx, n.Person)
}

// later looks once more for a deed that its news came before, and gives up in time.
func (t *Teller) later(n people.News, err error) (finish, error) {
	if err != nil {
		return nil, err
	}
	if now := t.db.Now(); now.Before(n.At.Add(patience)) {
		return nil, &jobs.Again{At: now.Add(10 * time.Second)}
	}
	return nothing()
}

// agent tells operators that somebody wants to sell for others, and an agent how
// it was decided.
func (t *Teller) agent(ctx context.Context, j jobs.Job) (finish, error) {
	s, err := read[agents.StandingNews](j)
	if err != nil {
		return nil, err
	}
	n := notice.Notice{Key: "agent:" + j.Key, Market: j.Market, At: s.At}
	if s.State == agents.Applied {
		n.Kind, n.Way, n.Facts.Role = notice.DeskApplication, applyWay, "agent"
		return t.desk(ctx, n)
	}
	person, err := t.agentPerson(ctx, s.Agent)
	if err != nil {
		return nil, err
	}
	n.Person, n.Way = person, agentWay
	return t.decided(ctx, n, "agent", s.State == agents.Active, s.Why)
}

// producer tells operators that somebody wants to sell what they grow, and a
// producer how it was decided.
func (t *Teller) producer(ctx context.Context, j jobs.Job) (finish, error) {
	s, err := read[producer.StandingNews](j)
	if err != nil {
		return nil, err
	}
	n := notice.Notice{Key: "producer:" + j.Key, Market: j.Market, At: s.At}
	if s.State == producer.Applied {
		n.Kind, n.Way, n.Facts.Role = notice.DeskApplication, applyWay, "producer"
		return t.desk(ctx, n)
	}
	var p producer.Producer
	err = t.view(ctx, j.Market, func(tx *storage.Tx) (err error) { p, err = producer.Find(tx, s.Producer); return })
	if err != nil {
		return nil, err
	}
	n.Person, n.Way = p.PersonID, incomeWay
	return t.decided(ctx, n, "producer", s.State == producer.Active, s.Why)
}

func (t *Teller) decided(ctx context.Context, n notice.Notice, role string, let bool, why string) (finish, error) {
	n.Kind, n.Facts = notice.RoleGranted, notice.Facts{Role: role, Why: why}
	if !let {
		n.Kind, n.Way = notice.RoleWithdrawn, accountWay
	}
	return t.notices.Tell(ctx, n)
}
