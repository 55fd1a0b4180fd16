package storage_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// cutter stands between the program and the server, reads what the program
// sends message by message, and once armed cuts one connection at a message.
type cutter struct {
	t       *testing.T
	network string // tcp, or unix
	server  string
	address string // the database behind the cutter

	at    func(kind byte, body []byte) bool
	armed atomic.Bool
	kept  atomic.Bool // cut before the message is forwarded: the server never sees it
	cuts  atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]bool
}

func newCutter(t *testing.T, address string, at func(kind byte, body []byte) bool) *cutter {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{t: t, network: "tcp", server: u.Host, at: at, open: map[net.Conn]bool{}}
	if q := u.Query(); q.Get("host") != "" { // the private server is asked over its socket
		c.network, c.server = "unix", filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port"))
		q.Del("host")
		q.Del("port")
		u.RawQuery = q.Encode()
	}
	u.Host = l.Addr().String()
	c.address = u.String()
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

func (c *cutter) hold(conn net.Conn) func() {
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

func (c *cutter) serve(client net.Conn) {
	defer c.hold(client)()
	server, err := net.Dial(c.network, c.server)
	if err != nil {
		return
	}
	defer c.hold(server)()
	var deaf atomic.Bool         // the answer is not passed on any more
	answer := make(chan bool, 1) // the server has done it, or is gone
	from := bufio.NewReader(client)
	if !pass(from, server, 4, nil) { // the first message has no kind
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		defer func() { _ = client.Close() }()
		said := func() {
			select {
			case answer <- true:
			default:
			}
		}
		defer said()
		from := bufio.NewReader(server)
		for pass(from, ears{client, &deaf}, 5, func(kind byte, body []byte) bool {
			if deaf.Load() && kind == 'Z' && body[0] == 'I' { // in no transaction any more
				said()
			}
			return true
		}) {
		}
	})
	defer back.Wait()
	defer func() { _ = server.Close() }()
	for {
		cut := false
		ok := pass(from, server, 5, func(kind byte, body []byte) bool {
			if !c.at(kind, body) || !c.armed.CompareAndSwap(true, false) {
				return true
			}
			cut = true
			c.cuts.Add(1)
			deaf.Store(true)
			return !c.kept.Load()
		})
		if cut && ok {
			<-answer // the server has done it; nobody will hear of it
		}
		if cut || !ok {
			return
		}
	}
}

// ears hear what the server answers, until they are deaf.
type ears struct {
	net.Conn

	deaf *atomic.Bool
}

func (e ears) Write(b []byte) (int, error) {
	if e.deaf.Load() {
		return len(b), nil
	}
	return e.Conn.Write(b)
}

// pass forwards one message when look allows it. Its length stands in the last
// four bytes of a head of n bytes.
func pass(from *bufio.Reader, to io.Writer, n int, look func(byte, []byte) bool) bool {
	head := make([]byte, n)
	if _, err := io.ReadFull(from, head); err != nil {
		return false
	}
	body := make([]byte, binary.BigEndian.Uint32(head[n-4:])-4)
	if _, err := io.ReadFull(from, body); err != nil {
		return false
	}
	if look != nil && !look(head[0], body) {
		return false
	}
	_, err := to.Write(slices.Concat(head, body))
	return err == nil
}

func atCommit(kind byte, body []byte) bool {
	return kind == 'Q' && bytes.HasPrefix(body, []byte("COMMIT"))
}

// atExecuted is the Sync that ends a statement with parameters, on the one
// connection that is used: with it an autocommit write is committed.
func atExecuted() func(byte, []byte) bool {
	var executed atomic.Bool
	return func(kind byte, _ []byte) bool {
		if kind == 'E' {
			executed.Store(true)
		}
		return kind == 'S' && executed.Swap(false)
	}
}
