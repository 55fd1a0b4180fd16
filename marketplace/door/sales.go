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

// SalesOf gives a month with its largest producers and agents, n of each at most (0: all).
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

// soldPart is one way in which a file tells a month.
type soldPart struct {
	by   string
	rows []statement.SoldOf
}

// salesRows gives a whole month, read at one moment, by category, producer and agent.
func (d *Door) salesRows(ctx context.Context, r tongue.Reader, m region.Market, month statement.Month) ([]soldPart, error) {
	kinds, err := d.Catalog.Kinds(ctx)
	if err != nil {
		return nil, err
	}
	var all Sales
	err = d.DB.Snapshot(ctx, m.ID, func(tx *storage.Tx) (err error) { all, err = SalesOf(tx, m, month, 0); return })
	if err != nil {
		return nil, err
	}
	categories := slices.Clone(all.Categories) // what was read may be remembered
	for i, c := range categories {
		categories[i].Name = CategoryName(r, kinds, c.Category)
	}
	return []soldPart{{"category", categories}, {statement.Producers, all.Producers}, {statement.Agents, all.Agents}}, nil
}

// SalesCSV writes a month for another program: a line for each category, each
// producer and each agent.
func (d *Door) SalesCSV(ctx context.Context, w io.Writer, r tongue.Reader, m region.Market, month statement.Month) error {
	parts, err := d.salesRows(ctx, r, m, month)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\xef\xbb\xbf"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.Write([]string{"month", "by", "name", "count", "sold", "producers", "agents", "currency"})
	for _, part := range parts {
		for _, s := range part.rows {
			_ = out.Write([]string{month.String(), part.by, guarded(s.Name), strconv.FormatInt(s.Count, 10), plainSum(s.Sold.Sold), plainSum(s.Producers), plainSum(s.Agents), m.Currency})
		}
	}
	out.Flush()
	return out.Error()
}

// SalesBook writes the same as a workbook, a sheet for each.
func (d *Door) SalesBook(ctx context.Context, w io.Writer, r tongue.Reader, m region.Market, month statement.Month) error {
	parts, err := d.salesRows(ctx, r, m, month)
	if err != nil {
		return err
	}
	var sheets []workbook.Sheet
	for _, part := range parts {
		by := part.by
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
			for _, one := range part.rows {
				all = all.Plus(one.Sold)
				if err := line(workbook.Text(one.Name), one.Sold, false); err != nil {
					return err
				}
			}
			return line(workbook.Text(r.T("journal.total")), all, true)
		}})
	}
	return workbook.Write(w, sheets...)
}
