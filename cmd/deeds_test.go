package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// put are the deeds of the trail that are put together, by what they begin with.
var put = map[string][]string{
	"listing.": {"draft", "live", "paused", "archived"},
	"bank.": {"payment", "refund", "payout", "returned", "batch", "capital", "fee", "tax", "banked", "unclaimed", "sent_back", "cash_in", "cash_out",
		"booked"},
	"recon.":        {"known", "fee", "payout", "payout_back", "refund", "unclaimed", "recon", "bank", "capital", "booked"},
	"return.":       {"approve", "refuse", "receive"},
	"refund.":       {"sent", "failed"},
	"ledger.month_": {"closing", "closed", "reopening", "open"},
}

var aDeed = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)

// deeds are what the program writes into the trail: what stands in the call, and
// where a name stands there, what the room gives to something called deed, or hands to
// a function that is asked for one.
func deeds(t *testing.T, files map[string]string) map[string]string {
	t.Helper()
	found := map[string]string{}
	rooms := map[string][]*ast.File{}
	set := token.NewFileSet()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if forTests(name) {
			continue
		}
		file, err := parser.ParseFile(set, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		rooms[path.Dir(name)] = append(rooms[path.Dir(name)], file)
	}
	for _, files := range rooms {
		asked := map[string]int{} // functions of the room that are given a deed, and where
		say := func(e ast.Expr) {
			if text, ok := literal(e); ok && aDeed.MatchString(text) {
				found[text] = set.Position(e.Pos()).String()
			}
		}
		for _, file := range files {
			for _, d := range file.Decls {
				if f, is := d.(*ast.FuncDecl); is {
					at := 0
					for _, group := range f.Type.Params.List {
						for _, name := range group.Names {
							if name.Name == "deed" {
								asked[f.Name.Name] = at
							}
							at++
						}
					}
				}
			}
		}
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					name := called(n)
					if name == "trail.Write" {
						if both, is := n.Args[2].(*ast.BinaryExpr); is {
							begins, _ := literal(both.X)
							if len(put[begins]) == 0 {
								t.Errorf("%s: nothing is known of what %q becomes", set.Position(n.Pos()), begins)
							}
							for _, end := range put[begins] {
								found[begins+end] = set.Position(n.Pos()).String()
							}
						}
						say(n.Args[2])
					} else if at, is := asked[name[strings.LastIndex(name, ".")+1:]]; is && at < len(n.Args) {
						say(n.Args[at])
					}
				case *ast.AssignStmt:
					for i, to := range n.Lhs {
						if v, is := to.(*ast.Ident); is && i < len(n.Rhs) && strings.Contains(v.Name, "deed") {
							say(n.Rhs[i])
						}
					}
				case *ast.KeyValueExpr:
					if k, is := n.Key.(*ast.Ident); is && k.Name == "deed" {
						say(n.Value)
					}
				}
				return true
			})
		}
	}
	return found
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, is := f.X.(*ast.Ident); is {
			return x.Name + "." + f.Sel.Name
		}
		return f.Sel.Name
	}
	return ""
}

// An operator who reads who did what reads words, and finds each deed by its kind.
func TestEveryDeedOfTheTrailHasWordsInBothLanguages(t *testing.T) {
	all := deeds(t, tree(t))
	if len(all) < 100 {
		t.Fatalf("only %d deeds were found; are they written in another way now?", len(all))
	}
	for _, lang := range []string{"zh", "en"} {
		text, err := os.ReadFile("../marketplace/tongue/words/trail." + lang + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		var words struct {
			Trail struct{ Deed map[string]string }
		}
		if err := toml.Unmarshal(text, &words); err != nil {
			t.Fatal(err)
		}
		for _, deed := range slices.Sorted(maps.Keys(all)) {
			if words.Trail.Deed[strings.ReplaceAll(deed, ".", "_")] == "" {
				t.Errorf("%s: %s has no words in %s", all[deed], deed, lang)
			}
		}
	}
}
