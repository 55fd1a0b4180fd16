package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"commonfield/marketplace/notice"
)

// SMTP hands letters to a mail server, one connection a letter. It promises that
// a password never goes over a connection that is not encrypted.
type SMTP struct {
	host string
	from *netmail.Address
	with []mail.Option
}

// patience is how long each step of a conversation may take.
const patience = 20 * time.Second

// errAddress never shows the address: it holds the password.
var errAddress = errors.New("COMMONFIELD_SMTP_URL is not understood: it looks like smtp://user:password@mail.example:587, or smtps://… where TLS begins at once (port 465)")

func openSMTP(address, from string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return nil, errAddress
	}
	a, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, errors.New("COMMONFIELD_MAIL_FROM must be the address that letters come from, as no-reply@market.example")
	}
	s := &SMTP{host: u.Hostname(), from: a}
	s.with = append(s.with, mail.WithTimeout(patience), mail.WithTLSConfig(&tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}))
	port := 587
	switch policy := u.Query().Get("tls"); {
	case u.Scheme == "smtps":
		port = 465
		s.with = append(s.with, mail.WithSSL())
	case policy == "none":
		s.with = append(s.with, mail.WithTLSPolicy(mail.NoTLS))
	case policy == "" && local(u.Hostname()):
		s.with = append(s.with, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case policy == "":
		s.with = append(s.with, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		return nil, errAddress
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, errAddress
		}
	}
	s.with = append(s.with, mail.WithPort(port))
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		// Chosen from what the server offers; what would show the password is left
		// out where the connection is not encrypted.
		s.with = append(s.with, mail.WithUsername(name), mail.WithPassword(password), mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
	}
	return s, nil
}

// local says whether a mail server runs on this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Name is one line for a person.
func (s *SMTP) Name() string { return "SMTP at " + s.host }

// Send hands a letter over in a conversation of its own.
func (s *SMTP) Send(ctx context.Context, l notice.Letter) error {
	m, err := message(s.from, l)
	if err != nil {
		return err
	}
	c, err := mail.NewClient(s.host, s.with...)
	if err != nil {
		return err
	}
	return judge(c.DialAndSendWithContext(ctx, m), m)
}

// judge says what an answer means. What the server says may name the address, so
// only its code goes on.
func judge(err error, m *mail.Msg) error {
	if err == nil || m.IsDelivered() {
		return nil // taken; what went wrong afterwards is the farewell
	}
	var said *mail.SendError
	if !errors.As(err, &said) {
		if wrong, ok := errors.AsType[net.Error](err); ok && wrong.Timeout() {
			return errors.New("mail: the mail server does not answer")
		}
		return fmt.Errorf("mail: the mail server cannot be reached or does not let us in: %w", err)
	}
	code := strconv.Itoa(said.ErrorCode())
	if more := said.EnhancedStatusCode(); more != "" {
		code += " " + more
	}
	if said.ErrorCode() >= 500 && !full(said.ErrorCode()) {
		switch said.Reason {
		case mail.ErrSMTPRcptTo:
			return &notice.Refused{Code: code, Address: true}
		case mail.ErrSMTPDataClose:
			return &notice.Refused{Code: code}
		}
	}
	return fmt.Errorf("mail: not taken: %s (%s)", said.Reason, code)
}

// full says whether a code only says that the mailbox is full for now (552), or
// that there are too many at once (452 said wrongly).
func full(code int) bool { return code == 552 }

// Check goes as far as a letter would, and sends none: it connects, says hello,
// encrypts and signs in.
func (s *SMTP) Check(ctx context.Context) error {
	c, err := mail.NewClient(s.host, s.with...)
	if err != nil {
		return err
	}
	if err := c.DialWithContext(ctx); err != nil {
		return fmt.Errorf("the mail server cannot be reached or does not let us in: %w", err)
	}
	return c.Close()
}
