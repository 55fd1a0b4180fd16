package tongue

import "strings"

// Job says in words what a job does; one without words stays as it is.
func (r Reader) Job(kind string) string {
	return r.named("job_name."+strings.NewReplacer(":", "_", "-", "_").Replace(kind), kind)
}

// Check says in words what a check of the books proves.
func (r Reader) Check(name string) string { return r.named("check_name."+letters(name), name) }

// Alarm says in words what a person should look at.
func (r Reader) Alarm(name string) string { return r.named("alarm_name."+letters(name), name) }

// Account says in words what an account of the books is, not whose; one without words
// stays as it is.
func (r Reader) Account(account string) string {
	for of := account; of != ""; of = of[:max(strings.LastIndexByte(of, ':'), 0)] {
		if key := "account_name." + strings.ReplaceAll(of, ":", "_"); Has(key) {
			return r.T(key)
		}
	}
	return account
}

// Cause says in words why an entry was made, by the sort of its cause; of one without
// words it is empty.
func (r Reader) Cause(cause string) string {
	parts := strings.Split(cause, ":")
	for i := min(len(parts), 3) - 1; i >= 0; i-- {
		key := "cause_name." + parts[0]
		if i > 0 {
			key += "_" + parts[i]
		}
		if Has(key) {
			return r.T(key)
		}
	}
	return ""
}

func letters(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c < 'a' || c > 'z' }), "_")
}

func (r Reader) named(key, otherwise string) string {
	if !Has(key) {
		return otherwise
	}
	return r.T(key)
}
