package bank_test

import (
	"strings"
	"testing"
	"unicode/utf8"

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
