// Package mail holds the senders of letters: SMTP for real use, a folder of
// files to look at while one builds, and one that only says that a letter would
// have gone. All pass one suite. None writes down what a letter says or to whom,
// beyond a masked address.
package mail

import (
	"fmt"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/letter"
)

// Ways of sending that are no mail server.
const (
	LogWay    = "log"
	FolderWay = "folder"
)

// Open gives the sender that an address names: smtp://user:password@host:587
// (STARTTLS), smtps://… (TLS from the first byte), "log", "folder", and for an
// empty one the folder. from is the address that letters come from, with or
// without a name.
func Open(address, from, folder string, log *slog.Logger) (notice.Sender, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	switch address {
	case LogWay:
		return Log{log}, nil
	case "", FolderWay:
		if from == "" {
			from = "no-reply@commonfield.invalid"
		}
		a, err := netmail.ParseAddress(from)
		return Folder{Dir: folder, From: a, Log: log}, err
	}
	return openSMTP(address, from)
}

// Readable says what is wrong with the settings of a mail server, without
// showing the password.
func Readable(address, from string) error {
	if address == "" || address == LogWay || address == FolderWay {
		return nil
	}
	_, err := openSMTP(address, from)
	return err
}

// Masked shows an address so that its owner recognises it and nobody else
// learns it: c•••@example.com.
func Masked(address string) string {
	name, host, found := strings.Cut(letter.Line(address), "@")
	if !found {
		return "•••"
	}
	first, _ := utf8.DecodeRuneInString(name)
	if first == utf8.RuneError {
		return "•••@" + host
	}
	return string(first) + "•••@" + host
}

// message writes a letter as a mail message. Nothing in it can begin a header of
// its own: what goes into one is made one line first.
func message(from *netmail.Address, l notice.Letter) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.FromFormat(letter.Line(from.Name), from.Address); err != nil {
		return nil, fmt.Errorf("mail: the address letters come from: %w", err)
	}
	if strings.ContainsAny(l.To, "\r\n\x00") {
		return nil, &notice.Refused{Code: "no address", Address: true}
	}
	if err := m.To(l.To); err != nil {
		return nil, &notice.Refused{Code: "no address", Address: true}
	}
	m.Subject(letter.Line(l.Subject))
	m.SetDate()
	_, host, _ := strings.Cut(from.Address, "@")
	m.SetMessageIDWithValue(letter.Line(l.ID) + "@" + host)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if l.Lang != "" {
		m.SetGenHeader("Content-Language", letter.Line(l.Lang))
	}
	if u, err := url.Parse(l.Stop); l.Stop != "" && err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		m.SetGenHeaderPreformatted("List-Unsubscribe", "<"+u.String()+">")
		m.SetGenHeaderPreformatted("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	}
	return m, nil
}
