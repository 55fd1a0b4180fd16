package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/embedded"
	"commonfield/storage/fault"
)

// failure is one line for whoever typed the command, with its exit code.
type failure struct {
	code  int
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// usage says that a command, flag or value is not understood.
func usage(format string, args ...any) error {
	return &failure{code: exitUsage, text: fmt.Sprintf(format, args...)}
}

// refused says that the program will not do it.
func refused(format string, args ...any) error {
	return &failure{code: exitRefused, text: fmt.Sprintf(format, args...)}
}

// environment says that something around the program does not work.
func environment(cause error, format string, args ...any) error {
	return &failure{code: exitEnvironment, text: fmt.Sprintf(format, args...), cause: cause}
}

// silent ends a command whose output has said it all.
func silent(code int) error { return &failure{code: code} }

// report prints an error as one line and gives the exit code.
func report(errs io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	code, line := judge(err)
	if line != "" {
		fmt.Fprintln(errs, "commonfield: "+strings.Join(strings.Fields(line), " "))
	}
	return code
}

// judge gives the exit code and the line of an error.
func judge(err error) (int, string) {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code, f.text
	}
	if refusal, ok := fault.As(err); ok {
		if refusal.Kind == fault.KindUnavailable {
			return exitEnvironment, sentences(refusal)
		}
		return exitRefused, sentences(refusal)
	}
	for _, known := range []error{embedded.ErrOtherVersion, embedded.ErrNoPostgres, embedded.ErrNotOurFolder, embedded.ErrNoAccess, embedded.ErrDiskFull} {
		if errors.Is(err, known) {
			return exitEnvironment, err.Error()
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return exitEnvironment, "interrupted; nothing that was acknowledged is lost"
	case full(err):
		return exitEnvironment, "the disk is full: make room and start again; nothing that was acknowledged is lost (" + err.Error() + ")"
	case lostDatabase(err):
		return exitEnvironment, "the database does not answer: " + err.Error() + "; nothing that was acknowledged is lost"
	case storage.Code(err) != "":
		return exitEnvironment, "the database refuses: " + err.Error()
	}
	return exitEnvironment, err.Error()
}

// full says whether a disk is full: the program's own, or the database's.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || storage.Code(err) == "53100"
}

// lostDatabase says whether a connection to the database was cut or refused.
func lostDatabase(err error) bool {
	var network net.Error
	code := storage.Code(err)
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) ||
		strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53")
}

// sentences gives what a person reads of a fault and of those that hang on it.
func sentences(f *fault.Fault) string {
	reader := tongue.For(tongue.English)
	all := []*fault.Fault{f}
	for _, more := range f.More {
		if g, ok := fault.As(more); ok {
			all = append(all, g)
		}
	}
	lines := make([]string, 0, len(all))
	for _, g := range all {
		line := tongue.Fault(reader, g.Code, g.Args) + " [" + g.Code + "]"
		if g.Field != "" {
			line = g.Field + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}
