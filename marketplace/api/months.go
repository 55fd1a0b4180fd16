package api

import (
	"bytes"
	"net/http"
	"strings"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/ledger"
	"commonfield/storage/trail"
	"commonfield/storage/workbook"
)

// months mounts the closing of months, and the journal for the accountant.
func (s *server) months() {
	handle(s, route{method: http.MethodGet, path: "/ledger/months", says: "List the months that were closed or asked about, the newest first", open: known, more: "For operators."}, s.listMonths)
	for fate, says := range map[string]string{"close": "Ask that a month takes no entries any more", "reopen": "Ask that a closed month takes entries again", "agree": "Agree to what was asked about a month", "keep": "Leave a month as it is"} {
		quietly(s, route{method: http.MethodPost, path: "/ledger/months/{market}/{month}/" + fate, says: says, open: known, more: "By operators; who agrees is another than who asked. Twice is once."}, s.monthFate(fate))
	}
	send(s, route{method: http.MethodGet, path: "/ledger/journal/{market}/{month}", says: "Give a month of the book as a file", open: known,
		more: "For operators: format=csv or format=xlsx. That it was taken stands in the trail."}, "text/csv", s.journal, workbook.Type)
}

// BookMonth is a month of a market that its operator names.
type BookMonth struct {
	Here
	Month string `path:"month" doc:"2026-11"`
}

func (s *server) bookMonth(v *visit, in BookMonth) (region.Market, ledger.Month, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return m, ledger.Month{}, err
	}
	at, err := ledger.ParseMonth(in.Month, m.Location())
	return m, at, err
}

func (s *server) listMonths(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[ledger.Period], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[ledger.Period]{}, err
	}
	out := list[ledger.Period]{Items: []ledger.Period{}}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		all, err := ledger.Periods(tx)
		out.Items = append(out.Items, all...)
		return err
	})
	return out, err
}

// oneMonth names a month, with a reason where one is asked for.
type oneMonth struct {
	BookMonth
	Body *why
}

// monthFate gives the handler that does one thing to a month.
func (s *server) monthFate(fate string) func(*visit, *oneMonth) error {
	return func(v *visit, in *oneMonth) error {
		m, at, err := s.bookMonth(v, in.BookMonth)
		if err != nil {
			return err
		}
		switch fate {
		case "close":
			return ledger.CloseMonth(v.ctx, s.DB, m.ID, at, v.who.ID)
		case "agree":
			return ledger.AgreeMonth(v.ctx, s.DB, m.ID, at.Name, v.who.ID)
		case "keep":
			return ledger.KeepMonth(v.ctx, s.DB, m.ID, at.Name, v.who.ID)
		}
		reason := ""
		if in.Body != nil {
			reason = in.Body.Reason
		}
		return ledger.ReopenMonth(v.ctx, s.DB, m.ID, at.Name, v.who.ID, reason)
	}
}

func (s *server) journal(v *visit, in *struct {
	BookMonth
	Format string `query:"format" doc:"csv (so when it is left out) or xlsx"`
}) (*download, error) {
	m, at, err := s.bookMonth(v, in.BookMonth)
	if err != nil {
		return nil, err
	}
	kind, write := "text/csv; charset=utf-8", s.JournalCSV
	switch in.Format {
	case "", "csv":
	case "xlsx":
		kind, write = workbook.Type, s.JournalBook
	default:
		return nil, fault.Invalid("format", "not_one_of", fault.Args{"allowed": []string{"csv", "xlsx"}})
	}
	var b bytes.Buffer
	if err := write(v.ctx, &b, v.reader, m, at); err != nil {
		return nil, err
	}
	err = s.DB.Update(v.ctx, m.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		trail.Write(tx, v.who.ID, "ledger.journal", "month:"+at.Name, "")
		return nil
	})
	ending := "csv"
	if strings.HasPrefix(kind, "application") {
		ending = "xlsx"
	}
	return &download{kind, `attachment; filename="` + m.Code + "-journal-" + at.Name + "." + ending + `"`, "private, no-store", b.Bytes()}, err
}
