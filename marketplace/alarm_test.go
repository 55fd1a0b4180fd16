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
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

const (
	aPayee   = "INSERT INTO payees (market_id, id, kind, name, created_at) VALUES (M, A, 'agent', 'Ayigul', AGO)"
	aHolder  = "INSERT INTO cash_holders (market_id, payee_id, reference, limit_minor, state) VALUES (M, A, 'CH1', 10, 'active')"
	anOrder  = "INSERT INTO orders (market_id, id, basket_id, number, kind, state, buyer_id, currency, total_minor, placed_at, secured_at) VALUES (M, A, B, 'CF1', 'goods', 'shipped', B, 'CNY', 5, AGO, AGO)"
	aPayment = `INSERT INTO payments (market_id, id, sale_id, gateway, reference, currency, due_minor, state, created_at, expires_at, home_market, promise)
		VALUES (M, A, B, 'sandbox', 'CF1', 'CNY', 5, 'open', AGO, AGO, M, 'called')`
	aBatch   = "INSERT INTO payout_batches (market_id, id, number, state, currency, total_minor, payouts, created_by, created_at, approved_at) VALUES (M, A, 'P1', 'submitted', 'CNY', 5, 1, A, AGO, AGO)"
	aPayout  = `INSERT INTO payouts (market_id, id, batch_id, payee_id, account_id, amount_minor, state, created_at, changed_at) VALUES (M, A, A, A, A, 5, 'in_transit', AGO, AGO)`
	byStripe = `INSERT INTO payout_accounts (market_id, id, payee_id, holder, bank, number_sealed, number_tail, state, usable_at, created_at, gateway) VALUES (M, A, A, 'x', '', '', '', 'active', AGO, AGO, 'stripe')`
	oddly    = `INSERT INTO payment_oddities (market_id, payment_id, why, object, asked_minor, asked_in, seen_minor, seen_in, seen_at) VALUES (M, A, 'WHY', 'x', 5, 'CNY', 4, 'USD', AGO)`
	aDeal    = `INSERT INTO ledger_entries (market_id, id, cause, created_by, posted_at, postings) VALUES (M, A, 'x', A, AGO, 1)`
	aLine    = `INSERT INTO gateway_lines (market_id, id, gateway, reference, kind, amount_minor, fee_minor, currency, moved_at, usable_at, state, created_at, recon_minor)
		VALUES (M, A, 'stripe', 'txn_1', 'unknown', 500, 0, 'CNY', AGO, AGO, 'STATE', AGO, 500)`
)

// raised writes, for each alarm of each room, what it listens for: of the market M, with
// the ids A and B, long ago (AGO), and who did it (A); and what is said of it in English.
var raised = []struct{ room, alarm, said, write string }{
	{"storage/ledger", "own money below zero", "The market’s own money is −¥0.05", `INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor) VALUES (M, A, 1, 'cost:bank', 'bank:operating', 5)`},
	{"storage/ledger", "a deal between two markets has one side only", "x: ¥0.05 here on AGO, nothing in market 7", aDeal + `; INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor) VALUES (M, A, 1, 'intermarket:7', 'own:capital', 5)`},
	{"storage/ledger", "a sum between two markets is not settled for a month", "Market 7 owes ¥0.05, of which ¥0.05 from before", aDeal + `; INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor) VALUES (M, A, 1, 'intermarket:7', 'own:capital', 5)`},
	{"storage/ledger", "a sum between two markets is not settled for a month", "Market 7 is owed ¥0.05, of which ¥0.05 from before", aDeal + `; INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor) VALUES (M, A, 1, 'own:capital', 'intermarket:7', 5)`},
	{"storage/ledger", "reconciliation difference", "Differences that nobody has explained come to ¥0.05", `INSERT INTO ledger_postings (market_id, entry_id, line_no, debit, credit, amount_minor) VALUES (M, A, 1, 'recon', 'bank:operating', 5)`},
	{"storage/jobs", "job gave up", "Tell a buyer that their card was not accepted (x): no", `INSERT INTO jobs (market_id, id, kind, key, state, run_at, attempts, error, created_at, finished_at) VALUES (M, A, 'order:refused', 'x', 'failed', AGO, 9, 'no', AGO, AGO)`},
	{"storage/jobs", "jobs are late", "Tell a buyer that their card was not accepted: 1, the first was due on AGO", `INSERT INTO jobs (market_id, id, kind, key, state, run_at, attempts, error, created_at) VALUES (M, A, 'order:refused', 'x', 'ready', AGO, 0, '', AGO)`},
	{"agents/cash", "cash: more than a limit lies in one hand", "Ayigul holds ¥0.11; the limit is ¥0.10", aHolder + ";" + aPayee + `; INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES (M, 'cash:agent:' || A, 11)`},
	{"agents/cash", "cash: money lies in one hand for too long", "Ayigul holds ¥0.11 from before", aHolder + ";" + aPayee + `; INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES (M, 'cash:agent:' || A, 11)`},
	{"agents/payout", "payout: somebody waits too long", "Ayigul has waited for ¥999,999.99 since AGO", aPayee + `; INSERT INTO payables (market_id, id, payee_id, cause, amount_minor, created_at) VALUES (M, B, A, 'order:x:release', 99999999, AGO)`},
	{"agents/payout", "payout: a bank has not answered", "Batch P1, ¥0.05: approved on AGO", aBatch},
	{"agents/payout", "payout: a hand has less cash than it is to hand over", "Ayigul holds ¥0.00 and is to hand over ¥0.05", aPayee + ";" + aPayout + `; INSERT INTO handovers (market_id, payout_id, holder_id, collect_by) VALUES (M, A, A, AGO)`},
	{"agents/payout", "payout: a gateway has not transferred", "¥0.05 to Ayigul: no answer since AGO", aPayee + ";" + byStripe + ";" + aPayout},
	{"agents/payout", "payout: a gateway has not transferred", "¥0.05 to Ayigul: not made since AGO; the answer was RJCT", aPayee + ";" + byStripe + ";" + aPayout + `; UPDATE payouts SET bank_status = 'RJCT' WHERE market_id = M`},
	{"marketplace/payment", "payment: not what was asked", "CF1: ¥0.05 asked, $0.04 at Sandbox (x)", aPayment + ";" + strings.Replace(oddly, "WHY", "amount", 1)},
	{"marketplace/payment", "payment: not what was asked", "CF1: ¥0.05 asked, another currency at Sandbox, $0.04 (x)", aPayment + ";" + strings.Replace(oddly, "WHY", "currency", 1)},
	{"marketplace/payment", "payment: not what was asked", "CF1: ¥0.05 asked, another payment at Sandbox, $0.04 (x)", aPayment + ";" + strings.Replace(oddly, "WHY", "payment", 1)},
	{"marketplace/payment", "payment: a promise was called in, and its gateway has not answered for a day", "CF1: ¥0.05 called in on AGO", aPayment + `; INSERT INTO payment_promises (market_id, payment_id, saved, saved_at, called_at) VALUES (M, A, 'x', AGO, AGO)`},
	{"marketplace/payment", "payment: a bank takes money back", "CF1: ¥0.05 to be taken back", aPayment + `; INSERT INTO chargebacks (market_id, id, payment_id, gateway, object, amount_minor, state, opened_at) VALUES (M, A, A, 'stripe', 'x', 5, 'open', AGO)`},
	{"marketplace/order", "order: money is held for longer than it may lie", "Order CF1: ¥0.05 held since AGO", anOrder + `; INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES (M, 'held:order:' || A, 5)`},
	{"marketplace/order", "order: what is paid on delivery is on its way for too long", "Order CF1 was sent on AGO; Ayigul has not collected ¥0.05", anOrder + ";" + aPayee + `; INSERT INTO collections (market_id, order_id, hand_id) VALUES (M, A, A);
		INSERT INTO order_history (market_id, order_id, id, from_state, to_state, moved_by, moved_at) VALUES (M, A, A, 'packed', 'shipped', A, AGO)`},
	{"marketplace/recon", "recon: a movement at the gateway waits for somebody", "Something else : ¥5.00", strings.Replace(aLine, "STATE", "waits", 1)},
	{"marketplace/recon", "recon: a difference that nobody has explained", "Something else txn_1: ¥5.00", strings.Replace(aLine, "STATE", "differs", 1)},
	{"marketplace/recon", "recon: the gateway's balance was not read for two days", "Stripe was last read on AGO", `INSERT INTO gateway_runs (market_id, gateway, key, since_at, began_at, ended_at) VALUES (M, 'stripe', 'x', AGO, AGO, AGO)`},
	{"marketplace/recon", "recon: in the books, and not at the gateway", "CF1: ¥0.05 taken on", strings.Replace(aLine, "STATE", "done", 1) + ";" + aPayment + `; UPDATE payments SET gateway = 'stripe', captured_minor = 5, captured_at = AGO::timestamptz + interval '1 day' WHERE market_id = M`},
	{"marketplace/bank", "bank: a line waits for somebody", "¥5.00 of 1 January 2026 (R1)", `INSERT INTO bank_lines (market_id, id, statement_id, account, reference, booked_on, amount_minor, state, created_at) VALUES (M, A, B, 'X', 'R1', '2026-01-01', 500, 'open', AGO)`},
	{"marketplace/bank", "bank: a statement differs from the books", "S1: the bank says ¥0.05, the books ¥0.00, undecided ¥0.00", `INSERT INTO bank_statements (market_id, id, account, name, until_on, closing_minor, lines, fresh, sha256, imported_by, imported_at) VALUES (M, A, 'x', 'S1', '2026-01-01', 5, 0, 0, '', A, AGO)`},
	{"marketplace/paper", "papers not issued for an hour", "Receipt of order CF1", anOrder + ";" + aPayment + `; UPDATE payments SET state = 'captured', captured_minor = 5, captured_at = AGO WHERE market_id = M; INSERT INTO baskets (market_id, id, buyer_id, placed_by, payment_id, way, currency, total_minor, state, placed_at, expires_at) VALUES (M, B, A, A, A, 'bank', 'CNY', 5, 'secured', AGO, AGO)`},
	{"marketplace/paper", "papers not issued for an hour", "Credit note of a refund of order CF1", anOrder + `;
		INSERT INTO refunds (market_id, id, payment_id, sale_id, cause, amount_minor, state, asked_by, created_at, changed_at) VALUES (M, B, B, A, 'order:x:refund:1', 5, 'succeeded', A, AGO, AGO)`},
	{"marketplace/hook", "webhooks were given up", "https://x.example: one delivery within a week", `INSERT INTO hooks (market_id, id, url, events, state, secret, created_by, created_at, changed_at) VALUES (M, B, 'https://x.example', '{}', 'active', '', A, AGO, AGO);
		INSERT INTO hook_deliveries (market_id, id, hook_id, event_id, type, body, state, tried_at, created_at) VALUES (M, A, B, B, 'order.placed', '{}', 'failed', now() - interval '1 day', AGO)`},
}

// A room whose alarms the wiring does not list is a room that nobody hears, and an alarm
// without its sentence one that nobody understands.
func TestEveryAlarmIsHeardByTheAuditAndSaidInBothLanguages(t *testing.T) {
	var rooms, alarms, wired []string
	for _, r := range raised {
		rooms, alarms = append(rooms, r.room), append(alarms, r.alarm)
	}
	for _, a := range marketplace.Alarms() {
		wired = append(wired, a.Name)
	}
	if got, want := unique(rooms), withAlarms(t); !slices.Equal(got, want) {
		t.Fatalf("%v have alarms, %v are raised here", want, got)
	}
	if got, want := unique(alarms), unique(wired); !slices.Equal(got, want) {
		t.Fatalf("%v are alarms, %v are raised here", want, got)
	}
	_, address := dbtest.Own(t)
	m, err := marketplace.Open(t.Context(), marketplace.Config{URL: address, Data: t.TempDir(), Guard: dbtest.Guard})
	must(t, err)
	t.Cleanup(func() { _ = m.Shut() })
	owner, err := storage.Open(t.Context(), storage.Options{URL: address, Owner: true})
	must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	for i, raise := range raised {
		market, a, b, ago := int32(i+1), id.New(), id.New(), time.Now().Add(-90*24*time.Hour) // each in a book of its own: what it hears there is this
		must(t, owner.Update(t.Context(), market, func(tx *storage.Tx) error {
			if _, err := tx.Exec("SET LOCAL session_replication_role = replica"); err != nil {
				return err
			}
			opened := `INSERT INTO markets (id, code, name, region_code, currency, time_zone, created_at) VALUES (M, 'X' || M, 'x', '652823', 'CNY', 'Asia/Shanghai', AGO)`
			for write := range strings.SplitSeq(opened+";"+raise.write, ";") {
				write = regexp.MustCompile(`\b(M|A|B|AGO)\b`).ReplaceAllStringFunc(write, func(word string) string {
					return map[string]string{"M": fmt.Sprint(market), "A": "'" + a.String() + "'::uuid", "B": "'" + b.String() + "'::uuid", "AGO": "'" + ago.Format(time.RFC3339) + "'::timestamptz"}[word]
				})
				if _, err := tx.Exec(write); err != nil {
					return fmt.Errorf("%s: %w", raise.alarm, err)
				}
			}
			return nil
		}))
		r, err := m.Audit(t.Context(), market)
		must(t, err)
		english := tongue.For(tongue.English)
		want, heard := strings.ReplaceAll(raise.said, "AGO", plain(english.Moment(ago))), []string{}
		for _, h := range r.Alarms {
			said := english.Heard(h.Name, h.Found, "CNY")
			if h.Name == raise.alarm && h.Market == market && strings.HasPrefix(plain(said), want) {
				heard = append(heard, said)
			}
			for _, said := range []string{said, tongue.For(tongue.Chinese).Heard(h.Name, h.Found, "CNY")} {
				if strings.ContainsAny(said, "⟦⟧") || strings.Contains(said, "%!") {
					t.Errorf("%s: %s", h.Name, said)
				}
			}
		}
		if len(heard) != 1 {
			t.Errorf("%s: %q is not said once, but %v", raise.alarm, want, r.Alarms)
		}
	}
}

func plain(said string) string { return strings.ReplaceAll(said, tongue.Space, " ") }

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
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
