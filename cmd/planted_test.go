package cmd_test

import (
	"strings"
	"testing"
)

// house is a small world for planted mistakes.
var tablesOfHouse = map[string]string{
	"jobs": "storage/jobs", "ledger_entries": "storage/ledger", "payees": "agents/payable", "people": "agents/people",
	"listings": "catalog", "batches": "catalog/stock", "orders": "marketplace/order",
}

func TestAPlantedMistakeIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, source, want string }{
		"an import that looks up a floor":    {"agents/payout/x.go", `package payout; import _ "commonfield/catalog"`, "agents/payout/x.go imports catalog,"},
		"an import that looks up a line":     {"agents/people/x.go", `package people; import _ "commonfield/agents/payable"`, "imports agents/payable,"},
		"an import that looks sideways":      {"storage/ledger/x.go", `package ledger; import _ "commonfield/storage/jobs"`, "imports storage/jobs,"},
		"a named import":                     {"storage/ledger/x.go", `package ledger; import j "commonfield/storage/jobs"`, "imports storage/jobs,"},
		"a root that imports its rooms":      {"catalog/x.go", `package catalog; import "commonfield/catalog/stock"`, "imports catalog/stock,"},
		"a room that was not placed":         {"catalog/radar/x.go", `package radar`, "has no place on the ladder"},
		"a folder beside the five":           {"tools/x.go", `package tools`, "has no place on the ladder"},
		"an import of a room not placed":     {"marketplace/x.go", `package marketplace; import "commonfield/catalog/radar"`, "imports catalog/radar, which has no place"},
		"a test's room in the program":       {"marketplace/x.go", `package marketplace; import "commonfield/storage/dbtest"`, "imports storage/dbtest,"},
		"a test that looks up a floor":       {"catalog/stock/x_test.go", `package stock_test; import "commonfield/marketplace/order"`, "imports marketplace/order,"},
		"a room for tests that looks up":     {"catalog/catalogtest/x.go", `package catalogtest; import "commonfield/marketplace/order"`, "imports marketplace/order,"},
		"the web framework below the door":   {"marketplace/order/x.go", `package order; import "github.com/gofiber/fiber/v2"`, "Fiber stops at the door"},
		"a table of a room above":            {"agents/payable/x.go", "package payable; const q = `SELECT id FROM orders WHERE market_id = $1`", "names the table orders of marketplace/order"},
		"a table of a room beside":           {"storage/ledger/x.go", "package ledger; const q = `DELETE FROM jobs WHERE market_id = $1`", "the table jobs"},
		"a table that is joined":             {"agents/people/x.go", `package people; const q = "SELECT 1 FROM people p LEFT JOIN payees y ON y.person_id = p.id"`, "the table payees"},
		"a table that is written":            {"catalog/x.go", `package catalog; const q = "UPDATE batches SET on_hand = 0"`, "the table batches"},
		"a table that is filled":             {"catalog/x.go", `package catalog; const q = "INSERT INTO\n\tbatches (id) VALUES ($1)"`, "the table batches"},
		"a table after a comma":              {"catalog/x.go", `package catalog; const q = "SELECT 1 FROM listings l, people, batches b"`, "the table batches"},
		"a table of DELETE USING":            {"catalog/x.go", `package catalog; const q = "DELETE FROM listings USING batches WHERE true"`, "the table batches"},
		"a table in small letters":           {"catalog/x.go", `package catalog; const q = "select 1 from batches"`, "the table batches"},
		"a table in quotes":                  {"catalog/x.go", `package catalog; const q = "SELECT 1 FROM \"batches\""`, "the table batches"},
		"a table with its schema":            {"catalog/x.go", `package catalog; const q = "SELECT 1 FROM public.batches"`, "the table batches"},
		"a table in a string put together":   {"catalog/x.go", `package catalog; const q = "SELECT 1 FROM " + "batches"`, "the table batches"},
		"a table in a call's argument":       {"catalog/x.go", "package catalog; func f(g func(string)) { g(`WITH a AS (SELECT 1 FROM batches) SELECT 1 FROM a`) }", "the table batches"},
		"a table of a floor above in a test": {"agents/people/x_test.go", `package people_test; const q = "SELECT 1 FROM orders"`, "the table orders"},
		"the server's catalogue in goods":    {"catalog/x.go", `package catalog; const q = "SELECT 1 FROM pg_class"`, "names pg_class"},
		"the layout in deals":                {"marketplace/order/x.go", `package order; const q = "SELECT 1 FROM storage_layout"`, "names storage_layout"},
		"a file that is no Go":               {"catalog/x.go", `package`, "expected"},
	} {
		wrong := look(map[string]string{c.file: c.source}, tablesOfHouse)
		if len(wrong) == 0 || !strings.Contains(strings.Join(wrong, "\n"), c.want) {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

func TestWhatIsRightIsNotRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, source string }{
		"an import of a lower line":         {"agents/payable/x.go", `package payable; import "commonfield/agents/people"`},
		"an import of a lower floor":        {"marketplace/order/x.go", `package order; import "commonfield/storage"`},
		"a test and dbtest":                 {"storage/ledger/x_test.go", `package ledger_test; import "commonfield/storage/dbtest"`},
		"a test and a room beside":          {"storage/ledger/x_test.go", `package ledger_test; import "commonfield/storage/jobs"`},
		"a test and its own room":           {"storage/ledger/x_test.go", `package ledger_test; import "commonfield/storage/ledger"`},
		"a test and a room for tests":       {"catalog/x_test.go", `package catalog_test; import "commonfield/catalog/catalogtest"`},
		"a room for tests and its floor":    {"marketplace/order/ordertest/x.go", `package ordertest; import "commonfield/marketplace/retail"`},
		"others' packages":                  {"storage/x.go", `package storage; import "github.com/lib/pq"`},
		"the web framework at the door":     {"marketplace/door/x.go", `package door; import "github.com/gofiber/fiber/v2"`},
		"a table of its own":                {"catalog/x.go", `package catalog; const q = "SELECT 1 FROM listings"`},
		"a table of a lower room":           {"catalog/x.go", `package catalog; const q = "SELECT 1 FROM listings JOIN people ON true"`},
		"a name that WITH makes":            {"catalog/x.go", `package catalog; const q = "WITH due AS (SELECT 1) SELECT 1 FROM due, unnest($1::int[]) x"`},
		"a column that sounds like a table": {"catalog/x.go", `package catalog; const q = "SELECT orders FROM listings ORDER BY batches"`},
		"the catalogue in a storage room":   {"storage/migrations/x.go", `package migrations; const q = "SELECT 1 FROM pg_class JOIN storage_layout ON true"`},
		"the catalogue in a test":           {"catalog/x_test.go", `package catalog_test; const q = "SELECT 1 FROM pg_stat_activity"`},
	} {
		if wrong := look(map[string]string{c.file: c.source}, tablesOfHouse); len(wrong) > 0 {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

func TestAPlantedHabitIsRefused(t *testing.T) {
	long := "package order\n" + strings.Repeat("// a line\n", 400)
	for name, c := range map[string]struct{ file, source, want string }{
		"a file that is too long":        {"marketplace/order/x.go", long, "401 lines"},
		"a package called util":          {"catalog/util/x.go", "package util", "called util"},
		"a package called otherwise":     {"catalog/stock/x.go", "package helpers", "called helpers"},
		"a folder called common":         {"catalog/common/x.go", "package stock", "called common"},
		"floating money":                 {"storage/ledger/x.go", "package ledger\n\nvar amount float64", "storage/ledger/x.go:3: float64"},
		"a floating parameter":           {"agents/payout/x.go", "package payout\n\nfunc f(x float32) {}", "agents/payout/x.go:3: float32"},
		"a floating number":              {"marketplace/retail/x.go", "package retail\n\nvar half = 0.5", "marketplace/retail/x.go:3: 0.5"},
		"a floating conversion":          {"marketplace/payment/sandbox/x.go", "package sandbox\n\nimport \"strconv\"\n\nvar x, _ = strconv.ParseFloat(\"1\", 64)", "ParseFloat"},
		"a float in a room below a room": {"marketplace/order/shipment/x.go", "package shipment\n\ntype weight float64", "float64"},
	} {
		if wrong := habits(map[string]string{c.file: c.source}); len(wrong) != 1 || !strings.Contains(wrong[0], c.want) {
			t.Errorf("%s: %q", name, wrong)
		}
	}
	for name, c := range map[string]struct{ file, source string }{
		"a generated file may be long":   {"marketplace/web/page/x_templ.go", "// Code generated by templ - DO NOT EDIT.\n" + long},
		"a test may be long":             {"marketplace/order/x_test.go", long},
		"four hundred lines are allowed": {"marketplace/order/x.go", strings.TrimSuffix(long, "// a line\n")},
		"a chart may float":              {"marketplace/web/part/chart.go", "package part\n\nvar x float64"},
		"a test of money may float":      {"storage/money/x_test.go", "package money\n\nvar x float64"},
		"a word in a comment":            {"storage/money/x.go", "package money\n\n// no float64 here\nvar s = \"float64\""},
	} {
		if wrong := habits(map[string]string{c.file: c.source}); len(wrong) != 0 {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}
