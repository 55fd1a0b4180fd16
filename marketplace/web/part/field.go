package part

import (
	"strconv"

	"github.com/a-h/templ"
)

// What a file may be.
const (
	Pictures = "image/jpeg,image/png"
	Tables   = ".csv,.xml,text/csv,application/xml,text/xml"
)

// control gives the attributes that box and line share.
func control(form Form, in Input) templ.Attributes {
	a := templ.Attributes{}
	if in.Mode != "" {
		a["inputmode"] = in.Mode
	}
	if in.Holder != "" {
		a["placeholder"] = in.Holder
	}
	if in.Max > 0 {
		a["maxlength"] = strconv.Itoa(in.Max)
	}
	if id := form.described(in); id != "" {
		a["aria-describedby"] = id
	}
	if form.Faults[in.Name] != "" {
		a["aria-invalid"] = "true"
		if form.First == in.Name {
			a["autofocus"] = true
		}
	}
	if !in.Optional && in.Type != "search" {
		a["aria-required"] = "true"
	}
	return a
}
