package api

import (
	"net/http"
	"time"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

type job struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	Key        string    `json:"key"`
	Attempts   int       `json:"attempts"`
	Error      string    `json:"error"`
	FinishedAt time.Time `json:"finished_at"`
}

type newRole struct {
	Market string `json:"market" doc:"code or number; PLATFORM for all"`
	Login  string `json:"login,omitempty" doc:"phone or e-mail; or person"`
	Person string `json:"person,omitempty" doc:"id"`
	Role   string `json:"role" enum:"operator,clerk"`
	Region string `json:"region,omitempty" doc:"of a clerk: a division below the market's own"`
}

type roleShown struct {
	Market string `json:"market"`
	Person string `json:"person"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Region string `json:"region" doc:"of a clerk"`
}

// operations mounts what operators need beside the trade.
func (s *server) operations() {
	s.markets()
	s.trails()
	s.engines()
	handle(s, route{method: http.MethodGet, path: "/jobs", says: "List the jobs that gave up", open: known, more: "For operators."}, s.listJobs)
	quietly(s, route{method: http.MethodPost, path: "/jobs/{market}/{id}/retry", says: "Give a job ten more tries", open: known, more: "By operators. Twice is once."}, s.retry)
	handle(s, route{method: http.MethodGet, path: "/audit", says: "Check the books of a market", open: known, more: "For operators."}, s.audit)
	s.ledger()
	handle(s, route{method: http.MethodGet, path: "/roles", says: "List who holds a role in a market", open: known, more: "For operators."}, s.listRoles)
	handle(s, route{method: http.MethodPost, path: "/roles", says: "Give a role", open: known, status: http.StatusCreated, more: "By operators, in their markets. Twice is once."}, s.grant)
	quietly(s, route{method: http.MethodDelete, path: "/roles", says: "Take a role away", open: known, more: "By operators, in their markets. Twice is once."}, s.withdraw)
}

func (s *server) listJobs(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number; PLATFORM for the platform's own"`
	State  string `query:"state" enum:"failed" doc:"failed is all there is to see"`
}) (list[job], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[job]{}, err
	}
	rows, err := jobs.Failed(v.ctx, s.DB, m.ID)
	return listed(rows, func(j jobs.Given) job { return job{j.ID.String(), j.Kind, j.Key, j.Attempts, j.Error, j.FinishedAt} }), err
}

func (s *server) retry(v *visit, in *This) error {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return err
	}
	i, err := row(in.ID)
	if err != nil {
		return err
	}
	return jobs.Retry(v.ctx, s.DB, m.ID, i)
}

func (s *server) audit(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (audit.Report, error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return audit.Report{}, err
	}
	return s.Audit(v.ctx, m.ID)
}

func (s *server) listRoles(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[roleShown], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[roleShown]{}, err
	}
	var rows []people.Role
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = people.Holders(tx); return })
	return listed(rows, func(r people.Role) roleShown { return roleShown{m.Code, r.Person.String(), r.Name, r.Role, r.Region} }), err
}

func (s *server) grant(v *visit, in *with[newRole]) (roleShown, error) {
	b := in.Body
	m, err := v.operated(b.Market)
	if err != nil {
		return roleShown{}, err
	}
	p, err := s.somebodyBy(v, b.Login, b.Person)
	if err != nil {
		return roleShown{}, err
	}
	out := roleShown{m.Code, p.ID.String(), p.Name, b.Role, b.Region}
	return once.Do(v.ctx, s.DB, m.ID, v.key, func(tx *storage.Tx) (roleShown, error) {
		tx.Keyed() // twice is once
		return out, people.Grant(tx, p.ID, b.Role, b.Region, v.who.ID)
	})
}

// somebodyBy finds a person by login or by id.
func (s *server) somebodyBy(v *visit, login, named string) (people.Person, error) {
	var p people.Person
	var err error
	if login != "" {
		p, err = s.People.FindByLogin(v.ctx, login)
		if fault.Has(err, "person_unknown") {
			err = fault.NotFound("person_unknown").On("login")
		}
		return p, err
	}
	i, err := reference("person", named)
	if err != nil {
		return p, err
	}
	err = s.DB.ViewShared(v.ctx, func(tx *storage.Tx) (err error) { p, err = people.Find(tx, i); return })
	return p, err
}

func (s *server) withdraw(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
	Person string `query:"person" required:"true" doc:"id"`
	Role   string `query:"role" required:"true" enum:"operator,clerk" doc:"the role"`
	Region string `query:"region" doc:"of a clerk"`
}) error {
	m, err := v.operated(in.Market)
	if err != nil {
		return err
	}
	p, err := reference("person", in.Person)
	if err != nil {
		return err
	}
	if p == v.who.ID && in.Role == people.Operator {
		return fault.Conflict("role_own") // somebody must be left who can
	}
	if in.Role == people.Clerk && in.Region == "" {
		return fault.Invalid("region", "required") // they may be it in several, and would stay it
	}
	return s.DB.Update(v.ctx, m.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		return people.Withdraw(tx, p, in.Role, in.Region, v.who.ID)
	})
}
