package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"

	"commonfield/marketplace/notice"
)

// Folder writes each letter into a file that mail programs open. It is for
// development: the files hold what the letters say.
type Folder struct {
	Dir  string
	From *netmail.Address
	Log  *slog.Logger
}

// Name is one line for a person.
func (f Folder) Name() string { return "files in " + f.Dir + ", nothing is sent" }

var unfit = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// Send writes the letter; the same one again is the same file.
func (f Folder) Send(_ context.Context, l notice.Letter) error {
	m, err := message(f.From, l)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	trial, err := os.CreateTemp(f.Dir, ".letter-*")
	if err != nil {
		return err
	}
	_, err = m.WriteTo(trial)
	if err = errors.Join(err, trial.Close()); err == nil {
		name := unfit.ReplaceAllString(l.ID, "_") + ".eml"
		if err = os.Rename(trial.Name(), filepath.Join(f.Dir, name)); err == nil {
			f.Log.Info("a letter was written", "to", Masked(l.To), "file", name)
			return nil
		}
	}
	_ = os.Remove(trial.Name())
	return err
}

// Check says whether letters can be written there.
func (f Folder) Check(context.Context) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	trial, err := os.CreateTemp(f.Dir, ".letter-*")
	if err != nil {
		return fmt.Errorf("letters cannot be written: %w", err)
	}
	_ = trial.Close()
	return os.Remove(trial.Name())
}
