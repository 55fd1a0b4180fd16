package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// composed are the codes that no literal names: the room and what stands in the
// call, and the codes that it may become.
var composed = map[string][]string{
	// The kinds of value are a table beside the call, in huma's words and ours.
	`marketplace/api: "wrong_type." + k.kind`: {
		"wrong_type.moment", "wrong_type.day", "wrong_type.integer", "wrong_type.boolean", "wrong_type.list", "wrong_type.object", "wrong_type.text",
	},
}

// makers are the verbs of storage/fault, and where the code stands; its
// arguments come next.
var makers = map[string]int{
	"fault.Invalid": 1, "fault.NotFound": 0, "fault.Conflict": 0, "fault.Forbidden": 0, "fault.SignIn": 0,
	"fault.TooMany": 0, "fault.TooLarge": 0, "fault.Unavailable": 0, "tongue.Fault": 1,
}

// said is one place that gives a code, with the names it surely gives.
type said struct {
	at, code string
	names    []string
}

// rooms is what the files say: constants, functions, and those of them that only
// hand a code on.
type rooms struct {
	fset   *token.FileSet
	files  map[string][]*ast.File
	consts map[string]string        // room.name → value
	funcs  map[string]*ast.FuncDecl // room.name of functions, not of methods
	hands  map[string]int           // room.name → where the code stands in its call
}

func open(files map[string]string) (*rooms, error) {
	r := &rooms{token.NewFileSet(), map[string][]*ast.File{}, map[string]string{}, map[string]*ast.FuncDecl{}, map[string]int{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if forTests(name) {
			continue
		}
		file, err := parser.ParseFile(r.fset, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		room := path.Dir(name)
		r.files[room] = append(r.files[room], file)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					r.funcs[room+"."+d.Name.Name] = d
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.CONST && len(v.Values) == len(v.Names) {
						for i, n := range v.Names {
							if text, ok := literal(v.Values[i]); ok {
								r.consts[room+"."+n.Name] = text
							}
						}
					}
				}
			}
		}
	}
	r.eachCall(func(room, _ string, in *ast.FuncDecl, _ ast.Node, code ast.Expr, _ []ast.Expr) {
		name, ok := code.(*ast.Ident)
		if !ok || in == nil || in.Recv != nil {
			return
		}
		at := 0
		for _, p := range in.Type.Params.List {
			for _, n := range p.Names {
				if n.Name == name.Name {
					r.hands[room+"."+in.Name.Name] = at
				}
				at++
			}
		}
	})
	return r, nil
}

// eachCall visits what makes a fault: a verb of fault, a fault written out, a
// function of the same room that hands the code on.
func (r *rooms) eachCall(visit func(room, at string, in *ast.FuncDecl, whole ast.Node, code ast.Expr, args []ast.Expr)) {
	for room, files := range r.files {
		if room == "storage/fault" || room == "marketplace/tongue" {
			continue
		}
		for _, file := range files {
			for _, decl := range file.Decls {
				in, _ := decl.(*ast.FuncDecl)
				ast.Inspect(decl, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.CallExpr:
						name := types.ExprString(n.Fun)
						at, known := makers[name]
						if !known {
							at, known = r.hands[room+"."+name]
						}
						if known && at < len(n.Args) {
							visit(room, r.fset.Position(n.Pos()).String(), in, n, n.Args[at], n.Args[at+1:])
						}
					case *ast.CompositeLit:
						if n.Type == nil || types.ExprString(n.Type) != "fault.Fault" {
							break
						}
						var code ast.Expr
						var args []ast.Expr
						for _, e := range n.Elts {
							if kv, ok := e.(*ast.KeyValueExpr); ok {
								switch types.ExprString(kv.Key) {
								case "Code":
									code = kv.Value
								case "Args":
									args = []ast.Expr{kv.Value}
								}
							}
						}
						if code != nil {
							visit(room, r.fset.Position(n.Pos()).String(), in, n, code, args)
						}
					}
					return true
				})
			}
		}
	}
}

// gather lists every code that the house gives, and what it cannot read.
func gather(files map[string]string) (all []said, wrong []string) {
	r, err := open(files)
	if err != nil {
		return nil, []string{err.Error()}
	}
	r.eachCall(func(room, at string, in *ast.FuncDecl, _ ast.Node, code ast.Expr, args []ast.Expr) {
		if _, hands := r.hands[room+"."+nameOf(in)]; hands {
			if _, param := code.(*ast.Ident); param {
				return // its callers name the code
			}
		}
		if sel, ok := code.(*ast.SelectorExpr); ok && sel.Sel.Name == "Code" {
			return // of a fault that was made elsewhere
		}
		codes := r.codes(room, in, code)
		if codes == nil {
			wrong = append(wrong, fmt.Sprintf("%s: the code %s is no literal; list what it may be", at, types.ExprString(code)))
		}
		names, ok := given(in, args)
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s: the arguments of %s are no literal", at, types.ExprString(code)))
		}
		for _, c := range codes {
			all = append(all, said{at, c, names})
		}
	})
	return all, wrong
}

// codes gives the values that an expression may have.
func (r *rooms) codes(room string, in *ast.FuncDecl, e ast.Expr) []string {
	if text, ok := literal(e); ok {
		return []string{text}
	}
	if by := composed[room+": "+types.ExprString(e)]; by != nil {
		return by
	}
	switch e := e.(type) {
	case *ast.Ident:
		if text, ok := r.consts[room+"."+e.Name]; ok {
			return []string{text}
		}
		return assigned(in, e.Name)
	case *ast.CallExpr: // what a function of the room returns
		if f := r.funcs[room+"."+types.ExprString(e.Fun)]; f != nil {
			var texts []string
			ast.Inspect(f, func(n ast.Node) bool {
				if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
					if text, ok := literal(ret.Results[0]); ok {
						texts = append(texts, text)
					}
				}
				return true
			})
			return texts
		}
	}
	return nil
}

// assigned gives the literals that a function puts into one of its variables;
// none when it puts anything else into it.
func assigned(in *ast.FuncDecl, name string) (texts []string) {
	clean := in != nil
	if clean {
		ast.Inspect(in, func(n ast.Node) bool {
			if set, ok := n.(*ast.AssignStmt); ok {
				for i, to := range set.Lhs {
					if types.ExprString(to) != name {
						continue
					}
					if len(set.Lhs) == len(set.Rhs) {
						if text, ok := literal(set.Rhs[i]); ok {
							texts = append(texts, text)
							continue
						}
					}
					clean = false
				}
			}
			return true
		})
	}
	if !clean {
		return nil
	}
	return texts
}

// given reads the names of a fault's arguments: a literal, or a variable that
// began as one (what is added later may not come).
func given(in *ast.FuncDecl, args []ast.Expr) ([]string, bool) {
	if len(args) == 0 || types.ExprString(args[0]) == "nil" {
		return nil, true
	}
	lit, ok := args[0].(*ast.CompositeLit)
	if name, variable := args[0].(*ast.Ident); variable && in != nil {
		ast.Inspect(in, func(n ast.Node) bool {
			if set, is := n.(*ast.AssignStmt); is && set.Tok == token.DEFINE && len(set.Rhs) == 1 && types.ExprString(set.Lhs[0]) == name.Name {
				lit, ok = set.Rhs[0].(*ast.CompositeLit)
			}
			return true
		})
	}
	if !ok {
		return nil, false
	}
	var names []string
	for _, e := range lit.Elts {
		if kv, is := e.(*ast.KeyValueExpr); is {
			if name, is := literal(kv.Key); is {
				names = append(names, name)
			}
		}
	}
	return names, true
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func nameOf(f *ast.FuncDecl) string {
	if f == nil {
		return ""
	}
	return f.Name.Name
}

// sentences reads what a catalogue says of faults, by code.
func sentences(text string) (map[string]string, error) {
	var all struct {
		Fault map[string]any `toml:"fault"`
	}
	if _, err := toml.Decode(text, &all); err != nil {
		return nil, err
	}
	flat := map[string]string{}
	var walk func(before string, of map[string]any)
	walk = func(before string, of map[string]any) {
		for key, value := range of {
			switch value := value.(type) {
			case string:
				flat[before+key] = value
			case map[string]any:
				if other, plural := value["other"].(string); plural {
					flat[before+key] = other
					continue
				}
				walk(before+key+".", value)
			}
		}
	}
	walk("", all.Fault)
	return flat, nil
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// hear holds the codes of the files against the catalogues: each has a sentence
// of its own, whose every placeholder each of its calls fills.
func hear(files, catalogues map[string]string) (wrong []string, heard int) {
	all, wrong := gather(files)
	for _, lang := range slices.Sorted(maps.Keys(catalogues)) {
		of, err := sentences(catalogues[lang])
		if err != nil {
			return append(wrong, lang+": "+err.Error()), 0
		}
		for _, s := range all {
			sentence, there := of[s.code]
			if !there {
				wrong = append(wrong, fmt.Sprintf("%s: %s has no sentence in %s", s.at, s.code, lang))
				continue
			}
			for _, m := range placeholder.FindAllStringSubmatch(sentence, -1) {
				if !slices.Contains(s.names, m[1]) {
					wrong = append(wrong, fmt.Sprintf("%s: %s is given %v, but its sentence in %s wants %s", s.at, s.code, s.names, lang, m[1]))
				}
			}
		}
	}
	slices.Sort(wrong)
	return wrong, len(all)
}

func TestEveryRefusalHasASentenceInBothLanguages(t *testing.T) {
	catalogues := map[string]string{}
	for _, lang := range []string{"zh", "en"} {
		text, err := os.ReadFile("../marketplace/tongue/words/fault." + lang + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		catalogues[lang] = string(text)
	}
	wrong, heard := hear(tree(t), catalogues)
	if heard < 150 {
		t.Fatalf("only %d refusals were found; does the program make them in another way now?", heard)
	}
	for _, w := range wrong {
		t.Error(w)
	}
}

func TestAPlantedRefusalWithoutSentenceIsHeard(t *testing.T) {
	catalogue := map[string]string{"zh": "[fault]\nknown = \"坏了。\"\nlong = \"最多 {{.most}} 个字。\"\ntaken.phone = \"有了。\"\nrow = { one = \"一行\", other = \"{{.count}} 行\" }"}
	const begin = "package order\n\nimport \"commonfield/storage/fault\"\n\n"
	for name, c := range map[string]struct{ source, want string }{
		"an unknown code":           {`func f() error { return fault.Invalid("x", "planted") }`, "planted has no sentence in zh"},
		"a family's member":         {`func f() error { return fault.Conflict("taken.email").On("email") }`, "taken.email has no sentence"},
		"a value that is missing":   {`func f() error { return fault.Invalid("x", "long", fault.Args{"max": 3}) }`, "wants most"},
		"no values at all":          {`func f() error { return fault.Invalid("x", "long") }`, "wants most"},
		"a plural without count":    {`func f() error { return fault.Conflict("row") }`, "wants count"},
		"a constant":                {"const c = \"planted\"\nfunc f() error { return fault.SignIn(c) }", "planted has no sentence"},
		"a function in between":     {"func no(code string) error { return fault.Forbidden(code) }\nfunc f() error { return no(\"planted\") }", "planted has no sentence"},
		"what a function returns":   {"func c() string { return \"planted\" }\nfunc f() error { return fault.Conflict(c()) }", "planted has no sentence"},
		"a variable":                {`func f() error { c := "known"; c = "planted"; return fault.Conflict(c) }`, "planted has no sentence"},
		"a fault written out":       {`var f = &fault.Fault{Kind: 1, Code: "planted"}`, "planted has no sentence"},
		"a method":                  {`func (o *Order) f() error { return fault.TooMany("planted") }`, "planted has no sentence"},
		"a code put together":       {`func f(s string) error { return fault.Conflict("k" + s) }`, "is no literal"},
		"values that come unseen":   {`func f() error { return fault.Conflict("known", all()) }`, "are no literal"},
		"a value that may not come": {`func f() error { a := fault.Args{}; if y { a["most"] = 1 }; return fault.Invalid("x", "long", a) }`, "wants most"},
	} {
		wrong, _ := hear(map[string]string{"marketplace/order/x.go": begin + c.source}, catalogue)
		if len(wrong) != 1 || !strings.Contains(wrong[0], c.want) {
			t.Errorf("%s: %q", name, wrong)
		}
	}
	for name, source := range map[string]string{
		"a known code":         `func f() error { return fault.Invalid("x", "known") }`,
		"all values":           `func f() error { return fault.Invalid("x", "long", fault.Args{"most": 3, "unit": "jin"}) }`,
		"values in a variable": `func f() error { a := fault.Args{"most": 3}; return fault.Invalid("x", "long", a) }`,
		"a fault passed on":    `func f(f *fault.Fault) string { return tongue.Fault(r, f.Code, f.Args) }`,
	} {
		if wrong, _ := hear(map[string]string{"marketplace/order/x.go": begin + source}, catalogue); len(wrong) != 0 {
			t.Errorf("%s: %q", name, wrong)
		}
	}
	if wrong, _ := hear(map[string]string{"marketplace/order/x_test.go": begin + `var f = fault.Conflict("planted")`}, catalogue); len(wrong) != 0 {
		t.Errorf("a test's own code was heard: %q", wrong)
	}
}
