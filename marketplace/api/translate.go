package api

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"commonfield/marketplace/tongue"
	"commonfield/storage/fault"
)

// plainError takes the place of huma.NewError, which gives submitted values
// back, passwords among them. It is asked for the document's example, too.
func plainError(status int, _ string, errs ...error) huma.StatusError {
	return explain(tongue.Reader{}, translate(status, errs), "")
}

// spokenError is plainError in the reader's language.
func spokenError(ctx huma.Context, status int, says string, errs ...error) huma.StatusError {
	err := translate(status, errs)
	if says == "request body is required" { // a picture or a table as well as JSON
		err = refusing(status, "body_missing")
	}
	if v, ok := ctx.Context().Value(visitKey{}).(*visit); ok {
		return v.refuse(err)
	}
	return explain(tongue.Reader{}, err, "")
}

// translate says in our words what huma refuses: a body that is no JSON, a
// value of the wrong type, a field that is missing or that nobody knows.
func translate(status int, errs []error) error {
	if status != http.StatusUnprocessableEntity {
		return refusing(status, codeOf(status))
	}
	var all []error
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			all = append(all, detail(d.ErrorDetail()))
		}
		if len(all) == mostErrors {
			break
		}
	}
	if len(all) == 0 {
		all = append(all, fault.Invalid("", "invalid"))
	}
	return fault.All(all...)
}

// mostErrors is how many wrong values one answer names.
const mostErrors = 50

// kinds are huma's messages for a value of another type, and our word for it.
var kinds = []struct{ message, kind string }{
	{"expected string to be RFC 3339 date-time", "moment"}, {"expected string to be RFC 3339 date", "day"},
	{"expected integer", "integer"}, {"expected number", "integer"}, {"invalid integer", "integer"},
	{"expected boolean", "boolean"}, {"invalid boolean", "boolean"}, {"expected array", "list"}, {"expected object", "object"}, {"expected string", "text"},
}

// ofShape is what Go writes of a shape that lies in another one, where JSON has nothing.
var ofShape = regexp.MustCompile(`\b[A-Z]\w*\.`)

func detail(d *huma.ErrorDetail) error {
	field := fieldOf(d.Location)
	if rest, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		missing, _, _ := strings.Cut(rest, " ")
		return fault.Invalid(below(field, missing), "required")
	}
	if rest, ok := strings.CutPrefix(d.Message, `expected value to be one of "`); ok {
		return fault.Invalid(field, "not_one_of", fault.Args{"allowed": strings.Split(strings.TrimSuffix(rest, `"`), ", ")})
	}
	if _, rest, ok := strings.Cut(d.Message, "struct field "); ok { // a number that is too large for its field
		_, path, _ := strings.Cut(strings.SplitN(rest, " ", 2)[0], ".")
		return fault.Invalid(ofShape.ReplaceAllString(path, ""), "wrong_type.integer")
	}
	switch {
	case strings.Contains(d.Message, "is missing"):
		return fault.Invalid(field, "required")
	case d.Message == "unexpected property":
		return fault.Invalid(field, "unknown_field")
	}
	for _, k := range kinds {
		if d.Message == k.message {
			return fault.Invalid(field, "wrong_type."+k.kind)
		}
	}
	return fault.Invalid(field, "invalid")
}

// fieldOf turns huma's location (body.items[0].listing) into a field (items.0.listing).
func fieldOf(location string) string {
	place, rest, nested := strings.Cut(location, ".")
	switch {
	case !nested && place == "body":
		return ""
	case nested:
		location = rest
	}
	return strings.NewReplacer("[", ".", "]", "").Replace(location)
}

func below(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}
