package page

import (
	"net/http"
	"strconv"

	"commonfield/marketplace/web/part"
)

// Failure is a page for what went wrong. Status is the HTTP status; 403, 404,
// 405, 409, 413, 422, 429, 500 and 503 have their own words, others the most
// general ones. Sentence, when set, takes the place of the usual text.
type Failure struct {
	Frame    part.Frame
	Status   int
	Sentence string
	Unsent   *Unsent
}

// Unsent is a form that came too late, to be sent once more as it was. Files says that
// it may have had some, which must be chosen anew.
type Unsent struct {
	Action string
	Fields []part.Fact // name and value
	Files  bool
}

// NoNetwork is the page that the worker shows, without signal, for what it has not kept;
// which pages it has kept (Seen) it knows alone.
type NoNetwork struct {
	Frame part.Frame
	Seen  []part.Fact // name and address
}

func (v Failure) key() string {
	if v.Unsent != nil {
		return "failure.unsent"
	}
	switch v.Status {
	case 401, 403, 404, 408, 409, 413, 429, 431, 503:
		return "failure." + strconv.Itoa(v.Status)
	}
	if v.Status >= 400 && v.Status < 500 { // whatever else HTTP refuses is not our fault
		return "failure.422"
	}
	return "failure.500"
}

func (v Failure) text() string {
	if v.Sentence != "" && v.Unsent == nil {
		return v.Sentence
	}
	return v.Frame.T(v.key() + ".text")
}

// Docs is the readable page of the API, made from its OpenAPI document.
type Docs struct {
	Frame      part.Frame
	Version    string
	Title      string
	Intro      []string // paragraphs
	Groups     []DocGroup
	Operations int
}

// DocGroup is the operations on one resource.
type DocGroup struct {
	Name, About string
	Operations  []Operation
}

// Operation is one method on one path.
type Operation struct {
	Method, Path  string
	Summary, Text string
	Scope         string // what a token needs; empty for everybody
	Params        []Param
	Body          []Param
	Example       string // of a request, JSON
	Answers       []Answer
}

// Param is a parameter or a field of a body. In is "path", "query", "header" or
// "body".
type Param struct {
	Name, In, Type, About string
	Required              bool
}

// Answer is a status and what it means.
type Answer struct{ Status, About string }

func (o Operation) id() string { return o.Method + o.Path }

func (o Operation) kind() string {
	switch o.Method {
	case http.MethodGet:
		return "info"
	case http.MethodDelete:
		return "bad"
	}
	return "good"
}

func (v Failure) drawing() string {
	if v.Status == 404 {
		return "empty-field.svg"
	}
	return "empty-basket.svg"
}

// kind is how the form was sent: what reads files wants parts.
func (u Unsent) kind() string {
	if u.Files {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}
