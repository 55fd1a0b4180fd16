package shelf

import (
	"context"
	"strconv"
	"strings"

	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// sizes are the lengths a page is read in. A length stands in the statement's
// text, because the planner would take a tenth of the table for a parameter,
// and few lengths are few statements to prepare.
var sizes = []int{Usual, 50, Most}

// last is after every id there is.
var last = id.ID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// Page gives the live listings that f names over all its markets, newest first,
// and the cursor of the next page, empty at the end. A page may be shorter than
// asked for when a producer is suspended. It refuses a cursor that no page gave
// (cursor_bad) and a producer without its market.
func (s *Shelf) Page(ctx context.Context, f Filter) (cards []Card, next string, err error) {
	if f.N <= 0 {
		f.N = Usual
	}
	f.N = min(f.N, Most)
	query, args, err := f.statement()
	if err != nil {
		return nil, "", err
	}
	err = s.db.ViewShared(ctx, func(tx *storage.Tx) error {
		var rows []Card
		if err := tx.Select(&rows, query, args...); err != nil {
			return err
		}
		cards, next = make([]Card, 0, len(rows)), ""
		if len(rows) > f.N {
			rows = rows[:f.N]
			next = rows[f.N-1].ID.String()
		}
		var shown []*Card
		for i := range rows {
			if rows[i].Active {
				shown = append(shown, &rows[i])
			}
		}
		if err := s.name(tx, shown...); err != nil {
			return err
		}
		for _, c := range shown {
			cards = append(cards, *c)
		}
		return nil
	})
	return cards, next, err
}

// statement is the page's query. The page is cut first, along an index that
// holds live listings only; what else a card shows is looked up for its rows.
func (f Filter) statement() (string, []any, error) {
	after := last
	if f.After != "" {
		var ok bool
		if after, ok = id.Parse(f.After); !ok {
			return "", nil, fault.Invalid("after", "cursor_bad")
		}
	}
	if f.Producer != id.None && f.Market == nil {
		return "", nil, fault.Invalid("market", "required")
	}
	args := []any{after}
	param := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := "l.state = 'live' AND l.id < $1"
	if f.Market != nil {
		where += " AND l.market_id = " + param(*f.Market)
	}
	if f.Producer != id.None {
		where += " AND l.producer_id = " + param(f.Producer)
	}
	if text := plain(f.Text); text != "" {
		p := param("%" + text + "%")
		where += " AND (l.title ILIKE " + p + " OR l.title_en ILIKE " + p + ")"
	}
	cut := " ORDER BY id DESC LIMIT " + strconv.Itoa(f.size()+1)
	page := "SELECT " + columns + " FROM listings l WHERE " + where + cut
	if f.Category != "" {
		// Each category's newest, then the newest of these: every part is a
		// short walk along an index, which a list of categories would not be.
		c := param(f.Category)
		page = "SELECT p.* FROM categories c CROSS JOIN LATERAL (SELECT " + columns + " FROM listings l WHERE l.category = c.code AND " + where + cut +
			") p WHERE c.code = " + c + " OR c.parent = " + c + cut
	}
	return "WITH page AS MATERIALIZED (" + page + ")\n" + around, args, nil
}

const columns = "l.market_id, l.id, l.producer_id, l.category, l.title, l.title_en, l.unit, l.price_minor, l.minimum, COALESCE(l.photos[1], '') AS photo"

const around = `SELECT l.*, m.code AS market_code, m.currency, p.name AS producer_name, p.name_en AS producer_name_en,
	p.region_code, p.state = 'active' AS active, b.available
	FROM page l
	JOIN markets m ON m.id = l.market_id
	JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id
	CROSS JOIN LATERAL (SELECT COALESCE(sum(b.on_hand - b.reserved), 0)::bigint AS available
		FROM batches b WHERE b.market_id = l.market_id AND b.listing_id = l.id) b
	ORDER BY l.id DESC`

func (f Filter) size() int {
	for _, n := range sizes {
		if f.N <= n {
			return n
		}
	}
	return Most
}

// plain makes a typed text safe inside ILIKE and short.
func plain(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", ""))
	if r := []rune(text); len(r) > 80 {
		text = string(r[:80])
	}
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
