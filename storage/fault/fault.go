// Package fault is the one error type of the program. A fault has a code that
// a program may branch on, a field it belongs to, arguments from which a door
// makes a sentence in the reader's language, and a cause that only the log
// sees. Any other error is internal: logged once, shown as one polite line.
package fault

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind says what sort of answer a fault is; doors map it to an HTTP status,
// the terminal to an exit code.
type Kind uint8

// The kinds of fault.
const (
	KindInvalid     Kind = iota + 1 // a wrong value; 422
	KindNotFound                    // no such thing, or not yours to see; 404
	KindConflict                    // right, but not now; 409
	KindForbidden                   // not yours to do; 403
	KindSignIn                      // say who you are first; 401
	KindTooMany                     // slow down; 429
	KindTooLarge                    // body, page or number too large; 413
	KindUnavailable                 // something outside is down; 503
)

// Args fill the placeholders of a code's sentence.
type Args map[string]any

// Fault is an error that a person or a program can act on.
type Fault struct {
	Kind  Kind
	Code  string  // key of the sentence in the catalogues, without "fault."
	Field string  // the input it belongs to, empty for the whole
	Args  Args    // placeholders
	More  []error // further faults of the same input
	Cause error   // for the log only
}

// Error gives the code and its arguments; people read the catalogue's sentence.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Code)
	if f.Field != "" {
		b.WriteString(" (" + f.Field + ")")
	}
	keys := make([]string, 0, len(f.Args))
	for k := range f.Args {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, " %s=%v", k, f.Args[k])
	}
	if f.Cause != nil {
		b.WriteString(": " + f.Cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Is makes errors.Is(err, fault.NotFound("x")) true for the same kind and code.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Kind == f.Kind && t.Code == f.Code
}

// Because returns the fault with its cause, for the log.
func (f *Fault) Because(err error) *Fault { g := *f; g.Cause = err; return &g }

// On returns the fault for another field.
func (f *Fault) On(field string) *Fault { g := *f; g.Field = field; return &g }

// Invalid refuses one value.
func Invalid(field, code string, args ...Args) *Fault { return build(KindInvalid, field, code, args) }

// NotFound says that there is no such thing, or none that the caller may see.
func NotFound(code string, args ...Args) *Fault { return build(KindNotFound, "", code, args) }

// Conflict refuses what would be right at another time.
func Conflict(code string, args ...Args) *Fault { return build(KindConflict, "", code, args) }

// Forbidden refuses what is not the caller's to do.
func Forbidden(code string, args ...Args) *Fault { return build(KindForbidden, "", code, args) }

// SignIn asks who the caller is.
func SignIn(code string, args ...Args) *Fault { return build(KindSignIn, "", code, args) }

// TooMany asks the caller to slow down.
func TooMany(code string, args ...Args) *Fault { return build(KindTooMany, "", code, args) }

// TooLarge refuses a body, a page or a number.
func TooLarge(code string, args ...Args) *Fault { return build(KindTooLarge, "", code, args) }

// Unavailable says that something outside is down.
func Unavailable(code string, args ...Args) *Fault { return build(KindUnavailable, "", code, args) }

func build(k Kind, field, code string, args []Args) *Fault {
	f := &Fault{Kind: k, Code: code, Field: field}
	if len(args) > 0 {
		f.Args = args[0]
	}
	return f
}

// As gives the fault in err, if there is one.
func As(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Has says whether err is a fault with this code.
func Has(err error, code string) bool {
	f, ok := As(err)
	return ok && f.Code == code
}

// All gathers the refusals of one input; nil when none of them is one. The
// first is the fault, the others hang on it, so a form can mark every field.
func All(errs ...error) error {
	var first *Fault
	for _, err := range errs {
		if err == nil {
			continue
		}
		f, ok := As(err)
		if !ok {
			return err
		}
		if first == nil {
			g := *f
			first = &g
			continue
		}
		first.More = append(first.More, f)
	}
	if first == nil {
		return nil
	}
	return first
}
