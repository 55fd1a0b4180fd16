package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"commonfield/catalog/search"
	"commonfield/marketplace/tongue"
)

// SearchCmd looks for goods and growers.
type SearchCmd struct {
	Text     []string `arg:"" optional:"" help:"What to look for."`
	Kind     string   `enum:",listing,producer" default:"" placeholder:"KIND" help:"listing or producer."`
	Market   string   `placeholder:"CODE" help:"Only one market."`
	Category string   `placeholder:"CODE" help:"With what is below it."`
	Region   string   `placeholder:"CODE" help:"Division code, with what is below it."`
	InStock  bool     `help:"Only what can still be bought."`
	Sort     string   `enum:",price,price_down,newest,harvest,near" default:"" placeholder:"ORDER" help:"price, price_down, newest, harvest or near; the best first when it is left out."`
	Near     string   `placeholder:"CODE" help:"Division code, for the order near: from there outwards."`
	Facets   bool     `help:"Count hits by category, market, county and year of harvest too."`
	Limit    int      `short:"n" default:"20" help:"How many (${default}, at most 100)."`
	After    string   `placeholder:"CURSOR" help:"The cursor of the page before."`
	JSON     bool     `help:"For a script."`
}

// Help shows an example.
func (*SearchCmd) Help() string {
	return `Asks the same engine as the pages do, and reads what it finds from the rows.

Examples:
  commonfield search hetao
  commonfield search 新疆核桃 --in-stock --sort price
  commonfield search 核桃 --sort near --near 652823
  commonfield search --category nut --facets --json`
}

// row is a hit as the terminal shows it.
type row struct {
	Kind   string `json:"kind"`
	Market string `json:"market"`
	ID     string `json:"id"`
	Title  string `json:"title"`
	Place  string `json:"place"`
	Price  string `json:"price"`
}

// Run prints a page of hits.
func (s *SearchCmd) Run(p *program) error {
	m, err := p.reopen()
	if err != nil {
		return err
	}
	defer m.close()
	q := search.Query{Text: strings.Join(s.Text, " "), Kind: s.Kind, Category: s.Category, Region: s.Region, InStock: s.InStock, Sort: search.Sort(s.Sort), Near: s.Near, Facets: s.Facets, N: s.Limit, After: s.After}
	if s.Market != "" {
		of, err := m.find(p, s.Market)
		if err != nil {
			return err
		}
		q.Market = of.ID
	}
	a, err := m.Search.Query(p.ctx, q)
	if err != nil {
		return err
	}
	rows, err := s.rows(p, m, a)
	if err != nil {
		return err
	}
	if s.JSON {
		return p.json(map[string]any{"items": rows, "total": a.Total, "exact": a.Exact, "corrected": a.Corrected, "partly": a.Partly, "facets": a.Facets, "next": a.Next})
	}
	s.show(p, a, rows)
	return nil
}

func (s *SearchCmd) rows(p *program, m *market, a search.Answer) ([]row, error) {
	cards, err := m.Shelf.Found(p.ctx, a.Hits)
	if err != nil {
		return nil, err
	}
	rows := make([]row, 0, len(a.Hits))
	for _, h := range a.Hits {
		of, err := m.Books.Market(p.ctx, h.Market)
		if err != nil {
			return nil, err
		}
		r := row{Kind: h.Kind, Market: of.Code, ID: h.ID.String()}
		for _, piece := range h.Title {
			r.Title += piece.Text
		}
		for _, c := range cards {
			if c.ID == h.ID {
				r.Title, r.Place, r.Price = c.Title, c.Region, tongue.For(tongue.English).Money(c.PriceMinor, c.Currency)+"/"+c.Unit
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (s *SearchCmd) show(p *program, a search.Answer, rows []row) {
	if a.Partly {
		p.printf("nothing has all of it; these have some of it\n")
	}
	if a.Corrected != "" {
		p.printf("nothing is found as typed; this is for: %s\n", a.Corrected)
	}
	t := columns("market", "kind", "title", "place", ">price")
	for _, r := range rows {
		t.add(r.Market, r.Kind, r.Title, r.Place, r.Price)
	}
	if len(rows) > 0 {
		t.print(p.out)
	}
	for _, name := range []string{search.FacetCategory, search.FacetMarket, search.FacetRegion, search.FacetHarvest} {
		var values []string
		for _, f := range a.Facets[name] {
			values = append(values, fmt.Sprintf("%s %d", f.Value, f.Count))
		}
		if len(values) > 0 {
			p.printf("%s: %s\n", name, strings.Join(values, ", "))
		}
	}
	least := ""
	if !a.Exact {
		least = "at least "
	}
	p.printf("%s%d found\n", least, a.Total)
	if a.Next != "" {
		p.printf("next page: --after %s\n", a.Next)
	}
}

// Reindex builds the index of search anew.
type Reindex struct {
	JSON bool `help:"For a script: {\"engine\", \"documents\", \"seconds\"}."`
}

// Help shows an example.
func (*Reindex) Help() string {
	return `Searches go on meanwhile and what changes reaches both indexes; at the end they are swapped in a moment.
Needed after the names of categories were changed, after another engine was chosen, and when the audit says so.

Example:
  commonfield reindex`
}

// Run builds it and says how many documents are in.
func (r *Reindex) Run(p *program) error {
	m, err := p.reopen()
	if err != nil {
		return err
	}
	defer m.close()
	before, err := m.Search.Health(p.ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	step, end := p.progress("documents", before.Documents)
	n, err := m.Search.Reindex(p.ctx, step)
	end()
	if err != nil {
		return err
	}
	took := time.Since(began)
	if r.JSON {
		return p.json(map[string]any{"engine": before.Engine, "documents": n, "seconds": took.Seconds()})
	}
	p.printf("%s: %d documents in %s\n", before.Engine, n, took.Round(time.Millisecond))
	return nil
}

// progress tells how far long work is: by a bar on a terminal, by a line every
// few seconds in a pipe. about is how many there probably are; 0: unknown.
func (p *program) progress(what string, about int64) (step func(int), end func()) {
	if terminal(p.err) {
		most := about
		if most == 0 {
			most = -1
		}
		bar := progressbar.NewOptions64(most, progressbar.OptionSetWriter(p.err), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		return func(n int) {
			if most > 0 && bar.State().CurrentNum+int64(n) > bar.GetMax64() {
				bar.ChangeMax64(bar.State().CurrentNum + int64(n)) // there were more than before
			}
			_ = bar.Add(n)
		}, func() { _ = bar.Finish() }
	}
	done, said := 0, time.Now()
	return func(n int) {
		if done += n; time.Since(said) > 5*time.Second {
			said = time.Now()
			p.say(fmt.Sprintf("%s: %d of about %d", what, done, max(about, int64(done))))
		}
	}, func() {}
}
