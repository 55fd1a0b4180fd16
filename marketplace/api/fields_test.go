package api_test

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// fielded fails when a refusal blames a field that the request does not have: rooms
// call what they refuse as the pages' forms do, and a program looks for the name that
// it sent.
func (w *world) fielded(asked string, op *huma.Operation, status int, body []byte) {
	w.t.Helper()
	var p problem
	if status != http.StatusUnprocessableEntity && status != http.StatusConflict || json.Unmarshal(body, &p) != nil {
		return
	}
	for _, one := range append(p.Errors, wrongField{Field: p.Field, Code: p.Code}) {
		if one.Field != "" && one.Code != "unknown_field" && !w.takes(op, strings.Split(one.Field, ".")) {
			w.t.Errorf("%s blames %q, which no request has: %.300s", asked, one.Field, body)
		}
	}
}

// takes says whether an operation takes a field with this path.
func (w *world) takes(op *huma.Operation, path []string) bool {
	for _, p := range op.Parameters {
		if len(path) == 1 && p.Name == path[0] {
			return true
		}
	}
	if op.RequestBody == nil {
		return false
	}
	for kind, media := range op.RequestBody.Content {
		if !strings.HasSuffix(kind, "json") || w.inside(media.Schema, path) {
			return true // a picture's or a table's fields have no names here
		}
	}
	return false
}

func (w *world) inside(s *huma.Schema, path []string) bool {
	if s != nil && s.Ref != "" {
		s = w.doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	switch {
	case len(path) == 0 || s == nil:
		return len(path) == 0
	case s.Items != nil:
		if strings.Trim(path[0], "0123456789") == "" {
			path = path[1:]
		}
		return w.inside(s.Items, path)
	}
	return s.Properties[path[0]] != nil && w.inside(s.Properties[path[0]], path[1:])
}
