package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// The refusals a caller may branch on, by errors.Is.
var (
	ErrOtherVersion = errors.New("the data folder belongs to another version of PostgreSQL")
	ErrNoPostgres   = errors.New("there is no PostgreSQL to start")
	ErrNotOurFolder = errors.New("the folder holds something that is not ours")
	ErrNoAccess     = errors.New("the folder may not be used by this user")
	ErrDiskFull     = errors.New("the disk is full")
)

// kinds are the refusals as they travel from the keeper to the command.
var kinds = map[string]error{
	"version": ErrOtherVersion,
	"none":    ErrNoPostgres,
	"folder":  ErrNotOurFolder,
	"access":  ErrNoAccess,
	"disk":    ErrDiskFull,
}

// refusal is one line for a person, with what a program may ask about it.
type refusal struct {
	text  string
	kind  error
	cause error
}

func (r *refusal) Error() string { return r.text }

func (r *refusal) Unwrap() []error {
	var all []error
	if r.kind != nil {
		all = append(all, r.kind)
	}
	if r.cause != nil {
		all = append(all, r.cause)
	}
	return all
}

// refuse makes a refusal of a kind (or of none) from one line.
func refuse(kind error, format string, args ...any) error {
	return &refusal{text: oneLine(fmt.Sprintf(format, args...)), kind: kind}
}

// failed turns an error of the system into one line that says what to do.
func failed(cause error, format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	r := &refusal{cause: cause}
	switch {
	case errors.Is(cause, context.Canceled):
		r.text = what + ": given up"
	case errors.Is(cause, context.DeadlineExceeded):
		r.text = what + ": it took too long"
	case errors.Is(cause, syscall.ENOSPC), errors.Is(cause, syscall.EDQUOT):
		r.kind = ErrDiskFull
		r.text = what + ": the disk is full; make room and start again"
	case errors.Is(cause, fs.ErrPermission), errors.Is(cause, syscall.EROFS):
		r.kind = ErrNoAccess
		r.text = what + ": this user may not write there (" + reason(cause) + "); choose another folder or change its owner"
	default:
		r.text = what + ": " + reason(cause)
	}
	r.text = oneLine(r.text)
	return r
}

// kindOf names an error for the way from the keeper to the command.
func kindOf(err error) string {
	for name, kind := range kinds {
		if errors.Is(err, kind) {
			return name
		}
	}
	return ""
}

// reason is the innermost sentence of a file error, without the path twice.
func reason(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Path + ": " + path.Err.Error()
	}
	return err.Error()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
