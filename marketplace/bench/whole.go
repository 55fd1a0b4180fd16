package bench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"commonfield/agents/statement"
	"commonfield/marketplace"
	"commonfield/storage/audit"
	"commonfield/storage/ledger"
)

func wholeCases() []Case {
	return []Case{
		{Name: "audit", Says: "the ledger's checks over the postings of a market, with all that the orders before have left; the other checks must be clean", run: auditing, Limits: []Limit{{"sum of postings", 1.0 / 3}}},
		{Name: "statements", Says: "a month's statements of 10,000 agents over 1,000,000 lines", run: statements, Limits: []Limit{{"bare aggregate", 1.0 / 3}}},
		{Name: "memory", Says: "what serve holds at rest and under load", run: memory, Limits: []Limit{{"120 MB at rest", 1}, {"300 MB under load", 1}}},
		{Name: "start", Says: "serve on an existing data folder, until it answers", run: starting, Limits: []Limit{{"2 × PostgreSQL's own + 1 s", 1}}},
	}
}

// compare times a long deed and its limit in turns. The ratio is of times: 1
// when the deed takes as long as its limit.
func (s *stage) compare(ctx context.Context, c Case, do, limit func(context.Context) error) (Result, error) {
	var took, least, parts, db []float64
	for range s.Rounds {
		before := time.Now()
		if err := limit(ctx); err != nil {
			return Result{}, err
		}
		l := time.Since(before)
		cpu := s.databaseCPU()
		before = time.Now()
		if err := do(ctx); err != nil {
			return Result{}, err
		}
		d := time.Since(before)
		db = append(db, float64(s.databaseCPU()-cpu)/float64(time.Millisecond))
		took, least, parts = append(took, float64(d)/float64(time.Millisecond)), append(least, l.Seconds()), append(parts, l.Seconds()/d.Seconds())
	}
	r := Result{Case: c.Name, Done: s.Rounds, P50: median(took), CPUDB: median(db)}
	r.Against = []Against{against(c, c.Limits[0].Name, 1/median(least), median(parts))}
	return r, nil
}

func auditing(ctx context.Context, s *stage, c Case) ([]Result, error) {
	clean := func(ctx context.Context, checks []audit.Check) error {
		report, err := audit.Run(ctx, s.m.DB, []int32{firstMarket}, checks, nil)
		if err != nil {
			return err
		}
		for _, check := range report.Checks {
			if !check.OK {
				return broken("%s: %d, as %s", check.Name, len(check.Violations), check.Violations[0])
			}
		}
		return nil
	}
	// The whole books; what is found is compared only where a serve has run before.
	before := time.Now()
	if err := clean(ctx, marketplace.Checks()); err != nil {
		return nil, err
	}
	whole := time.Since(before)
	var n int64
	one, err := s.owner.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = one.Close() }()
	// One after the other: the limit is not shared among processes.
	if _, err := one.ExecContext(ctx, "SET max_parallel_workers_per_gather = 0"); err != nil {
		return nil, err
	}
	r, err := s.compare(ctx, c, func(ctx context.Context) error { return clean(ctx, ledger.Checks()) }, func(ctx context.Context) error {
		var sum sql.NullInt64
		return one.QueryRowContext(ctx, "SELECT count(*), sum(amount_minor) FROM ledger_postings WHERE market_id = $1", firstMarket).Scan(&n, &sum)
	})
	r.Note = fmt.Sprintf("%d postings; every check of the books: %d ms", n, whole.Milliseconds())
	return []Result{r}, err
}

// lines is the data set of statements: so many lines of last month.
func (s *stage) lines(ctx context.Context, agents, lines int) (string, error) {
	address, fresh, err := s.database(ctx, fmt.Sprintf("commonfield_bench_lines_%d", lines))
	if err != nil || !fresh {
		return address, err
	}
	s.Say(fmt.Sprintf("bench: making %d lines of %d agents", lines, agents))
	if err := s.prepare(ctx, address); err != nil {
		return "", err
	}
	db, err := sql.Open("postgres", address)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	then := time.Now().AddDate(0, -1, 0)
	for _, q := range []string{row, `INSERT INTO markets (id, code, name, currency, time_zone, created_at) VALUES (101, 'BYL', '尉犁集市', 'CNY', 'Asia/Shanghai', $1)`,
		fmt.Sprintf(`INSERT INTO payees (market_id, id, kind, name, created_at) SELECT 101, pg_temp.row_id(4, n), 'agent', '收款人 ' || n, $1 FROM generate_series(1, %d) n`, agents),
		fmt.Sprintf(`INSERT INTO statement_lines (market_id, payee_id, sale_id, line_no, cause, back, number, title, title_en, why, base_minor, others_minor, amount_minor, at)
			SELECT 101, pg_temp.row_id(4, 1 + n %% %d), pg_temp.row_id(10, n / 2), 1 + n %% 2, 'release', false, 'BYL-' || n / 2, '薄皮核桃', 'Walnuts', '', 2000 + n %% 700, 1880 + n %% 700, 120, $1
			FROM generate_series(1, %d) n`, agents, lines)} {
		if q == row {
			_, err = db.ExecContext(ctx, q)
		} else {
			_, err = db.ExecContext(ctx, q, then)
		}
		if err != nil {
			return "", err
		}
	}
	return address, s.finish(ctx, address)
}

func statements(ctx context.Context, s *stage, c Case) ([]Result, error) {
	agents, lines := 10_000, 1_000_000
	if s.Smoke {
		agents, lines = 100, 2_000
	}
	address, err := s.lines(ctx, agents, lines)
	if err != nil {
		return nil, err
	}
	m, err := marketplace.Open(ctx, marketplace.Config{URL: address, Data: filepath.Join(s.Data, "lines")})
	if err != nil {
		return nil, err
	}
	defer func() { _ = m.Shut() }()
	owner, err := sql.Open("postgres", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = owner.Close() }()
	place, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return nil, err
	}
	var at time.Time
	if err := owner.QueryRowContext(ctx, "SELECT at FROM statement_lines LIMIT 1").Scan(&at); err != nil {
		return nil, err
	}
	month := statement.MonthOf(at, place)
	from, to := month.In(place)
	r, err := s.compare(ctx, c, func(ctx context.Context) error {
		made, err := statement.Close(ctx, m.DB, firstMarket, month)
		if err == nil && made != int64(agents) {
			err = broken("%d statements of %d agents", made, agents)
		}
		return err
	}, func(ctx context.Context) error {
		if _, err := owner.ExecContext(ctx, "TRUNCATE statements"); err != nil {
			return err
		}
		rows, err := owner.QueryContext(ctx, `SELECT payee_id, count(*), sum(base_minor), sum(amount_minor) FROM statement_lines
			WHERE market_id = $1 AND at >= $2 AND at < $3 GROUP BY payee_id`, firstMarket, from, to)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		n := 0
		for rows.Next() {
			n++
		}
		if n != agents {
			return broken("%d sums of %d agents", n, agents)
		}
		return rows.Err()
	})
	return []Result{r}, err
}

// memory is of a serve that has just been started, and then asked by many.
func memory(ctx context.Context, s *stage, c Case) ([]Result, error) {
	s.serve.stop()
	s.serve = nil
	serve, err := s.served(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(s.Each):
	}
	rest, _ := serve.memory()
	var asks []deed
	for _, name := range []string{"list-page", "list-api", "detail-page", "detail-api", "home-page"} {
		way, _ := s.addresses(name)
		asks = append(asks, asking(serve.addr, way))
	}
	clients := s.Clients[len(s.Clients)-1]
	l := drive(ctx, clients, 2*s.Each, func(ctx context.Context, client int) error { return asks[client%len(asks)](ctx, client) })
	_, most := serve.memory()
	r := Result{Case: c.Name, Clients: clients, Rate: l.rate(), P50: l.at(.5), P95: l.at(.95), P99: l.at(.99), Done: len(l.each), Errors: l.errors, Memory: most}
	if l.first != nil {
		r.Note = l.first.Error()
	} else {
		r.Note = fmt.Sprintf("%.0f MB at rest, %.0f MB at most", rest, most)
	}
	if rest > 0 { // the system tells
		r.Against = []Against{against(c, c.Limits[0].Name, 0, 120/rest), against(c, c.Limits[1].Name, 0, 300/most)}
	}
	return []Result{r}, nil
}

// starting needs the private PostgreSQL to stop, so it comes last and everything
// else is let go of.
func starting(ctx context.Context, s *stage, c Case) ([]Result, error) {
	if s.Private == "" {
		return nil, nil // the operator's own server is not ours to stop
	}
	s.close()
	s.Release()
	var took, parts, least []float64
	for i := range s.Rounds + 1 {
		if err := Stopped(s.Private); err != nil {
			return nil, err
		}
		before := time.Now()
		child, err := start(ctx, s.Program, []string{"DATABASE_URL=", "COMMONFIELD_ENV=development"}, "/readyz", "serve", "--data", s.Private)
		if err != nil {
			return nil, err
		}
		d := time.Since(before)
		child.stop()
		own, err := ownStart(filepath.Join(s.Private, "postgres", "server.log"))
		if err != nil {
			return nil, err
		}
		if i == 0 {
			continue // that one brought the database up to date
		}
		took, least = append(took, float64(d)/float64(time.Millisecond)), append(least, own.Seconds())
		parts = append(parts, (2*own+time.Second).Seconds()/d.Seconds())
	}
	r := Result{Case: c.Name, Done: s.Rounds, P50: median(took), Note: fmt.Sprintf("PostgreSQL's own start: %.0f ms", 1000*median(least))}
	r.Against = []Against{against(c, c.Limits[0].Name, 1/median(least), median(parts))}
	return []Result{r}, nil
}

// ownStart reads from the server's log how long its last start took.
func ownStart(file string) (time.Duration, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var took time.Duration
	var at time.Time
	for line := range strings.Lines(string(text)) {
		when, err := time.Parse("2006-01-02 15:04:05.000", line[:min(23, len(line))])
		if err != nil {
			continue
		}
		switch {
		case strings.Contains(line, "starting PostgreSQL"):
			at = when
		case strings.Contains(line, "ready to accept connections") && !at.IsZero():
			took = when.Sub(at)
		}
	}
	if took <= 0 {
		return 0, broken("the log of PostgreSQL does not tell when it was ready")
	}
	return took, nil
}
