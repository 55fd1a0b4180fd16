package storage

import (
	"database/sql/driver"

	"github.com/lib/pq"

	"commonfield/storage/id"
)

// array writes the arrays that deeds send most, ids and texts that may be
// missing, without the driver's reflection, which took a twentieth of an order.
// It says false for others; the driver writes those.
func array(v any) (driver.Value, bool) {
	g, ok := v.(pq.GenericArray)
	if !ok {
		return nil, false
	}
	switch of := g.A.(type) {
	case []id.ID:
		if of == nil {
			return nil, true
		}
		b := make([]byte, 0, 2+39*len(of))
		b = append(b, '{')
		for i, one := range of {
			if i > 0 {
				b = append(b, ',')
			}
			text, _ := one.MarshalText() // never fails
			b = append(append(append(b, '"'), text...), '"')
		}
		return string(append(b, '}')), true
	case []*string:
		if of == nil {
			return nil, true
		}
		b := make([]byte, 0, 2+24*len(of))
		b = append(b, '{')
		for i, one := range of {
			if i > 0 {
				b = append(b, ',')
			}
			if one == nil {
				b = append(b, "NULL"...)
				continue
			}
			b = append(b, '"')
			for _, c := range []byte(*one) {
				if c == '"' || c == '\\' {
					b = append(b, '\\')
				}
				b = append(b, c)
			}
			b = append(b, '"')
		}
		return string(append(b, '}')), true
	}
	return nil, false
}
