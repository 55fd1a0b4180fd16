package api

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"commonfield/agents/people"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type wanted struct {
	Listing  string `json:"listing"`
	Quantity int64  `json:"quantity,omitempty" doc:"base units; or amount and unit"`
	Amount   string `json:"amount,omitempty" doc:"as people write it: 9.8"`
	Unit     string `json:"unit,omitempty" doc:"of the amount; the listing's when it is left out"`
}

type address struct {
	Name   string `json:"name"`
	Phone  string `json:"phone"`
	Region string `json:"region,omitempty"`
	Street string `json:"street"`
}

// items reads what is wanted; amounts need the listings' units.
func (v *visit) items(market int32, wants []wanted) ([]order.Item, error) {
	out := make([]order.Item, len(wants))
	ids := make([]id.ID, len(wants))
	var wrong []error
	for i, w := range wants {
		var err error
		if ids[i], err = reference(fmt.Sprintf("items.%d.listing", i), w.Listing); err != nil {
			wrong = append(wrong, err)
		}
	}
	if err := fault.All(wrong...); err != nil || len(wants) > mostRows {
		return make([]order.Item, len(wants)), err // too many are refused by the verb
	}
	units, err := v.units(market, wants, ids)
	if err != nil {
		return nil, err
	}
	for i, w := range wants {
		quantity, err := measure(fmt.Sprintf("items.%d", i), w.Quantity, w.Amount, w.Unit, units[ids[i]])
		if err != nil {
			wrong = append(wrong, err)
		}
		out[i] = order.Item{Listing: ids[i], Quantity: quantity}
	}
	return out, fault.All(wrong...)
}

// units reads the units of listings, when an amount is written in one.
func (v *visit) units(market int32, wants []wanted, ids []id.ID) (map[id.ID]string, error) {
	units := map[id.ID]string{}
	for _, w := range wants {
		if w.Amount == "" {
			continue
		}
		return units, v.view(market, func(tx *storage.Tx) error {
			offers, err := catalog.Offered(tx, ids)
			for i, o := range offers {
				units[i] = o.Unit
			}
			return err
		})
	}
	return units, nil
}

// check gives the address as it is kept, or all that is wrong with it.
func (a address) check() (order.Address, error) {
	var wrong []error
	for _, f := range []struct {
		field string
		text  *string
		must  bool
	}{{"name", &a.Name, true}, {"phone", &a.Phone, true}, {"region", &a.Region, false}, {"street", &a.Street, true}} {
		*f.text = strings.TrimSpace(*f.text)
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
