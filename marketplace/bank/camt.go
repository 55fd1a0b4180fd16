package bank

import (
	"crypto/sha256"
	"encoding/xml"
	"io"
	"strings"
	"time"

	"commonfield/storage/fault"
)

// The bank to customer statement of ISO 20022, camt.053: what is read here
// stands alike in its versions .02 to .08 and later, but for the names of
// parties and states, which have moved one step inwards.

type camt struct {
	XMLName    xml.Name
	Statements []camtStatement `xml:"BkToCstmrStmt>Stmt"`
}

type camtStatement struct {
	Text string `xml:",innerxml"`

	ID       string `xml:"Id"`
	IBAN     string `xml:"Acct>Id>IBAN"`
	Other    string `xml:"Acct>Id>Othr>Id"`
	Balances []struct {
		Code   string     `xml:"Tp>CdOrPrtry>Cd"`
		Amount camtAmount `xml:"Amt"`
		Side   string     `xml:"CdtDbtInd"`
		Day    camtDay    `xml:"Dt"`
	} `xml:"Bal"`
	Entries []camtEntry `xml:"Ntry"`
}

type camtAmount struct {
	Currency string `xml:"Ccy,attr"`
	Amount   string `xml:",chardata"`
}

type camtDay struct {
	Day    string `xml:"Dt"`
	Moment string `xml:"DtTm"`
}

type camtEntry struct {
	Reference string     `xml:"NtryRef"`
	Amount    camtAmount `xml:"Amt"`
	Side      string     `xml:"CdtDbtInd"`
	State     struct {
		Text string `xml:",chardata"`
		Code string `xml:"Cd"`
	} `xml:"Sts"`
	Day   camtDay  `xml:"BookgDt"`
	Bank  string   `xml:"AcctSvcrRef"`
	Deals []camtTx `xml:"NtryDtls>TxDtls"`
	More  string   `xml:"AddtlNtryInf"`
}

type camtTx struct {
	Bank   string      `xml:"Refs>AcctSvcrRef"`
	End    string      `xml:"Refs>EndToEndId"`
	Number string      `xml:"Refs>InstrId"`
	Amount *camtAmount `xml:"Amt"`
	Inner  *camtAmount `xml:"AmtDtls>TxAmt>Amt"`
	From   string      `xml:"RltdPties>Dbtr>Nm"`
	From8  string      `xml:"RltdPties>Dbtr>Pty>Nm"`
	To     string      `xml:"RltdPties>Cdtr>Nm"`
	To8    string      `xml:"RltdPties>Cdtr>Pty>Nm"`
	Words  []string    `xml:"RmtInf>Ustrd"`
	Ref    []string    `xml:"RmtInf>Strd>CdtrRefInf>Ref"`
	Back   *struct{}   `xml:"RtrInf"`
}

const camtSpace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."

// readCamt gives the statements of a file: banks send those of some days, or of the
// pages of one, together. Each has its own balance and is known again by itself.
func readCamt(text, currency string) ([]file, error) {
	var d camt
	in := xml.NewDecoder(strings.NewReader(text))
	in.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	if err := in.Decode(&d); err != nil {                                                 //nolint:musttag // XMLName stands for itself
		return nil, fault.Invalid("file", "statement_unreadable", fault.Args{"line": xmlLine(err)}).Because(err)
	}
	if d.XMLName.Local != "Document" || !strings.HasPrefix(d.XMLName.Space, camtSpace) {
		return nil, fault.Invalid("file", "statement_layout")
	}
	all := make([]file, len(d.Statements))
	for i, s := range d.Statements {
		var err error
		if all[i], err = s.file(currency); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s camtStatement) file(currency string) (file, error) {
	f := file{key: sha256.Sum256([]byte(s.Text)), name: cut(s.ID, 60), account: strings.TrimSpace(s.IBAN + s.Other)}
	for _, b := range s.Balances {
		if b.Code != "CLBD" {
			continue
		}
		sum, err := b.Amount.minor(currency, b.Side)
		if err != nil {
			return f, err
		}
		day, ok := b.Day.day()
		if !ok {
			return f, fault.Invalid("file", "statement_day", fault.Args{"line": 0})
		}
		f.closing, f.until = &sum, day
	}
	for _, e := range s.Entries {
		if state := strings.TrimSpace(e.State.Text + e.State.Code); state != "BOOK" {
			continue // what is only announced may never come
		}
		lines, err := e.lines(currency)
		if err != nil {
			return f, err
		}
		f.lines = append(f.lines, lines...)
	}
	return f, nil
}

// lines are an entry's deals, each a line of its own where all say their sums
// and come to the entry's; else the entry is one line. One of nothing is none.
func (e camtEntry) lines(currency string) ([]Line, error) {
	sum, err := e.Amount.minor(currency, e.Side)
	if err != nil || sum == 0 {
		return nil, err
	}
	day, ok := e.Day.day()
	if !ok {
		return nil, fault.Invalid("file", "statement_day", fault.Args{"line": 0})
	}
	name := firstOf(e.Bank, e.Reference)
	one := Line{Reference: name, On: day, Amount: sum, Words: cut(e.More, 300)}
	var parts []Line
	var all int64
	told := true
	for i, x := range e.Deals {
		l := Line{On: day, Return: x.Back != nil,
			Words: cut(strings.Join(append(append([]string{x.End, x.Number}, x.Words...), x.Ref...), " "), 300)}
		l.Party = cut(firstOf(x.From, x.From8), 120)
		if sum < 0 {
			l.Party = cut(firstOf(x.To, x.To8), 120)
		}
		if l.Reference = x.Bank; l.Reference == "" && name != "" {
			l.Reference = name + "/" + number(i+1)
		}
		amount := x.Amount
		if amount == nil {
			amount = x.Inner
		}
		if amount != nil {
			if l.Amount, err = amount.minor(currency, e.Side); err != nil {
				return nil, err
			}
		}
		all += l.Amount
		told = told && l.Amount != 0
		parts = append(parts, l)
	}
	if len(parts) == 1 {
		parts[0].Reference, parts[0].Amount, all = firstOf(name, parts[0].Reference), sum, sum
		told = true
	}
	if len(parts) > 0 && told && all == sum {
		return parts, nil
	}
	for _, p := range parts {
		one.Words = cut(one.Words+" "+p.Words, 300)
	}
	return []Line{one}, nil
}

// minor is a sum in minor units, below nought for what went out.
func (a camtAmount) minor(currency, side string) (int64, error) {
	if a.Currency != currency {
		return 0, fault.Invalid("file", "statement_currency", fault.Args{"currency": a.Currency})
	}
	n, ok := decimal(a.Amount)
	if !ok || side != "CRDT" && side != "DBIT" {
		return 0, fault.Invalid("file", "statement_sum", fault.Args{"line": 0})
	}
	if side == "DBIT" {
		n = -n
	}
	return n, nil
}

func (d camtDay) day() (time.Time, bool) {
	text := firstOf(d.Day, d.Moment)
	if len(text) < 10 {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, text[:10])
	return t, err == nil
}
