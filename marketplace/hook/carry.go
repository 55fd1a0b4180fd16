package hook

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// What a receiver is given: so much time, and so much of its answer is read.
const (
	patience   = 10 * time.Second
	mostAnswer = 4 << 10
	mostHead   = 16 << 10
	mostShown  = 500 // letters of an answer that are kept
)

// carrier makes the requests. It follows no redirect, uses no proxy, and looks at
// the address that it really connects to: a name may resolve to another one than
// it did when it was looked at.
type carrier struct{ client *http.Client }

var errPrivate = errors.New("the name leads to this machine or its neighbours")

func newCarrier(private bool) *carrier {
	dialer := &net.Dialer{Timeout: 5 * time.Second, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !private && !public(at.Addr()) {
			return errPrivate
		}
		return nil
	}}
	return &carrier{&http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: mostHead,
			MaxIdleConns: 20, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second, DisableCompression: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
	}}
}

// outcome is what became of one request.
type outcome struct {
	status int
	wrong  string // in one word; empty: it was taken
	answer string
	wait   time.Duration // that the receiver asked for
	took   time.Duration
}

// carry sends one request. What a receiver answers beyond the first kilobytes is
// not read.
func (c *carrier) carry(ctx context.Context, to, name, body string, at time.Time, secrets ...string) outcome {
	begun := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return outcome{wrong: "address"}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Commonfield-Webhooks/1")
	req.Header.Set("Webhook-Id", name)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("Webhook-Signature", signatures(name, at, body, secrets...))
	res, err := c.client.Do(req)
	if err != nil {
		return outcome{wrong: word(err), took: time.Since(begun)}
	}
	defer func() { _ = res.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(res.Body, mostAnswer)) // what it says is for a person; whether it took the event the status says
	o := outcome{status: res.StatusCode, answer: legible(said), took: time.Since(begun)}
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
	case res.StatusCode >= 300 && res.StatusCode < 400:
		o.wrong = "redirect"
	case res.StatusCode == http.StatusGone:
		o.wrong = "gone"
	default:
		o.wrong = "status"
		if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
			o.wait = min(time.Duration(min(s, 24*3600))*time.Second, 24*time.Hour)
		}
	}
	return o
}

// word says what went wrong. What the program itself says of it may name the
// address, which can hold a secret, so it is not kept.
func word(err error) string {
	var name *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, errPrivate):
		return "private"
	case errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err):
		return "timeout"
	case errors.As(err, &name):
		return "name"
	case errors.As(err, &cert) || errors.As(err, &record) || strings.Contains(err.Error(), "tls:"):
		return "tls"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	}
	return "broken"
}

// legible is how an answer begins, as a page can show it: without signs that
// are no letters.
func legible(said []byte) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(said), ""))
	if letters := []rune(text); len(letters) > mostShown {
		text = string(letters[:mostShown])
	}
	return strings.TrimSpace(text)
}
