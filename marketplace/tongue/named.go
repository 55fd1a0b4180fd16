package tongue

import "strings"

// Job says in words what a job does; one without words stays as it is.
func (r Reader) Job(kind string) string {
	return r.named("job_name."+strings.NewReplacer(":", "_", "-", "_").Replace(kind), kind)
}

// Check says in words what a check of the books proves.
func (r Reader) Check(name string) string {
	letters := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c < 'a' || c > 'z' })
	return r.named("check_name."+strings.Join(letters, "_"), name)
}

func (r Reader) named(key, otherwise string) string {
	if !Has(key) {
		return otherwise
	}
	return r.T(key)
}
