package storage

import (
	"database/sql/driver"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/lib/pq"

	"commonfield/storage/id"
)

// value writes what deeds send most, without the reflection of the driver and of
// database/sql, which took a tenth of an order. It says false for others; those
// are theirs to write. What it writes is bytes where the driver would copy a text.
func value(v any) (driver.Value, bool) {
	switch of := v.(type) {
	case nil, string, []byte, int64, bool, time.Time:
		return v, true
	case int:
		return int64(of), true
	case int32:
		return int64(of), true
	case id.ID:
		return named(make([]byte, 0, 36), of), true
	case *id.ID:
		if of == nil {
			return nil, true
		}
		return value(*of)
	case *time.Time:
		if of == nil {
			return nil, true
		}
		return *of, true
	case pq.Int64Array:
		return list(of, number)
	case *pq.Int64Array: // as pq.Array gives them
		return list(*of, number)
	case pq.StringArray:
		return list(of, quoted)
	case *pq.StringArray:
		return list(*of, quoted)
	case pq.GenericArray:
		return array(of.A)
	}
	return nil, false
}

func array(v any) (driver.Value, bool) {
	switch of := v.(type) {
	case []id.ID:
		return list(of, func(b []byte, one id.ID) []byte { return append(named(append(b, '"'), one), '"') })
	case []*id.ID:
		return list(of, func(b []byte, one *id.ID) []byte {
			if one == nil {
				return append(b, "NULL"...)
			}
			return append(named(append(b, '"'), *one), '"')
		})
	case []*string:
		return list(of, func(b []byte, one *string) []byte {
			if one == nil {
				return append(b, "NULL"...)
			}
			return quoted(b, *one)
		})
	}
	return nil, false
}

// list writes an array; nil is none.
func list[T any](of []T, add func([]byte, T) []byte) (driver.Value, bool) {
	if of == nil {
		return nil, true
	}
	b := make([]byte, 0, 2+40*len(of))
	b = append(b, '{')
	for i, one := range of {
		if i > 0 {
			b = append(b, ',')
		}
		b = add(b, one)
	}
	return append(b, '}'), true
}

// named writes an id as everybody does: 36 characters.
func named(b []byte, of id.ID) []byte {
	at := 0
	for i, to := range [...]int{4, 6, 8, 10, 16} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, of[at:to])
		at = to
	}
	return b
}

func number(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

func quoted(b []byte, text string) []byte {
	b = append(b, '"')
	for _, c := range []byte(text) {
		if c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return append(b, '"')
}
