package page

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
	"commonfield/storage/audit"
)

// OperatorDesk begins with what needs the operator now.
type OperatorDesk struct {
	Frame    part.Frame
	Waits    []Wait // what waits for an operator, what cannot wait first
	Audit    Audit
	Books    string // where the books are
	Owed     int64  // money that lies here and is not the platform's
	Own      int64  // the platform's own
	Currency string
	Orders   []OrderRow // the newest
	Services []Service
	Next     []Next // what a new market still needs; empty once it has it
}

// Wait is deeds of one sort that wait, and the page where they are done. Those of which
// there are none are not shown.
type Wait struct {
	Key  string // of its words
	Kind string // of its badge
	Href string
	Due
}

// Due is how many wait, how much it is, and until when the first must be done.
type Due struct {
	Count int64
	Minor int64
	Until time.Time
}

// Service is a thing that runs, with how it is: "good", "slow", "down", "off"; empty:
// nobody knows.
type Service struct{ Name, State, Note string }

// Audit is the last check of the books.
type Audit struct {
	At     time.Time
	OK     bool
	Checks []AuditCheck
	Alarms []AuditAlarm
}

// AuditAlarm is one thing that no rule forbids and somebody should look at.
type AuditAlarm struct {
	Name  string // in English, as the terminal says it
	Href  string // where something can be done about it; may be empty
	Found []audit.Values
}

// AuditCheck is one check and what it found.
type AuditCheck struct {
	Name       string // in English, as the terminal says it
	OK         bool
	Checked    int64
	Violations []audit.Values
}

func (v OperatorDesk) todos() []part.Todo {
	r := v.Frame.Reader
	var waits []Wait
	if !v.Audit.OK {
		waits = append(waits, Wait{Key: "audit", Kind: "bad", Href: v.Books, Due: Due{Count: 1}})
	}
	waits = append(waits, Wait{Key: "alarms", Kind: "wait", Href: v.Books + "#alarms", Due: Due{Count: int64(len(v.Audit.Alarms))}})
	waits = append(waits, v.Waits...)
	var out []part.Todo
	for _, w := range waits {
		if w.Count == 0 {
			continue
		}
		key := "operator." + w.Key
		t := part.Todo{Title: r.T(key+".title", "count", w.Count), Text: r.T(key + ".text"), Word: r.T(key + ".word"), Badge: r.T(key + ".badge"), Href: w.Href, Kind: w.Kind, First: len(out) == 0}
		if w.Minor > 0 {
			t.Title += r.T("word.colon") + r.Money(w.Minor, v.Currency)
		}
		if !w.Until.IsZero() {
			t.Until, t.Urgent = r.T("operator.until", "due", r.Due(w.Until)), r.Urgent(w.Until)
		}
		out = append(out, t)
	}
	return out
}

func (v OperatorDesk) stats() []part.Stat {
	r := v.Frame.Reader
	return []part.Stat{
		{Label: r.T("operator.owed"), Value: r.Money(v.Owed, v.Currency)},
		{Label: r.T("operator.own"), Value: r.Money(v.Own, v.Currency)},
	}
}

func serviceBadge(state string) (kind, icon string) {
	switch state {
	case "good":
		return "good", "check"
	case "slow":
		return "wait", "clock"
	case "down":
		return "bad", "alert"
	}
	return "", "pause"
}

// Jobs are those that gave up; each can be tried again.
type Jobs struct {
	Frame  part.Frame
	Failed []Job
	Due    int64     // jobs that may run now
	Late   int64     // for how many seconds the oldest of them could have
	Form   part.Form // Action part.JobsWay; each button sends job, and of where it is the platform's

	All          bool // who looks is an operator of the platform: its own jobs too
	Platform     []Job
	PlatformDue  int64
	PlatformLate int64
}

// OfPlatform is what the button of a job of the platform says.
const OfPlatform = "platform"

// Job is one that gave up.
type Job struct {
	ID, Name string
	Error    string
	Tries    int64
	At       time.Time
	Key      string
}

// lag is how many jobs wait, and for how long.
func (v Jobs) lag(due, late int64) []part.Stat {
	r := v.Frame.Reader
	return []part.Stat{{Label: r.T("jobs.due"), Value: r.Count(due)}, {Label: r.T("jobs.late"), Value: r.Span(time.Duration(late) * time.Second)}}
}

// Offline are bank transfers and cash that an operator confirms. The fields are
// payment (hidden), reference and sum.
type Offline struct {
	Frame    part.Frame
	Rows     []OfflineRow
	Currency string
	Next     string
}

// OfflineRow is one payment that waits for its money.
type OfflineRow struct {
	Market, ID, Number string // Number is what the buyer writes on the transfer
	Buyer              string
	Sum, Got           int64
	At, Until          time.Time
	Form               part.Form // Action part.OfflineWay
}

// Applications are those who want to be agents.
type Applications struct {
	Frame part.Frame
	Rows  []Application
	Form  part.Form // Action part.ApplicationsWay; each form sends application and answer ("yes", "no"), why
}

// Application is one of them.
type Application struct {
	ID, Name, Place, About string
	At                     time.Time
	Key                    string
}

// Books are the last audit and the trial balance.
type Books struct {
	Frame    part.Frame
	Audit    Audit
	Accounts []Balance
	Currency string
	Market   string
	MoneyWay string // where an order's money is told
	// MonthsWay is where months are closed and the accountant gets them.
	MonthsWay string
	// SalesWay is where it is read what was sold.
	SalesWay string
}

// Balance is one account's total. Name is finished.
type Balance struct {
	Name, Href    string
	Debit, Credit int64
}

func (v Books) trial() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("books.trial"), Cols: []part.Col{{Label: r.T("books.account")}, {Label: r.T("books.debit"), Num: true}, {Label: r.T("books.credit"), Num: true}}}
	var debit, credit int64
	for _, b := range v.Accounts {
		said, code := halves(b.Name)
		t.Rows = append(t.Rows, []templ.Component{part.Keyed(b.Href, said, code), v.side(b.Debit), v.side(b.Credit)})
		debit, credit = debit+b.Debit, credit+b.Credit
	}
	t.Foot = []templ.Component{part.Text(r.T("commission.together")), part.Amount(v.Frame, debit, v.Currency), part.Amount(v.Frame, credit, v.Currency)}
	return t
}

func (v Books) side(minor int64) templ.Component {
	if minor == 0 {
		return nil
	}
	return part.Amount(v.Frame, minor, v.Currency)
}

func (c AuditCheck) title(r tongue.Reader) string {
	return r.Check(c.Name)
}

func (v Books) checks() part.Sheet {
	r := v.Frame.Reader
	t := part.Sheet{Caption: r.T("books.audit"), Cols: []part.Col{{Label: r.T("books.check")}, {Label: r.T("books.checked"), Num: true}, {Label: r.T("books.found")}}}
	for _, c := range v.Audit.Checks {
		t.Rows = append(t.Rows, []templ.Component{part.Text(c.title(r)), part.Text(r.Count(c.Checked)), checkResult(v.Frame, c, v.Currency)})
	}
	return t
}
