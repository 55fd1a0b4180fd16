package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is a mail server that speaks SMTP over a socket and remembers what it
// was given.
type server struct {
	mu     sync.Mutex
	addr   string
	from   []string
	to     []string
	bodies []string
	tls    []bool
	names  []string // who signed in

	rcpt, data error // what it answers
	drop       bool  // it takes a letter and hangs up before it says so
	needsAuth  bool
	certs      *x509.CertPool
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }

type session struct {
	s  *server
	c  *smtp.Conn
	in bool
}

func (v *session) Reset()        {}
func (v *session) Logout() error { return nil }

func (v *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, password string) error {
		if name != "market" || password != "s3cret-word" {
			return smtp.ErrAuthFailed
		}
		v.in = true
		v.s.mu.Lock()
		v.s.names = append(v.s.names, name)
		v.s.mu.Unlock()
		return nil
	}), nil
}

func (v *session) Mail(from string, _ *smtp.MailOptions) error {
	if v.s.needsAuth && !v.in {
		return smtp.ErrAuthRequired
	}
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	v.s.from = append(v.s.from, from)
	return nil
}

func (v *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	if v.s.rcpt != nil {
		return v.s.rcpt
	}
	v.s.to = append(v.s.to, to)
	return nil
}

func (v *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, encrypted := v.c.TLSConnectionState()
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	if v.s.data != nil {
		return v.s.data
	}
	v.s.bodies = append(v.s.bodies, string(body))
	v.s.tls = append(v.s.tls, encrypted)
	if v.s.drop {
		_ = v.c.Conn().Close()
	}
	return nil
}

func (s *server) letters() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.bodies...)
}

// how a server encrypts.
const (
	plain = iota
	startTLS
	implicitTLS
)

// serve starts a mail server on a port of its own.
func serve(t *testing.T, how int) *server {
	t.Helper()
	s := &server{}
	one := smtp.NewServer(s)
	one.Domain, one.AllowInsecureAuth = "mail.example", true
	one.ReadTimeout, one.WriteTimeout = 10*time.Second, 10*time.Second
	one.ErrorLog = silent{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	if how != plain {
		cert, pool := certificate(t)
		s.certs = pool
		config := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		if how == implicitTLS {
			l = tls.NewListener(l, config)
		} else {
			one.TLSConfig = config
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = one.Serve(l) }()
	t.Cleanup(func() { _ = one.Close(); <-done })
	return s
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// certificate is one for 127.0.0.1 that only this test trusts.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
