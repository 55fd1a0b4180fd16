package api_test

import (
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Banks save their tables in GBK: the door must leave the reading to the room.
func TestATableOfAChineseBankIsTakenAsItWasSaved(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	table, err := simplifiedchinese.GBK.NewEncoder().String("交易日期,交易流水号,收入,支出,余额,对方户名\r\n2026-11-24,A1,130.00,,130.00,王芳\r\n")
	w.ok(err)
	w.ask("POST", "/bank/statements/YL", operator, []byte(table), "Content-Type", "text/csv").must(201)
	var lines struct{ Items []object }
	w.ask("GET", "/bank/lines?market=YL", operator, nil).must(200, &lines)
	if len(lines.Items) != 1 || lines.Items[0].text("party") != "王芳" {
		t.Errorf("%v", lines.Items)
	}
	w.ask("POST", "/bank/statements/YL", operator, []byte("PK\x03\x04\x00"), "Content-Type", "text/csv").refused(422, "statement_layout")
	w.ask("POST", "/bank/statements/YL", operator, []byte{}, "Content-Type", "text/csv").refused(400, "body_missing")
}
