package agents

import (
	"context"
	"strings"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/tally"
)

const ofAgents = `SELECT a.id, a.person_id, p.name, a.code, a.created_at FROM agents a JOIN people p ON p.id = a.person_id `

// Find gives one agent, or not-found.
func Find(tx *storage.Tx, agent id.ID) (Agent, error) {
	return find(tx, ofAgents+`WHERE a.id = $1`, agent)
}

// ByCode gives the agent with this code, in either case and with spaces around
// it, or not-found.
func ByCode(tx *storage.Tx, code string) (Agent, error) {
	return find(tx, ofAgents+`WHERE a.code = $1`, strings.ToUpper(strings.TrimSpace(code)))
}

// OfPerson gives the agent that a person is, or not-found.
func (r *Room) OfPerson(ctx context.Context, person id.ID) (Agent, error) {
	var a Agent
	err := r.db.ViewShared(ctx, func(tx *storage.Tx) error {
		var err error
		a, err = ofPerson(tx, person)
		return err
	})
	return a, err
}

func ofPerson(tx *storage.Tx, person id.ID) (Agent, error) {
	return find(tx, ofAgents+`WHERE a.person_id = $1`, person)
}

func find(tx *storage.Tx, query string, key any) (Agent, error) {
	var a Agent
	err := tx.Get(&a, query, key)
	if none(err) {
		return a, fault.NotFound("agent_unknown")
	}
	return a, err
}

const ofMarket = `SELECT m.agent_id, m.payee_id, a.person_id, p.name, a.code, m.state, m.applied_at, m.decided_by, m.decided_at
FROM market_agents m JOIN agents a ON a.id = m.agent_id JOIN people p ON p.id = a.person_id WHERE m.market_id = $1 `

// InMarket gives an agent's standing in the transaction's market, or not-found.
func InMarket(tx *storage.Tx, agent id.ID) (MarketAgent, error) {
	var m MarketAgent
	err := tx.Get(&m, ofMarket+`AND m.agent_id = $2`, tx.Market, agent)
	if none(err) {
		return m, fault.NotFound("agent_unknown")
	}
	return m, err
}

// List gives the market's agents in one state, or in all when it is empty, in
// the order they applied.
func List(tx *storage.Tx, state string) ([]MarketAgent, error) {
	var all []MarketAgent
	err := tx.Select(&all, ofMarket+`AND ($2::text = '' OR m.state = $2::text) ORDER BY m.applied_at, m.agent_id`, tx.Market, state)
	return all, err
}

// Tallies are what waits for a person: who wants to sell for others.
func Tallies() []tally.Of {
	return []tally.Of{{Name: "agents", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM market_agents WHERE market_id = $1 AND state = 'applied'`}}
}
