package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/mail"
)

// What carries letters, from the environment: an address with a password in it
// never stands on the command line, where others could read it.
const (
	smtpEnv = "COMMONFIELD_SMTP_URL"
	fromEnv = "COMMONFIELD_MAIL_FROM"
	homeEnv = "COMMONFIELD_URL"
)

// lettersFolder is where letters lie in development, in the data folder.
const lettersFolder = "letters"

// sender gives what carries letters: the mail server that is set; in development
// without one, a folder to look at; in production without one, nothing.
func (p *program) sender() (notice.Sender, error) {
	return p.senderOf(os.Getenv(smtpEnv), os.Getenv(fromEnv))
}

func (p *program) senderOf(address, from string) (notice.Sender, error) {
	if p.production() {
		switch address {
		case "":
			return nil, nil
		case mail.LogWay, mail.FolderWay:
			return nil, refused("%s=%s sends nothing and is for development: name a mail server, or leave it empty", smtpEnv, address)
		}
	}
	s, err := mail.Open(address, from, filepath.Join(p.Data, lettersFolder), p.logger())
	if err != nil {
		return nil, usage("%v", err)
	}
	return s, nil
}

// address is the market's own, for the links in letters: what --url or the
// environment says, else where it listens.
func (p *program) address() string {
	if p.home != "" {
		return p.home
	}
	return strings.TrimRight(os.Getenv(homeEnv), "/")
}

// quiet warns, once at the start, of letters that will not be written.
func (p *program) quiet(m *market) {
	if !p.production() {
		return
	}
	log := p.logger()
	if !m.Notices.Sends() {
		log.Warn("NO LETTERS ARE SENT: buyers get no confirmation of their orders by e-mail, and nobody is warned of a changed password or bank account. Set " + smtpEnv + " and " + fromEnv)
	} else if p.address() == "" {
		log.Warn("the links in letters lead nowhere: set " + homeEnv + " to the market's own address, as https://market.example")
	}
}

// post looks whether letters would be taken; it sends none.
func (p *program) post() finding { return p.look(os.Getenv(smtpEnv), os.Getenv(fromEnv)) }

func (p *program) look(address, from string) finding {
	f := finding{Name: "sender", Mend: "set " + smtpEnv + "=smtp://user:password@mail.example:587 (smtps:// where TLS begins at once) and " + fromEnv + "=no-reply@market.example; a % in the password is written %25, an @ is %40"}
	s, err := p.senderOf(address, from)
	if err != nil {
		f.Says = err.Error()
		return f
	}
	if s == nil {
		f.Says = "no letters are sent: no mail server is set"
		return f
	}
	ctx, stop := context.WithTimeout(p.ctx, 30*time.Second)
	defer stop()
	if err := s.Check(ctx); err != nil {
		f.Says = s.Name() + ": " + err.Error()
		return f
	}
	f.OK, f.Says = true, s.Name()
	return f
}
