package bank_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"commonfield/marketplace/bank"
	"commonfield/storage/fault"
)

// What a bank's file says goes into rows: what no row can hold is refused by name,
// whatever is in the file.
func FuzzAStatementIsReadIntoLinesThatCanBeKeptOrRefused(f *testing.F) {
	for _, version := range []string{"02", "08"} {
		whole := camt(version, account, "137.00", entry(version, "CRDT", "130.00", "A1", "NOTPROVIDED", "订单"), entry(version, "DBIT", "7.00", "A2", "", "手续费"))
		f.Add([]byte(whole))
		f.Add([]byte(whole[:len(whole)-40]))
		f.Add([]byte(strings.Replace(whole, ">130.00<", ">0.00<", 1)))
		f.Add([]byte(strings.Replace(whole, ">7.00<", ">9999999999999999.00<", 1)))
	}
	parts := `<TxDtls><Refs><EndToEndId>1</EndToEndId></Refs><Amt Ccy="CNY">130.00</Amt></TxDtls><TxDtls><Refs><EndToEndId>2</EndToEndId></Refs><Amt Ccy="CNY">0</Amt></TxDtls>`
	f.Add([]byte(strings.Replace(camt("02", account, "1.00", entry("02", "CRDT", "130.00", "A1", "", "")), "<NtryDtls>", "<NtryDtls>"+parts, 1)))
	f.Add([]byte(table("2026-11-24,A1,130.00,,130.00,王芳,订单", "2026/11/24,A2,,7.00,123.00,,")))
	f.Add([]byte(table("2026-11-24,A\x00,1.00,,1.00,,", "2026-11-24,A1,-,-,,,")))
	f.Add([]byte("reference,date,amount\nA,20261124,-12.5\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, closing, err := bank.Heard(data)
		if err != nil {
			if _, told := fault.As(err); !told {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		if len(lines) == 0 && closing == nil {
			t.Fatal("neither lines nor a balance nor a refusal")
		}
		for _, l := range lines {
			if l.Amount == 0 || max(l.Amount, -l.Amount) > 1_000_000_000_000_000 || l.On.Year() < 2000 {
				t.Errorf("no row can hold %+v", l)
			}
			for _, text := range []string{l.Reference, l.Party, l.Words} {
				if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || utf8.RuneCountInString(text) > 300 {
					t.Errorf("no column can hold %q", text)
				}
			}
		}
	})
}

// Tables as the banks of this country save them, each with what an operator would
// otherwise have to change by hand, or would not notice.
func TestATableIsReadAsABankSavesIt(t *testing.T) {
	const two = 13000
	for name, c := range map[string]struct {
		data    string
		amounts []int64
		closing int64
	}{
		"in GBK":                           {gbk(t, "交易日期,交易流水号,收入,支出,余额,对方户名,摘要\r\n2026-11-24,A1,130.00,,130.00,王芳,货款\r\n"), []int64{two}, two},
		"whose account it is stands above": {"账号：,6228480000000000018\n起始日期,20261101,终止日期,20261130\n\n交易日期,流水号,交易金额(元),账户余额（元）\n20261124,A1,130.00,130.00\n", []int64{two}, two},
		"with units and both languages":    {"交易日期[ Transaction Date ],交易流水号[ Reference ],贷方发生额/元(收入),借方发生额/元(支取),余额\n20261124,A1,130.00,0.00,130.00\n", []int64{two}, two},
		"with tabs, a tab in each cell":    {"日期\t流水号\t金额\t余额\n2026-11-24\tA1\t130.00\t130.00\n", []int64{two}, two},
		"with semicolons":                  {"date;reference;amount;balance\n2026-11-24;A1;1,130.00;1,130.00\n", []int64{113000}, 113000},
		"with a sum below":                 {"日期,流水号,金额,余额\n2026-11-24,A1,130.00,130.00\n合计,,130.00,\n", []int64{two}, two},
		"with a side":                      {"日期,流水号,借贷标志,金额,余额\n2026-11-24,A1,贷,130.00,130.00\n2026-11-24,A2,借,7.00,123.00\n", []int64{two, -700}, 12300},
		"a time in a cell":                 {"交易日,交易时间,流水号,金额,余额\n20261124,09:30:00,A1,130.00,130.00\n", []int64{two}, two},
		"a moment without spaces":          {"交易时间,流水号,金额,余额\n20261124093000,A1,130.00,130.00\n", []int64{two}, two},
		"lines within a cell":              {"日期,流水号,金额,余额,备注\n2026-11-24,A1,130.00,130.00,\"货款\r\n\"\"十一月\"\"\"\r\n", []int64{two}, two},
		"the newest day first":             {"日期,流水号,金额,余额\n2026-11-24,A3,-7.00,223.00\n2026-11-24,A2,100.00,230.00\n2026-11-23,A1,130.00,130.00\n", []int64{-700, 10000, two}, 22300},
		"the newest row of a day first":    {"日期,流水号,金额,余额\n2026-11-24,A3,-7.00,223.00\n2026-11-24,A2,100.00,230.00\n", []int64{-700, 10000}, 22300},
		"the newest row of a day last":     {"日期,流水号,金额,余额\n2026-11-24,A2,100.00,230.00\n2026-11-24,A3,-7.00,223.00\n", []int64{10000, -700}, 22300},
		"another sign for minus":           {"日期,流水号,金额,余额\n2026-02-28,A1,−130.00,-130.00\n", []int64{-two}, -two},
	} {
		lines, closing, err := bank.Heard([]byte(c.data))
		if err != nil || closing == nil {
			t.Errorf("%s: %v, closing %v", name, err, closing)
			continue
		}
		var got []int64
		for _, l := range lines {
			got = append(got, l.Amount)
		}
		if !slices.Equal(got, c.amounts) || *closing != c.closing {
			t.Errorf("%s: %v, closes with %d", name, got, *closing)
		}
	}
}

func TestATableThatCouldBeReadWrongIsNotRead(t *testing.T) {
	for name, c := range map[string][2]string{
		"a comma for a point": {"日期,流水号,金额\n2026-11-24,A1,\"12,5\"\n", "statement_sum"}, "two noughts behind a comma": {"日期,流水号,金额\n2026-11-24,A1,\"130,00\"\n", "statement_sum"},
		"points for thousands": {"date;reference;amount\n2026-11-24;A1;1.130,00\n", "statement_sum"}, "a side that nobody knows": {"日期,流水号,方向,借贷,金额\n2026-11-24,A1,,冲,130.00\n", "statement_sum"},
		"two signs": {"日期,流水号,金额\n2026-11-24,A1,--130.00\n", "statement_sum"}, "a day that was not": {"日期,流水号,金额\n2027-02-29,A1,130.00\n", "statement_day"},
		"a workbook": {"PK\x03\x04\x14\x00\x06\x00", "statement_layout"}, "half a file": {"日期,流水号,金额\n2026-11-24,A1,130.00\n2026-11-24,\xe6\x97", "statement_layout"},
		"no names": {"2026-11-24,A1,130.00\n", "statement_columns"},
	} {
		if _, _, err := bank.Heard([]byte(c[0])); !fault.Has(err, c[1]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAStatementInXMLIsReadInTheEncodingThatItNames(t *testing.T) {
	whole := strings.Replace(camt("02", account, "130.00", entry("02", "CRDT", "130.00", "A1", "NOTPROVIDED", "货款")), "UTF-8", "GB18030", 1)
	lines, _, err := bank.Heard([]byte(gbk(t, whole)))
	if err != nil || len(lines) != 1 || lines[0].Party != "王芳" || !strings.Contains(lines[0].Words, "货款") {
		t.Errorf("%v: %+v", err, lines)
	}
}

func gbk(t *testing.T, text string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
