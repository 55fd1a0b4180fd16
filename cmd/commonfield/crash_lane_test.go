package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"commonfield/storage/dbtest"
)

// failing is the program built so that it can be killed at its fail points.
var failing struct {
	sync.Once

	path string
	err  error
}

// fragile builds the program with its fail points, once.
func fragile(t *testing.T) string {
	t.Helper()
	failing.Do(func() {
		failing.path = filepath.Join(root, "commonfield-failpoints")
		if out, err := exec.Command("go", "build", "-tags", "failpoints", "-o", failing.path, ".").CombinedOutput(); err != nil {
			failing.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if failing.err != nil {
		t.Fatal(failing.err)
	}
	return failing.path
}

// running is one life of the program.
type running struct {
	address string
	dead    chan struct{}
	killed  bool // by itself, at a fail point; known once dead
	said    bytes.Buffer
}

// lane is a market on a database of its own, served by the program, which dies and
// is started again.
type lane struct {
	*stand

	t      *testing.T
	binary string
	folder string // of the fail points
	owner  *sql.DB
	url    string
	now    *running
	asked  int
}

// fail ends the lane.
func (l *lane) fail(format string, args ...any) {
	l.t.Helper()
	l.t.Errorf(format, args...)
	runtime.Goexit()
}

func (l *lane) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.fail("%v", err)
	}
}

func (l *lane) file(name string) string { return filepath.Join(l.folder, name) }

// arm lets the program die at a point; nothing: at none. It forgets what was passed.
func (l *lane) arm(point string) {
	l.t.Helper()
	l.ok(os.WriteFile(l.file("passed"), nil, 0o600))
	l.ok(os.WriteFile(l.file("kill"), []byte(point), 0o600))
}

// passed lists the points since the program was armed.
func (l *lane) passed() []string {
	l.t.Helper()
	text, err := os.ReadFile(l.file("passed"))
	l.ok(err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// start starts the program and waits until it serves and has kept its calendar.
func (l *lane) start() {
	l.t.Helper()
	l.arm("")
	command := exec.Command(l.binary, "serve", "--addr", "127.0.0.1:0", "--data", l.data, "--proxies", "127.0.0.1/32")
	command.Dir = root
	command.Env = plainEnv("DATABASE_URL="+l.url, "COMMONFIELD_FAILPOINTS="+l.folder, "STRIPE_SECRET_KEY="+l.key, "STRIPE_WEBHOOK_SECRET="+l.secret, "STRIPE_API_BASE="+l.bank.URL)
	logs, err := command.StderrPipe()
	l.ok(err)
	l.ok(command.Start())
	r := &running{dead: make(chan struct{})}
	serves := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(logs); lines.Scan(); {
			var said struct {
				Msg     string `json:"msg"`
				Address string `json:"address"`
			}
			if json.Unmarshal(lines.Bytes(), &said) == nil && said.Msg == "serving" {
				serves <- said.Address
				continue
			}
			_, _ = r.said.Write(append(lines.Bytes(), '\n'))
		}
		_ = command.Wait()
		if s, is := command.ProcessState.Sys().(syscall.WaitStatus); is {
			r.killed = s.Signaled() && s.Signal() == syscall.SIGKILL
		}
		close(r.dead)
	}()
	l.t.Cleanup(func() { _ = command.Process.Kill(); <-r.dead })
	select {
	case r.address = <-serves:
	case <-r.dead:
		l.fail("it ended before it served:\n%s", r.said.String())
	case <-time.After(time.Minute):
		l.fail("it did not serve in a minute")
	}
	l.now = r
	l.until("its calendar", func() bool {
		n := 0
		for _, p := range l.passed() {
			if strings.HasPrefix(p, "after") && strings.HasSuffix(p, ".due") {
				n++
			}
		}
		return n > len(l.markets)
	})
}

// until waits for a condition, with an end.
func (l *lane) until(what string, is func() bool) {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		select {
		case <-l.now.dead:
			l.fail("it died while %s was waited for:\n%s", what, l.now.said.String())
		default:
		}
		if time.Now().After(end) {
			l.fail("a minute was not enough for %s: %s", what, l.waiting())
		}
	}
}

// idle says whether no job is due or in hand.
func (l *lane) idle() bool {
	var n int
	l.ok(l.owner.QueryRow("SELECT count(*) FROM jobs WHERE state = 'leased' OR state = 'ready' AND run_at <= now() + interval '1 second'").Scan(&n))
	return n == 0
}

func (l *lane) waiting() string {
	var all sql.NullString
	_ = l.owner.QueryRow("SELECT string_agg(kind || ' ' || state || ' ' || error, '; ') FROM jobs WHERE state = 'leased' OR state = 'ready' AND run_at <= now() + interval '1 second'").Scan(&all)
	return all.String
}

// quiet waits until the program has nothing to do.
func (l *lane) quiet() { l.t.Helper(); l.until("its jobs", l.idle) }

// dies waits until the program is dead, or has had nothing to do for a while and is
// not: what has ended the last job may be dying at this moment.
func (l *lane) dies() bool {
	rested := time.Now()
	for time.Since(rested) < 5*time.Second {
		select {
		case <-l.now.dead:
			return l.now.killed
		case <-time.After(5 * time.Millisecond): // polling a condition, with an end
		}
		if !l.idle() {
			rested = time.Now()
		}
	}
	return false
}

// lapse lets the leases of the dead be over, as after five minutes: also one whose
// COMMIT the database has read, and not yet done, when its program is gone.
func (l *lane) lapse() {
	l.t.Helper()
	for end, n := time.Now().Add(time.Minute), 1; n > 0; time.Sleep(5 * time.Millisecond) {
		l.ok(l.owner.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'commonfield' AND state <> 'idle'").Scan(&n))
		if time.Now().After(end) {
			l.fail("the database still works for the dead")
		}
	}
	_, err := l.owner.Exec("UPDATE jobs SET lease_until = now() - interval '1 minute' WHERE state = 'leased'")
	l.ok(err)
}

// later lets six minutes pass: what failed is tried again, the sweeper comes by. What
// waits for days or for a payer goes on waiting.
func (l *lane) later() {
	l.t.Helper()
	for _, q := range []string{
		"UPDATE jobs SET run_at = now() WHERE state = 'ready' AND run_at < now() + interval '6 minutes' AND kind NOT IN ('order:expire', 'order:timer')",
		"UPDATE jobs SET state = 'ready', run_at = now(), finished_at = NULL WHERE kind = 'order:sweep' AND state = 'done'",
	} {
		_, err := l.owner.Exec(q)
		l.ok(err)
	}
	l.quiet()
	var gaveUp sql.NullString
	l.ok(l.owner.QueryRow("SELECT string_agg(kind || ': ' || error, '; ') FROM jobs WHERE state = 'failed'").Scan(&gaveUp))
	if gaveUp.Valid {
		l.fail("jobs gave up: %s", gaveUp.String)
	}
}

// audit holds the books of all markets against their rules.
func (l *lane) audit() []string {
	l.t.Helper()
	report, err := l.m.Audit(context.Background())
	l.ok(err)
	var wrong []string
	for _, c := range report.Checks {
		for _, v := range c.Violations {
			wrong = append(wrong, c.Name+": "+v.String())
		}
	}
	return wrong
}

// post asks the program; a lost answer is an error, and so is one that is no success.
func (l *lane) post(token, path, key string, in any) (object, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return l.send(path, text, map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + token, "Idempotency-Key": key})
}

func (l *lane) send(path string, body []byte, head map[string]string) (object, error) {
	r, err := http.NewRequest(http.MethodPost, l.now.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range head {
		r.Header.Set(name, value)
	}
	l.asked++
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.%d.%d", l.asked/250%250, l.asked%250+1)) // no limit is met
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Body.Close() }()
	text, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %d %s", path, a.StatusCode, text)
	}
	var out object
	_ = json.Unmarshal(text, &out)
	return out, err
}

var called = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+(-[0-9]+)*`)

// rowsOfMoney are the rows that a doubled or lost effect would show in.
var rowsOfMoney = []string{
	`SELECT 'entry ' || e.market_id || ' ' || e.cause || ': ' || p.debit || ' / ' || p.credit, p.amount_minor FROM ledger_postings p JOIN ledger_entries e ON e.market_id = p.market_id AND e.id = p.entry_id`,
	`SELECT 'order ' || market_id || ' ' || state, total_minor FROM orders`,
	`SELECT 'charge ' || market_id || ' ' || label, amount_minor FROM order_charges`,
	`SELECT 'payment ' || market_id || ' ' || gateway || ' ' || state, captured_minor FROM payments`,
	`SELECT 'refund ' || market_id || ' ' || state, amount_minor FROM refunds`,
	`SELECT 'chargeback ' || market_id || ' ' || state, amount_minor FROM chargebacks`,
	`SELECT 'dispute ' || market_id || ' ' || state, back_minor FROM disputes`,
	`SELECT 'return ' || market_id || ' ' || state || ' ' || fate, back_minor FROM returns`,
	`SELECT 'goods back ' || market_id || ' ' || fate, quantity FROM goods_back`,
	`SELECT 'commission ' || market_id || ' ' || state, amount_minor FROM commissions`,
	`SELECT 'payable ' || market_id || CASE WHEN payout_id IS NULL THEN ' open' ELSE ' picked' END, amount_minor FROM payables`,
	`SELECT 'payout ' || market_id || ' ' || state, amount_minor FROM payouts`,
	`SELECT 'batch ' || market_id || ' ' || state, total_minor FROM payout_batches`,
	`SELECT 'line ' || market_id || ' ' || state || ' ' || deed, amount_minor FROM bank_lines`,
	`SELECT 'movement ' || market_id || ' ' || state || ' ' || deed, amount_minor FROM gateway_lines`,
	`SELECT 'collected ' || market_id, taken_minor FROM collections WHERE taken_at IS NOT NULL`,
	`SELECT 'square ' || market_id, 100 FROM squares, generate_series(1, paid_minor / 100)`,
	`SELECT 'promised ' || market_id || ' ' || state, quantity FROM reservations`,
	`SELECT 'stock ' || market_id || ' ' || kind, quantity FROM stock_moves`,
	`SELECT 'sandbox took ' || market_id, captured_minor FROM sandbox_objects WHERE state = 'captured'`,
	`SELECT 'sandbox gave ' || market_id || ' ' || state, amount_minor FROM sandbox_refunds`,
}

// book counts the rows of money by what they are and their sum, names left out.
func (l *lane) book() map[string]int {
	l.t.Helper()
	all := map[string]int{}
	rows, err := l.owner.Query("SELECT * FROM (" + strings.Join(rowsOfMoney, " UNION ALL ") + ") x (what, sum)")
	l.ok(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var what string
		var sum int64
		l.ok(rows.Scan(&what, &sum))
		all[fmt.Sprint(called.ReplaceAllString(what, "*"), " ", sum)]++
	}
	l.ok(rows.Err())
	for _, kind := range []string{"checkout.session", "refund", "dispute", "transfer", "transfer_reversal"} {
		all["stripe "+kind] = l.bank.Count(kind)
	}
	return all
}

// since is what came to a book, and what went from it.
func since(before, after map[string]int) effect {
	all := effect{}
	for what, n := range after {
		all[what] = n - before[what]
	}
	for what, n := range before {
		all[what] = after[what] - n
	}
	maps.DeleteFunc(all, func(_ string, n int) bool { return n == 0 })
	return all
}

// effect counts the rows that a deed has made more or fewer.
type effect map[string]int

// and is two effects together.
func (e effect) and(more effect) effect {
	all := maps.Clone(e)
	for what, n := range more {
		all[what] += n
	}
	maps.DeleteFunc(all, func(_ string, n int) bool { return n == 0 })
	return all
}

func (e effect) String() string {
	var lines []string
	for _, what := range slices.Sorted(maps.Keys(e)) {
		lines = append(lines, fmt.Sprintf("%+d %s", e[what], what))
	}
	return strings.Join(lines, "\n")
}

// copied makes a database like another one for one test.
func copied(t *testing.T, address, name string, number int) string {
	t.Helper()
	admin, err := sql.Open("postgres", dbtest.At(address, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	made := fmt.Sprintf("%s_lane%d", name, number)
	if _, err := admin.Exec("CREATE DATABASE " + made + " TEMPLATE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if admin, err := sql.Open("postgres", dbtest.At(address, "postgres")); err == nil {
			_, _ = admin.Exec("DROP DATABASE IF EXISTS " + made + " WITH (FORCE)")
			_ = admin.Close()
		}
	})
	return dbtest.At(address, made)
}
