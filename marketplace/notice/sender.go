package notice

import (
	"context"
	"fmt"
)

// Letter is one letter, ready to be carried.
type Letter struct {
	ID      string // what Message-ID begins with: the same letter has the same, so that a mail program shows two as one
	To      string
	Subject string // without personal data: it is read on locked screens
	Text    string
	HTML    string
	Lang    string
	Stop    string // address of the link to have no more of its sort, one click (RFC 8058); may be empty
}

// Sender carries letters: marketplace/notice/mail has one for SMTP, one that
// writes files and one that only says so. Handing the same letter over twice is
// allowed; the ID is how it is recognised.
type Sender interface {
	// Send hands a letter over. It gives *Refused when this letter will never be
	// taken; every other error, an unknown outcome too, means: try again.
	Send(ctx context.Context, l Letter) error
	// Check says whether letters would be taken, without sending one.
	Check(ctx context.Context) error
	// Name is one line for a person who looks after the program.
	Name() string
}

// Refused says that a letter will not be taken, now or later. It carries the
// server's code and nothing that it said: that may name the address.
type Refused struct {
	Code    string
	Address bool // the address is at fault: no letter will be taken for it
}

// Error is one line without personal data.
func (r *Refused) Error() string {
	if r.Address {
		return fmt.Sprintf("the mail server takes no letter for this address (%s)", r.Code)
	}
	return fmt.Sprintf("the mail server does not take this letter (%s)", r.Code)
}
