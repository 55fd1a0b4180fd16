package tongue

import (
	"cmp"
	"strings"
	"time"
)

// Heard says in words one thing that an alarm has found. Its values are those of
// storage/audit: what they are, and so how they are written, is told by their names. The
// currency is the market's, of sums that name none.
func (r Reader) Heard(alarm string, found map[string]any, currency string) string {
	key := "alarm_found." + letters(alarm)
	if say, several := found["say"].(string); several {
		key += "." + say
	}
	return r.found(key, found, currency)
}

// Broken says in words one thing that breaks the rule of a check; its values are as those
// of Heard. What it says nothing of is beside it as "key".
func (r Reader) Broken(found map[string]any, currency string) string {
	say, _ := found["say"].(string)
	return r.found("check_found."+say, found, currency)
}

func (r Reader) found(key string, found map[string]any, currency string) string {
	said := make(map[string]any, len(found))
	for name, value := range found {
		said[name] = r.heard(name, value, found, currency)
	}
	return r.Say(key, said)
}

func (r Reader) heard(name string, value any, found map[string]any, currency string) any {
	switch v := value.(type) {
	case int64:
		if sum, is := strings.CutSuffix(name, "_minor"); is {
			if in, other := found[sum+"_in"].(string); other {
				currency = in
			}
			return r.Money(v, currency)
		}
		if strings.HasSuffix(name, "_quantity") {
			unit, _ := found["unit"].(string)
			return r.Quantity(v, unit)
		}
	case time.Time:
		return r.Moment(v)
	case string:
		switch name {
		case "job":
			return r.Job(v)
		case "movement":
			return r.named("gateway_kind."+v, v)
		case "gateway":
			return r.named("gateway_name."+v, v)
		case "name":
			return cmp.Or(v, r.T("audit.nobody"))
		case "listing":
			if english, _ := found["listing_en"].(string); english != "" && r.english() {
				return english
			}
			return cmp.Or(v, r.T("audit.goods"))
		}
		if name == "account" || strings.HasSuffix(name, "_account") {
			return r.Account(v)
		}
		if strings.HasSuffix(name, "_on") {
			if day, err := time.ParseInLocation(time.DateOnly, v, r.local(time.Time{}).Location()); err == nil {
				return r.Date(day)
			}
		}
		return r.named(name+"."+v, v) // a state, a deed, a kind
	}
	return value
}
