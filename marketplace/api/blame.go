package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// called are what requests call the fields that rooms refuse by the names of the
// pages' forms; the first that a request has is meant.
var called = map[string][]string{
	"amount": {"amount_minor", "sum_minor", "lines"}, "back": {"lines"}, "capital": {"capital_minor"}, "cash_most": {"cash.most_minor"}, "charge": {"lines"},
	"commission": {"commission_bp"}, "discount_from": {"discount.from_minor"}, "discount_rate": {"discount.rate_bp"}, "fee": {"fee_bp"}, "hold": {"hold_days"},
	"large": {"large_minor"}, "limit": {"limit_minor"}, "line": {"take", "weights", "lines"}, "minimum": {"minimum_minor"}, "number": {"account.number"},
	"offer": {"offer_minor"}, "pickup_address": {"pickup.address"}, "pickup_hours": {"pickup.hours"}, "pickup_name": {"pickup.name"}, "piece_grams": {"delivery.piece_grams"},
	"quantity": {"difference"}, "rate": {"rate_bp"}, "send": {"lines"}, "sum": {"sum_minor"}, "synonyms": {"groups"}, "tax": {"tax_bp"}, "to": {"send_to"},
	"weight": {"weights"}, "why": {"reason"}, "zones": {"delivery.zones"},
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
		if !v.takes(name) {
			continue
		}
		if strings.HasSuffix(name, "."+first) { // the same list, further in
			for _, end := range []string{"", "_minor"} {
				if whole := name + field[len(first):] + end; v.takes(whole) {
					return whole
				}
			}
		}
		return name
	}
	if v.op.RequestBody == nil {
		return ""
	}
	return field
}

// takes says whether the request has a parameter of this name, or a value at this place.
func (v *visit) takes(name string) bool {
	for _, p := range v.op.Parameters {
		if p.Name == name {
			return true
		}
	}
	if v.op.RequestBody == nil || v.op.RequestBody.Content["application/json"] == nil {
		return false
	}
	at := v.op.RequestBody.Content["application/json"].Schema
	for step := range strings.SplitSeq(name, ".") {
		if at = v.plain(at); at == nil {
			return false
		}
		if at.Items != nil {
			at = at.Items
		} else {
			at = at.Properties[step]
		}
	}
	return at != nil
}

// plain is the shape that another one may only name.
func (v *visit) plain(s *huma.Schema) *huma.Schema {
	if s == nil || s.Ref == "" {
		return s
	}
	return v.s.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
}
