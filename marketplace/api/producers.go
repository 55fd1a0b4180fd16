package api

import (
	"net/http"
	"time"

	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Words are what is told about a producer.
type Words struct {
	Name      string `json:"name"`
	NameEN    string `json:"name_en,omitempty"`
	Region    string `json:"region" doc:"code of a county or township"`
	Village   string `json:"village,omitempty"`
	Story     string `json:"story,omitempty"`
	StoryEN   string `json:"story_en,omitempty"`
	Licence   string `json:"licence,omitempty" doc:"or exemption"`
	Exemption string `json:"exemption,omitempty" doc:"why no licence is needed"`
}

type producerShown struct {
	Words
	Market     string    `json:"market"`
	ID         string    `json:"id"`
	RegionName string    `json:"region_name"`
	State      string    `json:"state" enum:"applied,active,suspended"`
	Payee      string    `json:"payee,omitempty" doc:"for the producer and operators"`
	Offline    bool      `json:"offline" doc:"has no account; others act for them"`
	CreatedAt  time.Time `json:"created_at"`
}

type newProducer struct {
	Words
	Market  string `json:"market" doc:"code or number"`
	Offline bool   `json:"offline,omitempty" doc:"by operators: for somebody without an account"`
	Person  string `json:"person,omitempty" doc:"by operators: whose account; yours when both are left out"`
	State   string `json:"state,omitempty" enum:"applied,active" doc:"active by operators only"`
}

type changedProducer struct {
	Name      *string `json:"name,omitempty"`
	NameEN    *string `json:"name_en,omitempty"`
	Region    *string `json:"region,omitempty"`
	Village   *string `json:"village,omitempty"`
	Story     *string `json:"story,omitempty"`
	StoryEN   *string `json:"story_en,omitempty"`
	Licence   *string `json:"licence,omitempty"`
	Exemption *string `json:"exemption,omitempty"`
}

type reason struct {
	Reason string `json:"reason"`
}

// producers mounts who grows.
func (s *server) producers() {
	handle(s, route{method: http.MethodGet, path: "/producers", says: "List a market's producers", open: everybody,
		more: "Everybody sees the active ones, operators all."}, s.listProducers)
	handle(s, route{method: http.MethodGet, path: "/producers/{market}/{id}", says: "Show a producer", open: everybody}, s.showProducer)
	handle(s, route{method: http.MethodPost, path: "/producers", says: "Ask to be let in as a producer", open: known, status: http.StatusCreated}, s.applyProducer)
	handle(s, route{method: http.MethodPatch, path: "/producers/{market}/{id}", says: "Change what is told about a producer", open: known,
		more: "By the producer or an operator. What is left out stays."}, s.editProducer)
	handle(s, route{method: http.MethodPost, path: "/producers/{market}/{id}/approve", says: "Let a producer sell", open: known, more: "By operators. Twice is once."},
		func(v *visit, in *This) (producerShown, error) {
			return s.decideProducer(v, *in, func(m int32, p id.ID) error { return s.Producers.Approve(v.ctx, m, p, v.who) })
		})
	handle(s, route{method: http.MethodPost, path: "/producers/{market}/{id}/suspend", says: "Stop a producer's sales", open: known, more: "By operators. Running orders go on."},
		func(v *visit, in *thisWith[reason]) (producerShown, error) {
			return s.decideProducer(v, in.This, func(m int32, p id.ID) error { return s.Producers.Suspend(v.ctx, m, p, v.who, in.Body.Reason) })
		})
	handle(s, route{method: http.MethodPost, path: "/producers/{market}/{id}/readmit", says: "Let a suspended producer sell again", open: known, more: "By operators."},
		func(v *visit, in *thisWith[reason]) (producerShown, error) {
			return s.decideProducer(v, in.This, func(m int32, p id.ID) error { return s.Producers.Readmit(v.ctx, m, p, v.who, in.Body.Reason) })
		})
}

func (v *visit) producer(m region.Market, p producer.Producer) producerShown {
	out := producerShown{Words: Words{p.Name, p.NameEN, p.RegionCode, p.Village, p.Story, p.StoryEN, p.Licence, p.Exemption},
		Market: m.Code, ID: p.ID.String(), RegionName: p.RegionName, State: p.State, Offline: p.PersonID == id.None, CreatedAt: p.CreatedAt}
	if v.sees(m.ID, p) {
		out.Payee = p.PayeeID.String()
	}
	return out
}

// sees says whether the asker is the producer or an operator.
func (v *visit) sees(market int32, p producer.Producer) bool {
	return v.who.IsOperator(market) || v.who.ID != id.None && v.who.ID == p.PersonID
}

func (s *server) listProducers(v *visit, in *struct {
	Page
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[producerShown], error) {
	m, err := v.named(in.Market)
	if err != nil {
		return list[producerShown]{}, err
	}
	after, err := in.cursor()
	if err != nil {
		return list[producerShown]{}, err
	}
	var rows []producer.Producer
	if err := v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = producer.List(tx, after, in.size()+1); return }); err != nil {
		return list[producerShown]{}, err
	}
	out := paged(rows, in.size(), func(p producer.Producer) producerShown { return v.producer(m, p) }, func(p producer.Producer) id.ID { return p.ID })
	shown := out.Items[:0]
	for i, p := range out.Items {
		if p.State == producer.Active || v.sees(m.ID, rows[i]) {
			shown = append(shown, p)
		}
	}
	out.Items = shown
	return out, nil
}

// producerOf finds a producer; one who is not active is there for themselves
// and operators only.
func (s *server) producerOf(v *visit, in This) (region.Market, producer.Producer, error) {
	m, i, err := v.place(in)
	if err != nil {
		return m, producer.Producer{}, err
	}
	var p producer.Producer
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { p, err = producer.Find(tx, i); return })
	if err == nil && p.State != producer.Active && !v.sees(m.ID, p) {
		err = fault.NotFound("producer_unknown")
	}
	return m, p, err
}

func (s *server) showProducer(v *visit, in *This) (producerShown, error) {
	m, p, err := s.producerOf(v, *in)
	if err != nil {
		return producerShown{}, err
	}
	return v.producer(m, p), nil
}

func (s *server) applyProducer(v *visit, in *with[newProducer]) (producerShown, error) {
	b := in.Body
	m, err := v.named(b.Market)
	if err != nil {
		return producerShown{}, err
	}
	person := v.who.ID
	if b.Offline || b.Person != "" {
		if err := s.Operator(v.who, m.ID); err != nil {
			return producerShown{}, err
		}
		person = id.None
		if !b.Offline {
			if person, err = reference("person", b.Person); err != nil {
				return producerShown{}, err
			}
		}
	}
	p, err := s.Producers.Apply(v.ctx, v.key, m.ID, v.who, producer.Application{PersonID: person, State: b.State, Text: producer.Text{
		Name: b.Name, NameEN: b.NameEN, RegionCode: b.Region, Village: b.Village, Story: b.Story, StoryEN: b.StoryEN, Licence: b.Licence, Exemption: b.Exemption}})
	return v.producer(m, p), err
}

func (s *server) editProducer(v *visit, in *thisWith[changedProducer]) (producerShown, error) {
	m, p, err := s.producerOf(v, in.This)
	if err != nil {
		return producerShown{}, err
	}
	t := producer.Text{Name: p.Name, NameEN: p.NameEN, RegionCode: p.RegionCode, Village: p.Village, Story: p.Story, StoryEN: p.StoryEN, Licence: p.Licence, Exemption: p.Exemption}
	b := in.Body
	set(&t.Name, b.Name)
	set(&t.NameEN, b.NameEN)
	set(&t.RegionCode, b.Region)
	set(&t.Village, b.Village)
	set(&t.Story, b.Story)
	set(&t.StoryEN, b.StoryEN)
	set(&t.Licence, b.Licence)
	set(&t.Exemption, b.Exemption)
	p, err = s.Producers.Edit(v.ctx, m.ID, p.ID, v.who, t)
	return v.producer(m, p), err
}

func (s *server) decideProducer(v *visit, in This, do func(market int32, p id.ID) error) (producerShown, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return producerShown{}, err
	}
	_, p, err := s.producerOf(v, in)
	if err != nil {
		return producerShown{}, err
	}
	if err := do(m.ID, p.ID); err != nil {
		return producerShown{}, err
	}
	_, p, err = s.producerOf(v, in)
	return v.producer(m, p), err
}
