package api

import (
	"net/http"
	"time"

	"commonfield/agents"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type agentShown struct {
	Market    string     `json:"market"`
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Code      string     `json:"code"`
	State     string     `json:"state" enum:"applied,active,suspended"`
	Payee     string     `json:"payee"`
	AppliedAt time.Time  `json:"applied_at"`
	DecidedAt *time.Time `json:"decided_at,omitempty"`
}

type inMarket struct {
	Market string `json:"market" doc:"code or number"`
}

// agents mounts who sells for others.
func (s *server) agents() {
	handle(s, route{method: http.MethodGet, path: "/agents/me", says: "Show yourself as an agent", open: known}, s.meAsAgent)
	handle(s, route{method: http.MethodGet, path: "/agents", says: "List a market's agents", open: known, more: "For operators."}, s.listAgents)
	handle(s, route{method: http.MethodPost, path: "/agents", says: "Ask to be an agent in a market", open: known, status: http.StatusCreated,
		more: "One code for all markets. Twice is once."}, s.applyAgent)
	handle(s, route{method: http.MethodPost, path: "/agents/{market}/{id}/approve", says: "Let an agent earn", open: known, more: "By operators; a suspended one too. Twice is once."},
		func(v *visit, in *This) (agentShown, error) {
			return s.decideAgent(v, *in, func(m int32, a id.ID) error { return s.Agents.Approve(v.ctx, m, a, v.who) })
		})
	handle(s, route{method: http.MethodPost, path: "/agents/{market}/{id}/suspend", says: "Stop what an agent earns from new orders", open: known, more: "By operators."},
		func(v *visit, in *thisWith[reason]) (agentShown, error) {
			return s.decideAgent(v, in.This, func(m int32, a id.ID) error { return s.Agents.Suspend(v.ctx, m, a, v.who, in.Body.Reason) })
		})
}

func showAgent(m region.Market, a agents.MarketAgent) agentShown {
	return agentShown{m.Code, a.AgentID.String(), a.Name, a.Code, a.State, a.PayeeID.String(), a.AppliedAt, a.DecidedAt}
}

func (s *server) meAsAgent(v *visit, _ *struct{}) (agentSelf, error) {
	a, err := s.agentSelf(v)
	if err == nil && a == nil {
		return agentSelf{}, fault.NotFound("not_found")
	}
	if err != nil {
		return agentSelf{}, err
	}
	return *a, nil
}

func (s *server) listAgents(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
	State  string `query:"state" enum:"applied,active,suspended" doc:"all when it is left out"`
}) (list[agentShown], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[agentShown]{}, err
	}
	var rows []agents.MarketAgent
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = agents.List(tx, in.State); return })
	return listed(rows, func(a agents.MarketAgent) agentShown { return showAgent(m, a) }), err
}

func (s *server) applyAgent(v *visit, in *with[inMarket]) (agentShown, error) {
	m, err := v.named(in.Body.Market)
	if err != nil {
		return agentShown{}, err
	}
	if m.ID == storage.Platform {
		return agentShown{}, fault.NotFound("market_unknown").On("market")
	}
	a, err := s.Agents.Apply(v.ctx, m.ID, v.who)
	if err != nil {
		return agentShown{}, err
	}
	return s.showAgentOf(v, m, a.ID)
}

func (s *server) showAgentOf(v *visit, m region.Market, a id.ID) (agentShown, error) {
	var in agents.MarketAgent
	err := v.view(m.ID, func(tx *storage.Tx) (err error) { in, err = agents.InMarket(tx, a); return })
	return showAgent(m, in), err
}

func (s *server) decideAgent(v *visit, in This, do func(market int32, a id.ID) error) (agentShown, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return agentShown{}, err
	}
	a, err := row(in.ID)
	if err != nil {
		return agentShown{}, err
	}
	if err := do(m.ID, a); err != nil {
		return agentShown{}, err
	}
	return s.showAgentOf(v, m, a)
}
