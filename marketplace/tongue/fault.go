package tongue

import (
	"strings"
	"time"
)

// Fault returns the sentence of an error code, from the key "fault." + code. A
// code without a sentence, or whose values are missing, gets the general one of
// its family ("taken" for "taken.phone"), then the most general: nothing that a
// person reads is ever a code.
func Fault(r Reader, code string, args map[string]any) string {
	if none(args["allowed"]) && Has("fault."+code+"_over") {
		code += "_over" // there is nothing that could be done instead
	}
	args = r.spoken(args)
	for code != "" {
		key := "fault." + code
		if c := catalogues[r.Lang()][key]; c != nil {
			if out, err := r.fill(key, c, args); err == nil {
				return out
			}
		}
		dot := strings.LastIndexByte(code, '.')
		if dot < 0 {
			break
		}
		code = code[:dot]
	}
	return r.T("fault.unknown")
}

func none(allowed any) bool {
	list, listed := allowed.([]string)
	return listed && len(list) == 0 || allowed == ""
}

// Failed says in words the error of a job as it is kept: a refusal's code with its values,
// or what a machine has said, of which there is only to say that it may be read.
func (r Reader) Failed(kept string) string {
	said, _, _ := strings.Cut(kept, ": ")
	code, rest, _ := strings.Cut(said, " ")
	if !Has("fault." + code) {
		return r.T("jobs.machine")
	}
	args := map[string]any{}
	for word := range strings.FieldsSeq(rest) {
		if name, value, is := strings.Cut(word, "="); is {
			args[name] = value
		}
	}
	if out := Fault(r, code, args); out != r.T("fault.unknown") {
		return out
	}
	return r.T("jobs.machine")
}

// spoken writes the values of a fault as people read them: moments in the
// reader's place, states by their names, shares of basis points as per cent,
// whole numbers as sums where "currency" stands beside them, as quantities where
// "unit" does (weights with their kilograms; the unit "bp" is basis points), and
// a listing by its title in the reader's language, where "listing_en" is given.
func (r Reader) spoken(args map[string]any) map[string]any {
	out := make(map[string]any, len(args))
	currency, _ := args["currency"].(string)
	unit, _ := args["unit"].(string)
	for name, value := range args {
		out[name] = r.spell(name, value, currency, unit)
	}
	if title, ok := args["listing_en"].(string); ok && title != "" && r.english() {
		out["listing"] = title
	}
	if allowed, ok := out["allowed"].(string); ok && allowed == "" {
		out["allowed"] = r.T("word.none")
	}
	return out
}

func (r Reader) spell(name string, value any, currency, unit string) any {
	switch v := value.(type) {
	case time.Time:
		return r.Moment(v)
	case int32:
		return r.spell(name, int64(v), currency, unit)
	case int:
		return r.spell(name, int64(v), currency, unit)
	case int64:
		return r.figure(name, v, currency, unit)
	case []string:
		names := make([]string, len(v))
		for i, state := range v {
			names[i] = r.State(state)
		}
		return strings.Join(names, r.T("word.comma"))
	}
	if name == "from" || name == "to" || name == "allowed" {
		return r.State(text(value))
	}
	return value
}

func (r Reader) figure(name string, v int64, currency, unit string) any {
	switch name {
	case "count":
		return v
	case "line":
		return r.Count(v)
	case "band", "rate":
		return r.Percent(v)
	case "old", "new", "total", "sum":
		if currency != "" {
			return r.Money(v, currency)
		}
	}
	switch {
	case unit == "bp":
		return r.Percent(v)
	case unit != "":
		return r.Both(v, unit)
	case currency != "":
		return r.Money(v, currency)
	}
	return r.Count(v)
}

// State is the short name of an order's state; an unknown one stays as it is.
func (r Reader) State(state string) string {
	key := "state." + state
	if catalogues[r.Lang()][key] == nil {
		return state
	}
	return r.T(key)
}
