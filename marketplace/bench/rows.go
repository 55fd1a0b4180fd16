package bench

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// written is what a deed has written: by table, rows that were not there and
// rows that were there before. It is read from the database itself, so that a
// limit made of it can leave nothing out, whatever the program writes today.
type written []tableRows

type tableRows struct {
	table   string
	columns []column
	rows    []rowPair
}

type column struct {
	name, kind string
	key        bool
}

// rowPair is a row after the deed and before it; before is nil for a new one.
type rowPair struct{ after, before []sql.NullString }

// counts says how many rows of each table were added and changed.
func (w written) counts() map[string][2]int {
	n := map[string][2]int{}
	for _, t := range w {
		c := n[t.table]
		for _, r := range t.rows {
			if r.before == nil {
				c[0]++
			} else {
				c[1]++
			}
		}
		n[t.table] = c
	}
	return n
}

// observe does something on a quiet database and says what it has written. A
// transaction that began before still sees what was there.
func observe(ctx context.Context, db *sql.DB, do func() error) (written, error) {
	before, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = before.Rollback() }()
	var horizon string // of the transactions that have not begun
	if err := before.QueryRowContext(ctx, "SELECT pg_snapshot_xmax(pg_current_snapshot())").Scan(&horizon); err != nil {
		return nil, err
	}
	if err := do(); err != nil {
		return nil, err
	}
	tables, err := layout(ctx, db)
	if err != nil {
		return nil, err
	}
	var all written
	for _, t := range tables {
		if err := t.changed(ctx, db, before, horizon); err != nil {
			return nil, fmt.Errorf("%s: %w", t.table, err)
		}
		if len(t.rows) > 0 {
			all = append(all, t)
		}
	}
	return all, nil
}

// layout are the tables that the migrations have declared, in the order of
// declaration: what is pointed at comes first.
func layout(ctx context.Context, db *sql.DB) ([]tableRows, error) {
	rows, err := db.QueryContext(ctx, `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), COALESCE(a.attnum = ANY(i.indkey), false)
		FROM storage_layout s
		JOIN pg_class c ON c.relname = s.table_name AND c.relnamespace = 'public'::regnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
		ORDER BY c.oid, a.attnum`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []tableRows
	for rows.Next() {
		var table string
		var c column
		if err := rows.Scan(&table, &c.name, &c.kind, &c.key); err != nil {
			return nil, err
		}
		if n := len(all); n == 0 || all[n-1].table != table {
			all = append(all, tableRows{table: table})
		}
		last := &all[len(all)-1]
		last.columns = append(last.columns, c)
	}
	return all, rows.Err()
}

// changed reads the rows of transactions since the horizon, and what they were.
func (t *tableRows) changed(ctx context.Context, now *sql.DB, before *sql.Tx, horizon string) error {
	var texts, keys []string
	for _, c := range t.columns {
		texts = append(texts, c.name+"::text")
		if c.key {
			keys = append(keys, fmt.Sprintf("%s::text = $%d", c.name, len(keys)+1))
		}
	}
	some := "SELECT " + strings.Join(texts, ", ") + " FROM " + t.table
	rows, err := now.QueryContext(ctx, some+" WHERE xmin::text::bigint >= $1::bigint ORDER BY xmin::text::bigint, ctid", horizon)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r, err := t.scan(rows.Scan)
		if err != nil {
			return err
		}
		t.rows = append(t.rows, rowPair{after: r})
	}
	if err := rows.Err(); err != nil || len(keys) == 0 {
		return err
	}
	for i := range t.rows {
		var key []any
		for n, c := range t.columns {
			if c.key {
				key = append(key, t.rows[i].after[n].String)
			}
		}
		was, err := t.scan(before.QueryRowContext(ctx, some+" WHERE "+strings.Join(keys, " AND "), key...).Scan)
		if err == nil {
			t.rows[i].before = was
		} else if err != sql.ErrNoRows {
			return err
		}
	}
	return nil
}

func (t *tableRows) scan(scan func(...any) error) ([]sql.NullString, error) {
	r := make([]sql.NullString, len(t.columns))
	to := make([]any, len(r))
	for i := range r {
		to[i] = &r[i]
	}
	return r, scan(to...)
}

// same says where two deeds have written different rows.
func same(deed, limit written) error {
	a, b := deed.counts(), limit.counts()
	var wrong []string
	for table, n := range a {
		if b[table] != n {
			wrong = append(wrong, fmt.Sprintf("%s: the deed adds %d and changes %d rows, the limit %d and %d", table, n[0], n[1], b[table][0], b[table][1]))
		}
	}
	for table := range b {
		if _, both := a[table]; !both {
			wrong = append(wrong, table+": only the limit writes it")
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.Sort(wrong)
	return broken("the limit does not do what the deed does: %s", strings.Join(wrong, "; "))
}

// merged is one row for each that was written, though several transactions have
// touched it: added when any of them has added it.
func (w written) merged() written {
	type place struct{ table, row int }
	var out written
	at := map[string]place{}
	for _, t := range w {
		n := slices.IndexFunc(out, func(o tableRows) bool { return o.table == t.table })
		if n < 0 {
			n = len(out)
			out = append(out, tableRows{table: t.table, columns: t.columns})
		}
		for _, r := range t.rows {
			var key strings.Builder
			key.WriteString(t.table)
			for i, c := range t.columns {
				if c.key {
					key.WriteString("\x00" + r.after[i].String)
				}
			}
			if p, there := at[key.String()]; there {
				had := &out[p.table].rows[p.row]
				had.after = r.after
				continue
			}
			at[key.String()] = place{n, len(out[n].rows)}
			out[n].rows = append(out[n].rows, r)
		}
	}
	return out
}
