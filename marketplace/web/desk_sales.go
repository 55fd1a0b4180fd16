package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/statement"
	"commonfield/catalog"
	"commonfield/marketplace/door"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
)

// salesWay is where an operator reads what the market sold.
const salesWay = part.BooksWay + "/sales"

// mostSold is how many producers and agents the page names; the files name all.
const mostSold = 20

// sales shows the months, and the one that was asked for, else the newest.
func (d *desk) sales(c *fiber.Ctx, s seat) error {
	var before, month statement.Month
	var err error
	for name, to := range map[string]*statement.Month{"before": &before, "month": &month} {
		if text := c.Query(name); text != "" {
			if *to, err = statement.ParseMonth(text); err != nil {
				return err
			}
		}
	}
	var months []statement.SoldMonth
	var of door.Sales
	err = d.view(c, s, func(tx *storage.Tx) error {
		if months, err = statement.SoldMonths(tx, before, aYear, s.m.Location()); err != nil {
			return err
		}
		if month == (statement.Month{}) {
			if len(months) == 0 {
				return nil
			}
			month = months[0].Month
		}
		of, err = door.SalesOf(tx, s.m, month, mostSold)
		return err
	})
	if err != nil {
		return err
	}
	kinds, err := d.Catalog.Kinds(c.UserContext())
	if err != nil {
		return err
	}
	return d.show(c, s, fiber.StatusOK, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Sales{Frame: f, Books: s.way(part.BooksWay), Currency: s.m.Currency, Most: mostSold}
		for _, m := range months {
			first, _ := m.Month.In(s.m.Location())
			v.Months = append(v.Months, page.SalesMonth{Href: s.way(salesWay, "month", m.Month.String()) + "#month", First: first, Runs: !m.Closed, SalesRow: soldRow("", m.Sold)})
		}
		if len(months) == aYear {
			v.Next = s.way(salesWay, "before", months[aYear-1].Month.String())
		}
		if month != (statement.Month{}) {
			v.Of, _ = month.In(s.m.Location())
			v.Runs, v.Sum = !of.Month.Closed, soldRow("", of.Month.Sold)
			v.CSV, v.Book = s.way(salesWay+"/"+month.String()+".csv"), s.way(salesWay+"/"+month.String()+".xlsx")
			v.Category, v.Producer, v.Agent = soldRows(f.Reader, kinds, of.Categories), soldRows(f.Reader, kinds, of.Producers), soldRows(f.Reader, kinds, of.Agents)
		}
		return v.View()
	})
}

func soldRow(name string, s statement.Sold) page.SalesRow {
	return page.SalesRow{Name: name, Count: s.Count, Sold: s.Sold, Producers: s.Producers, Agents: s.Agents, Rest: s.Rest()}
}

func soldRows(r tongue.Reader, kinds []catalog.Category, rows []statement.SoldOf) []page.SalesRow {
	var all []page.SalesRow
	for _, one := range rows {
		name := one.Name
		if name == "" {
			name = door.CategoryName(r, kinds, one.Category)
		}
		all = append(all, soldRow(name, one.Sold))
	}
	return all
}

// salesFile sends a month of sales.
func (d *desk) salesFile(c *fiber.Ctx, s seat) error {
	return monthFile[statement.Month]{of: "sales", deed: "sales.file", read: statement.ParseMonth, table: d.SalesCSV, book: d.SalesBook}.send(d, c, s)
}
