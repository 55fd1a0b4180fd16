package part

import (
	"commonfield/marketplace/tongue"
	"commonfield/storage/fault"
)

// The names of the hidden fields.
const (
	FieldCSRF = "csrf"
	FieldKey  = "key"
)

// Form is one form: where it goes, its idempotency key, and, when it comes back
// with a refusal, what the person typed and the sentence beside each field.
type Form struct {
	Action string
	Key    string
	ID     string // before the ids of its fields, where a page has several forms
	Whole  string // a refusal that belongs to no field
	Values map[string]string
	Faults map[string]string
	First  string // the field that was refused first: the page begins there
}

// Refused gives the form back with what was typed and the sentences of err. A
// fault's field decides where its sentence stands; an error that is no fault
// becomes the polite line for the whole.
func (form Form) Refused(r tongue.Reader, err error, typed map[string]string) Form {
	form.Values, form.Faults, form.First = typed, map[string]string{}, ""
	f, ok := fault.As(err)
	if !ok {
		form.Whole = tongue.Fault(r, "internal", nil)
		return form
	}
	form.take(r, f)
	for _, more := range f.More {
		if g, ok := fault.As(more); ok {
			form.take(r, g)
		}
	}
	return form
}

func (form *Form) take(r tongue.Reader, f *fault.Fault) {
	sentence := tongue.Fault(r, f.Code, f.Args)
	if f.Field == "" {
		form.Whole = sentence
		return
	}
	if form.First == "" {
		form.First = f.Field
	}
	if form.Faults[f.Field] == "" {
		form.Faults[f.Field] = sentence
	}
}

// Value is what was typed, or what the form began with.
func (form Form) Value(name string) string { return form.Values[name] }

// Or is what was typed, or another value where nothing was.
func (form Form) Or(name, otherwise string) string {
	if v, ok := form.Values[name]; ok {
		return v
	}
	return otherwise
}

// Bad says whether anything was refused.
func (form Form) Bad() bool { return form.Whole != "" || len(form.Faults) > 0 }

// Input is one field of a form.
type Input struct {
	Name, Label string
	Type        string // "text" when empty
	Mode        string // inputmode
	Auto        string // autocomplete; "off" when empty
	Hint        string
	Holder      string // placeholder
	Sign        string // of a currency, written before the box
	Unit        string // written behind the box
	Value       string // what stands there before anybody typed
	Max         int    // maxlength
	Rows        int    // of a text area
	Optional    bool
	Secret      bool // never written back into the page
}

// Option is one entry of a list, or one choice.
type Option struct {
	Value, Label, Note string
	Off                bool // shown, with its reason, but not to be chosen
}

func (form Form) id(in Input) string { return form.ID + in.Name }

func (form Form) shown(in Input) string {
	if in.Secret {
		return ""
	}
	return form.Or(in.Name, in.Value)
}

func (in Input) kind() string {
	if in.Type == "" {
		return "text"
	}
	return in.Type
}

func (in Input) auto() string {
	if in.Auto == "" {
		return "off"
	}
	return in.Auto
}

// described lists the ids of what explains a field.
func (form Form) described(in Input) string {
	switch {
	case form.Faults[in.Name] != "":
		return form.id(in) + "-e"
	case in.Hint != "":
		return form.id(in) + "-h"
	}
	return ""
}
