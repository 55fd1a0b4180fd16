package door

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"commonfield/agents/region"
	"commonfield/agents/statement"
	"commonfield/catalog"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/workbook"
)

// Sales is a month of a market as its operator reports it.
type Sales struct {
	Month                         statement.SoldMonth
	Categories, Producers, Agents []statement.SoldOf
}

// CategoryName says a category of what was sold in words.
func CategoryName(r tongue.Reader, all []catalog.Category, code string) string {
	i := slices.IndexFunc(all, func(c catalog.Category) bool { return c.Code == code })
	switch {
	case code == "":
		return r.T("sales.charges")
	case i < 0:
		return code
	case r.Lang() == tongue.English:
		return all[i].NameEN
	}
	return all[i].Name
}

// SalesOf gives a month with its largest producers and agents, n of each at most.
func SalesOf(tx *storage.Tx, m region.Market, month statement.Month, n int) (s Sales, err error) {
	if s.Month, s.Categories, err = statement.SoldIn(tx, month, m.Location()); err != nil {
		return s, err
	}
	if s.Producers, err = statement.SoldThrough(tx, statement.Producers, month, m.Location(), nil, n); err != nil {
		return s, err
	}
	s.Agents, err = statement.SoldThrough(tx, statement.Agents, month, m.Location(), nil, n)
	return s, err
}

// salesRows gives every row of a month: what it is one of, its name and its sums.
func (d *Door) salesRows(ctx context.Context, r tongue.Reader, m region.Market, month statement.Month, each func(of, name string, s statement.Sold) error) error {
	kinds, err := d.Catalog.Kinds(ctx)
	if err != nil {
		return err
	}
	return d.DB.Snapshot(ctx, m.ID, func(tx *storage.Tx) error {
		_, categories, err := statement.SoldIn(tx, month, m.Location())
		if err != nil {
			return err
		}
		for _, c := range categories {
			if err := each("category", CategoryName(r, kinds, c.Category), c.Sold); err != nil {
				return err
			}
		}
		for _, kind := range []string{statement.Producers, statement.Agents} {
			var after *statement.Least
			for {
				const piece = 1000
				rows, err := statement.SoldThrough(tx, kind, month, m.Location(), after, piece)
				if err != nil {
					return err
				}
				for _, one := range rows {
					if err := each(kind, one.Name, one.Sold); err != nil {
						return err
					}
				}
				if len(rows) < piece {
					break
				}
				after = &statement.Least{Sold: rows[piece-1].Sold.Sold, Payee: rows[piece-1].Payee}
			}
		}
		return nil
	})
}

// SalesCSV writes a month for another program: a line for each category, each
// producer and each agent.
func (d *Door) SalesCSV(ctx context.Context, w io.Writer, r tongue.Reader, m region.Market, month statement.Month) error {
	if _, err := io.WriteString(w, "\xef\xbb\xbf"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"month", "by", "name", "count", "sold", "producers", "agents", "currency"}); err != nil {
		return err
	}
	err := d.salesRows(ctx, r, m, month, func(of, name string, s statement.Sold) error {
		return out.Write([]string{month.String(), of, guarded(name), strconv.FormatInt(s.Count, 10), plainSum(s.Sold), plainSum(s.Producers), plainSum(s.Agents), m.Currency})
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// SalesBook writes the same as a workbook, a sheet for each.
func (d *Door) SalesBook(ctx context.Context, w io.Writer, r tongue.Reader, m region.Market, month statement.Month) error {
	type row struct {
		name string
		statement.Sold
	}
	of := map[string][]row{}
	err := d.salesRows(ctx, r, m, month, func(by, name string, s statement.Sold) error {
		of[by] = append(of[by], row{name, s})
		return nil
	})
	if err != nil {
		return err
	}
	var sheets []workbook.Sheet
	for _, by := range []string{"category", statement.Producers, statement.Agents} {
		sheets = append(sheets, workbook.Sheet{Name: r.T("sales.by_" + by), Widths: []int{32, 12, 16, 16, 16, 16}, Head: 1, Fill: func(put func(...workbook.Cell) error) error {
			heads := []string{r.T("sales." + by), r.T("sales.count_" + by), r.T("sales.sold"), r.T("sales.producers"), r.T("sales.agents")}
			if by == "category" {
				heads = append(heads, r.T("sales.rest"))
			}
			if err := put(workbook.Heads(heads...)...); err != nil {
				return err
			}
			var all statement.Sold
			line := func(name workbook.Cell, s statement.Sold, loud bool) error {
				cells := []workbook.Cell{name, workbook.Count(s.Count), workbook.Sum(s.Sold), workbook.Sum(s.Producers), workbook.Sum(s.Agents)}
				if by == "category" {
					cells = append(cells, workbook.Sum(s.Rest()))
				}
				for i := range cells {
					if loud {
						cells[i] = cells[i].Loud()
					}
				}
				return put(cells...)
			}
			for _, one := range of[by] {
				all = all.Plus(one.Sold)
				if err := line(workbook.Text(one.name), one.Sold, false); err != nil {
					return err
				}
			}
			return line(workbook.Text(r.T("journal.total")), all, true)
		}})
	}
	return workbook.Write(w, sheets...)
}
