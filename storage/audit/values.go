package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"commonfield/storage"
)

// Values are one thing that an alarm has heard or that breaks a check's rule: the values
// of its sentence, which whoever shows it writes for their reader. A value's name says
// what it is, as a column's does: *_minor is a sum in minor units (int64), in the currency
// *_in or else in the market's; *_quantity base units, of which "unit" is the unit; *_at
// is a moment (time.Time); *_on a day (its ISO text); account or *_account an account of
// the books; other numbers are int64 and the rest are texts. "say" tells which sentence:
// a violation always has it, an alarm where it has several. "key" is what no sentence
// says, a row's id or a cause, for whoever looks into the database.
type Values map[string]any

// Hear gives what a query finds, Values for each row by the names of its columns. No
// column may be null.
func Hear(tx *storage.Tx, query string, args ...any) ([]Values, error) {
	return Read(tx, "SELECT to_jsonb(heard) FROM ("+query+") heard", args...)
}

// Read gives the Values that a query of one column, jsonb, builds in each row; rows may
// be of different sentences. None of their values may be null.
func Read(tx *storage.Tx, query string, args ...any) ([]Values, error) {
	var rows [][]byte
	if err := tx.Select(&rows, query, args...); err != nil {
		return nil, err
	}
	var all []Values
	for _, row := range rows {
		v := Values{}
		if err := v.read(row); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func (v Values) read(row []byte) error {
	dec := json.NewDecoder(bytes.NewReader(row))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return err
	}
	for name, value := range v {
		var err error
		switch value := value.(type) {
		case json.Number:
			v[name], err = value.Int64()
		case string:
			if strings.HasSuffix(name, "_at") {
				v[name], err = time.Parse(time.RFC3339, value)
			}
		default:
			err = fmt.Errorf("audit: %s is %v", name, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// String lists the values by name, as a log or a test shows them.
func (v Values) String() string {
	var said []string
	for name, value := range v {
		said = append(said, fmt.Sprintf("%s=%v", name, value))
	}
	slices.Sort(said)
	return strings.Join(said, " ")
}
