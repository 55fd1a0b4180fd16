package api_test

import (
	"strings"
	"testing"
)

// table is the bank's, as its pages save it.
func table(rows ...string) []byte {
	return []byte("交易日期,交易流水号,收入,支出,余额,对方户名,摘要\r\n" + strings.Join(rows, "\r\n") + "\r\n")
}

// lines are the bank's by their reference.
func (x *business) lines() map[string]object {
	x.t.Helper()
	all := map[string]object{}
	for _, l := range x.items(x.boss, "/bank/lines?market=YL") {
		all[l.text("reference")] = l
	}
	return all
}

// A day at the bank: what names an order is matched by itself, what does not is
// said by an operator, and what the sums differ by is booked with a reason.
func TestTheBanksLinesAreMatchedDecidedAndTheirDifferenceNoted(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	named, unnamed := x.ordered(5000, "bank"), x.ordered(1000, "bank")
	day := w.clock.Now().Format("2006-01-02")
	read := table(
		day+",A1,130.00,,130.00,王芳,货款 "+named.text("reference"),
		day+",A2,26.00,,156.00,王芳,核桃",
		day+",A3,1000.00,,1156.00,县供销社,开办资金",
		day+",A4,,5.00,1151.00,,手续费",
		day+",A5,7.00,,1158.00,李四,鸡蛋",
		day+",A6,,7.00,1152.00,李四,退回") // the bank says one more than its lines
	w.ask("POST", "/bank/statements/YL", x.grower, read, "Content-Type", "text/csv").refused(403, "operator_only")
	for range 2 {
		w.ask("POST", "/bank/statements/YL", x.boss, read, "Content-Type", "text/csv").must(201)
	}
	w.drain()
	lines := x.lines()
	if len(lines) != 6 || lines["A1"].text("state") != "done" || lines["A1"].text("deed") != "payment" || lines["A1"].text("target") != named.text("id") {
		t.Fatalf("read in: %v", lines)
	}
	if waits := w.items(x.boss, "/bank/lines?market=YL&waits=yes"); len(waits) != 5 {
		t.Errorf("%d wait for somebody", len(waits))
	}
	var settled object
	w.ask("POST", "/checkouts/YL/"+named.text("id")+"/settle", x.buyer, nil).must(200, &settled)
	if settled.text("state") != "captured" {
		t.Errorf("the transfer that was named: %v", settled)
	}

	statement := w.items(x.boss, "/bank/statements?market=YL")[0]
	differs := "/bank/statements/YL/" + statement.within("statement").text("id") + "/difference"
	w.ask("POST", differs, x.boss, object{"reason": "尾差"}).refused(409, "statement_lines_open")

	say := func(reference string, what object) said {
		return w.ask("POST", "/bank/lines/YL/"+lines[reference].text("id"), x.boss, what)
	}
	say("A2", object{"deed": "fee"}).refused(422, "line_deed")
	say("A2", object{"deed": "payment"}).refused(422, "required")
	say("A4", object{"deed": "booked"}).refused(422, "required")
	w.ask("POST", "/bank/lines/YL/"+lines["A4"].text("id"), x.agent, object{"deed": "fee"}).refused(403, "operator_only")
	var decided object
	for reference, deed := range map[string]string{"A2": "unclaimed", "A3": "capital", "A4": "fee", "A5": "unclaimed"} {
		for range 2 {
			say(reference, object{"deed": deed}).must(200, &decided)
		}
		if decided.text("state") != "done" || decided.text("deed") != deed {
			t.Errorf("%s: %v", reference, decided)
		}
	}
	say("A4", object{"deed": "tax"}).refused(409, "line_taken")

	// Money of nobody: one line was for an order after all, the other went back.
	if nobodys := w.items(x.boss, "/bank/unclaimed?market=YL"); len(nobodys) != 2 || x.balance("unclaimed:"+lines["A5"].text("id")) != 700 {
		t.Errorf("of nobody: %v", nobodys)
	}
	match := "/bank/lines/YL/" + lines["A2"].text("id") + "/match"
	w.ask("POST", match, x.boss, object{"payment": "x"}).refused(422, "no_such_payment")
	w.ask("POST", match, x.buyer, object{"payment": unnamed.text("id")}).refused(403, "operator_only")
	for range 2 {
		w.ask("POST", match, x.boss, object{"payment": unnamed.text("id")}).must(204)
	}
	w.ask("POST", match, x.boss, object{"payment": named.text("id")}).refused(409, "line_taken")
	say("A6", object{"deed": "sent_back", "target": lines["A3"].text("id")}).refused(409, "line_taken")
	say("A6", object{"deed": "sent_back", "target": lines["A5"].text("id")}).must(200)
	if nobodys := w.items(x.boss, "/bank/unclaimed?market=YL"); len(nobodys) != 0 {
		t.Errorf("still of nobody: %v", nobodys)
	}
	w.ask("POST", "/checkouts/YL/"+unnamed.text("id")+"/settle", x.buyer, nil).must(200, &settled)
	if settled.text("state") != "captured" || x.balance("bank:operating") != 115_100 || x.balance("own:capital") != 100_000 {
		t.Errorf("matched: %v, in the bank %d", settled, x.balance("bank:operating"))
	}

	// The statement is one more than the book.
	statement = w.items(x.boss, "/bank/statements?market=YL")[0]
	if statement.number("books_minor") != 115_100 || statement.number("open_minor") != 0 || statement.number("difference_minor") != 100 {
		t.Errorf("held against the books: %v", statement)
	}
	w.ask("POST", differs, x.boss, nil).refused(422, "required")
	w.ask("POST", differs, x.grower, object{"reason": "尾差"}).refused(403, "operator_only")
	for range 2 {
		w.ask("POST", differs, x.boss, object{"reason": "银行尾差"}).must(204)
	}
	statement = w.items(x.boss, "/bank/statements?market=YL")[0]
	kept := statement.within("statement")
	if statement.number("difference_minor") != 0 || kept.number("recon_minor") != 100 || kept.text("recon_why") != "银行尾差" || x.balance("recon") != -100 {
		t.Errorf("noted: %v", statement)
	}
	w.clean()
}
