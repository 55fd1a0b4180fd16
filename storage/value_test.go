package storage

import (
	"database/sql/driver"
	"testing"
	"time"

	"github.com/lib/pq"

	"commonfield/storage/id"
)

// What we write is what the driver and database/sql write, byte for byte.
func TestValuesAreWrittenAsTheDriverWritesThem(t *testing.T) {
	text := func(s string) *string { return &s }
	one, at := id.New(), time.Now()
	for _, of := range []any{
		nil, "", "棉花", []byte{0, 1}, int64(-7), true, at, 12, int32(-12), one, &one, (*id.ID)(nil), &at, (*time.Time)(nil),
		pq.Int64Array{}, pq.Int64Array(nil), pq.Int64Array{1, -2, 1 << 62}, pq.Array([]int64{}), pq.Array([]int64{5}), pq.Array([]int64(nil)),
		pq.StringArray{}, pq.StringArray(nil), pq.StringArray{"", "NULL", `a "b" \ c`, "二"}, pq.Array([]string{"x"}), pq.Array([]string(nil)),
		pq.Array([]id.ID{}), pq.Array([]id.ID(nil)), pq.Array([]id.ID{id.New(), id.None, id.New()}),
		pq.Array([]*id.ID{}), pq.Array([]*id.ID(nil)), pq.Array([]*id.ID{&one, nil}),
		pq.Array([]*string{}), pq.Array([]*string(nil)),
		pq.Array([]*string{nil, text(""), text("NULL"), text(`a "quoted" \ text`), text("棉花,{核桃}"), text("two\nlines")}),
	} {
		got, ok := value(of)
		want, err := driver.DefaultParameterConverter.ConvertValue(of)
		if err != nil || !ok || !same(got, want) {
			t.Errorf("%#v: %v, the driver writes %v (%v)", of, got, want, err)
		}
	}
	for _, of := range []any{pq.Array([]bool{true}), uint64(1), struct{}{}} {
		if _, ok := value(of); ok {
			t.Errorf("%#v, which is the driver's to write, was taken", of)
		}
	}
}

// same compares as the wire does: a text and its bytes are one.
func same(a, b driver.Value) bool {
	if text, ok := a.([]byte); ok && text != nil {
		a = string(text)
	}
	if text, ok := b.([]byte); ok && text != nil {
		b = string(text)
	}
	return a == b
}
