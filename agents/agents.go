// Package agents is the floor of people, and in its root who sells for others:
// an agent, known everywhere by a code of six letters, and their standing in
// each market.
//
// It promises that a person is one agent with one code, and that each market
// decides for itself whether the agent is active there. Which sale is an
// agent's, and what it earns, are rooms of their own.
package agents

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// The states of an agent in a market: only an active one earns.
const (
	Applied   = "applied"
	Active    = "active"
	Suspended = "suspended"
)

// Agent is somebody who sells for others, the same in every market.
type Agent struct {
	ID        id.ID     `db:"id"`
	PersonID  id.ID     `db:"person_id"`
	Name      string    `db:"name"`
	Code      string    `db:"code"` // typed at checkout, and the short link
	CreatedAt time.Time `db:"created_at"`
}

// MarketAgent is an agent's standing in one market.
type MarketAgent struct {
	AgentID   id.ID      `db:"agent_id"`
	PayeeID   id.ID      `db:"payee_id"`
	PersonID  id.ID      `db:"person_id"`
	Name      string     `db:"name"`
	Code      string     `db:"code"`
	State     string     `db:"state"`
	AppliedAt time.Time  `db:"applied_at"`
	DecidedBy id.ID      `db:"decided_by"` // none: not yet
	DecidedAt *time.Time `db:"decided_at"`
}

// Room lets agents in and keeps them.
type Room struct{ db *storage.DB }

// New opens the room.
func New(db *storage.DB) *Room { return &Room{db} }

// Apply makes a person an agent, if they are none, and asks the market to have
// them. Twice is once, and finishes what was cut between the two; who was
// suspended stays so. A guest is told to sign in.
func (r *Room) Apply(ctx context.Context, market int32, by people.Person) (Agent, error) {
	if by.Guest {
		return Agent{}, fault.SignIn("account_needed")
	}
	a, err := r.enlist(ctx, by)
	if err != nil {
		return a, err
	}
	err = r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		if _, err := InMarket(tx, a.ID); !fault.Has(err, "agent_unknown") {
			return err
		}
		payee := payable.NewPayee(tx, payable.Agent, a.Name, a.PersonID)
		tx.Queue(`INSERT INTO market_agents (market_id, agent_id, payee_id, state, applied_at) VALUES ($1, $2, $3, 'applied', $4)`,
			tx.Market, a.ID, payee, tx.Now)
		tx.Forget(standing + a.Code)
		trail.Write(tx, by.ID, "agent.apply", "agent:"+a.ID.String(), "")
		tell(tx, a.ID, Applied, "")
		return nil
	})
	if storage.Violates(err, "market_agents_pkey") {
		return a, nil // the same person applied twice at this moment
	}
	return a, err
}

// enlist gives the person's shared row, made if there is none.
func (r *Room) enlist(ctx context.Context, by people.Person) (Agent, error) {
	var a Agent
	add := func(tx *storage.Tx) error {
		tx.Keyed()
		var err error
		if a, err = ofPerson(tx, by.ID); !fault.Has(err, "agent_unknown") {
			return err
		}
		who, err := people.Find(tx, by.ID)
		if err != nil {
			return err
		}
		a = Agent{ID: id.New(), PersonID: by.ID, Name: who.Name, Code: newCode(), CreatedAt: tx.Now}
		tx.Queue(`INSERT INTO agents (id, person_id, code, created_at) VALUES ($1, $2, $3, $4)`, a.ID, a.PersonID, a.Code, tx.Now)
		return nil
	}
	for {
		err := r.db.UpdateShared(ctx, add)
		// Somebody has this code, or the same person was quicker: look again.
		if (storage.Violates(err, "agents_code") || storage.Violates(err, "agents_one")) && ctx.Err() == nil {
			continue
		}
		return a, err
	}
}

// Approve lets an agent earn in a market, also one who was suspended. Twice is once.
func (r *Room) Approve(ctx context.Context, market int32, agent id.ID, by people.Person) error {
	return r.decide(ctx, market, agent, by, Active, "agent.approve", "")
}

// Suspend stops what an agent would earn from new orders, for a reason. Twice is once.
func (r *Room) Suspend(ctx context.Context, market int32, agent id.ID, by people.Person, why string) error {
	if strings.TrimSpace(why) == "" {
		return fault.Invalid("why", "required")
	}
	return r.decide(ctx, market, agent, by, Suspended, "agent.suspend", why)
}

func (r *Room) decide(ctx context.Context, market int32, agent id.ID, by people.Person, state, deed, why string) error {
	if !by.IsOperator(market) {
		return fault.Forbidden("operator_only")
	}
	return r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		m, err := InMarket(tx, agent)
		if err != nil || m.State == state {
			return err
		}
		tx.Expect(1, fault.NotFound("agent_unknown"),
			`UPDATE market_agents SET state = $3, decided_by = $4, decided_at = $5 WHERE market_id = $1 AND agent_id = $2`,
			tx.Market, agent, state, by.ID, tx.Now)
		tx.Forget(standing + m.Code)
		trail.Write(tx, by.ID, deed, "agent:"+agent.String(), why)
		tell(tx, agent, state, why)
		return nil
	})
}

// JobStanding says that an agent applied, was let in or was suspended, for the
// rooms above to tell.
const JobStanding = "agents:standing"

// StandingNews is the body of JobStanding.
type StandingNews struct {
	Agent id.ID     `json:"agent"`
	State string    `json:"state"`
	Why   string    `json:"why,omitempty"`
	At    time.Time `json:"at"`
}

func tell(tx *storage.Tx, agent id.ID, state, why string) {
	jobs.Add(tx, JobStanding, fmt.Sprintf("%s:%s:%d", agent, state, tx.Now.UnixMicro()), StandingNews{agent, state, why, tx.Now})
}

// letters are those of a code: none that is taken for another when read out or
// written by hand (I, L, O, U, 0, 1).
const letters = "ABCDEFGHJKMNPQRSTVWXYZ23456789"

func newCode() string {
	// 240 is the largest multiple of 30 in a byte: what is above would make the
	// first letters more likely.
	code, b := make([]byte, 0, 6), make([]byte, 1)
	for len(code) < cap(code) {
		if _, _ = rand.Read(b); b[0] < 240 {
			code = append(code, letters[int(b[0])%len(letters)])
		}
	}
	return string(code)
}

func none(err error) bool { return errors.Is(err, storage.ErrNone) }
