package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
)

const (
	login    = "commonfield" // owns the cluster
	database = "commonfield"
	sockPort = 5432 // only names the socket's file; nothing listens on a port
)

// running is a server that answered.
type running struct {
	url     string
	version string
	pid     int
	unsafe  bool
}

// ensure joins the server of a place, or starts it. The caller holds a user's
// share, so no keeper stops the server meanwhile.
func ensure(ctx context.Context, where place, o Options) (running, error) {
	if where.keeper() != 0 {
		if now, err := where.ask(ctx); err == nil {
			return now, nil
		}
	}
	held, err := lockFolder(ctx, where.room())
	if err != nil {
		return running{}, err
	}
	defer held.Close()
	// Whoever held the lock before may have started it. A keeper that is there
	// restarts a server that died: wait for it as long as it lives.
	now, err := where.await(ctx, o.Say)
	if err == nil || where.keeper() != 0 {
		return now, err
	}
	for try := 1; ; try++ {
		if err = where.hire(ctx, o); err == nil {
			break
		}
		if !errors.Is(err, errSilent) || try == 3 {
			return running{}, err
		}
	}
	if now, err = where.ask(ctx); err != nil {
		return running{}, failed(err, "the PostgreSQL of %s was started and does not answer; its log is %s", where.base, where.file(logFile))
	}
	return now, nil
}

// errForeignServer and errNoKeeper end the waiting for an answer.
var (
	errForeignServer = errors.New("another server answers")
	errNoKeeper      = errors.New("nobody keeps the server")
)

// await asks until the server answers. It gives up when there is no keeper who
// could start it, when the keeper says why it cannot, or after a minute in which
// the server did not even say that it is recovering.
func (p place) await(ctx context.Context, say func(string)) (running, error) {
	begun, silent := time.Now(), time.Now()
	said := false
	for p.keeper() != 0 {
		now, err := p.ask(ctx)
		if err == nil {
			return now, nil
		}
		trouble, waited := p.trouble(), time.Since(begun)
		var answer *pq.Error
		switch {
		case ctx.Err() != nil:
			return running{}, failed(ctx.Err(), "waiting for the PostgreSQL of %s", p.base)
		case errors.Is(err, errForeignServer):
			return running{}, err
		case errors.As(err, &answer) && answer.Code == "57P03":
			silent = time.Now() // starting up, recovering or stopping: it will come or go
		case trouble != "" && waited > 10*time.Second:
			return running{}, refuse(kindOfText(trouble), "the PostgreSQL of %s does not start: %s", p.base, trouble)
		case time.Since(silent) > time.Minute:
			return running{}, failed(err, "the PostgreSQL of %s does not answer; its log is %s", p.base, p.file(logFile))
		}
		if waited > 2*time.Second && !said {
			said = true
			say("Waiting for the PostgreSQL of " + p.base + " to answer")
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	return running{}, errNoKeeper
}

// ask connects to the server and makes sure that it is the one of this folder.
func (p place) ask(ctx context.Context) (running, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	master, err := readPostmaster(p.cluster())
	if err != nil {
		return running{}, err
	}
	now := running{pid: master.pid}
	if now.url, err = p.address(master); err != nil {
		return running{}, err
	}
	connector, err := pq.NewConnector(now.url)
	if err != nil {
		return running{}, err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var folder, fsync string
	const settings = `select current_setting('data_directory'), current_setting('server_version'), current_setting('fsync')`
	if err := db.QueryRowContext(ctx, settings).Scan(&folder, &now.version, &fsync); err != nil {
		return running{}, err
	}
	now.version, _, _ = strings.Cut(now.version, " ")
	now.unsafe = fsync == "off"
	if !sameFolder(folder, p.cluster()) {
		return running{}, &refusal{kind: errForeignServer, text: fmt.Sprintf("the server that answers for %s serves %s: end it, or choose another folder with --data", p.cluster(), folder)}
	}
	return now, nil
}

// postmaster is what a server writes about itself into its folder.
type postmaster struct {
	pid    int
	port   int
	socket string
	ready  bool
}

func readPostmaster(cluster string) (postmaster, error) {
	file := filepath.Join(cluster, "postmaster.pid")
	text, err := os.ReadFile(file)
	if err != nil {
		return postmaster{}, err
	}
	lines := strings.Split(string(text), "\n")
	line := func(n int) string {
		if n < len(lines) {
			return strings.TrimSpace(lines[n])
		}
		return ""
	}
	var m postmaster
	if m.pid, err = strconv.Atoi(line(0)); err != nil || m.pid <= 0 {
		return postmaster{}, fmt.Errorf("%s names no process", file)
	}
	m.port, _ = strconv.Atoi(line(3))
	m.socket = line(4)
	m.ready = line(7) == "ready"
	return m, nil
}

// address is the URL of a server: over its socket, or over loopback where the
// folder's path makes no socket possible.
func (p place) address(m postmaster) (string, error) {
	password, err := os.ReadFile(p.file(passwordFile))
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(login, strings.TrimSpace(string(password))), Path: "/" + database}
	q := url.Values{"sslmode": {"disable"}}
	if socketFits(p.room()) {
		q.Set("host", p.room())
		q.Set("port", strconv.Itoa(sockPort))
	} else {
		u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(m.port))
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// socketFits tells whether a socket can lie in a folder: the system gives its
// path about a hundred bytes, and the driver and the server read a comma as two folders.
func socketFits(folder string) bool {
	return len(folder)+len("/.s.PGSQL.5432") < 104 && !strings.ContainsAny(folder, ",\"\\'")
}

func sameFolder(a, b string) bool {
	if a == b {
		return true
	}
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// trouble is why the keeper could not start the server the last time; empty when it could.
func (p place) trouble() string {
	text, _ := os.ReadFile(p.file(troubleFile))
	return strings.TrimSpace(string(text))
}

func kindOfText(text string) error {
	if strings.Contains(text, noSpace) {
		return ErrDiskFull
	}
	return nil
}
