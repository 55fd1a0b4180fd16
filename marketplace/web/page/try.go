package page

import "commonfield/marketplace/web/part"

// Try is the simulator: which rule of commission wins for a sale, and why, and
// who gets what of it. The fields are category, sum and day.
type Try struct {
	Frame                            part.Frame
	Form                             part.Form
	Market, Currency, Place, Back    string
	Categories                       []part.Option
	Done                             bool // something was tried
	Minor, Tax, Fee, Agent, Producer int64
	Rows                             []Verdict
}

// Verdict is what was said of one rule. Why is "wins", or a key under "try.why.".
type Verdict struct {
	Position, Points int64
	Category, Why    string
	Every            bool
}

func (v Try) wins() *Verdict {
	for i := range v.Rows {
		if v.Rows[i].Why == "wins" {
			return &v.Rows[i]
		}
	}
	return nil
}

func (v Try) sums() []part.Row {
	r := v.Frame.Reader
	rows := []part.Row{{Label: r.T("try.producer"), Minor: v.Producer}, {Label: r.T("try.agent"), Minor: v.Agent}, {Label: r.T("try.fee"), Minor: v.Fee}}
	if v.Tax > 0 {
		rows = append(rows, part.Row{Label: r.T("try.tax"), Minor: v.Tax})
	}
	return append(rows, part.Row{Label: r.T("try.pays"), Minor: v.Minor, Total: true})
}
