package api

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"commonfield/agents/region"
	"commonfield/agents/statement"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
	"commonfield/storage/workbook"
)

// sales mounts what a market sold.
func (s *server) sales() {
	handle(s, route{method: http.MethodGet, path: "/sales", says: "List what a market sold, month by month", open: known,
		more: "For operators, the newest month first. A sale counts when its money goes to the producer, less what went back; these are the sums of the ledger. The sums of a month that is not closed still change."}, s.listSales)
	handle(s, route{method: http.MethodGet, path: "/sales/{market}/{month}/{by}", says: "Show what was sold in a month by category, producer or agent", open: known,
		more: "For operators, the largest first. by is category, producer or agent."}, s.showSales)
	send(s, route{method: http.MethodGet, path: "/sales/{market}/{month}", says: "Give a month of sales as a file", open: known,
		more: "For operators: format=csv or format=xlsx. That it was taken stands in the trail."}, "text/csv", s.salesFile, workbook.Type)
}

type soldMonth struct {
	Month  string `json:"month" doc:"2026-11"`
	Closed bool   `json:"closed" doc:"its sums do not change any more"`
	SoldSums
}

// SoldSums are what came of what was sold.
type SoldSums struct {
	Count     int64  `json:"count" doc:"lines of a month or a category, orders of a producer or an agent"`
	Sold      int64  `json:"sold_minor" doc:"what buyers paid, less what went back"`
	Producers int64  `json:"producers_minor" doc:"of that; 0 of an agent: of a payee only their own share is told"`
	Agents    int64  `json:"agents_minor" doc:"of that; 0 of a producer"`
	Rest      *int64 `json:"rest_minor,omitempty" doc:"fees and taxes; of a month or a category"`
	Currency  string `json:"currency"`
}

func showSold(of statement.Sold, m region.Market, rest bool) SoldSums {
	out := SoldSums{of.Count, of.Sold, of.Producers, of.Agents, nil, m.Currency}
	if rest {
		n := of.Rest()
		out.Rest = &n
	}
	return out
}

func (s *server) listSales(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
	Before string `query:"before" doc:"only months before this one, as 2026-10"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100"`
}) (list[soldMonth], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[soldMonth]{}, err
	}
	var before statement.Month
	if in.Before != "" {
		if before, err = statement.ParseMonth(in.Before); err != nil {
			return list[soldMonth]{}, fault.Invalid("before", "cursor_bad")
		}
	}
	n := Page{Limit: in.Limit}.size()
	var all []statement.SoldMonth
	err = v.view(m.ID, func(tx *storage.Tx) error {
		all, err = statement.SoldMonths(tx, before, n+1, m.Location())
		return err
	})
	next := ""
	if len(all) > n {
		all, next = all[:n], all[n-1].Month.String()
	}
	out := listed(all, func(o statement.SoldMonth) soldMonth {
		return soldMonth{o.Month.String(), o.Closed, showSold(o.Sold, m, true)}
	})
	out.Next = next
	return out, err
}

// soldOf is one line of a month.
type soldOf struct {
	Category *string `json:"category,omitempty" doc:"its code; empty: delivery and other charges"`
	Payee    *id.ID  `json:"payee,omitempty"`
	Name     string  `json:"name,omitempty" doc:"the payee's"`
	SoldSums
}

func (s *server) showSales(v *visit, in *struct {
	BookMonth
	By    string `path:"by" doc:"category, producer or agent"`
	After string `query:"after" doc:"next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100"`
}) (list[soldOf], error) {
	var out list[soldOf]
	m, month, err := s.salesMonth(v, in.BookMonth)
	if err != nil {
		return out, err
	}
	after, err := leastOf(in.After)
	if err != nil {
		return out, err
	}
	n := Page{Limit: in.Limit}.size()
	var rows []statement.SoldOf
	err = v.view(m.ID, func(tx *storage.Tx) error {
		if in.By == "category" {
			_, rows, err = statement.SoldIn(tx, month, m.Location())
		} else {
			rows, err = statement.SoldThrough(tx, in.By, month, m.Location(), after, n+1)
		}
		return err
	})
	if err != nil {
		return out, err
	}
	next := ""
	if in.By != "category" && len(rows) > n {
		rows = rows[:n]
		next = strconv.FormatInt(rows[n-1].Sold.Sold, 10) + "." + rows[n-1].Payee.String()
	}
	out = listed(rows, func(o statement.SoldOf) soldOf {
		if in.By == "category" {
			return soldOf{Category: &o.Category, SoldSums: showSold(o.Sold, m, true)}
		}
		return soldOf{Payee: &o.Payee, Name: o.Name, SoldSums: showSold(o.Sold, m, false)}
	})
	out.Next = next
	return out, nil
}

// leastOf reads where a page goes on.
func leastOf(text string) (*statement.Least, error) {
	if text == "" {
		return nil, nil
	}
	sold, payee, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(sold, 10, 64)
	who, ok := id.Parse(payee)
	if err != nil || !ok {
		return nil, fault.Invalid("after", "cursor_bad")
	}
	return &statement.Least{Sold: n, Payee: who}, nil
}

func (s *server) salesMonth(v *visit, in BookMonth) (region.Market, statement.Month, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return m, statement.Month{}, err
	}
	month, err := statement.ParseMonth(in.Month)
	return m, month, err
}

func (s *server) salesFile(v *visit, in *struct {
	BookMonth
	Format string `query:"format" doc:"csv (so when it is left out) or xlsx"`
}) (*download, error) {
	m, month, err := s.salesMonth(v, in.BookMonth)
	if err != nil {
		return nil, err
	}
	kind, write, ending := "text/csv; charset=utf-8", s.SalesCSV, "csv"
	switch in.Format {
	case "", "csv":
	case "xlsx":
		kind, write, ending = workbook.Type, s.SalesBook, "xlsx"
	default:
		return nil, fault.Invalid("format", "not_one_of", fault.Args{"allowed": []string{"csv", "xlsx"}})
	}
	var b bytes.Buffer
	if err := write(v.ctx, &b, v.reader, m, month); err != nil {
		return nil, err
	}
	err = s.DB.Update(v.ctx, m.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		trail.Write(tx, v.who.ID, "sales.file", "month:"+month.String(), "")
		return nil
	})
	return &download{kind, `attachment; filename="` + m.Code + "-sales-" + month.String() + "." + ending + `"`, "private, no-store", b.Bytes()}, err
}
