package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/storage/fault"
)

// problem is the one shape of a refusal, RFC 9457.
type problem struct {
	Type    string         `json:"type" doc:"urn:commonfield:problem: and the code"`
	Title   string         `json:"title" doc:"what sort of refusal, in the reader's language"`
	Status  int            `json:"status" doc:"the HTTP status"`
	Detail  string         `json:"detail" doc:"a sentence for a person, in the reader's language"`
	Code    string         `json:"code" doc:"what a program branches on"`
	Field   string         `json:"field,omitempty" doc:"the input it belongs to"`
	Errors  []wrong        `json:"errors,omitempty" doc:"every wrong value, when there are several"`
	Args    map[string]any `json:"args,omitempty" doc:"what the sentence is filled with, unformatted"`
	Request string         `json:"request_id" doc:"to be read out when asking for help"`
}

// wrong is one wrong value.
type wrong struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Error gives the code.
func (p *problem) Error() string { return p.Code }

// GetStatus is the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// refusal is what HTTP itself refuses, before any room is asked.
type refusal struct {
	status int
	*fault.Fault
}

func refusing(status int, code string, args ...fault.Args) error {
	return &refusal{status, fault.Invalid("", code, args...)}
}

// Unwrap gives the fault, so that it is found like any other.
func (r *refusal) Unwrap() error { return r.Fault }

// status is the HTTP status of an error.
func status(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status
	}
	return door.Status(err)
}

// explain makes the problem of an error for a reader. What is no fault is
// internal: its cause is for the log only.
func explain(r tongue.Reader, err error, request string) *problem {
	p := &problem{Status: status(err), Request: request}
	f, known := fault.As(err)
	if !known {
		f = &fault.Fault{Code: codeOf(p.Status)}
	}
	p.Code, p.Field, p.Args = f.Code, f.Field, plainArgs(f.Args)
	p.Type = "urn:commonfield:problem:" + p.Code
	p.Title = title(r, p.Status)
	p.Detail = tongue.Fault(r, f.Code, p.Args)
	if f.Field != "" || len(f.More) > 0 {
		p.Errors = append(p.Errors, wrong{f.Field, f.Code, p.Detail})
	}
	for _, m := range f.More {
		if g, ok := fault.As(m); ok {
			p.Errors = append(p.Errors, wrong{g.Field, g.Code, tongue.Fault(r, g.Code, plainArgs(g.Args))})
		}
	}
	return p
}

// codeOf names what Fiber or nobody has named.
func codeOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return "no_route"
	case http.StatusRequestEntityTooLarge:
		return "body_too_large"
	case http.StatusRequestHeaderFieldsTooLarge:
		return "headers_too_large"
	case http.StatusUnsupportedMediaType:
		return "media_type"
	case http.StatusServiceUnavailable:
		return "unavailable"
	}
	if status >= 400 && status < 500 {
		return "malformed"
	}
	return "internal"
}

// title is the catalogue's short line for a status.
func title(r tongue.Reader, status int) string {
	switch status {
	case 401, 403, 404, 408, 409, 413, 429, 431, 503:
	case 500:
	default:
		if status >= 500 {
			status = 503
		} else {
			status = 422
		}
	}
	return r.T("failure." + strconv.Itoa(status) + ".title")
}

// plainArgs gives lists as lists: rooms write the moves that are allowed either way.
func plainArgs(args fault.Args) map[string]any {
	if len(args) == 0 {
		return nil
	}
	out := make(map[string]any, len(args))
	for k, v := range args {
		if text, ok := v.(string); ok && k == "allowed" {
			v = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		}
		out[k] = v
	}
	return out
}

// OnError answers with a problem: for what fails before a route is found, a
// body that is too large for example. The app's own error handler calls it for
// addresses under /api.
func OnError(c *fiber.Ctx, err error) error { return answerProblem(c, readerOf(c), err) }

func answerProblem(c *fiber.Ctx, r tongue.Reader, err error) error {
	p := explain(r, err, door.RequestID(c))
	record(c, p, err)
	headers(c, r, p)
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, p.ContentType(""))
	return c.Status(p.Status).Send(body)
}

// record logs the cause of what is no refusal, once, under its request's id.
func record(c *fiber.Ctx, p *problem, err error) {
	if p.Status >= http.StatusInternalServerError {
		slog.ErrorContext(c.Context(), "api", "request", p.Request, "route", c.Route().Path, "error", err.Error())
	}
}

// headers are those that belong to a status.
func headers(c *fiber.Ctx, r tongue.Reader, p *problem) {
	c.Set(fiber.HeaderContentLanguage, r.Tag())
	c.Set(fiber.HeaderCacheControl, "no-store")
	if p.Status == http.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="commonfield"`)
	}
	if p.Status == http.StatusServiceUnavailable {
		c.Set(fiber.HeaderRetryAfter, "30")
	}
}

// readerOf reads the language that a request asks for.
func readerOf(c *fiber.Ctx) tongue.Reader {
	return tongue.Choose("", c.Cookies(door.LangCookie), c.Get(fiber.HeaderAcceptLanguage))
}
