package notice

import (
	"strings"

	"commonfield/marketplace/notice/letter"
	"commonfield/marketplace/tongue"
)

// Title says in one line what happened: it heads the row and the letter.
func (n Notice) Title(r tongue.Reader) string {
	return r.Say("notice."+string(n.Kind)+".title", n.args(r))
}

// Text says the rest: what comes next, whose turn it is and until when.
func (n Notice) Text(r tongue.Reader) string {
	return r.Say("notice."+string(n.Kind)+".text", n.args(r))
}

// args writes the facts as the reader reads them.
func (n Notice) args(r tongue.Reader) map[string]any {
	f := n.Facts
	a := map[string]any{
		"number": f.Number, "carrier": f.Carrier, "parcel": f.Parcel, "count": f.Count, "tail": f.Tail, "word": f.Word, "why": f.Why,
		"sum": r.Money(f.Sum, f.Currency), "rest": r.Money(f.Rest, f.Currency), "until": "", "role": "",
	}
	if f.Until != nil {
		a["until"] = r.Moment(*f.Until)
	}
	switch n.Kind {
	case DeskJob:
		a["word"] = r.Job(f.Word)
	case DeskAudit:
		a["word"] = r.Check(f.Word)
	case DeskAlarm:
		a["word"] = r.Alarm(f.Word)
	}
	if f.Role != "" {
		a["role"] = r.T("role." + f.Role)
	}
	switch f.Why {
	case "":
	case "timeout":
		a["why"] = r.T("notice.why_timeout")
	default:
		a["why"] = r.T("notice.why_said", "why", letter.Line(f.Why))
	}
	if f.Parcel == "" {
		a["parcel"] = r.T("notice.no_number")
	}
	return a
}

// rows are the contract's lines and its sum (E-commerce Law 49, 50: what was
// agreed, so that it can be kept).
func (n Notice) rows(r tongue.Reader) []letter.Row {
	f := n.Facts
	if len(f.Lines) == 0 {
		return nil
	}
	var rows []letter.Row
	returns := false
	for _, l := range f.Lines {
		if l.Charge != "" {
			rows = append(rows, letter.Row{Name: r.T("charge." + l.Charge), Value: r.Money(l.Total, f.Currency)})
			continue
		}
		title, seller := l.Title, l.Seller
		if r.Lang() == tongue.English && l.TitleEN != "" {
			title = l.TitleEN
		}
		if r.Lang() == tongue.English && l.SellerEN != "" {
			seller = l.SellerEN
		}
		of := []string{r.Both(l.Quantity, l.Unit), r.Per(l.Price, f.Currency, l.Unit)}
		if seller != "" {
			of = append(of, seller)
		}
		if l.Returns > 0 {
			of = append(of, r.T("notice.returns", "count", int64(l.Returns)))
			returns = true
		}
		rows = append(rows, letter.Row{Name: title, Note: strings.Join(of, " · "), Value: r.Money(l.Total, f.Currency)})
	}
	rows = append(rows, letter.Row{Name: r.T("notice.total"), Value: r.Money(f.Sum, f.Currency), Sum: true})
	if !returns {
		rows = append(rows, letter.Row{Note: r.T("notice.no_returns")})
	}
	return rows
}
