package marketplace_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// raised writes, for each room that has alarms, what they listen for: of the market
// M, with the ids A and B, long ago (AGO), and who did it (A).
var raised = map[string]struct{ alarm, write string }{
	"storage/ledger": {"own money below zero", `INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor) VALUES (M, A, 1, 'cost:bank', 'bank:operating', 5)`},
	"storage/jobs":   {"job gave up", `INSERT INTO jobs (market_id, id, kind, key, state, run_at, attempts, error, created_at, finished_at) VALUES (M, A, 'told:move', 'x', 'failed', AGO, 9, 'no', AGO, AGO)`},
	"agents/cash": {"cash: more than a limit lies in one hand", `WITH h AS (INSERT INTO cash_holders (market_id, payee_id, reference, limit_minor, state) VALUES (M, A, 'CH1', 10, 'active')),
		p AS (INSERT INTO payees (market_id, id, kind, name, created_at) VALUES (M, A, 'agent', 'Ayigul', AGO))
		INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES (M, 'cash:agent:' || A, 11)`},
	"agents/payout": {"payout: somebody waits too long", `INSERT INTO payables (market_id, id, payee_id, cause, amount_minor, created_at) VALUES (M, A, B, 'order:x:release', 99999999, AGO)`},
	"marketplace/payment": {"payment: not what was asked", `WITH p AS (INSERT INTO payments (market_id, id, sale_id, gateway, reference, currency, due_minor, state, created_at, expires_at, home_market)
			VALUES (M, A, B, 'sandbox', 'CF1', 'CNY', 5, 'open', AGO, AGO, M))
		INSERT INTO payment_oddities (market_id, payment_id, why, object, asked_minor, asked_in, seen_minor, seen_in, seen_at) VALUES (M, A, 'amount', 'x', 5, 'CNY', 4, 'CNY', AGO)`},
	"marketplace/order": {"order: money is held for longer than it may lie", `WITH o AS (INSERT INTO orders (market_id, id, basket_id, number, kind, state, buyer_id, currency, total_minor, placed_at, secured_at) VALUES (M, A, B, 'CF1', 'goods', 'shipped', B, 'CNY', 5, AGO, AGO))
		INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES (M, 'held:order:' || A, 5)`},
	"marketplace/recon": {"recon: a movement at the gateway waits for somebody", `INSERT INTO gateway_lines (market_id, id, gateway, reference, kind, amount_minor, fee_minor, currency, moved_at, usable_at, state, created_at)
		VALUES (M, A, 'stripe', 'txn_1', 'unknown', 500, 0, 'CNY', AGO, AGO, 'waits', AGO)`},
	"marketplace/bank": {"bank: a line waits for somebody", `INSERT INTO bank_lines (market_id, id, statement_id, account, reference, booked_on, amount_minor, state, created_at) VALUES (M, A, B, 'X', 'R1', '2026-01-01', 500, 'open', AGO)`},
	"marketplace/paper": {"papers not issued for an hour", `WITH o AS (INSERT INTO orders (market_id, id, basket_id, number, kind, state, buyer_id, currency, total_minor, placed_at) VALUES (M, A, B, 'CF1', 'goods', 'completed', B, 'CNY', 5, AGO))
		INSERT INTO refunds (market_id, id, payment_id, sale_id, cause, amount_minor, state, asked_by, created_at, changed_at) VALUES (M, B, B, A, 'order:x:refund:1', 5, 'succeeded', A, AGO, AGO)`},
	"marketplace/hook": {"webhooks were given up", `INSERT INTO hook_deliveries (market_id, id, hook_id, event_id, type, body, state, tried_at, created_at) VALUES (M, A, B, B, 'order.placed', '{}', 'failed', now() - interval '1 day', AGO)`},
}

// A room whose alarms the wiring does not list is a room that nobody hears.
func TestTheAlarmsOfEveryRoomAreHeardByTheAudit(t *testing.T) {
	rooms := withAlarms(t)
	if got := slices.Sorted(maps.Keys(raised)); !slices.Equal(got, rooms) {
		t.Fatalf("%v have alarms, %v are raised here", rooms, got)
	}
	_, address := dbtest.Own(t)
	m, err := marketplace.Open(t.Context(), marketplace.Config{URL: address, Data: t.TempDir(), Guard: dbtest.Guard})
	must(t, err)
	t.Cleanup(func() { _ = m.Shut() })
	owner, err := storage.Open(t.Context(), storage.Options{URL: address, Owner: true})
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	market := int32(0)
	for _, room := range rooms {
		a, b, ago := id.New(), id.New(), time.Now().Add(-90*24*time.Hour)
		market++ // each in a book of its own: what it hears there is this
		must(t, owner.Update(t.Context(), market, func(tx *storage.Tx) error {
			if _, err := tx.Exec("SET LOCAL session_replication_role = replica"); err != nil {
				return err
			}
			write := regexp.MustCompile(`\b(M|A|B|AGO)\b`).ReplaceAllStringFunc(raised[room].write, func(word string) string {
				return map[string]string{"M": fmt.Sprint(market), "A": "'" + a.String() + "'::uuid", "B": "'" + b.String() + "'::uuid", "AGO": "'" + ago.Format(time.RFC3339) + "'::timestamptz"}[word]
			})
			_, err := tx.Exec(write)
			return err
		}))
		r, err := m.Audit(t.Context(), market)
		must(t, err)
		heard := map[string]bool{}
		for _, a := range r.Alarms {
			heard[a.Name] = a.Market == market && a.Found != ""
		}
		if !heard[raised[room].alarm] {
			t.Errorf("%s: %q is not heard, but %v", room, raised[room].alarm, r.Alarms)
		}
	}
}

// withAlarms are the folders in whose code there is a function Alarms.
func withAlarms(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	for _, floor := range []string{"storage", "agents", "catalog", "marketplace"} {
		must(t, filepath.WalkDir(filepath.Join("..", floor), func(path string, e fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") || path == filepath.Join("..", "marketplace", "marketplace.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			for _, d := range f.Decls {
				if fn, is := d.(*ast.FuncDecl); is && fn.Recv == nil && fn.Name.Name == "Alarms" {
					found[filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), ".."+string(filepath.Separator)))] = true
				}
			}
			return nil
		}))
	}
	return slices.Sorted(maps.Keys(found))
}
