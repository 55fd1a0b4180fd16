package api

import (
	"crypto/sha256"
	"net/http"
	"time"

	"commonfield/agents/commission"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type entry struct {
	ID        string     `json:"id"`
	Order     string     `json:"order"`
	Line      int        `json:"line"`
	Kind      string     `json:"kind" enum:"earn,reversal"`
	Root      string     `json:"root,omitempty" doc:"what a reversal takes from"`
	RateBP    int32      `json:"rate_bp"`
	Base      int64      `json:"base_minor" doc:"the line without tax and delivery"`
	Amount    int64      `json:"amount_minor" doc:"below nought: taken back"`
	State     string     `json:"state" enum:"estimated,earned,pending,payable,void"`
	PayableAt *time.Time `json:"payable_at,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
}

type commissions struct {
	Items    []entry          `json:"items"`
	Next     string           `json:"next"`
	Currency string           `json:"currency"`
	Sums     map[string]int64 `json:"sums_minor" doc:"by state"`
	Months   []month          `json:"months" doc:"secured sales by month, less what was taken back"`
}

type month struct {
	Month  string `json:"month"`
	Amount int64  `json:"amount_minor"`
}

type rule struct {
	ID       string     `json:"id"`
	Position int        `json:"position" doc:"the first rule that fits decides"`
	Category string     `json:"category" doc:"empty: any"`
	Kind     string     `json:"kind" doc:"of order; empty: any"`
	RateBP   int32      `json:"rate_bp"`
	HoldDays int        `json:"hold_days"`
	From     time.Time  `json:"valid_from"`
	To       *time.Time `json:"valid_to,omitempty"`
}

type newRule struct {
	Market   string     `json:"market" doc:"code or number"`
	Position int        `json:"position,omitempty" doc:"last when it is left out"`
	Category string     `json:"category,omitempty"`
	Kind     string     `json:"kind,omitempty"`
	RateBP   int32      `json:"rate_bp" doc:"0 to 5000"`
	HoldDays int        `json:"hold_days" doc:"0 to 90"`
	From     *time.Time `json:"valid_from,omitempty" doc:"now when it is left out"`
	To       *time.Time `json:"valid_to,omitempty"`
}

// commissions mounts what agents earn.
func (s *server) commissions() {
	handle(s, route{method: http.MethodGet, path: "/commissions", says: "List what an agent earns, the newest first", open: known,
		more: "Your own, or, for operators, that of the agent named."}, s.listCommissions)
	handle(s, route{method: http.MethodGet, path: "/commission-rules", says: "List the rules of commission", open: known, more: "For operators."}, s.listRules)
	handle(s, route{method: http.MethodPost, path: "/commission-rules", says: "Add a rule of commission", open: known, status: http.StatusCreated,
		more: "By operators. Orders that were placed keep what they were promised."}, s.addRule)
	handle(s, route{method: http.MethodPost, path: "/commission-rules/{market}/{id}/place", says: "Give a rule of commission its place", open: known,
		more: "By operators. The first rule that fits decides; those that are over have no place."}, s.placeRule)
	handle(s, route{method: http.MethodPost, path: "/commission-rules/{market}/{id}/close", says: "End a rule of commission now", open: known,
		more: "By operators. Orders that were placed keep what they were promised."}, s.closeRule)
	handle(s, route{method: http.MethodGet, path: "/commission-rules/try", says: "Say who would get what of a sale", open: known,
		more: "For operators: which rule wins, why the others do not, and the four shares. It changes nothing."}, s.tryRules)
}

func (s *server) listCommissions(v *visit, in *struct {
	Page
	Market string `query:"market" required:"true" doc:"code or number"`
	Agent  string `query:"agent" doc:"id, by operators"`
}) (commissions, error) {
	m, err := v.named(in.Market)
	if err != nil {
		return commissions{}, err
	}
	after, err := in.cursor()
	if err != nil {
		return commissions{}, err
	}
	agent, err := s.earner(v, m, in.Agent)
	if err != nil {
		return commissions{}, err
	}
	out := commissions{Currency: m.Currency}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		rows, err := commission.OfAgent(tx, agent, after, in.size()+1)
		if err != nil {
			return err
		}
		page := paged(rows, in.size(), showEntry, func(e commission.Entry) id.ID { return e.ID })
		out.Items, out.Next = page.Items, page.Next
		if out.Sums, err = commission.Sums(tx, agent); err != nil {
			return err
		}
		months, err := commission.Monthly(tx, agent, m.Location())
		out.Months = listed(months, func(o commission.Month) month { return month(o) }).Items
		return err
	})
	return out, err
}

// earner is the agent that is asked about: oneself, or by operators another.
func (s *server) earner(v *visit, m region.Market, named string) (id.ID, error) {
	if named != "" {
		if err := s.Operator(v.who, m.ID); err != nil {
			return id.None, err
		}
		return reference("agent", named)
	}
	a, err := s.Agents.OfPerson(v.ctx, v.who.ID)
	if fault.Has(err, "agent_unknown") {
		err = fault.Forbidden("agent_only")
	}
	return a.ID, err
}

func showEntry(e commission.Entry) entry {
	return entry{e.ID.String(), e.Sale.String(), e.Line, e.Kind, text(e.Root), e.RateBP, e.Base, e.Amount, e.State, e.PayableAt, e.Reason, e.CreatedAt}
}

func showRule(r commission.Rule) rule {
	out := rule{r.ID.String(), r.Position, r.Category, r.Kind, r.RateBP, r.HoldDays, r.From, nil}
	if !r.To.IsZero() {
		out.To = &r.To
	}
	return out
}

func (s *server) listRules(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[rule], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[rule]{}, err
	}
	var rows []commission.Rule
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = commission.List(tx); return })
	return listed(rows, showRule), err
}

func (s *server) addRule(v *visit, in *with[newRule]) (rule, error) {
	b := in.Body
	m, err := v.operated(b.Market)
	if err != nil {
		return rule{}, err
	}
	known := commission.Known{Kinds: []string{retail.Name}}
	err = s.DB.ViewShared(v.ctx, func(tx *storage.Tx) error {
		all, err := catalog.Categories(tx)
		for _, c := range all {
			known.Categories = append(known.Categories, c.Code)
		}
		return err
	})
	if err != nil {
		return rule{}, err
	}
	r := commission.Rule{ID: v.named16(), Position: b.Position, Category: b.Category, Kind: b.Kind, RateBP: b.RateBP, HoldDays: b.HoldDays}
	set(&r.From, b.From)
	set(&r.To, b.To)
	r, err = commission.AddRule(v.ctx, s.DB, m.ID, r, v.who.ID, known)
	return showRule(r), err
}

// named16 is an id made from the Idempotency-Key, for verbs that know rows by
// their id; none without a key.
func (v *visit) named16() id.ID {
	if v.key.Key == "" {
		return id.None
	}
	sum := sha256.Sum256([]byte(v.key.Key))
	var i id.ID
	copy(i[:], sum[:])
	return i
}
