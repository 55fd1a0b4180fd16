package bench

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"commonfield/marketplace"
	"commonfield/storage/migrations"
)

// dataSet gives the address of a database with so many listings, in two real
// counties, half each, and makes it where it is not there yet. One that was cut
// short while it was made is made again.
func (s *stage) dataSet(ctx context.Context, listings int) (string, error) {
	address, fresh, err := s.database(ctx, fmt.Sprintf("commonfield_bench_%d", listings))
	if err != nil || !fresh {
		return address, err
	}
	s.Say(fmt.Sprintf("bench: making %d listings", listings))
	if err := s.prepare(ctx, address); err != nil {
		return "", err
	}
	db, err := sql.Open("postgres", address)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	if err := fill(ctx, db, listings); err != nil {
		return "", err
	}
	return address, s.finish(ctx, address)
}

// database gives a database of its own on the server, and whether it is empty.
// Its comment says that it was finished.
func (s *stage) database(ctx context.Context, name string) (address string, fresh bool, err error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "", false, err
	}
	u.Path = "/" + name
	admin, err := sql.Open("postgres", s.URL)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = admin.Close() }()
	var says sql.NullString
	err = admin.QueryRowContext(ctx, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", name).Scan(&says)
	if err == nil && says.String == mark() {
		return u.String(), false, nil
	}
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)",
		"CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"} {
		if _, err := admin.ExecContext(ctx, q); err != nil {
			return "", false, err
		}
	}
	return u.String(), true, nil
}

// mark is the comment of a finished database: the schema it was made for.
func mark() string { return fmt.Sprintf("bench %x", sha256.Sum256([]byte(migrations.Text()))) }

// prepare brings a database to this version, with regions, units and categories.
func (s *stage) prepare(ctx context.Context, address string) error {
	if _, err := migrations.Run(ctx, address); err != nil {
		return err
	}
	m, err := marketplace.Open(ctx, marketplace.Config{URL: address, Data: filepath.Join(s.Data, "bench")})
	if err != nil {
		return err
	}
	defer func() { _ = m.Shut() }()
	return marketplace.Prepare(ctx, m.DB)
}

// finish writes down that a database is complete, and leaves it as one that has
// been used for a while: counted, cleaned, on the disk.
func (s *stage) finish(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, q := range []string{"VACUUM ANALYZE", "CHECKPOINT", "COMMENT ON DATABASE " + u.Path[1:] + " IS '" + mark() + "'"} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// The two markets of the data set, and how many producers, agents and buyers
// they have. Rows are named by number, in the order they were made.
const (
	firstMarket  = 101
	secondMarket = 102
	producers    = 100
	agentsThere  = 20
	buyersThere  = 200
)

// row names the n-th row of a kind; kinds are told apart by their first letters.
const row = `CREATE FUNCTION pg_temp.row_id(kind int, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
	$$ SELECT ('01900000-' || lpad(to_hex(kind), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$`

// fill makes the rows. One transaction: a data set is there or is not.
func fill(ctx context.Context, db *sql.DB, listings int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, row); err != nil {
		return err
	}
	then := time.Now().AddDate(0, -1, 0)
	for _, q := range rowsOf {
		args := []any{then}
		if q.n != nil {
			args = append(args, q.n(listings))
		}
		if _, err := tx.ExecContext(ctx, q.sql, args...); err != nil {
			return fmt.Errorf("%w: %s", err, q.sql)
		}
	}
	return tx.Commit()
}

func fixed(n int) func(int) int { return func(int) int { return n } }
func each(listings int) int     { return listings }

var rowsOf = []struct {
	sql string
	n   func(listings int) int
}{
	{`INSERT INTO markets (id, code, name, name_en, region_code, currency, time_zone, operator, created_at) VALUES
		(101, 'BYL', '尉犁集市', 'Yuli market', '652823', 'CNY', 'Asia/Shanghai', '尉犁县共田合作社', $1),
		(102, 'BCJ', '从江集市', 'Congjiang market', '522633', 'CNY', 'Asia/Shanghai', '从江县共田合作社', $1)`, nil},
	{`INSERT INTO people (id, name, phone, created_at)
		SELECT pg_temp.row_id(1, n), '测试人 ' || n, '+86139' || lpad(n::text, 8, '0'), $1 FROM generate_series(1, $2::int) n`, fixed(2*producers + agentsThere + buyersThere)},
	{`INSERT INTO rates (market_id, id, what, category, rate_bp, valid_from, created_by)
		SELECT m, pg_temp.row_id(2, m * 10 + n), what, NULL, bp, $1, pg_temp.row_id(1, 1)
		FROM generate_series(101, 102) m, (VALUES (1, 'fee', 200), (2, 'tax', 900)) AS r (n, what, bp)`, nil},
	{`INSERT INTO commission_rules (market_id, id, position, rate_bp, hold_days, valid_from, created_by)
		SELECT m, pg_temp.row_id(3, m), 1, 600, 7, $1, pg_temp.row_id(1, 1) FROM generate_series(101, 102) m`, nil},
	{`INSERT INTO payees (market_id, id, kind, name, person_id, created_at)
		SELECT 101 + n % 2, pg_temp.row_id(4, n), CASE WHEN n <= 200 THEN 'producer' ELSE 'agent' END, '收款人 ' || n, pg_temp.row_id(1, n), $1
		FROM generate_series(1, $2::int) n`, fixed(2*producers + agentsThere)},
	{`INSERT INTO producers (market_id, id, payee_id, person_id, name, name_en, region_code, village, story, exemption, state, created_at, changed_at)
		SELECT 101 + n % 2, pg_temp.row_id(5, n), pg_temp.row_id(4, n), pg_temp.row_id(1, n),
			(ARRAY['吐尔逊','阿依古丽','韦志强','石秀英','买买提','吴老根','潘家寨合作社','塔里木果园'])[1 + n % 8] || n, 'Producer ' || n,
			t.codes[1 + n % array_length(t.codes, 1)], '第' || n % 40 || '村', '一家三代人种地，不打药，按时节收。', '零星农产品', 'active', $1, $1
		FROM generate_series(1, $2::int) n
		CROSS JOIN LATERAL (SELECT array_agg(r.code ORDER BY r.code) AS codes FROM regions r WHERE r.parent = CASE n % 2 WHEN 0 THEN '652823' ELSE '522633' END) t`, fixed(2 * producers)},
	{`INSERT INTO agents (id, person_id, code, created_at)
		SELECT pg_temp.row_id(6, n), pg_temp.row_id(1, 200 + n), 'BENCH' || n, $1 FROM generate_series(1, $2::int) n`, fixed(agentsThere)},
	{`INSERT INTO market_agents (market_id, agent_id, payee_id, state, applied_at)
		SELECT 101 + (200 + n) % 2, pg_temp.row_id(6, n), pg_temp.row_id(4, 200 + n), 'active', $1 FROM generate_series(1, $2::int) n`, fixed(agentsThere)},
	{`INSERT INTO listings (market_id, id, producer_id, category, title, title_en, story, grade, harvest_on, unit, price_minor, minimum, weight_band_bp, state, photos, created_at, changed_at)
		SELECT 101 + n % 2, pg_temp.row_id(7, n), pg_temp.row_id(5, COALESCE(NULLIF(2 * (n / 2 * 7 % 100) + n % 2, 0), 200)),
			(ARRAY['walnut','red-date','rice','honey','mushroom','spice','tea','oil'])[1 + n % 8],
			(ARRAY['薄皮','头茬','高山','老树','农家','新货','晒干','手选'])[1 + (n / 8) % 8] || (ARRAY['核桃','红枣','大米','蜂蜜','黑木耳','干辣椒','绿茶','菜籽油'])[1 + n % 8] || ' ' || n,
			(ARRAY['Walnuts','Red dates','Rice','Honey','Wood ear','Dried chili','Green tea','Rapeseed oil'])[1 + n % 8] || ' ' || n,
			'今年收的，自家地里长的，' || n || ' 号地。不够可以再约。', (ARRAY['特级','一级','二级'])[1 + n % 3], ($1::timestamptz - n % 300 * interval '1 day')::date,
			'jin', 1200 + n % 5000, 500, 300, 'live', ARRAY['photo/' || md5(n::text) || md5((n + 1)::text)], $1, $1
		FROM generate_series(1, $2::int) n`, each},
	{`INSERT INTO batches (market_id, id, listing_id, on_hand, created_at)
		SELECT 101 + n % 2, pg_temp.row_id(8, n), pg_temp.row_id(7, n), 1000000000, $1 FROM generate_series(1, $2::int) n`, each},
	{`INSERT INTO stock_moves (market_id, id, batch_id, kind, quantity, moved_by, moved_at)
		SELECT 101 + n % 2, pg_temp.row_id(9, n), pg_temp.row_id(8, n), 'receive', 1000000000, pg_temp.row_id(1, 1), $1 FROM generate_series(1, $2::int) n`, each},
}

// goods are what orders are made of.
type goods struct {
	baskets []basket
	buyers  []string
	agent   string // code
}

// basket is what one order of the bench is about: two producers, two listings each.
type basket struct{ names []string } // producer, payee, listing, batch, listing, batch; and again

func readGoods(ctx context.Context, db *sql.DB) (goods, error) {
	g := goods{agent: "BENCH2"}
	const perProducer = 2
	rows, err := db.QueryContext(ctx, `SELECT p.id, p.payee_id, l.id, b.id FROM producers p
		CROSS JOIN LATERAL (SELECT l.id, l.market_id FROM listings l WHERE l.market_id = p.market_id AND l.producer_id = p.id ORDER BY l.id DESC LIMIT 40) l
		JOIN batches b ON b.market_id = l.market_id AND b.listing_id = l.id
		WHERE p.market_id = $1 ORDER BY p.id, l.id`, firstMarket)
	if err != nil {
		return g, err
	}
	defer func() { _ = rows.Close() }()
	var parts [][]string // one producer with two listings
	for rows.Next() {
		var producer, payee, listing, batch string
		if err := rows.Scan(&producer, &payee, &listing, &batch); err != nil {
			return g, err
		}
		if n := len(parts); n == 0 || parts[n-1][0] != producer || len(parts[n-1]) == 2+2*perProducer {
			parts = append(parts, []string{producer, payee})
		}
		last := &parts[len(parts)-1]
		*last = append(*last, listing, batch)
	}
	if err := rows.Err(); err != nil {
		return g, err
	}
	// A part beside the one half the list further: another producer's. Each is in
	// one basket, so that two orders never want the same goods in other order.
	for i, p := range parts[:len(parts)/2] {
		if q := parts[i+len(parts)/2]; p[0] != q[0] && len(p) == len(q) && len(p) == 2+2*perProducer {
			g.baskets = append(g.baskets, basket{append(append([]string{}, p...), q...)})
		}
	}
	if len(g.baskets) == 0 {
		return g, broken("the data set has no two producers with goods")
	}
	for n := range buyersThere {
		g.buyers = append(g.buyers, fmt.Sprintf("01900000-0001-7000-8000-%012x", 2*producers+agentsThere+1+n))
	}
	return g, nil
}

// Forget drops the databases of the bench on a server that stays.
func Forget(ctx context.Context, address string) error {
	db, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(ctx, "SELECT datname FROM pg_database WHERE datname LIKE 'commonfield\\_bench\\_%'")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := db.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			return err
		}
	}
	return nil
}

// Stopped waits until the private PostgreSQL of a folder has ended.
func Stopped(folder string) error {
	for range 600 {
		if _, err := os.Stat(filepath.Join(folder, "postgres", "pg", "postmaster.pid")); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("the PostgreSQL of %s does not stop", folder)
}
