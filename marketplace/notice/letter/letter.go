// Package letter writes letters: the same words once as plain text and once as
// simple HTML that every mail program shows. A letter needs no picture, no style
// of another host and no script, and nobody is counted who opens it.
package letter

import (
	"context"
	"strings"

	"commonfield/marketplace/tongue"
)

// View is what a letter says.
type View struct {
	Reader  tongue.Reader
	Market  string // whose news it is; empty: the platform's
	Host    string // market.example
	Title   string
	Text    string // paragraphs are parted by line breaks
	Rows    []Row
	Button  string
	Link    string
	Why     string // why this letter came
	Choices string // address of the page where one chooses
	Stop    string // address to have no more of its sort
}

// Row is one line of a summary.
type Row struct {
	Name, Note, Value string
	Sum               bool
}

// Subject is the letter's subject: what happened, without whom it concerns.
func (v View) Subject() string { return v.Title }

// HTML gives the letter as a page.
func (v View) HTML(ctx context.Context) (string, error) {
	var b strings.Builder
	err := v.page().Render(ctx, &b)
	return b.String(), err
}

// Plain gives the letter as text.
func (v View) Plain() string {
	var b strings.Builder
	say := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	say(Line(v.Title))
	say()
	for _, p := range v.paragraphs() {
		say(p)
		say()
	}
	for _, r := range v.Rows {
		switch {
		case r.Value != "":
			say(Line(r.Name), v.Reader.T("word.colon"), r.Value)
		case r.Name != "":
			say(Line(r.Name))
		}
		if r.Note != "" {
			say("  ", Line(r.Note))
		}
	}
	if len(v.Rows) > 0 {
		say()
	}
	if v.Link != "" {
		say(strings.TrimSpace(v.Button + v.Reader.T("word.colon")))
		say(v.Link)
		say()
	}
	say("-- ")
	say(v.sign())
	say(v.Why)
	if v.Choices != "" {
		say(v.Reader.T("notice.choices"), v.Reader.T("word.colon"), v.Choices)
	}
	if v.Stop != "" {
		say(v.Reader.T("notice.stop"), v.Reader.T("word.colon"), v.Stop)
	}
	return b.String()
}

func (v View) paragraphs() []string {
	var all []string
	for p := range strings.SplitSeq(v.Text, "\n") {
		if p = Line(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

func (v View) sign() string {
	if v.Market == "" {
		return v.Reader.T("frame.name")
	}
	return Line(v.Market) + " · " + v.Reader.T("frame.name")
}

// Line gives a text as one line: nothing that was typed into a name begins a new
// header, or a second line that looks like ours.
func Line(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085'
	}), " ")
}
