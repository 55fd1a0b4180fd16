package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Notices are what a person was told, the newest first.
type Notices struct {
	Frame  part.Frame
	Rows   []NoticeRow
	Newest string // the newest of the list: what came after it stays unread
	Next   string
}

// NoticeRow is one notice.
type NoticeRow struct {
	ID, Title, Text string
	Topic           string
	At              time.Time
	Unread          bool
}

// icon is the sign of a topic.
func (row NoticeRow) icon() string {
	switch row.Topic {
	case "orders":
		return "box"
	case "money":
		return "yuan"
	case "work":
		return "flag"
	case "safety":
		return "shield"
	}
	return "bell"
}

// NoticeChoices is what a person wants to be told, and how.
type NoticeChoices struct {
	Frame    part.Frame
	Rows     []NoticeChoice
	Email    string // empty: the account has none
	Mailbox  string // none, off, ask, asked, confirmed, refused
	Phone    string
	Phonebox string    // none, off, ask, asked, confirmed
	Code     part.Form // of the phone: sends code, or nothing to have one sent
	Hours    []part.Option
	Quiet    part.Form // its values are quiet_from and quiet_until
}

// NoticeChoice is one topic.
type NoticeChoice struct {
	Topic           string
	App, Email, SMS bool
}

// lettered says whether letters may be chosen about at all.
func (v NoticeChoices) lettered() bool { return v.Mailbox != "none" && v.Mailbox != "off" }

// MailLink is the page behind a link of a letter. It is read without signing in
// and does nothing by itself: programs that look at mail follow links too.
type MailLink struct {
	Frame  part.Frame
	Name   string // stopping or confirming
	Topic  string // of letters that are stopped
	Action string
	Token  string
	Done   bool
}

func (v MailLink) topic() string {
	if v.Topic == "" {
		return ""
	}
	return v.Frame.T("choices." + v.Topic + ".title")
}

func (v MailLink) say(what string) string {
	return v.Frame.T(v.Name+"."+what, "topic", v.topic())
}

func (v NoticeChoices) mailboxKind() string {
	switch v.Mailbox {
	case "confirmed":
		return "good"
	case "ask", "asked":
		return "wait"
	case "refused":
		return "bad"
	}
	return ""
}

func (v NoticeChoices) phoneKind() string {
	switch v.Phonebox {
	case "confirmed":
		return "good"
	case "ask", "asked":
		return "wait"
	}
	return ""
}
