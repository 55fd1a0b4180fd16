package pg

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"commonfield/catalog/search"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// row is a hit as a statement gives it; a statement without hits gives one row
// that says so.
type row struct {
	Live    string         `db:"live"`
	Counted int64          `db:"counted"`
	There   bool           `db:"there"`
	Market  int32          `db:"market_id"`
	Kind    string         `db:"kind"`
	ID      id.ID          `db:"id"`
	At      pq.StringArray `db:"at"` // its place in the order
	Title   string         `db:"title"`
	TitleEN string         `db:"title_en"`
	from    place          // where the page that it stands on begins anew behind it
}

// place is where a page begins: in which stage of many hits, or among few
// (stage −1), whether along an index, and behind what.
type place struct {
	read  int // by which reading of the query
	stage int
	walk  bool
	at    []string
}

const placeWords = 4 // read, stage, walk, at

func (p place) words() []string {
	return []string{strconv.Itoa(p.read), strconv.Itoa(p.stage), strconv.FormatBool(p.walk), strings.Join(p.at, "\x1e")}
}

// begin reads the cursor.
func begin(q search.Query) (place, error) {
	words, err := q.At(placeWords)
	if err != nil || words == nil {
		return place{stage: -1}, err
	}
	read, err0 := strconv.Atoi(words[0])
	stage, err1 := strconv.Atoi(words[1])
	walk, err2 := strconv.ParseBool(words[2])
	p := place{read, stage, walk, strings.Split(words[3], "\x1e")}
	odd := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefrsuelt-+:. ", r) })
	}
	if err0 != nil || err1 != nil || err2 != nil || stage < -1 || stage > 20 || slices.ContainsFunc(p.at, odd) {
		return p, fault.Invalid("after", "cursor_bad")
	}
	return p, nil
}

// few gives n hits behind a place, ranked whole, and how many there are, up to
// one more than enough. So many are not ranked: that costs more than finding them.
func (e *Engine) few(ctx context.Context, s *shape, at []string, n int) ([]row, int64, error) {
	most := s.most(e)
	key := strconv.Itoa(most) + s.key()
	if at == nil && e.kept.isMany(key) {
		return nil, int64(most) + 1, nil
	}
	var rows []row
	err := e.asked(ctx, func(tx *storage.Tx, table string) (string, error) {
		p := &params{}
		where := s.where(p, false)
		o := s.ordered(p)
		if at != nil && len(at) != len(o.keys) {
			return "", fault.Invalid("after", "cursor_bad")
		}
		cond := o.behind(p, at, true)
		if cond != "" {
			cond = " WHERE " + cond
		}
		ranked := ""
		if at == nil {
			ranked = ` WHERE (SELECT counted FROM n) <= ` + strconv.Itoa(most)
		}
		query := `WITH f AS MATERIALIZED (SELECT d.market_id, d.kind, d.id, d.head, d.names, d.title, d.region, d.price_minor, d.in_stock, d.harvest_on, d.listed_at
				FROM ` + table + ` d WHERE ` + where + ` LIMIT ` + strconv.Itoa(most+1) + `),
			n AS MATERIALIZED (SELECT count(*) AS counted FROM f),
			c AS MATERIALIZED (SELECT d.market_id, d.kind, d.id` + o.columns() + ` FROM f d` + ranked + `)
			SELECT i.live, (SELECT counted FROM n) AS counted` + o.hits(table, `SELECT * FROM c`+cond+` ORDER BY `+o.by("c.")+` LIMIT `+strconv.Itoa(n))
		return e.rows(tx, &rows, query, p.args)
	})
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	if rows[0].Counted > int64(most) {
		e.kept.sawMany(key)
	}
	return there(rows), rows[0].Counted, nil
}

// along gives n hits behind a place by walking along an index.
func (e *Engine) along(ctx context.Context, s *shape, o order, at []string, n int) ([]row, error) {
	if at != nil && len(at) != len(o.keys) {
		return nil, fault.Invalid("after", "cursor_bad")
	}
	var rows []row
	err := e.asked(ctx, func(tx *storage.Tx, table string) (string, error) {
		query, args := s.walk(table, o, at, n)
		return e.rows(tx, &rows, query, args)
	})
	return there(rows), err
}

// walk is the statement of along.
func (s *shape) walk(table string, o order, at []string, n int) (string, []any) {
	p := &params{}
	where := s.where(p, true)
	if cond := o.behind(p, at, false); cond != "" {
		where += " AND " + cond
	}
	found := func(of string) string {
		return `SELECT d.market_id, d.kind, d.id` + o.columns() + ` FROM ` + table + ` d
			WHERE ` + of + where + ` ORDER BY ` + o.by("") + ` LIMIT ` + strconv.Itoa(n)
	}
	if s.q.Category == "" || !s.priced() {
		return `SELECT i.live, 0::bigint AS counted` + o.hits(table, found("")), p.args
	}
	// A category has indexes of its own by price: one for goods that are of it,
	// one for what is below it. Two short walks instead of one past everything
	// cheaper.
	c := p.add(s.q.Category)
	both := `SELECT * FROM ((` + found("d.category = "+c+" AND ") + `) UNION ALL (` + found("d.parent = "+c+" AND CASE WHEN d.category = "+c+" THEN false ELSE true END AND ") + `)) w
			ORDER BY ` + o.by("w.") + ` LIMIT ` + strconv.Itoa(n)
	return `SELECT i.live, 0::bigint AS counted` + o.hits(table, both), p.args
}

// columns are the keys of an order beside a document's.
func (o order) columns() string {
	var b strings.Builder
	for i, k := range o.keys {
		b.WriteString(", " + k.expr + " AS k" + strconv.Itoa(i))
	}
	return b.String()
}

// hits joins the documents found to the row that says which index is live.
func (o order) hits(table, found string) string {
	texts := make([]string, len(o.keys))
	for i := range o.keys {
		texts[i] = "COALESCE(r.k" + strconv.Itoa(i) + "::text, '')"
	}
	return `, r.id IS NOT NULL AS there, COALESCE(r.market_id, 0) AS market_id, COALESCE(r.kind, '') AS kind,
			COALESCE(r.id, '00000000-0000-0000-0000-000000000000') AS id, ARRAY[` + strings.Join(texts, ", ") + `] AS at,
			COALESCE(t.title, '') AS title, COALESCE(t.title_en, '') AS title_en
		FROM search_index i LEFT JOIN (` + found + `) r ON true
		LEFT JOIN ` + table + ` t ON t.market_id = r.market_id AND t.kind = r.kind AND t.id = r.id
		WHERE i.name = 'documents' ORDER BY ` + o.by("r.")
}

// rows runs the statement; a cursor that is no value of its column is a bad one.
func (e *Engine) rows(tx *storage.Tx, into *[]row, query string, args []any) (string, error) {
	*into = nil
	err := tx.Select(into, query, args...)
	if strings.HasPrefix(storage.Code(err), "22") {
		return "", fault.Invalid("after", "cursor_bad").Because(err)
	}
	if err != nil || len(*into) == 0 {
		return "", err
	}
	return (*into)[0].Live, nil
}

func there(rows []row) []row {
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !r.There })
}
