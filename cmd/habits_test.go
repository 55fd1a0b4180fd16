package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// most is how many lines a file may have; at 300 one looks for the second noun.
const most = 400

// unnamed are names that say nothing about what a package is for.
var unnamed = []string{"util", "utils", "common", "base", "helper", "helpers", "model", "models", "type", "types", "manager", "impl"}

// exact are the rooms, with those below them, where money and weight are whole numbers.
var exact = []string{"storage/money", "storage/ledger", "agents", "catalog/stock", "marketplace/order", "marketplace/payment", "marketplace/retail"}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// habits says which files break the habits of the house.
func habits(files map[string]string) []string {
	var wrong []string
	for name, text := range files {
		if forTests(name) {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		for _, n := range []string{path.Base(path.Dir(name)), file.Name.Name} {
			if slices.Contains(unnamed, n) {
				wrong = append(wrong, fmt.Sprintf("%s is in a package called %s", name, n))
				break
			}
		}
		if generated.MatchString(text) {
			continue
		}
		if n := strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1; n > most {
			wrong = append(wrong, fmt.Sprintf("%s has %d lines", name, n))
		}
		if slices.ContainsFunc(exact, func(room string) bool { return path.Dir(name) == room || strings.HasPrefix(name, room+"/") }) {
			wrong = append(wrong, floating(fset, file)...)
		}
	}
	slices.Sort(wrong)
	return wrong
}

// floating finds floating point by its names and its numbers.
func floating(fset *token.FileSet, file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		what := ""
		switch n := n.(type) {
		case *ast.Ident:
			if slices.Contains([]string{"float32", "float64", "ParseFloat", "FormatFloat", "Float32", "Float64", "NullFloat64"}, n.Name) {
				what = n.Name
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT || n.Kind == token.IMAG {
				what = n.Value
			}
		}
		if what != "" {
			at := fset.Position(n.Pos())
			found = append(found, fmt.Sprintf("%s:%d: %s where money or weight is counted", at.Filename, at.Line, what))
		}
		return true
	})
	return found
}

func TestTheHabitsAreKept(t *testing.T) {
	for _, w := range habits(tree(t)) {
		t.Error(w)
	}
}

// tree reads the Go files of the whole house; folders with a dot (tools, CI)
// and what the tests of others read are not part of it.
func tree(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n != ".." && strings.HasPrefix(n, ".") || n == "testdata" || n == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel("..", p)
		files[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// schema is the text of the migrations.
func schema(t *testing.T) string {
	t.Helper()
	steps, err := filepath.Glob("../storage/migrations/*.sql")
	if err != nil || len(steps) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	var all strings.Builder
	for _, s := range steps {
		text, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

var declaring = regexp.MustCompile(`declare_table\('([a-z0-9_]+)',\s*'([a-z0-9_/]+)'`)

// declared gives the owner of each table as the migrations declare it.
func declared(t *testing.T) map[string]string {
	t.Helper()
	owners := map[string]string{}
	for _, m := range declaring.FindAllStringSubmatch(schema(t), -1) {
		owners[m[1]] = m[2]
	}
	return owners
}
