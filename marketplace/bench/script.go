package bench

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"commonfield/storage/id"
)

// script writes the rows of one transaction again, for other goods and under
// new names: one statement for each table. All that stands in the rows is a
// parameter, because a title, a price or an address must come to the database
// in any program.
type script struct {
	statements []command
	values     []value
	known      map[string]int // what a value was → which it is
}

// command is an SQL text in which a value stands as its number between zero bytes.
type command struct{ text string }

// value is a moment, or a text with names in it.
type value struct {
	moment bool
	at     time.Duration // after the deed's own
	parts  []part
}

// part of a text: itself, a new name whole or short, or one that was given.
type part struct {
	text  string
	what  byte // 'n', 's', 'g'; 0: text
	which int
}

// scribe makes scripts of what a deed has written.
type scribe struct {
	since time.Time // names and moments that are not older belong to the deed
	given []string  // names of what the deed is about
	fresh []string  // names that it has made, over all its transactions
}

// learn takes note of the names that the deed has made: a new row's own and
// those in it that are as young.
func (s *scribe) learn(w written) {
	for _, t := range w {
		for _, r := range t.rows {
			for _, v := range r.after {
				for _, name := range namesIn(v.String) {
					i, _ := id.Parse(name)
					if sec, nsec := i.Time().UnixTime(); !time.Unix(sec, nsec).Before(s.since) && !slices.Contains(s.fresh, name) {
						s.fresh = append(s.fresh, name)
					}
				}
			}
		}
	}
}

// namesIn finds the ids in a text.
func namesIn(text string) []string {
	var all []string
	for at := 0; at+36 <= len(text); at++ {
		if i, ok := id.Parse(text[at : at+36]); ok && i.Version() == 7 {
			all = append(all, text[at:at+36])
			at += 35
		}
	}
	return all
}

// write makes the script of one transaction.
func (s *scribe) write(w written) *script {
	out := &script{known: map[string]int{}}
	for _, t := range w {
		var added, own, others []rowPair
		for _, r := range t.rows {
			switch {
			case r.before == nil:
				added = append(added, r)
			case s.made(t, r):
				own = append(own, r)
			default:
				others = append(others, r)
			}
		}
		out.insert(s, t, added)
		out.update(s, t, own, false)
		out.update(s, t, others, true)
	}
	return out
}

// made says whether a row was made by the deed itself, in a transaction before.
func (s *scribe) made(t tableRows, r rowPair) bool {
	for i, c := range t.columns {
		if c.key && slices.ContainsFunc(namesIn(r.after[i].String), func(n string) bool { return slices.Contains(s.fresh, n) }) {
			return true
		}
	}
	return false
}

func (out *script) insert(s *scribe, t tableRows, rows []rowPair) {
	if len(rows) == 0 {
		return
	}
	var names, lines []string
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	for _, r := range rows {
		var cells []string
		for i, c := range t.columns {
			cells = append(cells, out.cell(s, r.after[i], c.kind))
		}
		lines = append(lines, "("+strings.Join(cells, ", ")+")")
	}
	out.statements = append(out.statements, command{"INSERT INTO " + t.table + " (" + strings.Join(names, ", ") + ") VALUES " + strings.Join(lines, ", ")})
}

// update moves rows; in those that others use too, whole numbers are moved by
// how much they were and not set to what they became.
func (out *script) update(s *scribe, t tableRows, rows []rowPair, by bool) {
	if len(rows) == 0 {
		return
	}
	var names, where, sets []string
	var which []int
	for i, c := range t.columns {
		moved := slices.ContainsFunc(rows, func(r rowPair) bool { return r.after[i] != r.before[i] })
		switch {
		case c.key:
			where = append(where, "t."+c.name+" = v."+c.name)
		case !moved:
			continue
		case by && whole(c.kind):
			sets = append(sets, c.name+" = t."+c.name+" + v."+c.name)
		default:
			sets = append(sets, c.name+" = v."+c.name)
		}
		names, which = append(names, c.name), append(which, i)
	}
	if len(sets) == 0 {
		return // written without a change, as a lock is
	}
	var lines []string
	for _, r := range rows {
		var cells []string
		for _, i := range which {
			c := t.columns[i]
			if by && whole(c.kind) && !c.key {
				after, _ := strconv.ParseInt(r.after[i].String, 10, 64)
				before, _ := strconv.ParseInt(r.before[i].String, 10, 64)
				cells = append(cells, fmt.Sprintf("%d::%s", after-before, c.kind))
				continue
			}
			cells = append(cells, out.cell(s, r.after[i], c.kind))
		}
		lines = append(lines, "("+strings.Join(cells, ", ")+")")
	}
	out.statements = append(out.statements, command{"UPDATE " + t.table + " t SET " + strings.Join(sets, ", ") +
		" FROM (VALUES " + strings.Join(lines, ", ") + ") AS v (" + strings.Join(names, ", ") + ") WHERE " + strings.Join(where, " AND ")})
}

func whole(kind string) bool { return kind == "bigint" || kind == "integer" || kind == "smallint" }

// cell writes a value as a parameter.
func (out *script) cell(s *scribe, v sql.NullString, kind string) string {
	if !v.Valid {
		return "NULL::" + kind
	}
	is := s.value(v.String, kind)
	n, there := out.known[v.String]
	if !there {
		n = len(out.values)
		out.known[v.String] = n
		out.values = append(out.values, is)
	}
	return "\x00" + strconv.Itoa(n) + "\x00::" + kind
}

func (s *scribe) value(text, kind string) (v value) {
	if kind == "timestamp with time zone" {
		at, err := time.Parse("2006-01-02 15:04:05.999999-07", text)
		if err == nil && !at.Before(s.since) {
			return value{moment: true, at: at.Sub(s.since)}
		}
	}
	rest := 0
	add := func(at, length int, p part) {
		if at > rest {
			v.parts = append(v.parts, part{text: text[rest:at]})
		}
		v.parts, rest = append(v.parts, p), at+length
	}
	for at := 0; at < len(text); {
		p, length := s.place(text[at:])
		if length > 0 {
			add(at, length, p)
		}
		at += max(length, 1)
	}
	if rest < len(text) {
		v.parts = append(v.parts, part{text: text[rest:]})
	}
	return v
}

// place is the name that a text begins with.
func (s *scribe) place(text string) (part, int) {
	for i, n := range s.fresh {
		if strings.HasPrefix(text, n) {
			return part{what: 'n', which: i}, len(n)
		}
		whole, _ := id.Parse(n)
		if short := id.Short(whole); strings.HasPrefix(text, short) {
			return part{what: 's', which: i}, len(short)
		}
	}
	for i, n := range s.given {
		if strings.HasPrefix(text, n) {
			return part{what: 'g', which: i}, len(n)
		}
	}
	return part{}, 0
}

// draw gives the values of one more deed.
func (out *script) draw(now time.Time, names []id.ID, given []string) []string {
	all := make([]string, len(out.values))
	for i, v := range out.values {
		if v.moment {
			all[i] = now.Add(v.at).UTC().Format("2006-01-02 15:04:05.999999-07")
			continue
		}
		for _, p := range v.parts {
			text := p.text
			switch p.what {
			case 'n':
				text = names[p.which].String()
			case 's':
				text = id.Short(names[p.which])
			case 'g':
				text = given[p.which]
			}
			all[i] += text
		}
	}
	return all
}

// prepared gives a statement's text with parameters, and which values they are.
func (st command) prepared() (text string, uses []int) {
	text = st.with(func(n int) string {
		if !slices.Contains(uses, n) {
			uses = append(uses, n)
		}
		return "$" + strconv.Itoa(slices.Index(uses, n)+1)
	})
	return text, uses
}

// inside gives it for a procedure whose only parameter is an array of all values.
func (st command) inside() string {
	return st.with(func(n int) string { return "p[" + strconv.Itoa(n+1) + "]" })
}

func (st command) with(say func(int) string) string {
	var b strings.Builder
	for i, piece := range strings.Split(st.text, "\x00") {
		if i%2 == 0 {
			b.WriteString(piece)
			continue
		}
		n, _ := strconv.Atoi(piece)
		b.WriteString(say(n))
	}
	return b.String()
}

// procedure is the script as one call.
func (out *script) procedure(name string) string {
	var b strings.Builder
	b.WriteString("CREATE OR REPLACE FUNCTION " + name + "(p text[]) RETURNS void LANGUAGE plpgsql AS $deed$ BEGIN\n")
	for _, st := range out.statements {
		b.WriteString(st.inside() + ";\n")
	}
	b.WriteString("END $deed$")
	return b.String()
}
