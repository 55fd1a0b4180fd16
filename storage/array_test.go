package storage

import (
	"database/sql/driver"
	"testing"

	"github.com/lib/pq"

	"commonfield/storage/id"
)

// TestArraysAreWrittenAsTheDriverWritesThem compares our text with the driver's.
func TestArraysAreWrittenAsTheDriverWritesThem(t *testing.T) {
	text := func(s string) *string { return &s }
	for _, of := range []any{
		[]id.ID{}, []id.ID(nil), []id.ID{id.New(), id.None, id.New()},
		[]*string{}, []*string(nil), []*string{nil, text(""), text("NULL"), text(`a "quoted" \ text`), text("棉花,{核桃}"), text("two\nlines")},
	} {
		got, ok := array(pq.Array(of))
		want, err := pq.Array(of).(driver.Valuer).Value()
		if err != nil || !ok || got != want {
			t.Errorf("%#v: %v, the driver writes %v (%v)", of, got, want, err)
		}
	}
	if _, ok := array(pq.Array([]string{"a"})); ok {
		t.Error("a sort of array that is the driver's was taken")
	}
}
