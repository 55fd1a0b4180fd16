package api_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// succeeded are the operations that have answered well in some test.
var succeeded sync.Map

// unproven fails a run of all tests when there is an operation that none of
// them has brought to an end: what is only ever refused may refuse everybody.
func unproven(code int) int {
	if flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.list").Value.String() != "" {
		return code
	}
	for name := range openTo {
		if _, ok := succeeded.Load(name); !ok {
			fmt.Printf("--- FAIL: unproven: no test has seen %s succeed\n", name)
			code = 1
		}
	}
	return code
}

// documented fails unless an answer is one that the document promises: its
// status, its type, and every field of it. Every answer of every test goes
// through it.
func (w *world) documented(method, path string, res *http.Response, body []byte) {
	w.t.Helper()
	op := w.operationOf(method, path)
	if op == nil {
		return // no operation: the document itself, a method that is not allowed, an address that is none
	}
	if res.StatusCode < 300 && !w.wrong {
		succeeded.Store(op.Method+" "+op.Path, true)
	}
	w.fielded(method+" "+path, op, res.StatusCode, body)
	told := op.Responses[strconv.Itoa(res.StatusCode)]
	if told == nil && res.StatusCode >= 400 {
		told = op.Responses["default"]
	}
	if told == nil {
		w.t.Errorf("%s %s: the document knows no %d", method, path, res.StatusCode)
		return
	}
	kind := res.Header.Get("Content-Type")
	for documented, media := range told.Content {
		if !strings.HasPrefix(kind, documented) {
			continue
		}
		if strings.HasSuffix(documented, "json") {
			w.shaped(method+" "+path, media.Schema, body)
		}
		return
	}
	if len(told.Content) > 0 || len(body) > 0 {
		w.t.Errorf("%s %s: %d is %q, which the document does not know: %.300s", method, path, res.StatusCode, kind, body)
	}
}

// shaped fails unless JSON is what the schema says, nothing more.
func (w *world) shaped(asked string, schema *huma.Schema, body []byte) {
	w.t.Helper()
	var value any
	w.ok(json.Unmarshal(body, &value))
	var result huma.ValidateResult
	huma.Validate(w.doc.Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, &result)
	for _, err := range result.Errors {
		w.t.Errorf("%s: %v: %.300s", asked, err, body)
	}
}

func (w *world) operationOf(method, path string) *huma.Operation {
	path, _, _ = strings.Cut(path, "?")
	var best *huma.Operation
	for pattern, item := range w.doc.Paths {
		if !fiber.RoutePatternMatch(path, "/api/v1"+strings.NewReplacer("{", ":", "}", "").Replace(pattern)) {
			continue
		}
		op := map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete}[method]
		if op != nil && (best == nil || strings.Count(op.Path, "{") < strings.Count(best.Path, "{")) {
			best = op
		}
	}
	return best
}

// A generator of clients refuses the whole document for one name (OpenAPI 3.1, 4.8.7.1).
func TestEveryTypeOfTheDocumentHasANameThatOpenAPIAllows(t *testing.T) {
	w := open(t)
	doc, _ := w.document()
	allowed := regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
	for name := range doc.Components.Schemas {
		if !allowed.MatchString(name) {
			t.Errorf("%s: an anonymous struct wants a name", name)
		}
	}
	if len(doc.Components.Schemas) < 100 {
		t.Errorf("%d types", len(doc.Components.Schemas))
	}
}

// What is embedded without a capital letter is written into an answer, but is
// neither in the document nor taken from a request.
func TestWhatIsEmbeddedInAShapeIsExported(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.StructType)
			if !ok || strings.HasSuffix(name, "_test.go") {
				return true
			}
			for _, field := range s.Fields.List {
				if e, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 && !e.IsExported() {
					t.Errorf("%s embeds %s", name, e.Name)
				}
			}
			return true
		})
	}
}
