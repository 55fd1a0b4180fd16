package dbtest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Cutter stands between the program and the server, reads what both send message by
// message, however they are packed, and once armed cuts one connection at a message.
type Cutter struct {
	Address string // the database behind the cutter

	network string // tcp, or unix
	server  string
	at      Point
	armed   atomic.Bool
	unseen  atomic.Bool
	cuts    atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]bool
}

// Point makes, for each connection, what says whether a message of the program's is
// where to cut.
type Point func() func(kind byte, body []byte) bool

// Cut puts a cutter before a database. It lets everything pass until it is armed.
func Cut(t testing.TB, address string, at Point) *Cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cutter{at: at, open: map[net.Conn]bool{}}
	c.network, c.server, c.Address = Before(t, address, l)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { c.serve(client) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		c.mu.Lock()
		for conn := range c.open {
			_ = conn.Close()
		}
		c.mu.Unlock()
		serving.Wait()
	})
	return c
}

// Before says how the server of a database's address is dialed, and what the address is
// where l listens before it.
func Before(t testing.TB, address string, l net.Listener) (network, server, before string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	network, server = "tcp", u.Host
	if q := u.Query(); q.Get("host") != "" { // the private server is asked over its socket
		network, server = "unix", filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port"))
		q.Del("host")
		q.Del("port")
		u.RawQuery = q.Encode()
	}
	u.Host = l.Addr().String()
	return network, server, u.String()
}

// Arm cuts the next connection that comes to the point: unseen before the server gets
// the message, else when the server has done what it says, whose answer nobody hears.
func (c *Cutter) Arm(unseen bool) {
	c.unseen.Store(unseen)
	c.armed.Store(true)
}

// Waits says whether it is armed and nothing has come to the point yet.
func (c *Cutter) Waits() bool { return c.armed.Load() }

// Cuts is how often it has cut.
func (c *Cutter) Cuts() int64 { return c.cuts.Load() }

func (c *Cutter) hold(conn net.Conn) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[conn] = true
	return func() {
		_ = conn.Close()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.open, conn)
	}
}

func (c *Cutter) serve(client net.Conn) {
	defer c.hold(client)()
	server, err := net.Dial(c.network, c.server)
	if err != nil {
		return
	}
	defer c.hold(server)()
	from := bufio.NewReader(client)
	if _, ok := pass(from, server, 4, nil); !ok { // the first message has no kind
		return
	}
	var deaf atomic.Bool   // the answers are not passed on any more
	var asked atomic.Int64 // how often the server will yet say that it is ready
	asked.Store(1)         // when it has let the program in
	done := make(chan struct{})
	var back sync.WaitGroup
	back.Go(func() {
		defer func() { _ = client.Close() }()
		defer close(done)
		in := bufio.NewReader(server)
		for {
			kind, ok := pass(in, client, 5, func(byte, []byte) bool { return !deaf.Load() })
			if !ok || kind == 'Z' && asked.Add(-1) == 0 && deaf.Load() {
				return
			}
		}
	})
	defer back.Wait()
	defer func() { _ = server.Close() }()
	at := c.at()
	for {
		kind, ok := pass(from, server, 5, func(kind byte, body []byte) bool {
			if ends(kind) {
				asked.Add(1)
			}
			if !at(kind, body) || !c.armed.CompareAndSwap(true, false) {
				return true
			}
			c.cuts.Add(1)
			unseen := c.unseen.Load()
			deaf.Store(true)
			return !unseen
		})
		switch {
		case !ok, deaf.Load() && c.unseen.Load():
			return
		case deaf.Load() && ends(kind):
			<-done // the server has done it, or is gone; nobody will hear of it
			return
		}
	}
}

// ends says whether the server answers a message by saying that it is ready again.
func ends(kind byte) bool { return kind == 'Q' || kind == 'S' }

// pass reads one message and forwards it where look allows it. Its length stands in
// the last four bytes of a head of n bytes.
func pass(from *bufio.Reader, to io.Writer, n int, look func(kind byte, body []byte) bool) (kind byte, ok bool) {
	head := make([]byte, n)
	if _, err := io.ReadFull(from, head); err != nil {
		return 0, false
	}
	body := make([]byte, binary.BigEndian.Uint32(head[n-4:])-4)
	if _, err := io.ReadFull(from, body); err != nil {
		return 0, false
	}
	if look != nil && !look(head[0], body) {
		return head[0], true
	}
	_, err := to.Write(slices.Concat(head, body))
	return head[0], err == nil
}

// AtCommit is the COMMIT of a transaction one of whose statements has this in its
// text; nothing: of any.
func AtCommit(of string) Point {
	return func() func(byte, []byte) bool {
		texts, wrote := map[string]string{}, of == ""
		sent := func(text string) bool {
			switch {
			case strings.HasPrefix(text, "BEGIN"):
				wrote = of == ""
			case strings.HasPrefix(text, "COMMIT"):
				return wrote
			default:
				wrote = wrote || strings.Contains(text, of)
			}
			return false
		}
		return func(kind byte, body []byte) bool {
			words := bytes.SplitN(body, []byte{0}, 3)
			switch {
			case kind == 'Q':
				return sent(string(words[0]))
			case kind == 'P' && len(words) > 1: // its name, its text
				texts[string(words[0])] = string(words[1])
			case kind == 'B' && len(words) > 1: // a portal, a name
				return sent(texts[string(words[1])])
			}
			return false
		}
	}
}

// AtExecuted is the Sync that ends a statement with parameters: with it a write outside
// a transaction is committed.
func AtExecuted() func(kind byte, body []byte) bool {
	executed := false
	return func(kind byte, _ []byte) bool {
		was := executed
		executed = kind == 'E' || was && kind != 'S'
		return was && kind == 'S'
	}
}
