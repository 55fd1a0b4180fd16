package storage

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"
)

// wire carries the bytes of one connection. BEGIN goes out with the first message of a
// transaction, and where the last statement is known COMMIT with that: two waits
// less for each transaction. The protocol allows it (PostgreSQL, "Pipelining" and
// "Extended Query"): messages are done in their order, after an error the rest up to
// Sync is passed over, and COMMIT after an error rolls back. The driver knows
// nothing of it: what the server answers to BEGIN is taken out, and the COMMIT that
// the driver sends itself stays here. Over TLS there is nothing to be seen, and each
// message goes alone.
type wire struct {
	net.Conn

	plain bool   // what is written are messages
	begin []byte // goes out before the next message
	begun bool   // its answer comes first
	last  bool   // COMMIT goes out after the next message
	ended bool   // it is out: the driver's own is not sent
	first [512]byte
	rest  []byte // of first, still to be read
}

// atConnect is where a connection's wire is put when it is dialed.
type atConnect struct{}

// dialer wraps what is dialed for a connection; to cancel a statement the driver
// dials another, which nobody asks for.
type dialer struct{ net.Dialer }

func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	inner, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w, asked := ctx.Value(atConnect{}).(**wire)
	if !asked {
		return inner, nil
	}
	*w = &wire{Conn: inner}
	return *w, nil
}

// DialTimeout is asked for by the driver's interface alone.
func (d *dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	return net.DialTimeout(network, address, timeout)
}

const (
	protocol = 3 // its major number stands in the first message of a connection that is not encrypted
	commit   = "Q\x00\x00\x00\x0bCOMMIT\x00"
	rollback = "Q\x00\x00\x00\x0dROLLBACK\x00"
	opened   = "1\x00\x00\x00\x042\x00\x00\x00\x04C\x00\x00\x00\x0aBEGIN\x00" // parsed, bound, done
)

// opening are the messages that begin a transaction, without a Sync: the answer
// comes together with that to the message they go before.
func opening(begin string) []byte {
	b := append([]byte{'P', 0, 0, 0, byte(4 + 1 + len(begin) + 1 + 2), 0}, begin...)
	b = append(b, 0, 0, 0)
	b = append(b, 'B', 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0)
	return append(b, 'E', 0, 0, 0, 9, 0, 0, 0, 0, 0)
}

// The two ways in which transactions begin.
var (
	toWrite         = opening("BEGIN READ WRITE") // as the driver says it
	toReadOneMoment = opening("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
)

var errWire = errors.New("storage: the driver speaks when its transaction has ended")

// Write sends what the driver wrote, a whole message or several.
func (w *wire) Write(b []byte) (int, error) {
	switch {
	case !w.plain:
		w.plain = len(b) >= 8 && int(binary.BigEndian.Uint32(b)) == len(b) && binary.BigEndian.Uint16(b[4:]) == protocol
		return w.Conn.Write(b)
	case w.ended:
		w.ended = false
		if text := string(b); text != commit && text != rollback {
			return 0, errWire
		}
		return len(b), nil
	case w.begin == nil && !w.last:
		return w.Conn.Write(b)
	}
	before := len(w.begin)
	all := make([]byte, 0, before+len(b)+len(commit))
	all = append(append(all, w.begin...), b...)
	if w.last {
		all = append(all, commit...)
	}
	w.begun, w.begin = w.begin != nil, nil
	w.ended, w.last = w.last, false
	n, err := w.Conn.Write(all)
	return min(max(n-before, min(n, 1)), len(b)), err // none only when nothing has left: then the driver tries again
}

// Read gives what the server answers, without the answer to BEGIN.
func (w *wire) Read(b []byte) (int, error) {
	if w.begun {
		w.begun = false
		if err := w.skip(); err != nil {
			return 0, err
		}
	}
	if len(w.rest) > 0 {
		n := copy(b, w.rest)
		w.rest = w.rest[n:]
		return n, nil
	}
	return w.Conn.Read(b)
}

// skip takes out the answer to BEGIN. An error in its place is of a server that goes
// away: the driver hears it, as an answer to its own message. So it does of anything
// else, as of a connection that is lost.
func (w *wire) skip() error {
	n, err := io.ReadAtLeast(w.Conn, w.first[:], len(opened))
	w.rest = w.first[:n]
	switch {
	case n >= len(opened) && string(w.first[:len(opened)]) == opened:
		w.rest = w.first[len(opened):n]
	case err == nil && w.first[0] != 'E':
		err = io.ErrUnexpectedEOF
	}
	return err
}
