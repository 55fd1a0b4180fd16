// Package text holds the senders of short messages to telephones: one for any
// gateway that takes an HTTP request, and one for development that writes them
// into the log. Neither writes down a number, nor what a gateway said, which may
// repeat it.
package text

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"commonfield/marketplace/notice"
)

// LogWay is the address that sends nothing and writes into the log.
const LogWay = "log"

// Settings say how a gateway is asked.
type Settings struct {
	URL    string // of the gateway, or "log"
	Method string // POST when empty
	Header string // "Authorization: Bearer …"
	Body   string // JSON or form, with {phone}, {text} and perhaps {id}; empty: {"phone":…,"text":…}
	OK     string // what the answer holds when it was taken, for gateways that say 200 to everything
}

const usual = `{"phone":"{phone}","text":"{text}"}`

// What a gateway is given.
const (
	patience   = 15 * time.Second
	mostAnswer = 16 << 10
)

// Gateway sends by HTTP.
type Gateway struct {
	to          *url.URL
	method      string
	name, value string // of the header
	body, ok    string
	json        bool
	client      *http.Client
}

// Open gives the sender that the settings name; nil where they name none.
func Open(s Settings, log *slog.Logger) (notice.Texter, error) {
	switch s.URL {
	case "":
		return nil, nil
	case LogWay:
		if log == nil {
			log = slog.New(slog.DiscardHandler)
		}
		return Log{log}, nil
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the gateway of short messages is no address, as https://sms.example/send")
	}
	g := &Gateway{to: u, method: s.Method, body: s.Body, ok: s.OK, client: &http.Client{Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if g.method == "" {
		g.method = http.MethodPost
	}
	if g.method != http.MethodPost && g.method != http.MethodPut {
		return nil, errors.New("a gateway of short messages is asked by POST or PUT")
	}
	if s.Header != "" {
		name, value, found := strings.Cut(s.Header, ":")
		if g.name, g.value = strings.TrimSpace(name), strings.TrimSpace(value); !found || g.name == "" || strings.ContainsAny(s.Header, "\r\n") {
			return nil, errors.New("the header for the gateway of short messages is none, as Authorization: Bearer …")
		}
	}
	if g.body == "" {
		g.body = usual
	}
	if !strings.Contains(g.body, "{phone}") || !strings.Contains(g.body, "{text}") {
		return nil, errors.New("what is sent to the gateway of short messages must hold {phone} and {text}")
	}
	object, braced := strings.CutPrefix(strings.TrimSpace(g.body), "{") // a form may begin with {phone}
	g.json = braced && strings.HasPrefix(strings.TrimSpace(object), `"`) || strings.HasPrefix(strings.TrimSpace(g.body), "[")
	if g.json && !json.Valid([]byte(g.filled(notice.Text{ID: "i", To: "+8613900000000", Words: `a"b`}))) {
		return nil, errors.New("what is sent to the gateway of short messages is no JSON; {phone} and {text} stand in quotes")
	}
	return g, nil
}

// filled puts number and words into the template, each written as its form asks.
func (g *Gateway) filled(t notice.Text) string {
	put := url.QueryEscape
	if g.json {
		put = func(s string) string {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(s); err != nil { // a string is always JSON
				panic(err)
			}
			return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
		}
	}
	return strings.NewReplacer("{phone}", put(t.To), "{text}", put(t.Words), "{id}", put(t.ID)).Replace(g.body)
}

// Name is one line for a person: the gateway's host, for the rest may hold a key.
func (g *Gateway) Name() string { return "the gateway at " + g.to.Host }

// Text hands a message over. A gateway that says that it will not take this one
// gives *notice.Refused; what it says of itself (401, 403, 429, 5xx) means: again.
func (g *Gateway) Text(ctx context.Context, t notice.Text) error {
	req, err := http.NewRequestWithContext(ctx, g.method, g.to.String(), strings.NewReader(g.filled(t)))
	if err != nil {
		return errors.New("the gateway of short messages cannot be asked")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if g.json {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if g.name != "" {
		req.Header.Set(g.name, g.value)
	}
	res, err := g.client.Do(req)
	if err != nil {
		return errors.New("the gateway of short messages does not answer") // the error holds its address, which may hold a key
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	switch code := res.StatusCode; {
	case code >= 200 && code < 300 && (g.ok == "" || strings.Contains(string(said), g.ok)):
		return nil
	case code >= 200 && code < 300 && err != nil:
		return errors.New("the gateway of short messages broke off")
	case code >= 200 && code < 300:
		return &notice.Refused{Code: "answer"}
	case code == http.StatusBadRequest || code == http.StatusUnprocessableEntity || code == http.StatusNotFound || code == http.StatusGone:
		return &notice.Refused{Code: fmt.Sprint(code)}
	default:
		return fmt.Errorf("the gateway of short messages answers %d", code)
	}
}

// Check says whether the gateway can be reached; it sends nothing.
func (g *Gateway) Check(ctx context.Context) error {
	port := g.to.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[g.to.Scheme]
	}
	address := net.JoinHostPort(g.to.Hostname(), port)
	var conn net.Conn
	var err error
	if g.to.Scheme == "https" {
		conn, err = (&tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return err
	}
	return conn.Close()
}

// Log sends nothing and writes what would have been sent, without the number. It
// is for development: the words may hold a code.
type Log struct{ Log *slog.Logger }

// Name is one line for a person.
func (Log) Name() string { return "the log, nothing is sent" }

// Text only says so.
func (l Log) Text(_ context.Context, t notice.Text) error {
	l.Log.Info("a short message would have been sent", "text", t.Words)
	return nil
}

// Check finds nothing wrong.
func (Log) Check(context.Context) error { return nil }
