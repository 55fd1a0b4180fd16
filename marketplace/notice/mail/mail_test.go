package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/wneessen/go-mail"

	"commonfield/marketplace/notice"
)

func letterOf(to string) notice.Letter {
	return notice.Letter{ID: "0190-1", To: to, Subject: "付好了，订单成立：YL-1", Lang: "zh-Hans",
		Text: "您付的 ¥200.00 先由平台保管。\nhttps://market.example/orders/YL/1", HTML: "<!doctype html><html><body><p>您付的 ¥200.00</p></body></html>",
		Stop: "https://market.example/notices/stop?t=abc"}
}

func open(t *testing.T, s *server, scheme, credentials string) *SMTP {
	t.Helper()
	one, err := openSMTP(scheme+"://"+credentials+s.addr, "共田 <no-reply@market.example>")
	if err != nil {
		t.Fatal(err)
	}
	if s.certs != nil {
		one.with = append(one.with, mail.WithTLSConfig(&tls.Config{RootCAs: s.certs, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}))
	}
	return one
}

// suite is what every sender keeps. read gives the letters that it has taken,
// as mail messages; nil where a sender keeps none.
func suite(t *testing.T, s notice.Sender, read func() []string) {
	ctx := context.Background()
	if s.Name() == "" {
		t.Error("it has no name")
	}
	if err := s.Check(ctx); err != nil {
		t.Fatalf("a well sender is ill: %v", err)
	}
	if read != nil && len(read()) != 0 {
		t.Error("a check has sent something")
	}
	for range 2 {
		if err := s.Send(ctx, letterOf("chen@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"", "nobody", "a@b.example\r\nBcc: all@example.com", "a@b.example\nX: 1", "a@b.example, c@d.example"} {
		err := s.Send(ctx, letterOf(bad))
		var refused *notice.Refused
		if !errors.As(err, &refused) || !refused.Address {
			t.Errorf("%q was not refused for good: %v", bad, err)
		} else if bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("the refusal shows the address: %v", err)
		}
	}
	sly := letterOf("chen@example.com")
	sly.ID = "0190-2\r\nX-Sly: 1"
	sly.Subject = "订单\r\nBcc: everybody@example.com\r\n\r\n<b>free walnuts</b>"
	sly.Lang = "en\r\nX-Sly: 2"
	sly.Stop = "https://market.example/stop?t=1\r\nX-Sly: 3"
	if err := s.Send(ctx, sly); err != nil {
		t.Fatal(err)
	}
	if read == nil {
		return
	}
	ids := map[string]bool{}
	for _, text := range read() {
		m, err := netmail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatalf("no mail message: %v\n%s", err, text)
		}
		if m.Header.Get("Bcc") != "" || m.Header.Get("X-Sly") != "" {
			t.Errorf("a header was smuggled in:\n%s", text)
		}
		if m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("From") == "" {
			t.Errorf("headers are missing: %v", m.Header)
		}
		if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "chen@example.com" {
			t.Errorf("it goes to %v, %v", to, err)
		}
		ids[m.Header.Get("Message-ID")] = true
		if strings.HasPrefix(m.Header.Get("Message-ID"), "<0190-1@") {
			whole(t, m)
		}
	}
	if len(ids) != 2 {
		t.Errorf("two letters have the Message-IDs %v", ids)
	}
}

// whole holds a message against the letter it was made of.
func whole(t *testing.T, m *netmail.Message) {
	t.Helper()
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "付好了，订单成立：YL-1" {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	if m.Header.Get("List-Unsubscribe") != "<https://market.example/notices/stop?t=abc>" || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("one cannot stop it: %v", m.Header)
	}
	kind, with, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("it is %s, %v", kind, err)
	}
	parts := map[string]string{}
	r := multipart.NewReader(m.Body, with["boundary"])
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = p // multipart decodes quoted-printable by itself
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(p)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		parts[kind] = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	l := letterOf("")
	if strings.TrimSpace(parts["text/plain"]) != l.Text || strings.TrimSpace(parts["text/html"]) != l.HTML {
		t.Errorf("the parts are %q", parts)
	}
}

func TestEverySenderKeepsTheSuite(t *testing.T) {
	t.Run("log", func(t *testing.T) {
		var b bytes.Buffer
		suite(t, Log{slog.New(slog.NewTextHandler(&b, nil))}, nil)
		if strings.Contains(b.String(), "chen@") || strings.Contains(b.String(), "200") || !strings.Contains(b.String(), "c•••@example.com") {
			t.Errorf("the log says %s", b.String())
		}
	})
	t.Run("folder", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "letters")
		s, err := Open("", "", dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		suite(t, s, func() []string {
			files, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
			var all []string
			for _, f := range files {
				b, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, string(b))
			}
			return all
		})
		if files, _ := os.ReadDir(dir); len(files) != 2 {
			t.Errorf("%d files of two letters", len(files))
		}
	})
	for name, how := range map[string]int{"smtp": plain, "smtp with STARTTLS": startTLS, "smtps": implicitTLS} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, how)
			s.needsAuth = how != plain
			scheme, credentials := "smtp", ""
			if how == implicitTLS {
				scheme = "smtps"
			}
			if s.needsAuth {
				credentials = "market:s3cret-word@"
			}
			suite(t, open(t, s, scheme, credentials), s.letters)
			for _, encrypted := range s.tls {
				if encrypted != (how != plain) {
					t.Errorf("encrypted: %t", encrypted)
				}
			}
			if s.from[0] != "no-reply@market.example" {
				t.Errorf("from %q", s.from[0])
			}
		})
	}
}

func TestWhatAMailServerAnswersIsUnderstood(t *testing.T) {
	code := func(n int, e smtp.EnhancedCode) error {
		return &smtp.SMTPError{Code: n, EnhancedCode: e, Message: "<chen@example.com> no such user"}
	}
	for name, c := range map[string]struct {
		rcpt, data    error
		never, atHome bool
	}{
		"no such user":     {rcpt: code(550, smtp.EnhancedCode{5, 1, 1}), never: true, atHome: true},
		"mailbox is full":  {rcpt: code(552, smtp.EnhancedCode{5, 2, 2})},
		"try later":        {rcpt: code(451, smtp.EnhancedCode{4, 7, 1})},
		"taken for junk":   {data: code(554, smtp.EnhancedCode{5, 7, 1}), never: true},
		"disk is full":     {data: code(452, smtp.EnhancedCode{4, 3, 1})},
		"closing the line": {data: code(421, smtp.EnhancedCode{4, 3, 2})},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, plain)
			s.rcpt, s.data = c.rcpt, c.data
			err := open(t, s, "smtp", "").Send(t.Context(), letterOf("chen@example.com"))
			var refused *notice.Refused
			if errors.As(err, &refused) != c.never || err == nil {
				t.Fatalf("understood as %v", err)
			}
			if c.never && refused.Address != c.atHome {
				t.Errorf("at fault is the address: %t", refused.Address)
			}
			if strings.Contains(err.Error(), "chen") {
				t.Errorf("the error names the address: %v", err)
			}
		})
	}
}

func TestALostAnswerIsTriedAgainWithTheSameName(t *testing.T) {
	s := serve(t, plain)
	s.drop = true
	one := open(t, s, "smtp", "")
	err := one.Send(t.Context(), letterOf("chen@example.com"))
	var refused *notice.Refused
	if err == nil || errors.As(err, &refused) {
		t.Fatalf("an answer that never came was taken for %v", err)
	}
	s.mu.Lock()
	s.drop = false
	s.mu.Unlock()
	if err := one.Send(t.Context(), letterOf("chen@example.com")); err != nil {
		t.Fatal(err)
	}
	all := s.letters()
	if len(all) != 2 || !strings.Contains(all[0], "<0190-1@market.example>") || !strings.Contains(all[1], "<0190-1@market.example>") {
		t.Errorf("the letters do not have one name: %d", len(all))
	}
}

func TestAMailServerThatIsIllIsSaidToBeIll(t *testing.T) {
	secret := "s3cret-wrong"
	t.Run("it is down", func(t *testing.T) {
		one, err := openSMTP("smtp://market:"+secret+"@127.0.0.1:1", "no-reply@market.example")
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{one.Check(t.Context()), one.Send(t.Context(), letterOf("chen@example.com"))} {
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("said: %v", err)
			}
		}
	})
	t.Run("the password is wrong", func(t *testing.T) {
		s := serve(t, startTLS)
		s.needsAuth = true
		one := open(t, s, "smtp", "market:"+secret+"@")
		for _, err := range []error{one.Check(t.Context()), one.Send(t.Context(), letterOf("chen@example.com"))} {
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("said: %v", err)
			}
		}
		if len(s.letters()) != 0 {
			t.Error("a letter went")
		}
	})
	t.Run("it does not encrypt, and is not on this machine", func(t *testing.T) {
		s := serve(t, plain)
		one := open(t, s, "smtp", "market:s3cret-word@")
		one.with = append(one.with, mail.WithTLSPolicy(mail.TLSMandatory))
		if err := one.Check(t.Context()); err == nil {
			t.Error("it was found well")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.names) != 0 {
			t.Error("the password went over an open line")
		}
	})
	t.Run("its certificate is not trusted", func(t *testing.T) {
		s := serve(t, implicitTLS)
		s.certs = nil
		if err := open(t, s, "smtps", "").Check(t.Context()); err == nil {
			t.Error("it was found well")
		}
	})
}

func TestAnAddressOfAMailServerIsReadOrRefusedWithoutShowingIt(t *testing.T) {
	for _, good := range []string{"", "log", "folder", "smtp://mail.example", "smtp://u:p@mail.example:2525", "smtps://u:p%40ss@mail.example", "smtp://mail.example?tls=none"} {
		if err := Readable(good, "共田 <no-reply@market.example>"); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"http://mail.example", "mail.example:25", "smtp://", "smtp://u:hidden@mail.example:99999", "smtp://u:hidden@mail.example?tls=maybe", "smtp://u:hid den@mail.example"} {
		err := Readable(bad, "no-reply@market.example")
		if err == nil || strings.Contains(err.Error(), "hid") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, from := range []string{"", "nobody", "a@b.example\r\nBcc: c@d.example"} {
		if Readable("smtp://mail.example", from) == nil {
			t.Errorf("letters come from %q", from)
		}
	}
}

func TestAMaskedAddressShowsNobody(t *testing.T) {
	for in, want := range map[string]string{"chen@example.com": "c•••@example.com", "陈@例.中国": "陈•••@例.中国", "": "•••", "nobody": "•••", "@x": "•••@x"} {
		if got := Masked(in); got != want {
			t.Errorf("%q is shown as %q", in, got)
		}
	}
}
