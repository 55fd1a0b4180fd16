package mail

import (
	"context"
	"log/slog"
	netmail "net/mail"

	"commonfield/marketplace/notice"
)

// Log sends nothing and says that a letter would have gone, never what it says.
type Log struct{ Log *slog.Logger }

// Name is one line for a person.
func (Log) Name() string { return "the log, nothing is sent" }

var nobody = &netmail.Address{Address: "no-reply@commonfield.invalid"}

// Send refuses what no sender takes, and else only says so.
func (s Log) Send(_ context.Context, l notice.Letter) error {
	if _, err := message(nobody, l); err != nil {
		return err
	}
	s.Log.Info("a letter would have been sent", "to", Masked(l.To), "letter", unfit.ReplaceAllString(l.ID, "_"))
	return nil
}

// Check finds nothing wrong.
func (Log) Check(context.Context) error { return nil }
