package storage

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// gathered keeps the joined text of each combination of statements, so that
// the same combination is the same prepared statement. Combinations are as
// many as there are ways through the verbs; should somebody build statements
// out of values after all, memory does not grow without end.
var gathered = struct {
	sync.RWMutex

	texts map[string]string
}{texts: map[string]string{}}

const combinations = 4096

// gather joins queued writes into one statement. Where the number of rows is expected
// of some, the server compares what these have touched, in their order, with one more
// parameter, so that nothing can be committed that is not as expected. Only these are
// counted: each count is a part of the plan more, and costs as much as a small write.
func gather(q []queued) string {
	size := 0
	for _, s := range q {
		size += len(s.query) + 8
	}
	key := make([]byte, 0, size)
	for _, s := range q {
		key = append(key, s.query...)
		key = append(key, 0)
		key = strconv.AppendInt(key, int64(len(s.args)), 10)
		if s.want >= 0 {
			key = append(key, '#')
		}
		key = append(key, 0)
	}
	return kept(key, func() string { return join(q) })
}

// kept gives a joined text, made the first time it is asked for.
func kept(key []byte, join func() string) string {
	gathered.RLock()
	text, ok := gathered.texts[string(key)]
	gathered.RUnlock()
	if ok {
		return text
	}
	text = join()
	gathered.Lock()
	defer gathered.Unlock()
	if len(gathered.texts) < combinations {
		gathered.texts[string(key)] = text
	}
	return text
}

// join writes the parts down from the last to the first: the server does those
// that nothing reads in the opposite order of the text, so rows are locked in the
// order in which they were queued.
func join(q []queued) string {
	parts := make([]string, len(q))
	var counts []string
	shift := 0
	for i, s := range q {
		end := ""
		if s.want >= 0 {
			end = "RETURNING 1"
			counts = append(counts, fmt.Sprintf("(SELECT count(*) FROM q%d)", i))
		}
		parts[len(q)-1-i] = fmt.Sprintf("q%d AS (%s\n%s)", i, renumber(s.query, shift), end)
		shift += len(s.args)
	}
	text := "WITH " + strings.Join(parts, ",\n") + "\nSELECT "
	if len(counts) == 0 {
		return text + "1"
	}
	return text + fmt.Sprintf("as_expected(ARRAY[%s], $%d)", strings.Join(counts, ", "), shift+1)
}

// renumber moves the parameters of a statement by shift, leaving alone what is
// quoted, a name or a comment.
func renumber(query string, shift int) string {
	if shift == 0 {
		return query
	}
	var b strings.Builder
	for i := 0; i < len(query); {
		if n := passive(query[i:]); n > 0 {
			b.WriteString(query[i : i+n])
			i += n
			continue
		}
		c := query[i]
		i++
		b.WriteByte(c)
		if c != '$' || i > 1 && inName(query[i-2]) {
			continue
		}
		n, from := 0, i
		for ; i < len(query) && query[i] >= '0' && query[i] <= '9'; i++ {
			n = n*10 + int(query[i]-'0')
		}
		if i > from {
			b.WriteString(strconv.Itoa(n + shift))
		}
	}
	return b.String()
}

// passive gives the length of the string, quoted name or comment that q begins
// with; 0 when it begins with none. A doubled quote inside ends one and begins
// the next, which comes to the same.
func passive(q string) int {
	open := 1
	var end string
	switch {
	case q[0] == '\'':
		end = "'"
	case q[0] == '"':
		end = `"`
	case strings.HasPrefix(q, "--"):
		open, end = 2, "\n"
	case strings.HasPrefix(q, "/*"):
		open, end = 2, "*/"
	default:
		return 0
	}
	if i := strings.Index(q[open:], end); i >= 0 {
		return open + i + len(end)
	}
	return len(q)
}

// inName says whether a dollar after c belongs to a name (a$1).
func inName(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func head(query string) string {
	q := []rune(strings.Join(strings.Fields(query), " "))
	if len(q) > 80 {
		return string(q[:80]) + "…"
	}
	return string(q)
}
