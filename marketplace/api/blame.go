package api

import "strings"

// called are what requests call the fields that rooms refuse by the names of the
// pages' forms; the first that a request has is meant.
var called = map[string][]string{
	"amount": {"amount_minor", "sum_minor", "lines"}, "back": {"lines"}, "charge": {"lines"}, "large": {"large_minor"}, "line": {"take", "weights", "lines"},
	"minimum": {"minimum_minor"}, "number": {"account.number"}, "offer": {"offer_minor"}, "quantity": {"difference"}, "rate": {"rate_bp"}, "send": {"lines"}, "sum": {"sum_minor"}, "synonyms": {"groups"}, "to": {"send_to"},
	"weight": {"weights"}, "why": {"reason"},
}

// blame makes a room's refusal name the fields that the request has. What is about no
// field of it is about all of it.
func (v *visit) blame(p *problem) *problem {
	p.Field = v.fieldHere(p.Field)
	for i := range p.Errors {
		p.Errors[i].Field = v.fieldHere(p.Errors[i].Field)
	}
	return p
}

func (v *visit) fieldHere(field string) string {
	first := field
	if at := strings.IndexAny(field, ".0123456789"); at >= 0 {
		first = strings.TrimSuffix(field[:at], "_") // weight_1 and line.1 are of one line
	}
	if v.takes(first) {
		return field
	}
	for _, name := range called[first] {
		if v.takes(name) {
			return name
		}
	}
	if v.op.RequestBody == nil {
		return ""
	}
	return field
}

// takes says whether the request has a field, or a parameter, of this name.
func (v *visit) takes(name string) bool {
	name, _, _ = strings.Cut(name, ".")
	for _, p := range v.op.Parameters {
		if p.Name == name {
			return true
		}
	}
	if v.op.RequestBody == nil || v.op.RequestBody.Content["application/json"] == nil {
		return false
	}
	s := v.op.RequestBody.Content["application/json"].Schema
	if s.Ref != "" {
		s = v.s.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s != nil && s.Properties[name] != nil
}
