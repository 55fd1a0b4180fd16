package api

import (
	"bytes"
	"net/http"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/statement"
	"commonfield/marketplace/door"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/workbook"
)

// Sums of a month are signed as they change what is owed.
type Sums struct {
	Month    string `json:"month" doc:"2026-10, in the market's zone"`
	Number   string `json:"number,omitempty" doc:"of a closed month; empty while it runs"`
	Sales    int64  `json:"sales" doc:"how many orders"`
	Sold     int64  `json:"sold_minor" doc:"what buyers paid, less what went back"`
	Opening  int64  `json:"opening_minor"`
	Earned   int64  `json:"earned_minor"`
	Reversed int64  `json:"reversed_minor" doc:"nought or below"`
	Withheld int64  `json:"withheld_minor" doc:"tax; nought or below"`
	Paid     int64  `json:"paid_minor" doc:"nought or below"`
	Returned int64  `json:"returned_minor" doc:"payouts that the bank gave back"`
	Closing  int64  `json:"closing_minor" doc:"owed to the payee; below nought: by them"`
	Currency string `json:"currency"`
}

type told struct {
	Sums
	Payee    string          `json:"payee"`
	Name     string          `json:"name"`
	Waiting  int64           `json:"waiting_minor" doc:"part of the closing of a running month: the goods may still come back"`
	OnItsWay int64           `json:"on_its_way_minor" doc:"part of the closing of a running month: with the bank"`
	Lines    []statementLine `json:"lines" doc:"a piece of them, the oldest first"`
	Next     string          `json:"next" doc:"cursor of the next piece of lines; empty at the end"`
	Payments []statementPaid `json:"payments"`
}

type statementLine struct {
	Order   string    `json:"order"`
	Number  string    `json:"number"`
	Line    int       `json:"line"`
	Title   string    `json:"title"`
	TitleEN string    `json:"title_en,omitempty"`
	Back    bool      `json:"back" doc:"taken back"`
	Why     string    `json:"why,omitempty"`
	Base    int64     `json:"buyer_paid_minor"`
	Others  int64     `json:"others_minor" doc:"agent, platform and tax, or, for an agent, everybody else"`
	Amount  int64     `json:"amount_minor" doc:"the payee's part"`
	RateBP  int32     `json:"rate_bp,omitempty" doc:"of an agent"`
	Rule    string    `json:"rule,omitempty"`
	Entry   string    `json:"commission,omitempty" doc:"the commission entry"`
	At      time.Time `json:"at"`
}

type statementPaid struct {
	Payout string    `json:"payout"`
	Batch  string    `json:"batch"`
	Bank   string    `json:"bank"`
	Tail   string    `json:"number_tail"`
	Hand   string    `json:"hand,omitempty" doc:"who handed it over in cash; then there is no account"`
	Back   bool      `json:"back" doc:"the bank gave it back"`
	Amount int64     `json:"amount_minor"`
	At     time.Time `json:"at"`
}

// OfMonth is a path that names one month of a payee.
type OfMonth struct {
	This
	Month string `path:"month" doc:"2026-10"`
}

// statements mounts what somebody earned, month by month.
func (s *server) statements() {
	handle(s, route{method: http.MethodGet, path: "/me/payees/{market}/{id}/statements", says: "List a payee's statements", open: known,
		more: "The newest first; the month that runs comes first while something happened in it. For the payee and operators."}, s.listStatements)
	handle(s, route{method: http.MethodGet, path: "/me/payees/{market}/{id}/statements/{month}", says: "Show a month's statement", open: known}, s.showStatement)
	send(s, route{method: http.MethodGet, path: "/me/payees/{market}/{id}/statements/{month}/workbook", says: "Give a month's statement as a spreadsheet", open: known}, workbook.Type, s.giveStatement)
}

func showSums(one statement.Statement, currency string) Sums {
	return Sums{one.Month.String(), one.Number, one.Sales, one.Sold, one.Opening, one.Earned, one.Reversed, one.Withheld, one.Paid, one.Returned, one.Closing, currency}
}

func (s *server) listStatements(v *visit, in *struct {
	This
	Before string `query:"before" doc:"only months before this one, as 2026-10"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100"`
}) (list[Sums], error) {
	p, err := s.payeeOf(v, in.This)
	if err != nil {
		return list[Sums]{}, err
	}
	m, err := s.Books.Market(v.ctx, p.Market)
	if err != nil {
		return list[Sums]{}, err
	}
	var before statement.Month
	if in.Before != "" {
		if before, err = statement.ParseMonth(in.Before); err != nil {
			return list[Sums]{}, fault.Invalid("before", "cursor_bad")
		}
	}
	n := Page{Limit: in.Limit}.size()
	var all []statement.Statement
	err = v.view(p.Market, func(tx *storage.Tx) error {
		var err error
		if all, err = statement.List(tx, p.ID, before, n+1); err != nil || in.Before != "" {
			return err
		}
		open, err := statement.Open(tx, p.ID, m.Location(), all)
		all = append(open, all...)
		return err
	})
	next := ""
	if len(all) > n {
		all = all[:n]
		next = all[n-1].Month.String()
	}
	out := listed(all, func(one statement.Statement) Sums { return showSums(one, m.Currency) })
	out.Next = next
	return out, err
}

// monthOf finds a payee and a month that has begun.
func (s *server) monthOf(v *visit, in OfMonth) (payable.Payee, statement.Month, error) {
	p, err := s.payeeOf(v, in.This)
	if err != nil {
		return p, statement.Month{}, err
	}
	month, err := statement.ParseMonth(in.Month)
	if err != nil {
		return p, month, err
	}
	m, err := s.Books.Market(v.ctx, p.Market)
	if err == nil && statement.MonthOf(s.DB.Now(), m.Location()).Earlier(month) {
		err = fault.NotFound("not_found")
	}
	return p, month, err
}

func (s *server) showStatement(v *visit, in *struct {
	OfMonth
	Page
}) (told, error) {
	p, month, err := s.monthOf(v, in.OfMonth)
	if err != nil {
		return told{}, err
	}
	after, err := door.GoOn(in.After)
	if err != nil {
		return told{}, err
	}
	m, err := s.Books.Market(v.ctx, p.Market)
	if err != nil {
		return told{}, err
	}
	t, err := s.Statement(v.ctx, m, p.ID, month, after, in.size())
	if err != nil {
		return told{}, err
	}
	out := told{Sums: showSums(t.Statement, m.Currency), Payee: p.ID.String(), Name: p.Name, Waiting: t.Waiting, OnItsWay: t.OnItsWay}
	out.Lines = listed(t.Lines, func(l statement.Line) statementLine {
		line := statementLine{Order: l.Sale.String(), Number: l.Number, Line: l.No, Title: l.Title, TitleEN: l.TitleEN, Back: l.Back, Why: l.Why, Base: l.Base, Others: l.Others, Amount: l.Amount, RateBP: l.RateBP, At: l.At}
		if l.Entry != nil {
			line.Entry = l.Entry.String()
		}
		if l.Rule != nil {
			line.Rule = l.Rule.String()
		}
		return line
	}).Items
	if n := len(t.Lines); n == in.size() {
		out.Next = door.Ending(t.Lines[n-1].End())
	}
	out.Payments = listed(t.Payments, func(p statement.Payment) statementPaid {
		return statementPaid{p.ID.String(), p.Batch, p.Bank, p.Tail, p.Hand, p.Back, p.Amount, p.At}
	}).Items
	return out, nil
}

func (s *server) giveStatement(v *visit, in *OfMonth) (*download, error) {
	p, month, err := s.monthOf(v, *in)
	if err != nil {
		return nil, err
	}
	m, err := s.Books.Market(v.ctx, p.Market)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := s.StatementBook(v.ctx, &b, v.reader, m, p.ID, month); err != nil {
		return nil, err
	}
	return &download{workbook.Type, `attachment; filename="` + m.Code + "-" + month.String() + `.xlsx"`, "private, no-store", b.Bytes()}, nil
}
