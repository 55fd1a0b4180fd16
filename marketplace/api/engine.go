package api

import (
	"errors"
	"fmt"
	"net/http"

	"commonfield/catalog/search"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
)

// engine is how search is.
type engine struct {
	Name      string `json:"name" doc:"pg, meili"`
	Version   string `json:"version"`
	Well      bool   `json:"well" doc:"false: it cannot be reached"`
	Documents int64  `json:"documents"`
	Waiting   int64  `json:"waiting" doc:"changes that are not found yet"`
	Lag       int64  `json:"lag_seconds" doc:"age of the oldest of them"`
	Building  bool   `json:"building" doc:"the index is to be built anew, or is being"`
	Failed    string `json:"failed" doc:"what kept the last building from being done"`
}

type comparison struct {
	Market    string   `json:"market"`
	Compared  int64    `json:"compared"`
	Different []string `json:"different" doc:"a sentence each; empty: all is as it should be"`
	Skipped   string   `json:"skipped" doc:"why nothing can be said now"`
}

type synonyms struct {
	Groups  [][]string `json:"groups" doc:"names for the same thing"`
	Edition string     `json:"edition,omitempty" doc:"of what you have read; left out: write over whatever stands"`
}

// engines mounts search as its operators see it: it is one for all markets.
func (s *server) engines() {
	handle(s, route{method: http.MethodGet, path: "/search/engine", says: "Say how search is", open: known, more: "For operators of any market."}, s.engine)
	handle(s, route{method: http.MethodGet, path: "/search/comparison", says: "Hold what is found of a market against what should be", open: known, more: "For operators."}, s.compare)
	quietly(s, route{method: http.MethodPost, path: "/search/rebuild", says: "Have the index built anew", open: known,
		more: "By operators of the platform. A job does it, GET /search/engine says when it is done; asking twice meanwhile is asking once."}, s.rebuild)
	handle(s, route{method: http.MethodGet, path: "/search/synonyms", says: "List the names that mean the same", open: known, more: "For operators of any market."}, s.synonyms)
	handle(s, route{method: http.MethodPut, path: "/search/synonyms", says: "Replace the names that mean the same", open: known,
		more: "By operators of the platform. With an edition it is refused (conflict) when somebody changed them meanwhile."}, s.setSynonyms)
}

// operates refuses who operates no market at all.
func (v *visit) operates() error {
	if len(v.who.Operator) == 0 {
		return fault.Forbidden("operator_only")
	}
	return nil
}

func (s *server) engine(v *visit, _ *struct{}) (engine, error) {
	if err := v.operates(); err != nil {
		return engine{}, err
	}
	h, err := s.Search.Health(v.ctx)
	out := engine{Name: h.Engine, Version: h.Version, Documents: h.Documents, Well: err == nil}
	if err != nil && !fault.Has(err, "search_down") {
		return out, err
	}
	n, late, err := s.Search.Lag(v.ctx)
	if err != nil {
		return out, err
	}
	making, err := s.Search.Making(v.ctx)
	out.Waiting, out.Lag, out.Building, out.Failed = n, int64(late.Seconds()), making.Waits, making.Error
	return out, err
}

func (s *server) compare(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (comparison, error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return comparison{}, err
	}
	n, wrong, err := s.Search.Compare(v.ctx, m.ID)
	out := comparison{Market: m.Code, Compared: n, Different: []string{}}
	for _, w := range wrong {
		out.Different = append(out.Different, fmt.Sprintf("%s (%s)", tongue.For(tongue.English).Broken(w, m.Currency), w["key"]))
	}
	if skip, is := errors.AsType[audit.Skip](err); is {
		out.Skipped, err = string(skip), nil
	}
	return out, err
}

func (s *server) rebuild(v *visit, _ *struct{}) error {
	err := s.Search.AskRebuild(v.ctx, v.who)
	if err == nil {
		s.Worker.Wake()
	}
	return err
}

func (s *server) synonyms(v *visit, _ *struct{}) (synonyms, error) {
	if err := v.operates(); err != nil {
		return synonyms{}, err
	}
	return s.namesNow(v)
}

func (s *server) namesNow(v *visit) (synonyms, error) {
	groups, err := s.Search.Synonyms(v.ctx)
	return synonyms{Groups: append([][]string{}, groups...), Edition: search.Edition(groups)}, err
}

func (s *server) setSynonyms(v *visit, in *with[synonyms]) (synonyms, error) {
	if !v.who.IsOperator(storage.Platform) {
		return synonyms{}, fault.Forbidden("operator_only")
	}
	if err := s.Search.SetSynonyms(v.ctx, v.who, in.Body.Groups, in.Body.Edition); err != nil {
		return synonyms{}, err
	}
	return s.namesNow(v)
}
