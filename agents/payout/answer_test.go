package payout_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"commonfield/agents/payout"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func TestAnAnswerFileIsReadAsPeopleWriteIt(t *testing.T) {
	read, err := payout.ReadAnswers([]byte("\xef\xbb\xbfReason, State ,note,NUMBER\r\n\"账号, 户名不符\",Failed,x,AAAA1111\r\n'ignored,PAID,,'BBBB2222\r\n,,,\r\n"))
	must(t, err)
	rows, want := read.Rows, []payout.Answer{{Reference: "AAAA1111", State: payout.Failed, Reason: "账号, 户名不符"}, {Reference: "BBBB2222", State: payout.Paid}}
	if len(rows) != 2 || rows[0] != want[0] || rows[1] != want[1] {
		t.Errorf("%+v", rows)
	}
}

// The reason is read by the payee: it must not become signs that nobody wrote.
func TestAnAnswerFileIsReadAsChineseBanksSaveIt(t *testing.T) {
	for name, c := range map[string][2]string{
		"a table": {"number,state,reason\r\nAAAA1111,failed,账号与户名不符\r\n", ""},
		"pain.002": {`<?xml version="1.0" encoding="GBK"?>`, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>P1</OrgnlMsgId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>P1-AAAA1111</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><AddtlInf>账号与户名不符</AddtlInf></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`},
	} {
		data, err := simplifiedchinese.GBK.NewEncoder().String(c[0] + c[1])
		must(t, err)
		read, err := payout.ReadAnswers([]byte(data))
		must(t, err)
		if len(read.Rows) != 1 || read.Rows[0].State != payout.Failed || read.Rows[0].Reason != "账号与户名不符" {
			t.Errorf("%s: %+v", name, read.Rows)
		}
	}
}

func TestAWrongAnswerFileIsRefusedWithItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		data, code string
		line       int
	}{
		"nothing":       {"", "answer_empty", 0},
		"only a header": {"number,state,reason\n", "answer_empty", 0},
		"no header":     {"AAAA1111,paid\n", "answer_columns", 0},
		"no state":      {"number,reason\nA,b\n", "answer_columns", 0},
		"another word":  {"number,state\nA,paid\nB,ok\n", "answer_state", 3},
		"a lone quote":  {"number,state\nA,pa\"id\n", "answer_unreadable", 2},
		"no text":       {"number,state\n\xff\xc5,paid\n", "answer_unreadable", 1},
		"a workbook":    {"PK\x03\x04\x14\x00", "answer_unreadable", 1},
		"a picture":     {"\x89PNG\r\n\x1a\n", "answer_unreadable", 1},
		"too long":      {"number,state\n" + strings.Repeat("A,paid\n", 20_001), "answer_large", 0},
		"too large":     {strings.Repeat("x", 5<<20), "answer_large", 0},
	} {
		_, err := payout.ReadAnswers([]byte(c.data))
		f, ok := fault.As(err)
		if !ok || f.Code != c.code {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.line > 0 && f.Args["line"] != c.line {
			t.Errorf("%s: line %v", name, f.Args["line"])
		}
	}
}

func FuzzReadAnswersNeverPanics(f *testing.F) {
	f.Add([]byte("number,state,reason\nA,paid,\n"))
	f.Add([]byte("number,state\n\"A\nB\",failed"))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := payout.ReadAnswers(data)
		if _, ok := fault.As(err); err != nil && !ok {
			t.Errorf("no fault: %v", err)
		}
		if err == nil && len(read.Rows) == 0 && read.All == nil {
			t.Error("neither rows nor a refusal")
		}
	})
}

func TestAnswersAreTakenAllOrNone(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	o.payee("B", 50)
	b := o.approve(o.draft())
	rows := o.payouts(b)
	one, two := rows[0].Number(), rows[1].Number()
	start := o.bank()
	for name, c := range map[string]struct {
		rows []payout.Answer
		code string
	}{
		"an unknown number": {[]payout.Answer{{Reference: one, State: payout.Paid}, {Reference: "ZZZZ9999", State: payout.Paid}}, "answer_unknown"},
		"an unknown id":     {[]payout.Answer{{Payout: id.New(), State: payout.Failed}}, "answer_unknown"},
		"no number":         {[]payout.Answer{{Reference: one, State: payout.Paid}, {}}, "answer_unknown"},
		"one twice":         {[]payout.Answer{{Reference: one, State: payout.Paid}, {Payout: rows[0].ID, State: payout.Paid}}, "payout_twice"},
	} {
		if _, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(c.rows...)); !fault.Has(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if o.bank() != start {
		t.Fatal("a refused file moved money")
	}
	half, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Reference: strings.ToLower(" " + b.Number + "-" + one), State: payout.Paid}))
	must(t, err)
	if half.State != payout.Submitted {
		t.Errorf("half answered and %s", half.State)
	}
	if _, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Reference: one, State: payout.Failed}, payout.Answer{Reference: two, State: payout.Paid})); !fault.Has(err, "payout_answered") {
		t.Errorf("failed after paid: %v", err)
	}
	whole, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Reference: one, State: payout.Paid}, payout.Answer{Reference: strings.ToLower(two), State: payout.Paid}))
	must(t, err)
	if whole.State != payout.Closed || start-o.bank() != 150 {
		t.Errorf("answered: %s, the bank paid %d", whole.State, start-o.bank())
	}
	o.clean()
}

func TestWhatWasLeftOutOfABatchIsNotAnswered(t *testing.T) {
	o := open(t)
	o.payee("good", 100)
	p := o.payee("debt", 100)
	b := o.draft()
	must(t, o.takeBack(p, 50))
	b = o.approve(b)
	for _, r := range o.payouts(b) {
		_, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, says(payout.Answer{Payout: r.ID, State: payout.Paid}))
		if (r.State == payout.Cancelled) != fault.Has(err, "answer_unknown") {
			t.Errorf("%s: %v", r.State, err)
		}
	}
	o.clean()
}
