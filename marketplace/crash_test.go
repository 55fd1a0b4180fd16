package marketplace_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/catalog/shelf"
	"commonfield/marketplace"
	"commonfield/marketplace/demo"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/retail"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/embedded"
	"commonfield/storage/id"
	"commonfield/storage/migrations"
	"commonfield/storage/once"
)

// seller is the environment variable that makes this program the child which
// sells until it is killed: database, folder, file of acknowledgements, round.
const selling = "COMMONFIELD_TEST_SELLING"

func TestMain(m *testing.M) {
	if os.Getenv(selling) != "" {
		os.Exit(sell(strings.Split(os.Getenv(selling), "\n")))
	}
	dbtest.Main(m)
}

// sell places, pays and delivers as fast as it can and writes down, one line
// each, what the program has acknowledged. It never ends by itself before its
// time is over.
func sell(args []string) int {
	ctx, stop := context.WithTimeout(context.Background(), 60*time.Second)
	defer stop()
	m, err := marketplace.Open(ctx, marketplace.Config{URL: args[0], Data: args[1]})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	acks, err := os.OpenFile(args[2], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 1
	}
	go func() { _ = m.Worker.Run(ctx) }()
	cards, _, err := m.Shelf.Page(ctx, shelf.Filter{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				one(ctx, m, cards[(w+i)%len(cards)], fmt.Sprintf("%s-%d-%d", args[3], w, i), acks)
			}
		})
	}
	wg.Wait()
	return 0
}

// one sells once. What fails while the database is away is left as it is: it
// was not acknowledged.
func one(ctx context.Context, m *marketplace.Marketplace, card shelf.Card, name string, acks *os.File) {
	b, err := m.Orders.Place(ctx, placeKey(name), placeAsk(card))
	if err != nil {
		return
	}
	said := func(what string) {
		_, _ = fmt.Fprintf(acks, "%s %s %d %s %s\n", what, name, b.Market, b.Payment, b.Orders()[0].ID)
	}
	said("placed")
	p, err := m.Orders.Pay(ctx, b.Market, b.Payment, "/")
	if err != nil || m.Sandbox.Pay(ctx, b.Market, p.Object, sandbox.News{Repeat: 1}) != nil {
		return
	}
	if _, err := m.Orders.Settle(ctx, b.Market, b.Payment); err != nil {
		return
	}
	said("secured")
	by, ref := order.By{Person: people.System, As: order.AsOperator}, b.Orders()[0]
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"accepted", func() error { return m.Orders.Accept(ctx, by, ref) }},
		{"packed", func() error { return m.Orders.Pack(ctx, by, ref, nil) }},
		{"shipped", func() error { return m.Orders.Ship(ctx, by, ref, order.Parcel{Carrier: "x"}) }},
		{"delivered", func() error { return m.Orders.Deliver(ctx, by, ref) }},
		{"completed", func() error { return m.Orders.Complete(ctx, by, ref) }},
	} {
		if step.do() != nil {
			return
		}
		said(step.what)
	}
}

var crashBuyer = people.Person{ID: id.ID{15: 9}, Guest: true}

func placeKey(name string) once.Key { return once.Of(crashBuyer.ID, name, []byte(name)) }

func placeAsk(card shelf.Card) order.Ask {
	return order.Ask{Kind: retail.Name, Buyer: crashBuyer, PlacedBy: crashBuyer, Seen: -1, Way: "sandbox",
		Items: []order.Item{{Market: card.Market, Listing: card.ID, Quantity: card.Minimum}}}
}

// ack is the last thing the program has said of one order.
type ack struct {
	state   order.State
	market  int32
	payment string
	order   id.ID
}

var ranks = map[order.State]int{order.Placed: 0, order.Secured: 1, order.Accepted: 2, order.Packed: 3, order.Shipped: 4, order.Delivered: 5, order.Completed: 6}

func readAcks(t *testing.T, file string) map[string]ack {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	said := map[string]ack{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		w := strings.Fields(lines.Text())
		if len(w) != 5 {
			continue // the line that the kill cut
		}
		market, _ := strconv.Atoi(w[2])
		of, ok := id.Parse(w[4])
		if !ok {
			continue
		}
		said[w[1]] = ack{order.State(w[0]), int32(market), w[3], of}
	}
	return said
}

// Killed under load, program and PostgreSQL alike: what was acknowledged is
// there, nothing is there twice, and the books are clean.
func TestKilledUnderLoadNothingAcknowledgedIsLostOrDoubled(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	server := database(t, dir)
	if _, err := migrations.Run(ctx, server.URL()); err != nil {
		t.Fatal(err)
	}
	c := marketplace.Config{URL: server.URL(), Data: filepath.Join(dir, "files")}
	db, err := storage.Open(ctx, storage.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	if err := marketplace.Prepare(ctx, db); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	if _, err := demo.Build(ctx, c, nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "acks")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for round, kill := range []struct{ program, server bool }{{program: true}, {server: true}, {program: true, server: true}} {
		child := exec.Command(self)
		child.Env = append(os.Environ(), selling+"="+strings.Join([]string{c.URL, c.Data, file, fmt.Sprint("round", round)}, "\n"))
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		grows(t, file, 400)
		if kill.server {
			killPostgres(t, server)
		}
		if !kill.program { // the program lives on and sells again once the database is back
			grows(t, file, 200)
		}
		_ = child.Process.Kill()
		_ = child.Wait()
	}
	database(t, dir) // as the next start of the program would
	verify(t, c, readAcks(t, file))
}

// database starts the folder's PostgreSQL, or joins it.
func database(t *testing.T, dir string) *embedded.Server {
	t.Helper()
	s, err := embedded.Open(t.Context(), embedded.Options{Data: filepath.Join(dir, "data"), PGBin: os.Getenv("COMMONFIELD_PG_BIN")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// grows waits until the file of acknowledgements has so many more lines.
func grows(t *testing.T, file string, lines int) {
	t.Helper()
	count := func() int {
		b, _ := os.ReadFile(file)
		return strings.Count(string(b), "\n")
	}
	from, until := count(), time.Now().Add(60*time.Second)
	for count() < from+lines {
		if time.Now().After(until) {
			t.Fatalf("only %d of %d more acknowledgements in a minute", count()-from, lines)
		}
		time.Sleep(5 * time.Millisecond) // polling a condition, with an end
	}
}

func killPostgres(t *testing.T, s *embedded.Server) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.Folder(), "pg", "postmaster.pid"))
	if err != nil {
		found, _ := filepath.Glob(filepath.Join(s.Folder(), "*", "*", "postmaster.pid"))
		if len(found) == 0 {
			t.Fatal(err)
		}
		if b, err = os.ReadFile(found[0]); err != nil {
			t.Fatal(err)
		}
	}
	pid, err := strconv.Atoi(strings.Fields(string(b))[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, c marketplace.Config, said map[string]ack) {
	t.Helper()
	ctx := t.Context()
	m, err := marketplace.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shut() })
	lost := 0
	for name, a := range said {
		o, err := m.Orders.Find(ctx, order.Ref{Market: a.market, ID: a.order})
		if err != nil || o.Payment.String() != a.payment || ranks[o.State] < ranks[a.state] {
			lost++
			t.Errorf("%s: acknowledged as %s, found %s (%v)", name, a.state, o.State, err)
		}
	}
	all, err := m.Books.All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var baskets, keys int
	for _, market := range all {
		err := m.DB.View(ctx, market.ID, func(tx *storage.Tx) error {
			var b, k int
			if err := tx.Get(&b, "SELECT count(*) FROM baskets WHERE market_id = $1 AND buyer_id = $2", market.ID, crashBuyer.ID); err != nil {
				return err
			}
			err := tx.Get(&k, "SELECT count(*) FROM once_keys WHERE market_id = $1 AND key LIKE $2", market.ID, crashBuyer.ID.String()+":%")
			baskets, keys = baskets+b, keys+k
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Worker.Drain(ctx, market.ID); err != nil {
			t.Fatal(err)
		}
	}
	if baskets != keys || keys < len(said) {
		t.Errorf("%d baskets for %d keys, %d acknowledged", baskets, keys, len(said))
	}
	report, err := m.Audit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range report.Checks {
		for _, v := range ch.Violations {
			t.Errorf("audit: %s: %s", ch.Name, v)
		}
	}
	t.Logf("%d orders acknowledged, %d lost, %d baskets for %d keys", len(said), lost, baskets, keys)
}
