package payout

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"commonfield/storage/fault"
	"commonfield/storage/money"
)

// The payment status report of ISO 20022, pain.002, in every version so far: the
// parts read here stand in all of them.

type report20 struct {
	XMLName xml.Name
	Group   struct {
		Of     string     `xml:"OrgnlMsgId"`
		State  string     `xml:"GrpSts"`
		Reason []reason20 `xml:"StsRsnInf"`
	} `xml:"CstmrPmtStsRpt>OrgnlGrpInfAndSts"`
	Batches []struct {
		Of     string     `xml:"OrgnlPmtInfId"`
		State  string     `xml:"PmtInfSts"`
		Reason []reason20 `xml:"StsRsnInf"`
		Lines  []status20 `xml:"TxInfAndSts"`
	} `xml:"CstmrPmtStsRpt>OrgnlPmtInfAndSts"`
}

type status20 struct {
	Number    string     `xml:"OrgnlInstrId"`
	Reference string     `xml:"OrgnlEndToEndId"`
	State     string     `xml:"TxSts"`
	Reason    []reason20 `xml:"StsRsnInf"`
	Amount    string     `xml:"OrgnlTxRef>Amt>InstdAmt"`
}

type reason20 struct {
	Code string   `xml:"Rsn>Cd"`
	Own  string   `xml:"Rsn>Prtry"`
	More []string `xml:"AddtlInf"`
}

// The words of ExternalPaymentTransactionStatus1Code. What a bank has taken in
// or is settling is not yet paid; part of a group says nothing of its payouts.
var states20 = map[string]string{
	"ACSC": Paid, "ACCC": Paid,
	"RJCT": Failed, "CANC": Failed,
	"RCVD": InTransit, "PDNG": InTransit, "ACTC": InTransit, "ACCP": InTransit, "ACSP": InTransit, "ACWC": InTransit, "ACWP": InTransit,
	"ACFC": InTransit, "PATC": InTransit, "ACIS": InTransit, "PRES": InTransit,
	"PART": "", "": "",
}

const reports20 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001."

func readPain(text string) (Answers, error) {
	var d report20
	in := xml.NewDecoder(strings.NewReader(text))
	in.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	if err := in.Decode(&d); err != nil {                                                 //nolint:musttag // XMLName stands for itself
		return Answers{}, notXML(err)
	}
	if d.XMLName.Local != "Document" || !strings.HasPrefix(d.XMLName.Space, reports20) {
		return Answers{}, fault.Invalid("file", "answer_layout", fault.Args{"found": short(strings.TrimPrefix(d.XMLName.Space, "urn:iso:std:iso:20022:tech:xsd:"), 60)})
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) && err != nil {
		return Answers{}, notXML(err)
	}
	says := Answers{Batch: strings.TrimSpace(d.Group.Of)}
	all, err := whole(d.Group.State, d.Group.Reason)
	if err != nil {
		return Answers{}, err
	}
	says.All = all
	for _, b := range d.Batches {
		// One file of ours is one batch, and one group in it: what is said of
		// another is meant for somebody else.
		of := strings.TrimSpace(b.Of)
		if says.Batch == "" {
			says.Batch = of
		}
		if of != "" && of != says.Batch {
			return Answers{}, fault.Conflict("answer_other_batch", fault.Args{"number": says.Batch, "other": short(of, 60)}).On("file")
		}
		if all, err = whole(b.State, b.Reason); err != nil {
			return Answers{}, err
		}
		if all != nil {
			says.All = all
		}
		for _, l := range b.Lines {
			row, err := l.answer()
			if err != nil {
				return Answers{}, err
			}
			if says.Rows = append(says.Rows, row); len(says.Rows) > mostRows {
				return Answers{}, fault.TooLarge("answer_large", fault.Args{"most": mostRows})
			}
		}
	}
	if says.All == nil && len(says.Rows) == 0 {
		return Answers{}, fault.Invalid("file", "answer_empty")
	}
	return says, nil
}

// whole is what a report says of all that it does not name.
func whole(state string, why []reason20) (*Answer, error) {
	state = strings.TrimSpace(state)
	means, known := states20[state]
	switch {
	case !known:
		return nil, unknownState(state)
	case means == "":
		return nil, nil
	}
	return &Answer{State: means, Status: state, Reason: because(means, why)}, nil
}

func (l status20) answer() (Answer, error) {
	state := strings.TrimSpace(l.State)
	means := states20[state]
	if means == "" { // a single payment is not in parts, and says what it is
		return Answer{}, unknownState(state)
	}
	a := Answer{Reference: strings.TrimSpace(l.Reference), State: means, Status: state, Reason: because(means, l.Reason)}
	if a.Reference == "" || a.Reference == "NOTPROVIDED" {
		a.Reference = strings.TrimSpace(l.Number)
	}
	if sum := strings.TrimSpace(l.Amount); sum != "" {
		minor, ok := money.Decimal(sum)
		if !ok || minor <= 0 {
			return a, fault.Invalid("number", "answer_sum", fault.Args{"number": a.Reference})
		}
		a.Amount = minor
	}
	return a, nil
}

// because is why something failed: the bank's code and what it adds in words.
func because(state string, why []reason20) string {
	if state != Failed {
		return ""
	}
	var parts []string
	for _, w := range why {
		for _, text := range append([]string{w.Code, w.Own}, w.More...) {
			if text = strings.TrimSpace(text); text != "" && !slices.Contains(parts, text) {
				parts = append(parts, text)
			}
		}
	}
	return short(strings.Join(parts, " "), 200)
}

func unknownState(state string) error {
	return fault.Invalid("file", "answer_status", fault.Args{"value": short(state, 20)})
}

func notXML(err error) error {
	line := 0
	if at, ok := errors.AsType[*xml.SyntaxError](err); ok {
		line = at.Line
	}
	return fault.Invalid("file", "answer_unreadable", fault.Args{"line": line}).Because(err)
}

func short(s string, most int) string {
	if utf8.RuneCountInString(s) > most {
		return string([]rune(s)[:most])
	}
	return s
}
