// Package cmd_test keeps the house: what a room may import, which tables its
// SQL may name, how long its files are and what it may be called. It parses
// the files itself; a test that asks the go command is answered from a cache.
package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ladder is the house from the ground up. A room imports rooms on lines below
// its own, never one beside it and never one above. A new room is placed here.
//
// Tests (files _test.go, and rooms whose name ends in test, which only tests
// import) may use what their room may, every room of their own floor, and the
// floors below: a test of stock may open a whole order of nothing above goods.
var ladder = [][]string{
	// records
	{"storage/money", "storage/fault", "storage/id", "storage/workbook", "storage/written", "storage/failpoint"},
	{"storage"},
	{"storage/embedded", "storage/migrations", "storage/audit", "storage/tally"},
	{"storage/trail"}, // who closed a month of the ledger stands there
	{"storage/ledger", "storage/jobs", "storage/blob", "storage/seal", "storage/once", "storage/limit"},
	{"storage/dbtest"},
	// people
	{"agents/region"},
	{"agents/people"},
	{"agents/payable"},
	{"agents/producer", "agents/terms"},
	{"agents"},
	{"agents/attribution"},
	{"agents/commission"}, // estimates for whom attribution has decided
	{"agents/cash"},       // whose hands hold the market's money
	{"agents/payout"},     // some of it from a hand
	{"agents/statement", "agents/clicks"},
	// goods
	{"catalog"},
	{"catalog/stock", "catalog/photo"},
	{"catalog/search"},
	{"catalog/search/pg", "catalog/search/meili", "catalog/search/made"}, // engines; the root hands one in
	{"catalog/search/searchtest"},
	{"catalog/shelf"},
	{"catalog/catalogtest"},
	// deals
	{"marketplace/tongue", "marketplace/sheet"},
	{"marketplace/notice/letter"},
	{"marketplace/payment", "marketplace/kept", "marketplace/notice", "marketplace/hook"},
	{"marketplace/notice/noticetest"},
	{"marketplace/payment/sandbox", "marketplace/payment/offline", "marketplace/payment/stripe", "marketplace/notice/mail", "marketplace/notice/text"},
	{"marketplace/payment/stripe/stripetest", "marketplace/payment/paymenttest"},
	{"marketplace/order"},
	{"marketplace/order/evidence"}, // pictures for the sides of an order
	{"marketplace/order/dispute", "marketplace/order/returns", "marketplace/order/talk"},
	{"marketplace/order/ordertest", "marketplace/order/ordermodel"},
	{"marketplace/retail", "marketplace/recon", "marketplace/paper"},
	{"marketplace/bank"},
	{"marketplace/told"},
	{"marketplace"},
	{"marketplace/demo"},
	{"marketplace/door"},
	{"marketplace/web/static"},
	{"marketplace/web/part"},
	{"marketplace/web/page"},
	{"marketplace/web/gallery"},
	{"marketplace/web", "marketplace/api"},
	{"marketplace/bench"}, // measures all of them
	// doors
	{"cmd/commonfield"},
	{"cmd"}, // this test
}

const module = "commonfield/"

func line(room string) int {
	return slices.IndexFunc(ladder, func(rooms []string) bool { return slices.Contains(rooms, room) })
}

var floors = []string{"storage", "agents", "catalog", "marketplace", "cmd"}

func floor(room string) int {
	first, _, _ := strings.Cut(room, "/")
	return slices.Index(floors, first)
}

func forTests(file string) bool {
	return strings.HasSuffix(file, "_test.go") || strings.HasSuffix(path.Dir(file), "test")
}

// may says whether file may use a room, by an import or by one of its tables.
func may(file, other string) bool {
	room := path.Dir(file)
	if room == other {
		return true
	}
	if forTests(file) {
		return floor(other) <= floor(room)
	}
	return line(other) < line(room) && !strings.HasSuffix(other, "test")
}

// fiber is where the web framework's types may be known.
func fiber(room string) bool { return line(room) >= line("marketplace/door") }

// look holds Go files (path → source) against the ladder, given the tables'
// owners, and says what is wrong.
func look(files map[string]string, owners map[string]string) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for name, text := range files {
		room := path.Dir(name)
		if line(room) < 0 {
			say("%s: the room %s has no place on the ladder", name, room)
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			say("%s: %v", name, err)
			continue
		}
		for _, spec := range file.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			if strings.HasPrefix(target, "github.com/gofiber/") && !fiber(room) {
				say("%s imports %s: Fiber stops at the door", name, target)
			}
			other, ours := strings.CutPrefix(target, module)
			switch {
			case !ours:
			case line(other) < 0:
				say("%s imports %s, which has no place on the ladder", name, other)
			case !may(name, other):
				say("%s imports %s, which is not below it", name, other)
			}
		}
		for _, s := range literals(file) {
			for _, table := range tables(s) {
				owner, known := owners[table]
				switch {
				case room == "storage/dbtest": // makes markets, and guards the statements of all
				case known && !may(name, owner):
					say("%s names the table %s of %s, which is not below it", name, table, owner)
				case !known && inner(table) && !operates(room) && !forTests(name):
					say("%s names %s, which is the business of storage and of the commands", name, table)
				}
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// operates says whether a room may ask the server about itself: records do, the
// commands that check how the program is set up, and the bench, which asks what
// a deed has cost.
func operates(room string) bool {
	return floor(room) == 0 || room == "cmd/commonfield" || room == "marketplace/bench"
}

// inner says whether a table is the server's own or the migrations'.
func inner(table string) bool {
	return table == "storage_layout" || table == "goose_db_version" || strings.HasPrefix(table, "pg_") || strings.HasPrefix(table, "citus_")
}

// literals gives the strings of a file; what is joined with + is one string,
// with a gap where a value stands.
func literals(file *ast.File) []string {
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.ADD {
				if s, some := joined(n); some {
					all = append(all, s)
				}
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				s, _ := strconv.Unquote(n.Value)
				all = append(all, s)
			}
		}
		return true
	})
	return all
}

func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, _ := strconv.Unquote(e.Value)
			return s, true
		}
	case *ast.BinaryExpr:
		l, a := joined(e.X)
		r, b := joined(e.Y)
		return l + r, a || b
	case *ast.ParenExpr:
		return joined(e.X)
	}
	return "\x00", false
}

var (
	naming = regexp.MustCompile(`(?i)\b(?:from|join|into|update|using|truncate|table)\s+(?:only\s+)?(?:public\.)?"?([a-z_][a-z0-9_]*)"?`)
	// A list: FROM a x, b. What stands between two commas is a table and its short name.
	lists  = regexp.MustCompile(`(?i)\b(?:from|using|truncate)\s+((?:[a-z0-9_."]+(?:\s+(?:as\s+)?[a-z0-9_]+)?\s*,\s*)+[a-z0-9_."]+)`)
	listed = regexp.MustCompile(`(?i),\s*(?:public\.)?"?([a-z_][a-z0-9_]*)`)
)

// tables gives the names that stand where SQL wants a table.
func tables(sql string) []string {
	var names []string
	for _, m := range naming.FindAllStringSubmatch(sql, -1) {
		names = append(names, strings.ToLower(m[1]))
	}
	for _, m := range lists.FindAllStringSubmatch(sql, -1) {
		for _, more := range listed.FindAllStringSubmatch(m[1], -1) {
			names = append(names, strings.ToLower(more[1]))
		}
	}
	return names
}

func TestNothingLooksUpOrSideways(t *testing.T) {
	files, owners := tree(t), declared(t)
	if len(files) < 100 || len(owners) < 30 {
		t.Fatalf("only %d files and %d tables were found", len(files), len(owners))
	}
	for _, w := range look(files, owners) {
		t.Error(w)
	}
}

func TestEveryTableIsOwnedByARoom(t *testing.T) {
	for table, owner := range declared(t) {
		if line(owner) < 0 {
			t.Errorf("%s is owned by %s, which has no place on the ladder", table, owner)
		}
	}
}

// A foreign key is checked by the lint between floors; here between rooms.
func TestNoForeignKeyLooksUpOrSideways(t *testing.T) {
	owners := declared(t)
	found := keysUp(schema(t), owners)
	for _, w := range found {
		t.Error(w)
	}
	planted := "CREATE TABLE payees (\n  id uuid,\n  CONSTRAINT x FOREIGN KEY (id) REFERENCES payouts (id)\n);"
	if len(keysUp(planted, owners)) != 1 {
		t.Error("a planted key that looks up was not found")
	}
}

var creating = regexp.MustCompile(`(?s)CREATE TABLE ([a-z_]+) \((.*?)\n\)`)
var references = regexp.MustCompile(`REFERENCES ([a-z_]+)`)

func keysUp(sql string, owners map[string]string) []string {
	var wrong []string
	for _, m := range creating.FindAllStringSubmatch(sql, -1) {
		for _, r := range references.FindAllStringSubmatch(m[2], -1) {
			from, to := owners[m[1]], owners[r[1]]
			if from != to && line(to) >= line(from) {
				wrong = append(wrong, fmt.Sprintf("%s (%s) has a key to %s (%s), which is not below it", m[1], from, r[1], to))
			}
		}
	}
	return wrong
}

func TestTheLadderNamesEachRoomOnce(t *testing.T) {
	seen := map[string]bool{}
	height := 0
	for _, rooms := range ladder {
		for _, room := range rooms {
			if seen[room] {
				t.Errorf("%s stands twice", room)
			}
			seen[room] = true
			if f := floor(room); f < height {
				t.Errorf("%s stands above a room of the next floor", room)
			} else {
				height = f
			}
		}
	}
}
