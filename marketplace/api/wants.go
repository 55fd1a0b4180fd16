package api

import (
	"fmt"
	"unicode/utf8"

	"commonfield/agents/people"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/order"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/written"
)

type wanted struct {
	Market   string `json:"market" doc:"code or number"`
	Listing  string `json:"listing"`
	Quantity int64  `json:"quantity,omitempty" doc:"base units; or amount and unit"`
	Amount   string `json:"amount,omitempty" doc:"as people write it: 9.8"`
	Unit     string `json:"unit,omitempty" doc:"of the amount; the listing's when it is left out"`
}

type address struct {
	Name   string `json:"name"`
	Phone  string `json:"phone"`
	Region string `json:"region,omitempty"`
	Street string `json:"street,omitempty" doc:"needed for what is sent"`
	Note   string `json:"note,omitempty" doc:"a word to the seller"`
	Code   string `json:"region_code,omitempty" doc:"division code of the province, or of anything in it; needed where delivery is charged by region"`
}

// items reads what is wanted; amounts need the listings' units.
func (v *visit) items(wants []wanted) ([]order.Item, error) {
	out := make([]order.Item, len(wants))
	if len(wants) > mostWants {
		return out, fault.Invalid("items", "too_many_items", fault.Args{"most": mostWants})
	}
	var wrong []error
	known := map[string]int32{}
	for i, w := range wants {
		field := fmt.Sprintf("items.%d", i)
		market, there := known[w.Market]
		if !there {
			m, err := v.named(w.Market)
			if f, bad := fault.As(err); bad {
				wrong = append(wrong, f.On(field+".market"))
				continue
			}
			if err != nil {
				return out, err
			}
			market, known[w.Market] = m.ID, m.ID
		}
		listing, err := reference(field+".listing", w.Listing)
		if err != nil {
			wrong = append(wrong, err)
		}
		out[i] = order.Item{Market: market, Listing: listing, Quantity: w.Quantity}
	}
	if err := fault.All(wrong...); err != nil {
		return out, err
	}
	return out, v.amounts(wants, out)
}

// comes reads from whose sellers goods are picked up; each must sell some of the items.
func (v *visit) comes(items []order.Item, from []string) ([]id.ID, error) {
	if len(from) == 0 {
		return nil, nil
	}
	goods, err := v.s.Shelf.Some(v.ctx, refs(items))
	if err != nil {
		return nil, err
	}
	sells := map[id.ID]bool{}
	for _, g := range goods {
		sells[g.ProducerID] = true
	}
	var all []id.ID
	var wrong []error
	for i, text := range from {
		one, ok := id.Parse(text)
		if !ok || !sells[one] {
			wrong = append(wrong, fault.Invalid(fmt.Sprintf("pickup_from.%d", i), "invalid"))
		}
		all = append(all, one)
	}
	return all, fault.All(wrong...)
}

// amounts turns what is written in units into base units.
func (v *visit) amounts(wants []wanted, out []order.Item) error {
	var of []shelf.Ref
	for i, w := range wants {
		if w.Amount != "" {
			of = append(of, shelf.Ref{Market: out[i].Market, Listing: out[i].Listing})
		}
	}
	goods, err := v.s.Shelf.Some(v.ctx, of)
	if err != nil {
		return err
	}
	var wrong []error
	for i, w := range wants {
		unit := goods[shelf.Ref{Market: out[i].Market, Listing: out[i].Listing}].Unit
		out[i].Quantity, err = measure(fmt.Sprintf("items.%d", i), w.Quantity, w.Amount, w.Unit, unit)
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return fault.All(wrong...)
}

// mostWants is how many items are read; the verb has its own limits.
const mostWants = 500

// check gives the address as it is kept, or all that is wrong with it; sent says that
// goods go there.
func (a address) check(sent bool) (order.Address, error) {
	var wrong []error
	for _, f := range []struct {
		field string
		text  *string
		must  bool
	}{{"name", &a.Name, true}, {"phone", &a.Phone, true}, {"region", &a.Region, false}, {"street", &a.Street, sent}, {"region_code", &a.Code, false}, {"note", &a.Note, false}} {
		*f.text = written.Plain(*f.text)
		switch {
		case f.must && *f.text == "":
			wrong = append(wrong, fault.Invalid("deliver_to."+f.field, "required"))
		case utf8.RuneCountInString(*f.text) > longestAddress:
			wrong = append(wrong, fault.Invalid("deliver_to."+f.field, "too_long", fault.Args{"most": longestAddress}))
		case f.field == "phone":
			phone, err := people.ReadPhone(*f.text)
			if g, bad := fault.As(err); bad {
				wrong = append(wrong, g.On("deliver_to.phone"))
			}
			*f.text = phone
		}
	}
	return order.Address(a), fault.All(wrong...)
}

const longestAddress = 200
