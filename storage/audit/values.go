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

// Values are one thing that an alarm has heard: the values of its sentence, which whoever
// shows it writes for their reader. A value's name says what it is, as a column's does:
// *_minor is a sum in minor units (int64), in the currency *_in or else in the market's;
// *_at is a moment (time.Time); *_on a day (its ISO text); other numbers are int64 and
// the rest are texts. Of an alarm that has several sentences "say" tells which.
type Values map[string]any

// Hear gives what a query finds, Values for each row by the names of its columns. No
// column may be null.
func Hear(tx *storage.Tx, query string, args ...any) ([]Values, error) {
	var rows [][]byte
	if err := tx.Select(&rows, "SELECT to_jsonb(heard) FROM ("+query+") heard", args...); err != nil {
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
			err = fmt.Errorf("audit: an alarm's %s is %v", name, value)
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
