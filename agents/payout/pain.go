package payout

import (
	"encoding/xml"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The customer credit transfer initiation of ISO 20022, pain.001. Of the
// versions in use the parts written here differ in the day's element alone. An
// account is an IBAN where it is one; a bank without a BIC is named.
// https://www.iso20022.org/iso-20022-message-definitions

type pain struct {
	XMLName xml.Name  `xml:"Document"`
	Space   string    `xml:"xmlns,attr"`
	Head    painHead  `xml:"CstmrCdtTrfInitn>GrpHdr"`
	Batch   painBatch `xml:"CstmrCdtTrfInitn>PmtInf"`
}

type painHead struct {
	Message string `xml:"MsgId"`
	Made    string `xml:"CreDtTm"`
	Count   int    `xml:"NbOfTxs"`
	Sum     string `xml:"CtrlSum"`
	By      party  `xml:"InitgPty"`
}

type painBatch struct {
	ID     string     `xml:"PmtInfId"`
	Method string     `xml:"PmtMtd"`
	Count  int        `xml:"NbOfTxs"`
	Sum    string     `xml:"CtrlSum"`
	Day    any        `xml:"ReqdExctnDt"`
	From   party      `xml:"Dbtr"`
	Of     account20  `xml:"DbtrAcct"`
	At     bank20     `xml:"DbtrAgt"`
	Lines  []painLine `xml:"CdtTrfTxInf"`
}

type painLine struct {
	Number    string    `xml:"PmtId>InstrId"`
	Reference string    `xml:"PmtId>EndToEndId"`
	Amount    amount20  `xml:"Amt>InstdAmt"`
	At        bank20    `xml:"CdtrAgt"`
	To        party     `xml:"Cdtr"`
	Of        account20 `xml:"CdtrAcct"`
	Text      string    `xml:"RmtInf>Ustrd"`
}

type party struct {
	Name string `xml:"Nm"`
}

type bank20 struct {
	Name string `xml:"FinInstnId>Nm"`
}

type account20 struct {
	IBAN  string   `xml:"Id>IBAN,omitempty"`
	Other *other20 `xml:"Id>Othr"`
}

type other20 struct {
	ID string `xml:"Id"`
}

type amount20 struct {
	Currency string `xml:"Ccy,attr"`
	Amount   string `xml:",chardata"`
}

type day09 struct {
	Day string `xml:"Dt"`
}

func writePain(of sheet, version string) ([]byte, error) {
	b := of.batch
	sum := decimal(b.Total)
	d := pain{Space: "urn:iso:std:iso:20022:tech:xsd:" + version,
		Head: painHead{b.Number, of.at.Format("2006-01-02T15:04:05"), len(of.lines), sum, party{text20(b.FromHolder, 140)}},
		Batch: painBatch{ID: b.Number, Method: "TRF", Count: len(of.lines), Sum: sum, Day: of.at.Format(time.DateOnly),
			From: party{text20(b.FromHolder, 140)}, Of: accountOf(b.FromNumber), At: bank20{text20(b.FromBank, 140)}}}
	if version == Pain09 {
		d.Batch.Day = day09{of.at.Format(time.DateOnly)}
	}
	for _, l := range of.lines {
		d.Batch.Lines = append(d.Batch.Lines, painLine{Number: l.name(), Reference: of.reference(l), Amount: amount20{b.Currency, decimal(l.amount)},
			At: bank20{text20(l.bank, 140)}, To: party{text20(l.holder, 140)}, Of: accountOf(l.number), Text: of.reference(l)})
	}
	out, err := xml.MarshalIndent(d, "", " ")
	return append([]byte(xml.Header), append(out, '\n')...), err
}

// text20 is a text as the standard takes it: on one line, without control signs,
// not empty and no longer than most.
func text20(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar }), " ")
	if r := []rune(s); len(r) > most {
		s = strings.TrimSpace(string(r[:most]))
	}
	if s == "" {
		return "-"
	}
	return s
}

func accountOf(number string) account20 {
	if isIBAN(number) {
		return account20{IBAN: number}
	}
	return account20{Other: &other20{text20(number, 34)}}
}

var likeIBAN = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)

// isIBAN says whether a number is one by its form and its check digits (ISO 13616).
func isIBAN(number string) bool {
	if !likeIBAN.MatchString(number) {
		return false
	}
	var digits strings.Builder
	for _, c := range number[4:] + number[:4] {
		if c >= 'A' {
			digits.WriteString(strconv.Itoa(int(c-'A') + 10))
		} else {
			digits.WriteRune(c)
		}
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1
}
